//! Follows running deployments to their end, all of them with one call to
//! GitHub for each hundred, as long as there are any. Only what changed is
//! journalled. One that cannot be read or journalled holds up no other.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
};

use futures::FutureExt as _;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    AFTER_FAILURE, Worker,
    looks::Looks,
    overdue::overdue,
    sight::{Looked, Sight, passes},
    stillness::Stillness,
};
use crate::{
    error::{obstacle, panic_message, whole_chain},
    github::{EndError, Error as GithubError},
    model::{
        Decided, Deployment, DeploymentId, DeploymentState, Failure, Overdue, Progress,
        RepositoryName, RequestId,
    },
    store::{self, Foreign},
};

/// How many are followed in one round. No team runs as many at once.
const IN_A_ROUND: usize = 1_000;
/// And how many of those that others made.
const FOREIGN_IN_A_ROUND: usize = 500;
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
    /// Why GitHub gave no answer about some, the first of them.
    unanswered: Option<GithubError>,
}

/// Why a round came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
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
            let round = match round {
                Ok(round) => round,
                Err(error) => {
                    if !failing {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "cannot follow deployments; trying on"
                        );
                    }
                    failing = true;
                    looks.taken(self.clock.instant());
                    let pause = AFTER_FAILURE.max(self.pace.poll);
                    ticks.reset_at(Instant::now() + self.clock.real(pause));
                    self.waited(pause).await;
                    continue;
                }
            };
            if round.asked {
                looks.taken(self.clock.instant());
                ticks.reset();
            }
            // What was journalled here is no news to us.
            if *hints.borrow() == before.saturating_add(round.steps) {
                hints.mark_unchanged();
            }
            // One account's limit, or GitHub away: the next round costs no call
            // until it may, and is about the others all the same.
            match &round.unanswered {
                Some(error) if !failing => tracing::warn!(
                    error = whole_chain(error),
                    "GitHub does not tell of all deployments; trying on"
                ),
                None if failing => tracing::info!("following deployments works again"),
                _ => {}
            }
            failing = round.unanswered.is_some();
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
        let (hourly, is_busy) = (
            self.github.hourly_points(),
            self.github.uses_any_points_fast(),
        );
        let wait = looks.wait(self.clock.instant(), hourly, is_busy);
        self.clock.sleep(wait).await;
    }

    /// One round over all that run, unless another process follows them.
    async fn follow_all(&self, stillness: &mut Stillness) -> Result<Round, Error> {
        if !self.leases.take(FOLLOWING).await? {
            // Who follows them now counts for itself.
            *stillness = Stillness::default();
            return Ok(Round::default());
        }
        // Before those that run: one that has begun to run since is among them.
        let heard = self.store.heard().await?;
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
        let ids = each_once(&running, &foreign, &heard);
        let followed = foreign.iter().map(|one| &one.deployment.id);
        stillness.keep(running.iter().map(|one| &one.deployment.id).chain(followed));
        let looked = self.github.follow(&ids).await;
        let mut round = Round {
            asked: !ids.is_empty(),
            steps: 0,
            unanswered: looked.iter().find_map(|(_, looked)| {
                let error = looked.as_ref().err();
                error.filter(|error| passes(error)).cloned()
            }),
        };
        let mut looked: HashMap<String, Looked> = looked
            .into_iter()
            .map(|(id, looked)| (id.node, looked))
            .collect();
        for one in &running {
            let Some(looked) = looked.remove(&one.deployment.id.node) else {
                continue;
            };
            let followed = unbroken(self.follow_one(one, looked, stillness)).await;
            round.steps += i64::from(or_passed_over(&one.deployment, followed)?);
        }
        for one in &foreign {
            let Some(looked) = looked.remove(&one.deployment.id.node) else {
                continue;
            };
            let followed = unbroken(self.follow_foreign(one, looked, stillness)).await;
            round.steps += i64::from(or_passed_over(&one.deployment, followed)?);
        }
        round.steps += self.meet(&heard, looked).await?;
        Ok(round)
    }

    /// Whether there was something to journal.
    async fn follow_one(
        &self,
        one: &Running,
        looked: Looked,
        stillness: &mut Stillness,
    ) -> Result<bool, Error> {
        let (repository, id) = (&one.decided.repository, &one.deployment.id);
        let now = match self.sight(repository, id, looked, stillness).await {
            Sight::Seen(now) => *now,
            Sight::Lost(failure) => {
                self.lose(one, failure).await?;
                return Ok(true);
            }
            Sight::Again => return Ok(false),
        };
        let still = stillness.of(&now, self.clock.instant());
        match overdue(&now, still, self.pace.limits) {
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
    /// GitHub does not let us: why it ends here.
    pub(super) async fn end_on_github(
        &self,
        repository: &RepositoryName,
        deployment: &Deployment,
        overdue: Overdue,
    ) -> Option<Failure> {
        let description = overdue.status();
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
            Err(EndError::Refused(error)) => Some(Failure::Overdue {
                overdue,
                not_ended: Some(obstacle(&error)),
            }),
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

    /// Ends a request whose deployment is not to be seen any more.
    async fn lose(&self, one: &Running, failure: Failure) -> Result<(), store::Error> {
        let id = one.deployment.id.number;
        tracing::warn!(request.id = %one.request, deployment.id = id, %failure, "a deployment vanished");
        let (decided, last_seen) = (one.decided.clone(), Some(one.deployment.clone()));
        let now = self.now();
        self.store
            .fail(&one.request, Some(decided), last_seen, failure, now)
            .await
    }
}

/// What GitHub is asked about: what a webhook told of may run by now.
fn each_once(
    running: &[Running],
    foreign: &[Foreign],
    heard: &[(RepositoryName, DeploymentId)],
) -> Vec<(RepositoryName, DeploymentId)> {
    let running = running
        .iter()
        .map(|one| (&one.decided.repository, &one.deployment.id));
    let foreign = foreign
        .iter()
        .map(|one| (&one.repository, &one.deployment.id));
    let heard = heard.iter().map(|(repository, id)| (repository, id));
    let mut seen = HashSet::new();
    running
        .chain(foreign)
        .chain(heard)
        .filter(|(_, id)| seen.insert(&id.node))
        .map(|(repository, id)| (repository.clone(), id.clone()))
        .collect()
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

/// Why a deployment that ended without success did so.
pub(crate) fn how_it_failed(deployment: &Deployment) -> Option<Failure> {
    match deployment.state {
        DeploymentState::Failed => Some(said_last(deployment).unwrap_or(Failure::NoReason)),
        DeploymentState::Cancelled => Some(Failure::Inactive),
        DeploymentState::Pending
        | DeploymentState::Running
        | DeploymentState::Succeeded
        | DeploymentState::Unknown => None,
    }
}

/// What the failing step said. Later ones, such as `inactive`, say nothing of it.
fn said_last(deployment: &Deployment) -> Option<Failure> {
    let failing = |state: &str| matches!(state, "failure" | "error");
    let step = deployment
        .steps
        .iter()
        .rev()
        .find(|step| failing(&step.state))?;
    let said = step.description.trim();
    (!said.is_empty()).then(|| match Overdue::of_status(said) {
        Some(overdue) => Failure::Overdue {
            overdue,
            not_ended: None,
        },
        None => Failure::WorkflowSaid(said.to_owned()),
    })
}
