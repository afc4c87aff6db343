//! The journal beside GitHub: requests, run slots and the feed, in a SQLite
//! file. All that knows SQL is in here.
//!
//! Every change of a request is one transaction together with its entry in the
//! feed, so whoever follows the feed misses nothing, whichever process dies
//! when. One connection writes; a few others read beside it. A row that cannot
//! be read is logged and passed over: it holds up no other.
//!
//! The file belongs to one process at a time, which a lock beside it sees to:
//! the worker of a second process would carry out the same requests.

mod feed;
mod migration;
mod ownership;
mod readable;
mod requests;
mod row;
mod slots;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::watch;

pub use feed::Entry;
pub use requests::Acceptance;
pub use slots::{RunSlot, Slot};

use ownership::Ownership;
use readable::Told;

use crate::model::RequestId;

/// The journal. A clone is another handle to the same one.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    newest: Arc<watch::Sender<i64>>,
    ownership: Arc<Ownership>,
    told: Arc<Told>,
}

/// Why the journal could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has it.
    #[error("another process has it open")]
    InUse,
    /// The lock beside it can't be taken.
    #[error("cannot make or lock {}", path.display())]
    Lock {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its tables can't be brought up to date.
    #[error("cannot bring the journal's tables up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The database failed.
    #[error("the journal's database failed")]
    Database(#[from] sqlx::Error),
    /// What it holds can't be understood.
    #[error("the journal holds what cannot be read: {0}")]
    Unreadable(String),
    /// The step asked for does not follow on how far the request has come.
    #[error("request {request} has not come to where `{step}` could follow")]
    OutOfOrder {
        /// The request.
        request: RequestId,
        /// The step that was to be written.
        step: &'static str,
    },
}

impl Store {
    /// Opens the journal at `file`, makes it when it is not there, and brings
    /// its tables up to date. Where another process has it, waits up to
    /// `patience` for that one to end.
    ///
    /// # Errors
    /// When the file can't be opened, is another process's, or is no journal.
    pub async fn open(file: &Path, patience: Duration) -> Result<Self, Error> {
        let ownership = Ownership::take(file, patience).await?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: an accepted request outlives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = || SqlitePoolOptions::new().acquire_timeout(Duration::from_secs(10));
        let writer = pool()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        migration::run(&writer).await?;
        let readers = pool()
            .max_connections(4)
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        let newest = feed::newest(&writer).await?;
        Ok(Self {
            writer,
            readers,
            newest: Arc::new(watch::Sender::new(newest)),
            ownership: Arc::new(ownership),
            told: Arc::default(),
        })
    }

    /// Tells when the feed has grown: the newest cursor.
    pub fn growth(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Whether the journal can be read.
    ///
    /// # Errors
    /// When it can't.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Closes the database and lets go of the file.
    pub async fn close(self) {
        self.readers.close().await;
        self.writer.close().await;
        self.ownership.release();
    }

    fn grown(&self, cursor: i64) {
        self.newest.send_if_modified(|newest| {
            let grown = cursor > *newest;
            *newest = cursor.max(*newest);
            grown
        });
    }
}

#[cfg(test)]
mod tests;
