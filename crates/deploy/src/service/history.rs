//! What was deployed.

use super::{HistoryAsk, Service, reads::unless_failed};
use crate::{
    error::Error,
    gate, github,
    model::{Deployment, EnvironmentName, History, RepositoryName, Snapshot, Stale, closest_first},
    rules,
};

impl Service {
    /// The deployments of a repository, per environment, newest first.
    pub(crate) async fn history(&self, ask: HistoryAsk) -> Result<Snapshot<History>, Error> {
        let text = text_of(&ask);
        let HistoryAsk {
            repository,
            environment,
            per_environment,
        } = ask;
        let read = async |github: github::Client| {
            let environment = environment.as_ref();
            let read = github.history(&repository, environment, per_environment);
            let (history, said) = read.await?;
            rules::keep(&self.store, &repository, &said).await;
            Ok(history)
        };
        let with = |history: History, since: &[Deployment]| {
            history.with(since, environment.as_ref(), per_environment.into())
        };
        let read = self.through_journal(&repository, &text, with, read);
        let read = read.await;
        match (read, environment) {
            (Ok(history), _) => Ok(history),
            (Err(github::Error::UnknownEnvironment { known }), Some(name)) => {
                let known = known.iter().map(EnvironmentName::as_str);
                Err(Error::UnknownEnvironment {
                    repository,
                    candidates: closest_first(name.as_str(), known),
                    name,
                })
            }
            (Err(error), environment) => {
                let kept = self.kept_history(&repository, environment, per_environment, &error);
                match kept.await {
                    Some(history) => Ok(history),
                    None => Err(self.read_failed(&repository, error).await),
                }
            }
        }
    }

    /// What the journal knows of a repository's deployments, while GitHub cannot
    /// be asked and nothing was kept of what it answered before.
    async fn kept_history(
        &self,
        repository: &RepositoryName,
        environment: Option<EnvironmentName>,
        per_environment: u8,
        error: &github::Error,
    ) -> Option<Snapshot<History>> {
        let stale = self.why_stale(error)?;
        let spellings = environment.as_ref().map(gate::spellings);
        let known = self
            .store
            .known_history(repository, spellings.as_deref(), per_environment.into())
            .await;
        let value = unless_failed(repository, "tell what it knows", known).flatten()?;
        let missing = match environment {
            None => self.missing_in(&value, repository).await,
            Some(_) => Vec::new(),
        };
        Some(Snapshot {
            value,
            stale: Some(Stale {
                is_partial: true,
                missing,
                ..stale
            }),
        })
    }

    /// The environments of a repository that a history of all of them lacks, by
    /// the newest status that was kept of it.
    async fn missing_in(
        &self,
        history: &History,
        repository: &RepositoryName,
    ) -> Vec<EnvironmentName> {
        let kept = self.store.newest_status(repository).await;
        let kept = unless_failed(repository, "tell a status that was kept", kept).flatten();
        let is_told = |name: &EnvironmentName| {
            let mut told = history.environments.iter();
            told.any(|one| one.environment.is_same(name))
        };
        let environments = kept
            .into_iter()
            .flat_map(|(_, kept)| kept.value.environments);
        environments
            .map(|one| one.name)
            .filter(|name| !is_told(name))
            .collect()
    }
}

/// Tells differently asked ones apart.
fn text_of(ask: &HistoryAsk) -> String {
    match &ask.environment {
        None => ask.per_environment.to_string(),
        Some(name) => format!("{}:{}", ask.per_environment, name.as_str().to_lowercase()),
    }
}
