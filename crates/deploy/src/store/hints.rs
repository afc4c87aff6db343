//! Hints: that something may have changed in a repository, so that what was
//! read of it before has to be read again. Each has a number of its own, newer
//! ones higher, and becomes visible in that order.

use std::collections::BTreeSet;

use super::{Error, Store, database::Args, transaction::Transaction};
use crate::model::RepositoryName;

impl Store {
    /// The newest hint about a repository; 0 when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hint_of(&self, repository: &RepositoryName) -> Result<i64, Error> {
        let sql = "SELECT hint FROM hints WHERE repository = $1";
        let row = self
            .read_first(sql, Args::new().text(key(repository)))
            .await?;
        Ok(row.map_or(Ok(0), |row| row.integer("hint"))?)
    }
}

/// Gives a hint about repositories. Nothing but a cursor is locked after it.
pub(super) async fn raise<'a>(
    transaction: &mut Transaction<'_>,
    repositories: impl IntoIterator<Item = &'a RepositoryName>,
) -> Result<(), Error> {
    let names: BTreeSet<String> = repositories.into_iter().map(key).collect();
    if names.is_empty() {
        return Ok(());
    }
    let hint = transaction.next_hint().await?;
    transaction
        .execute(
            // WHERE, or SQLite takes ON for the beginning of a join.
            "INSERT INTO hints (repository, hint) SELECT value, $2 FROM json_each($1) WHERE true \
             ON CONFLICT (repository) DO UPDATE SET hint = excluded.hint",
            Args::new()
                .texts(names.iter().map(String::as_str))
                .integer(hint),
        )
        .await?;
    Ok(())
}

/// A repository as hints and snapshots name it: GitHub compares names without
/// regard to case.
pub(super) fn key(repository: &RepositoryName) -> String {
    repository.to_string().to_lowercase()
}
