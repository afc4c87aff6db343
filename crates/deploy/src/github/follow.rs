//! Deployments that are known already, read again; and whether GitHub shows a
//! repository's deployments at all, because it says of what it hides that there
//! is no such thing.

use std::slice;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Client, Nodes, Priority,
    deployment::DeploymentNode,
    envelope::{QueryError, RepositoryAnswer, of_errors},
    error::Error,
    repository_variables,
};
use crate::model::{Deployment, DeploymentId, RepositoryName};

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

#[derive(Deserialize)]
struct Shown {
    deployments: Nodes<Value>,
}

/// What GitHub told of a deployment: none where it says that there is none, an
/// error where it could not be read this time.
pub type Followed = (DeploymentId, Result<Option<Deployment>, Error>);

impl Client {
    /// Reads deployments again, of whatever repositories. One that cannot be
    /// read keeps no other from being told. One call per hundred, and per owner
    /// where each has its own credentials.
    pub async fn follow(&self, deployments: &[(RepositoryName, DeploymentId)]) -> Vec<Followed> {
        let client = self.at(Priority::Follow);
        let mut followed = Vec::with_capacity(deployments.len());
        for (owner, ids) in self.by_owner(deployments) {
            for ids in ids.chunks(AT_ONCE) {
                match client.follow_some(owner, ids).await {
                    Ok(told) => followed.extend(told),
                    Err(error) => {
                        let unread = |id: &&DeploymentId| ((*id).clone(), Err(error.clone()));
                        followed.extend(ids.iter().map(unread));
                    }
                }
            }
        }
        followed
    }

    /// Whether GitHub shows the deployments of a repository: where it does, one
    /// that it says is not there was deleted; where it does not, that one may
    /// only be hidden from us. One call.
    ///
    /// # Errors
    /// Why it does not show them.
    pub async fn shows_deployments(&self, repository: &RepositoryName) -> Result<(), Error> {
        let owner = repository.owner();
        let variables = repository_variables(repository);
        let query = include_str!("queries/shown.graphql");
        let answer = self
            .at(Priority::Follow)
            .query::<RepositoryAnswer<Shown>>("Shown", owner, query, variables)
            .await?;
        let shown = answer.whole_repository()?.deployments.all();
        shown.map(drop).ok_or_else(|| {
            Error::Unreadable("GitHub does not show the deployments of the repository".to_owned())
        })
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
    ) -> Result<Vec<Followed>, Error> {
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
        let nodes = ids.iter().zip(answer.data.nodes).enumerate();
        let followed = nodes.map(|(at, (id, node))| {
            let about =
                |error: &&QueryError| error.place_in("nodes") == Some(at) && !error.is_harmless();
            let errors = answer.errors.iter().filter(about);
            ((*id).clone(), read(node, &errors.collect::<Vec<_>>()))
        });
        Ok(followed.collect())
    }
}

/// What was told of one deployment, with the errors about it.
fn read(node: Option<FollowedNode>, errors: &[&QueryError]) -> Result<Option<Deployment>, Error> {
    let is_gone = |error: &&QueryError| error.is_not_found() && error.is_about_an_item();
    if let Some(hides) = errors.iter().copied().find(|error| !is_gone(error)) {
        return Err(of_errors(slice::from_ref(hides)));
    }
    match node {
        Some(FollowedNode::Deployment(node)) => node.read("").map(Some),
        Some(FollowedNode::Other) => Ok(None),
        None if !errors.is_empty() => Ok(None),
        // A null that no error explains is not taken for one that is gone.
        None => Err(Error::Unreadable("a deployment was not told of".to_owned())),
    }
}
