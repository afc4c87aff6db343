//! The feed: the ordered stream of what happened, and how far each subscriber
//! has dealt with it.

use jiff::Timestamp;
use sqlx::SqlitePool;

use super::{
    Error, Store,
    readable::readable,
    row::{self, select_entry},
};
use crate::model::Request;

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
        let rows = sqlx::query(select_entry!("WHERE f.cursor > $1 ORDER BY f.cursor"));
        let rows = rows.bind(cursor).fetch(&self.readers);
        readable(rows, limit, &self.told, row::entry).await
    }

    /// The cursor up to which a subscriber has dealt with the feed; 0 for one
    /// that never acknowledged.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acknowledged(&self, subscriber: &str) -> Result<i64, Error> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT cursor FROM subscribers WHERE name = $1")
            .bind(subscriber)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map_or(0, |(cursor,)| cursor))
    }

    /// Moves a subscriber's cursor forward. An older cursor changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acknowledge(&self, subscriber: &str, cursor: i64) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO subscribers (name, cursor) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor \
             WHERE excluded.cursor > subscribers.cursor",
        )
        .bind(subscriber)
        .bind(cursor)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// The cursor of the newest entry; 0 when there is none.
    pub fn newest_cursor(&self) -> i64 {
        *self.newest.borrow()
    }
}

/// The cursor of the newest entry in the database; 0 when there is none.
pub(super) async fn newest(pool: &SqlitePool) -> Result<i64, Error> {
    let (newest,): (i64,) = sqlx::query_as("SELECT COALESCE(MAX(cursor), 0) FROM feed")
        .fetch_one(pool)
        .await?;
    Ok(newest)
}
