//! Looking for a deployment that may have been made: the answer to its creation
//! was lost, or the process that asked for it died.

use std::time::Duration;

use super::{Worker, lease_of, patience::Patience};
use crate::{
    error::{is_lasting, obstacle, whole_chain},
    github::Error as GithubError,
    model::{Decided, Deployment, Failure, NewRequest, WaitingReason},
    store,
};

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
    /// Finds out whether the deployment of a request was made. True when there
    /// is nothing more to do here; false when it was not made.
    pub(super) async fn settle(
        &self,
        asked: &NewRequest,
        decided: &Decided,
    ) -> Result<bool, store::Error> {
        // Looking is due however long ago the request was accepted.
        let mut patience = Patience::new(self.now(), self.pace.retry);
        match self.look(asked, decided, &mut patience).await? {
            Look::Found(deployment) => {
                self.runs(asked, decided.clone(), *deployment).await?;
                Ok(true)
            }
            Look::Nothing => Ok(false),
            Look::Stopped => Ok(true),
            Look::Untold(error) => {
                let failure = Failure::AnswerLost(obstacle(&error));
                self.fail(&asked.id, Some(decided.clone()), failure).await?;
                Ok(true)
            }
        }
    }

    async fn look(
        &self,
        asked: &NewRequest,
        decided: &Decided,
        patience: &mut Patience,
    ) -> Result<Look, store::Error> {
        let began = self.now();
        let mut pauses = pauses(self.pace.retry);
        loop {
            let may_go_on = match self.look_once(asked, decided).await {
                None => return Ok(Look::Stopped),
                Some(Ok(Some(deployment))) => return Ok(Look::Found(Box::new(deployment))),
                Some(Ok(None)) => match pauses.next() {
                    Some(pause) => self.waited(pause).await,
                    None => return Ok(Look::Nothing),
                },
                Some(Err(error)) => match self.wait_to_look_again(&error, patience) {
                    Some(wait) => {
                        let reason = WaitingReason::AnswerLost;
                        let waiting = self.waiting(&error, reason);
                        self.waits_for(&asked.id, &waiting, wait, began).await?
                    }
                    None => return Ok(Look::Untold(error)),
                },
            };
            // Another process may have taken it over while this one slept.
            if !may_go_on || !self.leases.take(&lease_of(&asked.id)).await? {
                return Ok(Look::Stopped);
            }
        }
    }

    /// How long to wait before the next look. Whatever GitHub answers may pass,
    /// a token that it does not accept too; and who gave up could leave a
    /// deployment behind that nobody follows.
    fn wait_to_look_again(&self, error: &GithubError, patience: &mut Patience) -> Option<Duration> {
        tracing::warn!(
            error = whole_chain(error),
            "cannot tell whether GitHub made a deployment"
        );
        if is_lasting(error) {
            return None;
        }
        patience.wait_whatever(error, self.now())
    }

    /// None when it is time to stop.
    async fn look_once(
        &self,
        asked: &NewRequest,
        decided: &Decided,
    ) -> Option<Result<Option<Deployment>, GithubError>> {
        let _turn = self.turn().await?;
        let find = self.github.find(
            &decided.repository,
            &decided.environment,
            &decided.commit.sha,
            &asked.id,
        );
        self.shutdown.run_until_cancelled(find).await
    }
}

/// The waits between looks that find nothing. When the look after the last one
/// finds nothing either, it was not made. They double: GitHub may still be at
/// work on a creation whose answer was lost.
fn pauses(retry: Duration) -> impl Iterator<Item = Duration> {
    [1, 2, 4, 8].into_iter().map(move |times| retry * times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timing;

    #[test]
    fn looks_are_spread_over_half_a_minute() {
        let pauses = pauses(Timing::default().retry).map(|pause| pause.as_secs());
        assert_eq!(pauses.collect::<Vec<_>>(), [2, 4, 8, 16]);
    }
}
