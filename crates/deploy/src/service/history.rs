//! What was deployed.

use super::{
    HistoryAsk, Service,
    reads::{Answer as _, Followed, followed, is_whole, or_newer, unless_failed, widest},
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
        let environment = environment.as_ref();
        let read = async |github: github::Client| {
            let read = github.history(&repository, environment, per_environment);
            let (history, said) = read.await?;
            rules::keep(&self.store, &repository, &said).await;
            Ok(history)
        };
        let with = |history: History, since: &[Deployment]| {
            history.with(since, environment, per_environment.into())
        };
        let read = self.through_journal(&repository, &text, with, read);
        match (read.await, environment) {
            // Somebody may have asked for more since that was read.
            (Ok(held), _) => {
                let kept = match &held.stale {
                    Some(stale) => {
                        self.kept_history(&repository, environment, per_environment, stale)
                            .await
                    }
                    None => None,
                };
                Ok(or_newer(held, kept))
            }
            (Err(github::Error::UnknownEnvironment { known }), Some(name)) => {
                let known = known.iter().map(EnvironmentName::as_str);
                Err(Error::UnknownEnvironment {
                    repository,
                    candidates: closest_first(name.as_str(), known),
                    name: name.clone(),
                })
            }
            (Err(error), _) => {
                let kept = match &self.why_stale(&error) {
                    Some(stale) => {
                        self.kept_history(&repository, environment, per_environment, stale)
                            .await
                    }
                    None => None,
                };
                match kept {
                    Some(history) => Ok(history),
                    None => Err(self.read_failed(&repository, error).await),
                }
            }
        }
    }

    /// What was kept of a repository's deployments for whoever asked for more of
    /// them, or what the journal knows of them where that is more, while GitHub
    /// cannot be asked.
    pub(super) async fn kept_history(
        &self,
        repository: &RepositoryName,
        environment: Option<&EnvironmentName>,
        per_environment: u8,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        let kept = self.widest_history(repository, environment, per_environment, stale);
        let kept = kept.await;
        if kept.as_ref().is_some_and(is_whole) {
            return kept;
        }
        let known = self.known_history(repository, environment, per_environment);
        let rows = kept.as_ref().map(|kept| kept.value.rows());
        let Some(value) = known.await.filter(|known| Some(known.rows()) > rows) else {
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
                ..stale.clone()
            }),
        })
    }

    /// What was kept for others who asked for deployments there or in every
    /// environment. None where that can't be brought up to date.
    async fn widest_history(
        &self,
        repository: &RepositoryName,
        environment: Option<&EnvironmentName>,
        per_environment: u8,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        let asks = self.store.history_asks(repository).await;
        let asks = unless_failed(repository, "tell what was kept", asks)?;
        let told = asks.into_iter().filter_map(|ask| {
            let (number, told) = told_by(&ask)?;
            is_told_by(told.as_ref(), environment).then_some((number, ask))
        });
        let read = |ask: String| async move {
            self.history_for(repository, &ask, environment, per_environment, stale)
                .await
        };
        widest(told.collect(), per_environment, read).await
    }

    /// What was kept for an ask, cut to what is asked for now; none where it can't
    /// be brought up to date, or may tell of another environment.
    async fn history_for(
        &self,
        repository: &RepositoryName,
        ask: &str,
        environment: Option<&EnvironmentName>,
        per_environment: u8,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        let (number, told) = told_by(ask)?;
        let kept = self.store.history_snapshot(repository, ask).await;
        let kept = unless_failed(repository, "tell a history that was kept", kept).flatten()?;
        let with = |history: History, since: &[Deployment]| {
            history.with(since, told.as_ref(), number.into())
        };
        let Followed {
            mut value,
            followed_at,
            is_up_to_date,
        } = followed(kept, with, self.now());
        if !is_up_to_date {
            return None;
        }
        if let Some(asked) = environment {
            let meant = meant_by(asked, &value)?;
            // What tells of `production` alone says nothing of a `prod` beside it.
            let names_it = told.is_none_or(|told| told.is_same(asked));
            let is_it = meant.is_same(asked) || names_it;
            if !is_it && self.is_known_to_lack(repository, asked).await != Some(true) {
                return None;
            }
            value.environments.retain(|one| one.environment == meant);
        }
        let is_partial = !cut(&mut value, per_environment.into());
        Some(Snapshot {
            value,
            stale: Some(Stale {
                is_partial,
                followed_at,
                ..stale.clone()
            }),
        })
    }

    /// What the journal knows of a repository's deployments.
    async fn known_history(
        &self,
        repository: &RepositoryName,
        environment: Option<&EnvironmentName>,
        per_environment: u8,
    ) -> Option<History> {
        let spellings = environment.map(gate::spellings);
        let known = self
            .store
            .known_history(repository, spellings.as_deref(), per_environment.into())
            .await;
        let mut known = unless_failed(repository, "tell what it knows", known).flatten()?;
        if let Some(asked) = environment {
            let meant = meant_by(asked, &known)?;
            if !meant.is_same(asked)
                && self.is_known_to_lack(repository, asked).await == Some(false)
            {
                return None;
            }
            known.environments.retain(|one| one.environment == meant);
        }
        Some(known)
    }

    /// The environments of a repository that a history of all of them lacks, by
    /// the newest status that was kept of it.
    async fn missing_in(
        &self,
        history: &History,
        repository: &RepositoryName,
    ) -> Vec<EnvironmentName> {
        let mut known = self.known_environments(repository).await;
        let told = |name: &EnvironmentName| {
            let mut told = history.environments.iter();
            told.any(|one| one.environment.is_same(name))
        };
        known.retain(|name| !told(name));
        known
    }

    /// Whether no environment of a repository has this name of its own; none where
    /// nothing is known of its environments.
    async fn is_known_to_lack(
        &self,
        repository: &RepositoryName,
        name: &EnvironmentName,
    ) -> Option<bool> {
        let known = self.known_environments(repository).await;
        let is_there = known.iter().any(|one| one.is_same(name));
        (!known.is_empty()).then_some(!is_there)
    }

    /// The environments of a repository by the newest status that was kept of it.
    async fn known_environments(&self, repository: &RepositoryName) -> Vec<EnvironmentName> {
        let kept = self.store.newest_status(repository).await;
        let kept = unless_failed(repository, "tell a status that was kept", kept).flatten();
        let environments = kept
            .into_iter()
            .flat_map(|(_, kept)| kept.value.environments);
        environments.map(|one| one.name).collect()
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
        let namesakes = asked.map(gate::namesakes).unwrap_or_default();
        namesakes.contains(&told.as_str().to_lowercase())
    })
}

/// The environment that is meant, of those that a history tells of.
fn meant_by(asked: &EnvironmentName, history: &History) -> Option<EnvironmentName> {
    let told = history.environments.iter();
    let told: Vec<_> = told.map(|one| one.environment.clone()).collect();
    gate::resolve_environment(asked, &told).cloned()
}

/// Leaves as much of a history as is asked for; whether it has all of that.
fn cut(history: &mut History, per_environment: usize) -> bool {
    let mut has_all = true;
    for one in &mut history.environments {
        has_all &= !one.more || one.deployments.len() >= per_environment;
        one.more |= one.deployments.len() > per_environment;
        one.deployments.truncate(per_environment);
    }
    has_all
}
