//! Brings the journal's tables up to date. A migration that has been released
//! is never edited; its checksum is in the database.
//!
//! Both databases go through the same versions. All texts but two run on both: a
//! column that counts by itself is written differently, and Postgres has to be
//! taught how to take a list apart (1); and SQLite can't let a column be empty
//! without making its table anew (8).

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr as _,
    migrate::{Migrate, Migration, MigrationType},
};

use super::Error;

/// Where the database remembers which were applied: sqlx's own name for it, as
/// journals of earlier versions have it.
const TABLE: &str = "_sqlx_migrations";

/// A version, its name and its text.
pub(super) type Step = (i64, &'static str, &'static str);

/// What makes the journal in a SQLite file.
pub(super) const SQLITE: &[Step] = &[
    (
        1,
        "journal",
        include_str!("../../migrations/0001_journal.sql"),
    ),
    FREED_SLOTS,
    WAITING,
    SHARED,
    DEPLOYMENTS,
    DEPLOYMENT_SUITES,
    MESSAGES,
    (
        8,
        "feed subjects",
        include_str!("../../migrations/0008_feed_subjects.sql"),
    ),
    CHANNELS_AND_PEOPLE,
    CHANGES,
    EXPECTED_LIVE,
];

/// What makes the journal in a Postgres.
pub(super) const POSTGRES: &[Step] = &[
    (
        1,
        "journal",
        include_str!("../../migrations/0001_journal.postgres.sql"),
    ),
    FREED_SLOTS,
    WAITING,
    SHARED,
    DEPLOYMENTS,
    DEPLOYMENT_SUITES,
    MESSAGES,
    (
        8,
        "feed subjects",
        include_str!("../../migrations/0008_feed_subjects.postgres.sql"),
    ),
    CHANNELS_AND_PEOPLE,
    CHANGES,
    EXPECTED_LIVE,
];

const FREED_SLOTS: Step = (
    2,
    "freed slots",
    include_str!("../../migrations/0002_freed_slots.sql"),
);
const WAITING: Step = (
    3,
    "waiting",
    include_str!("../../migrations/0003_waiting.sql"),
);
const SHARED: Step = (
    4,
    "shared",
    include_str!("../../migrations/0004_shared.sql"),
);
const DEPLOYMENTS: Step = (
    5,
    "deployments",
    include_str!("../../migrations/0005_deployments.sql"),
);
const DEPLOYMENT_SUITES: Step = (
    6,
    "deployment suites",
    include_str!("../../migrations/0006_deployment_suites.sql"),
);
const MESSAGES: Step = (
    7,
    "messages",
    include_str!("../../migrations/0007_messages.sql"),
);
const CHANNELS_AND_PEOPLE: Step = (
    9,
    "channels and people",
    include_str!("../../migrations/0009_channels_and_people.sql"),
);
const CHANGES: Step = (
    10,
    "changes",
    include_str!("../../migrations/0010_changes.sql"),
);
const EXPECTED_LIVE: Step = (
    11,
    "expected live",
    include_str!("../../migrations/0011_expected_live.sql"),
);

/// Applies what has not been applied; the versions of it. On Postgres under an
/// advisory lock, which the end of the connection lets go of at the latest; on
/// SQLite the caller holds the file's lock.
pub(super) async fn run<C: Migrate>(connection: &mut C, steps: &[Step]) -> Result<Vec<i64>, Error> {
    connection.lock().await.map_err(Error::Migration)?;
    let applied = apply(connection, steps).await?;
    connection.unlock().await.map_err(Error::Migration)?;
    Ok(applied)
}

async fn apply<C: Migrate>(connection: &mut C, steps: &[Step]) -> Result<Vec<i64>, Error> {
    let failed = Error::Migration;
    let there = match connection.list_applied_migrations(TABLE).await {
        Ok(there) => there,
        // Only when it is not there: to ask for it needs a right that whoever
        // only serves need not have.
        Err(_) => {
            let made = connection.ensure_migrations_table(TABLE);
            made.await.map_err(failed)?;
            let listed = connection.list_applied_migrations(TABLE);
            listed.await.map_err(failed)?
        }
    };
    let newest = steps
        .iter()
        .map(|&(version, ..)| version)
        .max()
        .unwrap_or(0);
    if let Some(newer) = there.iter().find(|migration| migration.version > newest) {
        return Err(Error::Newer {
            version: newer.version,
            known: newest,
        });
    }
    let mut applied = Vec::new();
    for &(version, name, sql) in steps {
        let kind = MigrationType::Simple;
        let step = Migration::new(
            version,
            Cow::Borrowed(name),
            kind,
            sql.into_sql_str(),
            false,
        );
        match there.iter().find(|migration| migration.version == version) {
            Some(known) if known.checksum == step.checksum => {}
            Some(_) => return Err(Error::Changed { version }),
            None => {
                connection.apply(TABLE, &step).await.map_err(failed)?;
                applied.push(version);
            }
        }
    }
    Ok(applied)
}
