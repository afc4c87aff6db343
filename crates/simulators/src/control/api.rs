//! The control API over HTTP.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::extract::{Json, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Control, Entry, Fault};

/// The routes, below where the control API is mounted.
pub(super) fn router(control: Control) -> Router {
    Router::new()
        .route("/requests", get(read_requests).delete(forget_requests))
        .route("/latency", get(read_latency).put(write_latency))
        .route(
            "/faults",
            get(read_faults).post(write_fault).delete(forget_faults),
        )
        .with_state(control)
}

/// The control API's answer about requests.
#[derive(Serialize)]
struct Requests {
    counts: BTreeMap<String, u64>,
    log: Vec<Entry>,
}

async fn read_requests(State(control): State<Control>) -> Json<Requests> {
    Json(Requests {
        counts: control.counts(),
        log: control.log(),
    })
}

async fn forget_requests(State(control): State<Control>) -> StatusCode {
    control.reset();
    StatusCode::NO_CONTENT
}

/// The latency as the control API reads and tells it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Latency {
    ms: u64,
}

async fn read_latency(State(control): State<Control>) -> Json<Latency> {
    let ms = u64::try_from(control.latency().as_millis()).unwrap_or(u64::MAX);
    Json(Latency { ms })
}

async fn write_latency(State(control): State<Control>, Json(latency): Json<Latency>) -> StatusCode {
    control.set_latency(Duration::from_millis(latency.ms));
    StatusCode::NO_CONTENT
}

async fn read_faults(State(control): State<Control>) -> Json<Vec<Fault>> {
    Json(control.faults())
}

async fn write_fault(State(control): State<Control>, Json(fault): Json<Fault>) -> Response {
    match control.try_add_fault(fault) {
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, why.to_string()).into_response(),
        Ok(()) => StatusCode::CREATED.into_response(),
    }
}

async fn forget_faults(State(control): State<Control>) -> StatusCode {
    control.clear_faults();
    StatusCode::NO_CONTENT
}
