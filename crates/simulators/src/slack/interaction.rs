//! What Slack tells an app when a person presses, chooses or submits something:
//! the payloads of interactions, and the checks that Slack's client makes first.

use serde_json::{Map, Value, json};

use super::block::{self, kind_of, options_of};
use super::ids::{MessageTs, UserId};
use super::message::Message;
use super::state::State;
use super::view::{View, is_list, state_field, state_values};
use super::workspace::{App, Channel};

/// What all interactions tell.
pub(super) fn common(state: &State, kind: &str, user: &UserId) -> Value {
    let app = &state.app;
    let (name, team) = state
        .user(user)
        .map(|user| (user.name.as_str(), user.team_id.as_str()))
        .unwrap_or_default();
    json!({
        "type": kind,
        "user": {
            "id": user.as_str(),
            "username": name,
            "name": name,
            "team_id": team,
        },
        "api_app_id": app.app_id,
        "token": app.verification_token,
        "team": {"id": app.team_id, "domain": app.team_domain()},
        "enterprise": null,
        "is_enterprise_install": false,
    })
}

/// Adds the message that was acted on.
pub(super) fn add_message(
    payload: &mut Value,
    app: &App,
    channel: &Channel,
    message: &Message,
    user: &UserId,
    ephemeral: bool,
) {
    let ts = message.ts.to_string();
    payload["container"] = json!({
        "type": "message",
        "message_ts": ts,
        "channel_id": channel.id.as_str(),
        "is_ephemeral": ephemeral,
    });
    if let Some(thread) = message.thread_ts {
        payload["container"]["thread_ts"] = json!(thread.to_string());
    }
    let name = match channel.name.as_str() {
        "" => "directmessage",
        name => name,
    };
    payload["channel"] = json!({"id": channel.id.as_str(), "name": name});
    if !ephemeral {
        payload["message"] = channel.object(message, app, true);
    }
    let inputs = message.inputs.get(user).cloned().unwrap_or_default();
    payload["state"] = json!({"values": state_values(&blocks_of(message), &inputs)});
}

/// Adds the view that was acted on.
pub(super) fn add_view(payload: &mut Value, app: &App, view: &View) {
    payload["container"] = json!({"type": "view", "view_id": view.id.as_str()});
    payload["view"] = view.object(app);
}

/// All blocks of a message, those of its attachments included.
pub(super) fn blocks_of(message: &Message) -> Vec<Value> {
    let attached = message
        .attachments
        .iter()
        .filter_map(|attachment| attachment["blocks"].as_array())
        .flatten();
    message.blocks.iter().chain(attached).cloned().collect()
}

/// What a person did to one element, as it stands in `actions`; none when the
/// element does not allow it.
pub(super) fn action(
    block_id: &str,
    element: &Value,
    given: &Map<String, Value>,
    at: MessageTs,
) -> Option<Value> {
    let mut action = json!({
        "type": kind_of(element),
        "block_id": block_id,
        "action_id": element["action_id"],
        "action_ts": at.to_string(),
    });
    match kind_of(element) {
        "button" => {
            for name in ["text", "value", "style", "url"] {
                if let Some(value) = element.get(name) {
                    action[name] = value.clone();
                }
            }
        }
        "overflow" => {
            action["selected_option"] = option_given(element, given.get("selected_option")?)?;
        }
        kind => action[state_field(kind)?] = value_given(element, given)?,
    }
    if let Some(confirm) = element.get("confirm") {
        action["confirm"] = confirm.clone();
    }
    Some(action)
}

/// The entry of an element in a state, from what a person gave; none when the
/// element holds no value or does not allow this one.
pub(super) fn state_entry(element: &Value, given: &Map<String, Value>) -> Option<Value> {
    let kind = kind_of(element);
    let field = state_field(kind)?;
    Some(json!({"type": kind, field: value_given(element, given)?}))
}

fn value_given(element: &Value, given: &Map<String, Value>) -> Option<Value> {
    let field = state_field(kind_of(element))?;
    match given.get(field) {
        None | Some(Value::Null) if is_list(field) => Some(json!([])),
        None | Some(Value::Null) => Some(Value::Null),
        Some(value) if field == "selected_option" => option_given(element, value),
        Some(Value::Array(values)) if field == "selected_options" => values
            .iter()
            .map(|value| option_given(element, value))
            .collect::<Option<Vec<Value>>>()
            .map(Value::Array),
        Some(value) => (value.is_array() == is_list(field)).then(|| value.clone()),
    }
}

/// The option of an element that a person named, by its value or whole.
fn option_given(element: &Value, given: &Value) -> Option<Value> {
    let value = given.get("value").unwrap_or(given);
    let options = options_of(element.as_object()?);
    let found = options.into_iter().find(|option| option["value"] == *value);
    found.cloned()
}

/// Why Slack's client would not even send a form: an error for each block.
pub(super) fn incomplete(view: &View) -> Map<String, Value> {
    let values = state_values(view.blocks(), &view.inputs);
    let mut errors = Map::new();
    for block in view
        .blocks()
        .iter()
        .filter(|block| kind_of(block) == "input")
    {
        let block_id = block["block_id"].as_str().unwrap_or_default();
        let Some(element) = block::elements(block).next() else {
            continue;
        };
        let action_id = element["action_id"].as_str().unwrap_or_default();
        let field = state_field(kind_of(element)).unwrap_or_default();
        let value = &values[block_id][action_id][field];
        if let Some(error) = error_of(block, element, value) {
            errors.insert(block_id.to_owned(), json!(error));
        }
    }
    errors
}

fn error_of(block: &Value, element: &Value, value: &Value) -> Option<String> {
    let empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    };
    if empty {
        let optional = block["optional"] == true;
        return (!optional).then(|| "This field is required.".to_owned());
    }
    let length = value.as_str()?.chars().count() as u64;
    if let Some(least) = element["min_length"]
        .as_u64()
        .filter(|least| length < *least)
    {
        return Some(format!("Write at least {least} characters."));
    }
    let most = element["max_length"]
        .as_u64()
        .filter(|most| length > *most)?;
    Some(format!("Write at most {most} characters."))
}
