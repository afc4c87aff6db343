//! What people do with buttons, modals and the home tab.
//! <https://docs.slack.dev/interactivity/handling-user-interaction>

use std::collections::HashMap;

use serde::Deserialize;

use super::{Choice, Event, Home, Press, Stranger, Submission};
use crate::slack::{
    client::Identity,
    id::{ChannelId, DeliveryId, TeamId, TriggerId, Ts, UserId, ViewHash, ViewId},
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
    #[serde(rename = "type", default)]
    kind: String,
    hash: Option<ViewHash>,
    #[serde(default)]
    callback_id: String,
    #[serde(default)]
    private_metadata: String,
    #[serde(default)]
    blocks: Vec<Block>,
    #[serde(default)]
    state: State,
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    block_id: String,
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
    action_ts: Option<String>,
}

impl Interaction {
    fn read(self, me: &Identity) -> Option<Event> {
        let team = self.user.team_id.as_ref();
        let is_strange = team.is_some_and(|team| !me.is_ours(team));
        let user = self.user.id.clone();
        let event = self.event()?;
        Some(if is_strange {
            let wanted = Box::new(event);
            Event::Stranger(Stranger { user, wanted })
        } else {
            event
        })
    }

    fn event(self) -> Option<Event> {
        let delivery = self.trigger_id.as_ref();
        let delivery = delivery.map(|trigger| DeliveryId::from(trigger.as_str()));
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
                    at: action.action_ts.as_deref().and_then(milliseconds),
                    value: action.value?,
                }))
            }
            // The home tab has one button.
            ("block_actions", Some(view)) if view.kind == "home" => Some(Event::Home(Home {
                delivery: delivery?,
                user: self.user.id,
                hash: view.hash,
            })),
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
                fields: fields(view.blocks),
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

fn fields(blocks: Vec<Block>) -> Vec<String> {
    let inputs = blocks.into_iter().filter(|block| block.kind == "input");
    inputs.map(|block| block.block_id).collect()
}

/// Slack writes seconds and, behind a point, six digits of microseconds.
fn milliseconds(at: &str) -> Option<i64> {
    let (seconds, micros) = at.split_once('.')?;
    let micros: i64 = format!("{micros:0<6}").get(..6)?.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    seconds.checked_mul(1_000)?.checked_add(micros / 1_000)
}

/// `blocks` numbers the buttons of a message.
fn without_number(action: &str) -> &str {
    match action.rsplit_once(':') {
        Some((meaning, number)) if number.parse::<u32>().is_ok() => meaning,
        _ => action,
    }
}
