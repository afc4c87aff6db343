//! What people do in Slack, read out of an envelope's payload: they mention
//! the bot, press a button, choose in a modal, submit one.
//!
//! The forms read here hold only what the bot needs, so that a field that
//! Slack adds or changes elsewhere never costs an event; the library's own
//! types read everything, and drop some of what is needed (the state of a
//! modal, whether a message was edited).

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    client::Identity,
    id::{ChannelId, EventId, Place, TeamId, TriggerId, Ts, UserId, ViewId},
};

/// Something that a person did and that the bot reacts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Mention(Mention),
    Press(Press),
    Choice(Choice),
    Submission(Submission),
}

/// A message that mentions the bot.
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
    /// As Slack sends it, the mention included.
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

    /// The thread that hangs on the message, or that it is in.
    pub(crate) fn side(&self) -> Place {
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
}

impl Press {
    /// Where the message with the button stands.
    pub(crate) fn place(&self) -> Place {
        Place {
            channel: self.channel.clone(),
            thread: self.thread.clone(),
        }
    }

    /// The thread that hangs on the message with the button, or that it is in.
    pub(crate) fn side(&self) -> Place {
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
    pub(crate) team: TeamId,
    pub(crate) user: UserId,
    pub(crate) view: ViewId,
    /// What submitting it means.
    pub(crate) callback: String,
    /// What the modal is about, as the bot wrote it.
    pub(crate) private: String,
    /// What was chosen, by list.
    pub(crate) chosen: HashMap<String, String>,
}

/// Reads an envelope of a kind. None: nothing that the bot reacts to.
///
/// # Errors
/// When the payload is not what Slack says that kind holds.
pub(crate) fn read(
    kind: &str,
    payload: &str,
    me: &Identity,
) -> Result<Option<Event>, serde_json::Error> {
    match kind {
        "events_api" => Ok(serde_json::from_str::<Callback>(payload)?.read(me)),
        "interactive" => Ok(serde_json::from_str::<Interaction>(payload)?.read()),
        _ => Ok(None),
    }
}

#[derive(Deserialize)]
struct Callback {
    team_id: TeamId,
    event_id: EventId,
    event: Inner,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(rename = "type")]
    kind: String,
    subtype: Option<String>,
    user: Option<UserId>,
    bot_id: Option<String>,
    channel: Option<ChannelId>,
    ts: Option<Ts>,
    thread_ts: Option<Ts>,
    text: Option<String>,
    edited: Option<serde::de::IgnoredAny>,
}

impl Callback {
    fn read(self, me: &Identity) -> Option<Event> {
        let event = self.event;
        // A mention in a message of a bot, or in an edit, asks for nothing: an
        // answer that quotes a command would be a command.
        let by_a_person = event.bot_id.is_none()
            && event.edited.is_none()
            && event
                .subtype
                .as_deref()
                .is_none_or(|subtype| subtype == "file_share");
        if event.kind != "app_mention" || !by_a_person || event.user.as_ref() == Some(&me.user) {
            return None;
        }
        Some(Event::Mention(Mention {
            team: self.team_id,
            id: self.event_id,
            user: event.user?,
            channel: event.channel?,
            // A message that starts a thread names itself as its thread once
            // somebody has answered; it still stands in the channel.
            thread: event
                .thread_ts
                .filter(|thread| Some(thread) != event.ts.as_ref()),
            ts: event.ts?,
            text: event.text.unwrap_or_default(),
        }))
    }
}

#[derive(Deserialize)]
struct Interaction {
    #[serde(rename = "type")]
    kind: String,
    team: Option<Id<TeamId>>,
    user: Id<UserId>,
    trigger_id: Option<TriggerId>,
    channel: Option<Id<ChannelId>>,
    message: Option<Message>,
    view: Option<View>,
    #[serde(default)]
    actions: Vec<Action>,
}

#[derive(Deserialize)]
struct Id<T> {
    id: T,
}

#[derive(Deserialize)]
struct Message {
    ts: Ts,
    thread_ts: Option<Ts>,
}

#[derive(Deserialize)]
struct View {
    id: ViewId,
    #[serde(default)]
    callback_id: String,
    #[serde(default)]
    private_metadata: String,
    #[serde(default)]
    state: State,
}

#[derive(Deserialize, Default)]
struct State {
    #[serde(default)]
    values: HashMap<String, HashMap<String, Value>>,
}

#[derive(Deserialize)]
struct Value {
    selected_option: Option<Chosen>,
}

#[derive(Deserialize)]
struct Chosen {
    value: String,
}

#[derive(Deserialize)]
struct Action {
    action_id: String,
    value: Option<String>,
    selected_option: Option<Chosen>,
}

impl Interaction {
    fn read(self) -> Option<Event> {
        match (self.kind.as_str(), self.view) {
            ("block_actions", None) => {
                let message = self.message?;
                let action = self.actions.into_iter().next()?;
                Some(Event::Press(Press {
                    team: self.team?.id,
                    user: self.user.id,
                    trigger: self.trigger_id?,
                    channel: self.channel?.id,
                    thread: message.thread_ts.filter(|thread| *thread != message.ts),
                    message: message.ts,
                    action: without_number(&action.action_id).to_owned(),
                    value: action.value?,
                }))
            }
            ("block_actions", Some(view)) => {
                let action = self.actions.into_iter().next()?;
                Some(Event::Choice(Choice {
                    user: self.user.id,
                    view: view.id,
                    private: view.private_metadata,
                    list: action.action_id,
                    value: action.selected_option?.value,
                }))
            }
            ("view_submission", Some(view)) => Some(Event::Submission(Submission {
                team: self.team?.id,
                user: self.user.id,
                view: view.id,
                callback: view.callback_id,
                private: view.private_metadata,
                chosen: chosen(view.state),
            })),
            _ => None,
        }
    }
}

fn chosen(state: State) -> HashMap<String, String> {
    state
        .values
        .into_values()
        .flatten()
        .filter_map(|(list, value)| Some((list, value.selected_option?.value)))
        .collect()
}

/// `blocks` numbers the buttons of a message.
fn without_number(action: &str) -> &str {
    match action.rsplit_once(':') {
        Some((meaning, number)) if number.parse::<u32>().is_ok() => meaning,
        _ => action,
    }
}

#[cfg(test)]
mod tests;
