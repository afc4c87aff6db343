//! What was deployed.

mod known;

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

/// How many environments are looked up one by one for a history of all.
const ENVIRONMENTS: usize = 10;

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

    /// What is known of a repository's deployments while GitHub cannot be asked: what
    /// was kept for whoever asked for more of them or what the journal knows. Of all
    /// environments, where that is not all of it, for each what is told of that one.
    pub(super) async fn kept_history(
        &self,
        repository: &RepositoryName,
        environment: Option<&EnvironmentName>,
        per_environment: u8,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        if let Some(name) = environment {
            return self
                .history_there(repository, name, per_environment, stale)
                .await;
        }
        let of_all = self.kept_or_followed(repository, None, per_environment, stale);
        match of_all.await {
            Some(of_all) if is_whole(&of_all) => Some(of_all),
            of_all => {
                self.history_of_each(repository, of_all, per_environment, stale)
                    .await
            }
        }
    }

    /// What is known of the deployments to one environment, at least what is live there.
    async fn history_there(
        &self,
        repository: &RepositoryName,
        environment: &EnvironmentName,
        per_environment: u8,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        let kept = self.kept_or_followed(repository, Some(environment), per_environment, stale);
        match kept.await {
            None => self.live_there(repository, environment, stale).await,
            kept => kept,
        }
    }

    /// What was kept of deployments there or in every environment or, where that is
    /// more, what the journal knows of them.
    async fn kept_or_followed(
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
        let stale = Some(Stale {
            is_partial: true,
            ..stale.clone()
        });
        Some(Snapshot { value, stale })
    }

    /// For each environment that is known, of a few, what is told of that one; of the
    /// others what is told of all.
    async fn history_of_each(
        &self,
        repository: &RepositoryName,
        of_all: Option<Snapshot<History>>,
        per_environment: u8,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        let names = self.environments_of(repository, of_all.as_ref()).await;
        let mut each = None;
        for name in names.iter().take(ENVIRONMENTS) {
            let one = self.history_there(repository, name, per_environment, stale);
            each = together(each, one.await);
        }
        let Snapshot { value, stale } = together(each, of_all)?;
        let missing = self.missing_in(&value, repository).await;
        Some(Snapshot {
            value,
            stale: stale.map(|stale| Stale {
                is_partial: true,
                missing,
                ..stale
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

/// What both tell, of each environment the first that tells of it; as old as the older
/// one.
fn together(
    first: Option<Snapshot<History>>,
    second: Option<Snapshot<History>>,
) -> Option<Snapshot<History>> {
    let (mut first, second) = match (first, second) {
        (Some(first), Some(second)) => (first, second),
        (first, second) => return first.or(second),
    };
    let Snapshot { value, stale } = second;
    let told = &mut first.value.environments;
    let mut others = value.environments;
    others.retain(|one| {
        let mut told = told.iter();
        !told.any(|told| told.environment.is_same(&one.environment))
    });
    if others.is_empty() {
        return Some(first);
    }
    told.extend(others);
    told.sort_by(|one, other| one.environment.shown_before(&other.environment));
    first.value.as_of = first.value.as_of.min(value.as_of);
    first.value.has_default_environments &= value.has_default_environments;
    if let Some(of_first) = &mut first.stale {
        let followed_at = stale.and_then(|stale| stale.followed_at);
        of_first.followed_at = of_first.followed_at.max(followed_at);
    }
    Some(first)
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
