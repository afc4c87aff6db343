//! What GraphQL refuses, in GitHub's form.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    graphql_client::{refused, send},
    rest_client::{TOKEN, World},
};

#[tokio::test]
async fn a_repository_that_is_not_there_is_not_found() {
    let world = World::start().await;
    let query = "{ repository(owner: \"acme\", name: \"nothing\") { name } }";
    assert_eq!(
        refused(&world, query).await,
        json!({
            "data": { "repository": null },
            "errors": [{
                "type": "NOT_FOUND",
                "path": ["repository"],
                "locations": [{ "line": 1, "column": 3 }],
                "message": "Could not resolve to a Repository with the name 'acme/nothing'.",
            }],
        })
    );
}

#[tokio::test]
async fn people_and_nodes_that_are_not_there_are_not_found() {
    let world = World::start().await;
    for (query, message) in [
        (
            "{ user(login: \"acme\") { login } }",
            "Could not resolve to a User with the login of 'acme'.",
        ),
        (
            "{ organization(login: \"bora\") { login } }",
            "Could not resolve to an Organization with the login of 'bora'.",
        ),
        (
            "{ node(id: \"x\") { id } }",
            "Could not resolve to a node with the global id of 'x'.",
        ),
    ] {
        let answer = refused(&world, query).await;
        assert_eq!(answer["errors"][0]["type"], "NOT_FOUND", "{query}");
        assert_eq!(answer["errors"][0]["message"], message);
    }
}

#[tokio::test]
async fn one_node_that_is_missing_does_not_spoil_the_others() {
    let world = World::start().await;
    let query = "query($ids: [ID!]!) { found: nodes(ids: $ids) { __typename } }";
    let id = world.get("/repos/acme/people").await.json()["node_id"].take();
    let answer = send(&world, query, json!({ "ids": ["x", id] }))
        .await
        .json();
    assert_eq!(
        answer["data"],
        json!({ "found": [null, { "__typename": "Repository" }] })
    );
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    assert_eq!(answer["errors"][0]["path"], json!(["found", 0]));
    let ids: Vec<String> = (0..101).map(|id| id.to_string()).collect();
    let answer = send(&world, query, json!({ "ids": ids })).await.json();
    assert_eq!(answer["errors"][0]["type"], "ARGUMENT_LIMIT");
}

#[tokio::test]
async fn a_page_needs_boundaries() {
    let world = World::start().await;
    for (arguments, kind) in [
        (
            "orderBy: {field: CREATED_AT, direction: ASC}",
            "MISSING_PAGINATION_BOUNDARIES",
        ),
        ("first: 101", "EXCESSIVE_PAGINATION"),
        ("last: 101", "EXCESSIVE_PAGINATION"),
        ("first: -1", "ARGUMENT_LIMIT"),
        ("first: 1, after: \"x\"", "INVALID_CURSOR_ARGUMENTS"),
    ] {
        let query = format!(
            "{{ repository(owner: \"acme\", name: \"people\") {{ deployments({arguments}) {{ totalCount }} }} }}"
        );
        let answer = refused(&world, &query).await;
        assert_eq!(answer["errors"][0]["type"], kind);
        assert_eq!(
            answer["errors"][0]["path"],
            json!(["repository", "deployments"])
        );
        assert_eq!(answer["data"], json!({ "repository": null }));
    }
}

#[tokio::test]
async fn a_query_that_does_not_fit_the_schema_is_refused_whole() {
    let world = World::start().await;
    for (query, message, code) in [
        (
            "{ stars }",
            "Field 'stars' doesn't exist on type 'Query'",
            "undefinedField",
        ),
        (
            "{ viewer(x: 1) { login } }",
            "Field 'viewer' doesn't accept argument 'x'",
            "argumentNotAccepted",
        ),
        (
            "{ node { id } }",
            "Field 'node' is missing required arguments: id",
            "missingRequiredArguments",
        ),
    ] {
        let answer = refused(&world, query).await;
        assert_eq!(answer.get("data"), None, "{query}");
        assert_eq!(answer["errors"][0]["message"], message);
        assert_eq!(answer["errors"][0]["extensions"]["code"], code);
    }
    for query in [
        "{",
        "",
        "mutation { x }",
        "{ viewer }",
        "query A { viewer { login } } query B { viewer { login } }",
    ] {
        let answer = refused(&world, query).await;
        assert_eq!(answer.get("data"), None, "{query}");
    }
}

#[tokio::test]
async fn a_query_that_asks_for_too_much_is_refused() {
    let world = World::start().await;
    let query = "{ repositoryOwner(login: \"acme\") { repositories(first: 100) { nodes {
        deployments(first: 100) { nodes { statuses(first: 100) { totalCount } } } } } } }";
    let answer = refused(&world, query).await;
    assert_eq!(answer["errors"][0]["type"], "MAX_NODE_LIMIT_EXCEEDED");
    assert_eq!(
        answer["errors"][0]["message"],
        "This query requests up to 1010100 possible nodes which exceeds the maximum limit of 500,000."
    );
}

#[tokio::test]
async fn a_spent_budget_is_said_with_status_200() {
    let world = World::start().await;
    world.github.set_hourly_limit(1);
    let query = "{ viewer { login } }";
    assert_eq!(
        send(&world, query, Value::Null).await.json()["data"]["viewer"]["login"],
        "bora"
    );
    let reply = send(&world, query, Value::Null).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.json()["errors"][0]["type"], "RATE_LIMITED");
    assert_eq!(reply.header("x-ratelimit-remaining"), "0");
}

#[tokio::test]
async fn a_caller_without_an_accepted_token_is_refused() {
    let world = World::start().await;
    for headers in [&[][..], &[("authorization", "bearer wrong")]] {
        let body = json!({ "query": "{ viewer { login } }" }).to_string();
        let reply = world
            .send(Method::POST, "/api/graphql", headers, body)
            .await
            .unwrap();
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert!(reply.json()["message"].is_string());
    }
}

#[tokio::test]
async fn a_body_that_is_no_question_is_refused() {
    let world = World::start().await;
    let token = format!("bearer {TOKEN}");
    let headers = [("authorization", token.as_str())];
    for body in [
        "",
        "{",
        "[]",
        "{}",
        "{\"query\": 1}",
        "{\"query\": \"{ viewer { login } }\", \"variables\": 1}",
    ] {
        let reply = world
            .send(Method::POST, "/api/graphql", &headers, body)
            .await
            .unwrap();
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn a_failure_makes_null_of_no_more_than_it_must() {
    let world = World::start().await;
    // The one field can be null; the other can't, so its repository becomes so.
    let query = "{ viewer { login }
        mine: repository(owner: \"acme\", name: \"people\") { name ...Pages }
        other: repository(owner: \"acme\", name: \"people\") { name refs(refPrefix: \"refs/heads/\") { totalCount } } }
        fragment Pages on Repository { environments { totalCount } }";
    let answer = refused(&world, query).await;
    assert_eq!(
        answer["data"],
        json!({
            "viewer": { "login": "bora" },
            "mine": null,
            "other": { "name": "people", "refs": null },
        })
    );
    assert_eq!(answer["errors"].as_array().unwrap().len(), 2);
}
