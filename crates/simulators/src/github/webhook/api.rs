//! The part of the control API that is about webhooks: `/webhook` is the
//! receiver, below it what becomes of deliveries on the way; `/deliveries` is
//! the log.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Delivery, Github, Webhook, WebhookFault};

/// Those routes.
pub(crate) fn router(github: Github) -> Router {
    Router::new()
        .route("/webhook", get(read).put(write).delete(remove))
        .route("/webhook/hold", put(hold).delete(release))
        .route(
            "/webhook/faults",
            get(read_faults).post(write_fault).delete(forget_faults),
        )
        .route("/deliveries", get(list))
        .route("/deliveries/{id}", get(tell))
        .route("/deliveries/{id}/attempts", post(deliver_again))
        .with_state(github)
}

/// The receiver as the control API tells it; its secret stays one.
#[derive(Serialize)]
struct Receiver {
    url: Option<String>,
    /// How many deliveries are held, if they are.
    held: Option<usize>,
}

async fn read(State(github): State<Github>) -> Json<Receiver> {
    Json(Receiver {
        url: github.webhooks().receiver().map(|receiver| receiver.url),
        held: github.held_webhooks(),
    })
}

/// A receiver as the control API takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReceiver {
    url: url::Url,
    secret: String,
}

async fn write(State(github): State<Github>, Json(new): Json<NewReceiver>) -> StatusCode {
    github.set_webhook(Some(Webhook {
        url: new.url.into(),
        secret: new.secret,
    }));
    StatusCode::NO_CONTENT
}

async fn remove(State(github): State<Github>) -> StatusCode {
    github.set_webhook(None);
    StatusCode::NO_CONTENT
}

async fn hold(State(github): State<Github>) -> StatusCode {
    github.hold_webhooks();
    StatusCode::NO_CONTENT
}

/// How many deliveries were released.
#[derive(Serialize)]
struct Released {
    released: usize,
}

async fn release(State(github): State<Github>) -> Json<Released> {
    let released = github.release_webhooks();
    Json(Released { released })
}

async fn read_faults(State(github): State<Github>) -> Json<Vec<WebhookFault>> {
    Json(github.webhook_faults())
}

async fn write_fault(State(github): State<Github>, Json(fault): Json<WebhookFault>) -> Response {
    match github.add_webhook_fault(fault) {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, why.to_string()).into_response(),
    }
}

async fn forget_faults(State(github): State<Github>) -> StatusCode {
    github.clear_webhook_faults();
    StatusCode::NO_CONTENT
}

async fn list(State(github): State<Github>) -> Json<Vec<Delivery>> {
    Json(github.deliveries())
}

/// A delivery with its body, as it was sent.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    delivery: Delivery,
    payload: Box<RawValue>,
}

async fn tell(State(github): State<Github>, Path(id): Path<u64>) -> Result<Json<Told>, StatusCode> {
    let mut all = github.deliveries().into_iter();
    let delivery = all.find(|one| one.id == id).ok_or(StatusCode::NOT_FOUND)?;
    let body = String::from_utf8_lossy(&delivery.body).into_owned();
    let payload = RawValue::from_string(body).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(Told { delivery, payload }))
}

async fn deliver_again(
    State(github): State<Github>,
    Path(id): Path<u64>,
) -> Result<Json<Delivery>, StatusCode> {
    let again = github.redeliver(id).await;
    again.map(Json).ok_or(StatusCode::NOT_FOUND)
}
