//! The control API: what came in, latency, and each kind of fault.

use std::time::{Duration, Instant, UNIX_EPOCH};

use http::{Method, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use simulators::control::{Fault, FaultKind};

use crate::rest_client::{TOKEN, World};

const CREATE: &str = "POST /api/v3/repos/{owner}/{repo}/deployments";
const READ: &str = "GET /api/v3/repos/{owner}/{repo}";

async fn control(world: &World, method: Method, path: &str, body: Value) -> (StatusCode, String) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let headers = [("content-type", "application/json")];
    let reply = world
        .send(method, &format!("/control{path}"), &headers, body)
        .await
        .unwrap();
    (reply.status, reply.text())
}

async fn fault(world: &World, route: &str, kind: Value) {
    let body = json!({"route": route, "kind": kind});
    let (status, text) = control(world, Method::POST, "/faults", body).await;
    assert_eq!(status, StatusCode::CREATED, "{text}");
}

async fn try_to_create(world: &World) -> Option<StatusCode> {
    let token = format!("Bearer {TOKEN}");
    let body = json!({"ref": "main", "required_contexts": []}).to_string();
    let path = "/api/v3/repos/acme/people/deployments";
    world
        .send(Method::POST, path, &[("authorization", &token)], body)
        .await
        .ok()
        .map(|reply| reply.status)
}

async fn deployments(world: &World) -> usize {
    let list = world.get("/repos/acme/people/deployments").await.json();
    list.as_array().unwrap().len()
}

#[tokio::test]
async fn requests_are_counted_by_route_whatever_the_prefix() {
    let world = World::start().await;
    world.get("/repos/acme/people").await;
    world.get("/repos/acme/nope?x=1").await;
    world.get("/nope").await;
    let (_, text) = control(&world, Method::GET, "/requests", Value::Null).await;
    let requests: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        requests["counts"],
        json!({READ: 2, "GET (no such route)": 1})
    );
    let entry = &requests["log"][1];
    assert_eq!(entry["path"], "/github/api/v3/repos/acme/nope?x=1");
    assert_eq!(
        (&entry["status"], &entry["user_agent"]),
        (&json!(404), &json!("rest-test"))
    );
    let (status, _) = control(&world, Method::DELETE, "/requests", Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(world.github.control().counts().is_empty());
    assert!(world.github.control().log().is_empty());
}

#[tokio::test]
async fn a_graphql_request_is_counted_by_its_operation() {
    let world = World::start().await;
    for body in [
        json!({"query": "# a query\nquery Status($n: Int) { x }"}),
        json!({"query": "query A { x } query B { x }", "operationName": "B"}),
        json!({"query": "{ x }"}),
    ] {
        world
            .send(Method::POST, "/api/graphql", &[], body.to_string())
            .await
            .unwrap();
    }
    let routes: Vec<_> = world.github.control().counts().into_keys().collect();
    assert_eq!(
        routes,
        [
            "POST /api/graphql",
            "POST /api/graphql B",
            "POST /api/graphql Status"
        ]
    );
}

#[tokio::test]
async fn latency_slows_every_request() {
    let world = World::start().await;
    let (status, _) = control(&world, Method::PUT, "/latency", json!({"ms": 120})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (_, text) = control(&world, Method::GET, "/latency", Value::Null).await;
    assert_eq!(text, r#"{"ms":120}"#);
    let start = Instant::now();
    world.get("/repos/acme/people").await;
    assert!(start.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_status_fault_has_no_effect_and_ends_by_itself() {
    let world = World::start().await;
    fault(&world, CREATE, json!({"status": 502})).await;
    assert_eq!(try_to_create(&world).await, Some(StatusCode::BAD_GATEWAY));
    assert_eq!(deployments(&world).await, 0);
    assert_eq!(try_to_create(&world).await, Some(StatusCode::CREATED));
}

#[tokio::test]
async fn an_after_commit_fault_hides_what_was_done() {
    let world = World::start().await;
    fault(&world, CREATE, json!({"after_commit": 502})).await;
    assert_eq!(try_to_create(&world).await, Some(StatusCode::BAD_GATEWAY));
    assert_eq!(deployments(&world).await, 1);
}

#[tokio::test]
async fn a_dropped_request_gets_no_byte_of_an_answer() {
    let world = World::start().await;
    fault(&world, CREATE, json!("drop")).await;
    assert_eq!(try_to_create(&world).await, None);
    assert_eq!(deployments(&world).await, 0);
    fault(&world, CREATE, json!("drop_after_commit")).await;
    assert_eq!(try_to_create(&world).await, None);
    assert_eq!(deployments(&world).await, 1);
    let cut = world
        .github
        .control()
        .log()
        .iter()
        .filter(|entry| entry.status.is_none())
        .count();
    assert_eq!(cut, 2);
}

#[tokio::test]
async fn a_rate_limit_fault_answers_as_github_does() {
    let world = World::start().await;
    fault(&world, READ, json!({"rate_limit": {"seconds": 30}})).await;
    let reply = world.get("/repos/acme/people").await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert_eq!(reply.header("retry-after"), "30");
    assert_eq!(reply.header("x-ratelimit-remaining"), "0");
    assert!(reply.refusal().starts_with("403 API rate limit exceeded"));
    let now = UNIX_EPOCH.elapsed().unwrap().as_secs();
    let reset: u64 = reply.header("x-ratelimit-reset").parse().unwrap();
    assert!((25..=31).contains(&(reset - now)));
    assert_eq!(world.get("/repos/acme/people").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_latency_fault_slows_one_request() {
    let world = World::start().await;
    fault(&world, READ, json!({"latency": {"ms": 150}})).await;
    let start = Instant::now();
    assert_eq!(world.get("/repos/acme/people").await.status, StatusCode::OK);
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert!(world.github.control().faults().is_empty());
}

#[tokio::test]
async fn what_a_caller_gives_up_waiting_for_is_done_all_the_same() {
    let world = World::start().await;
    fault(&world, CREATE, json!({"latency": {"ms": 200}})).await;
    let given_up = tokio::time::timeout(Duration::from_millis(50), try_to_create(&world)).await;
    assert!(given_up.is_err());
    let control = world.github.control();
    let deadline = Instant::now() + Duration::from_secs(10);
    while !control.counts().contains_key(CREATE) {
        assert!(Instant::now() < deadline, "{:?}", control.log());
        // Asking for something else paces the wait.
        world.get("/rate_limit").await;
    }
    assert_eq!(deployments(&world).await, 1);
}

#[tokio::test]
async fn faults_skip_and_count() {
    let world = World::start().await;
    world.github.control().add_fault(Fault {
        route: "*".to_owned(),
        skip: 1,
        times: 2,
        kind: FaultKind::Status(503),
    });
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(world.get("/repos/acme/people").await.status.as_u16());
    }
    assert_eq!(seen, [200, 503, 503, 200]);
    fault(&world, CREATE, json!("drop")).await;
    let (_, text) = control(&world, Method::GET, "/faults", Value::Null).await;
    let waiting: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        waiting,
        json!([{"route": CREATE, "skip": 0, "times": 1, "kind": "drop"}])
    );
    control(&world, Method::DELETE, "/faults", Value::Null).await;
    assert_eq!(try_to_create(&world).await, Some(StatusCode::CREATED));
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let world = World::start().await;
    for body in [
        json!({"route": "*", "kind": {"status": 99}}),
        json!({"route": "*", "times": 0, "kind": "drop"}),
        json!({"route": "*", "kind": "explode"}),
        json!({"route": "*", "kind": "drop", "often": 2}),
        json!({"kind": "drop"}),
    ] {
        let (status, _) = control(&world, Method::POST, "/faults", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(world.github.control().faults().is_empty());
}

#[tokio::test]
async fn changes_are_told_as_they_happen() {
    let world = World::start().await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = http::Request::get(format!("{}/control/events", world.base))
        .body(String::new())
        .unwrap();
    let response = client.request(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    world.commit("main", "a.txt", "a");
    let frame = tokio::time::timeout(Duration::from_secs(10), body.frame())
        .await
        .expect("a hint in time");
    let bytes = frame.unwrap().unwrap().into_data().unwrap();
    insta::assert_snapshot!(
        String::from_utf8(bytes.to_vec()).unwrap().trim_end(),
        @r#"data: {"repository":"acme/people","kind":"push"}"#
    );
}
