//! The journal's side of carrying a request out: each end that it can come to,
//! logged and written down.

use jiff::{SignedDuration, Timestamp};

use super::{Worker, patience::TooLate};
use crate::{
    model::{Decided, Deployment, NewRequest, Progress, Refusal, Request, RequestId},
    store,
};

/// What is told so soon after a request was accepted is told at the same time,
/// for people.
const SOON: SignedDuration = SignedDuration::from_mins(1);

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

/// What the requester reads when it is too late to begin; `since` is when
/// somebody was last told of the request.
pub(super) fn too_late(why: TooLate, request: &Request, since: Timestamp) -> String {
    let asked = request.accepted_at;
    let time = |at: Timestamp| at.strftime("%-d %B at %H:%M UTC");
    let when = time(asked);
    match why {
        // It was begun with at once, or it waited first.
        TooLate::Silent if since.duration_since(asked) < SOON => format!(
            "It was asked for on {when}, and deploy was down or stuck since then. Ask again if it \
             is still wanted."
        ),
        TooLate::Silent => format!(
            "It was asked for on {when}, and deploy was down or stuck since {}. Ask again if it \
             is still wanted.",
            time(since)
        ),
        TooLate::Waited => format!(
            "It was asked for on {when} and could not go out since then. A request waits for at \
             most 12 hours: ask again if it is still wanted."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::patience::tests::request;

    #[test]
    fn who_asked_hours_ago_is_told_when_that_was() {
        let accepted_at: Timestamp = "2026-11-02T09:05:59.9Z".parse().unwrap();
        let request = request(accepted_at);
        let hours_later = accepted_at + SignedDuration::from_hours(3);
        insta::assert_snapshot!(
            too_late(TooLate::Silent, &request, accepted_at),
            @"It was asked for on 2 November at 09:05 UTC, and deploy was down or stuck since then. Ask again if it is still wanted."
        );
        insta::assert_snapshot!(
            too_late(TooLate::Silent, &request, hours_later),
            @"It was asked for on 2 November at 09:05 UTC, and deploy was down or stuck since 2 November at 12:05 UTC. Ask again if it is still wanted."
        );
        insta::assert_snapshot!(
            too_late(TooLate::Waited, &request, hours_later),
            @"It was asked for on 2 November at 09:05 UTC and could not go out since then. A request waits for at most 12 hours: ask again if it is still wanted."
        );
    }
}
