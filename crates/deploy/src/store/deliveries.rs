//! Deliveries of webhooks: each counts once, however often GitHub, or anyone,
//! sends it again.

use std::collections::{BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{
    Error, Store,
    database::Args,
    deployments::{self, Standing, integers, read_number},
    heard,
    hints::{self, News},
    transaction::Transaction,
};
use crate::model::{RepositoryHints, Subject};

/// How long a delivery is remembered, and a check suite of which no run has told
/// since: GitHub sends again what is at most three days old.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(72);
/// How many are forgotten at once.
const CHUNK: i64 = 500;

impl Store {
    /// Remembers deliveries, and gives a hint by those that are new; their ids.
    /// All of it is one transaction. Ids that are too old are forgotten, a few
    /// each time.
    ///
    /// What outdates answers is in [`news`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hinted(
        &self,
        hints: &[RepositoryHints],
        at: Timestamp,
    ) -> Result<HashSet<String>, Error> {
        // In their order, so that two processes do not wait for each other.
        let deliveries = hints.iter().flat_map(|of_one| &of_one.deliveries);
        let ids: BTreeSet<&str> = deliveries.map(|(id, _)| id.as_str()).collect();
        let args = &Args::new().texts(ids).integer(at.as_millisecond());
        let new = self
            .write(|transaction| {
                Box::pin(async move {
                    let rows = transaction
                        .fetch(
                            "INSERT INTO deliveries (id, at) \
                         SELECT value, $2 FROM json_each($1) WHERE true \
                         ON CONFLICT (id) DO NOTHING RETURNING id",
                            args.clone(),
                        )
                        .await?;
                    let new: Result<HashSet<String>, _> =
                        rows.iter().map(|row| row.text("id")).collect();
                    let new = new?;
                    if !new.is_empty() {
                        // Also where it outdates nothing: it wakes who follows.
                        let news = news(transaction, hints, &new, at).await?;
                        hints::raise(transaction, &news).await?;
                    }
                    Ok(new)
                })
            })
            .await?;
        self.forget_deliveries(at).await?;
        Ok(new)
    }

    async fn forget_deliveries(&self, at: Timestamp) -> Result<(), Error> {
        let before = at.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        let args = &Args::new().integer(before.as_millisecond()).integer(CHUNK);
        self.write(|transaction| {
            Box::pin(async move {
                for sql in [
                    "DELETE FROM deliveries WHERE id IN \
                     (SELECT id FROM deliveries WHERE at < $1 ORDER BY at, id LIMIT $2)",
                    "DELETE FROM deployment_suites WHERE id IN \
                     (SELECT id FROM deployment_suites WHERE at < $1 ORDER BY at, id LIMIT $2)",
                ] {
                    transaction.execute(sql, args.clone()).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// What new deliveries mean. One about a deployment that is followed, or of which
/// the journal knows the end, is none: the look that it leads to journals what
/// has changed. One about any other deployment outdates all that was read, and
/// one about commits what was read of those, unless what it tells is how a
/// deployment's own workflow goes.
async fn news(
    transaction: &mut Transaction<'_>,
    hints: &[RepositoryHints],
    new: &HashSet<String>,
    at: Timestamp,
) -> Result<BTreeSet<(News, String)>, Error> {
    let of_new = hints.iter().flat_map(|of_one| {
        let key = hints::key(&of_one.repository);
        let deliveries = of_one.deliveries.iter();
        let deliveries = deliveries.filter(|(id, _)| new.contains(id.as_str()));
        deliveries.map(move |(_, about)| (key.clone(), about))
    });
    let of_new: Vec<(String, &Subject)> = of_new.collect();
    let numbers = of_new.iter().filter_map(|(_, about)| match about {
        Subject::Deployment(Some(id)) => Some(id.number),
        _ => None,
    });
    let known = deployments::known(transaction, numbers).await?;
    let all_are_heard = heard::hear(transaction, hints, new, &known).await?;
    let of_deployments = suites(transaction, &of_new, at).await?;
    let news = of_new.into_iter().filter_map(|(key, about)| match about {
        Subject::DeploymentRun(_) => None,
        Subject::Suite(id) if of_deployments.contains(id) => None,
        Subject::Suite(_) | Subject::Commits => Some((News::Commits, key)),
        Subject::Deployment(id) => {
            let known = id
                .as_ref()
                .and_then(|id| known.get(&(id.number, key.clone())));
            match known {
                Some(Standing::Followed) => None,
                Some(Standing::Ended) if all_are_heard => None,
                _ => Some((News::Deployments, key)),
            }
        }
    });
    Ok(news.collect())
}

/// Remembers the check suites of workflows that carry out deployments, and tells
/// which of those that deliveries are about are such. GitHub tells of a workflow
/// before it tells of its checks; where it does not, a status is read once more.
async fn suites(
    transaction: &mut Transaction<'_>,
    of_new: &[(String, &Subject)],
    at: Timestamp,
) -> Result<HashSet<u64>, Error> {
    let told = |wanted: fn(&Subject) -> Option<u64>| {
        let told: BTreeSet<u64> = of_new
            .iter()
            .filter_map(|(_, about)| wanted(about))
            .collect();
        integers(told.into_iter())
    };
    let runs = told(|about| match about {
        Subject::DeploymentRun(suite) => *suite,
        _ => None,
    });
    transaction
        .execute(
            "INSERT INTO deployment_suites (id, at) \
             SELECT CAST(value AS BIGINT), $2 FROM json_each($1) WHERE true \
             ON CONFLICT (id) DO UPDATE SET at = excluded.at",
            runs.integer(at.as_millisecond()),
        )
        .await?;
    let asked = told(|about| match about {
        Subject::Suite(suite) => Some(*suite),
        _ => None,
    });
    let rows = transaction
        .fetch(
            "SELECT id AS number FROM deployment_suites \
             WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))",
            asked,
        )
        .await?;
    rows.iter().map(read_number).collect()
}
