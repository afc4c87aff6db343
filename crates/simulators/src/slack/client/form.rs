//! A person submits or closes a modal.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::action::{answered, new_trigger};
use super::{Answer, Opening, Refusal, person};
use crate::slack::Slack;
use crate::slack::api::views::{checked, made, replace};
use crate::slack::block;
use crate::slack::ids::{UserId, ViewId};
use crate::slack::interaction;
use crate::slack::state::State;
use crate::slack::view::View;

/// A filled-in form.
#[derive(Deserialize)]
pub(super) struct Submitting {
    user: String,
    #[serde(default)]
    values: Map<String, Value>,
}

/// The end of a modal.
#[derive(Deserialize)]
pub(super) struct Closing {
    user: String,
    /// True to close all modals below, too.
    #[serde(default)]
    clear: bool,
}

/// The modal that a person sees.
pub(super) async fn shown(
    Extract(slack): Extract<Slack>,
    Query(opening): Query<Opening>,
) -> Answer {
    let state = slack.state();
    let user = person(&state, &opening.user)?;
    let view = state.views.top(&user).map(|view| view.object(&state.app));
    Ok(Json(json!({"ok": true, "view": view})))
}

pub(super) async fn submit(
    Extract(slack): Extract<Slack>,
    Path(view_id): Path<String>,
    Json(submitting): Json<Submitting>,
) -> Answer {
    let id = ViewId::new(view_id);
    let (user, answer) = match send(&slack, &id, &submitting)? {
        Sent::Incomplete(errors) => return Ok(Json(json!({"ok": true, "errors": errors}))),
        Sent::Waiting(user, answer) => (user, answer),
    };
    let answer = answered(&slack, answer).await?;
    slack.record_answer(&answer);
    obey(&mut slack.state(), &user, &id, &answer)
}

/// What became of a form.
enum Sent {
    /// It stays with the person: an error for each block.
    Incomplete(Map<String, Value>),
    /// The app has it.
    Waiting(UserId, oneshot::Receiver<Value>),
}

fn send(slack: &Slack, id: &ViewId, submitting: &Submitting) -> Result<Sent, Refusal> {
    let mut state = slack.state();
    let user = person(&state, &submitting.user)?;
    own_view(&state, &user, id)?;
    fill_in(&mut state, id, &submitting.values)?;
    let view = own_view(&state, &user, id)?;
    let errors = interaction::incomplete(view);
    if !errors.is_empty() {
        return Ok(Sent::Incomplete(errors));
    }
    let mut payload = interaction::common(&state, "view_submission", &user);
    payload["view"] = view.object(&state.app);
    payload["response_urls"] = json!([]);
    payload["trigger_id"] = json!(new_trigger(&mut state, &user));
    let envelope = state.next_id("In");
    let answer = state
        .delivery
        .send_interaction(envelope, payload, Instant::now());
    Ok(Sent::Waiting(user, answer))
}

fn own_view<'a>(state: &'a State, user: &UserId, id: &ViewId) -> Result<&'a View, Refusal> {
    match state.views.find(id) {
        Some((owner, view)) if owner == user && view.is_modal() => Ok(view),
        _ => Err(Refusal("view_not_found")),
    }
}

/// Keeps what was filled into a view.
pub(super) fn fill_in(
    state: &mut State,
    id: &ViewId,
    values: &Map<String, Value>,
) -> Result<(), Refusal> {
    let view = state.views.find_mut(id).ok_or(Refusal("view_not_found"))?;
    for (block_id, actions) in values {
        for (action_id, given) in actions.as_object().into_iter().flatten() {
            let element = block::find(view.blocks(), block_id, action_id);
            let element = element.ok_or(Refusal("action_not_found"))?;
            let given = given.as_object().ok_or(Refusal("invalid_value"))?;
            let entry = interaction::state_entry(element, given);
            let entry = entry.ok_or(Refusal("invalid_value"))?;
            let block = view.inputs.entry(block_id).or_insert_with(|| json!({}));
            block[action_id] = entry;
        }
    }
    Ok(())
}

/// Does what the app answered to a form: nothing said closes the modal.
fn obey(state: &mut State, user: &UserId, id: &ViewId, answer: &Value) -> Answer {
    let refused = |_| Refusal("invalid_response_action");
    match answer["response_action"].as_str() {
        None => close_one(state, user, id),
        Some("clear") => {
            state.views.clear(user);
        }
        Some("errors") => {
            let errors = known_errors(state, id, &answer["errors"]);
            let errors = errors.ok_or(Refusal("invalid_response_action"))?;
            return Ok(Json(json!({"ok": true, "errors": errors})));
        }
        Some("update") => {
            let content = checked(answer["view"].clone(), "/view").map_err(refused)?;
            replace(state, id, content);
        }
        Some("push") => {
            let content = checked(answer["view"].clone(), "/view").map_err(refused)?;
            let view = made(state, content);
            state.views.push(user, view).map_err(Refusal)?;
        }
        Some(_) => return Err(Refusal("invalid_response_action")),
    }
    state.tell_view(user);
    Ok(Json(json!({"ok": true})))
}

/// The app's errors, if each is for an input of the view.
fn known_errors(state: &State, id: &ViewId, errors: &Value) -> Option<Map<String, Value>> {
    let errors = errors.as_object().filter(|errors| !errors.is_empty())?;
    let (_, view) = state.views.find(id)?;
    let is_input = |block_id: &str| {
        let mut blocks = view.blocks().iter();
        blocks.any(|block| block["block_id"] == block_id && block::kind_of(block) == "input")
    };
    let known = errors
        .iter()
        .all(|(block, text)| is_input(block) && text.is_string());
    known.then(|| errors.clone())
}

fn close_one(state: &mut State, user: &UserId, id: &ViewId) {
    let on_top = state.views.top(user).is_some_and(|view| view.id == *id);
    if on_top {
        state.views.pop(user);
    }
}

pub(super) async fn close(
    Extract(slack): Extract<Slack>,
    Path(view_id): Path<String>,
    Json(closing): Json<Closing>,
) -> Answer {
    let mut state = slack.state();
    let user = person(&state, &closing.user)?;
    let view = own_view(&state, &user, &ViewId::new(view_id))?.clone();
    let clear = closing.clear || view.content.get("clear_on_close") == Some(&json!(true));
    let closed = if clear {
        state.views.clear(&user)
    } else {
        close_one(&mut state, &user, &view.id);
        vec![view]
    };
    for view in closed.iter().rev().filter(|view| view.notifies_on_close()) {
        let mut payload = interaction::common(&state, "view_closed", &user);
        payload["view"] = view.object(&state.app);
        payload["is_cleared"] = json!(clear);
        let envelope = state.next_id("In");
        // The person does not wait for what the app says to that.
        drop(
            state
                .delivery
                .send_interaction(envelope, payload, Instant::now()),
        );
    }
    state.tell_view(&user);
    Ok(Json(json!({"ok": true})))
}
