//! The journal beside GitHub: requests, run slots and the feed, and what spares
//! GitHub calls; in a SQLite file or in Postgres. All that knows SQL is in here.
//!
//! Every change of a request is one transaction together with its entry in the
//! feed, so whoever follows the feed misses nothing, whichever process dies
//! when. A row that cannot be read is logged and passed over: it holds up no
//! other.
//!
//! Several processes may share one Postgres. What must happen once is a unique
//! index or a locked row there; what one process alone may do has a [`Lease`].
//! The counters come last in a transaction, that of the hints and then that of
//! the feed: who holds one waits for nobody any more.

mod changes;
mod creations;
mod database;
mod deliveries;
mod deployments;
mod feed;
mod followers;
mod following;
mod heard;
mod hints;
mod leases;
mod links;
mod messages;
mod migration;
mod named_channels;
mod order;
mod overview;
mod people;
mod prune;
mod readable;
mod rebuilds;
mod requests;
mod row;
mod slots;
mod snapshots;
mod steps;
mod subscriptions;
mod together;
mod transaction;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::watch;

pub use changes::Made;
pub use creations::{Limits, Permit};
pub use database::Database;
pub use deployments::Foreign;
pub use feed::{Elsewhere, Entry, Subject};
pub use following::Following;
pub use leases::Lease;
pub use links::DueLink;
pub use messages::{Claimed, MessageClaim, MessageRecord};
pub use overview::WAITING;
pub use people::Unlinked;
pub use rebuilds::{Rebuild, RebuiltPage};
pub use requests::Acceptance;
pub use slots::{Holder, RunSlot, Slot};
pub use snapshots::Kept;
pub use subscriptions::{Subscribed, TooMany, Unsubscribed};

use database::{Args, Driver, Grown, Growth};
use messages::Messages;
use readable::{LastTold, Told};

use crate::model::RequestId;

/// The journal. A clone is another handle to the same one.
#[derive(Debug, Clone)]
pub struct Store {
    driver: Arc<dyn Driver>,
    growth: Arc<Growth>,
    told: Arc<Told>,
    told_of: Arc<LastTold>,
    messages: Arc<Messages>,
}

/// Why the journal could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has it.
    #[error("another process has it open")]
    InUse,
    /// The lock beside its file can't be taken.
    #[error("cannot make or lock {}", path.display())]
    Lock {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The URL of its database can't be used.
    #[error("the database's URL cannot be used: {what}")]
    Address {
        /// What is wrong with it; nothing of the URL itself.
        what: &'static str,
    },
    /// There is no connection to its database.
    #[error("its database takes no connection")]
    Unreachable(#[source] sqlx::Error),
    /// Its file is something else, or no longer readable as what it was.
    #[error("the file is no journal: there is something else in it, or it is damaged")]
    NoJournal(#[source] sqlx::Error),
    /// A newer program has been at work on it.
    #[error(
        "its tables are of version {version}, but this program knows them up to version {known} \
         only: start the newer program that migrated them"
    )]
    Newer {
        /// The version of its tables.
        version: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Its tables were made by another text than the one of that version.
    #[error("its tables were not made by version {version} as this program knows it")]
    Changed {
        /// The version.
        version: i64,
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

impl Error {
    /// Whether the same may go well later: the database is busy, or away.
    pub fn may_pass(&self) -> bool {
        let passes = |error: &sqlx::Error| {
            matches!(
                error,
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed
            )
        };
        match self {
            Self::Unreachable(_) => true,
            Self::Database(error) => passes(error),
            _ => false,
        }
    }
}

impl Store {
    /// Opens the journal, makes a file that is not there, and brings its tables
    /// up to date. Waits up to `patience` where another process has the file,
    /// or the server does not take connections.
    ///
    /// # Errors
    /// When it can't be opened, is another process's, or is no journal.
    pub async fn open(database: &Database, patience: Duration) -> Result<Self, Error> {
        let growth = Arc::new(Growth::default());
        let store = Self {
            driver: database::open(database, patience, &growth).await?,
            growth,
            told: Arc::default(),
            told_of: Arc::default(),
            messages: Arc::default(),
        };
        if matches!(database, Database::Sqlite(_)) {
            store.void_all_leases().await?;
        }
        let grown = store.read(Grown::SQL, Args::new()).await?;
        store.growth.has_come_to(Grown::read(&grown)?);
        Ok(store)
    }

    /// Brings a journal's tables up to date and lets go of it; the versions
    /// that were applied. Waits as [`Store::open`] does.
    ///
    /// # Errors
    /// As there.
    pub async fn migrate(database: &Database, patience: Duration) -> Result<Vec<i64>, Error> {
        database::migrate(database, patience).await
    }

    /// Tells when the feed has grown, whichever process wrote to it: the newest
    /// cursor.
    pub fn growth(&self) -> watch::Receiver<i64> {
        self.growth.feed.subscribe()
    }

    /// Tells when something may have changed in a repository, whichever process
    /// heard of it: the newest hint.
    pub fn hints(&self) -> watch::Receiver<i64> {
        self.growth.hints.subscribe()
    }

    /// What time it is by the database's clock, which is the same for all
    /// processes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn now(&self) -> Result<Timestamp, Error> {
        let now = self
            .write(|transaction| Box::pin(async move { transaction.now().await }))
            .await?;
        row::timestamp(now)
    }

    /// Whether the journal can be read.
    ///
    /// # Errors
    /// When it can't.
    pub async fn ping(&self) -> Result<(), Error> {
        self.read("SELECT 1 AS one", Args::new()).await?;
        Ok(())
    }

    /// Closes the database and lets go of it.
    pub async fn close(self) {
        self.driver.close().await;
    }
}

#[cfg(test)]
mod tests;
