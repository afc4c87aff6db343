//! Hints: that something may have changed in a repository, so that what was
//! read of it before has to be read again, or brought up to date. Each has a
//! number of its own, newer ones higher, and becomes visible in that order.

use std::collections::BTreeSet;

use super::{Error, Store, database::Args, transaction::Transaction};
use crate::model::RepositoryName;

/// What news means for the answers that were kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum News {
    /// Commits or their checks are others: a status is outdated.
    Commits,
    /// Nobody here knows what a deployment has come to: all is outdated.
    Deployments,
    /// The journal has what a deployment has come to: nothing is outdated, but
    /// has to be brought up to date with it.
    Journaled,
}

impl Store {
    /// The newest hint about a repository; 0 when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hint_of(&self, repository: &RepositoryName) -> Result<i64, Error> {
        let sql = "SELECT status, history, journaled FROM hints WHERE repository = $1";
        let row = self
            .read_first(sql, Args::new().text(key(repository)))
            .await?;
        let Some(row) = row else {
            return Ok(0);
        };
        let outdating = row.integer("status")?.max(row.integer("history")?);
        Ok(outdating.max(row.integer("journaled")?))
    }
}

/// Gives a hint, of these news about repositories by their keys; its number.
/// Nothing but a cursor is locked after it.
pub(super) async fn raise(
    transaction: &mut Transaction<'_>,
    news: &BTreeSet<(News, String)>,
) -> Result<i64, Error> {
    let hint = transaction.next_hint().await?;
    for one in [News::Commits, News::Deployments, News::Journaled] {
        let keys = news.iter().filter(|(news, _)| *news == one);
        let keys: Vec<&str> = keys.map(|(_, key)| key.as_str()).collect();
        if keys.is_empty() {
            continue;
        }
        let [status, history, journaled] = match one {
            News::Commits => [hint, 0, 0],
            News::Deployments => [hint, hint, 0],
            News::Journaled => [0, 0, hint],
        };
        transaction
            .execute(
                // WHERE, or SQLite takes ON for the beginning of a join.
                "INSERT INTO hints (repository, status, history, journaled) \
                 SELECT value, $2, $3, $4 FROM json_each($1) WHERE true \
                 ON CONFLICT (repository) DO UPDATE SET \
                 status = CASE WHEN excluded.status > hints.status \
                 THEN excluded.status ELSE hints.status END, \
                 history = CASE WHEN excluded.history > hints.history \
                 THEN excluded.history ELSE hints.history END, \
                 journaled = CASE WHEN excluded.journaled > hints.journaled \
                 THEN excluded.journaled ELSE hints.journaled END",
                Args::new()
                    .texts(keys)
                    .integer(status)
                    .integer(history)
                    .integer(journaled),
            )
            .await?;
    }
    Ok(hint)
}

/// A repository as hints and snapshots name it: GitHub compares names without
/// regard to case.
pub(super) fn key(repository: &RepositoryName) -> String {
    repository.to_string().to_lowercase()
}
