//! Who people are to Slack: the name that others see of them, and the language
//! that they read it in; and which of them have written what.

mod asking;
mod authors;
mod table;

use std::{sync::Arc, time::Duration};

use deploy_proto::v1;

use crate::{
    slack::{
        client::{Client as Slack, Identity, Profile},
        id::UserId,
    },
    words::{Language, Words},
};

use self::asking::Asking;

pub use table::Table;

/// A name and a language are only for show; what is asked does not wait long for
/// them.
const PATIENCE: Duration = Duration::from_millis(500);

/// Asks Slack about people.
#[derive(Clone)]
pub(crate) struct People {
    slack: Arc<Slack>,
    /// About whom it is asked at the moment.
    asking: Arc<Asking>,
    /// The bot, whose workspace's people are ours.
    me: Identity,
    /// What the operator says of who is who.
    table: Arc<Table>,
    /// What those are spoken to in whose own language is not known or not spoken.
    otherwise: Language,
}

/// Somebody, as far as Slack told in time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Someone {
    /// As the deploy service knows people; the name may be empty.
    pub(crate) person: v1::Person,
    /// In which they are spoken to.
    pub(crate) words: Words,
    /// They are a guest, as far as Slack told: they may look and change nothing. Who
    /// Slack tells nothing of is none, so that what is urgent does not wait for it.
    pub(crate) is_guest: bool,
}

impl People {
    pub(crate) fn new(slack: Arc<Slack>, me: Identity, table: Table, otherwise: Language) -> Self {
        Self {
            slack,
            asking: Arc::default(),
            me,
            table: Arc::new(table),
            otherwise,
        }
    }

    /// Who somebody is.
    pub(crate) async fn find(&self, user: &UserId) -> Someone {
        let profile = self.profile(user).await;
        let language = profile.as_ref().and_then(|profile| profile.language);
        Someone {
            is_guest: profile.as_ref().is_some_and(|profile| profile.is_guest),
            person: v1::Person {
                slack: user.to_string(),
                github: String::new(),
                name: profile.map(|profile| profile.name).unwrap_or_default(),
            },
            words: Words::new(language.unwrap_or(self.otherwise)),
        }
    }

    /// In which those are spoken to whose own language nobody asks for.
    pub(crate) fn otherwise(&self) -> Words {
        Words::new(self.otherwise)
    }

    /// In which somebody is spoken to.
    pub(crate) async fn words_of(&self, user: &UserId) -> Words {
        self.find(user).await.words
    }

    /// Whether somebody is of the bot's own workspace or company; none where Slack
    /// does not tell in time.
    pub(crate) async fn is_ours(&self, user: &UserId, me: &Identity) -> Option<bool> {
        let profile = self.profile(user).await?;
        Some(me.is_colleague(&profile))
    }

    /// In which a request is told of: that of who asked for it, wherever they did.
    pub(crate) async fn words_for(&self, request: &v1::Request) -> Words {
        match &request.requester {
            Some(person) if !person.slack.is_empty() => {
                self.words_of(&UserId::from(person.slack.clone())).await
            }
            _ => self.otherwise(),
        }
    }

    async fn profile(&self, user: &UserId) -> Option<Profile> {
        if let Some(profile) = self.slack.young_profile(user) {
            return Some(profile);
        }
        self.asking.ask(&self.slack, user, PATIENCE).await;
        // Nobody is spoken to in another language because Slack is slow for once.
        self.slack.last_profile(user)
    }
}
