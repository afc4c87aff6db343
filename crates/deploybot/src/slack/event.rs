//! What people do in Slack, read out of what it delivers: they mention the bot
//! or write to it directly, press a button, choose in a modal, submit one, open
//! its home tab.
//!
//! The forms read here hold only what the bot needs, so that a field that
//! Slack adds or changes elsewhere never costs an event; the library's own
//! types read everything, and drop some of what is needed (the state of a
//! modal, whether a message was edited).

mod callback;
mod interaction;
mod quoted;

use std::collections::HashMap;

use super::{
    client::Identity,
    id::{ChannelId, DeliveryId, EventId, Place, TeamId, TriggerId, Ts, UserId, ViewHash, ViewId},
};

/// How Slack tells what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something happened.
    Event,
    /// Somebody used a button or a modal.
    Interaction,
}

impl Kind {
    /// By the type of a socket's envelope; none of one that asks for nothing.
    pub(super) fn of_envelope(kind: &str) -> Option<Self> {
        match kind {
            "events_api" => Some(Self::Event),
            "interactive" => Some(Self::Interaction),
            _ => None,
        }
    }
}

/// Something that a person did and that the bot reacts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Mention(Mention),
    Press(Press),
    Choice(Choice),
    Submission(Submission),
    Home(Home),
    /// Somebody of another workspace wants something.
    Stranger(Stranger),
}

impl Event {
    /// What is the same at every delivery of it. None where Slack tells nothing
    /// of that kind.
    pub(crate) fn delivery(&self) -> Option<DeliveryId> {
        match self {
            Self::Mention(mention) => Some(DeliveryId::from(mention.id.as_str())),
            Self::Press(press) => Some(DeliveryId::from(press.trigger.as_str())),
            Self::Choice(choice) => choice.delivery.clone(),
            Self::Submission(submission) => submission.delivery.clone(),
            Self::Home(home) => Some(home.delivery.clone()),
            Self::Stranger(stranger) => stranger.wanted.delivery(),
        }
    }
}

/// A message that mentions the bot, or is for it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) team: TeamId,
    pub(crate) id: EventId,
    pub(crate) user: UserId,
    pub(crate) channel: ChannelId,
    /// The message itself.
    pub(crate) ts: Ts,
    /// The thread it was written in.
    pub(crate) thread: Option<Ts>,
    /// Whether it was written to the bot directly, so that it needs no mention.
    pub(crate) direct: bool,
    /// As Slack sends it, the mention included; without quotes and what is struck
    /// out, and without code that quotes a mention.
    pub(crate) text: String,
}

impl Mention {
    /// Where the answer goes: where it was asked.
    pub(crate) fn place(&self) -> Place {
        Place {
            channel: self.channel.clone(),
            thread: self.thread.clone(),
        }
    }

    /// Where whoever wrote it is told that they have no say.
    pub(crate) fn refused(&self) -> Refused {
        Refused {
            place: self.side(),
            message: self.ts.clone(),
            answered: self.id.to_string(),
            named: None,
        }
    }

    /// The thread that hangs on the message, or that it is in. Who writes to the
    /// bot directly disturbs nobody, and is answered where they wrote.
    pub(crate) fn side(&self) -> Place {
        if self.direct {
            return self.place();
        }
        let thread = self.thread.clone().unwrap_or_else(|| self.ts.clone());
        Place {
            channel: self.channel.clone(),
            thread: Some(thread),
        }
    }
}

/// A button of a message, pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Press {
    pub(crate) team: TeamId,
    pub(crate) user: UserId,
    pub(crate) trigger: TriggerId,
    pub(crate) channel: ChannelId,
    /// The message that has the button.
    pub(crate) message: Ts,
    /// The thread that this message is in.
    pub(crate) thread: Option<Ts>,
    /// What the button means, without the number that keeps ids apart.
    pub(crate) action: String,
    /// What it is about.
    pub(crate) value: String,
    /// When it was pressed, in milliseconds since 1970 by Slack's clock; none where
    /// Slack does not tell.
    pub(crate) at: Option<i64>,
}

impl Press {
    /// Where the message with the button stands.
    pub(crate) fn place(&self) -> Place {
        Place {
            channel: self.channel.clone(),
            thread: self.thread.clone(),
        }
    }

    /// Where whoever pressed it is told that they have no say, as whom: once,
    /// however often they press it.
    pub(crate) fn refused(&self, whom: &str) -> Refused {
        let Self {
            team,
            channel,
            message,
            user,
            ..
        } = self;
        Refused {
            place: self.side(),
            message: message.clone(),
            answered: format!("slack:{team}:{channel}:{message}:{whom}:{user}"),
            named: self.named().cloned(),
        }
    }

    /// Who is named in what is said of it: anybody may have pressed a button, but
    /// where the bot and one person are alone.
    pub(crate) fn named(&self) -> Option<&UserId> {
        Some(&self.user).filter(|_| !self.channel.is_direct())
    }

    /// The thread that hangs on the message with the button, or that it is in; what
    /// is between the bot and one person alone needs none.
    pub(crate) fn side(&self) -> Place {
        if self.channel.is_direct() {
            return self.place();
        }
        let thread = self.thread.clone().unwrap_or_else(|| self.message.clone());
        Place {
            channel: self.channel.clone(),
            thread: Some(thread),
        }
    }
}

/// Something chosen from a list in an open modal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is the same at every delivery of it.
    pub(crate) delivery: Option<DeliveryId>,
    pub(crate) user: UserId,
    pub(crate) view: ViewId,
    /// What the modal is about, as the bot wrote it.
    pub(crate) private: String,
    /// Which list.
    pub(crate) list: String,
    /// The value chosen.
    pub(crate) value: String,
}

/// A modal, submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    /// What is the same at every delivery of it.
    pub(crate) delivery: Option<DeliveryId>,
    pub(crate) team: TeamId,
    pub(crate) user: UserId,
    pub(crate) view: ViewId,
    /// What submitting it means.
    pub(crate) callback: String,
    /// What the modal is about, as the bot wrote it.
    pub(crate) private: String,
    /// What was chosen, by list.
    pub(crate) chosen: HashMap<String, String>,
    /// What can have a sentence put under it.
    pub(crate) fields: Vec<String>,
}

/// The bot's home tab, which somebody opened, or whose button they pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    /// What is the same at every delivery of it.
    pub(crate) delivery: DeliveryId,
    pub(crate) user: UserId,
    /// How the tab stood then; none where it was empty.
    pub(crate) hash: Option<ViewHash>,
}

/// Somebody of another workspace, and what they did: in a company that has several
/// workspaces they may be a colleague.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stranger {
    pub(crate) user: UserId,
    pub(crate) wanted: Box<Event>,
}

/// Where somebody is told that they have no say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The thread of the message that they wrote, or whose button they pressed.
    pub(crate) place: Place,
    /// That message.
    pub(crate) message: Ts,
    /// What the answer answers: it is said once.
    pub(crate) answered: String,
    /// Who is named, because what is answered does not tell who it was.
    pub(crate) named: Option<UserId>,
}

impl Stranger {
    /// Where they are told so; none where what they used stands in no channel.
    pub(crate) fn refused(&self) -> Option<Refused> {
        match self.wanted.as_ref() {
            Event::Mention(mention) => Some(mention.refused()),
            Event::Press(press) => Some(press.refused("stranger")),
            Event::Choice(_) | Event::Submission(_) | Event::Home(_) | Event::Stranger(_) => None,
        }
    }
}

/// Reads what Slack tells in a way. None: nothing that the bot reacts to.
///
/// # Errors
/// When it is not what Slack says that it tells in this way.
pub(super) fn read(
    kind: Kind,
    payload: &str,
    me: &Identity,
) -> Result<Option<Event>, serde_json::Error> {
    match kind {
        Kind::Event => callback::read(payload, me),
        Kind::Interaction => interaction::read(payload, me),
    }
}

#[cfg(test)]
mod tests;
