//! A GitHub that knows only what an App needs, and says it by a clock of its own:
//! who has installed it, the tokens that it gets, and the calls it makes by them.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use deploy::{
    Clock,
    github::{Client, Config, Credentials},
};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use crate::github_stub::NOW;

/// The App.
pub(crate) const APP: u64 = 1234;
pub(crate) const KEY: &str = include_str!("../keys/app.pkcs1.pem");
/// What every installation token begins with.
pub(crate) const TOKENS: &str = "ghs_secret_of_an_installation_";

/// What the server is to do, and what it has seen.
#[derive(Default)]
pub(crate) struct Told {
    /// By owner.
    installations: HashMap<String, u64>,
    /// Answers the next calls by token get instead of their own.
    pub(crate) refusals: Vec<StatusCode>,
    /// Answers the next mints get instead of a token.
    pub(crate) no_tokens: Vec<StatusCode>,
    /// The tokens it gave, the newest last.
    pub(crate) tokens: Vec<String>,
    /// Method and path of each call by token, with its token.
    pub(crate) calls: Vec<(String, String)>,
    /// Paths of the calls by JWT that it accepted, and of those it did not.
    pub(crate) app_calls: Vec<String>,
    pub(crate) refused_jwts: usize,
}

/// A server for one App, and the two clocks.
pub(crate) struct Server {
    pub(crate) origin: String,
    pub(crate) told: Arc<Mutex<Told>>,
    /// Seconds after [`NOW`], on the server and in the client.
    pub(crate) their_time: Arc<AtomicI64>,
    pub(crate) our_time: Arc<AtomicI64>,
    _server: JoinSet<()>,
}

#[derive(Clone)]
struct Shared {
    told: Arc<Mutex<Told>>,
    time: Arc<AtomicI64>,
}

impl Server {
    /// One where the App is installed for these owners.
    pub(crate) async fn installed_for(owners: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Told::default()));
        let their_time = Arc::new(AtomicI64::new(0));
        let shared = Shared {
            told: Arc::clone(&told),
            time: Arc::clone(&their_time),
        };
        let app = Router::new().fallback(answer).with_state(shared);
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let server = Self {
            origin,
            told,
            their_time,
            our_time: Arc::default(),
            _server: server,
        };
        for (owner, id) in owners.iter().zip(1..) {
            server.install(owner, id);
        }
        server
    }

    pub(crate) fn install(&self, owner: &str, id: u64) {
        self.told().installations.insert(owner.to_owned(), id);
    }

    pub(crate) fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }

    pub(crate) fn config(&self) -> Config {
        let credentials = Credentials::App {
            id: APP,
            private_key: SecretString::from(KEY),
        };
        Config {
            backoff: std::time::Duration::from_millis(1),
            ..Config::new(self.origin.parse().unwrap(), credentials)
        }
    }

    pub(crate) fn client(&self) -> Client {
        let time = Arc::clone(&self.our_time);
        let clock = Clock::new(move || at(time.load(Ordering::Relaxed)));
        Client::new(self.config(), clock).unwrap()
    }

    /// Both clocks are this many seconds after [`NOW`].
    pub(crate) fn at(&self, seconds: i64) {
        self.our_time.store(seconds, Ordering::Relaxed);
        self.their_time.store(seconds, Ordering::Relaxed);
    }

    pub(crate) fn lookups(&self) -> usize {
        let told = self.told();
        let lookups = told
            .app_calls
            .iter()
            .filter(|path| path.starts_with("/users/"));
        lookups.count()
    }
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = NOW + shared.time.load(Ordering::Relaxed);
    let authorization = headers["authorization"].to_str().unwrap();
    let token = authorization.strip_prefix("Bearer ").unwrap();
    let (status, body) = {
        let mut told = shared.told.lock().unwrap();
        match claims(token) {
            Some(claims) => told.answer_the_app(&claims, uri.path(), now),
            None => told.answer_an_installation(token, &format!("{method} {}", uri.path()), &body),
        }
    };
    let date = Timestamp::from_second(now).unwrap();
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    let date = printer.timestamp_to_rfc9110_string(&date).unwrap();
    (status, [("date", date)], body.to_string()).into_response()
}

/// What a JWT claims; none for another token.
fn claims(token: &str) -> Option<Value> {
    let claims = BASE64_URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1)?)
        .ok()?;
    serde_json::from_slice(&claims).ok()
}

impl Told {
    /// GitHub takes a JWT that is not of the future, not over, and not for
    /// longer than ten minutes.
    fn answer_the_app(&mut self, claims: &Value, path: &str, now: i64) -> (StatusCode, Value) {
        let second = |claim: &str| claims[claim].as_i64().unwrap();
        let in_time = second("iat") <= now && (now + 1..=now + 600).contains(&second("exp"));
        if !in_time || claims["iss"] != APP {
            self.refused_jwts += 1;
            let message = json!({"message": "A JSON web token could not be decoded"});
            return (StatusCode::UNAUTHORIZED, message);
        }
        self.app_calls.push(path.to_owned());
        let not_found = (StatusCode::NOT_FOUND, json!({"message": "Not Found"}));
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            ["app"] => (StatusCode::OK, json!({"id": APP})),
            ["users", owner, "installation"] => match self.installations.get(&owner.to_lowercase())
            {
                Some(id) => (StatusCode::OK, json!({ "id": id })),
                None => not_found,
            },
            ["app", "installations", id, "access_tokens"] => {
                let id: u64 = id.parse().unwrap();
                if let Some(status) = self.no_tokens.pop() {
                    return (status, json!({}));
                }
                if !self
                    .installations
                    .values()
                    .any(|installed| *installed == id)
                {
                    return not_found;
                }
                let token = format!("{TOKENS}{id}_{}", self.tokens.len());
                self.tokens.push(token.clone());
                let expires_at = Timestamp::from_second(now + 3_600).unwrap();
                let minted = json!({"token": token, "expires_at": expires_at});
                (StatusCode::CREATED, minted)
            }
            _ => not_found,
        }
    }

    fn answer_an_installation(
        &mut self,
        token: &str,
        call: &str,
        body: &[u8],
    ) -> (StatusCode, Value) {
        self.calls.push((call.to_owned(), token.to_owned()));
        if let Some(status) = self.refusals.pop() {
            return (status, json!({"message": "Bad credentials"}));
        }
        if call.ends_with("/deployments") {
            let created = json!({"id": 42, "node_id": "DE_42", "created_at": at(0)});
            return (StatusCode::CREATED, created);
        }
        let asked: Value = serde_json::from_slice(body).unwrap();
        let ids = asked["variables"]["ids"].as_array();
        let answer = match ids {
            Some(ids) => json!({
                "data": {"nodes": vec![Value::Null; ids.len()]},
                "errors": (0..ids.len()).map(gone).collect::<Vec<_>>(),
            }),
            None => json!({"data": {
                "repositoryOwner": {"repositories": {"nodes": [{"name": "people"}]}},
            }}),
        };
        (StatusCode::OK, answer)
    }
}

/// How GitHub tells that it does not have what was asked for at this place.
fn gone(place: usize) -> Value {
    json!({
        "type": "NOT_FOUND",
        "path": ["nodes", place],
        "message": "Could not resolve to a node with the global id.",
    })
}
