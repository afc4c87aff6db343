//! Snapshots: what GitHub last said of a repository, kept so that it need not
//! be asked again while no hint says that it has changed, and so that there is
//! an answer while it cannot be asked. What the journal has heard of deployments
//! since comes with it.

use jiff::Timestamp;

use super::{Error, Store, database::Args, deployments, hints, row};
use crate::model::{Deployment, History, RepositoryName, RepositoryStatus};

/// How many are kept, those that were read last.
const KEPT: i64 = 5_000;
/// How many of the others go at once.
const CHUNK: i64 = 100;
/// Of how many asks about one repository the answers are told apart.
const ASKS: i64 = 100;

/// An answer of GitHub that was kept. It says itself as of when it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// The answer.
    pub value: T,
    /// Something may have changed since of which the journal does not know what
    /// it is now.
    pub outdated: bool,
    /// What it knows: each deployment that has made a step since, those made
    /// first first. None where that is more than an answer is brought up to date
    /// with, or cannot be read.
    pub since: Option<Vec<Deployment>>,
}

/// What answers are kept of.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Status,
    History,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::History => "history",
        }
    }

    /// Reads a snapshot with the newest hints about its repository.
    const fn select(self) -> &'static str {
        macro_rules! select {
            ($outdating:literal) => {
                concat!(
                    "SELECT s.hint, s.body, COALESCE(h.",
                    $outdating,
                    ", 0) AS outdating, COALESCE(h.journaled, 0) AS journaled FROM snapshots s \
                     LEFT JOIN hints h ON h.repository = s.repository \
                     WHERE s.repository = $1 AND s.kind = $2 AND s.ask = $3"
                )
            };
        }
        match self {
            Self::Status => select!("status"),
            Self::History => select!("history"),
        }
    }
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
        self.snapshot(repository, Kind::Status, ask, row::read_status)
            .await
    }

    /// The newest status of a repository that was kept, and for which ask.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_status(
        &self,
        repository: &RepositoryName,
    ) -> Result<Option<(String, Kept<RepositoryStatus>)>, Error> {
        let sql = "SELECT ask FROM snapshots WHERE repository = $1 AND kind = $2 \
                   ORDER BY read_at DESC, ask LIMIT 1";
        let args = Args::new().text(hints::key(repository));
        let row = self.read_first(sql, args.text(Kind::Status.word())).await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let ask = row.text("ask")?;
        let kept = self.status_snapshot(repository, &ask).await?;
        Ok(kept.map(|kept| (ask, kept)))
    }

    /// For which asks a status of a repository was kept, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn status_asks(&self, repository: &RepositoryName) -> Result<Vec<String>, Error> {
        self.asks(repository, Kind::Status).await
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
            [&hints::key(repository), Kind::Status.word(), ask],
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
        self.snapshot(repository, Kind::History, ask, row::read_history)
            .await
    }

    /// For which asks a history of a repository was kept, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history_asks(&self, repository: &RepositoryName) -> Result<Vec<String>, Error> {
        self.asks(repository, Kind::History).await
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
            [&hints::key(repository), Kind::History.word(), ask],
            hint,
            history.as_of,
            &body,
        )
        .await
    }

    async fn asks(&self, repository: &RepositoryName, kind: Kind) -> Result<Vec<String>, Error> {
        let sql = "SELECT ask FROM snapshots WHERE repository = $1 AND kind = $2 \
                   ORDER BY read_at DESC, ask LIMIT $3";
        let args = Args::new().text(hints::key(repository)).text(kind.word());
        let rows = self.read(sql, args.integer(ASKS)).await?;
        rows.iter().map(|row| Ok(row.text("ask")?)).collect()
    }

    async fn snapshot<T>(
        &self,
        repository: &RepositoryName,
        kind: Kind,
        ask: &str,
        read: fn(&str) -> Result<T, Error>,
    ) -> Result<Option<Kept<T>>, Error> {
        let row = self
            .read_first(
                kind.select(),
                Args::new()
                    .text(hints::key(repository))
                    .text(kind.word())
                    .text(ask),
            )
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let value = match read(&row.text("body")?) {
            Ok(value) => value,
            Err(error) => {
                let kind = kind.word();
                tracing::debug!(%repository, kind, %error, "a snapshot cannot be read");
                return Ok(None);
            }
        };
        let hint = row.integer("hint")?;
        let since = if row.integer("journaled")? > hint {
            deployments::since(self, repository, hint).await?
        } else {
            Some(Vec::new())
        };
        Ok(Some(Kept {
            value,
            outdated: row.integer("outdating")? > hint,
            since,
        }))
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
