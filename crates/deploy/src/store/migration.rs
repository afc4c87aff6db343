//! Brings the journal's tables up to date. A migration that has been released
//! is never edited; its checksum is in the database.

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr as _, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
};

use super::Error;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "journal",
        include_str!("../../migrations/0001_journal.sql"),
    ),
    (
        2,
        "freed slots",
        include_str!("../../migrations/0002_freed_slots.sql"),
    ),
];

/// Applies what has not been applied.
pub(super) async fn run(writer: &SqlitePool) -> Result<(), Error> {
    let migrations = MIGRATIONS
        .iter()
        .map(|&(version, name, sql)| {
            let kind = MigrationType::Simple;
            Migration::new(
                version,
                Cow::Borrowed(name),
                kind,
                sql.into_sql_str(),
                false,
            )
        })
        .collect();
    Migrator::with_migrations(migrations)
        .run(writer)
        .await
        .map_err(Error::Migration)
}
