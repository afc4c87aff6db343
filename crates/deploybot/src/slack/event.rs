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
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn me() -> Identity {
        Identity {
            user: UserId::from("U0BOT"),
            team: TeamId::from("T1"),
        }
    }

    fn mention(change: impl FnOnce(&mut Value)) -> Option<Event> {
        let mut payload = json!({
            "team_id": "T1", "event_id": "Ev1", "type": "event_callback", "event_time": 1,
            "event": {
                "type": "app_mention", "user": "U1", "channel": "C1", "ts": "10.1",
                "text": "<@U0BOT> help", "client_msg_id": "x", "blocks": [{"type": "new"}],
            },
        });
        change(&mut payload["event"]);
        read("events_api", &payload.to_string(), &me()).unwrap()
    }

    #[test]
    fn a_mention_is_answered_where_it_was_asked() {
        let Some(Event::Mention(asked)) = mention(|_| ()) else {
            panic!("no mention")
        };
        assert_eq!(asked.text, "<@U0BOT> help");
        assert_eq!(asked.place().thread, None);
        assert_eq!(asked.side().thread, Some(Ts::from("10.1")));
        let in_thread = mention(|event| event["thread_ts"] = json!("9.9"));
        let Some(Event::Mention(asked)) = in_thread else {
            panic!("no mention")
        };
        assert_eq!(asked.place(), asked.side());
        let starts_a_thread = mention(|event| event["thread_ts"] = json!("10.1"));
        let Some(Event::Mention(asked)) = starts_a_thread else {
            panic!("no mention")
        };
        assert_eq!(asked.place().thread, None);
    }

    #[test]
    fn bots_edits_and_the_bot_itself_are_not_heard() {
        assert_eq!(mention(|event| event["bot_id"] = json!("B1")), None);
        assert_eq!(
            mention(|event| event["edited"] = json!({"user": "U1", "ts": "1"})),
            None
        );
        assert_eq!(
            mention(|event| event["subtype"] = json!("bot_message")),
            None
        );
        assert_eq!(
            mention(|event| event["subtype"] = json!("message_changed")),
            None
        );
        assert_eq!(mention(|event| event["user"] = json!("U0BOT")), None);
        assert_eq!(mention(|event| event["user"] = json!(null)), None);
        assert_eq!(mention(|event| event["type"] = json!("message")), None);
        assert!(mention(|event| event["subtype"] = json!("file_share")).is_some());
    }

    #[test]
    fn what_the_bot_does_not_know_is_nothing_to_it() {
        assert_eq!(read("slash_commands", "{}", &me()).unwrap(), None);
        assert!(read("events_api", "{}", &me()).is_err());
        let closed = json!({"type": "view_closed", "user": {"id": "U1"}, "view": {"id": "V1"}});
        assert_eq!(
            read("interactive", &closed.to_string(), &me()).unwrap(),
            None
        );
    }

    #[test]
    fn a_pressed_button_says_what_it_means_and_is_about() {
        let payload = json!({
            "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1", "name": "minji"},
            "trigger_id": "t1", "container": {"type": "message", "message_ts": "10.2"},
            "channel": {"id": "C1"}, "message": {"ts": "10.2", "thread_ts": "10.1"},
            "actions": [{"type": "button", "action_id": "deploy:3", "block_id": "b", "value": "people"}],
        });
        let read = read("interactive", &payload.to_string(), &me()).unwrap();
        let Some(Event::Press(press)) = read else {
            panic!("{read:?}")
        };
        assert_eq!(
            (press.action.as_str(), press.value.as_str()),
            ("deploy", "people")
        );
        assert_eq!(press.side().thread, Some(Ts::from("10.1")));
    }

    #[test]
    fn modals_tell_what_was_chosen_and_what_they_are_about() {
        let view = json!({
            "id": "V1", "callback_id": "deploy", "private_metadata": "people",
            "state": {"values": {"environment": {"environment": {
                "type": "static_select", "selected_option": {"value": "staging", "text": {}},
            }}}},
        });
        let choice = json!({
            "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "t",
            "view": view, "container": {"type": "view", "view_id": "V1"},
            "actions": [{"type": "static_select", "action_id": "environment", "selected_option": {"value": "staging"}}],
        });
        let read_choice = read("interactive", &choice.to_string(), &me()).unwrap();
        let Some(Event::Choice(choice)) = read_choice else {
            panic!("{read_choice:?}")
        };
        assert_eq!(
            (choice.private.as_str(), choice.value.as_str()),
            ("people", "staging")
        );
        let submitted = json!({
            "type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": view,
        });
        let read_submission = read("interactive", &submitted.to_string(), &me()).unwrap();
        let Some(Event::Submission(submitted)) = read_submission else {
            panic!("no submission")
        };
        assert_eq!(submitted.chosen["environment"], "staging");
    }
}
