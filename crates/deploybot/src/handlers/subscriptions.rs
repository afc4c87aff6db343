//! `subscribe`, `unsubscribe` and `subscriptions`: what a channel is told of
//! deployments that are not asked for in it. What changes something is acknowledged
//! when the deploy service has it, as a deploy is, and told for all to see.

mod under_way;

use deploy_proto::v1::{self, Moment};

use super::{
    Answer, Bot,
    asking::{Asker, End, Ended, settle},
    wish_id, written_at,
};
use crate::{
    command::{Command, EnvironmentName, RepositoryName},
    people::Someone,
    slack::{event::Mention, incoming::Acknowledgement},
    suggest,
    view::{self, Asked, block::Message},
};

pub(crate) use under_way::UnderWay;

/// What a channel is to follow, or to follow no more.
pub(super) struct Wanted {
    pub(super) repository: RepositoryName,
    pub(super) environment: Option<EnvironmentName>,
    pub(super) moments: Vec<Moment>,
}

impl Wanted {
    fn environment(&self) -> Option<&str> {
        self.environment.as_ref().map(EnvironmentName::as_str)
    }

    /// What is said for a channel to follow it.
    fn subscribing(&self) -> Command {
        Command::Subscribe {
            repository: self.repository.clone(),
            environment: self.environment.clone(),
            moments: self.moments.clone(),
        }
    }
}

/// Lets the channel follow an environment; tells whether the event is dealt with.
pub(super) async fn subscribe(
    bot: &Bot,
    mention: &Mention,
    wanted: &Wanted,
    acknowledgement: Acknowledgement,
) -> bool {
    let someone = bot.people.find(&mention.user).await;
    let Someone { person, words, .. } = someone;
    if someone.is_guest {
        bot.refuse_guest(mention.refused(), words, acknowledgement)
            .await;
        return true;
    }
    let request = v1::SubscribeRequest {
        channel: mention.channel.to_string(),
        repository: wanted.repository.to_string(),
        environment: wanted.environment().unwrap_or_default().to_owned(),
        moments: wanted.moments.iter().map(|one| (*one).into()).collect(),
        requester: Some(person),
        request_id: wish_id(mention),
        asked_at: written_at(&mention.ts),
    };
    let asker = Asker::of(bot, mention, words);
    let ask = || bot.deploy.subscribe(request.clone());
    let under_way = bot.subscribing.begin(mention, wanted);
    let ended = asker.run(&request.request_id, ask).await;
    drop(under_way);
    let telling = async {
        let Some(answer) = answered(&ended) else {
            return;
        };
        let told = match answer.outdated {
            true => view::not_subscribed(words, goes_on(bot, mention, answer).await),
            false => view::subscribed(words, answer, &wanted.repository),
        };
        tell_all(bot, mention, &asker, &ended, told).await;
    };
    // Where none was named production was asked for.
    let environment = wanted.environment().unwrap_or("production");
    let repository = wanted.repository.as_str();
    let refused =
        |error: &_| view::call_error(words, error, Asked::InWords, repository, Some(environment));
    let again = wanted.subscribing();
    settle(&asker, &ended, &again, telling, refused, acknowledgement).await
}

/// Whether the channel follows what something newer holds about, by a newer
/// `subscribe`; none where nobody tells.
async fn goes_on(bot: &Bot, mention: &Mention, answer: &v1::SubscribeResponse) -> Option<bool> {
    let asked = answer.subscription.as_ref()?;
    let request = v1::ListSubscriptionsRequest {
        channel: mention.channel.to_string(),
    };
    let all = bot.deploy.subscriptions(request).await.ok()?.subscriptions;
    let mut own = all.iter().filter(|one| one.requester.is_some());
    Some(own.any(|one| {
        one.repository.eq_ignore_ascii_case(&asked.repository)
            && one.environment.eq_ignore_ascii_case(&asked.environment)
    }))
}

/// Ends what the channel follows of a repository; tells whether the event is dealt
/// with.
pub(super) async fn unsubscribe(
    bot: &Bot,
    mention: &Mention,
    wanted: &Wanted,
    acknowledgement: Acknowledgement,
) -> bool {
    let someone = bot.people.find(&mention.user).await;
    let words = someone.words;
    if someone.is_guest {
        bot.refuse_guest(mention.refused(), words, acknowledgement)
            .await;
        return true;
    }
    let (repository, environment) = (wanted.repository.as_str(), wanted.environment());
    let request = v1::UnsubscribeRequest {
        channel: mention.channel.to_string(),
        repository: repository.to_owned(),
        environment: environment.unwrap_or_default().to_owned(),
        request_id: wish_id(mention),
        asked_at: written_at(&mention.ts),
    };
    let asker = Asker::of(bot, mention, words);
    let ask = || bot.deploy.unsubscribe(request.clone());
    let withdrawn = bot.subscribing.ended_by(mention, wanted);
    let ended = asker.run(&request.request_id, ask).await;
    let telling = async {
        let Some(answer) = answered(&ended) else {
            return;
        };
        if ends_nothing(answer) && !withdrawn.is_empty() {
            let told = view::subscribe_withdrawn(words, &withdrawn);
            return tell_all(bot, mention, &asker, &ended, told).await;
        }
        let meant = meant(bot, mention, wanted, answer).await;
        let meant = meant.map(|meant| meant.line());
        let told = view::unsubscribed(words, answer, repository, environment, meant.as_deref());
        if ends_nothing(answer) {
            // A slip is nobody's business but the asker's.
            return asker.answer(ended.waiting.as_ref(), told).await;
        }
        tell_all(bot, mention, &asker, &ended, told).await;
    };
    let refused =
        |error: &_| view::call_error(words, error, Asked::InWords, repository, environment);
    let again = Command::Unsubscribe {
        repository: wanted.repository.clone(),
        environment: wanted.environment.clone(),
    };
    settle(&asker, &ended, &again, telling, refused, acknowledgement).await
}

/// Whether there is nothing that could be ended.
fn ends_nothing(answer: &v1::UnsubscribeResponse) -> bool {
    !answer.outdated && answer.ended.is_empty() && answer.kept.is_empty()
}

/// What was perhaps to be ended, where nothing was.
async fn meant(
    bot: &Bot,
    mention: &Mention,
    wanted: &Wanted,
    answer: &v1::UnsubscribeResponse,
) -> Option<Command> {
    if !ends_nothing(answer) {
        return None;
    }
    let request = v1::ListSubscriptionsRequest {
        channel: mention.channel.to_string(),
    };
    let all = bot.deploy.subscriptions(request).await.ok()?.subscriptions;
    let (repository, environment) = (wanted.repository.as_str(), wanted.environment());
    let (repository, environment) = suggest::closest_followed(&all, repository, environment)?;
    Some(Command::Unsubscribe {
        repository: RepositoryName::new(repository)?,
        environment: environment.and_then(EnvironmentName::new),
    })
}

/// Tells what the channel follows.
pub(super) async fn list(bot: &Bot, mention: &Mention) -> Answer {
    let request = v1::ListSubscriptionsRequest {
        channel: mention.channel.to_string(),
    };
    let (words, answer) = tokio::join!(
        bot.people.words_of(&mention.user),
        bot.deploy.subscriptions(request)
    );
    match answer {
        Ok(answer) => Answer {
            message: view::subscriptions(words, &answer.subscriptions),
            place: mention.place(),
        },
        Err(error) => {
            tracing::warn!(%error, "what a channel follows can't be told");
            Answer {
                message: view::call_error(words, &error.told(), Asked::ToKnow, "", None),
                place: mention.side(),
            }
        }
    }
}

const fn answered<T>(ended: &Ended<T>) -> Option<&T> {
    match &ended.end {
        End::Journalled(answer) => Some(answer),
        _ => None,
    }
}

/// Says it where all see it or, where it was said beside that it takes long, there.
async fn tell_all<T>(
    bot: &Bot,
    mention: &Mention,
    asker: &Asker<'_>,
    ended: &Ended<T>,
    message: Message,
) {
    match &ended.waiting {
        Some(waiting) => asker.answer(Some(waiting), message).await,
        None => {
            let in_channel = Asker {
                place: mention.place(),
                ..Asker::of(bot, mention, asker.words)
            };
            in_channel.answer(None, message).await;
        }
    }
}
