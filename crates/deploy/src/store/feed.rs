//! The feed: the ordered stream of what happened, and how far each subscriber
//! has dealt with it.
//!
//! Cursors come from a counter that is locked until the end of the transaction,
//! so entries become visible in their order: whoever has read up to a cursor
//! has missed nothing before it, whichever process wrote it.

use jiff::Timestamp;

use super::{
    Error, Store,
    database::Args,
    deployments,
    readable::Page,
    row::{self, select_entry},
    transaction::Transaction,
};
use crate::model::{
    Deployment, Failure, Follower, Link, LinkId, Progress, RepositoryName, Request, RequestId,
};

/// One entry of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place; grows, with gaps.
    pub cursor: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What it is about, as it stands now, which may be later.
    pub subject: Subject,
    /// The channels that follow what goes out there, without the one in which it
    /// was asked for; none where they were not asked for.
    pub followers: Vec<Follower>,
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A request.
    Request(Box<Request>),
    /// A deployment that was made elsewhere.
    Elsewhere(Box<Elsewhere>),
    /// A link that has ended.
    Link(Box<Link>),
}

/// A deployment that no request of this journal asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// As GitHub spells it.
    pub repository: RepositoryName,
    /// As it was last seen.
    pub deployment: Deployment,
    /// Why it ended without success; none while it has not.
    pub failure: Option<Failure>,
}

impl Subject {
    /// The request, if it is about one.
    pub const fn request(&self) -> Option<&Request> {
        match self {
            Self::Request(request) => Some(request),
            Self::Elsewhere(_) | Self::Link(_) => None,
        }
    }

    /// The deployment that it is about and its repository, once there is one.
    pub(super) fn deployment(&self) -> Option<(&RepositoryName, &Deployment)> {
        match self {
            Self::Request(request) => match &request.progress {
                Progress::Running(decided, deployment)
                | Progress::Succeeded(decided, deployment)
                | Progress::Failed {
                    decided: Some(decided),
                    deployment: Some(deployment),
                    ..
                } => Some((&decided.repository, deployment)),
                _ => None,
            },
            Self::Elsewhere(elsewhere) => Some((&elsewhere.repository, &elsewhere.deployment)),
            Self::Link(_) => None,
        }
    }
}

impl Store {
    /// The entries after a cursor, oldest first, at most `limit`. One that is
    /// about something that cannot be read is passed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn entries_after(&self, cursor: i64, limit: usize) -> Result<Vec<Entry>, Error> {
        let page = Page {
            sql: select_entry!("WHERE f.cursor > $1 ORDER BY f.cursor LIMIT $2"),
            after: Args::new().integer(cursor),
            place: |row| Ok(Args::new().integer(row.integer("cursor")?)),
            read: row::entry,
        };
        self.readable(page, limit).await
    }

    /// The same, each with the channels that follow it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn followed_entries_after(
        &self,
        cursor: i64,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        let mut entries = self.entries_after(cursor, limit).await?;
        self.join_followers(&mut entries).await?;
        Ok(entries)
    }

    /// The cursor up to which a subscriber has dealt with the feed; 0 for one
    /// that never acknowledged.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acknowledged(&self, subscriber: &str) -> Result<i64, Error> {
        let sql = "SELECT cursor FROM subscribers WHERE name = $1";
        let row = self.read_first(sql, Args::new().text(subscriber)).await?;
        Ok(row.map_or(Ok(0), |row| row.integer("cursor"))?)
    }

    /// Moves a subscriber's cursor forward. An older cursor changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acknowledge(&self, subscriber: &str, cursor: i64) -> Result<(), Error> {
        self.write(|transaction| {
            Box::pin(async move {
                transaction
                    .execute(
                        "INSERT INTO subscribers (name, cursor) VALUES ($1, $2) \
                     ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor \
                     WHERE excluded.cursor > subscribers.cursor",
                        Args::new().text(subscriber).integer(cursor),
                    )
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// The cursor of the newest entry that any process has written; 0 when
    /// there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_cursor(&self) -> Result<i64, Error> {
        let sql = "SELECT value FROM counters WHERE name = 'feed'";
        let row = self.read_first(sql, Args::new()).await?;
        Ok(row.ok_or(sqlx::Error::RowNotFound)?.integer("value")?)
    }
}

/// Appends an entry about a request; its cursor. The last thing that a
/// transaction locks.
pub(super) async fn append(
    transaction: &mut Transaction<'_>,
    id: &RequestId,
    at: Timestamp,
) -> Result<i64, Error> {
    let cursor = transaction.next_cursor().await?;
    transaction
        .execute(
            "INSERT INTO feed (cursor, at, request_id) VALUES ($1, $2, $3)",
            Args::new()
                .integer(cursor)
                .integer(at.as_millisecond())
                .text(id.as_str()),
        )
        .await?;
    Ok(cursor)
}

/// How old a deployment may be when it is first met for people to be told of it: a
/// new installation has no news of what was long before it.
const NEWS: i64 = 60 * 60 * 1_000;

/// Appends an entry about each of these deployments that nobody asked this journal
/// for and that were met while they were news. The last thing that a transaction
/// locks.
pub(super) async fn append_elsewhere(
    transaction: &mut Transaction<'_>,
    numbers: &[u64],
    at: Timestamp,
) -> Result<(), Error> {
    let told = transaction
        .fetch(
            "SELECT d.number FROM deployments d \
             WHERE d.number IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) \
             AND d.adopted_at > 0 AND d.adopted_at - d.created_at <= $2 \
             AND NOT EXISTS (SELECT 1 FROM requests r WHERE r.id = d.request_id) \
             ORDER BY d.number",
            deployments::integers(numbers.iter().copied()).integer(NEWS),
        )
        .await?;
    for row in &told {
        let deployment = row.integer("number")?;
        let cursor = transaction.next_cursor().await?;
        transaction
            .execute(
                "INSERT INTO feed (cursor, at, deployment) VALUES ($1, $2, $3)",
                Args::new()
                    .integer(cursor)
                    .integer(at.as_millisecond())
                    .integer(deployment),
            )
            .await?;
    }
    Ok(())
}

/// Appends an entry about a link that has ended. The last thing that a transaction
/// locks.
pub(super) async fn append_link(
    transaction: &mut Transaction<'_>,
    link: &LinkId,
    at: Timestamp,
) -> Result<(), Error> {
    let cursor = transaction.next_cursor().await?;
    transaction
        .execute(
            "INSERT INTO feed (cursor, at, link_id) VALUES ($1, $2, $3)",
            Args::new()
                .integer(cursor)
                .integer(at.as_millisecond())
                .text(link.as_str()),
        )
        .await?;
    Ok(())
}
