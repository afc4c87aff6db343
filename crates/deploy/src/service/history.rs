//! What was deployed.

mod known;

use std::cmp::Reverse;

use super::{
    HistoryAsk, Service,
    reads::{Followed, followed, is_whole, or_newer, unless_failed, widest},
};
use crate::{
    error::Error,
    gate, github,
    model::{Deployment, EnvironmentName, History, RepositoryName, Snapshot, Stale, closest_first},
    rules,
};

/// How many environments are looked through that others asked for.
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

    /// What was kept of a repository's deployments for whoever asked for more of
    /// them, while GitHub cannot be asked; where that is not all, with whatever else
    /// is known of them.
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
        let mut parts: Vec<_> = kept.into_iter().collect();
        if environment.is_none() {
            let each = self.history_of_each(repository, per_environment, stale);
            parts.extend(each.await);
        }
        let known = self.known_history(repository, environment, per_environment, stale);
        parts.extend(known.await);
        parts.extend(self.running_there(repository, environment, stale).await);
        let Snapshot { value, stale } = together(parts, per_environment.into())?;
        let missing = match environment {
            None => self.missing_in(&value, repository).await,
            Some(_) => Vec::new(),
        };
        Some(Snapshot {
            value,
            stale: stale.map(|stale| Stale {
                is_partial: true,
                missing,
                ..stale
            }),
        })
    }

    /// What was kept for others who asked for the deployments of one environment: for
    /// each of them, of a few, one answer.
    async fn history_of_each(
        &self,
        repository: &RepositoryName,
        per_environment: u8,
        stale: &Stale,
    ) -> Vec<Snapshot<History>> {
        let asks = self.store.history_asks(repository).await;
        let asks = unless_failed(repository, "tell what was kept", asks).unwrap_or_default();
        let mut each = Vec::new();
        for ask in widest_of_each(asks, per_environment) {
            let kept = self.history_for(repository, &ask, None, per_environment, stale);
            each.extend(kept.await);
        }
        each
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

/// Of asks for one environment each, newest first, the best for each environment: the
/// newest for as many as are wanted, else the one for most.
fn widest_of_each(asks: Vec<String>, wanted: u8) -> Vec<String> {
    let named = |ask: String| {
        let (number, told) = told_by(&ask)?;
        Some((number.min(wanted), told?, ask))
    };
    let mut asks: Vec<_> = asks.into_iter().filter_map(named).collect();
    asks.sort_by_key(|(number, ..)| Reverse(*number));
    let mut each: Vec<(EnvironmentName, String)> = Vec::new();
    for (_, told, ask) in asks {
        if !each.iter().any(|(known, _)| known.is_same(&told)) {
            each.push((told, ask));
        }
    }
    let each = each.into_iter().map(|(_, ask)| ask);
    each.take(ENVIRONMENTS).collect()
}

/// What several answers tell together, the newest with what older ones add.
fn together(
    mut parts: Vec<Snapshot<History>>,
    per_environment: usize,
) -> Option<Snapshot<History>> {
    parts.sort_by_key(|part| Reverse(part.value.as_of));
    let mut parts = parts.into_iter();
    let Snapshot { mut value, stale } = parts.next()?;
    let mut stale = stale?;
    let mut newest = stale.followed_at.max(Some(value.as_of));
    cut(&mut value, per_environment);
    for part in parts {
        let followed_at = part.stale.and_then(|stale| stale.followed_at);
        let mut more = value.clone().and(part.value);
        cut(&mut more, per_environment);
        if more.environments != value.environments {
            value = more;
            newest = newest.max(followed_at);
        }
    }
    stale.followed_at = newest.filter(|at| *at > value.as_of);
    Some(Snapshot {
        value,
        stale: Some(stale),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_environment_the_newest_that_is_wide_enough_is_looked_at_else_the_widest() {
        let asks = ["5:qa", "3:prod", "7", "10:prod", "20:Prod", "8:qa", "odd"];
        let asks = asks.map(ToOwned::to_owned).to_vec();
        let best = |wanted| widest_of_each(asks.clone(), wanted).join(" ");
        assert_eq!(best(2), "5:qa 3:prod");
        assert_eq!(best(9), "10:prod 8:qa");
        assert_eq!(best(50), "20:Prod 8:qa");
        let many = (0..100).map(|number| format!("1:e{number}"));
        assert_eq!(widest_of_each(many.collect(), 5).len(), ENVIRONMENTS);
    }
}
