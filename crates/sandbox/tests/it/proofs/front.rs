//! What clients are given as GitHub: its REST API through the checking proxy,
//! all else (GraphQL, pages, sites), of which the proxy knows nothing, directly.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use http_body_util::BodyExt as _;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

/// Where the REST API begins.
const REST: &str = "/github/api/v3";

/// In which header the proxy says what is wrong with a request or an answer.
const VIOLATIONS: &str = "sl-violations";

/// What the proxy answers itself has this type, in place of GitHub's.
const OF_THE_PROXY: &str = "application/problem+json";

/// The way in. Clones share what was seen.
#[derive(Clone)]
pub(super) struct Front {
    proxy: String,
    client: Client<HttpConnector, Body>,
    seen: Arc<Mutex<Seen>>,
}

/// What passed the proxy.
#[derive(Default)]
struct Seen {
    passed: usize,
    complaints: Vec<String>,
}

impl Front {
    pub(super) fn of(proxy: &str) -> Self {
        Self {
            proxy: proxy.to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            seen: Arc::default(),
        }
    }

    /// A service whose REST API is reached through the proxy.
    pub(super) fn before(&self, service: Router) -> Router {
        service.layer(middleware::from_fn_with_state(self.clone(), lead))
    }

    /// How many requests the proxy has passed on, since it was asked last.
    pub(super) fn passed(&self) -> usize {
        std::mem::take(&mut self.seen.lock().unwrap().passed)
    }

    /// What the proxy found wrong, since it was asked last.
    pub(super) fn complaints(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap().complaints)
    }

    async fn check(&self, path: &str, request: Request) -> Response {
        let what = format!("{} {path}", request.method());
        let (mut head, body) = request.into_parts();
        head.uri = format!("{}{path}", self.proxy).parse().unwrap();
        head.headers.remove(header::HOST);
        let answer = match self.client.request(Request::from_parts(head, body)).await {
            Ok(answer) => answer,
            Err(error) => {
                self.complain(&what, &format!("the proxy cannot be asked: {error}"));
                return StatusCode::BAD_GATEWAY.into_response();
            }
        };
        let (mut head, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        self.seen.lock().unwrap().passed += 1;
        let what = format!("{what} {}", head.status.as_u16());
        for complaint in complaints(&head.headers, &bytes) {
            self.complain(&what, &complaint);
        }
        head.headers.remove(header::TRANSFER_ENCODING);
        Response::from_parts(head, Body::from(bytes))
    }

    fn complain(&self, what: &str, complaint: &str) {
        let complaint = format!("{what}: {complaint}");
        self.seen.lock().unwrap().complaints.push(complaint);
    }
}

/// Leads a request through the proxy, if it is for the REST API.
async fn lead(State(front): State<Front>, request: Request, next: Next) -> Response {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |asked| asked.as_str());
    match path.strip_prefix(REST) {
        Some("") => front.check("/", request).await,
        Some(rest) if rest.starts_with('/') => {
            let rest = rest.to_owned();
            front.check(&rest, request).await
        }
        _ => next.run(request).await,
    }
}

/// What the proxy says of an answer and of what was asked.
fn complaints(headers: &HeaderMap, body: &[u8]) -> Vec<String> {
    if headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == OF_THE_PROXY)
    {
        return vec![format!("refused: {}", String::from_utf8_lossy(body))];
    }
    let Some(said) = headers.get(VIOLATIONS) else {
        return Vec::new();
    };
    let said = String::from_utf8_lossy(said.as_bytes());
    match serde_json::from_str::<Vec<Value>>(&said) {
        Ok(violations) => violations.iter().map(read_aloud).collect(),
        // More than a header can hold.
        Err(_) => vec![said.into_owned()],
    }
}

fn read_aloud(violation: &Value) -> String {
    let word = |part: &Value| {
        part.as_str()
            .map_or_else(|| part.to_string(), str::to_owned)
    };
    let place: Vec<String> = violation["location"]
        .as_array()
        .map(|parts| parts.iter().map(word).collect())
        .unwrap_or_default();
    format!("{}: {}", place.join("."), word(&violation["message"]))
}
