//! The journal in a SQLite file: one connection writes, a few others read
//! beside it.
//!
//! The file belongs to one process at a time, which a lock beside it sees to:
//! nobody else can write to it, so what grows is told in the process alone.

use std::{path::Path, time::Duration};

use futures::future::BoxFuture;
use sqlx::{
    ConnectOptions as _, Connection as _, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Answer, Args, Connection, Driver, Row, ownership::Ownership};
use crate::store::{Error, migration};

/// How long a statement waits for another to let go of the file.
const BUSY: Duration = Duration::from_secs(5);
/// How long to wait for a connection.
const TURN: Duration = Duration::from_secs(10);

/// A file that is open.
#[derive(Debug)]
pub(super) struct File {
    writer: SqlitePool,
    readers: SqlitePool,
    ownership: Ownership,
}

impl File {
    /// Opens the file, makes it when it is not there, and brings its tables up
    /// to date. Waits up to `patience` for another process to let go of it.
    pub(super) async fn open(file: &Path, patience: Duration) -> Result<Self, Error> {
        let ownership = Ownership::take(file, patience).await?;
        migrate_owned(file).await?;
        let pool = || SqlitePoolOptions::new().acquire_timeout(TURN);
        let writer = pool()
            .max_connections(1)
            .connect_with(options(file))
            .await?;
        let readers = pool()
            .max_connections(4)
            .connect_with(options(file).pragma("query_only", "ON"))
            .await?;
        Ok(Self {
            writer,
            readers,
            ownership,
        })
    }
}

/// Brings a file's tables up to date; the versions that were applied.
pub(super) async fn migrate(file: &Path, patience: Duration) -> Result<Vec<i64>, Error> {
    let ownership = Ownership::take(file, patience).await?;
    let applied = migrate_owned(file).await;
    ownership.release();
    applied
}

async fn migrate_owned(file: &Path) -> Result<Vec<i64>, Error> {
    let mut connection = options(file).connect().await.map_err(|error| {
        if is_no_database(&error) {
            Error::NoJournal(error)
        } else {
            error.into()
        }
    })?;
    let applied = migration::run(&mut connection, migration::SQLITE).await;
    let closed = connection.close().await;
    let applied = applied?;
    closed?;
    Ok(applied)
}

/// Whether the file is none of SQLite's: `SQLITE_NOTADB`,
/// <https://sqlite.org/rescode.html#notadb>.
fn is_no_database(error: &sqlx::Error) -> bool {
    let error = error.as_database_error();
    error.is_some_and(|error| error.code().as_deref() == Some("26"))
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: an accepted request outlives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
}

impl Driver for File {
    /// IMMEDIATE: a transaction that reads first and writes later would
    /// otherwise fail when another has written in between.
    fn begin(&self) -> Answer<'_, Box<dyn Connection>> {
        Box::pin(async {
            let transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
            Ok(Box::new(transaction) as Box<dyn Connection>)
        })
    }

    fn fetch(&self, sql: &'static str, args: Args) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let rows = args.bind_to(sqlx::query(sql)).fetch_all(&self.readers);
            Ok(rows.await?.into_iter().map(Row::Sqlite).collect())
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.readers.close().await;
            self.writer.close().await;
            self.ownership.release();
        })
    }
}

impl Connection for Transaction<'static, Sqlite> {
    fn execute(&mut self, sql: &'static str, args: Args) -> Answer<'_, u64> {
        Box::pin(async move {
            let done = args.bind_to(sqlx::query(sql)).execute(&mut **self);
            Ok(done.await?.rows_affected())
        })
    }

    fn fetch(&mut self, sql: &'static str, args: Args) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let rows = args.bind_to(sqlx::query(sql)).fetch_all(&mut **self);
            Ok(rows.await?.into_iter().map(Row::Sqlite).collect())
        })
    }

    fn now(&self) -> &'static str {
        "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now"
    }

    /// There is no other process.
    fn tell(&mut self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        Box::pin(async { Transaction::commit(*self).await })
    }
}
