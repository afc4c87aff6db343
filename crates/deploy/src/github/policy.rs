//! A repository's own rules, as GitHub gives the file at its default branch.

use serde::Deserialize;

use super::{Client, Nodes, RepositoryAnswer, error::Error, repository_variables, status::spelled};
use crate::{
    gate,
    model::{EnvironmentName, Policy, PolicyError, PolicyFile, RepositoryName},
};

/// What a repository's own rules say, or why they can't be read.
#[derive(Debug)]
pub struct Rules {
    /// As GitHub spells it; a renamed repository by its new name.
    pub repository: RepositoryName,
    /// The channels that they name, by environment.
    pub channels: Result<Vec<(EnvironmentName, String)>, PolicyError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    name_with_owner: String,
    policy: Option<PolicyNode>,
    named: Nodes<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Rules {
    /// What they say, where these environments are known.
    pub(crate) fn of(
        repository: &RepositoryName,
        policy: Result<&Policy, &PolicyError>,
        known: &[EnvironmentName],
    ) -> Self {
        Self {
            repository: repository.clone(),
            channels: policy
                .map(|policy| gate::channels(policy, known))
                .map_err(Clone::clone),
        }
    }
}

impl Client {
    /// A repository's own rules. One call.
    ///
    /// # Errors
    /// When there is no such repository, or GitHub gives no whole answer.
    pub async fn rules(&self, repository: &RepositoryName) -> Result<Rules, Error> {
        let variables = repository_variables(repository);
        let query = include_str!("queries/rules.graphql");
        let answer = self
            .query::<RepositoryAnswer<Data>>("Rules", repository.owner(), query, variables)
            .await?;
        let data = answer.whole_repository()?;
        let repository = spelled(&data.name_with_owner)?;
        let named = data.named.known().into_iter();
        let named: Vec<EnvironmentName> = named.filter_map(|one| one.name.parse().ok()).collect();
        let policy = read(data.policy.as_ref());
        Ok(Rules::of(&repository, policy.as_ref(), &named))
    }
}

/// What is called `.github/deploy.yml`; none where nothing is.
#[derive(Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum PolicyNode {
    /// A file.
    #[serde(rename_all = "camelCase")]
    Blob {
        /// None where it is no text.
        text: Option<String>,
        is_truncated: bool,
        byte_size: usize,
    },
    /// A folder, or what else git has.
    #[serde(other)]
    Other,
}

/// Reads the rules.
pub(super) fn read(node: Option<&PolicyNode>) -> Result<Policy, PolicyError> {
    Policy::read(match node {
        None => PolicyFile::Missing,
        Some(PolicyNode::Other) => PolicyFile::Folder,
        Some(PolicyNode::Blob {
            text: Some(text),
            is_truncated: false,
            ..
        }) => PolicyFile::Text(text),
        Some(PolicyNode::Blob { byte_size, .. }) => PolicyFile::Unreadable { bytes: *byte_size },
    })
}
