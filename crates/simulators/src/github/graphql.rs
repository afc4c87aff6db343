//! GitHub's GraphQL API: the part of its schema that deploy tools read, under
//! the same names, with the same types and the same sentences for errors. What
//! is not asked for is not computed.

mod account;
mod answer;
mod check;
mod check_suite;
mod commit;
mod comparison;
mod complete;
mod cost;
mod deployment;
mod environment;
mod expression;
mod history;
mod object;
mod owner;
mod page;
mod pull_request;
mod query;
mod reference;
mod repository;
mod rollup;
mod scalar;
mod status_context;
mod workflow_run;

use std::sync::Arc;

use async_graphql::{
    EmptyMutation, EmptySubscription, Enum, Pos, Request, Response as Outcome, Schema, Variables,
    parser::parse_query,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use futures::executor::block_on;
use http::{HeaderMap, StatusCode, header};

use self::{
    answer::Answer,
    complete::Types,
    cost::Price,
    query::{Query, RateLimit},
    scalar::DateTime,
};
use super::{
    Github,
    access::{Budget, Caller, Resource},
};

/// How many nodes one query may ask for.
const MOST_NODES: u64 = 500_000;

const DOCUMENTATION: &str = "https://docs.github.com/graphql";

/// The page about limits that guard against bursts.
const SECONDARY: &str = "https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#secondary-rate-limits";

type GithubSchema = Schema<Query, EmptyMutation, EmptySubscription>;

/// Which way a list is sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum OrderDirection {
    /// The least first.
    Asc,
    /// The greatest first.
    Desc,
}

/// The one route.
pub(super) fn router(github: Github) -> Router {
    let schema = schema();
    let endpoint = Endpoint {
        github,
        types: Arc::new(Types::of(&schema.sdl())),
        schema,
    };
    Router::new()
        .route("/api/graphql", post(serve))
        .with_state(endpoint)
}

fn schema() -> GithubSchema {
    Schema::build(Query, EmptyMutation, EmptySubscription)
        .register_output_type::<query::Node>()
        .disable_suggestions()
        .finish()
}

#[derive(Clone)]
struct Endpoint {
    github: Github,
    schema: GithubSchema,
    types: Arc<Types>,
}

/// A query, as its resolvers see it.
struct Asked {
    github: Github,
    caller: Caller,
    price: Price,
    budget: Budget,
}

impl Asked {
    fn github(&self) -> &Github {
        &self.github
    }

    fn login(&self) -> &str {
        &self.caller.login
    }

    fn rate_limit(&self) -> RateLimit {
        RateLimit {
            cost: self.price.points,
            limit: self.budget.limit,
            node_count: self.price.nodes,
            remaining: self.budget.remaining(),
            reset_at: DateTime(self.budget.reset),
            used: self.budget.used,
        }
    }
}

/// Answers one query.
async fn serve(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(caller) = endpoint.github.caller(&headers) else {
        let message = if headers.contains_key(header::AUTHORIZATION) {
            "Bad credentials"
        } else {
            "This endpoint requires you to be authenticated."
        };
        return refused(StatusCode::UNAUTHORIZED, message);
    };
    match Question::read(&body) {
        Ok(question) => answer(endpoint, caller, question).await,
        Err(message) => refused(StatusCode::BAD_REQUEST, message),
    }
}

/// The answer to a caller whose points are used up, without the headers that
/// tell of it.
pub(super) fn rate_limit_answer() -> Response {
    refuse_rate("user").into_response()
}

/// The answer to a caller who asks in bursts.
pub(super) fn burst_answer() -> Response {
    let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you \
                   try again.";
    refused_with(StatusCode::FORBIDDEN, message, SECONDARY)
}

fn refuse_rate(who: &str) -> Answer {
    let message = format!("API rate limit exceeded for {who}.");
    Answer::failure("RATE_LIMITED", message)
}

fn refused(status: StatusCode, message: &str) -> Response {
    refused_with(status, message, DOCUMENTATION)
}

fn refused_with(status: StatusCode, message: &str, page: &str) -> Response {
    let body = serde_json::json!({
        "message": message,
        "documentation_url": page,
        "status": status.as_str(),
    });
    (status, Json(body)).into_response()
}

/// What a request's body asks.
struct Question {
    query: String,
    operation: Option<String>,
    variables: Variables,
}

impl Question {
    fn read(body: &[u8]) -> Result<Self, &'static str> {
        let body: serde_json::Value =
            serde_json::from_slice(body).map_err(|_| "Problems parsing JSON")?;
        let query = body["query"]
            .as_str()
            .ok_or("A query attribute must be specified and must be a string.")?;
        let operation = body["operationName"]
            .as_str()
            .filter(|name| !name.is_empty());
        let variables = &body["variables"];
        if !variables.is_null() && !variables.is_object() {
            return Err("Variables must be an object.");
        }
        Ok(Self {
            query: query.to_owned(),
            operation: operation.map(str::to_owned),
            variables: Variables::from_json(variables.clone()),
        })
    }
}

async fn answer(endpoint: Endpoint, caller: Caller, question: Question) -> Response {
    let github = endpoint.github.clone();
    // What can't be parsed or priced costs the least; carrying it out tells why
    // it can't be.
    let price = parse_query(&question.query)
        .ok()
        .and_then(|document| {
            let operation = question.operation.as_deref();
            cost::price(&document, operation, &question.variables)
        })
        .unwrap_or(Price {
            points: 1,
            nodes: 0,
        });
    if price.nodes > MOST_NODES {
        let message = format!(
            "This query requests up to {} possible nodes which exceeds the maximum limit of 500,000.",
            price.nodes
        );
        return Answer::failure("MAX_NODE_LIMIT_EXCEEDED", message).into_response();
    }
    let now = github.clock().now();
    let spent = github
        .access()
        .spend(&caller, Resource::GraphQl, price.points, now);
    let (answer, budget) = match spent {
        Err(budget) => (refuse_rate(&caller.who), budget),
        Ok(budget) => {
            let asked = Asked {
                github: github.seen_by(&caller),
                caller,
                price,
                budget,
            };
            (
                Answer::from(execute(endpoint, question, asked).await),
                budget,
            )
        }
    };
    let mut response = answer.into_response();
    budget.write_headers(response.headers_mut());
    response
}

/// Carries a query out where blocking is allowed: its resolvers read from disk.
async fn execute(endpoint: Endpoint, question: Question, asked: Asked) -> Outcome {
    let work = move || execute_whole(&endpoint, question, asked);
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(cause) => {
            let error = scalar::trouble(cause).into_server_error(Pos::default());
            Outcome::from_errors(vec![error])
        }
    }
}

fn execute_whole(endpoint: &Endpoint, question: Question, asked: Asked) -> Outcome {
    let document = parse_query(&question.query).map(|mut document| {
        complete::mark(&mut document);
        document
    });
    let mut request = Request::new(question.query)
        .variables(question.variables)
        .data(asked);
    request.operation_name.clone_from(&question.operation);
    if let Ok(document) = &document {
        request.set_parsed_query(document.clone());
    }
    let outcome = block_on(endpoint.schema.execute(request));
    let Ok(document) = document else {
        return outcome;
    };
    match cost::chosen(&document.operations, question.operation.as_deref()) {
        Some(operation) => {
            complete::complete(&endpoint.types, &document.fragments, operation, outcome)
        }
        None => outcome,
    }
}
