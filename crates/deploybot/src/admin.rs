//! Health and readiness, on a port of their own.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use tokio::sync::watch;

/// What readiness depends on.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    /// How many connections to Slack are open.
    pub(crate) slack: watch::Receiver<usize>,
    /// Whether the feed of the deploy service is followed.
    pub(crate) deploy: watch::Receiver<bool>,
}

pub(crate) fn router(connections: Connections) -> Router {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .with_state(connections)
}

async fn ready(State(connections): State<Connections>) -> (StatusCode, String) {
    let slack = *connections.slack.borrow() > 0;
    let deploy = *connections.deploy.borrow();
    let word = |connected| {
        if connected {
            "connected"
        } else {
            "not connected"
        }
    };
    let code = if slack && deploy {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        code,
        format!("slack: {}\ndeploy: {}\n", word(slack), word(deploy)),
    )
}
