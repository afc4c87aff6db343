//! The names of an owner's repositories, and those of them that were meant
//! perhaps by a name that is not there.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Client, Nodes, error::Error};
use crate::model::{RepositoryName, closest};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    repository_owner: Option<Owner>,
}

#[derive(Deserialize)]
struct Owner {
    repositories: Nodes<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Client {
    /// The names of an owner's repositories, those pushed to last first, at
    /// most 100; none for an owner that GitHub does not know. One call.
    ///
    /// # Errors
    /// When GitHub gives no answer.
    pub async fn repositories(&self, owner: &str) -> Result<Vec<String>, Error> {
        let variables = Map::from_iter([("owner".to_owned(), Value::from(owner))]);
        let query = include_str!("queries/repositories.graphql");
        let answer = self
            .query::<Data>("Repositories", owner, query, variables)
            .await?;
        let repositories = answer
            .data
            .repository_owner
            .map(|owner| owner.repositories.known());
        Ok(repositories
            .unwrap_or_default()
            .into_iter()
            .map(|named| named.name)
            .collect())
    }

    /// Whether a read failed because there is no such repository, as far as can
    /// be seen. Of an owner that has not installed the App nothing can be, and
    /// such an owner may be mistyped; unless it is the one that people need not
    /// even name.
    pub(crate) fn hides(&self, error: &Error) -> bool {
        match error {
            Error::NotFound => true,
            Error::NotInstalled { owner } => {
                let default = self.default_owner();
                !default.is_some_and(|default| default.eq_ignore_ascii_case(owner))
            }
            _ => false,
        }
    }

    /// Repositories of the same owner that were meant perhaps, best first, as
    /// people type them: without the owner where it is the default one. None
    /// when GitHub does not tell: a suggestion is no reason to fail.
    pub(crate) async fn closest_repositories(&self, asked: &RepositoryName) -> Vec<String> {
        let owner = asked.owner();
        let known = match self.repositories(owner).await {
            Ok(known) => known,
            Err(error) => {
                tracing::debug!(%error, owner, "cannot list repositories");
                return Vec::new();
            }
        };
        let default = self.default_owner();
        let is_default = default.is_some_and(|default| default.eq_ignore_ascii_case(owner));
        closest(asked.name(), known.iter().map(String::as_str))
            .into_iter()
            .map(|name| {
                if is_default {
                    name.to_owned()
                } else {
                    format!("{owner}/{name}")
                }
            })
            .collect()
    }
}
