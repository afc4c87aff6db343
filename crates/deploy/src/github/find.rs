//! The deployment that a lost answer may have made, looked for by the id of
//! its request.

use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use super::{
    Client, Priority,
    error::{Error, Unavailable},
    payload,
};
use crate::model::{Deployment, DeploymentId, EnvironmentName, RepositoryName, RequestId, Sha};

/// How many deployments GitHub lists at once.
const PAGE: usize = 100;
/// How many pages are read at most: nobody deploys one commit to one
/// environment a thousand times.
const PAGES: usize = 10;

/// A deployment as REST lists it.
#[derive(Deserialize)]
struct Listed {
    id: u64,
    node_id: String,
    sha: String,
    payload: Option<Value>,
}

impl Client {
    /// The deployment of a commit to an environment that carries out a request,
    /// if GitHub has made it. One call where it has not, two where it has; more
    /// where the commit went there more than a hundred times.
    ///
    /// # Errors
    /// When GitHub gives no whole answer.
    pub async fn find(
        &self,
        repository: &RepositoryName,
        environment: &EnvironmentName,
        sha: &Sha,
        request: &RequestId,
    ) -> Result<Option<Deployment>, Error> {
        let client = self.at(Priority::Deploy);
        let found = client.listed(repository, environment, sha, request);
        let Some(id) = found.await? else {
            return Ok(None);
        };
        // Where it stands is told by its statuses, which the list leaves out.
        let told = client.follow_some(repository.owner(), &[&id]).await?.pop();
        match told {
            Some((_, Ok(Some(deployment)))) => Ok(Some(deployment)),
            Some((_, Err(error))) => Err(error),
            // To take it for one that was never made would make a second.
            _ => Err(Error::Unavailable(Unavailable::Broken(
                "it lists a deployment that it does not show".to_owned(),
            ))),
        }
    }

    async fn listed(
        &self,
        repository: &RepositoryName,
        environment: &EnvironmentName,
        sha: &Sha,
        request: &RequestId,
    ) -> Result<Option<DeploymentId>, Error> {
        let owner = repository.owner();
        let path = ["repos", owner, repository.name(), "deployments"];
        for page in 1..=PAGES {
            let parameters = form_urlencoded::Serializer::new(String::new())
                .append_pair("sha", sha.as_str())
                .append_pair("environment", environment.as_str())
                .append_pair("per_page", &PAGE.to_string())
                .append_pair("page", &page.to_string())
                .finish();
            let listed: Vec<Listed> = self
                .get("find deployment", owner, &path, &parameters)
                .await?;
            let is_last = listed.len() < PAGE;
            let is_it = |one: &Listed| {
                let payload = one.payload.as_ref().and_then(payload::read);
                let carries_out = payload.and_then(|payload| payload.request_id);
                one.sha == sha.as_str() && carries_out.as_ref() == Some(request)
            };
            if let Some(found) = listed.into_iter().find(is_it) {
                return Ok(Some(DeploymentId {
                    number: found.id,
                    node: found.node_id,
                }));
            }
            if is_last {
                return Ok(None);
            }
        }
        Err(Error::Unreadable(
            "the deployments of the commit are too many to look through".to_owned(),
        ))
    }
}
