//! The journal's side of carrying a request out: each end that it can come to,
//! logged and written down.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Worker,
    patience::{GIVE_UP, TooLate},
};
use crate::{
    error::{may_pass, obstacle},
    github::Error as GithubError,
    model::{
        Decided, Deployment, EnvironmentName, Failure, NewRequest, Progress, Refusal, Request,
        RequestId,
    },
    store,
};

impl Worker {
    /// The gate refuses. When what stands in the way is this request's own
    /// deployment, of which an earlier attempt was not told, it is no refusal.
    pub(super) async fn refused(
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

    /// Whoever asked by another name of the environment is told from now on which
    /// one it is.
    pub(super) async fn spell(
        &self,
        asked: &NewRequest,
        environment: &EnvironmentName,
    ) -> Result<(), store::Error> {
        if *environment == asked.environment {
            return Ok(());
        }
        self.store.spell(&asked.id, environment).await
    }

    pub(super) async fn refuse(
        &self,
        asked: &NewRequest,
        refusals: Vec<Refusal>,
    ) -> Result<(), store::Error> {
        tracing::info!(request.id = %asked.id, ?refusals, "refused a request");
        self.store.refuse(&asked.id, refusals, self.now()).await
    }

    /// The request ends without a deployment; `decided` where it had got so far.
    pub(super) async fn fail(
        &self,
        id: &RequestId,
        decided: Option<Decided>,
        failure: Failure,
    ) -> Result<(), store::Error> {
        tracing::warn!(request.id = %id, %failure, "a request failed");
        let now = self.now();
        self.store.fail(id, decided, None, failure, now).await
    }

    /// Ends a request that cannot be carried out through a fault of our own,
    /// from wherever it has come to.
    pub(super) async fn fail_by_our_fault(&self, id: &RequestId) -> Result<(), store::Error> {
        let Some(request) = self.store.request(id).await? else {
            return Ok(());
        };
        match request.progress {
            Progress::Accepted => self.fail(id, None, Failure::Defect).await,
            Progress::Creating(decided) => {
                let failure = Failure::DefectWhileAsking;
                self.fail(id, Some(decided), failure).await
            }
            Progress::Refused(_)
            | Progress::Running(..)
            | Progress::Succeeded(..)
            | Progress::Failed { .. }
            | Progress::Cancelled { .. } => Ok(()),
        }
    }

    pub(super) async fn runs(
        &self,
        asked: &NewRequest,
        decided: Decided,
        deployment: Deployment,
    ) -> Result<(), store::Error> {
        tracing::info!(
            request.id = %asked.id,
            repository = %decided.repository,
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

/// Why a request ends with which it is too late to begin; `since` is when
/// somebody was last told of it.
pub(super) fn too_late(why: TooLate, request: &Request, since: Timestamp) -> Failure {
    let asked = request.accepted_at;
    match why {
        TooLate::Silent => Failure::Down { asked, since },
        TooLate::Waited => Failure::Waited {
            asked,
            limit: longest_wait(),
        },
    }
}

/// Why a request ends when trying again is no use any more.
pub(super) fn given_up(error: &GithubError) -> Failure {
    let obstacle = obstacle(error);
    if may_pass(error) {
        Failure::GivenUp {
            obstacle,
            limit: longest_wait(),
        }
    } else {
        Failure::Obstacle(obstacle)
    }
}

/// As long as a request waits.
fn longest_wait() -> Duration {
    Duration::try_from(GIVE_UP).expect("it is not negative")
}
