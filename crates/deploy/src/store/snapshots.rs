//! Snapshots: what GitHub last said of a repository, kept so that it need not
//! be asked again while no hint says that it has changed, and so that there is
//! an answer while it cannot be asked.

use jiff::Timestamp;

use super::{Error, Store, database::Args, hints, row};
use crate::model::{History, RepositoryName, RepositoryStatus};

/// How many are kept, those that were read last.
const KEPT: i64 = 5_000;
/// How many of the others go at once.
const CHUNK: i64 = 100;

/// An answer of GitHub that was kept. It says itself as of when it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// The answer.
    pub value: T,
    /// Something may have changed since: there is a newer hint.
    pub outdated: bool,
}

impl Store {
    /// The newest status of a repository that was kept for this ask: a text
    /// that tells differently asked ones apart. None also when it cannot be
    /// read: it is an older version's, and will be replaced.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn status_snapshot(
        &self,
        repository: &RepositoryName,
        ask: &str,
    ) -> Result<Option<Kept<RepositoryStatus>>, Error> {
        self.snapshot(repository, "status", ask, row::read_status)
            .await
    }

    /// Keeps a repository's status; `hint` is the newest one about it from
    /// before GitHub was asked. One that was read later is not replaced.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_status(
        &self,
        repository: &RepositoryName,
        ask: &str,
        hint: i64,
        status: &RepositoryStatus,
    ) -> Result<(), Error> {
        let body = row::status_text(status)?;
        self.keep(
            [&hints::key(repository), "status", ask],
            hint,
            status.as_of,
            &body,
        )
        .await
    }

    /// The newest history of a repository that was kept for this ask; as
    /// [`Store::status_snapshot`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history_snapshot(
        &self,
        repository: &RepositoryName,
        ask: &str,
    ) -> Result<Option<Kept<History>>, Error> {
        self.snapshot(repository, "history", ask, row::read_history)
            .await
    }

    /// Keeps a repository's history; as [`Store::keep_status`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_history(
        &self,
        repository: &RepositoryName,
        ask: &str,
        hint: i64,
        history: &History,
    ) -> Result<(), Error> {
        let body = row::history_text(history)?;
        self.keep(
            [&hints::key(repository), "history", ask],
            hint,
            history.as_of,
            &body,
        )
        .await
    }

    async fn snapshot<T>(
        &self,
        repository: &RepositoryName,
        kind: &str,
        ask: &str,
        read: fn(&str) -> Result<T, Error>,
    ) -> Result<Option<Kept<T>>, Error> {
        let row = self
            .read_first(
                "SELECT s.hint, s.body, COALESCE(h.hint, 0) AS newest FROM snapshots s \
                 LEFT JOIN hints h ON h.repository = s.repository \
                 WHERE s.repository = $1 AND s.kind = $2 AND s.ask = $3",
                Args::new()
                    .text(hints::key(repository))
                    .text(kind)
                    .text(ask),
            )
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let outdated = row.integer("newest")? > row.integer("hint")?;
        match read(&row.text("body")?) {
            Ok(value) => Ok(Some(Kept { value, outdated })),
            Err(error) => {
                tracing::debug!(%repository, kind, %error, "a snapshot cannot be read");
                Ok(None)
            }
        }
    }

    async fn keep(
        &self,
        [repository, kind, ask]: [&str; 3],
        hint: i64,
        read_at: Timestamp,
        body: &str,
    ) -> Result<(), Error> {
        let args = &Args::new()
            .text(repository)
            .text(kind)
            .text(ask)
            .integer(hint)
            .integer(read_at.as_millisecond())
            .text(body);
        self.write(|transaction| {
            Box::pin(async move {
                transaction
                    .execute(
                        "INSERT INTO snapshots (repository, kind, ask, hint, read_at, body) \
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (repository, kind, ask) \
                     DO UPDATE SET hint = excluded.hint, read_at = excluded.read_at, \
                     body = excluded.body WHERE (excluded.hint, excluded.read_at) \
                     >= (snapshots.hint, snapshots.read_at)",
                        args.clone(),
                    )
                    .await?;
                transaction
                    .execute(
                        "DELETE FROM snapshots WHERE (repository, kind, ask) IN \
                     (SELECT repository, kind, ask FROM snapshots \
                     ORDER BY read_at DESC LIMIT $1 OFFSET $2)",
                        Args::new().integer(CHUNK).integer(KEPT),
                    )
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
