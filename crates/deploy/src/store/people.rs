//! People, by their Slack user ids: which GitHub account they proved to have, and
//! whether they want to be mentioned.

use jiff::Timestamp;

use super::{
    Error, Store,
    changes::{Begun, Made, Wanted},
    database::{Args, Row},
    links,
    row::{self, Answer},
    transaction::Transaction,
};
use crate::model::{Change, KnownPerson, LinkEnd};

/// What was forgotten of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlinked {
    /// The login that was linked, where there was one.
    pub login: Option<String>,
    /// A link was under way, which is withdrawn.
    pub under_way: bool,
    /// What there is was asked for later, and stays.
    pub outdated: bool,
}

impl Store {
    /// Forgets which GitHub account a person has, and withdraws a link of theirs
    /// that is under way, as far as they were asked for before; once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_link(
        &self,
        change: &Change,
        slack: &str,
        now: Timestamp,
    ) -> Result<Made<Unlinked>, Error> {
        let wanted = &Wanted {
            id: &change.id,
            subject: link_of(slack),
            wish: "unlink".to_owned(),
            asked_at: change.asked_by(now),
            now,
        };
        self.write(|transaction| {
            Box::pin(async move {
                hold(transaction, slack).await?;
                match wanted.begin(transaction).await? {
                    Begun::New => {}
                    Begun::Repeated(Answer::Unlinked(unlinked)) => return Ok(Made::Once(unlinked)),
                    Begun::Repeated(_) | Begun::IdTaken => return Ok(Made::IdTaken),
                }
                let unlinked = forget(transaction, slack, wanted).await?;
                let answer = Answer::Unlinked(unlinked.clone());
                wanted.end(transaction, &answer).await?;
                Ok(Made::Once(unlinked))
            })
        })
        .await
    }

    /// Writes whether a person wants to be left out of mentions, once; false where
    /// something that they asked for later holds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_mentions(
        &self,
        change: &Change,
        slack: &str,
        muted: bool,
        now: Timestamp,
    ) -> Result<Made<bool>, Error> {
        let wanted = &Wanted {
            id: &change.id,
            subject: format!("mentions {slack}"),
            wish: if muted { "mute" } else { "unmute" }.to_owned(),
            asked_at: change.asked_by(now),
            now,
        };
        self.write(|transaction| {
            Box::pin(async move {
                hold(transaction, slack).await?;
                match wanted.begin(transaction).await? {
                    Begun::New => {}
                    Begun::Repeated(Answer::Mentions { holds }) => return Ok(Made::Once(holds)),
                    Begun::Repeated(_) | Begun::IdTaken => return Ok(Made::IdTaken),
                }
                let holds = wanted.later_wishes(transaction).await?.is_empty();
                if holds {
                    let args = Args::new().text(slack).integer(muted.into());
                    let sql = "UPDATE people SET muted = $2 WHERE slack = $1";
                    transaction.execute(sql, args).await?;
                }
                wanted.end(transaction, &Answer::Mentions { holds }).await?;
                Ok(Made::Once(holds))
            })
        })
        .await
    }

    /// What is known of those who have one of these accounts, logins or Slack user
    /// ids; of whom nothing is known nothing is told. Of several who proved to have
    /// one login it is the last: it was the others' when they did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_people(
        &self,
        accounts: &[u64],
        logins: &[String],
        slack_ids: &[String],
    ) -> Result<Vec<KnownPerson>, Error> {
        let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
        let logins: Vec<String> = logins.iter().map(|it| it.to_lowercase()).collect();
        let args = Args::new()
            .texts(logins.iter().map(String::as_str))
            .texts(slack_ids.iter().map(String::as_str))
            .texts(accounts.iter().map(String::as_str));
        let sql = "SELECT slack, login, account, muted FROM people p \
                   WHERE ((login <> '' AND lower(login) IN (SELECT value FROM json_each($1)) \
                   AND NOT EXISTS (SELECT 1 FROM people later \
                   WHERE later.login <> '' AND lower(later.login) = lower(p.login) \
                   AND (later.linked_at, later.slack) > (p.linked_at, p.slack))) \
                   OR slack IN (SELECT value FROM json_each($2)) \
                   OR (account <> 0 \
                   AND CAST(account AS TEXT) IN (SELECT value FROM json_each($3)))) \
                   AND (login <> '' OR muted <> 0) ORDER BY slack";
        let rows = self.read(sql, args).await?;
        rows.iter().map(person).collect()
    }
}

fn person(row: &Row) -> Result<KnownPerson, Error> {
    Ok(KnownPerson {
        slack: row.text("slack")?,
        login: row.text("login")?,
        account: row::account(row.integer("account")?),
        muted: row.integer("muted")? != 0,
    })
}

/// What changes of somebody's link are about.
pub(super) fn link_of(slack: &str) -> String {
    format!("link {slack}")
}

/// Makes changes of one person come one after the other.
pub(super) async fn hold(transaction: &mut Transaction<'_>, slack: &str) -> Result<(), Error> {
    let sql = "INSERT INTO people (slack, login, linked_at, muted) VALUES ($1, '', 0, 0) \
               ON CONFLICT (slack) DO UPDATE SET slack = excluded.slack";
    transaction.execute(sql, Args::new().text(slack)).await?;
    Ok(())
}

async fn forget(
    transaction: &mut Transaction<'_>,
    slack: &str,
    wanted: &Wanted<'_>,
) -> Result<Unlinked, Error> {
    let asked_at = wanted.asked_at.as_millisecond();
    let links = links::of_person(transaction, slack).await?;
    let (before, later): (Vec<_>, Vec<_>) =
        links.iter().partition(|link| link.asked_at <= asked_at);
    for link in &before {
        links::end(transaction, &link.id, &LinkEnd::Withdrawn, wanted.now).await?;
    }
    let args = Args::new().text(slack);
    let sql = "SELECT login, link_asked_at FROM people WHERE slack = $1 AND login <> ''";
    let account = transaction.fetch_first(sql, args.clone()).await?;
    let mut unlinked = Unlinked {
        login: None,
        under_way: !before.is_empty(),
        outdated: !later.is_empty(),
    };
    if let Some(account) = account {
        if account.integer("link_asked_at")? <= asked_at {
            let sql = "UPDATE people SET login = '', account = 0 WHERE slack = $1";
            transaction.execute(sql, args).await?;
            unlinked.login = Some(account.text("login")?);
        } else {
            unlinked.outdated = true;
        }
    }
    for link in &before {
        links::tell(transaction, &link.id, wanted.now).await?;
    }
    Ok(unlinked)
}
