//! What a request says while it waits for GitHub, or for its turn there.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, timeout};

use super::{Worker, lease_of, queue::Next};
use crate::{
    error::obstacle_beside,
    github::Error as GithubError,
    model::{Request, RequestId, Waiting, WaitingReason},
    store::{self, Permit},
};

/// How long GitHub is waited for before it is looked whether waiting still is
/// worth it.
const OUTAGE: Duration = Duration::from_mins(5);
/// How many first retries a message may stand without a word on why it does not
/// go on: some seconds.
const UNNOTICED: u32 = 2;
/// A time that is told and that has moved by less is near enough.
pub(super) const NEAR: SignedDuration = SignedDuration::from_mins(1);

impl Worker {
    /// Asks for the turn of a request among all whose deployments GitHub is to
    /// make: none when it has it, else where it stands and until when, at which
    /// time it has to ask again.
    pub(super) async fn stand_in_line(
        &self,
        request: &Request,
    ) -> Result<Option<Waiting>, store::Error> {
        let _beginning = self.beginning().await;
        let asked = &request.asked;
        let budget = self.github.account_of(&asked.repository);
        let permit = self
            .store
            .permit(&asked.id, &budget, self.pace.creations, self.now());
        Ok(match permit.await? {
            Permit::Granted => None,
            Permit::Wait { until, ahead } => Some(Waiting {
                reason: WaitingReason::CreateLimit,
                until: Some(until),
                ahead: Some(ahead),
                detail: String::new(),
                obstacle: None,
            }),
        })
    }

    /// When to go on with a request that GitHub has certainly not been asked
    /// for, where that may take long: it holds nothing until then.
    pub(super) fn puts_aside(&self, error: &GithubError, wait: Duration) -> Option<Next> {
        if self.github.unavailable_since().is_some() {
            return Some(self.when_back(OUTAGE));
        }
        matches!(error, GithubError::RateLimited { .. }).then(|| self.after(wait))
    }

    /// When GitHub is back, or after so long it is time to look whether waiting
    /// still is worth it, and for the same.
    pub(super) fn when_back(&self, longest: Duration) -> Next {
        Next::Back(Instant::now() + self.clock.real(longest))
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
        if waited + wait > self.pace.retry * UNNOTICED
            && let Some(request) = self.store.request(id).await?
        {
            self.say(&request, waiting, now).await?;
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
            obstacle: obstacle_beside(error, reason),
        }
    }

    /// Says why a request, as it stands in the journal, waits, unless it says so
    /// already.
    pub(super) async fn say(
        &self,
        request: &Request,
        waiting: &Waiting,
        at: Timestamp,
    ) -> Result<(), store::Error> {
        let told = request.waiting.as_ref();
        if told.is_some_and(|told| still_holds(told, waiting, at)) {
            return Ok(());
        }
        let id = &request.asked.id;
        if self.store.waits(id, waiting, at).await? {
            tracing::info!(request.id = %id, ?waiting, "a request waits");
        }
        Ok(())
    }

    /// Whether nobody has withdrawn a request, and no other process has it.
    pub(super) async fn is_still_ours(&self, id: &RequestId) -> Result<bool, store::Error> {
        let request = self.store.request(id).await?;
        Ok(request.is_some_and(|request| request.progress.waits())
            && self.leases.take(&lease_of(id)).await?)
    }
}

/// Whether what a request says is near enough, at a time, to what it would say
/// then: a place in line that moves with each that goes out is no news, nor are
/// some seconds. Once the end of a limit that was told has passed, it is told by
/// the minute, which is what people see of it. Of others that go first it says
/// only that there are some.
fn still_holds(told: &Waiting, now: &Waiting, at: Timestamp) -> bool {
    let is_in_line = now.reason == WaitingReason::CreateLimit;
    let near = match (told.until, now.until) {
        (Some(told), Some(now)) if is_in_line || at < told => told.duration_since(now).abs() < NEAR,
        (Some(told), Some(now)) => minute(told) == minute(now),
        (told, now) => told == now,
    };
    let goes_behind = |waiting: &Waiting| waiting.ahead.is_some_and(|ahead| ahead > 0);
    near && told.reason == now.reason
        && (is_in_line || goes_behind(told) == goes_behind(now))
        && told.detail == now.detail
        // Its times in the words that people read: to the minute.
        && told.explanation() == now.explanation()
}

/// Which minute of all it is in.
fn minute(time: Timestamp) -> i64 {
    time.as_second().div_euclid(60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Obstacle;

    #[test]
    fn a_place_in_line_is_told_anew_when_its_time_has_changed() {
        let waiting = |reason, second: Option<i64>, ahead| Waiting {
            reason,
            until: second.map(|second| Timestamp::from_second(second).unwrap()),
            ahead: Some(ahead),
            detail: String::new(),
            obstacle: None,
        };
        let told = waiting(WaitingReason::CreateLimit, Some(600), 80);
        let now = |second, ahead| waiting(WaitingReason::CreateLimit, second, ahead);
        let still_holds = |told: &Waiting, now: &Waiting| {
            let at = |second| Timestamp::from_second(second).unwrap();
            let [before, after] = [599, 601].map(|second| still_holds(told, now, at(second)));
            assert_eq!(before, after, "that it has passed is no news in line");
            before
        };
        assert!(still_holds(&told, &now(Some(659), 12)));
        assert!(still_holds(&told, &now(Some(541), 80)));
        assert!(!still_holds(&told, &now(Some(660), 80)));
        assert!(!still_holds(&told, &now(None, 80)));
        let limited = waiting(WaitingReason::RateLimit, Some(600), 80);
        assert!(!still_holds(&told, &limited));
        let hindered = Waiting {
            obstacle: Some(Obstacle::AppNotAccepted),
            ..told.clone()
        };
        assert!(!still_holds(&told, &hindered));
    }

    #[test]
    fn a_limit_is_told_anew_when_its_end_has_passed_by_the_minute_or_another_goes_first() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let limited = |second, ahead| Waiting {
            reason: WaitingReason::RateLimit,
            until: Some(at(second)),
            ahead,
            detail: String::new(),
            obstacle: None,
        };
        let told = limited(600, None);
        assert!(still_holds(&told, &limited(600, None), at(600)));
        assert!(still_holds(&told, &limited(625, None), at(599)));
        // Retried second by second: as people see it, nothing has changed.
        assert!(still_holds(&told, &limited(602, None), at(601)));
        assert!(still_holds(&told, &limited(659, None), at(658)));
        assert!(!still_holds(&told, &limited(660, None), at(659)));
        assert!(!still_holds(&told, &limited(600, Some(1)), at(599)));
        assert!(still_holds(&told, &limited(600, Some(0)), at(599)));
        let behind = limited(600, Some(1));
        assert!(still_holds(&behind, &limited(600, Some(2)), at(599)));
        assert!(!still_holds(&behind, &told, at(599)));
    }
}
