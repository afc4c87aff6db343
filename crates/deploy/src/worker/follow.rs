//! Follows running deployments to their end, all of them with one call to
//! GitHub for each hundred, as long as there are any. Only what changed is
//! journalled. One that cannot be journalled holds up no other.

use std::{collections::HashMap, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt as _;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    AFTER_FAILURE, Worker,
    looks::Looks,
    overdue::{Overdue, Stillness, explained},
};
use crate::{
    error::{github_sentence, panic_message, until},
    github::{EndError, Error as GithubError, Priority},
    model::{
        Decided, Deployment, DeploymentId, DeploymentState, Progress, RepositoryName, RequestId,
    },
    store,
};

/// How many are followed in one round. No team runs as many at once.
const IN_A_ROUND: usize = 1_000;
/// And how many of those that others made.
const FOREIGN_IN_A_ROUND: usize = 500;
/// Why one ended that GitHub does not have any more, for people.
pub(super) const GONE: &str = "The deployment is not on GitHub any more: someone deleted it.";
/// What the process holds that follows deployments.
const FOLLOWING: &str = "follow";

/// A deployment that runs, as the journal has it.
struct Running {
    request: RequestId,
    decided: Decided,
    deployment: Deployment,
}

/// What a round came to.
#[derive(Debug, Default)]
struct Round {
    /// GitHub was asked: something runs.
    asked: bool,
    /// How many steps were journalled.
    steps: i64,
}

/// Why a round came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("GitHub")]
    Github(#[from] GithubError),
    #[error("the journal")]
    Store(#[from] store::Error),
    #[error("a fault of our own: it panicked")]
    Panic,
}

impl Worker {
    /// Follows running deployments until the shutdown: every poll interval, and
    /// soon after a hint that something has changed.
    pub(crate) async fn follow_deployments(self) -> anyhow::Result<()> {
        let mut ticks = interval(self.clock.real(self.pace.poll));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut hints = self.store.hints();
        let mut looks = Looks::new(self.clock.instant());
        let mut failing = false;
        let mut stillness = Stillness::default();
        loop {
            tokio::select! {
                biased;
                () = self.shutdown.cancelled() => break,
                _ = ticks.tick() => {}
                () = self.hinted(&mut hints, &mut looks) => {}
            }
            let before = *hints.borrow_and_update();
            let round = unbroken(self.follow_all(&mut stillness));
            let Some(round) = self.shutdown.run_until_cancelled(round).await else {
                break;
            };
            match round {
                Ok(Round { asked, steps }) => {
                    if asked {
                        looks.taken(self.clock.instant());
                    }
                    // What was journalled here outdates answers that were kept,
                    // and is no news to us.
                    if *hints.borrow() == before.saturating_add(steps) {
                        hints.mark_unchanged();
                    }
                    if failing {
                        tracing::info!("following deployments works again");
                    }
                    failing = false;
                }
                Err(error) => {
                    if !failing {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "cannot follow deployments; trying on"
                        );
                    }
                    looks.taken(self.clock.instant());
                    let pause = self.pause(&error);
                    ticks.reset_at(Instant::now() + self.clock.real(pause));
                    failing = true;
                    self.waited(pause).await;
                }
            }
        }
        self.leases.give_back(FOLLOWING).await;
        Ok(())
    }

    /// Waits for a hint, and until it is time to follow it up.
    async fn hinted(&self, hints: &mut watch::Receiver<i64>, looks: &mut Looks) {
        hints
            .changed()
            .await
            .expect("the store that sends is held right here");
        let wait = looks.wait(self.clock.instant(), self.github.hourly_points());
        self.clock.sleep(wait).await;
    }

    /// One round over all that run, unless another process follows them.
    async fn follow_all(&self, stillness: &mut Stillness) -> Result<Round, Error> {
        if !self.leases.take(FOLLOWING).await? {
            return Ok(Round::default());
        }
        let running: Vec<Running> = self
            .store
            .running(IN_A_ROUND)
            .await?
            .into_iter()
            .filter_map(|request| match request.progress {
                Progress::Running(decided, deployment) => Some(Running {
                    request: request.asked.id,
                    decided,
                    deployment,
                }),
                _ => None,
            })
            .collect();
        let foreign = self.store.foreign(FOREIGN_IN_A_ROUND).await?;
        let own = running
            .iter()
            .map(|one| (&one.decided.repository, &one.deployment.id));
        let of_others = foreign
            .iter()
            .map(|one| (&one.repository, &one.deployment.id));
        let all: Vec<(&RepositoryName, &DeploymentId)> = own.chain(of_others).collect();
        stillness.keep(all.iter().map(|&(_, id)| id));
        let ids: Vec<(RepositoryName, DeploymentId)> = all
            .into_iter()
            .map(|(repository, id)| (repository.clone(), id.clone()))
            .collect();
        let mut seen: HashMap<String, Option<Deployment>> = self
            .github
            .at(Priority::Follow)
            .follow(&ids)
            .await?
            .into_iter()
            .map(|(id, deployment)| (id.node, deployment))
            .collect();
        let mut steps = 0;
        for one in &running {
            // GitHub may not have told of it this time.
            let Some(now) = seen.remove(&one.deployment.id.node) else {
                continue;
            };
            let followed = unbroken(self.follow_one(one, now, stillness)).await;
            steps += i64::from(or_passed_over(&one.deployment, followed)?);
        }
        for one in &foreign {
            let Some(now) = seen.remove(&one.deployment.id.node) else {
                continue;
            };
            let followed = unbroken(self.follow_foreign(one, now, stillness)).await;
            steps += i64::from(or_passed_over(&one.deployment, followed)?);
        }
        let asked = !ids.is_empty();
        Ok(Round { asked, steps })
    }

    /// Whether there was something to journal.
    async fn follow_one(
        &self,
        one: &Running,
        now: Option<Deployment>,
        stillness: &mut Stillness,
    ) -> Result<bool, Error> {
        let Some(now) = now else {
            self.vanished(one).await?;
            return Ok(true);
        };
        let still = stillness.of(&now, self.clock.instant());
        match Overdue::of(now.state, still, self.pace.limits) {
            Some(overdue) => Ok(self.end(one, overdue).await?),
            None => Ok(self.journal(one, now).await?),
        }
    }

    /// Ends a deployment, and its request where GitHub does not let us; whether
    /// there was something to journal.
    async fn end(&self, one: &Running, overdue: Overdue) -> Result<bool, store::Error> {
        let Running {
            request,
            decided,
            deployment,
        } = one;
        let Some(failure) = self
            .end_on_github(&decided.repository, deployment, overdue)
            .await
        else {
            return Ok(false);
        };
        let (decided, deployment) = (Some(decided.clone()), Some(deployment.clone()));
        self.store
            .fail(request, decided, deployment, failure, self.now())
            .await?;
        Ok(true)
    }

    /// Ends a deployment on GitHub. What became of it is seen in a later round,
    /// as if anyone had written the status; so nothing is lost or said twice
    /// whichever answer is lost, and until it is seen it is written again. Where
    /// GitHub does not let us: what people are to be told.
    pub(super) async fn end_on_github(
        &self,
        repository: &RepositoryName,
        deployment: &Deployment,
        overdue: Overdue,
    ) -> Option<String> {
        let description = overdue.description();
        tracing::warn!(
            %repository,
            request.id = deployment.request_id.as_ref().map(RequestId::as_str),
            deployment.id = deployment.id.number,
            description,
            "ending a deployment"
        );
        let ended = self
            .github
            .end(
                repository,
                &deployment.id,
                &description,
                &deployment.log_url,
            )
            .await;
        match ended {
            Ok(()) | Err(EndError::Gone) => None,
            Err(EndError::Refused(error)) => Some(format!(
                "{} GitHub does not let deploybot end it. {}",
                explained(&description).unwrap_or(description),
                github_sentence(&error)
            )),
            Err(error @ (EndError::Unknown(_) | EndError::NotSent(_))) => {
                tracing::warn!(
                    %repository,
                    deployment.id = deployment.id.number,
                    error = &error as &dyn std::error::Error,
                    "a deployment may not have been ended; trying on"
                );
                None
            }
        }
    }

    /// Journals what has changed, or that it has ended; whether there was such.
    async fn journal(&self, before: &Running, now: Deployment) -> Result<bool, store::Error> {
        let Running {
            request, decided, ..
        } = before;
        let (decided, at) = (decided.clone(), self.now());
        let (id, state) = (now.id.number, now.state);
        match how_it_failed(&now) {
            None if state == DeploymentState::Succeeded => {
                tracing::info!(request.id = %request, deployment.id = id, "a deployment succeeded");
                self.store.succeed(request, decided, now, at).await?;
            }
            None if changed(&before.deployment, &now) => {
                self.store.runs(request, decided, now, at).await?;
            }
            None => return Ok(false),
            Some(failure) => {
                tracing::info!(request.id = %request, deployment.id = id, "a deployment failed");
                self.store
                    .fail(request, Some(decided), Some(now), failure, at)
                    .await?;
            }
        }
        Ok(true)
    }

    async fn vanished(&self, one: &Running) -> Result<(), store::Error> {
        let id = one.deployment.id.number;
        tracing::warn!(request.id = %one.request, deployment.id = id, "a deployment vanished");
        let failure = GONE.to_owned();
        let (decided, last_seen) = (one.decided.clone(), Some(one.deployment.clone()));
        let now = self.now();
        self.store
            .fail(&one.request, Some(decided), last_seen, failure, now)
            .await
    }

    fn pause(&self, error: &Error) -> Duration {
        match error {
            Error::Github(GithubError::RateLimited { retry_at }) => {
                until(*retry_at, self.now()).max(self.pace.poll)
            }
            Error::Github(_) => self.pace.poll,
            Error::Store(_) | Error::Panic => AFTER_FAILURE.max(self.pace.poll),
        }
    }
}

/// Whether something was journalled of a deployment. One that cannot be followed
/// holds up no other, unless it is the same for all of them.
fn or_passed_over(deployment: &Deployment, followed: Result<bool, Error>) -> Result<bool, Error> {
    match followed {
        Err(Error::Store(store::Error::Database(error))) => {
            Err(store::Error::Database(error).into())
        }
        Err(error) => {
            tracing::error!(
                deployment.id = deployment.id.number,
                request.id = deployment.request_id.as_ref().map(RequestId::as_str),
                error = &error as &dyn std::error::Error,
                "a deployment cannot be followed now; the others are"
            );
            Ok(false)
        }
        Ok(was_journalled) => Ok(was_journalled),
    }
}

/// Turns a panic into an error; the log says what it said.
async fn unbroken<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match AssertUnwindSafe(Box::pin(work)).catch_unwind().await {
        Ok(done) => done,
        Err(panic) => {
            let panic = panic_message(panic.as_ref());
            tracing::error!(panic, "following deployments panicked");
            Err(Error::Panic)
        }
    }
}

/// Whether there is something new to show.
pub(super) fn changed(before: &Deployment, now: &Deployment) -> bool {
    before.state != now.state
        || before.steps != now.steps
        || before.log_url != now.log_url
        || before.environment_url != now.environment_url
}

/// Why a deployment that ended without success did so, for people.
pub(crate) fn how_it_failed(deployment: &Deployment) -> Option<String> {
    match deployment.state {
        DeploymentState::Failed => Some(said_last(deployment).unwrap_or_else(|| {
            "Its workflow ended without success and gave no reason; see its log.".to_owned()
        })),
        DeploymentState::Cancelled => {
            Some("It was cancelled: it became inactive before it succeeded.".to_owned())
        }
        DeploymentState::Pending
        | DeploymentState::Running
        | DeploymentState::Succeeded
        | DeploymentState::Unknown => None,
    }
}

/// What the failing step said. Later ones, such as `inactive`, say nothing of it.
fn said_last(deployment: &Deployment) -> Option<String> {
    let failing = |state: &str| matches!(state, "failure" | "error");
    let step = deployment
        .steps
        .iter()
        .rev()
        .find(|step| failing(&step.state))?;
    let said = step.description.trim();
    (!said.is_empty()).then(|| explained(said).unwrap_or_else(|| said.to_owned()))
}
