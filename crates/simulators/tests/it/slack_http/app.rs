//! The app's server: it takes Slack's challenge, keeps what else comes, and answers
//! as it was told to, or with 200.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use simulators::slack::RequestUrls;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::slack_support::eventually;

/// The app's server.
pub(crate) struct HttpApp {
    pub(crate) base: String,
    shared: Arc<Mutex<Shared>>,
    _server: JoinSet<()>,
}

#[derive(Default)]
struct Shared {
    received: Vec<Received>,
    answers: VecDeque<Reply>,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) path: String,
    headers: HeaderMap,
    pub(super) body: String,
}

/// How the app answers once.
#[derive(Clone)]
pub(super) enum Reply {
    Status(u16),
    NoRetry,
    Json(Value),
    Never,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The payload of a form.
    pub(super) fn payload(&self) -> Value {
        let mut fields = url::form_urlencoded::parse(self.body.as_bytes());
        let (name, payload) = fields.next().unwrap();
        assert_eq!((name.as_ref(), fields.next()), ("payload", None));
        serde_json::from_str(&payload).unwrap()
    }
}

impl HttpApp {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared::default()));
        let router = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&shared));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            base,
            shared,
            _server: server,
        }
    }

    pub(super) fn urls(&self) -> RequestUrls {
        RequestUrls {
            events: vec![format!("{}/events", self.base)],
            interactivity: vec![format!("{}/interactions", self.base)],
        }
    }

    pub(super) fn answers(&self, replies: impl IntoIterator<Item = Reply>) {
        self.shared.lock().unwrap().answers.extend(replies);
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.shared.lock().unwrap().received.clone()
    }

    /// All that came, once there is so much of it.
    pub(super) async fn hears(&self, count: usize) -> Vec<Received> {
        eventually(
            &format!("{count} requests"),
            async || self.received(),
            |received| received.len() >= count,
        )
        .await
    }
}

async fn receive(
    State(shared): State<Arc<Mutex<Shared>>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let received = Received {
        path: uri.path().to_owned(),
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let reply = {
        let mut shared = shared.lock().unwrap();
        if let Some(challenge) = challenge(&received) {
            return challenge.into_response();
        }
        shared.received.push(received);
        shared.answers.pop_front()
    };
    match reply {
        None => StatusCode::OK.into_response(),
        Some(Reply::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Reply::NoRetry) => {
            (StatusCode::BAD_GATEWAY, [("x-slack-no-retry", "1")]).into_response()
        }
        Some(Reply::Json(body)) => axum::Json(body).into_response(),
        Some(Reply::Never) => std::future::pending().await,
    }
}

fn challenge(received: &Received) -> Option<String> {
    let asked: Value = serde_json::from_str(&received.body).ok()?;
    (asked["type"] == "url_verification").then(|| asked["challenge"].as_str().unwrap().to_owned())
}
