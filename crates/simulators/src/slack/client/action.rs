//! A person presses a button, chooses from a menu, or fills in a field that
//! acts.

use axum::Json;
use axum::extract::State as Extract;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{Answer, Refusal, form, person};
use crate::slack::Slack;
use crate::slack::block;
use crate::slack::ids::{ChannelId, MessageTs, UserId, ViewId};
use crate::slack::interaction;
use crate::slack::response_url::Origin;
use crate::slack::state::State;

/// What a person did.
#[derive(Deserialize)]
pub(super) struct Acting {
    user: String,
    channel: Option<String>,
    message_ts: Option<String>,
    view_id: Option<String>,
    block_id: String,
    action_id: String,
    /// What else stands in the form at this moment, by block and action.
    #[serde(default)]
    values: Map<String, Value>,
    /// What was chosen or written: `selected_option`, `value`, …
    #[serde(flatten)]
    given: Map<String, Value>,
}

/// The thing that holds the element.
enum Container {
    Message(ChannelId, MessageTs),
    View(ViewId),
}

pub(super) async fn act(Extract(slack): Extract<Slack>, Json(acting): Json<Acting>) -> Answer {
    let answer = send(&slack, &acting)?;
    answered(&slack, answer).await?;
    Ok(Json(json!({"ok": true})))
}

/// Waits for what the app answers to an interaction.
pub(super) async fn answered(
    slack: &Slack,
    answer: oneshot::Receiver<Value>,
) -> Result<Value, Refusal> {
    let within = slack.config().timing.acknowledge_within;
    match tokio::time::timeout(within, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) | Err(_) => Err(Refusal("app_did_not_respond")),
    }
}

fn send(slack: &Slack, acting: &Acting) -> Result<oneshot::Receiver<Value>, Refusal> {
    let mut state = slack.state();
    let user = person(&state, &acting.user)?;
    let container = container(acting)?;
    let element = element(&state, &user, &container, acting)?;
    let at = state.next_ts();
    let action = interaction::action(&acting.block_id, &element, &acting.given, at)
        .ok_or(Refusal("invalid_value"))?;
    remember(&mut state, &user, &container, acting, &element)?;
    let mut payload = interaction::common(&state, "block_actions", &user);
    payload["actions"] = json!([action]);
    payload["trigger_id"] = json!(new_trigger(&mut state, &user));
    match &container {
        Container::View(id) => {
            let (_, view) = state.views.find(id).ok_or(Refusal("view_not_found"))?;
            interaction::add_view(&mut payload, &state.app, view);
        }
        Container::Message(channel, ts) => {
            payload["response_url"] =
                json!(add_message(&mut state, &mut payload, channel, *ts, &user)?);
        }
    }
    let id = state.next_id("In");
    Ok(state.delivery.send_interaction(id, payload, Instant::now()))
}

/// A new right to open a modal.
pub(super) fn new_trigger(state: &mut State, user: &UserId) -> String {
    let trigger = format!(
        "{}.{}",
        state.next_ts().as_micros(),
        state.next_id("").to_lowercase()
    );
    state
        .triggers
        .give(trigger.clone(), user.clone(), Instant::now());
    trigger
}

/// Adds the message to the payload and gives the address to answer to.
fn add_message(
    state: &mut State,
    payload: &mut Value,
    channel: &ChannelId,
    ts: MessageTs,
    user: &UserId,
) -> Result<String, Refusal> {
    let found = state.channel(channel).ok_or(Refusal("channel_not_found"))?;
    let (message, ephemeral) = found
        .seen_by(user, ts)
        .ok_or(Refusal("message_not_found"))?;
    interaction::add_message(payload, &state.app, found, message, user, ephemeral);
    let origin = Origin {
        channel: channel.clone(),
        user: user.clone(),
        message: ts,
        ephemeral,
        thread: message.thread_ts,
    };
    let secret = uuid::Uuid::new_v4().simple().to_string();
    let address = format!("{}/actions/{secret}", state.app.base_url);
    state.response_urls.give(secret, origin, Instant::now());
    Ok(address)
}

fn container(acting: &Acting) -> Result<Container, Refusal> {
    if let Some(id) = &acting.view_id {
        return Ok(Container::View(ViewId::new(id.clone())));
    }
    let channel = acting.channel.clone().ok_or(Refusal("channel_not_found"))?;
    let ts = acting.message_ts.as_ref().and_then(|ts| ts.parse().ok());
    let ts = ts.ok_or(Refusal("message_not_found"))?;
    Ok(Container::Message(ChannelId::new(channel), ts))
}

/// The element that was acted on, if the person sees it.
fn element(
    state: &State,
    user: &UserId,
    container: &Container,
    acting: &Acting,
) -> Result<Value, Refusal> {
    let blocks = match container {
        Container::View(id) => match state.views.find(id) {
            Some((owner, view)) if owner == user => view.blocks().to_vec(),
            _ => return Err(Refusal("view_not_found")),
        },
        Container::Message(channel, ts) => {
            let channel = state.channel(channel).ok_or(Refusal("channel_not_found"))?;
            let seen = channel.seen_by(user, *ts);
            let (message, _) = seen.ok_or(Refusal("message_not_found"))?;
            interaction::blocks_of(message)
        }
    };
    let found = block::find(&blocks, &acting.block_id, &acting.action_id);
    found.cloned().ok_or(Refusal("action_not_found"))
}

/// Keeps what was chosen, so that later interactions tell it as state.
fn remember(
    state: &mut State,
    user: &UserId,
    container: &Container,
    acting: &Acting,
    element: &Value,
) -> Result<(), Refusal> {
    let entry = interaction::state_entry(element, &acting.given);
    let inputs = match container {
        Container::View(id) => {
            form::fill_in(state, id, &acting.values)?;
            state.views.find_mut(id).map(|view| &mut view.inputs)
        }
        Container::Message(channel, ts) => state
            .channel_mut(channel)
            .and_then(|channel| channel.seen_by_mut(user, *ts))
            .map(|message| message.inputs.entry(user.clone()).or_default()),
    };
    if let (Some(inputs), Some(entry)) = (inputs, entry) {
        let block = inputs
            .entry(acting.block_id.clone())
            .or_insert_with(|| json!({}));
        block[&acting.action_id] = entry;
    }
    Ok(())
}
