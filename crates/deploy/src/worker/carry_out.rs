//! Carries out accepted requests, some at once: facts, gate, run slot,
//! creation. Exactly one deployment is made for each request that the gate lets
//! pass, whatever is lost on the way: when it is not known whether one was
//! made, GitHub is searched for the request's id before another is tried.

use std::collections::HashSet;

use anyhow::Context as _;
use tokio::task::{JoinError, JoinSet};

use super::{AFTER_FAILURE, Worker, patience::Patience};
use crate::{
    error::github_sentence,
    gate::{self, Decision},
    github::{CreateError, Error as GithubError, NewDeployment},
    model::{Decided, Deployment, NewRequest, Progress, Refusal, Request, RequestId},
    store::{self, RunSlot, Slot},
};

/// How many requests are carried out at once. GitHub allows 100 calls at once;
/// reads need some of them.
const AT_ONCE: usize = 16;
/// How many looks must find nothing before a deployment counts as not made.
/// Waits double between them: GitHub may still be at work on a creation whose
/// answer was lost.
const LOOKS: u32 = 5;

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
    /// It was certainly not made; it may be tried again.
    NotMade(GithubError),
    /// It may have been made.
    PerhapsMade(Box<Decided>, GithubError),
}

/// What looking for a deployment came to.
enum Look {
    /// It is there.
    Found(Box<Deployment>),
    /// It is not there, and will not turn up.
    Nothing,
    /// It could not be told.
    Untold(GithubError),
    /// Time to stop.
    Stopped,
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
                Event::Done(done) => {
                    under_way.remove(&done.context("carrying out a request panicked")?);
                }
                Event::Stop => break,
            }
        }
        while let Some(done) = tasks.join_next().await {
            done.context("carrying out a request panicked")?;
        }
        Ok(())
    }

    /// Starts what waits in the journal, as far as there is room.
    async fn start_waiting(
        &self,
        tasks: &mut JoinSet<RequestId>,
        under_way: &mut HashSet<RequestId>,
    ) -> Result<(), store::Error> {
        if under_way.len() >= AT_ONCE {
            return Ok(());
        }
        // Those under way wait in the journal too.
        let waiting = self.store.waiting(2 * AT_ONCE as u32).await?;
        for request in waiting {
            let id = request.asked.id.clone();
            if under_way.len() < AT_ONCE && under_way.insert(id.clone()) {
                let worker = self.clone();
                tasks.spawn(async move {
                    worker.carry_out_or_pause(request).await;
                    id
                });
            }
        }
        Ok(())
    }

    /// A journal that fails is asked again, but not at once.
    async fn carry_out_or_pause(&self, request: Request) {
        let id = request.asked.id.clone();
        if let Err(error) = self.carry_out(request).await {
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
        let mut patience = Patience::new(request.accepted_at, self.pace);
        let mut decided = None;
        if let Progress::Creating(before) = request.progress {
            // A process before this one may have asked GitHub, or not.
            if self.settle(&request.asked, &before).await? {
                return Ok(());
            }
            decided = Some(before);
        }
        loop {
            let error = match self.attempt(&request.asked, &mut decided).await? {
                Attempt::Done => return Ok(()),
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
                None => return self.give_up(&request.asked, decided, &error).await,
            }
        }
    }

    /// Decides and creates, once. `decided` is what an earlier attempt decided.
    async fn attempt(
        &self,
        asked: &NewRequest,
        decided: &mut Option<Decided>,
    ) -> Result<Attempt, store::Error> {
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
            .take_slot(&asked.id, repository, &ready, self.now())
            .await?
        {
            Slot::Taken(slot) => slot,
            Slot::Occupied(holder) => {
                let deployment = holder.progress.running().cloned().map(Box::new);
                self.refuse(asked, vec![Refusal::AlreadyRunning { deployment }])
                    .await?;
                return Ok(Attempt::Done);
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

    /// Finds out whether the deployment of a request was made. True when there
    /// is nothing more to do here; false when it was not made.
    async fn settle(&self, asked: &NewRequest, decided: &Decided) -> Result<bool, store::Error> {
        // Looking is due however long ago the request was accepted.
        let mut patience = Patience::new(self.now(), self.pace);
        match self.look(asked, decided, &mut patience).await {
            Look::Found(deployment) => {
                self.runs(asked, decided.clone(), *deployment).await?;
                Ok(true)
            }
            Look::Nothing => Ok(false),
            Look::Stopped => Ok(true),
            Look::Untold(error) => {
                let failure = format!(
                    "Whether GitHub made the deployment is not known: look at the history \
                     before you try again. {}",
                    github_sentence(&error)
                );
                self.fail(asked, decided.clone(), failure).await?;
                Ok(true)
            }
        }
    }

    async fn look(&self, asked: &NewRequest, decided: &Decided, patience: &mut Patience) -> Look {
        let mut seen_nothing = 0;
        loop {
            let find = self.github.find(
                &asked.repository,
                &decided.environment,
                &decided.commit.sha,
                &asked.id,
            );
            let wait = match self.shutdown.run_until_cancelled(find).await {
                None => return Look::Stopped,
                Some(Ok(Some(deployment))) => return Look::Found(Box::new(deployment)),
                Some(Ok(None)) => {
                    seen_nothing += 1;
                    if seen_nothing == LOOKS {
                        return Look::Nothing;
                    }
                    self.pace * 2_u32.pow(seen_nothing - 1)
                }
                Some(Err(error)) => match patience.wait(&error, self.now()) {
                    Some(wait) => wait,
                    None => return Look::Untold(error),
                },
            };
            if !self.waited(wait).await {
                return Look::Stopped;
            }
        }
    }

    /// The gate refuses. When what stands in the way is this request's own
    /// deployment, of which an earlier attempt was not told, it is no refusal.
    async fn refused(
        &self,
        asked: &NewRequest,
        decided: Option<Decided>,
        refusals: Vec<Refusal>,
    ) -> Result<(), store::Error> {
        match (decided, own_deployment(&asked.id, &refusals)) {
            (Some(decided), Some(own)) => self.runs(asked, decided, own).await,
            _ => self.refuse(asked, refusals).await,
        }
    }

    async fn give_up(
        &self,
        asked: &NewRequest,
        decided: Option<Decided>,
        error: &GithubError,
    ) -> Result<(), store::Error> {
        let sentence = github_sentence(error);
        match decided {
            Some(decided) => self.fail(asked, decided, sentence).await,
            None => {
                let refusal = Refusal::GithubRefused { detail: sentence };
                self.refuse(asked, vec![refusal]).await
            }
        }
    }

    async fn refuse(&self, asked: &NewRequest, refusals: Vec<Refusal>) -> Result<(), store::Error> {
        tracing::info!(request.id = %asked.id, ?refusals, "refused a request");
        self.store.refuse(&asked.id, refusals, self.now()).await
    }

    async fn fail(
        &self,
        asked: &NewRequest,
        decided: Decided,
        failure: String,
    ) -> Result<(), store::Error> {
        tracing::warn!(request.id = %asked.id, failure, "a request failed");
        let now = self.now();
        self.store
            .fail(&asked.id, decided, None, failure, now)
            .await
    }

    async fn runs(
        &self,
        asked: &NewRequest,
        decided: Decided,
        deployment: Deployment,
    ) -> Result<(), store::Error> {
        tracing::info!(
            request.id = %asked.id,
            repository = %asked.repository,
            environment = %decided.environment,
            commit = %decided.commit.sha,
            deployment.id = deployment.id.number,
            "a deployment was made"
        );
        self.store
            .runs(&asked.id, decided, deployment, self.now())
            .await
    }
}

/// The deployment that stands in the way, if it was made for this request.
fn own_deployment(id: &RequestId, refusals: &[Refusal]) -> Option<Deployment> {
    refusals.iter().find_map(|refusal| match refusal {
        Refusal::AlreadyRunning { deployment } | Refusal::AlreadyLive { deployment } => deployment
            .as_deref()
            .filter(|deployment| deployment.request_id.as_ref() == Some(id))
            .cloned(),
        _ => None,
    })
}
