//! Carries one request out: line, facts, gate, run slot, creation. Exactly one
//! deployment is made for each request that the gate lets pass, whatever is lost
//! on the way: when it is not known whether one was made, GitHub is searched for
//! the request's id before another is tried.

use std::time::Duration;

use tokio::time::timeout;

use super::{
    Worker, lease_of,
    order::is_in_line,
    outcome::{given_up, too_late},
    patience::{Patience, is_too_late},
    queue::Next,
};
use crate::{
    error::until,
    gate::{self, Decision},
    github::{CreateError, Error as GithubError, NewDeployment, Priority},
    model::{Decided, Failure, NewRequest, Progress, Refusal, Request, RequestId, WaitingReason},
    store::{self, Holder, RunSlot, Slot},
};

/// How long a request is looked at before it stands in line.
const LOOK: Duration = Duration::from_secs(5);

/// What an attempt came to.
enum Attempt {
    /// There is nothing more to do here.
    Done,
    /// Another deployment went out while the facts were read, or is to go out
    /// first: they have to be read again.
    Stale,
    /// It was certainly not made; it may be tried again.
    NotMade(GithubError),
    /// It may have been made.
    PerhapsMade(Box<Decided>, GithubError),
}

/// What the gate says of a request.
enum Verdict {
    /// It may go out.
    Ready(Box<Decided>),
    /// It was refused, or it is time to stop.
    Done,
    /// Nothing, before those have gone out that were asked for earlier.
    Early,
    /// GitHub does not tell the facts.
    Untold(GithubError),
}

impl Worker {
    /// Carries one request to where its deployment runs or it has ended. When
    /// it returns early because of the shutdown, the journal knows how far it
    /// has come.
    pub(super) async fn carry_out(&self, id: &RequestId) -> Result<Next, store::Error> {
        // As it stands now that the lease is ours: another process may have
        // carried it on since the journal was read.
        let Some(request) = self.store.request(id).await? else {
            return Ok(Next::Never);
        };
        if !request.progress.waits() {
            return Ok(Next::Never);
        }
        let too_late_now = self.too_late(&request).await?;
        let mut decided = None;
        if let Progress::Creating(before) = &request.progress {
            // A process before this one may have asked GitHub, or not.
            if self.settle(&request.asked, before).await? {
                return Ok(Next::Never);
            }
            decided = Some(before.clone());
        }
        if let Some(failure) = too_late_now {
            self.fail(id, decided, failure).await?;
            return Ok(Next::Never);
        }
        self.try_on(request, decided).await
    }

    /// Why the request ends where it is too late to begin.
    async fn too_late(&self, request: &Request) -> Result<Option<Failure>, store::Error> {
        let now = self.now();
        // What is young need not be asked for when it was last told.
        if is_too_late(request, request.accepted_at, now).is_none() {
            return Ok(None);
        }
        let told_at = self.store.told_at(request).await?;
        let why = is_too_late(request, told_at, now);
        Ok(why.map(|why| too_late(why, request, told_at)))
    }

    /// Tries until its deployment runs, it has ended, or it has to wait for
    /// something that nothing need be held for.
    async fn try_on(
        &self,
        request: Request,
        mut decided: Option<Decided>,
    ) -> Result<Next, store::Error> {
        let id = &request.asked.id;
        let mut patience = Patience::new(request.accepted_at, self.pace.retry);
        loop {
            // Before it stands in line: there it would hear of it late.
            if decided.is_none() && self.is_taken(&request.asked).await? {
                return Ok(Next::Never);
            }
            let before = match &decided {
                None => self.go_before(&request).await?,
                Some(_) => Vec::new(),
            };
            let now = self.now();
            if before.first().is_some_and(|first| !is_in_line(first, now)) {
                return self.waits_behind(&before, &request).await;
            }
            if let Some(waiting) = self.stand_in_line(&request).await? {
                let is_new_there = decided.is_none() && request.waiting.is_none();
                if is_new_there && self.is_refused_already(&request).await? {
                    return Ok(Next::Never);
                }
                let now = self.now();
                self.say(&request, &waiting, now).await?;
                let wait = waiting
                    .until
                    .map_or(self.pace.retry, |turn| until(turn, now));
                if decided.is_none() {
                    return Ok(self.after(wait));
                }
                if !self.waited(wait).await || !self.is_still_ours(id).await? {
                    return Ok(Next::Never);
                }
                continue;
            }
            if !before.is_empty() {
                return self.waits_behind(&before, &request).await;
            }
            let error = match self.attempt(&request, &mut decided).await? {
                Attempt::Done => return Ok(Next::Never),
                // Each time, another request has come to its end, or is waited for.
                Attempt::Stale => continue,
                Attempt::NotMade(error) => {
                    self.store.give_back(id).await?;
                    error
                }
                Attempt::PerhapsMade(decided, error) => {
                    tracing::warn!(
                        request.id = %request.asked.id,
                        error = &error as &dyn std::error::Error,
                        "GitHub's answer to the creation was lost; looking for the deployment"
                    );
                    self.store.used(id, self.now()).await?;
                    if self.settle(&request.asked, &decided).await? {
                        return Ok(Next::Never);
                    }
                    error
                }
            };
            let Some(wait) = patience.wait(&error, self.now()) else {
                self.fail(id, decided, given_up(&error)).await?;
                return Ok(Next::Never);
            };
            let waiting = self.waiting(&error, WaitingReason::GithubUnavailable);
            // What GitHub was not asked for begins anew when it is time.
            if decided.is_none()
                && let Some(next) = self.puts_aside(&error, wait)
            {
                self.say(&request, &waiting, self.now()).await?;
                return Ok(next);
            }
            if !self
                .waits_for(id, &waiting, wait, request.accepted_at)
                .await?
                || !self.is_still_ours(id).await?
            {
                return Ok(Next::Never);
            }
        }
    }

    /// Decides and creates, once. `decided` is what an earlier attempt decided.
    async fn attempt(
        &self,
        request: &Request,
        decided: &mut Option<Decided>,
    ) -> Result<Attempt, store::Error> {
        let asked = &request.asked;
        let Some(_turn) = self.turn().await else {
            return Ok(Attempt::Done);
        };
        let read_at = self.store.newest_cursor().await?;
        let ready = match self.decide(request, decided).await? {
            Verdict::Ready(ready) => *ready,
            Verdict::Done => return Ok(Attempt::Done),
            Verdict::Early => return Ok(Attempt::Stale),
            Verdict::Untold(error) => return Ok(Attempt::NotMade(error)),
        };
        let slot = match self
            .store
            .take_slot(&asked.id, &ready, read_at, self.now())
            .await?
        {
            Slot::Taken(slot) => slot,
            Slot::Occupied(holder) => {
                let refusal = Refusal::of_slot_holder(holder.request());
                self.refuse(asked, vec![refusal]).await?;
                self.store.give_back(&asked.id).await?;
                return Ok(Attempt::Done);
            }
            Slot::Stale => {
                tracing::info!(request.id = %asked.id, "the facts are stale; reading them again");
                return Ok(Attempt::Stale);
            }
        };
        *decided = Some(ready.clone());
        self.create(&slot, asked, ready).await
    }

    /// Reads the facts, and ends a request that the gate refuses.
    async fn decide(
        &self,
        request: &Request,
        decided: &mut Option<Decided>,
    ) -> Result<Verdict, store::Error> {
        let asked = &request.asked;
        let reading = self
            .github
            .facts(&asked.repository, &asked.environment, &asked.commit);
        let facts = match self.shutdown.run_until_cancelled(Box::pin(reading)).await {
            None => return Ok(Verdict::Done),
            Some(Err(error)) => return Ok(Verdict::Untold(error)),
            Some(Ok(facts)) => facts,
        };
        // First who follows it: what is adopted is told at once.
        self.keep_channels(&asked.repository, &facts).await;
        self.adopt_what_runs(&facts).await;
        if let Some(there) = facts.repository().and_then(|it| it.environment.as_ref()) {
            self.spell(asked, &there.name).await?;
        }
        match gate::evaluate(&facts, asked.expected_live.as_ref()) {
            Decision::Ready(ready) => Ok(Verdict::Ready(Box::new(ready))),
            Decision::Refused(refusals) => {
                let refusals = match decided {
                    None => self.that_hold(request, &facts, refusals).await?,
                    Some(_) => refusals,
                };
                if refusals.is_empty() {
                    return Ok(Verdict::Early);
                }
                self.refused(asked, decided.take(), refusals).await?;
                self.store.give_back(&asked.id).await?;
                Ok(Verdict::Done)
            }
        }
    }

    /// Whether the gate refuses a request that has to wait for its turn: who
    /// mistyped a commit hears of it now. What passes is decided anew when its
    /// turn has come, and what GitHub does not tell now is told then. GitHub is
    /// not asked where the status that people saw last speaks for it.
    async fn is_refused_already(&self, request: &Request) -> Result<bool, store::Error> {
        let asked = &request.asked;
        if let Some((_, kept)) = self.store.newest_status(&asked.repository).await? {
            let since = kept.since.as_ref();
            let status = since.and_then(|since| kept.value.with(since));
            let speaks_for =
                |status| gate::speaks_for(status, kept.outdated, &asked.environment, &asked.commit);
            if status.as_ref().is_some_and(speaks_for) {
                return Ok(false);
            }
        }
        let looker = Self {
            // Deploys whose turn has come need what GitHub allows more.
            github: self.github.at(Priority::Read),
            ..self.clone()
        };
        let look = async {
            let Some(_turn) = looker.turn().await else {
                return Ok(true);
            };
            let verdict = looker.decide(request, &mut None).await?;
            Ok(matches!(verdict, Verdict::Done))
        };
        // Whoever waits is told so soon, whatever GitHub does.
        let long = self.clock.real(LOOK);
        timeout(long, look).await.unwrap_or(Ok(false))
    }

    /// Refuses a request for an environment in which the journal knows another
    /// one going out: GitHub need not be asked for that. Only where it is named
    /// as GitHub spells it; what else it may be called is told by the facts.
    async fn is_taken(&self, asked: &NewRequest) -> Result<bool, store::Error> {
        let holder = self
            .store
            .slot_holder(&asked.repository, &asked.environment)
            .await?;
        let Some(holder) = holder.map(Holder::request) else {
            return Ok(false);
        };
        if holder
            .as_ref()
            .is_some_and(|holder| holder.asked.id == asked.id)
        {
            return Ok(false);
        }
        let refusal = Refusal::of_slot_holder(holder);
        self.refuse(asked, vec![refusal]).await?;
        self.store.give_back(&asked.id).await?;
        Ok(true)
    }

    /// Asks GitHub for the deployment, which only who holds the slot may do.
    async fn create(
        &self,
        slot: &RunSlot,
        asked: &NewRequest,
        decided: Decided,
    ) -> Result<Attempt, store::Error> {
        debug_assert_eq!(slot.request(), &asked.id);
        let lease = lease_of(&asked.id);
        if !self.leases.extend(&lease, self.pace.asking).await? {
            tracing::warn!(request.id = %asked.id, "another process carries a request out");
            return Ok(Attempt::Done);
        }
        match self
            .github
            .create(&NewDeployment::of(asked, &decided))
            .await
        {
            Ok(deployment) => {
                self.store.used(&asked.id, self.now()).await?;
                self.runs(asked, decided, deployment).await?;
                Ok(Attempt::Done)
            }
            Err(CreateError::Refused(objection)) => {
                self.store.used(&asked.id, self.now()).await?;
                self.refuse(asked, vec![Refusal::GithubRefused(objection)])
                    .await?;
                Ok(Attempt::Done)
            }
            Err(CreateError::NotSent(error)) => Ok(Attempt::NotMade(error)),
            Err(CreateError::Unknown(error)) => Ok(Attempt::PerhapsMade(Box::new(decided), error)),
        }
    }
}
