//! `subscribe`, `unsubscribe` and `subscriptions`: what a channel is told of
//! deployments that are not asked for in it. What changes is acknowledged when the
//! deploy service has it, or when that is given up and said.

use std::time::Duration;

use deploy_proto::v1::{self, Moment};
use tokio::time::{Instant, sleep};

use super::{Answer, Bot};
use crate::{
    backoff::Backoff,
    command::{EnvironmentName, RepositoryName},
    deploy::Error,
    slack::event::Mention,
    view::{self, Asked, block::Message},
};

/// How long the deploy service is asked until it is said that nothing was changed:
/// one that is only restarted is back by then.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lets the channel follow an environment.
pub(super) async fn subscribe(
    bot: &Bot,
    mention: &Mention,
    repository: &RepositoryName,
    environment: Option<&EnvironmentName>,
    moments: &[Moment],
) -> Answer {
    let someone = bot.people.find(&mention.user).await;
    let request = v1::SubscribeRequest {
        channel: mention.place().channel.to_string(),
        repository: repository.to_string(),
        environment: environment.map(ToString::to_string).unwrap_or_default(),
        moments: moments.iter().map(|moment| (*moment).into()).collect(),
        requester: Some(someone.person),
    };
    let words = someone.words;
    match ask_to_subscribe(bot, request).await {
        Ok(subscribed) => in_channel(mention, view::subscribed(words, &subscribed)),
        Err(error) => {
            tracing::warn!(%repository, %error, "a channel can't follow");
            // Where none was named production was asked for.
            let environment = environment.map_or("production", EnvironmentName::as_str);
            let message = view::call_error(
                words,
                &error.told(),
                Asked::InWords,
                repository.as_str(),
                Some(environment),
            );
            beside(mention, message)
        }
    }
}

/// Ends what the channel follows of a repository.
pub(super) async fn unsubscribe(
    bot: &Bot,
    mention: &Mention,
    repository: &RepositoryName,
    environment: Option<&EnvironmentName>,
) -> Answer {
    let request = v1::UnsubscribeRequest {
        channel: mention.place().channel.to_string(),
        repository: repository.to_string(),
        environment: environment.map(ToString::to_string).unwrap_or_default(),
    };
    let (words, answer) = tokio::join!(
        bot.people.words_of(&mention.user),
        ask_to_unsubscribe(bot, request)
    );
    let environment = environment.map(EnvironmentName::as_str);
    match answer {
        Ok(answer) => {
            let message = view::unsubscribed(words, &answer, repository.as_str(), environment);
            in_channel(mention, message)
        }
        Err(error) => {
            tracing::warn!(%repository, %error, "what a channel follows can't be ended");
            let told = error.told();
            let asked = Asked::InWords;
            let message = view::call_error(words, &told, asked, repository.as_str(), environment);
            beside(mention, message)
        }
    }
}

/// Tells what the channel follows.
pub(super) async fn list(bot: &Bot, mention: &Mention) -> Answer {
    let request = v1::ListSubscriptionsRequest {
        channel: mention.place().channel.to_string(),
    };
    let (words, answer) = tokio::join!(
        bot.people.words_of(&mention.user),
        bot.deploy.subscriptions(request)
    );
    match answer {
        Ok(answer) => in_channel(mention, view::subscriptions(words, &answer.subscriptions)),
        Err(error) => {
            tracing::warn!(%error, "what a channel follows can't be told");
            let message = view::call_error(words, &error.told(), Asked::ToKnow, "", None);
            beside(mention, message)
        }
    }
}

/// How long it is asked again.
struct Patience {
    until: Instant,
    backoff: Backoff,
}

impl Patience {
    fn new(bot: &Bot) -> Self {
        Self {
            until: Instant::now() + PATIENCE.min(bot.timing.journalled_at_last),
            backoff: Backoff::new(&bot.timing),
        }
    }

    /// Waits until it can be asked again; gives the error back where that does not
    /// help, or not in time.
    async fn wait(&mut self, bot: &Bot, error: Error) -> Result<(), Error> {
        if !error.heals() {
            return Err(error);
        }
        let wait = error.retry_after().unwrap_or_else(|| self.backoff.next());
        if Instant::now() + wait >= self.until {
            return Err(error);
        }
        tokio::select! {
            () = sleep(wait) => Ok(()),
            () = bot.shutdown.cancelled() => Err(error),
        }
    }
}

async fn ask_to_subscribe(
    bot: &Bot,
    request: v1::SubscribeRequest,
) -> Result<v1::SubscribeResponse, Error> {
    let mut patience = Patience::new(bot);
    loop {
        match bot.deploy.subscribe(request.clone()).await {
            Err(error) => patience.wait(bot, error).await?,
            Ok(answer) => return Ok(answer),
        }
    }
}

async fn ask_to_unsubscribe(
    bot: &Bot,
    request: v1::UnsubscribeRequest,
) -> Result<v1::UnsubscribeResponse, Error> {
    let mut patience = Patience::new(bot);
    loop {
        match bot.deploy.unsubscribe(request.clone()).await {
            Err(error) => patience.wait(bot, error).await?,
            Ok(answer) => return Ok(answer),
        }
    }
}

fn in_channel(mention: &Mention, message: Message) -> Answer {
    Answer {
        message,
        place: mention.place(),
    }
}

fn beside(mention: &Mention, message: Message) -> Answer {
    Answer {
        message,
        place: mention.side(),
    }
}
