//! In which order requests for one environment are judged: that in which they
//! were accepted. Whoever asked last for what is live wants it to stay live: they
//! are not told that it is live already while what was asked for before is still
//! to go out.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    Worker,
    patience::{is_too_late, later},
    queue::Next,
    waiting::NEAR,
};
use crate::{
    error::until,
    gate::Facts,
    model::{Progress, Refusal, Request, Waiting, WaitingReason},
    store::{self, Holder},
};

/// How long after its wait is over a request is given its turn. One that waits on
/// waits for something of its own, which is no reason for others to wait.
const TURN: SignedDuration = SignedDuration::from_mins(1);
/// What share of a retry the first look takes after a request that is under way.
const SOON: u32 = 8;
/// How long at most a request says that another goes first after that has been
/// withdrawn. A look costs GitHub nothing while the other is there.
const HEARD: Duration = Duration::from_mins(1);

impl Worker {
    /// The requests for the same environment that are to be judged before this
    /// one, those first that wait for a decision, oldest first: a few where they
    /// are many.
    pub(super) async fn go_before(&self, request: &Request) -> Result<Vec<Request>, store::Error> {
        let mut earlier = self.store.earlier(request).await?;
        let (back_at, now) = (self.github.back_at(), self.now());
        earlier.retain(|earlier| is_waited_for(earlier, back_at, now));
        Ok(earlier)
    }

    /// Lets a request wait for those before it, which holds nothing meanwhile, and
    /// says so where it waits for the same as they do; when it is looked at again.
    pub(super) async fn waits_behind(
        &self,
        before: &[Request],
        request: &Request,
    ) -> Result<Next, store::Error> {
        let now = self.now();
        let ahead = Some(u32::try_from(before.len()).unwrap_or(u32::MAX));
        self.store.give_back(&request.asked.id).await?;
        if self.github.unavailable_since().is_some() {
            let waiting = Waiting {
                reason: WaitingReason::GithubUnavailable,
                until: None,
                ahead,
                detail: self.github.incident().unwrap_or_default(),
                obstacle: None,
            };
            self.say(request, &waiting, now).await?;
            return Ok(self.when_back(HEARD));
        }
        let look = look_again(before, request, self.pace.retry, now);
        let Some((waiting, over_at)) = before.iter().find_map(|one| limited(one, now)) else {
            return Ok(self.after(look));
        };
        let waiting = Waiting {
            ahead,
            ..waiting.clone()
        };
        self.say(request, &waiting, now).await?;
        Ok(self.after(until(over_at, now).min(HEARD).max(look)))
    }

    /// What holds of these refusals whatever becomes of those who asked before:
    /// what is live is no reason while another is about to change it.
    pub(super) async fn that_hold(
        &self,
        request: &Request,
        facts: &Facts,
        mut refusals: Vec<Refusal>,
    ) -> Result<Vec<Refusal>, store::Error> {
        let may_hold = |refusal: &Refusal| !matches!(refusal, Refusal::AlreadyLive { .. });
        if refusals.iter().all(may_hold) {
            return Ok(refusals);
        }
        if let Some(first) = self.is_being_made(facts).await? {
            refusals.retain(may_hold);
            refusals.push(Refusal::of_slot_holder(Some(first)));
        } else if !self.go_before(request).await?.is_empty() {
            refusals.retain(may_hold);
        }
        Ok(refusals)
    }

    /// The request that holds the run slot of an environment, as GitHub spells it,
    /// and of whose deployment GitHub may know nothing yet. It may have been asked
    /// for by another name.
    async fn is_being_made(&self, facts: &Facts) -> Result<Option<Request>, store::Error> {
        let Some((facts, there)) = facts
            .repository()
            .and_then(|facts| Some((facts, facts.environment.as_ref()?)))
        else {
            return Ok(None);
        };
        let holder = self.store.slot_holder(&facts.repository, &there.name);
        let holder = holder.await?.and_then(Holder::request);
        Ok(holder.filter(|holder| matches!(holder.progress, Progress::Creating(_))))
    }
}

/// Whether an earlier request is waited for: it may still go out, and what it
/// waits for others wait for too, or it is about to have its turn. GitHub has not
/// been away since `back_at`; none while it is.
fn is_waited_for(earlier: &Request, back_at: Option<Timestamp>, now: Timestamp) -> bool {
    let over_at = match (&earlier.progress, &earlier.waiting) {
        // GitHub is asked for its deployment, which is over soon.
        (Progress::Creating(_), None) => return true,
        // That may last for hours; its run slot keeps others.
        (Progress::Creating(_), Some(_)) => return false,
        (_, None) => None,
        (_, Some(waiting)) => match waiting.reason {
            WaitingReason::GithubUnavailable => back_at,
            // It may be over so much later than was told.
            WaitingReason::RateLimit | WaitingReason::CreateLimit => {
                waiting.until.map(|told| later(told, NEAR))
            }
            WaitingReason::AnswerLost => return false,
        },
    };
    // What nobody carries out is waited for no longer than anybody would wait for
    // its message.
    is_too_late(earlier, earlier.accepted_at, now).is_none()
        && over_at.is_none_or(|over_at| now < later(over_at, TURN))
}

/// Whether a request waits in GitHub's line for new deployments. Who comes after
/// it stands there too, behind it, and is told its place.
pub(super) fn is_in_line(request: &Request, now: Timestamp) -> bool {
    let waiting = request.waiting.as_ref();
    waiting.is_some_and(|waiting| {
        waiting.reason == WaitingReason::CreateLimit && waiting.until.is_some_and(|turn| turn > now)
    })
}

/// What a request says of GitHub's limit for calls, which holds for all, and when
/// that is over.
fn limited(earlier: &Request, now: Timestamp) -> Option<(&Waiting, Timestamp)> {
    let waiting = earlier.waiting.as_ref()?;
    let over_at = waiting.until.filter(|over_at| *over_at > now)?;
    (waiting.reason == WaitingReason::RateLimit).then_some((waiting, over_at))
}

/// How long after this look the next one is: soon where one is under way, and less
/// and less so; where there are many each takes its time.
fn look_again(before: &[Request], request: &Request, retry: Duration, now: Timestamp) -> Duration {
    match before {
        [one] if one.waiting.is_none() => {
            let waited = now.duration_since(request.accepted_at);
            let waited = Duration::try_from(waited).unwrap_or_default();
            waited.clamp(retry / SOON, retry)
        }
        before => retry * u32::try_from(before.len()).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests;
