//! The part of the control API that is Slack's own: connections, deliveries and
//! limits.

use std::time::Duration;

use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::Instant;

use super::Slack;
use super::delivery::{Order, Record};

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
        .route("/redeliver", post(redeliver))
        .route("/envelopes", get(envelopes).delete(forget_envelopes))
        .route("/rate_limits", get(read_limits).put(write_limits))
        .with_state(slack.clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disconnect {
    reason: String,
    close_after_ms: Option<u64>,
}

async fn disconnect(Extract(slack): Extract<Slack>, Json(wanted): Json<Disconnect>) -> Response {
    let known = REASONS.iter().find(|(reason, _)| *reason == wanted.reason);
    let mut state = slack.state();
    let told = match known {
        Some((reason, after)) => {
            let after = wanted.close_after_ms.map_or(*after, Duration::from_millis);
            state.delivery.order_all(|| Order::Disconnect {
                reason: (*reason).to_owned(),
                after,
            })
        }
        None if wanted.reason == "drop" => state.delivery.order_all(|| Order::Cut),
        None => {
            let text = "reason is one of warning, refresh_requested, too_many_websockets, \
                        link_disabled, drop";
            return (StatusCode::UNPROCESSABLE_ENTITY, text).into_response();
        }
    };
    Json(json!({"connections": told})).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redeliver {
    event_id: String,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

async fn redeliver(Extract(slack): Extract<Slack>, Json(wanted): Json<Redeliver>) -> StatusCode {
    let now = Instant::now();
    let known = slack
        .state()
        .delivery
        .redeliver(&wanted.event_id, wanted.times, now);
    if known {
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
}

async fn read_limits(Extract(slack): Extract<Slack>) -> Json<Limits> {
    Json(Limits {
        enabled: slack.state().limits.enabled,
    })
}

async fn write_limits(Extract(slack): Extract<Slack>, Json(limits): Json<Limits>) -> StatusCode {
    slack.state().limits.enabled = limits.enabled;
    StatusCode::NO_CONTENT
}
