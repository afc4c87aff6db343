//! The journal's side of carrying a request out: each end that it can come to,
//! logged and written down.

use jiff::Timestamp;

use super::Worker;
use crate::{
    model::{Decided, Deployment, NewRequest, Progress, Refusal, RequestId},
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
        failure: String,
    ) -> Result<(), store::Error> {
        tracing::warn!(request.id = %id, failure, "a request failed");
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
            Progress::Accepted => {
                let failure = "Something went wrong in deploybot; its log says what. Nothing was \
                               deployed.";
                self.fail(id, None, failure.to_owned()).await
            }
            Progress::Creating(decided) => {
                let failure = "Something went wrong in deploybot; its log says what. Whether \
                               GitHub made the deployment is not known: look at the history \
                               before you ask again.";
                self.fail(id, Some(decided), failure.to_owned()).await
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

/// What the requester reads when it is too late to begin.
pub(super) fn too_late(accepted_at: Timestamp) -> String {
    let when = accepted_at.strftime("%-d %B at %H:%M UTC");
    format!(
        "It was asked for on {when}, and deploy was down or stuck since then. Ask again if it is \
         still wanted."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asked_hours_ago_is_told_when_that_was() {
        let accepted_at = "2026-11-02T09:05:59.9Z".parse().unwrap();
        insta::assert_snapshot!(
            too_late(accepted_at),
            @"It was asked for on 2 November at 09:05 UTC, and deploy was down or stuck since then. Ask again if it is still wanted."
        );
    }
}
