//! What people do with buttons and modals.
//! <https://docs.slack.dev/interactivity/handling-user-interaction>

use std::collections::HashMap;

use serde::Deserialize;

use super::{Choice, Event, Press, Stranger, Submission};
use crate::slack::{
    client::Identity,
    id::{ChannelId, DeliveryId, TeamId, TriggerId, Ts, UserId, ViewId},
};

/// Reads an interaction.
pub(super) fn read(payload: &str, me: &Identity) -> Result<Option<Event>, serde_json::Error> {
    Ok(serde_json::from_str::<Interaction>(payload)?.read(me))
}

#[derive(Deserialize)]
struct Interaction {
    #[serde(rename = "type")]
    kind: String,
    team: Option<Id<TeamId>>,
    user: User,
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
struct User {
    id: UserId,
    /// The workspace that they belong to.
    team_id: Option<String>,
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
    fn read(self, me: &Identity) -> Option<Event> {
        let is_strange = self
            .user
            .team_id
            .as_ref()
            .is_some_and(|team| !me.is_ours(team));
        let delivery = self.trigger_id.as_ref();
        let delivery = delivery.map(|trigger| DeliveryId::from(trigger.as_str()));
        match (self.kind.as_str(), self.view) {
            ("block_actions" | "view_submission", Some(_)) if is_strange => {
                // The bot opens no modal for a stranger.
                tracing::warn!(user = %self.user.id, "somebody of another company used a modal");
                None
            }
            ("block_actions", None) => {
                let message = self.message?;
                let action = self.actions.into_iter().next()?;
                let press = Press {
                    team: self.team?.id,
                    user: self.user.id,
                    trigger: self.trigger_id?,
                    channel: self.channel?.id,
                    thread: message.thread_ts.filter(|thread| *thread != message.ts),
                    message: message.ts,
                    action: without_number(&action.action_id).to_owned(),
                    value: action.value?,
                };
                Some(if is_strange {
                    Event::Stranger(stranger(press))
                } else {
                    Event::Press(press)
                })
            }
            ("block_actions", Some(view)) => {
                let action = self.actions.into_iter().next()?;
                Some(Event::Choice(Choice {
                    delivery,
                    user: self.user.id,
                    view: view.id,
                    private: view.private_metadata,
                    list: action.action_id,
                    value: action.selected_option?.value,
                }))
            }
            ("view_submission", Some(view)) => Some(Event::Submission(Submission {
                delivery,
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

/// However often they press it, they are told once.
fn stranger(press: Press) -> Stranger {
    let place = press.side();
    let Press {
        team,
        user,
        trigger,
        channel,
        message,
        ..
    } = press;
    Stranger {
        delivery: DeliveryId::from(trigger.as_str()),
        answered: format!("slack:{team}:{channel}:{message}:stranger:{user}"),
        user,
        place,
        message,
    }
}
