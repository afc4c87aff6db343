//! Asks the simulated GitHub's GraphQL API.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::rest_client::{Reply, TOKEN, World};

/// Sends a query and reads the answer whole.
pub(crate) async fn send(world: &World, query: &str, variables: Value) -> Reply {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let token = format!("bearer {TOKEN}");
    let headers = [("authorization", token.as_str())];
    world
        .send(Method::POST, "/api/graphql", &headers, body)
        .await
        .unwrap()
}

/// The data that a query without errors answers.
pub(crate) async fn data(world: &World, query: &str, variables: Value) -> Value {
    let reply = send(world, query, variables).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let mut answer = reply.json();
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].take()
}

/// What of the repository `acme/people` the selected fields say.
pub(crate) async fn of_repository(world: &World, fields: &str) -> Value {
    let query = format!("{{ repository(owner: \"acme\", name: \"People\") {{ {fields} }} }}");
    data(world, &query, Value::Null).await["repository"].take()
}

/// The answer to a query that has errors.
pub(crate) async fn refused(world: &World, query: &str) -> Value {
    let answer = send(world, query, Value::Null).await.json();
    assert!(answer["errors"].is_array(), "{answer:#}");
    answer
}
