//! Stands between the service and the simulated GitHub, and answers in its
//! place, or changes what it answers, where a test says so.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Json, Response},
};
use deploy::Config;
use http::{Method, StatusCode, request::Parts};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::world::World;

/// More than any body has.
const LARGEST: usize = 32 << 20;

/// A question on its way to GitHub.
pub(crate) struct Query {
    /// The name of a GraphQL query's operation; of another the method and path.
    pub(crate) operation: String,
    /// A query's variables.
    pub(crate) variables: Value,
}

/// What becomes of a query.
pub(crate) enum Fate {
    /// GitHub answers.
    Passes,
    /// This is answered, and GitHub hears nothing.
    Fails(StatusCode),
    /// GitHub's answer is changed.
    Changes(Box<dyn FnOnce(&mut Value) + Send>),
    /// GitHub answers, and its answer is kept back.
    Waits(Hold),
}

/// Keeps an answer back.
#[derive(Clone, Default)]
pub(crate) struct Hold {
    /// GitHub has answered.
    pub(crate) answered: CancellationToken,
    /// The answer may go on.
    pub(crate) released: CancellationToken,
}

type Rule = dyn Fn(&Query) -> Fate + Send + Sync;

/// The server; it ends with the test.
pub(crate) struct Between {
    api_url: String,
    _server: JoinSet<()>,
}

impl Between {
    /// Starts one in front of a world's GitHub. What writes passes.
    pub(crate) async fn new(
        world: &World,
        rule: impl Fn(&Query) -> Fate + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api_url = format!("http://{}/api/v3", listener.local_addr().unwrap());
        let rule: Arc<Rule> = Arc::new(rule);
        let router = world
            .github
            .router()
            .layer(middleware::from_fn_with_state(rule, attend));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            api_url,
            _server: server,
        }
    }

    /// The settings of a service that speaks to GitHub through this.
    pub(crate) fn config(&self, world: &World) -> Config {
        Config {
            github_api_url: self.api_url.parse().unwrap(),
            ..world.config()
        }
    }
}

async fn attend(State(rule): State<Arc<Rule>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, LARGEST).await.unwrap();
    let asked = query(&bytes).or_else(|| read(&parts));
    let fate = asked.map_or(Fate::Passes, |query| rule(&query));
    let request = Request::from_parts(parts, Body::from(bytes));
    match fate {
        Fate::Passes => next.run(request).await,
        Fate::Fails(status) => status.into_response(),
        Fate::Waits(hold) => {
            let (parts, body) = next.run(request).await.into_parts();
            let bytes = to_bytes(body, LARGEST).await.unwrap();
            hold.answered.cancel();
            hold.released.cancelled().await;
            Response::from_parts(parts, Body::from(bytes))
        }
        Fate::Changes(change) => {
            let answer = next.run(request).await;
            let bytes = to_bytes(answer.into_body(), LARGEST).await.unwrap();
            let mut answer = serde_json::from_slice(&bytes).unwrap();
            change(&mut answer);
            Json(answer).into_response()
        }
    }
}

fn read(parts: &Parts) -> Option<Query> {
    (parts.method == Method::GET).then(|| Query {
        operation: format!("GET {}", parts.uri.path()),
        variables: Value::Null,
    })
}

fn query(body: &[u8]) -> Option<Query> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let mut lines = body["query"].as_str()?.lines();
    let operation = lines.find_map(|line| line.strip_prefix("query "))?;
    Some(Query {
        operation: operation.split('(').next()?.to_owned(),
        variables: body["variables"].clone(),
    })
}
