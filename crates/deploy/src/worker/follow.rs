//! Follows running deployments to their end, all of them with one call to
//! GitHub for each hundred, as long as there are any. Only what changed is
//! journalled. One that cannot be journalled holds up no other.

use std::{collections::HashMap, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt as _;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{AFTER_FAILURE, Worker};
use crate::{
    error::{panic_message, until},
    github::Error as GithubError,
    model::{Decided, Deployment, DeploymentId, DeploymentState, Progress, RequestId},
    store,
};

/// How many deployments one call to GitHub reads.
const AT_ONCE: usize = 100;
/// How many are followed in one round. No team runs as many at once.
const IN_A_ROUND: usize = 1_000;

/// A deployment that runs, as the journal has it.
struct Running {
    request: RequestId,
    decided: Decided,
    deployment: Deployment,
}

/// Why a round came to nothing.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("GitHub")]
    Github(#[from] GithubError),
    #[error("the journal")]
    Store(#[from] store::Error),
    #[error("a fault of our own: it panicked")]
    Panic,
}

impl Worker {
    /// Follows running deployments until the shutdown.
    pub(crate) async fn follow_deployments(self) -> anyhow::Result<()> {
        let mut ticks = interval(self.pace.poll);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = false;
        while let Some(_tick) = self.shutdown.run_until_cancelled(ticks.tick()).await {
            let round = unbroken(self.follow_all());
            let Some(round) = self.shutdown.run_until_cancelled(round).await else {
                break;
            };
            match round {
                Ok(()) if failing => tracing::info!("following deployments works again"),
                Ok(()) => {}
                Err(error) => {
                    let cause = &error as &dyn std::error::Error;
                    if !failing {
                        tracing::warn!(error = cause, "cannot follow deployments; trying on");
                    }
                    ticks.reset_at(Instant::now() + self.pause(&error));
                    failing = true;
                    continue;
                }
            }
            failing = false;
        }
        Ok(())
    }

    /// One round over all that run.
    async fn follow_all(&self) -> Result<(), Error> {
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
        for some in running.chunks(AT_ONCE) {
            self.follow_some(some).await?;
        }
        Ok(())
    }

    async fn follow_some(&self, running: &[Running]) -> Result<(), Error> {
        let ids: Vec<DeploymentId> = running
            .iter()
            .map(|one| one.deployment.id.clone())
            .collect();
        let mut seen: HashMap<String, Option<Deployment>> = self
            .github
            .follow(&ids)
            .await?
            .into_iter()
            .map(|(id, deployment)| (id.node, deployment))
            .collect();
        for one in running {
            // GitHub may not have told of it this time.
            let Some(now) = seen.remove(&one.deployment.id.node) else {
                continue;
            };
            match unbroken(self.follow_one(one, now)).await {
                Ok(()) => {}
                // It is the same for all of them.
                Err(Error::Store(store::Error::Database(error))) => {
                    return Err(store::Error::Database(error).into());
                }
                Err(error) => tracing::error!(
                    request.id = %one.request,
                    error = &error as &dyn std::error::Error,
                    "a deployment cannot be followed now; the others are"
                ),
            }
        }
        Ok(())
    }

    async fn follow_one(&self, one: &Running, now: Option<Deployment>) -> Result<(), Error> {
        match now {
            Some(now) => self.journal(one, now).await?,
            None => self.vanished(one).await?,
        }
        Ok(())
    }

    /// Journals what has changed, or that it has ended.
    async fn journal(&self, before: &Running, now: Deployment) -> Result<(), store::Error> {
        let Running {
            request, decided, ..
        } = before;
        let (decided, at) = (decided.clone(), self.now());
        let (id, state) = (now.id.number, now.state);
        match how_it_failed(&now) {
            None if state == DeploymentState::Succeeded => {
                tracing::info!(request.id = %request, deployment.id = id, "a deployment succeeded");
                self.store.succeed(request, decided, now, at).await
            }
            None if changed(&before.deployment, &now) => {
                self.store.runs(request, decided, now, at).await
            }
            None => Ok(()),
            Some(failure) => {
                tracing::info!(request.id = %request, deployment.id = id, "a deployment failed");
                self.store
                    .fail(request, Some(decided), Some(now), failure, at)
                    .await
            }
        }
    }

    async fn vanished(&self, one: &Running) -> Result<(), store::Error> {
        let id = one.deployment.id.number;
        tracing::warn!(request.id = %one.request, deployment.id = id, "a deployment vanished");
        let failure = "The deployment is not on GitHub any more: someone deleted it.".to_owned();
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

/// Turns a panic into an error; the log says what it said.
async fn unbroken(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
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
fn changed(before: &Deployment, now: &Deployment) -> bool {
    before.state != now.state
        || before.steps != now.steps
        || before.log_url != now.log_url
        || before.environment_url != now.environment_url
}

/// Why a deployment that ended without success did so, for people.
fn how_it_failed(deployment: &Deployment) -> Option<String> {
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
    (!said.is_empty()).then(|| said.to_owned())
}
