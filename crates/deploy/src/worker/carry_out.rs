//! Carries out accepted requests, side by side: facts, gate, run slot,
//! creation. Exactly one deployment is made for each request that the gate lets
//! pass, whatever is lost on the way: when it is not known whether one was
//! made, GitHub is searched for the request's id before another is tried.
//!
//! Requests do not wait for each other: one that GitHub keeps waiting, that the
//! journal cannot read or that panics holds up no other.

use std::{collections::HashSet, panic::AssertUnwindSafe};

use futures::FutureExt as _;
use tokio::task::{JoinError, JoinSet};

use super::{AFTER_FAILURE, Worker, outcome::too_late, patience::Patience};
use crate::{
    error::{github_sentence, may_pass, panic_message},
    gate::{self, Decision},
    github::{CreateError, Error as GithubError, NewDeployment},
    model::{Decided, NewRequest, Progress, Refusal, Request, RequestId},
    store::{self, RunSlot, Slot},
};

/// How many requests are carried out side by side. Most of them only wait: how
/// many talk to GitHub at once is bounded by [`Worker::turn`].
const SIDE_BY_SIDE: usize = 1_000;
/// How many are started before the journal is read again.
const PAGE: usize = 100;

/// What moves the loop.
enum Event {
    /// There is something new in the journal.
    Grown,
    /// One request is done with, for now.
    Done(Result<RequestId, JoinError>),
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
        let mut under_way = HashSet::new();
        loop {
            growth.mark_unchanged();
            if let Err(error) = self.start_waiting(&mut tasks, &mut under_way).await {
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
            };
            match event {
                Event::Grown => {}
                Event::Done(Ok(id)) => {
                    under_way.remove(&id);
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

    /// Starts what waits in the journal, as far as there is room.
    async fn start_waiting(
        &self,
        tasks: &mut JoinSet<RequestId>,
        under_way: &mut HashSet<RequestId>,
    ) -> Result<(), store::Error> {
        while under_way.len() < SIDE_BY_SIDE {
            // Those under way wait in the journal too, and are passed over.
            let waiting = self.store.waiting(under_way.len() + PAGE).await?;
            let before = under_way.len();
            for request in waiting {
                let id = request.asked.id.clone();
                if under_way.len() < SIDE_BY_SIDE && under_way.insert(id.clone()) {
                    let worker = self.clone();
                    tasks.spawn(async move {
                        worker.carry_out_or_pause(request).await;
                        id
                    });
                }
            }
            if under_way.len() < before + PAGE {
                break;
            }
        }
        Ok(())
    }

    /// Carries a request out so that no fault of ours reaches further than this
    /// request. A journal that fails is asked again, but not at once.
    async fn carry_out_or_pause(&self, request: Request) {
        let id = request.asked.id.clone();
        let carried = AssertUnwindSafe(Box::pin(self.carry_out(request)));
        let ended = match carried.catch_unwind().await {
            Ok(Err(store::Error::Unreadable(what))) => {
                tracing::error!(request.id = %id, what, "the journal cannot be read");
                self.fail_by_our_fault(&id).await
            }
            Ok(ended) => ended,
            Err(panic) => {
                let panic = panic_message(panic.as_ref());
                tracing::error!(request.id = %id, panic, "carrying out a request panicked");
                self.fail_by_our_fault(&id).await
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
    async fn carry_out(&self, request: Request) -> Result<(), store::Error> {
        let mut patience = Patience::new(request.accepted_at, self.pace.retry);
        let mut decided = None;
        if let Progress::Creating(before) = request.progress {
            // A process before this one may have asked GitHub, or not.
            if self.settle(&request.asked, &before).await? {
                return Ok(());
            }
            decided = Some(before);
        }
        if patience.is_over(self.now()) {
            let failure = too_late(request.accepted_at);
            return self.fail(&request.asked.id, decided, failure).await;
        }
        loop {
            let error = match self.attempt(&request.asked, &mut decided).await? {
                Attempt::Done => return Ok(()),
                // Each time, another request has come to its end.
                Attempt::Stale => continue,
                Attempt::NotMade(error) => error,
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
            match patience.wait(&error, self.now()) {
                Some(wait) if self.waited(wait).await => {}
                Some(_) => return Ok(()),
                None => {
                    let failure = given_up(&error);
                    return self.fail(&request.asked.id, decided, failure).await;
                }
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
        let read_at = self.store.newest_cursor();
        let reading = self
            .github
            .facts(&asked.repository, &asked.environment, &asked.commit);
        let facts = match self.shutdown.run_until_cancelled(Box::pin(reading)).await {
            None => return Ok(Attempt::Done),
            Some(Err(error)) => return Ok(Attempt::NotMade(error)),
            Some(Ok(facts)) => facts,
        };
        let ready = match gate::evaluate(&facts) {
            Decision::Ready(ready) => ready,
            Decision::Refused(refusals) => {
                self.refused(asked, decided.take(), refusals).await?;
                return Ok(Attempt::Done);
            }
        };
        // A repository that was renamed has two names, but one slot, and takes
        // deployments by its new one only.
        let repository = facts
            .repository()
            .map_or(&asked.repository, |known| &known.repository);
        let slot = match self
            .store
            .take_slot(&asked.id, repository, &ready, read_at, self.now())
            .await?
        {
            Slot::Taken(slot) => slot,
            Slot::Occupied(holder) => {
                let refusal = Refusal::of_slot_holder(*holder);
                self.refuse(asked, vec![refusal]).await?;
                return Ok(Attempt::Done);
            }
            Slot::Stale => {
                tracing::info!(request.id = %asked.id, "the facts are stale; reading them again");
                return Ok(Attempt::Stale);
            }
        };
        *decided = Some(ready.clone());
        let mut new = NewDeployment::of(asked, &ready);
        new.repository = repository.clone();
        self.create(&slot, asked, new, ready).await
    }

    /// Asks GitHub for the deployment, which only who holds the slot may do.
    async fn create(
        &self,
        slot: &RunSlot,
        asked: &NewRequest,
        new: NewDeployment,
        decided: Decided,
    ) -> Result<Attempt, store::Error> {
        debug_assert_eq!(slot.request(), &asked.id);
        match self.github.create(&new).await {
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
        format!("{sentence} A request waits for at most 10 minutes: ask again later.")
    } else {
        sentence
    }
}
