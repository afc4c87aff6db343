//! Which environments a channel follows. Whoever asks for one is told at once
//! whether there is such, by the answers that are kept of its repository.

use super::{Service, StatusAsk, SubscribeAsk, UnsubscribeAsk, environments::USUAL};
use crate::{
    error::Error,
    gate,
    model::{EnvironmentName, Subscription, closest_first},
    store::{Subscribed, TooMany},
};

/// What a channel follows no more.
#[derive(Debug)]
pub(crate) struct Unsubscribed {
    /// What was ended.
    pub(crate) ended: Vec<Subscription>,
    /// What goes on, because the repository's own file says so.
    pub(crate) kept: Vec<Subscription>,
}

impl Service {
    /// Lets a channel follow an environment, production where none is named.
    pub(crate) async fn subscribe(&self, ask: SubscribeAsk) -> Result<Subscribed, Error> {
        let SubscribeAsk {
            channel,
            repository,
            environment,
            moments,
            requester,
        } = ask;
        let limit = USUAL;
        let status = self.status(StatusAsk { repository, limit }).await?.value;
        let names = status.environments.into_iter().map(|one| one.name);
        let known: Vec<EnvironmentName> = names.collect();
        let found = match &environment {
            Some(name) => gate::resolve_environment(name, &known),
            None => known.iter().find(|name| name.is_production()),
        };
        let Some(environment) = found.cloned() else {
            let name = environment.unwrap_or_else(production);
            return Err(Error::UnknownEnvironment {
                repository: status.repository,
                candidates: closest_first(name.as_str(), known.iter().map(EnvironmentName::as_str)),
                name,
            });
        };
        let wanted = Subscription {
            repository: status.repository,
            environment,
            moments,
            asked: Some((requester, self.now())),
        };
        let store = self.store.clone();
        let subscribed = self
            .carried_through(async move { Ok(store.subscribe(&channel, &wanted).await?) })
            .await?;
        subscribed.map_err(|too_many| match too_many {
            TooMany::OfChannel => Error::invalid(
                "channel",
                "It follows 100 environments already, which is the most: end one of them first.",
            ),
            TooMany::OfEnvironment => Error::invalid(
                "environment",
                "100 channels follow it already, which is the most: one of them has to end that \
                 first.",
            ),
        })
    }

    /// Ends what a channel follows of a repository, or of one environment of it.
    pub(crate) async fn unsubscribe(&self, ask: UnsubscribeAsk) -> Result<Unsubscribed, Error> {
        let store = self.store.clone();
        self.carried_through(async move {
            let spellings = ask.environment.as_ref().map(gate::spellings);
            let (channel, repository) = (&ask.channel, &ask.repository);
            let of = spellings.as_deref();
            Ok(Unsubscribed {
                ended: store.unsubscribe(channel, repository, of).await?,
                kept: store.named_by_file(channel, repository, of).await?,
            })
        })
        .await
    }

    /// What a channel follows.
    pub(crate) async fn subscriptions(&self, channel: &str) -> Result<Vec<Subscription>, Error> {
        Ok(self.store.subscriptions(channel).await?)
    }
}

fn production() -> EnvironmentName {
    "production".parse().expect("it is the name of one")
}
