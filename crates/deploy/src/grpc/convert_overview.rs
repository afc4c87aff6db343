//! What runs where, in the contract's words.

use deploy_proto::v1;

use super::convert::{all, time};
use crate::service::{Overview, RepositoryOverview};

impl From<Overview> for v1::GetOverviewResponse {
    fn from(overview: Overview) -> Self {
        let repositories = overview.repositories.into_iter();
        Self {
            repositories: repositories.map(Into::into).collect(),
            own: overview.own,
            stale: overview.stale.map(Into::into),
        }
    }
}

impl From<RepositoryOverview> for v1::RepositoryOverview {
    fn from(overview: RepositoryOverview) -> Self {
        let waiting = all(overview.waiting);
        let Some(status) = overview.status else {
            return Self {
                repository: overview.repository.to_string(),
                stale: overview.untold.map(Into::into),
                waiting,
                unknown: overview.unknown,
                ..Self::default()
            };
        };
        let environments = status.value.environments.into_iter();
        Self {
            repository: status.value.repository.to_string(),
            url: status.value.url,
            branch: status.value.branch,
            environments: environments.map(Into::into).collect(),
            as_of: Some(time(status.value.as_of)),
            stale: status.stale.map(Into::into),
            waiting,
            unknown: false,
        }
    }
}
