//! Deliveries of webhooks: each counts once, however often GitHub, or anyone,
//! sends it again.

use std::collections::{BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{Error, Store, database::Args, hints};
use crate::model::RepositoryName;

/// How long a delivery is remembered: GitHub sends again what is at most three
/// days old.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(72);
/// How many are forgotten at once.
const CHUNK: i64 = 500;

impl Store {
    /// Remembers deliveries, by their ids, and gives a hint about the
    /// repositories of those that are new; the ids of the new ones. All of it
    /// is one transaction. Ids that are too old are forgotten, a few each time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hinted(
        &self,
        deliveries: &[(String, RepositoryName)],
        at: Timestamp,
    ) -> Result<HashSet<String>, Error> {
        // In their order, so that two processes do not wait for each other.
        let ids: BTreeSet<&str> = deliveries.iter().map(|(id, _)| id.as_str()).collect();
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
                    let hinted = deliveries.iter().filter(|(id, _)| new.contains(id));
                    hints::raise(transaction, hinted.map(|(_, repository)| repository)).await?;
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
