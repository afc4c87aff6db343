//! Deployments that webhooks told of and that nobody here follows, any more or
//! yet, until they have been looked at.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Error, Store,
    database::{Args, Row},
    deployments::{Standing, integers, number, read_number},
    hints,
    transaction::Transaction,
};
use crate::model::{DeploymentId, RepositoryHints, RepositoryName, Subject};

/// How many are kept. One that comes on top is not looked at; what was read of its
/// repository is outdated, and it is followed when someone asks.
const KEPT: i64 = 1_000;

impl Store {
    /// Deployments that webhooks told of, with their repositories, at most a
    /// thousand.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heard(&self) -> Result<Vec<(RepositoryName, DeploymentId)>, Error> {
        let rows = self
            .read(
                "SELECT number, node, name FROM heard ORDER BY number LIMIT $1",
                Args::new().integer(KEPT),
            )
            .await?;
        let told = rows.iter().map(read);
        Ok(told
            .filter_map(|told| {
                told.inspect_err(|error| tracing::error!(%error, "a row is passed over"))
                    .ok()
            })
            .collect())
    }

    /// These have been looked at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn looked_at(&self, deployments: &[u64]) -> Result<(), Error> {
        if deployments.is_empty() {
            return Ok(());
        }
        let args = &integers(deployments.iter().copied());
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "DELETE FROM heard \
                           WHERE number IN (SELECT CAST(value AS BIGINT) FROM json_each($1))";
                transaction.execute(sql, args.clone()).await?;
                Ok(())
            })
        })
        .await
    }
}

/// Keeps the deployments that new deliveries tell of, but for those that are
/// followed, or were given up; whether there was room for all of them.
pub(super) async fn hear(
    transaction: &mut Transaction<'_>,
    hints: &[RepositoryHints],
    new: &HashSet<String>,
    known: &HashMap<(u64, String), Standing>,
) -> Result<bool, Error> {
    let mut unknown = BTreeMap::new();
    for of_one in hints {
        let key = hints::key(&of_one.repository);
        for (delivery, about) in &of_one.deliveries {
            if let Subject::Deployment(Some(id)) = about
                && new.contains(delivery.as_str())
                && known.get(&(id.number, key.clone())) != Some(&Standing::Followed)
            {
                unknown.insert(id.number, (&id.node, &of_one.repository));
            }
        }
    }
    let kept = transaction
        .fetch_first("SELECT COUNT(*) AS kept FROM heard", Args::new())
        .await?;
    let kept = kept.ok_or(sqlx::Error::RowNotFound)?.integer("kept")?;
    let more = i64::try_from(unknown.len()).unwrap_or(i64::MAX);
    for (at, (node, repository)) in unknown {
        let Ok(at) = number(at) else { continue };
        transaction
            .execute(
                "INSERT INTO heard (number, node, name) SELECT $1, $2, $3 \
                 WHERE (SELECT COUNT(*) FROM heard) < $4 \
                 AND NOT EXISTS (SELECT 1 FROM deployments WHERE number = $1 \
                 AND outcome <> '' AND state IN ('pending', 'running', 'unknown')) \
                 ON CONFLICT (number) DO NOTHING",
                Args::new()
                    .integer(at)
                    .text(node)
                    .text(repository.to_string())
                    .integer(KEPT),
            )
            .await?;
    }
    Ok(kept.saturating_add(more) <= KEPT)
}

fn read(row: &Row) -> Result<(RepositoryName, DeploymentId), Error> {
    let id = DeploymentId {
        number: read_number(row)?,
        node: row.text("node")?,
    };
    Ok((RepositoryName::parse(&row.text("name")?, None)?, id))
}
