//! What Slack tells an app through the Events API: the payloads of events.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::ids::{MessageTs, UserId};
use super::message::Message;
use super::workspace::{App, Channel};

/// The payload that carries one event. `shared` says whether it happened in a
/// channel that other workspaces share.
pub(super) fn callback(
    app: &App,
    event_id: &str,
    event: &Value,
    shared: bool,
    now: Timestamp,
) -> Value {
    json!({
        "token": app.verification_token,
        "team_id": app.team_id,
        "context_team_id": app.team_id,
        "context_enterprise_id": null,
        "api_app_id": app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": now.as_second(),
        "authorizations": [{
            "enterprise_id": null,
            "team_id": app.team_id,
            "user_id": app.bot_user.as_str(),
            "is_bot": true,
            "is_enterprise_install": false,
        }],
        "is_ext_shared_channel": shared,
        "event_context": format!("4-{event_id}"),
    })
}

/// Somebody mentioned the app.
pub(super) fn app_mention(app: &App, channel: &Channel, message: &Message) -> Value {
    let mut event = posted_fields(app, channel, message);
    event.insert("type".into(), json!("app_mention"));
    Value::Object(event)
}

/// Somebody, perhaps the app itself, wrote a message.
pub(super) fn message(app: &App, channel: &Channel, message: &Message) -> Value {
    let mut event = posted_fields(app, channel, message);
    event.insert("type".into(), json!("message"));
    event.insert("channel_type".into(), json!(channel.event_type()));
    Value::Object(event)
}

fn posted_fields(app: &App, channel: &Channel, message: &Message) -> Map<String, Value> {
    let mut event = match message.object(app, None, true) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    event.insert("channel".into(), json!(channel.id.as_str()));
    event.insert("event_ts".into(), json!(message.ts.to_string()));
    let parent = message.thread_ts.filter(|thread| *thread != message.ts);
    if let Some(parent) = parent.and_then(|thread| channel.message(thread)) {
        let user = parent.user(app).as_str();
        event.insert("parent_user_id".into(), json!(user));
    }
    event
}

/// A message was changed: both how it is now and how it was.
pub(super) fn message_changed(
    app: &App,
    channel: &Channel,
    message: &Message,
    previous: &Value,
    at: MessageTs,
) -> Value {
    json!({
        "type": "message",
        "subtype": "message_changed",
        "channel": channel.id.as_str(),
        "channel_type": channel.event_type(),
        "hidden": true,
        "message": channel.object(message, app, true),
        "previous_message": previous,
        "ts": at.to_string(),
        "event_ts": at.to_string(),
    })
}

/// A message was taken away.
pub(super) fn message_deleted(
    channel: &Channel,
    deleted: MessageTs,
    previous: &Value,
    at: MessageTs,
) -> Value {
    json!({
        "type": "message",
        "subtype": "message_deleted",
        "channel": channel.id.as_str(),
        "channel_type": channel.event_type(),
        "hidden": true,
        "deleted_ts": deleted.to_string(),
        "previous_message": previous,
        "ts": at.to_string(),
        "event_ts": at.to_string(),
    })
}

/// A person opened the app's home.
pub(super) fn app_home_opened(
    user: &UserId,
    channel: &Channel,
    view: Option<Value>,
    at: MessageTs,
) -> Value {
    let mut event = json!({
        "type": "app_home_opened",
        "user": user.as_str(),
        "channel": channel.id.as_str(),
        "tab": "home",
        "event_ts": at.to_string(),
    });
    if let Some(view) = view {
        event["view"] = view;
    }
    event
}

/// The subscription that an event needs, by the names of the app's settings.
pub(super) fn subscription(event: &Value) -> String {
    let kind = event["type"].as_str().unwrap_or_default();
    match event["channel_type"].as_str() {
        Some("channel") => format!("{kind}.channels"),
        Some("group") => format!("{kind}.groups"),
        Some(other) => format!("{kind}.{other}"),
        None => kind.to_owned(),
    }
}
