//! All that there is: every repository that the credentials can see, and every
//! deployment of one.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Client, Nodes, RepositoryAnswer, deployment::DeploymentNode, envelope::Answer, error::Error,
    repository_variables, status::spelled,
};
use crate::model::{Deployment, ReplyAddress, RepositoryName};

/// How many repositories GitHub lists at once.
const PAGE: usize = 100;
/// How many pages of repositories are read at most, of one owner.
const PAGES: usize = 100;

/// A page of a repository's deployments, those made first first.
#[derive(Debug, Clone)]
pub struct ListedPage {
    /// As GitHub spells it.
    pub repository: RepositoryName,
    /// One that is gone, or whose environment nobody could name, is left out.
    pub deployments: Vec<Listed>,
    /// How many there are in all, where GitHub tells.
    pub total: Option<u32>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A deployment, with what only its payload tells.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The deployment.
    pub deployment: Deployment,
    /// Where its request is answered; empty where the payload is not ours.
    pub reply: ReplyAddress,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    name_with_owner: String,
    url: String,
    deployments: Nodes<DeploymentNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    name_with_owner: String,
}

#[derive(Deserialize)]
struct Owner {
    repositories: Nodes<Named>,
}

#[derive(Deserialize)]
struct Installed {
    repositories: Vec<FullName>,
}

#[derive(Deserialize)]
struct FullName {
    full_name: String,
}

impl Client {
    /// A page of a repository's deployments, behind the place where another one
    /// ended. One call.
    ///
    /// # Errors
    /// When there is no such repository, or GitHub gives no whole answer.
    pub async fn list_deployments(
        &self,
        repository: &RepositoryName,
        after: Option<&str>,
        at_most: u8,
    ) -> Result<ListedPage, Error> {
        let mut variables = repository_variables(repository);
        variables.insert("first".to_owned(), at_most.into());
        variables.insert("after".to_owned(), after.into());
        let query = include_str!("queries/listing.graphql");
        let answer = self
            .query::<RepositoryAnswer<Data>>("Listing", repository.owner(), query, variables)
            .await?;
        let data = answer.whole_repository()?;
        let (total, next) = (data.deployments.total_count, data.deployments.next_page());
        let nodes = data.deployments.known().into_iter();
        let deployments = nodes
            .filter(|node| node.environment().is_some())
            .map(|node| {
                Ok(Listed {
                    reply: node.reply(),
                    deployment: node.read(&data.url)?,
                })
            });
        Ok(ListedPage {
            repository: spelled(&data.name_with_owner)?,
            deployments: deployments.collect::<Result<_, Error>>()?,
            total,
            next,
        })
    }

    /// The repositories that the credentials can see, each once, by name. With a
    /// token those that its user has to do with, and those of the owner that
    /// people leave out; with an App those of each installation.
    ///
    /// # Errors
    /// When GitHub gives no whole answer.
    pub async fn visible_repositories(&self) -> Result<Vec<RepositoryName>, Error> {
        let mut names = match self.auth().app() {
            None => {
                let mut names = self.those_of_the_token().await?;
                if let Some(owner) = self.default_owner() {
                    names.extend(self.owned_by(owner).await?);
                }
                names
            }
            Some(app) => {
                let mut names = Vec::new();
                for owner in app.installed_for().await? {
                    names.extend(self.installed_in(&owner).await?);
                }
                names
            }
        };
        names.sort_by_key(|name| name.to_string().to_lowercase());
        names.dedup_by(|one, other| one.is_same(other));
        Ok(names)
    }

    async fn those_of_the_token(&self) -> Result<Vec<RepositoryName>, Error> {
        #[derive(Deserialize)]
        struct Data {
            viewer: Owner,
        }
        let owner = self.default_owner().unwrap_or_default();
        let query = include_str!("queries/visible.graphql");
        self.all_pages(|after| async move {
            let variables = Map::from_iter([("after".to_owned(), Value::from(after))]);
            let answer = self
                .query::<Data>("Visible", owner, query, variables)
                .await?;
            Ok(Some(whole(answer)?.viewer))
        })
        .await
    }

    async fn owned_by(&self, owner: &str) -> Result<Vec<RepositoryName>, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            repository_owner: Option<Owner>,
        }
        let query = include_str!("queries/owned.graphql");
        self.all_pages(|after| async move {
            let owner_variable = ("owner".to_owned(), Value::from(owner));
            let after = ("after".to_owned(), Value::from(after));
            let variables = Map::from_iter([owner_variable, after]);
            let answer = self.query::<Data>("Owned", owner, query, variables).await?;
            Ok(whole(answer)?.repository_owner)
        })
        .await
    }

    /// Reads a list of repositories page after page.
    async fn all_pages<F: Future<Output = Result<Option<Owner>, Error>>>(
        &self,
        page: impl Fn(Option<String>) -> F,
    ) -> Result<Vec<RepositoryName>, Error> {
        let (mut names, mut after) = (Vec::new(), None);
        for _page in 0..PAGES {
            let Some(owner) = page(after).await? else {
                return Ok(names);
            };
            after = owner.repositories.next_page();
            for one in owner.repositories.known() {
                names.push(spelled(&one.name_with_owner)?);
            }
            if after.is_none() {
                return Ok(names);
            }
        }
        Err(too_many())
    }

    async fn installed_in(&self, owner: &str) -> Result<Vec<RepositoryName>, Error> {
        let mut names = Vec::new();
        for page in 1..=PAGES {
            let parameters = format!("per_page={PAGE}&page={page}");
            let path = ["installation", "repositories"];
            let Installed { repositories } = self
                .get("list repositories", owner, &path, &parameters)
                .await?;
            let is_last = repositories.len() < PAGE;
            for one in repositories {
                names.push(spelled(&one.full_name)?);
            }
            if is_last {
                return Ok(names);
            }
        }
        Err(too_many())
    }
}

/// An answer of which an error hides nothing.
fn whole<T>(answer: Answer<T>) -> Result<T, Error> {
    if answer.errors.is_empty() {
        Ok(answer.data)
    } else {
        Err(Error::Unreadable(
            "the repositories are not all told".to_owned(),
        ))
    }
}

fn too_many() -> Error {
    Error::Unreadable("the repositories are too many to list".to_owned())
}
