//! The journal's rows and their JSON, apart from the words of the domain, so
//! that neither changes because the other does.

mod change;
mod deployment;
mod failure;
mod link;
mod objection;
mod policy;
mod progress;
mod refusal;
mod snapshot;
mod subscription;
mod waiting;

use jiff::Timestamp;

use super::{
    Error,
    database::Row,
    feed::{Elsewhere, Entry, Subject},
};
use crate::model::{InvalidName, Kind, NewRequest, Person, ReplyAddress, RepositoryName, Request};

pub(super) use change::{Answer, answer_text, read_answer};
pub(super) use deployment::{deployment_text, deployment_word, read_deployment};
pub(super) use failure::{failure_text, read_failure_text};
pub(super) use link::{account, account_number, end_word, link, link_columns};
pub(super) use progress::{progress_text, state_word};
pub(super) use snapshot::{history_text, read_history, read_status, status_text};
pub(super) use subscription::{moments_text, named_by_file, read_moments, subscription};
pub(super) use waiting::{ANSWER_LOST, waiting_text};

/// A statement that reads requests: what is read besides their columns, then
/// what follows `FROM`.
macro_rules! select_request_and {
    ($more:expr, $from:expr) => {
        concat!(
            "SELECT ",
            $more,
            "r.id, r.repository, r.environment, r.commit_ref, r.kind, ",
            "r.requester_slack, r.requester_github, r.requester_name, ",
            "r.reply_channel, r.reply_thread_ts, r.reply_asked_ts, r.expected_live, ",
            "r.accepted_at, r.progress, r.waiting, r.message_ts FROM ",
            $from
        )
    };
}
pub(super) use select_request_and;

/// A statement that reads requests: what follows `FROM requests r`.
macro_rules! select_request {
    ($rest:literal) => {
        $crate::store::row::select_request_and!("", concat!("requests r ", $rest))
    };
}
pub(super) use select_request;

/// A statement that reads entries with what they are about, and what follows.
macro_rules! select_entry {
    ($rest:literal) => {
        $crate::store::row::select_request_and!(
            concat!(
                "f.cursor, f.at, f.deployment, d.name, d.outcome, d.why, d.body, ",
                $crate::store::row::link_columns!(),
                ", "
            ),
            concat!(
                "feed f LEFT JOIN requests r ON r.id = f.request_id ",
                "LEFT JOIN deployments d ON d.number = f.deployment ",
                "LEFT JOIN links l ON l.id = f.link_id ",
                $rest
            )
        )
    };
}
pub(super) use select_entry;

/// Reads a row of `requests`.
pub(super) fn request(row: &Row) -> Result<Request, Error> {
    let repository = RepositoryName::parse(&row.text("repository")?, None)?;
    let waiting = row.optional_text("waiting")?;
    let expected_live = row.optional_text("expected_live")?;
    Ok(Request {
        progress: progress::read(&row.text("progress")?, &repository)?,
        asked: NewRequest {
            id: row.text("id")?.parse()?,
            repository,
            environment: row.text("environment")?.parse()?,
            commit: row.text("commit_ref")?.parse()?,
            kind: kind(&row.text("kind")?)?,
            requester: Person {
                slack: row.text("requester_slack")?,
                github: row.text("requester_github")?,
                name: row.text("requester_name")?,
            },
            reply: ReplyAddress {
                channel: row.text("reply_channel")?,
                thread_ts: row.text("reply_thread_ts")?,
                asked_ts: row.text("reply_asked_ts")?,
            },
            expected_live: expected_live.map(|it| it.parse()).transpose()?,
        },
        accepted_at: timestamp(row.integer("accepted_at")?)?,
        waiting: waiting.as_deref().map(waiting::read).transpose()?,
        message_ts: row.optional_text("message_ts")?,
    })
}

/// Reads a row of `feed` with what it is about; its followers are joined later.
pub(super) fn entry(row: &Row) -> Result<Entry, Error> {
    let subject = match row.optional_integer("deployment")? {
        Some(_) => Subject::Elsewhere(Box::new(Elsewhere {
            repository: RepositoryName::parse(&row.text("name")?, None)?,
            deployment: read_deployment(&row.text("body")?)?,
            failure: read_failure_text(&row.text("why")?, row.text("outcome")?),
        })),
        None if row.optional_text("link_id")?.is_some() => Subject::Link(Box::new(link(row)?)),
        None => Subject::Request(Box::new(request(row)?)),
    };
    Ok(Entry {
        cursor: row.integer("cursor")?,
        at: timestamp(row.integer("at")?)?,
        subject,
        followers: Vec::new(),
    })
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
