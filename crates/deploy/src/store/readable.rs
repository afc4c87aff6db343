//! Rows that can be read, out of rows of which some perhaps cannot: damaged by
//! hand, by the disk, or written by a later version.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use futures::{Stream, TryStreamExt as _};
use sqlx::{Row as _, sqlite::SqliteRow};

use super::Error;

/// How many unreadable requests are remembered, so that each is told once.
const REMEMBERED: usize = 1_000;

/// The unreadable requests that the log has told of.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<HashSet<String>>);

impl Told {
    /// Whether it is told for the first time.
    fn is_new(&self, request: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.len() < REMEMBERED && told.insert(request.to_owned())
    }
}

/// The first `limit` rows that `read` can read. The others are told in the log,
/// each request once, and are passed over: they hold up nothing that stands
/// behind them.
pub(super) async fn readable<T>(
    mut rows: impl Stream<Item = Result<SqliteRow, sqlx::Error>> + Unpin,
    limit: usize,
    told: &Told,
    read: impl Fn(&SqliteRow) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(row) = rows.try_next().await? else {
            break;
        };
        match read(&row) {
            Ok(value) => found.push(value),
            Err(error) => {
                let id: String = row.try_get("id").unwrap_or_default();
                if told.is_new(&id) {
                    tracing::error!(
                        request.id = id,
                        error = &error as &dyn std::error::Error,
                        "the journal holds a request that cannot be read; it is passed over"
                    );
                }
            }
        }
    }
    Ok(found)
}
