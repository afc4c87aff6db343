//! Where one can deploy.

use super::Service;
use crate::{
    error::Error,
    model::{EnvironmentStatus, RepositoryName},
};

/// The environments of a repository.
#[derive(Debug)]
pub(crate) struct Environments {
    /// The repository, as GitHub spells it.
    pub(crate) repository: RepositoryName,
    /// Production first, then by name.
    pub(crate) environments: Vec<EnvironmentStatus>,
}

impl Service {
    /// The environments of a repository and what is live in each.
    pub(crate) async fn environments(
        &self,
        repository: RepositoryName,
    ) -> Result<Environments, Error> {
        match Box::pin(self.github.status(&repository, 1)).await {
            Ok(status) => Ok(Environments {
                repository: status.repository,
                environments: status.environments,
            }),
            Err(error) => Err(self.read_failed(&repository, error).await),
        }
    }
}
