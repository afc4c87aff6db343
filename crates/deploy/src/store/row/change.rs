//! What came of a change, as JSON in the journal.

use serde::{Deserialize, Serialize};

use super::{Error, deployment::PersonJson, moments_text, read_moments, timestamp};
use crate::{
    model::{RepositoryName, Subscription},
    store::{
        people::Unlinked,
        subscriptions::{Subscribed, TooMany, Unsubscribed},
    },
};

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Answer {
    /// Of whether somebody is mentioned: whether it holds.
    Mentions { holds: bool },
    /// Of what was forgotten of somebody.
    Unlinked(Unlinked),
    /// Of what a channel follows from then on.
    Subscribed(Box<Result<Subscribed, TooMany>>),
    /// Of what a channel follows no more.
    Unsubscribed(Unsubscribed),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerJson {
    Mentions {
        holds: bool,
    },
    Unlinked {
        login: Option<String>,
        under_way: bool,
        outdated: bool,
    },
    Subscribed {
        subscription: Box<SubscriptionJson>,
        replaced: Option<Box<SubscriptionJson>>,
        outdated: bool,
    },
    TooManyOfChannel,
    TooManyOfEnvironment,
    Unsubscribed {
        ended: Vec<SubscriptionJson>,
        kept: Vec<SubscriptionJson>,
        outdated: bool,
    },
}

#[derive(Serialize, Deserialize)]
struct SubscriptionJson {
    repository: String,
    environment: String,
    moments: String,
    asked: Option<(PersonJson, i64)>,
}

/// The text of its column.
pub(in crate::store) fn answer_text(answer: &Answer) -> Result<String, Error> {
    let json = match answer.clone() {
        Answer::Mentions { holds } => AnswerJson::Mentions { holds },
        Answer::Unlinked(Unlinked {
            login,
            under_way,
            outdated,
        }) => AnswerJson::Unlinked {
            login,
            under_way,
            outdated,
        },
        Answer::Subscribed(outcome) => match *outcome {
            Ok(subscribed) => AnswerJson::Subscribed {
                subscription: Box::new((&subscribed.subscription).into()),
                replaced: subscribed.replaced.map(|one| Box::new((&one).into())),
                outdated: subscribed.outdated,
            },
            Err(TooMany::OfChannel) => AnswerJson::TooManyOfChannel,
            Err(TooMany::OfEnvironment) => AnswerJson::TooManyOfEnvironment,
        },
        Answer::Unsubscribed(unsubscribed) => AnswerJson::Unsubscribed {
            ended: unsubscribed.ended.iter().map(Into::into).collect(),
            kept: unsubscribed.kept.iter().map(Into::into).collect(),
            outdated: unsubscribed.outdated,
        },
    };
    serde_json::to_string(&json).map_err(|error| Error::Unreadable(error.to_string()))
}

/// Reads the column.
pub(in crate::store) fn read_answer(text: &str) -> Result<Answer, Error> {
    let json = serde_json::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))?;
    Ok(match json {
        AnswerJson::Mentions { holds } => Answer::Mentions { holds },
        AnswerJson::Unlinked {
            login,
            under_way,
            outdated,
        } => Answer::Unlinked(Unlinked {
            login,
            under_way,
            outdated,
        }),
        AnswerJson::Subscribed {
            subscription,
            replaced,
            outdated,
        } => Answer::Subscribed(Box::new(Ok(Subscribed {
            subscription: subscription.read()?,
            replaced: replaced.map(|one| one.read()).transpose()?,
            outdated,
        }))),
        AnswerJson::TooManyOfChannel => refused(TooMany::OfChannel),
        AnswerJson::TooManyOfEnvironment => refused(TooMany::OfEnvironment),
        AnswerJson::Unsubscribed {
            ended,
            kept,
            outdated,
        } => Answer::Unsubscribed(Unsubscribed {
            ended: read_all(ended)?,
            kept: read_all(kept)?,
            outdated,
        }),
    })
}

fn refused(why: TooMany) -> Answer {
    Answer::Subscribed(Box::new(Err(why)))
}

fn read_all(json: Vec<SubscriptionJson>) -> Result<Vec<Subscription>, Error> {
    json.into_iter().map(SubscriptionJson::read).collect()
}

impl SubscriptionJson {
    fn read(self) -> Result<Subscription, Error> {
        let asked = self
            .asked
            .map(|(person, at)| Ok::<_, Error>((person.into(), timestamp(at)?)));
        Ok(Subscription {
            repository: RepositoryName::parse(&self.repository, None)?,
            environment: self.environment.parse()?,
            moments: read_moments(&self.moments)?,
            asked: asked.transpose()?,
        })
    }
}

impl From<&Subscription> for SubscriptionJson {
    fn from(subscription: &Subscription) -> Self {
        let asked = subscription.asked.as_ref();
        Self {
            repository: subscription.repository.to_string(),
            environment: subscription.environment.to_string(),
            moments: moments_text(&subscription.moments),
            asked: asked.map(|(person, at)| (person.into(), at.as_millisecond())),
        }
    }
}
