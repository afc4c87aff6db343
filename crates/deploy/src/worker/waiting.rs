//! What a request says while it waits for GitHub, or for its turn there.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use super::{Worker, lease_of};
use crate::{
    error::until,
    github::Error as GithubError,
    model::{NewRequest, RequestId, Waiting, WaitingReason},
    store::{self, Permit},
};

/// How long GitHub is waited for before it is looked whether waiting still is
/// worth it.
const OUTAGE: Duration = Duration::from_mins(5);
/// How many first retries a message may stand without a word on why it does not
/// go on: some seconds.
const UNNOTICED: u32 = 2;

impl Worker {
    /// Waits for the turn of a request among all whose deployments GitHub is to
    /// make. False when there is nothing more to do for it here.
    pub(super) async fn has_turn(&self, asked: &NewRequest) -> Result<bool, store::Error> {
        let budget = self.github.account_of(&asked.repository);
        loop {
            if !self.is_still_ours(&asked.id).await? {
                self.store.give_back(&asked.id).await?;
                return Ok(false);
            }
            let now = self.now();
            let permit = self
                .store
                .permit(&asked.id, &budget, self.pace.creations, now);
            let (end, ahead) = match permit.await? {
                Permit::Granted => return Ok(true),
                Permit::Wait { until, ahead } => (until, ahead),
            };
            let waiting = Waiting {
                reason: WaitingReason::CreateLimit,
                until: Some(end),
                ahead: Some(ahead),
                detail: String::new(),
            };
            self.say(&asked.id, &waiting, now).await?;
            if !self.waited(until(end, now)).await {
                return Ok(false);
            }
        }
    }

    /// Waits before a request is tried again, and says so where the wait is
    /// long enough to be noticed; `since` is when nothing had to be said yet.
    /// False when it is time to stop.
    pub(super) async fn waits_for(
        &self,
        id: &RequestId,
        waiting: &Waiting,
        wait: Duration,
        since: Timestamp,
    ) -> Result<bool, store::Error> {
        let now = self.now();
        let waited = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        if waited + wait > self.pace.retry * UNNOTICED {
            self.say(id, waiting, now).await?;
        }
        if self.github.unavailable_since().is_none() {
            return Ok(self.waited(wait).await);
        }
        let back = timeout(OUTAGE, self.github.available());
        if self.shutdown.run_until_cancelled(back).await.is_none() {
            return Ok(false);
        }
        // `wait` is jittered: not all that waited come at once.
        Ok(self.waited(wait.min(self.pace.retry)).await)
    }

    /// What a request says after this error, where it waits for that reason
    /// unless GitHub says that its limit is used up.
    pub(super) fn waiting(&self, error: &GithubError, reason: WaitingReason) -> Waiting {
        let (reason, until) = match (error, reason) {
            (GithubError::RateLimited { retry_at }, WaitingReason::GithubUnavailable) => {
                (WaitingReason::RateLimit, Some(*retry_at))
            }
            _ => (reason, None),
        };
        Waiting {
            reason,
            until,
            ahead: None,
            detail: self.github.incident().unwrap_or_default(),
        }
    }

    async fn say(
        &self,
        id: &RequestId,
        waiting: &Waiting,
        at: Timestamp,
    ) -> Result<(), store::Error> {
        if self.store.waits(id, waiting, at).await? {
            tracing::info!(request.id = %id, ?waiting, "a request waits");
        }
        Ok(())
    }

    /// Whether nobody has withdrawn a request, and no other process has it.
    async fn is_still_ours(&self, id: &RequestId) -> Result<bool, store::Error> {
        let request = self.store.request(id).await?;
        Ok(request.is_some_and(|request| request.progress.waits())
            && self.leases.take(&lease_of(id)).await?)
    }
}
