//! The GitHub App: tokens for each owner, asked for once, renewed in time, and
//! lost, refused or late as they may be. The server here knows only what an App
//! needs, and says it by a clock of its own.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

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
    github::{Client, Config, CreateError, Credentials, Error, Unavailable},
    model::{DeploymentId, RepositoryName},
    whole_chain,
};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{github_faults::new_deployment, github_stub::NOW, service::eventually};

const APP: u64 = 1234;
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
    app_calls: Vec<String>,
    refused_jwts: usize,
}

/// A server for one App, and the two clocks.
pub(crate) struct Server {
    pub(crate) origin: String,
    pub(crate) told: Arc<Mutex<Told>>,
    /// Seconds after [`NOW`], on the server and in the client.
    pub(crate) their_time: Arc<AtomicI64>,
    our_time: Arc<AtomicI64>,
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

    fn install(&self, owner: &str, id: u64) {
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
    fn at(&self, seconds: i64) {
        self.our_time.store(seconds, Ordering::Relaxed);
        self.their_time.store(seconds, Ordering::Relaxed);
    }

    fn lookups(&self) -> usize {
        let told = self.told();
        let lookups = told
            .app_calls
            .iter()
            .filter(|path| path.starts_with("/users/"));
        lookups.count()
    }
}

fn at(seconds: i64) -> Timestamp {
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

#[tokio::test]
async fn fifty_callers_get_one_token() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    let asked = (0..50).map(|_| client.repositories("acme"));
    for names in futures::future::join_all(asked).await {
        assert_eq!(names.unwrap(), ["people"]);
    }
    let told = server.told();
    assert_eq!(
        told.app_calls,
        [
            "/users/acme/installation",
            "/app/installations/1/access_tokens"
        ]
    );
    assert_eq!(told.calls.len(), 50);
    assert!(told.calls.iter().all(|(_, token)| *token == told.tokens[0]));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_used_to_its_end_where_that_fails() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    let used = async |seconds| {
        server.at(seconds);
        client.repositories("ACME").await.unwrap();
        let told = server.told();
        let (_, used) = told.calls.last().unwrap().clone();
        (told.tokens.len(), used == *told.tokens.last().unwrap())
    };
    assert_eq!(used(0).await, (1, true));
    assert_eq!(used(3_299).await, (1, true));
    server.told().no_tokens = vec![StatusCode::BAD_GATEWAY];
    assert_eq!(used(3_301).await, (1, true), "GitHub gives no new one now");
    assert_eq!(used(3_302).await, (2, true));
    assert_eq!(server.lookups(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_renewed_once_and_the_call_is_made_again() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    client.repositories("acme").await.unwrap();
    server.told().refusals = vec![StatusCode::UNAUTHORIZED];
    client.create(&new_deployment()).await.unwrap();
    {
        let told = server.told();
        assert_eq!(told.tokens.len(), 2);
        let create = "POST /repos/acme/people/deployments".to_owned();
        let posts = [0, 1].map(|token| (create.clone(), told.tokens[token].clone()));
        assert_eq!(told.calls[1..], posts);
    }
    server.told().refusals = vec![StatusCode::UNAUTHORIZED; 2];
    let error = client.repositories("acme").await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized), "{error:?}");
    let told = server.told();
    assert_eq!((told.tokens.len(), told.calls.len()), (3, 5));
}

#[tokio::test]
async fn an_owner_without_the_app_is_told_and_asked_for_again_later() {
    let server = Server::installed_for(&[]).await;
    let client = server.client();
    for _ in 0..3 {
        let error = client.repositories("acme").await.unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"the GitHub App is not installed for acme");
        }
        let outcome = client.create(&new_deployment()).await;
        let not_sent = matches!(
            outcome,
            Err(CreateError::NotSent(Error::NotInstalled { .. }))
        );
        assert!(not_sent, "{outcome:?}");
    }
    assert_eq!(server.lookups(), 1);
    server.install("acme", 7);
    server.at(31);
    client.repositories("acme").await.unwrap();
    assert_eq!(server.lookups(), 2);
    // It was removed and installed anew: its tokens are given under another id.
    server.install("acme", 8);
    server.at(4_000);
    client.repositories("acme").await.unwrap();
    assert_eq!(server.lookups(), 3);
}

#[tokio::test]
async fn a_clock_that_is_ten_minutes_off_does_no_harm() {
    for ours in [-600, 600, 7_200] {
        let server = Server::installed_for(&["acme"]).await;
        let client = server.client();
        server.our_time.store(ours, Ordering::Relaxed);
        client.repositories("acme").await.unwrap();
        client.repositories("acme").await.unwrap();
        let told = server.told();
        assert_eq!((told.refused_jwts, told.tokens.len()), (1, 1), "{ours}");
    }
}

#[tokio::test]
async fn each_owner_has_a_token_and_one_without_it_keeps_none_back() {
    let server = Server::installed_for(&["acme", "globex"]).await;
    let client = server.client();
    let known = ["acme/people", "globex/web", "ACME/api", "initech/tps"].map(|repository| {
        let id = DeploymentId {
            number: 1,
            node: repository.to_owned(),
        };
        (RepositoryName::parse(repository, None).unwrap(), id)
    });
    let followed = client.follow(&known).await;
    let (told, untold): (Vec<_>, Vec<_>) = followed.iter().partition(|(_, told)| told.is_ok());
    let told: Vec<&str> = told.iter().map(|(id, _)| id.node.as_str()).collect();
    assert_eq!(told, ["acme/people", "ACME/api", "globex/web"]);
    assert!(
        matches!(untold[0].1, Err(Error::NotInstalled { .. })),
        "{untold:?}"
    );
    {
        let told = server.told();
        let tokens: Vec<&String> = told.calls.iter().map(|(_, token)| token).collect();
        assert_eq!(tokens, [&told.tokens[0], &told.tokens[1]]);
    }
    let accounts = client.budgets().into_iter().map(|budget| budget.account);
    assert_eq!(accounts.collect::<Vec<_>>(), ["acme", "globex"]);
}

#[tokio::test]
async fn an_app_that_github_does_not_accept_is_tried_on_with() {
    let server = Server::installed_for(&["acme"]).await;
    let mut config = server.config();
    config.credentials = Credentials::App {
        id: 1,
        private_key: SecretString::from(KEY),
    };
    // Half a minute is over in some milliseconds.
    let clock = Clock::faster(|| at(0), 10_000.try_into().unwrap());
    let client = Client::new(config, clock).unwrap();
    let shutdown = CancellationToken::new();
    let refused = async {
        let often = async || (server.told().refused_jwts >= 4).then_some(());
        eventually("it is asked again and again", often).await;
        let error = client.repositories("acme").await.unwrap_err();
        insta::assert_snapshot!(whole_chain(&error), @"GitHub is not available: it does not accept the App");
        let outcome = client.create(&new_deployment()).await;
        let is_waited_out = matches!(
            outcome,
            Err(CreateError::NotSent(Error::Unavailable(
                Unavailable::AppNotAccepted
            )))
        );
        assert!(is_waited_out, "{outcome:?}");
        shutdown.cancel();
    };
    let (outcome, ()) = tokio::join!(client.clone().run(shutdown.clone()), refused);
    outcome.unwrap();
}

#[tokio::test]
async fn a_token_that_is_not_given_where_the_app_is_installed_is_waited_for() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    // The newest is the last: the second call looks the installation up anew.
    server.told().no_tokens = vec![
        StatusCode::NOT_FOUND,
        StatusCode::NOT_FOUND,
        StatusCode::UNAUTHORIZED,
    ];
    for _ in 0..2 {
        let error = client.repositories("acme").await.unwrap_err();
        let not_accepted = Error::Unavailable(Unavailable::AppNotAccepted);
        assert_eq!(whole_chain(&error), whole_chain(&not_accepted));
        // A minute later, when a failed lookup would be forgotten.
        server.at(60);
    }
    assert_eq!(client.repositories("acme").await.unwrap(), ["people"]);
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_told_at_the_start() {
    let server = Server::installed_for(&[]).await;
    let mut config = server.config();
    config.credentials = Credentials::App {
        id: APP,
        private_key: SecretString::from("-----BEGIN PRIVATE KEY-----\nsecret"),
    };
    let error = Client::new(config, Clock::new(|| at(0))).unwrap_err();
    assert!(matches!(error, Error::Misconfigured(_)), "{error:?}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

/// GitHub counts for one installation, however people spell its owner.
#[tokio::test]
async fn an_owner_has_one_budget_however_it_is_spelled() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    client.repositories("ACME").await.unwrap();
    client.repositories("acme").await.unwrap();
    let accounts = client.budgets().into_iter().map(|budget| budget.account);
    assert_eq!(accounts.collect::<Vec<_>>(), ["acme"]);
}

#[tokio::test]
async fn an_app_that_github_knows_is_watched_over_until_the_shutdown() {
    let server = Server::installed_for(&["acme"]).await;
    let shutdown = CancellationToken::new();
    let stop = async {
        let is_checked = async || (server.told().app_calls == ["/app"]).then_some(());
        eventually("the App is checked", is_checked).await;
        shutdown.cancel();
    };
    let (outcome, ()) = tokio::join!(server.client().run(shutdown.clone()), stop);
    outcome.unwrap();
}
