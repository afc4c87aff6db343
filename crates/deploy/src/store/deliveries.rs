//! Deliveries of webhooks: each counts once, however often GitHub, or anyone,
//! sends it again.

use std::collections::{BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{
    Error, Store,
    database::Args,
    deployments, heard,
    hints::{self, News},
    transaction::Transaction,
};
use crate::model::{RepositoryHints, Subject};

/// How long a delivery is remembered: GitHub sends again what is at most three
/// days old.
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
                        let news = news(transaction, hints, &new).await?;
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
                let sql = "DELETE FROM deliveries WHERE id IN \
                       (SELECT id FROM deliveries WHERE at < $1 ORDER BY at, id LIMIT $2)";
                transaction.execute(sql, args.clone()).await?;
                Ok(())
            })
        })
        .await
    }
}

/// What new deliveries mean. One about a deployment that is followed is none:
/// the look that it leads to journals what has changed. One about any other
/// deployment outdates all that was read, and one about commits what was read of
/// those.
async fn news(
    transaction: &mut Transaction<'_>,
    hints: &[RepositoryHints],
    new: &HashSet<String>,
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
        Subject::Deployment(None) | Subject::Commits => None,
    });
    let followed = deployments::followed(transaction, numbers).await?;
    heard::hear(transaction, hints, new, &followed).await?;
    let news = of_new.into_iter().filter_map(|(key, about)| match about {
        Subject::Commits => Some((News::Commits, key)),
        Subject::Deployment(Some(id)) if followed.contains(&(id.number, key.clone())) => None,
        Subject::Deployment(_) => Some((News::Deployments, key)),
    });
    Ok(news.collect())
}
