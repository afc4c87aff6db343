//! One transaction on the journal: all of it lasts, or nothing. Where two
//! processes stood in each other's way, the database has undone one of them;
//! that one is tried again.

use std::{io, marker::PhantomData, time::Duration};

use futures::future::BoxFuture;
use rand::Rng as _;
use tokio::time::{sleep, timeout};

use super::{
    Error, Store,
    database::{Args, Connection, Grown, Row},
};

/// How long a transaction may take, and a reading; longer than the databases'
/// own limits, so that it ends only what a database does not answer to at all.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a transaction is tried that others stood in the way of.
const TRIES: u32 = 8;

/// A transaction under way; undone when dropped. It does not outlive `'a`, the
/// life of what the work in it borrows.
pub(super) struct Transaction<'a> {
    connection: Box<dyn Connection>,
    grown: Grown,
    undone: bool,
    borrowed: PhantomData<&'a ()>,
}

/// What is done in a transaction.
type Work<'t, T> = BoxFuture<'t, Result<T, Error>>;

impl Transaction<'_> {
    /// Writes; how many rows.
    pub(super) async fn execute(&mut self, sql: &'static str, args: Args) -> Result<u64, Error> {
        Ok(self.connection.execute(sql, args).await?)
    }

    /// Reads, or writes and returns.
    pub(super) async fn fetch(&mut self, sql: &'static str, args: Args) -> Result<Vec<Row>, Error> {
        Ok(self.connection.fetch(sql, args).await?)
    }

    /// The first row, where there is one.
    pub(super) async fn fetch_first(
        &mut self,
        sql: &'static str,
        args: Args,
    ) -> Result<Option<Row>, Error> {
        Ok(self.fetch(sql, args).await?.into_iter().next())
    }

    /// The time by the clock of the database, which is the same for all
    /// processes, in milliseconds since 1970.
    pub(super) async fn now(&mut self) -> Result<i64, Error> {
        let sql = self.connection.now();
        let row = self.fetch_first(sql, Args::new()).await?;
        Ok(row.ok_or(sqlx::Error::RowNotFound)?.integer("now")?)
    }

    /// Raises a counter by one and keeps others from raising it until the end.
    /// It comes last in a transaction: who holds it waits for nobody any more.
    async fn raise(&mut self, counter: &'static str) -> Result<i64, Error> {
        let row = self
            .fetch_first(
                "UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value",
                Args::new().text(counter),
            )
            .await?;
        Ok(row.ok_or(sqlx::Error::RowNotFound)?.integer("value")?)
    }

    /// The next cursor of the feed. The very last thing that is locked.
    pub(super) async fn next_cursor(&mut self) -> Result<i64, Error> {
        self.grown.feed = self.raise("feed").await?;
        Ok(self.grown.feed)
    }

    /// The next hint. Locked before a cursor, after everything else.
    pub(super) async fn next_hint(&mut self) -> Result<i64, Error> {
        self.grown.hints = self.raise("hints").await?;
        Ok(self.grown.hints)
    }

    /// Leaves nothing of what was written in it.
    pub(super) const fn undo(&mut self) {
        self.undone = true;
    }

    /// Makes it last; how far the feed and the hints have grown with it.
    async fn commit(mut self) -> Result<Grown, Error> {
        if self.undone {
            return Ok(Grown::default());
        }
        if self.grown != Grown::default() {
            self.connection.tell().await?;
        }
        self.connection.commit().await?;
        Ok(self.grown)
    }
}

impl Store {
    /// Runs a transaction to its end, and again when it was undone because
    /// another stood in its way.
    pub(super) async fn write<'a, T>(
        &self,
        work: impl for<'t> Fn(&'t mut Transaction<'a>) -> Work<'t, T>,
    ) -> Result<T, Error> {
        let mut tries = 1;
        loop {
            let outcome = timeout(PATIENCE, self.write_once(&work)).await;
            match outcome.unwrap_or_else(|_| Err(Error::too_slow())) {
                Err(error) if error.is_a_conflict() && tries < TRIES => {
                    tracing::debug!(tries, "a transaction was in another's way; trying again");
                    let most = 5 << tries;
                    let pause = rand::rng().random_range(0..most);
                    sleep(Duration::from_millis(pause)).await;
                    tries += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn write_once<'a, T>(
        &self,
        work: impl for<'t> Fn(&'t mut Transaction<'a>) -> Work<'t, T>,
    ) -> Result<T, Error> {
        let mut transaction = Transaction {
            connection: self.driver.begin().await?,
            grown: Grown::default(),
            undone: false,
            borrowed: PhantomData,
        };
        let value = work(&mut transaction).await?;
        self.growth.has_come_to(transaction.commit().await?);
        Ok(value)
    }

    /// Reads, beside those who write.
    pub(super) async fn read(&self, sql: &'static str, args: Args) -> Result<Vec<Row>, Error> {
        let rows = timeout(PATIENCE, self.driver.fetch(sql, args)).await;
        rows.map_err(|_| Error::too_slow())?.map_err(Error::from)
    }

    /// Reads the first row, where there is one.
    pub(super) async fn read_first(
        &self,
        sql: &'static str,
        args: Args,
    ) -> Result<Option<Row>, Error> {
        Ok(self.read(sql, args).await?.into_iter().next())
    }
}

impl Error {
    /// The database does not answer.
    pub(crate) fn too_slow() -> Self {
        Self::Database(io::Error::from(io::ErrorKind::TimedOut).into())
    }

    /// Whether the database has undone a transaction for the sake of another:
    /// Postgres's serialization_failure and deadlock_detected.
    fn is_a_conflict(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        matches!(error.code().as_deref(), Some("40001" | "40P01"))
    }
}
