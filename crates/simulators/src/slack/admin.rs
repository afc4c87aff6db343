//! The part of the control API that is Slack's own: connections and request
//! URLs, deliveries, limits, scopes, and bad input for the app.

use std::time::Duration;

use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::config::NewUser;
use super::delivery::{Frame, Order, Record, RequestUrls};
use super::ids::ChannelId;
use super::{EVERY_SCOPE, Slack};

/// The reasons with which Slack ends a connection, and how long it waits after
/// the announcement.
const REASONS: [(&str, Duration); 4] = [
    ("warning", Duration::from_secs(10)),
    ("refresh_requested", Duration::from_secs(1)),
    ("too_many_websockets", Duration::ZERO),
    ("link_disabled", Duration::ZERO),
];

pub(super) fn router(slack: &Slack) -> Router {
    Router::new()
        .route("/disconnect", post(disconnect))
        .route(
            "/request_urls",
            get(read_urls).put(write_urls).delete(forget_urls),
        )
        .route("/redeliver", post(redeliver))
        .route("/envelopes", get(envelopes).delete(forget_envelopes))
        .route("/rate_limits", get(read_limits).put(write_limits))
        .route("/scopes", get(read_scopes).put(write_scopes))
        .route("/shares", post(share))
        .route("/strangers", post(add_stranger))
        .route("/events", post(send_any))
        .route("/frames", post(send_frame))
        .route("/silence", post(fall_silent))
        .with_state(slack.clone())
}

/// What makes no sense, and why.
fn refused(why: impl Into<String>) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, why.into()).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disconnect {
    reason: String,
    close_after_ms: Option<u64>,
}

async fn disconnect(Extract(slack): Extract<Slack>, Json(wanted): Json<Disconnect>) -> Response {
    let known = REASONS.iter().find(|(reason, _)| *reason == wanted.reason);
    let told = match known {
        Some((reason, after)) => {
            let after = wanted.close_after_ms.map_or(*after, Duration::from_millis);
            slack.order(|| Order::Disconnect {
                reason: (*reason).to_owned(),
                after,
            })
        }
        None if wanted.reason == "drop" => slack.order(|| Order::Cut),
        None => {
            return refused(
                "reason is one of warning, refresh_requested, too_many_websockets, \
                 link_disabled, drop",
            );
        }
    };
    Json(json!({"connections": told})).into_response()
}

async fn read_urls(Extract(slack): Extract<Slack>) -> Json<Option<RequestUrls>> {
    Json(slack.request_urls())
}

async fn write_urls(Extract(slack): Extract<Slack>, Json(urls): Json<RequestUrls>) -> Response {
    if urls.events.is_empty() {
        return refused("events need at least one URL");
    }
    match slack.set_request_urls(Some(urls)).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(error.to_string()),
    }
}

async fn forget_urls(Extract(slack): Extract<Slack>) -> Response {
    match slack.set_request_urls(None).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(error.to_string()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redeliver {
    event_id: String,
    #[serde(default = "once")]
    times: u32,
    /// One of the request URLs; each in turn when there is none.
    url: Option<String>,
}

fn once() -> u32 {
    1
}

async fn redeliver(Extract(slack): Extract<Slack>, Json(wanted): Json<Redeliver>) -> StatusCode {
    if slack.redeliver(&wanted.event_id, wanted.times, wanted.url.as_deref()) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

#[derive(Serialize)]
struct Envelopes {
    envelopes: Vec<Record>,
}

async fn envelopes(Extract(slack): Extract<Slack>) -> Json<Envelopes> {
    Json(Envelopes {
        envelopes: slack.deliveries(),
    })
}

async fn forget_envelopes(Extract(slack): Extract<Slack>) -> StatusCode {
    slack.state().delivery.forget_finished();
    StatusCode::NO_CONTENT
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    enabled: bool,
    /// Whether messages are counted in the whole workspace too; left out: as before.
    workspace: Option<bool>,
}

async fn read_limits(Extract(slack): Extract<Slack>) -> Json<Limits> {
    let state = slack.state();
    Json(Limits {
        enabled: state.limits.enabled,
        workspace: Some(state.limits.workspace),
    })
}

async fn write_limits(Extract(slack): Extract<Slack>, Json(limits): Json<Limits>) -> StatusCode {
    let mut state = slack.state();
    state.limits.enabled = limits.enabled;
    if let Some(workspace) = limits.workspace {
        state.limits.workspace = workspace;
    }
    StatusCode::NO_CONTENT
}

async fn read_scopes(Extract(slack): Extract<Slack>) -> Json<Vec<String>> {
    Json(slack.scopes())
}

async fn write_scopes(Extract(slack): Extract<Slack>, Json(scopes): Json<Vec<String>>) -> Response {
    let unknown = scopes.iter().find(|it| !EVERY_SCOPE.contains(&it.as_str()));
    if let Some(unknown) = unknown {
        return refused(format!("nothing here takes the scope {unknown:?}"));
    }
    slack.set_scopes(scopes);
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    channel: String,
    team_id: String,
}

async fn share(Extract(slack): Extract<Slack>, Json(share): Json<Share>) -> StatusCode {
    slack.share_channel(&ChannelId::new(share.channel), &share.team_id);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stranger {
    team_id: String,
    name: String,
}

async fn add_stranger(Extract(slack): Extract<Slack>, Json(wanted): Json<Stranger>) -> Json<Value> {
    let user = NewUser {
        real_name: wanted.name.clone(),
        name: wanted.name,
        email: None,
        tz: "UTC".to_owned(),
        locale: "en-US".to_owned(),
    };
    let id = slack.add_stranger(&wanted.team_id, user);
    Json(json!({"user": id.as_str()}))
}

/// Anything at all for the app.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Anything {
    /// As an event in its usual wrapping.
    Event(Value),
    /// As an interaction.
    Interaction(Value),
}

async fn send_any(Extract(slack): Extract<Slack>, Json(sent): Json<Anything>) -> Json<Value> {
    let id = match sent {
        Anything::Event(event) => slack.send_event(&event),
        Anything::Interaction(payload) => slack.send_interaction(payload),
    };
    Json(json!({"event_id": id}))
}

async fn send_frame(Extract(slack): Extract<Slack>, Json(frame): Json<Frame>) -> Json<Value> {
    Json(json!({"connections": slack.send_frame(&frame)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Silence {
    ms: u64,
}

async fn fall_silent(Extract(slack): Extract<Slack>, Json(silence): Json<Silence>) -> Json<Value> {
    let told = slack.fall_silent(Duration::from_millis(silence.ms));
    Json(json!({"connections": told}))
}
