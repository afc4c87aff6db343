//! What was deployed.

use super::{
    HistoryAsk, Service,
    reads::{Followed, followed, is_whole, unless_failed, widest},
};
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
            // Somebody may have asked for more since that was read.
            (
                Ok(Snapshot {
                    value,
                    stale: Some(stale),
                }),
                environment,
            ) => {
                let environment = environment.as_ref();
                let newer = self.widest_history(&repository, environment, per_environment, &stale);
                let newer = newer.await;
                let newer = newer.filter(|it| is_whole(it) && it.value.as_of > value.as_of);
                Ok(newer.unwrap_or(Snapshot {
                    value,
                    stale: Some(stale),
                }))
            }
            (Ok(current), _) => Ok(current),
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

    /// What was kept of a repository's deployments for whoever asked for more of
    /// them, or what the journal knows of them where that is more, while GitHub
    /// cannot be asked and nothing was kept of what is asked for now.
    pub(super) async fn kept_history(
        &self,
        repository: &RepositoryName,
        environment: Option<EnvironmentName>,
        per_environment: u8,
        error: &github::Error,
    ) -> Option<Snapshot<History>> {
        let stale = self.why_stale(error)?;
        let asked = environment.as_ref();
        let kept = self.widest_history(repository, asked, per_environment, &stale);
        let kept = kept.await;
        if kept.as_ref().is_some_and(is_whole) {
            return kept;
        }
        let spellings = environment.as_ref().map(gate::spellings);
        let known = self
            .store
            .known_history(repository, spellings.as_deref(), per_environment.into())
            .await;
        let known = unless_failed(repository, "tell what it knows", known).flatten();
        let is_more = |known: &History| {
            let kept = kept.as_ref();
            kept.is_none_or(|kept| deployments_in(known) > deployments_in(&kept.value))
        };
        let Some(value) = known.filter(is_more) else {
            return kept;
        };
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

    /// What was kept for whoever asked for as many deployments there or in every
    /// environment, the newest of that; else the one with most. None where that
    /// can't be brought up to date.
    async fn widest_history(
        &self,
        repository: &RepositoryName,
        environment: Option<&EnvironmentName>,
        per_environment: u8,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        let asks = self.store.history_asks(repository).await;
        let asks = unless_failed(repository, "tell what was kept", asks)?;
        let texts = asks.iter().map(String::as_str);
        let told = texts.filter_map(|ask| Some((ask, told_by(ask)?)));
        let wide = told.filter(|(_, (_, told))| is_told_by(told.as_ref(), environment));
        let numbered = wide.map(|(ask, (number, told))| (number, (ask, number, told)));
        let (ask, number, told) = widest(numbered, per_environment)?;
        let kept = self.store.history_snapshot(repository, ask).await;
        let kept = unless_failed(repository, "tell a history that was kept", kept).flatten()?;
        let with = |history: History, since: &[Deployment]| {
            history.with(since, told.as_ref(), number.into())
        };
        let Followed {
            value, followed_at, ..
        } = Some(followed(kept, with, self.now())).filter(|it| it.is_up_to_date)?;
        let (value, is_whole) = cut(value, environment, per_environment.into())?;
        Some(Snapshot {
            value,
            stale: Some(Stale {
                is_partial: !is_whole,
                followed_at,
                ..stale.clone()
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

/// What such a text asks for: how many, and where where that is not everywhere.
fn told_by(text: &str) -> Option<(u8, Option<EnvironmentName>)> {
    match text.split_once(':') {
        None => Some((text.parse().ok()?, None)),
        Some((number, name)) => Some((number.parse().ok()?, Some(name.parse().ok()?))),
    }
}

/// Whether what tells of one environment, or of all, may tell of what is asked for.
fn is_told_by(told: Option<&EnvironmentName>, asked: Option<&EnvironmentName>) -> bool {
    told.is_none_or(|told| {
        let mut spellings = asked.map(gate::spellings).unwrap_or_default().into_iter();
        spellings.any(|asked| asked.is_same(told))
    })
}

/// As much of a history as is asked for, and whether it is all of that; none where
/// it does not tell of the environment.
fn cut(
    mut history: History,
    environment: Option<&EnvironmentName>,
    per_environment: usize,
) -> Option<(History, bool)> {
    if let Some(asked) = environment {
        let told = history.environments.iter();
        let told: Vec<_> = told.map(|one| one.environment.clone()).collect();
        let meant = gate::resolve_environment(asked, &told)?;
        history.environments.retain(|one| one.environment == *meant);
    }
    let mut is_whole = true;
    for one in &mut history.environments {
        is_whole &= !one.more || one.deployments.len() >= per_environment;
        one.more |= one.deployments.len() > per_environment;
        one.deployments.truncate(per_environment);
    }
    Some((history, is_whole))
}

fn deployments_in(history: &History) -> usize {
    let environments = history.environments.iter();
    environments.map(|one| one.deployments.len()).sum()
}
