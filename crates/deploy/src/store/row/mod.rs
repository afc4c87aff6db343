//! The journal's rows and their JSON, apart from the words of the domain, so
//! that neither changes because the other does.

mod deployment;
mod progress;
mod refusal;

use jiff::Timestamp;
use sqlx::{FromRow, Row as _, sqlite::SqliteRow};

use super::{Error, feed::Entry};
use crate::model::{InvalidName, Kind, NewRequest, Person, ReplyAddress, RepositoryName, Request};

pub(super) use progress::{progress_text, state_word};

/// The columns of a request, and what follows `FROM requests r`.
macro_rules! select_request {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.repository, r.environment, r.commit_ref, r.kind, ",
            "r.requester_slack, r.requester_github, r.requester_name, ",
            "r.reply_channel, r.reply_thread_ts, r.reply_asked_ts, ",
            "r.accepted_at, r.progress, r.message_ts FROM requests r ",
            $rest
        )
    };
}
pub(super) use select_request;

/// The columns of an entry and its request, and what follows.
macro_rules! select_entry {
    ($rest:literal) => {
        concat!(
            "SELECT f.cursor, f.at, r.id, r.repository, r.environment, r.commit_ref, r.kind, ",
            "r.requester_slack, r.requester_github, r.requester_name, ",
            "r.reply_channel, r.reply_thread_ts, r.reply_asked_ts, ",
            "r.accepted_at, r.progress, r.message_ts ",
            "FROM feed f JOIN requests r ON r.id = f.request_id ",
            $rest
        )
    };
}
pub(super) use select_entry;

/// A row of `requests`.
pub(super) struct RequestRow {
    id: String,
    repository: String,
    environment: String,
    commit_ref: String,
    kind: String,
    requester: Person,
    reply: ReplyAddress,
    accepted_at: i64,
    progress: String,
    message_ts: Option<String>,
}

impl FromRow<'_, SqliteRow> for RequestRow {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            repository: row.try_get("repository")?,
            environment: row.try_get("environment")?,
            commit_ref: row.try_get("commit_ref")?,
            kind: row.try_get("kind")?,
            requester: Person {
                slack: row.try_get("requester_slack")?,
                github: row.try_get("requester_github")?,
                name: row.try_get("requester_name")?,
            },
            reply: ReplyAddress {
                channel: row.try_get("reply_channel")?,
                thread_ts: row.try_get("reply_thread_ts")?,
                asked_ts: row.try_get("reply_asked_ts")?,
            },
            accepted_at: row.try_get("accepted_at")?,
            progress: row.try_get("progress")?,
            message_ts: row.try_get("message_ts")?,
        })
    }
}

/// Reads a row of `requests`.
pub(super) fn request(row: &SqliteRow) -> Result<Request, Error> {
    RequestRow::from_row(row)?.try_into()
}

/// Reads a row of `feed` with its request.
pub(super) fn entry(row: &SqliteRow) -> Result<Entry, Error> {
    Ok(Entry {
        cursor: row.try_get("cursor")?,
        at: timestamp(row.try_get("at")?)?,
        request: request(row)?,
    })
}

impl TryFrom<RequestRow> for Request {
    type Error = Error;

    fn try_from(row: RequestRow) -> Result<Self, Error> {
        Ok(Self {
            asked: NewRequest {
                id: row.id.parse()?,
                repository: RepositoryName::parse(&row.repository, None)?,
                environment: row.environment.parse()?,
                commit: row.commit_ref.parse()?,
                kind: kind(&row.kind)?,
                requester: row.requester,
                reply: row.reply,
            },
            accepted_at: timestamp(row.accepted_at)?,
            progress: progress::read(&row.progress)?,
            message_ts: row.message_ts,
        })
    }
}

impl From<InvalidName> for Error {
    fn from(invalid: InvalidName) -> Self {
        Self::Unreadable(invalid.to_string())
    }
}

/// How a kind is written.
pub(super) const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Deploy => "deploy",
        Kind::Rollback => "rollback",
    }
}

fn kind(word: &str) -> Result<Kind, Error> {
    match word {
        "deploy" => Ok(Kind::Deploy),
        "rollback" => Ok(Kind::Rollback),
        other => Err(Error::Unreadable(format!("kind `{other}`"))),
    }
}

/// A time as the journal holds it: to the millisecond.
pub(super) fn whole_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).expect("it is a timestamp already")
}

/// Reads a time.
pub(super) fn timestamp(milliseconds: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| Error::Unreadable(format!("time {milliseconds}")))
}
