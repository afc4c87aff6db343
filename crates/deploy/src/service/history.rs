//! What was deployed.

use super::{HistoryAsk, Service, meant::closest_environments};
use crate::{error::Error, github, model::History};

impl Service {
    /// The deployments of a repository, per environment, newest first.
    pub(crate) async fn history(&self, ask: HistoryAsk) -> Result<History, Error> {
        let HistoryAsk {
            repository,
            environment,
            per_environment,
        } = ask;
        let read = self
            .github
            .history(&repository, environment.as_ref(), per_environment);
        match (read.await, environment) {
            (Ok(history), _) => Ok(history),
            (Err(github::Error::UnknownEnvironment { known }), Some(name)) => {
                Err(Error::UnknownEnvironment {
                    repository,
                    candidates: closest_environments(&name, &known),
                    name,
                })
            }
            (Err(error), _) => Err(self.read_failed(&repository, error).await),
        }
    }
}
