//! In which order requests for one environment are judged: that in which they
//! were accepted. Whoever asked last for what is live wants it to stay live: they
//! are not told that it is live already while what was asked for before is still
//! to go out.

use jiff::Timestamp;

use super::{Worker, patience::is_too_late, queue::Next};
use crate::{
    error::until,
    model::{Request, WaitingReason},
    store,
};

impl Worker {
    /// A request for the same environment that is to be judged before this one,
    /// as the journal has it.
    pub(super) async fn goes_before(
        &self,
        request: &Request,
    ) -> Result<Option<Request>, store::Error> {
        let earlier = self.store.earlier(request).await?;
        let now = self.now();
        Ok(earlier
            .into_iter()
            .find(|earlier| is_still_to_come(earlier, now)))
    }

    /// What this request waits for is what that before it waits for, and it says
    /// so; when it is looked at again.
    pub(super) async fn waits_behind(
        &self,
        earlier: &Request,
        request: &Request,
    ) -> Result<Next, store::Error> {
        if let Some(waiting) = &earlier.waiting {
            self.say(request, waiting, self.now()).await?;
        }
        Ok(self.after_earlier(earlier))
    }

    /// When a request is looked at again that waits for an earlier one: not
    /// before that goes on.
    pub(super) fn after_earlier(&self, earlier: &Request) -> Next {
        if self.github.unavailable_since().is_some() {
            return self.when_back();
        }
        let told = earlier.waiting.as_ref().and_then(|waiting| waiting.until);
        let wait = told.map_or(self.pace.retry, |told| until(told, self.now()));
        self.after(wait.max(self.pace.retry))
    }
}

/// Whether an earlier request may still be begun with: one that nobody carries
/// out, and that nobody will, is waited for no longer than anybody would wait for
/// its message.
fn is_still_to_come(earlier: &Request, now: Timestamp) -> bool {
    is_too_late(earlier, earlier.accepted_at, now).is_none()
}

/// Whether a request waits in GitHub's line for new deployments. Who comes after
/// it stands there too, behind it, and is told its place.
pub(super) fn is_in_line(request: &Request) -> bool {
    let waiting = request.waiting.as_ref();
    waiting.is_some_and(|waiting| waiting.reason == WaitingReason::CreateLimit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Waiting, worker::patience::tests::request};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn who_says_nothing_for_ten_minutes_or_waits_for_half_a_day_keeps_nobody() {
        let mut earlier = request(at(0));
        assert!(is_still_to_come(&earlier, at(600)));
        assert!(!is_still_to_come(&earlier, at(601)));
        earlier.waiting = Some(Waiting {
            reason: WaitingReason::GithubUnavailable,
            until: None,
            ahead: None,
            detail: String::new(),
            obstacle: None,
        });
        assert!(!is_in_line(&earlier));
        let half_a_day = 12 * 3_600;
        assert!(is_still_to_come(&earlier, at(half_a_day)));
        assert!(!is_still_to_come(&earlier, at(half_a_day + 1)));
    }
}
