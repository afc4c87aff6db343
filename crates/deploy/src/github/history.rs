//! What was deployed, per environment, newest first.

use serde::Deserialize;

use super::{
    Client, RepositoryAnswer,
    environment::{Environments, EnvironmentsNode},
    error::Error,
    policy::{self, PolicyNode, Rules},
    repository_variables,
    status::spelled,
};
use crate::{
    gate,
    model::{Deployment, EnvironmentHistory, EnvironmentName, History, RepositoryName},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    name_with_owner: String,
    policy: Option<PolicyNode>,
    #[serde(flatten)]
    environments: EnvironmentsNode,
}

impl Client {
    /// The newest deployments of each environment, or of one, with what the
    /// repository's own rules say. All of them are
    /// read together, so that a busy environment can crowd a quiet one out: of
    /// that one the newest that ended is told, of its steps the last, and that
    /// there are more. One call; further ones where the one environment was
    /// spelled as nobody would guess, or where that last step is `inactive` and
    /// hides how it ended.
    ///
    /// # Errors
    /// When there is no such repository or environment, or GitHub gives no
    /// whole answer.
    pub async fn history(
        &self,
        repository: &RepositoryName,
        environment: Option<&EnvironmentName>,
        per_environment: u8,
    ) -> Result<(History, Rules), Error> {
        let as_of = self.now();
        let spellings = environment.map(gate::spellings);
        let mut variables = repository_variables(repository);
        let named = match &spellings {
            None => self.usual_environments(),
            Some(spellings) => {
                let names: Vec<&str> = spellings.iter().map(EnvironmentName::as_str).collect();
                variables.insert("environments".to_owned(), names.clone().into());
                names
            }
        };
        variables.insert("named".to_owned(), named.into());
        let query = include_str!("queries/history.graphql");
        let answer = self
            .query::<RepositoryAnswer<Data>>("History", repository.owner(), query, variables)
            .await?;
        let data = answer.whole_repository()?;
        let repository = spelled(&data.name_with_owner)?;
        let url = data.environments.url.clone();
        let mut environments = data.environments.read(self.default_environments())?;
        let policy = policy::read(data.policy.as_ref());
        let rules = Rules::of(&repository, policy.as_ref(), &environments.known);
        let names = match environment {
            None => environments.known_and_seen(),
            Some(asked) => {
                let Some(name) = gate::resolve_environment(asked, &environments.known).cloned()
                else {
                    return Err(Error::UnknownEnvironment {
                        known: environments.known,
                    });
                };
                if !spellings.unwrap_or_default().contains(&name) {
                    let asked = vec![name.clone()];
                    self.add_deployments(&repository, &url, asked, &mut environments)
                        .await?;
                }
                vec![name]
            }
        };
        let hidden = names.iter().filter(|name| environments.is_end_hidden(name));
        let hidden: Vec<EnvironmentName> = hidden.cloned().collect();
        if !hidden.is_empty() {
            self.add_deployments(&repository, &url, hidden, &mut environments)
                .await?;
        }
        let has_default_environments = environments.are_default;
        let environments = names
            .into_iter()
            .map(|name| history_of(&environments, name, per_environment.into()))
            .collect();
        let history = History {
            repository,
            environments,
            has_default_environments,
            as_of,
        };
        Ok((history, rules))
    }
}

fn history_of(
    environments: &Environments,
    name: EnvironmentName,
    per_environment: usize,
) -> EnvironmentHistory {
    let live = environments.live_deployment(&name).map(|live| live.id);
    let all = environments.history_of(&name);
    EnvironmentHistory {
        more: environments.is_cut_short || all.len() > per_environment,
        deployments: all
            .into_iter()
            .take(per_environment)
            .map(|deployment| Deployment {
                live: live.as_ref() == Some(&deployment.id),
                ..deployment.clone()
            })
            .collect(),
        environment: name,
    }
}
