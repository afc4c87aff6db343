//! The databases that can hold the journal, behind one face: a SQLite file, or
//! Postgres. Every SQL text is written once and runs on both; what differs is
//! how a transaction begins, what time it is, and how other processes hear of
//! what was written.

mod ownership;
mod postgres;
mod row;
mod sqlite;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use secrecy::SecretString;
use tokio::sync::watch;

pub(super) use row::{Args, Row};

use super::Error;

/// Where the journal is kept.
#[derive(Debug, Clone)]
pub enum Database {
    /// In a file, which one process has at a time.
    Sqlite(PathBuf),
    /// In a Postgres, by its URL, which several processes may share.
    Postgres(SecretString),
}

impl Database {
    /// Sees whether its URL can be used, without asking anybody.
    ///
    /// # Errors
    /// What is wrong with it; nothing of the URL itself.
    pub fn check(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(url) => postgres::options(url).map(|_usable| ()),
        }
    }
}

impl fmt::Display for Database {
    /// Where it is, without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            Self::Postgres(url) => f.write_str(&postgres::place(url)),
        }
    }
}

/// An answer of the database, to be awaited.
pub(super) type Answer<'a, T> = BoxFuture<'a, Result<T, sqlx::Error>>;

/// A database that is open.
pub(super) trait Driver: fmt::Debug + Send + Sync {
    /// Begins a transaction that may write.
    fn begin(&self) -> Answer<'_, Box<dyn Connection>>;
    /// Reads, beside those who write. The text bounds how much.
    fn fetch(&self, sql: &'static str, args: Args) -> Answer<'_, Vec<Row>>;
    /// Ends what is open and lets go of the database.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// A connection with a transaction under way; rolled back when dropped.
pub(super) trait Connection: Send {
    /// Writes; how many rows.
    fn execute(&mut self, sql: &'static str, args: Args) -> Answer<'_, u64>;
    /// Reads, or writes and returns. The text bounds how much.
    fn fetch(&mut self, sql: &'static str, args: Args) -> Answer<'_, Vec<Row>>;
    /// The text that asks for the database's own time as `now`, in milliseconds
    /// since 1970.
    fn now(&self) -> &'static str;
    /// Lets other processes hear, after the commit, that something has grown.
    fn tell(&mut self) -> Answer<'_, ()>;
    /// Makes it last.
    fn commit(self: Box<Self>) -> Answer<'static, ()>;
}

/// Opens a database and brings its tables up to date.
pub(super) async fn open(
    database: &Database,
    patience: Duration,
    growth: &Arc<Growth>,
) -> Result<Arc<dyn Driver>, Error> {
    Ok(match database {
        Database::Sqlite(file) => Arc::new(sqlite::File::open(file, patience).await?),
        Database::Postgres(url) => {
            Arc::new(postgres::Server::open(url, patience, growth.clone()).await?)
        }
    })
}

/// Brings a database's tables up to date; the versions that were applied.
pub(super) async fn migrate(database: &Database, patience: Duration) -> Result<Vec<i64>, Error> {
    match database {
        Database::Sqlite(file) => sqlite::migrate(file, patience).await,
        Database::Postgres(url) => postgres::migrate(url, patience).await,
    }
}

/// How far the feed and the hints have grown, as far as this process knows.
#[derive(Debug, Default)]
pub(super) struct Growth {
    /// The newest cursor of the feed.
    pub(super) feed: watch::Sender<i64>,
    /// The newest hint.
    pub(super) hints: watch::Sender<i64>,
}

impl Growth {
    /// Takes note of what has been committed, and wakes who waits for it.
    pub(super) fn has_come_to(&self, grown: Grown) {
        for (sender, number) in [(&self.feed, grown.feed), (&self.hints, grown.hints)] {
            sender.send_if_modified(|newest| {
                let before = *newest;
                *newest = before.max(number);
                *newest > before
            });
        }
    }
}

/// How far they have grown; 0 where not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Grown {
    /// The newest cursor of the feed.
    pub(super) feed: i64,
    /// The newest hint.
    pub(super) hints: i64,
}

impl Grown {
    /// What is written in the database.
    pub(super) const SQL: &'static str = "SELECT \
        (SELECT value FROM counters WHERE name = 'feed') AS feed, \
        (SELECT value FROM counters WHERE name = 'hints') AS hints";

    /// Reads the answer to that.
    pub(super) fn read(rows: &[Row]) -> Result<Self, sqlx::Error> {
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        Ok(Self {
            feed: row.integer("feed")?,
            hints: row.integer("hints")?,
        })
    }
}
