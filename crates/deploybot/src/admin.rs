//! Health and readiness, on a port of their own.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use tokio::sync::watch;

/// What readiness depends on.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    /// How many Socket Mode connections are open, where there are to be some.
    pub(crate) sockets: Option<watch::Receiver<usize>>,
    /// Whether requests of Slack are taken, where there are to be some.
    pub(crate) requests: Option<watch::Receiver<bool>>,
    /// Whether the feed of the deploy service is followed.
    pub(crate) deploy: watch::Receiver<bool>,
}

pub(crate) fn router(connections: Connections) -> Router {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .with_state(connections)
}

/// Ready when Slack reaches the bot, in one way where there are two: which of
/// them Slack uses is a setting of the app, and may be changed while it runs.
async fn ready(State(connections): State<Connections>) -> (StatusCode, String) {
    let sockets = connections.sockets.map(|open| *open.borrow() > 0);
    let requests = connections.requests.map(|taken| *taken.borrow());
    let deploy = *connections.deploy.borrow();
    let word = |is_so, word: &str| format!("{}{word}", if is_so { "" } else { "not " });
    let slack = [
        sockets.map(|is_so| word(is_so, "connected")),
        requests.map(|is_so| word(is_so, "listening")),
    ];
    let slack = slack.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let is_reached = sockets == Some(true) || requests == Some(true);
    let code = if is_reached && deploy {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let deploy = word(deploy, "connected");
    (code, format!("slack: {slack}\ndeploy: {deploy}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(sockets: Option<usize>, requests: Option<bool>, deploy: bool) -> (u16, String) {
        let connections = Connections {
            sockets: sockets.map(|open| watch::channel(open).1),
            requests: requests.map(|taken| watch::channel(taken).1),
            deploy: watch::channel(deploy).1,
        };
        let (code, body) = ready(State(connections)).await;
        (code.as_u16(), body)
    }

    #[tokio::test]
    async fn it_is_ready_when_slack_reaches_it_in_the_way_that_is_set() {
        let cases = [
            (Some(1), None, true, 200, "connected", "connected"),
            (Some(0), None, true, 503, "not connected", "connected"),
            (Some(2), None, false, 503, "connected", "not connected"),
            (None, Some(true), true, 200, "listening", "connected"),
            (None, Some(false), true, 503, "not listening", "connected"),
            (None, Some(true), false, 503, "listening", "not connected"),
            (
                Some(0),
                Some(true),
                true,
                200,
                "not connected, listening",
                "connected",
            ),
            (
                Some(0),
                Some(false),
                true,
                503,
                "not connected, not listening",
                "connected",
            ),
        ];
        for (sockets, requests, deploy, code, slack, service) in cases {
            assert_eq!(
                told(sockets, requests, deploy).await,
                (code, format!("slack: {slack}\ndeploy: {service}\n"))
            );
        }
    }
}
