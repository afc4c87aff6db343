//! Removes what is old from the journal, once an hour, whichever process does.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::sleep;

use super::Worker;
use crate::store;

/// How long what has ended is kept in the journal.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How often what is older is removed. The lease lasts as long, is not given
/// back, and goes to a new holder each time: that keeps all processes, this one
/// too, from doing it again before.
const PAUSE: Duration = Duration::from_hours(1);
/// What the lease is for.
const PRUNING: &str = "prune";

impl Worker {
    /// Removes what is old until the shutdown, never as the first thing that a
    /// process does. It may be cut off anywhere.
    pub(crate) async fn prune(self) {
        let pruning = async {
            loop {
                sleep(self.pace.prune).await;
                match self.prune_in_turn().await {
                    Ok(None) => {}
                    Ok(Some(rows)) => tracing::info!(rows, "removed what is old from the journal"),
                    Err(error) => tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "cannot remove what is old from the journal; trying again later"
                    ),
                }
            }
        };
        self.shutdown.run_until_cancelled(pruning).await;
    }

    /// How many rows went; none when it is not time yet.
    async fn prune_in_turn(&self) -> Result<Option<u64>, store::Error> {
        let holder = uuid::Uuid::new_v4().to_string();
        let turn = self.store.acquire(PRUNING, &holder, PAUSE).await?;
        if turn.is_none() {
            return Ok(None);
        }
        let now = self.now();
        let before = now.saturating_sub(KEPT).unwrap_or(now);
        Ok(Some(self.store.prune(before).await?))
    }
}
