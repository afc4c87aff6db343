//! Which environments a channel follows. Whoever asks for one is told at once
//! whether there is such, by the answers that are kept of its repository.

use super::{
    HistoryAsk, Service, StatusAsk, SubscribeAsk, UnsubscribeAsk, environments::USUAL, id_taken,
};
use crate::{
    error::Error,
    gate,
    model::{EnvironmentName, RepositoryName, Subscription, closest_first},
    store::{Made, Subscribed, TooMany, Unsubscribed},
};

/// Of so many environments a status tells at least, where there are so many.
const TOLD: usize = 100;

impl Service {
    /// Lets a channel follow an environment, production where none is named. Where
    /// that was asked for before, nothing is read for it again.
    pub(crate) async fn subscribe(&self, ask: SubscribeAsk) -> Result<Subscribed, Error> {
        let SubscribeAsk {
            following,
            requester,
        } = ask;
        let before = self.store.subscribed_before(&following, self.now());
        if let Some(made) = before.await? {
            return subscribed(made);
        }
        let (repository, environment) = (following.repository.clone(), &following.environment);
        let limit = USUAL;
        let status = self.status(StatusAsk { repository, limit }).await?.value;
        let names = status.environments.into_iter().map(|one| one.name);
        let known: Vec<EnvironmentName> = names.collect();
        let found = match environment {
            Some(name) => gate::resolve_environment(name, &known),
            None => {
                let usual = gate::resolve_environment(&production(), &known);
                usual.or_else(|| known.iter().find(|name| name.is_production()))
            }
        };
        let environment = match found.cloned() {
            Some(environment) => environment,
            None => {
                let name = environment.clone().unwrap_or_else(production);
                self.further_environment(&status.repository, name, &known)
                    .await?
            }
        };
        let now = self.now();
        let wanted = Subscription {
            repository: status.repository,
            environment,
            moments: following.moments.clone(),
            asked: Some((requester, following.change.asked_by(now))),
        };
        let store = self.store.clone();
        let made = self.carried_through(async move {
            let made = store.subscribe(&following, &wanted, now);
            Ok(made.await?)
        });
        subscribed(made.await?)
    }

    /// One that is not among those that a status tells of, of which there may be more.
    async fn further_environment(
        &self,
        repository: &RepositoryName,
        name: EnvironmentName,
        known: &[EnvironmentName],
    ) -> Result<EnvironmentName, Error> {
        if known.len() >= TOLD {
            let ask = HistoryAsk {
                repository: repository.clone(),
                environment: Some(name.clone()),
                per_environment: 1,
            };
            let history = Box::pin(self.history(ask)).await?.value;
            let found = history.environments.into_iter().next();
            if let Some(found) = found {
                return Ok(found.environment);
            }
        }
        Err(Error::UnknownEnvironment {
            repository: repository.clone(),
            candidates: closest_first(name.as_str(), known.iter().map(EnvironmentName::as_str)),
            name,
        })
    }

    /// Ends what a channel follows of a repository, or of one environment of it.
    pub(crate) async fn unsubscribe(&self, ask: UnsubscribeAsk) -> Result<Unsubscribed, Error> {
        let (store, now) = (self.store.clone(), self.now());
        let made = self.carried_through(async move {
            let (change, channel, environment) = (&ask.change, &ask.channel, &ask.environment);
            let (repository, environment) = (&ask.repository, environment.as_ref());
            let made = store.unsubscribe(change, channel, repository, environment, now);
            Ok(made.await?)
        });
        match made.await? {
            Made::Once(unsubscribed) => Ok(unsubscribed),
            Made::IdTaken => Err(id_taken()),
        }
    }

    /// What a channel follows.
    pub(crate) async fn subscriptions(&self, channel: &str) -> Result<Vec<Subscription>, Error> {
        Ok(self.store.subscriptions(channel).await?)
    }
}

fn subscribed(made: Made<Result<Subscribed, TooMany>>) -> Result<Subscribed, Error> {
    match made {
        Made::Once(Ok(subscribed)) => Ok(subscribed),
        Made::Once(Err(TooMany::OfChannel)) => Err(Error::invalid_because(
            "channel",
            "TOO_MANY_OF_CHANNEL",
            "It follows 100 environments already, which is the most: end one of them first.",
        )),
        Made::Once(Err(TooMany::OfEnvironment)) => Err(Error::invalid_because(
            "environment",
            "TOO_MANY_OF_ENVIRONMENT",
            "100 channels follow it already, which is the most: one of them has to end that \
             first.",
        )),
        Made::IdTaken => Err(id_taken()),
    }
}

fn production() -> EnvironmentName {
    "production".parse().expect("it is the name of one")
}
