//! Deployments that lie further back than the first answer tells.

use serde::Deserialize;

use super::{
    Client, Nodes, RepositoryAnswer,
    deployment::DeploymentNode,
    environment::{Environments, newest_first},
    error::Error,
    repository_variables,
};
use crate::model::{EnvironmentName, RepositoryName};

/// How many pages of a hundred are read at most. An environment whose newest
/// five hundred deployments all failed is told as one in which nothing is live.
const PAGES: usize = 5;

impl Client {
    /// Adds the newest deployments to some environments, page after page until
    /// it is known what is live in each. About these, all is known then that
    /// will be.
    pub(crate) async fn add_deployments(
        &self,
        repository: &RepositoryName,
        repository_url: &str,
        asked: Vec<EnvironmentName>,
        environments: &mut Environments,
    ) -> Result<(), Error> {
        let mut after = None;
        for _page in 0..PAGES {
            let page = self.deployments(repository, &asked, after).await?;
            after = page.next_page();
            environments.add(newest_first(page, repository_url)?);
            let is_known = |name| environments.live_deployment(name).is_some();
            if after.is_none() || asked.iter().all(is_known) {
                break;
            }
        }
        environments.no_more_is_told_of(asked);
        Ok(())
    }

    /// A page of the deployments to some environments, newest first.
    async fn deployments(
        &self,
        repository: &RepositoryName,
        environments: &[EnvironmentName],
        after: Option<String>,
    ) -> Result<Nodes<DeploymentNode>, Error> {
        #[derive(Deserialize)]
        struct Data {
            deployments: Nodes<DeploymentNode>,
        }
        let mut variables = repository_variables(repository);
        let names: Vec<&str> = environments.iter().map(EnvironmentName::as_str).collect();
        variables.insert("environments".to_owned(), names.into());
        variables.insert("after".to_owned(), after.into());
        let query = include_str!("queries/deployments.graphql");
        let answer = self
            .query::<RepositoryAnswer<Data>>("Deployments", repository.owner(), query, variables)
            .await?;
        Ok(answer.whole_repository()?.deployments)
    }
}
