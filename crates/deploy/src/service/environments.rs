//! Where one can deploy.

use super::{Service, StatusAsk};
use crate::{
    error::Error,
    model::{EnvironmentStatus, RepositoryName},
};

/// As many commits as are asked for when nobody says how many, so that the same
/// answer of GitHub serves both.
pub(super) const USUAL: u8 = 5;

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
        let limit = USUAL;
        let status = self.status(StatusAsk { repository, limit }).await?.value;
        Ok(Environments {
            repository: status.repository,
            environments: status.environments,
        })
    }
}
