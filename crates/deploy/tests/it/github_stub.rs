//! A GitHub that answers what a test has written down, one answer after the
//! other, for faults and odd answers that a real one gives too seldom.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Response, Uri},
};
use deploy::{
    Clock,
    github::{Client, Config, Credentials},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinSet,
};

/// The token that the client is given; it must never be seen but in a header.
pub(crate) const TOKEN: &str = "ghs_secret_of_the_test";
/// What the client's clock says.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A deadline that no answer of the stub misses.
pub(crate) const PATIENT: Duration = Duration::from_secs(60);

/// One answer.
pub(crate) enum Answer {
    /// This.
    Says(u16, Vec<(&'static str, String)>, String),
    /// None at all.
    Hangs,
    /// The beginning of one; then the connection breaks.
    Breaks(u16),
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::Says(status, Vec::new(), body.to_string())
    }

    /// A GraphQL answer without errors.
    pub(crate) fn data(data: &Value) -> Self {
        Self::json(200, &json!({ "data": data }))
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Says(status, Vec::new(), String::new())
    }
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) body: Value,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    seen: Vec<Seen>,
}

/// The server; it ends with the test.
pub(crate) struct Stub {
    origin: String,
    script: Arc<Mutex<Script>>,
    _server: JoinSet<()>,
}

impl Stub {
    /// Starts one that gives these answers in this order.
    pub(crate) async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let script = Script {
            answers: answers.into_iter().collect(),
            seen: Vec::new(),
        };
        let script = Arc::new(Mutex::new(script));
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&script));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            origin,
            script,
            _server: server,
        }
    }

    /// Where it is, without a slash at the end.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// A client of this server, under a path of its address.
    pub(crate) fn client_at(&self, path: &str) -> Client {
        client(config_of(&format!("{}{path}", self.origin), PATIENT))
    }

    /// A client of this server that waits this long for an answer.
    pub(crate) fn client_within(&self, deadline: Duration) -> Client {
        client(config_of(&self.origin, deadline))
    }

    /// A client of this server.
    pub(crate) fn client(&self) -> Client {
        self.client_at("")
    }

    /// How many requests have come.
    pub(crate) fn count(&self) -> usize {
        self.script.lock().unwrap().seen.len()
    }

    /// The requests that came. Every answer must have been asked for.
    pub(crate) fn seen(self) -> Vec<Seen> {
        let script = self.script.lock().unwrap();
        assert_eq!(
            script.answers.len(),
            0,
            "not all was asked; seen: {:#?}",
            script.seen
        );
        script.seen.clone()
    }

    /// The names of the GraphQL operations that were asked, in order.
    pub(crate) fn operations(self) -> Vec<String> {
        let name = |seen: &Seen| {
            let query = seen.body["query"].as_str().unwrap_or_default();
            let operation = query.lines().find_map(|line| line.strip_prefix("query "));
            let operation = operation.and_then(|operation| operation.split('(').next());
            operation.unwrap_or(&seen.path).to_owned()
        };
        self.seen().iter().map(name).collect()
    }
}

/// An address where nobody answers: while this is held its port is taken, and
/// nobody listens there.
pub(crate) struct Nobody(TcpSocket);

impl Nobody {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self(socket)
    }

    /// Without a slash at the end.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }
}

/// Settings of a client that hardly waits before it tries again.
pub(crate) fn config_of(api_url: &str, deadline: Duration) -> Config {
    Config {
        read_deadline: deadline,
        create_deadline: deadline,
        backoff: Duration::from_millis(1),
        ..Config::new(api_url.parse().unwrap(), Credentials::Token(TOKEN.into()))
    }
}

/// A client whose clock says [`NOW`].
pub(crate) fn client(config: Config) -> Client {
    let clock = Clock::new(|| Timestamp::from_second(NOW).unwrap());
    Client::new(config, clock).unwrap()
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let answer = {
        let mut script = script.lock().unwrap();
        script.seen.push(Seen {
            method,
            path: uri.to_string(),
            authorization: headers["authorization"].to_str().unwrap().to_owned(),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        });
        script.answers.pop_front()
    };
    match answer {
        Some(Answer::Says(status, headers, body)) => {
            // What a test does not say otherwise is answered at its time.
            let date = Timestamp::from_second(NOW).unwrap();
            let date =
                jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date);
            let response = Response::builder().status(status);
            let response = if headers.iter().any(|(name, _)| *name == "date") {
                response
            } else {
                response.header("date", date.unwrap())
            };
            let response = headers
                .into_iter()
                .fold(response, |response, (name, value)| {
                    response.header(name, value)
                });
            response.body(body.into()).unwrap()
        }
        Some(Answer::Hangs) => std::future::pending().await,
        Some(Answer::Breaks(status)) => {
            let broken = futures::stream::iter([
                Ok(Bytes::from_static(b"{\"id\"")),
                Err(std::io::Error::other("the connection breaks")),
            ]);
            Response::builder()
                .status(status)
                .body(Body::from_stream(broken))
                .unwrap()
        }
        None => Response::builder()
            .status(418)
            .body("nothing is left to say".into())
            .unwrap(),
    }
}
