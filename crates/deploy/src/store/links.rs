//! Links: who is about to prove on GitHub which account is theirs. A person has
//! one under way at a time, and who proves an account last has it.
//!
//! GitHub is asked by whoever takes a link when it is due; that moves on when it is
//! due next, so that of all processes one asks at a time, and another goes on where
//! that one died.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Error, Store, changes,
    database::{Args, Row},
    feed,
    people::{hold, link_of},
    row::{self, link_columns},
    transaction::Transaction,
};
use crate::model::{Account, DeviceCode, Link, LinkEnd, LinkId, NewLink, Proof, ReplyAddress};

/// A link of which GitHub is to be asked what has become of it.
#[derive(Debug, Clone)]
pub struct DueLink {
    /// Which.
    pub id: LinkId,
    /// The login that was claimed.
    pub login: String,
    /// What GitHub is asked with.
    pub code: DeviceCode,
    /// How long to wait between two questions.
    pub interval: Duration,
    /// Until when the person can prove it.
    pub expires_at: Timestamp,
}

impl Store {
    /// Journals a link, in place of any that the same person has under way; the
    /// link, also where it is journalled already. Where they have asked for
    /// something else since, it ends at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start_link(
        &self,
        asked: &NewLink,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Link, Error> {
        self.write(|transaction| {
            Box::pin(async move {
                let slack = &asked.person.slack;
                hold(transaction, slack).await?;
                if let Some(known) = known(transaction, &asked.id).await? {
                    return Ok(known);
                }
                let mut ended = Vec::new();
                let how = outdated(transaction, asked, now).await?;
                if how.is_none() {
                    for other in of_person(transaction, slack).await? {
                        end(transaction, &other.id, &LinkEnd::Replaced, now).await?;
                        ended.push(other.id);
                    }
                }
                transaction
                    .execute(INSERT, row_of(asked, proof, now))
                    .await?;
                if let Some(how) = how {
                    end(transaction, &asked.id, &how, now).await?;
                    ended.push(asked.id.clone());
                }
                let link = known(transaction, &asked.id).await?;
                for id in &ended {
                    tell(transaction, id, now).await?;
                }
                Ok(link.ok_or(sqlx::Error::RowNotFound)?)
            })
        })
        .await
    }

    /// A link, if it is journalled.
    ///
    /// # Errors
    /// When the database fails, or its row can't be read.
    pub async fn link(&self, id: &LinkId) -> Result<Option<Link>, Error> {
        let found = self.read_first(FIND, Args::new().text(id.as_str())).await?;
        found.map(|row| row::link(&row)).transpose()
    }

    /// Takes at most `most` of the links that are due, which are due again after
    /// `patience` unless something is written of them before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_due_links(
        &self,
        now: Timestamp,
        patience: Duration,
        most: usize,
    ) -> Result<Vec<DueLink>, Error> {
        let due = Args::new().integer(now.as_millisecond());
        let is_due = "SELECT 1 AS one FROM links WHERE state = 'waiting' AND next_at <= $1 LIMIT 1";
        if self.read_first(is_due, due.clone()).await?.is_none() {
            return Ok(Vec::new());
        }
        let args = &due
            .integer(milliseconds(patience))
            .integer(i64::try_from(most).unwrap_or(i64::MAX));
        let rows = self.write(|transaction| {
            Box::pin(async move { transaction.fetch(TAKE, args.clone()).await })
        });
        let rows = rows.await?;
        Ok(rows.iter().filter_map(readable).collect())
    }

    /// Writes when GitHub is to be asked of a link again, and how long to wait
    /// between two questions from then on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_link_again(
        &self,
        id: &LinkId,
        at: Timestamp,
        interval: Duration,
    ) -> Result<(), Error> {
        let args = &Args::new()
            .text(id.as_str())
            .integer(at.as_millisecond())
            .integer(milliseconds(interval));
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "UPDATE links SET next_at = $2, interval_ms = $3 \
                           WHERE id = $1 AND state = 'waiting'";
                transaction.execute(sql, args.clone()).await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends a link, once: false when it had ended before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_link(
        &self,
        id: &LinkId,
        how: &LinkEnd,
        now: Timestamp,
    ) -> Result<bool, Error> {
        self.write(|transaction| {
            Box::pin(async move {
                if let LinkEnd::Linked(_) = how {
                    // An account is given to one person after the other. Whose it
                    // is to be is held before their link, as whoever begins or
                    // withdraws one does.
                    transaction.execute(HOLD_ACCOUNTS, Args::new()).await?;
                    let whose = Args::new().text(id.as_str());
                    transaction.execute(HOLD_PERSON_OF, whose).await?;
                }
                let Some(ended) = end(transaction, id, how, now).await? else {
                    return Ok(false);
                };
                if let LinkEnd::Linked(account) = how {
                    give(transaction, account, &ended, now).await?;
                }
                tell(transaction, id, now).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// A link of somebody, as it is compared with what else they ask for.
pub(super) struct Asked {
    pub(super) id: LinkId,
    /// When it was asked for.
    pub(super) asked_at: i64,
}

/// The links that a person has under way.
pub(super) async fn of_person(
    transaction: &mut Transaction<'_>,
    slack: &str,
) -> Result<Vec<Asked>, Error> {
    let rows = transaction
        .fetch(UNDER_WAY, Args::new().text(slack))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Asked {
                id: row.text("id")?.parse()?,
                asked_at: row.integer("asked_at")?,
            })
        })
        .collect()
}

/// Tells that a link has come to its end.
pub(super) async fn tell(
    transaction: &mut Transaction<'_>,
    id: &LinkId,
    now: Timestamp,
) -> Result<(), Error> {
    feed::append_link(transaction, id, now).await
}

/// How a link ends at once, because its person has asked for something else since.
async fn outdated(
    transaction: &mut Transaction<'_>,
    asked: &NewLink,
    now: Timestamp,
) -> Result<Option<LinkEnd>, Error> {
    let (slack, asked_at) = (&asked.person.slack, asked.asked_by(now));
    let later = Args::new().text(slack).integer(asked_at.as_millisecond());
    if transaction.fetch_first(LATER, later).await?.is_some() {
        return Ok(Some(LinkEnd::Replaced));
    }
    let unlinked = changes::later_wishes(transaction, &link_of(slack), asked_at).await?;
    Ok((!unlinked.is_empty()).then_some(LinkEnd::Withdrawn))
}

/// Gives an account to who proved to have it, whoever had it before.
async fn give(
    transaction: &mut Transaction<'_>,
    account: &Account,
    ended: &Ended,
    now: Timestamp,
) -> Result<(), Error> {
    let Account { number, login } = account;
    let number = row::account_number(*number);
    let others = Args::new().text(login).integer(number).text(&ended.slack);
    transaction.execute(TAKE_ACCOUNT, others).await?;
    let args = Args::new()
        .text(&ended.slack)
        .text(login)
        .integer(number)
        .integer(now.as_millisecond())
        .integer(ended.asked_at);
    transaction.execute(GIVE_ACCOUNT, args).await?;
    Ok(())
}

const HOLD_ACCOUNTS: &str = "UPDATE counters SET value = value + 1 WHERE name = 'accounts'";

const HOLD_PERSON_OF: &str = "UPDATE people SET slack = slack \
     WHERE slack = (SELECT slack FROM links WHERE id = $1)";

const UNDER_WAY: &str =
    "SELECT id, asked_at FROM links WHERE slack = $1 AND state = 'waiting' ORDER BY id";

/// A link that was asked for later than this one, and counts.
const LATER: &str = "SELECT id FROM links WHERE slack = $1 AND asked_at > $2 \
     AND state IN ('waiting', 'linked') LIMIT 1";

const FIND: &str = concat!("SELECT ", link_columns!(), " FROM links l WHERE l.id = $1");

const INSERT: &str = "INSERT INTO links (id, slack, name, login, state, device_code, user_code, \
     verification_url, interval_ms, next_at, expires_at, proved_login, reply_channel, \
     reply_thread_ts, reply_asked_ts, at, asked_at) \
     VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7, $8, $9, $10, '', $11, $12, $13, $14, $15)";

/// What is taken now is taken by nobody else until it is due again.
const TAKE: &str = "UPDATE links SET next_at = $1 + interval_ms + $2 \
     WHERE id IN (SELECT id FROM links WHERE state = 'waiting' AND next_at <= $1 \
     ORDER BY next_at, id LIMIT $3) AND state = 'waiting' AND next_at <= $1 \
     RETURNING id, login, device_code, interval_ms, expires_at";

/// Nothing of what only the person and GitHub are to know stays.
const END: &str = "UPDATE links SET state = $2, device_code = '', user_code = '', \
     verification_url = '', at = $3, proved_login = $4, proved_account = $5, \
     login = CASE WHEN $2 = 'linked' THEN $4 ELSE login END \
     WHERE id = $1 AND state = 'waiting' RETURNING slack, asked_at";

/// Of whom only a login is known it is not known either whether they still have it:
/// here is somebody who does. Who had it as another account keeps that.
const TAKE_ACCOUNT: &str = "UPDATE people SET login = '', account = 0 \
     WHERE slack <> $3 AND ((account <> 0 AND account = $2) OR \
     (login <> '' AND lower(login) = lower($1) AND (account = 0 OR $2 = 0)))";

const GIVE_ACCOUNT: &str = "INSERT INTO people (slack, login, account, linked_at, \
     link_asked_at, muted) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (slack) DO UPDATE SET \
     login = excluded.login, account = excluded.account, linked_at = excluded.linked_at, \
     link_asked_at = excluded.link_asked_at";

async fn known(transaction: &mut Transaction<'_>, id: &LinkId) -> Result<Option<Link>, Error> {
    let args = Args::new().text(id.as_str());
    let found = transaction.fetch_first(FIND, args).await?;
    found.map(|row| row::link(&row)).transpose()
}

/// A link that has just ended.
pub(super) struct Ended {
    /// Whose it was.
    slack: String,
    /// When it was asked for.
    asked_at: i64,
}

/// Ends a link; none when it had ended before.
pub(super) async fn end(
    transaction: &mut Transaction<'_>,
    id: &LinkId,
    how: &LinkEnd,
    now: Timestamp,
) -> Result<Option<Ended>, Error> {
    let (number, proved) = match how {
        LinkEnd::Linked(Account { number, login }) => (*number, login.as_str()),
        LinkEnd::OtherLogin { proved } => (None, proved.as_str()),
        LinkEnd::Denied
        | LinkEnd::Expired
        | LinkEnd::Replaced
        | LinkEnd::Withdrawn
        | LinkEnd::Lost
        | LinkEnd::NotSetUp => (None, ""),
    };
    let args = Args::new()
        .text(id.as_str())
        .text(row::end_word(how))
        .integer(now.as_millisecond())
        .text(proved)
        .integer(row::account_number(number));
    let ended = transaction.fetch_first(END, args).await?;
    let read = |row: Row| -> Result<Ended, Error> {
        Ok(Ended {
            slack: row.text("slack")?,
            asked_at: row.integer("asked_at")?,
        })
    };
    ended.map(read).transpose()
}

fn row_of(asked: &NewLink, proof: &Proof, now: Timestamp) -> Args {
    let ReplyAddress {
        channel,
        thread_ts,
        asked_ts,
    } = &asked.reply;
    let first = now
        .as_millisecond()
        .saturating_add(milliseconds(proof.interval));
    Args::new()
        .text(asked.id.as_str())
        .text(&asked.person.slack)
        .text(&asked.person.name)
        .text(asked.login.as_str())
        .text(proof.code.expose())
        .text(&proof.invitation.user_code)
        .text(&proof.invitation.verification_url)
        .integer(milliseconds(proof.interval))
        .integer(first)
        .integer(proof.invitation.expires_at.as_millisecond())
        .text(channel)
        .text(thread_ts)
        .text(asked_ts)
        .integer(now.as_millisecond())
        .integer(asked.asked_by(now).as_millisecond())
}

/// One that cannot be read holds up no other: it is told when it is looked at.
fn readable(row: &Row) -> Option<DueLink> {
    let read = || -> Result<DueLink, Error> {
        let interval = u64::try_from(row.integer("interval_ms")?).unwrap_or_default();
        Ok(DueLink {
            id: row.text("id")?.parse()?,
            login: row.text("login")?,
            code: DeviceCode::new(row.text("device_code")?),
            interval: Duration::from_millis(interval),
            expires_at: row::timestamp(row.integer("expires_at")?)?,
        })
    };
    read()
        .inspect_err(|error| {
            let error = error as &dyn std::error::Error;
            tracing::error!(
                error,
                "the journal holds a link that cannot be read; it is passed over"
            );
        })
        .ok()
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
