//! Deployments that are known already, read again.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Client, Priority, deployment::DeploymentNode, envelope::QueryError, error::Error};
use crate::{
    error::whole_chain,
    model::{Deployment, DeploymentId, RepositoryName},
};

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
    /// hundred, and per owner where each has its own credentials.
    ///
    /// # Errors
    /// When GitHub gives no answer about any of them.
    pub async fn follow(
        &self,
        deployments: &[(RepositoryName, DeploymentId)],
    ) -> Result<Vec<(DeploymentId, Option<Deployment>)>, Error> {
        let client = self.at(Priority::Follow);
        let mut followed = Vec::with_capacity(deployments.len());
        let mut failed = None;
        for (owner, ids) in self.by_owner(deployments) {
            for ids in ids.chunks(AT_ONCE) {
                match client.follow_some(owner, ids).await {
                    Ok(told) => followed.extend(told),
                    Err(error) => {
                        tracing::warn!(
                            owner,
                            deployments = ids.len(),
                            error = whole_chain(&error),
                            "deployments cannot be read now; they are asked for again"
                        );
                        failed = Some(error);
                    }
                }
            }
        }
        match failed {
            Some(error) if followed.is_empty() => Err(error),
            _ => Ok(followed),
        }
    }

    /// The deployments that one call can be about, by the owner whose
    /// credentials it takes.
    fn by_owner<'a>(
        &self,
        deployments: &'a [(RepositoryName, DeploymentId)],
    ) -> Vec<(&'a str, Vec<&'a DeploymentId>)> {
        let mut groups: Vec<(&str, Vec<&DeploymentId>)> = Vec::new();
        for (repository, id) in deployments {
            let owner = repository.owner();
            let mut known = groups.iter_mut();
            match known.find(|(one, _)| self.auth().is_same(one, owner)) {
                Some((_, ids)) => ids.push(id),
                None => groups.push((owner, vec![id])),
            }
        }
        groups
    }

    /// Reads deployments that one call can be about.
    pub(crate) async fn follow_some(
        &self,
        owner: &str,
        ids: &[&DeploymentId],
    ) -> Result<Vec<(DeploymentId, Option<Deployment>)>, Error> {
        let nodes: Vec<&str> = ids.iter().map(|id| id.node.as_str()).collect();
        let variables = Map::from_iter([("ids".to_owned(), Value::from(nodes))]);
        let query = include_str!("queries/follow.graphql");
        let answer = self
            .query::<Data>("Follow", owner, query, variables)
            .await?;
        let misplaced = |error: &QueryError| error.place_in("nodes").is_none();
        if answer.data.nodes.len() != ids.len() || answer.errors.iter().any(misplaced) {
            return Err(Error::Unreadable(
                "the deployments were not answered".to_owned(),
            ));
        }
        let mut followed = Vec::with_capacity(ids.len());
        for (at, (id, node)) in ids.iter().zip(answer.data.nodes).enumerate() {
            let is_gone = |error: &QueryError| error.is_not_found() && error.is_about_an_item();
            let (mut is_hidden, mut has_gone) = (false, false);
            for error in &answer.errors {
                if error.place_in("nodes") == Some(at) && !error.is_harmless() {
                    is_hidden |= !is_gone(error);
                    has_gone |= is_gone(error);
                }
            }
            let read = match node {
                Some(FollowedNode::Deployment(node)) if !is_hidden => node.read("").map(Some),
                Some(FollowedNode::Other) if !is_hidden => Ok(None),
                None if has_gone && !is_hidden => Ok(None),
                // A null that no error explains is not taken for one that is gone.
                Some(_) | None => Err(Error::Unreadable(
                    "GitHub does not show it, or not all of it".to_owned(),
                )),
            };
            match read {
                Ok(deployment) => followed.push(((*id).clone(), deployment)),
                Err(error) => tracing::warn!(
                    deployment.id = id.number,
                    error = &error as &dyn std::error::Error,
                    "a deployment cannot be read now; it is asked for again"
                ),
            }
        }
        Ok(followed)
    }
}
