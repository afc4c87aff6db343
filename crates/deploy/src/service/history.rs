//! What was deployed.

use super::{HistoryAsk, Service};
use crate::{
    error::Error,
    github,
    model::{EnvironmentName, History, closest_first},
};

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
                let known = known.iter().map(EnvironmentName::as_str);
                Err(Error::UnknownEnvironment {
                    repository,
                    candidates: closest_first(name.as_str(), known),
                    name,
                })
            }
            (Err(error), _) => Err(self.read_failed(&repository, error).await),
        }
    }
}
