//! Carries out accepted requests, side by side: facts, gate, run slot,
//! creation. Exactly one deployment is made for each request that the gate lets
//! pass, whatever is lost on the way: when it is not known whether one was
//! made, GitHub is searched for the request's id before another is tried.
//!
//! Requests do not wait for each other: one that GitHub keeps waiting, that the
//! journal cannot read or that panics holds up no other.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
};

use futures::FutureExt as _;
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    AFTER_FAILURE, Worker, lease_of,
    outcome::too_late,
    patience::{Patience, is_too_late},
};
use crate::{
    error::{github_sentence, may_pass, panic_message},
    gate::{self, Decision},
    github::{CreateError, Error as GithubError, NewDeployment},
    model::{Decided, NewRequest, Progress, Refusal, Request, RequestId, WaitingReason},
    store::{self, Holder, RunSlot, Slot},
};

/// How many requests are carried out side by side. Most of them only wait: how
/// many talk to GitHub at once is bounded by [`Worker::turn`].
const SIDE_BY_SIDE: usize = 1_000;
/// How many are started before the journal is read again.
const PAGE: usize = 100;

/// The requests that are dealt with.
#[derive(Default)]
struct Requests {
    under_way: HashSet<RequestId>,
    /// Those that another process carries out, and when to look again whether
    /// it still does.
    elsewhere: HashMap<RequestId, Instant>,
}

/// What moves the loop.
enum Event {
    /// There is something new in the journal.
    Grown,
    /// One request is done with, for now.
    Done(Result<RequestId, JoinError>),
    /// Another process may have died.
    Beat,
    /// Time to stop.
    Stop,
}

/// What an attempt came to.
enum Attempt {
    /// There is nothing more to do here.
    Done,
    /// Another deployment went out while the facts were read: they have to be
    /// read again.
    Stale,
    /// It was certainly not made; it may be tried again.
    NotMade(GithubError),
    /// It may have been made.
    PerhapsMade(Box<Decided>, GithubError),
}

impl Worker {
    /// Carries out requests until the shutdown; then lets those under way come
    /// to where the journal can go on.
    pub(crate) async fn carry_out_requests(self) -> anyhow::Result<()> {
        let mut growth = self.store.growth();
        let mut tasks = JoinSet::new();
        let mut requests = Requests::default();
        let mut beats = interval(self.leases.beat());
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            growth.mark_unchanged();
            if let Err(error) = self.start_waiting(&mut tasks, &mut requests).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "cannot read the journal; trying on"
                );
                self.waited(AFTER_FAILURE).await;
                growth.mark_changed();
            }
            let event = tokio::select! {
                biased;
                () = self.shutdown.cancelled() => Event::Stop,
                Some(done) = tasks.join_next() => Event::Done(done),
                grown = growth.changed() => {
                    grown.expect("the store that sends is held right here");
                    Event::Grown
                }
                _ = beats.tick() => Event::Beat,
            };
            match event {
                Event::Grown | Event::Beat => {}
                Event::Done(Ok(id)) => {
                    requests.under_way.remove(&id);
                }
                // Which request it was is not known any more: it stays under
                // way, so that the next process tries it and not this loop.
                Event::Done(Err(error)) => tracing::error!(%error, "a request was left"),
                Event::Stop => break,
            }
        }
        while let Some(done) = tasks.join_next().await {
            if let Err(error) = done {
                tracing::error!(%error, "a request was left");
            }
        }
        Ok(())
    }

    /// Starts what waits in the journal and is no other process's, as far as
    /// there is room.
    async fn start_waiting(
        &self,
        tasks: &mut JoinSet<RequestId>,
        requests: &mut Requests,
    ) -> Result<(), store::Error> {
        let now = Instant::now();
        requests.elsewhere.retain(|_, again| *again > now);
        while requests.under_way.len() < SIDE_BY_SIDE {
            // Those that are dealt with wait in the journal too, and are passed
            // over.
            let before = requests.under_way.len() + requests.elsewhere.len();
            let waiting = self.store.waiting(before + PAGE).await?;
            for request in waiting {
                if requests.under_way.len() < SIDE_BY_SIDE {
                    self.start(request, tasks, requests).await?;
                }
            }
            if requests.under_way.len() + requests.elsewhere.len() < before + PAGE {
                break;
            }
        }
        Ok(())
    }

    async fn start(
        &self,
        request: Request,
        tasks: &mut JoinSet<RequestId>,
        requests: &mut Requests,
    ) -> Result<(), store::Error> {
        let id = request.asked.id.clone();
        if requests.under_way.contains(&id) || requests.elsewhere.contains_key(&id) {
            return Ok(());
        }
        if !self.leases.take(&lease_of(&id)).await? {
            let again = Instant::now() + self.leases.beat();
            requests.elsewhere.insert(id, again);
            return Ok(());
        }
        requests.under_way.insert(id.clone());
        let worker = self.clone();
        tasks.spawn(async move {
            worker.carry_out_or_pause(&id).await;
            worker.leases.give_back(&lease_of(&id)).await;
            id
        });
        Ok(())
    }

    /// Carries a request out so that no fault of ours reaches further than this
    /// request. A journal that fails is asked again, but not at once.
    async fn carry_out_or_pause(&self, id: &RequestId) {
        let carried = AssertUnwindSafe(Box::pin(self.carry_out(id)));
        let ended = match carried.catch_unwind().await {
            // Someone withdrew it, or another process has carried it on.
            Ok(Err(store::Error::OutOfOrder { step, .. })) => {
                tracing::info!(request.id = %id, step, "a request has gone on elsewhere");
                Ok(())
            }
            Ok(Err(store::Error::Unreadable(what))) => {
                tracing::error!(request.id = %id, what, "the journal cannot be read");
                self.fail_by_our_fault(id).await
            }
            Ok(ended) => ended,
            Err(panic) => {
                let panic = panic_message(panic.as_ref());
                tracing::error!(request.id = %id, panic, "carrying out a request panicked");
                self.fail_by_our_fault(id).await
            }
        };
        if let Err(error) = ended {
            tracing::error!(
                request.id = %id,
                error = &error as &dyn std::error::Error,
                "cannot go on with a request; it is tried again"
            );
            self.waited(AFTER_FAILURE).await;
        }
    }

    /// Carries one request to where its deployment runs or it has ended. When
    /// it returns early because of the shutdown, the journal knows how far it
    /// has come.
    async fn carry_out(&self, id: &RequestId) -> Result<(), store::Error> {
        // As it stands now that the lease is ours: another process may have
        // carried it on since the journal was read.
        let Some(request) = self.store.request(id).await? else {
            return Ok(());
        };
        if !request.progress.waits() {
            return Ok(());
        }
        let too_late_now = is_too_late(&request, self.now());
        let mut patience = Patience::new(request.accepted_at, self.pace.retry);
        let mut decided = None;
        if let Progress::Creating(before) = request.progress {
            // A process before this one may have asked GitHub, or not.
            if self.settle(&request.asked, &before).await? {
                return Ok(());
            }
            decided = Some(before);
        }
        if too_late_now {
            let failure = too_late(request.accepted_at);
            return self.fail(&request.asked.id, decided, failure).await;
        }
        loop {
            if !self.has_turn(&request.asked).await? {
                return Ok(());
            }
            let error = match self.attempt(&request.asked, &mut decided).await? {
                Attempt::Done => return Ok(()),
                // Each time, another request has come to its end.
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
                    if self.settle(&request.asked, &decided).await? {
                        return Ok(());
                    }
                    error
                }
            };
            let Some(wait) = patience.wait(&error, self.now()) else {
                let failure = given_up(&error);
                return self.fail(&request.asked.id, decided, failure).await;
            };
            let waiting = self.waiting(&error, WaitingReason::GithubUnavailable);
            if !self
                .waits_for(id, &waiting, wait, request.accepted_at)
                .await?
            {
                return Ok(());
            }
        }
    }

    /// Decides and creates, once. `decided` is what an earlier attempt decided.
    async fn attempt(
        &self,
        asked: &NewRequest,
        decided: &mut Option<Decided>,
    ) -> Result<Attempt, store::Error> {
        if decided.is_none() && self.is_taken(asked).await? {
            return Ok(Attempt::Done);
        }
        let Some(_turn) = self.turn().await else {
            return Ok(Attempt::Done);
        };
        let read_at = self.store.newest_cursor().await?;
        let reading = self
            .github
            .facts(&asked.repository, &asked.environment, &asked.commit);
        let facts = match self.shutdown.run_until_cancelled(Box::pin(reading)).await {
            None => return Ok(Attempt::Done),
            Some(Err(error)) => return Ok(Attempt::NotMade(error)),
            Some(Ok(facts)) => facts,
        };
        self.adopt_what_runs(&facts).await;
        let ready = match gate::evaluate(&facts) {
            Decision::Ready(ready) => ready,
            Decision::Refused(refusals) => {
                self.refused(asked, decided.take(), refusals).await?;
                self.store.give_back(&asked.id).await?;
                return Ok(Attempt::Done);
            }
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
                self.runs(asked, decided, deployment).await?;
                Ok(Attempt::Done)
            }
            Err(CreateError::Refused(detail)) => {
                self.refuse(asked, vec![Refusal::GithubRefused { detail }])
                    .await?;
                Ok(Attempt::Done)
            }
            Err(CreateError::NotSent(error)) => Ok(Attempt::NotMade(error)),
            Err(CreateError::Unknown(error)) => Ok(Attempt::PerhapsMade(Box::new(decided), error)),
        }
    }
}

/// What the requester reads when trying again is no use any more.
fn given_up(error: &GithubError) -> String {
    let sentence = github_sentence(error);
    if may_pass(error) {
        format!("{sentence} A request waits for at most 12 hours: ask again later.")
    } else {
        sentence
    }
}
