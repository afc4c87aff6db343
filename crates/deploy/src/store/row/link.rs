//! A link as the columns of its row.

use super::{Error, timestamp};
use crate::{
    model::{Account, Invitation, Link, LinkEnd, LinkState, Person, ReplyAddress},
    store::database::Row,
};

/// The word for how a link ended, which is a column of its own.
pub(in crate::store) const fn end_word(end: &LinkEnd) -> &'static str {
    match end {
        LinkEnd::Linked(_) => "linked",
        LinkEnd::OtherLogin { .. } => "other_login",
        LinkEnd::Denied => "denied",
        LinkEnd::Expired => "expired",
        LinkEnd::Replaced => "replaced",
        LinkEnd::Withdrawn => "withdrawn",
        LinkEnd::Lost => "lost",
        LinkEnd::NotSetUp => "not_set_up",
    }
}

/// GitHub's number of an account as a column holds it: 0 where it is not known.
pub(in crate::store) fn account_number(number: Option<u64>) -> i64 {
    number.map_or(0, |number| i64::try_from(number).unwrap_or_default())
}

/// Reads that column.
pub(in crate::store) fn account(number: i64) -> Option<u64> {
    u64::try_from(number).ok().filter(|number| *number != 0)
}

/// The columns of a link, each by the name that it is read by.
macro_rules! link_columns {
    () => {
        "l.id AS link_id, l.slack AS link_slack, l.name AS link_name, l.login AS link_login, \
         l.state AS link_state, l.user_code AS link_user_code, \
         l.verification_url AS link_url, l.expires_at AS link_expires_at, \
         l.proved_login AS link_proved, l.proved_account AS link_account, l.reply_channel AS link_channel, \
         l.reply_thread_ts AS link_thread, l.reply_asked_ts AS link_asked"
    };
}
pub(in crate::store) use link_columns;

/// Reads those columns.
pub(in crate::store) fn link(row: &Row) -> Result<Link, Error> {
    let login = row.text("link_login")?;
    let state = match row.text("link_state")?.as_str() {
        "waiting" => LinkState::Waiting(Invitation {
            user_code: row.text("link_user_code")?,
            verification_url: row.text("link_url")?,
            expires_at: timestamp(row.integer("link_expires_at")?)?,
        }),
        "linked" => LinkState::Ended(LinkEnd::Linked(Account {
            number: account(row.integer("link_account")?),
            login: login.clone(),
        })),
        "other_login" => LinkState::Ended(LinkEnd::OtherLogin {
            proved: row.text("link_proved")?,
        }),
        "denied" => LinkState::Ended(LinkEnd::Denied),
        "expired" => LinkState::Ended(LinkEnd::Expired),
        "replaced" => LinkState::Ended(LinkEnd::Replaced),
        "withdrawn" => LinkState::Ended(LinkEnd::Withdrawn),
        "lost" => LinkState::Ended(LinkEnd::Lost),
        "not_set_up" => LinkState::Ended(LinkEnd::NotSetUp),
        other => return Err(Error::Unreadable(format!("a link that is `{other}`"))),
    };
    Ok(Link {
        id: row.text("link_id")?.parse()?,
        person: Person {
            slack: row.text("link_slack")?,
            github: String::new(),
            name: row.text("link_name")?,
        },
        login,
        reply: ReplyAddress {
            channel: row.text("link_channel")?,
            thread_ts: row.text("link_thread")?,
            asked_ts: row.text("link_asked")?,
        },
        state,
    })
}
