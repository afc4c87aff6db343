//! What runs where.

use super::{Service, StatusAsk};
use crate::{error::Error, model::RepositoryStatus};

impl Service {
    /// The newest commits of the default branch and what each environment runs.
    pub(crate) async fn status(&self, ask: StatusAsk) -> Result<RepositoryStatus, Error> {
        match Box::pin(self.github.status(&ask.repository, ask.limit)).await {
            Ok(status) => Ok(status),
            Err(error) => Err(self.read_failed(&ask.repository, error).await),
        }
    }
}
