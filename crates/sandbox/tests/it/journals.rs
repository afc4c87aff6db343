//! What a journal may be kept in: a file, or a Postgres.

use deploy::store::Database;
use sandbox::Options;
use tempfile::{TempDir, tempdir};

use crate::program::journal;

/// Makes two tests of each scenario, one on either database; the name of the
/// test says which.
macro_rules! on_both {
    ($($scenario:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario($crate::journals::Journal::in_a_file()).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario($crate::journals::Journal::in_a_postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both;

/// These options, with deploy's journal kept there.
pub(crate) fn on(journal: &Journal, options: Options) -> Options {
    Options {
        journal: Some(journal.database()),
        ..options
    }
}

/// Where a journal is kept; it is removed when this is dropped.
pub(crate) enum Journal {
    /// In a file of this folder, as without any setting.
    File(TempDir),
    /// In a database of its own on the tests' server.
    Postgres(test_postgres::Database),
}

impl Journal {
    pub(crate) fn in_a_file() -> Self {
        Self::File(tempdir().unwrap())
    }

    pub(crate) async fn in_a_postgres() -> Self {
        Self::Postgres(test_postgres::Database::create().await.unwrap())
    }

    /// An empty one, kept in the same way.
    pub(crate) async fn another(&self) -> Self {
        match self {
            Self::File(_) => Self::in_a_file(),
            Self::Postgres(_) => Self::in_a_postgres().await,
        }
    }

    /// As the services open it in this process.
    pub(crate) fn database(&self) -> Database {
        match self {
            Self::File(folder) => Database::Sqlite(journal(folder.path())),
            Self::Postgres(server) => Database::Postgres(server.url().into()),
        }
    }

    /// As a setting names it.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::File(folder) => format!("sqlite:{}", journal(folder.path()).display()),
            Self::Postgres(server) => server.url().to_owned(),
        }
    }

    /// Takes from a process that was killed what it did alone, as time does: in a
    /// file nothing outlives the process, in a Postgres up to 45 seconds.
    pub(crate) async fn forget_the_dead(&self) {
        if let Self::Postgres(server) = self {
            server.run("DELETE FROM leases").await.unwrap();
        }
    }
}
