//! Carries out accepted requests, side by side: facts, gate, run slot,
//! creation. Exactly one deployment is made for each request that the gate lets
//! pass, whatever is lost on the way: when it is not known whether one was
//! made, GitHub is searched for the request's id before another is tried.
//!
//! Requests do not wait for each other: one that GitHub keeps waiting, that the
//! journal cannot read or that panics holds up no other.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt as _;
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    AFTER_FAILURE, Worker, lease_of,
    outcome::too_late,
    patience::{Patience, is_too_late},
    queue::{Next, Queue},
};
use crate::{
    error::{github_sentence, may_pass, panic_message},
    gate::{self, Decision},
    github::{CreateError, Error as GithubError, NewDeployment},
    model::{Decided, NewRequest, Progress, Refusal, Request, RequestId, WaitingReason},
    store::{self, Holder, RunSlot, Slot},
};

/// How many are read from the journal at once.
const PAGE: usize = 200;
/// How often the journal is looked through for requests that were overlooked:
/// the feed tells of each, and it is known until it has gone on.
const OVERLOOKED: Duration = Duration::from_mins(1);

/// What moves the loop.
enum Event {
    /// There is something new in the journal.
    Grown,
    /// One request is done with, for now.
    Done(Result<(RequestId, Next), JoinError>),
    /// Something may have been overlooked.
    Look,
    /// The time of one has come that was put aside.
    Due,
    /// GitHub answers again.
    Back,
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
        let mut queue = Queue::default();
        // Up to where the feed has told of new requests.
        let mut heard = None;
        let mut looks = interval(OVERLOOKED);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let (due, is_away) = (queue.due(), queue.waits_for_github());
            let event = tokio::select! {
                () = self.shutdown.cancelled() => Event::Stop,
                Some(done) = tasks.join_next() => Event::Done(done),
                grown = growth.changed() => {
                    grown.expect("the store that sends is held right here");
                    Event::Grown
                }
                _ = looks.tick() => Event::Look,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Event::Due,
                () = self.github.available(), if is_away => Event::Back,
            };
            let read = match event {
                Event::Grown => self.hear(&mut queue, &mut heard).await,
                Event::Look => self.look_through(&mut queue, &mut heard).await,
                Event::Due => Ok(()),
                Event::Back => {
                    let spread = self.clock.real(self.pace.retry);
                    queue.github_is_back(|| Instant::now() + spread.mul_f64(rand::random()));
                    Ok(())
                }
                Event::Done(Ok((id, next))) => {
                    queue.end(id, next);
                    Ok(())
                }
                // Which request it was is not known any more: it stays under
                // way, so that the next process tries it and not this loop.
                Event::Done(Err(error)) => {
                    tracing::error!(%error, "a request was left");
                    Ok(())
                }
                Event::Stop => break,
            };
            if let Err(error) = read {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "cannot read the journal; trying on"
                );
                growth.mark_changed();
                self.waited(AFTER_FAILURE).await;
            }
            self.begin(&mut queue, &mut tasks);
        }
        while let Some(done) = tasks.join_next().await {
            if let Err(error) = done {
                tracing::error!(%error, "a request was left");
            }
        }
        Ok(())
    }

    /// Begins with what is ready.
    fn begin(&self, queue: &mut Queue, tasks: &mut JoinSet<(RequestId, Next)>) {
        while let Some(id) = queue.begin(Instant::now()) {
            let worker = self.clone();
            tasks.spawn(async move {
                let next = worker.carry_out_alone(&id).await;
                (id, next)
            });
        }
    }

    /// Takes note of the requests of which the feed has told since it was last
    /// heard: of those alone, however many others wait.
    async fn hear(&self, queue: &mut Queue, heard: &mut Option<i64>) -> Result<(), store::Error> {
        let Some(cursor) = heard else {
            return self.look_through(queue, heard).await;
        };
        loop {
            let entries = self.store.entries_after(*cursor, PAGE).await?;
            let is_all = entries.len() < PAGE;
            for entry in entries {
                *cursor = entry.cursor;
                if entry.request.progress.waits() {
                    queue.add(entry.request.asked.id);
                }
            }
            if is_all {
                return Ok(());
            }
        }
    }

    /// Takes note of all requests that wait in the journal.
    async fn look_through(
        &self,
        queue: &mut Queue,
        heard: &mut Option<i64>,
    ) -> Result<(), store::Error> {
        // From before, so that none is missed in between.
        let newest = self.store.newest_cursor().await?;
        let mut page = self.store.waiting(PAGE).await?;
        while let Some(last) = page.last()
            && queue.has_room()
        {
            let next = if page.len() < PAGE {
                Vec::new()
            } else {
                self.store.waiting_after(last, PAGE).await?
            };
            for request in std::mem::replace(&mut page, next) {
                queue.add(request.asked.id);
            }
        }
        *heard = Some(newest.max(heard.unwrap_or_default()));
        Ok(())
    }

    /// Carries a request out if no other process does.
    async fn carry_out_alone(&self, id: &RequestId) -> Next {
        let lease = lease_of(id);
        let beginning = self.beginning().await;
        if self.shutdown.is_cancelled() {
            return Next::Never;
        }
        let is_ours = self.leases.take(&lease).await;
        drop(beginning);
        match is_ours {
            Ok(true) => {
                let next = self.carry_out_or_pause(id).await;
                self.leases.give_back(&lease).await;
                next
            }
            Ok(false) => Next::At(Instant::now() + self.leases.beat()),
            Err(error) => self.pause_after(id, &error),
        }
    }

    /// Carries a request out so that no fault of ours reaches further than this
    /// request. A journal that fails is asked again, but not at once.
    async fn carry_out_or_pause(&self, id: &RequestId) -> Next {
        let carried = AssertUnwindSafe(Box::pin(self.carry_out(id)));
        let ended = match carried.catch_unwind().await {
            // Someone withdrew it, or another process has carried it on.
            Ok(Err(store::Error::OutOfOrder { step, .. })) => {
                tracing::info!(request.id = %id, step, "a request has gone on elsewhere");
                Ok(Next::Never)
            }
            Ok(Err(store::Error::Unreadable(what))) => {
                tracing::error!(request.id = %id, what, "the journal cannot be read");
                self.fail_by_our_fault(id).await.map(|()| Next::Never)
            }
            Ok(ended) => ended,
            Err(panic) => {
                let panic = panic_message(panic.as_ref());
                tracing::error!(request.id = %id, panic, "carrying out a request panicked");
                self.fail_by_our_fault(id).await.map(|()| Next::Never)
            }
        };
        ended.unwrap_or_else(|error| self.pause_after(id, &error))
    }

    fn pause_after(&self, id: &RequestId, error: &store::Error) -> Next {
        tracing::error!(
            request.id = %id,
            error = error as &dyn std::error::Error,
            "cannot go on with a request; it is tried again"
        );
        self.after(AFTER_FAILURE)
    }

    /// When so much time of the clock has passed.
    fn after(&self, span: Duration) -> Next {
        Next::At(Instant::now() + self.clock.real(span))
    }

    /// Carries one request to where its deployment runs or it has ended. When
    /// it returns early because of the shutdown, the journal knows how far it
    /// has come.
    async fn carry_out(&self, id: &RequestId) -> Result<Next, store::Error> {
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

    /// What the requester reads where it is too late to begin.
    async fn too_late(&self, request: &Request) -> Result<Option<String>, store::Error> {
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
            if let Some(wait) = self.stand_in_line(&request).await? {
                if decided.is_none() {
                    return Ok(self.after(wait));
                }
                if !self.waited(wait).await || !self.is_still_ours(id).await? {
                    return Ok(Next::Never);
                }
                continue;
            }
            let error = match self.attempt(&request.asked, &mut decided).await? {
                Attempt::Done => return Ok(Next::Never),
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
        asked: &NewRequest,
        decided: &mut Option<Decided>,
    ) -> Result<Attempt, store::Error> {
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
                self.store.used(&asked.id, self.now()).await?;
                self.runs(asked, decided, deployment).await?;
                Ok(Attempt::Done)
            }
            Err(CreateError::Refused(detail)) => {
                self.store.used(&asked.id, self.now()).await?;
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
