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
    readable::Page,
    row::{self, select_entry},
    transaction::Transaction,
};
use crate::model::{Request, RequestId};

/// One entry of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place; grows, with gaps.
    pub cursor: i64,
    /// When it happened.
    pub at: Timestamp,
    /// The request as it stands now, which may be later.
    pub request: Request,
}

impl Store {
    /// The entries after a cursor, oldest first, at most `limit`. One whose
    /// request cannot be read is passed over.
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

/// Appends an entry; its cursor. The last thing that a transaction locks.
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
