//! Deployments that are known already, read again; and the one that a lost
//! answer may have made.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Client, deployment::DeploymentNode, envelope::QueryError, error::Error};
use crate::model::{Deployment, DeploymentId, EnvironmentName, RepositoryName, RequestId, Sha};

/// How many GitHub reads in one query.
const AT_ONCE: usize = 100;

#[derive(Deserialize)]
struct Data {
    nodes: Vec<Option<FollowedNode>>,
}

#[derive(Deserialize)]
#[serde(tag = "__typename")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every node is a deployment"
)]
enum FollowedNode {
    Deployment(DeploymentNode),
    #[serde(other)]
    Other,
}

impl Client {
    /// Reads deployments again, of whatever repositories; none for one that is
    /// gone. One that could not be read this time is left out, so that it is
    /// neither told as gone nor keeps others from being told. One call per
    /// hundred.
    ///
    /// # Errors
    /// When GitHub gives no answer about any of them.
    pub async fn follow(
        &self,
        ids: &[DeploymentId],
    ) -> Result<Vec<(DeploymentId, Option<Deployment>)>, Error> {
        let mut followed = Vec::with_capacity(ids.len());
        for ids in ids.chunks(AT_ONCE) {
            let nodes: Vec<&str> = ids.iter().map(|id| id.node.as_str()).collect();
            let variables = Map::from_iter([("ids".to_owned(), Value::from(nodes))]);
            let query = include_str!("queries/follow.graphql");
            let answer = self.query::<Data>("Follow", query, variables).await?;
            let misplaced = |error: &QueryError| error.place_in("nodes").is_none();
            if answer.data.nodes.len() != ids.len() || answer.errors.iter().any(misplaced) {
                return Err(Error::Unreadable(
                    "the deployments were not answered".to_owned(),
                ));
            }
            for (at, (id, node)) in ids.iter().zip(answer.data.nodes).enumerate() {
                let hides = |error: &QueryError| {
                    let is_gone = error.is_not_found() && error.is_about_an_item();
                    error.place_in("nodes") == Some(at) && !error.is_harmless() && !is_gone
                };
                let read = match node {
                    _ if answer.errors.iter().any(hides) => Err(Error::Unreadable(
                        "GitHub does not show it, or not all of it".to_owned(),
                    )),
                    Some(FollowedNode::Deployment(node)) => node.read("").map(Some),
                    Some(FollowedNode::Other) | None => Ok(None),
                };
                match read {
                    Ok(deployment) => followed.push((id.clone(), deployment)),
                    Err(error) => tracing::warn!(
                        deployment.id = id.number,
                        error = &error as &dyn std::error::Error,
                        "a deployment cannot be read now; it is asked for again"
                    ),
                }
            }
        }
        Ok(followed)
    }

    /// The deployment of a commit to an environment that carries out a request,
    /// if GitHub has made it. One call.
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
        let environments = [environment.clone()];
        let deployments = self.deployments(repository, &environments, "").await?;
        Ok(deployments.into_iter().find(|deployment| {
            deployment.commit.sha == *sha && deployment.request_id.as_ref() == Some(request)
        }))
    }
}
