//! Faults that shape an answer, or choose its moment.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use simulators::control::{Fault, FaultAnswer, FaultKind, FaultRefused};

use crate::rest_client::{Reply, TOKEN, World};

const CREATE: &str = "POST /api/v3/repos/{owner}/{repo}/deployments";
const READ: &str = "GET /api/v3/repos/{owner}/{repo}";
const GRAPHQL: &str = "POST /api/graphql";

fn fault(world: &World, route: &str, kind: FaultKind) {
    world.github.control().add_fault(Fault {
        route: route.to_owned(),
        skip: 0,
        times: 1,
        kind,
    });
}

async fn query(world: &World, query: &str) -> Reply {
    let token = format!("Bearer {TOKEN}");
    let body = json!({ "query": query }).to_string();
    let headers = [("authorization", token.as_str())];
    world
        .send(Method::POST, "/api/graphql", &headers, body)
        .await
        .unwrap()
}

async fn create(world: &World) -> Reply {
    let body = json!({"ref": "main", "auto_merge": false, "required_contexts": []});
    world.post("/repos/acme/people/deployments", body).await
}

async fn deployments(world: &World) -> usize {
    let list = world.get("/repos/acme/people/deployments").await.json();
    list.as_array().unwrap().len()
}

#[tokio::test]
async fn any_answer_can_be_given() {
    let world = World::start().await;
    let answers = [
        json!({"status": 403, "headers": {"retry-after": "30"}, "body": {"message": "Slow down"}}),
        json!({"status": 429, "headers": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1790000000"}}),
        json!({"status": 403, "body": "You have exceeded a secondary rate limit."}),
    ];
    for answer in answers {
        let answer: FaultAnswer = serde_json::from_value(answer).unwrap();
        fault(&world, CREATE, FaultKind::Answer(answer));
    }
    let reply = create(&world).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert_eq!(reply.header("retry-after"), "30");
    assert_eq!(reply.json(), json!({"message": "Slow down"}));
    let reply = create(&world).await;
    assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(reply.header("x-ratelimit-reset"), "1790000000");
    assert_eq!(reply.text(), "");
    let reply = create(&world).await;
    assert_eq!(reply.text(), "You have exceeded a secondary rate limit.");
    assert_eq!(deployments(&world).await, 0);
}

#[tokio::test]
async fn an_answers_values_can_be_replaced() {
    let world = World::start().await;
    let made = create(&world).await.json();
    let text = format!(
        r#"{{ nodes(ids: ["{}"]) {{ ... on Deployment {{ state task }} }} }}"#,
        made["node_id"].as_str().unwrap()
    );
    let places = [
        ("/data/nodes/0/state", json!("PONDERING")),
        (
            "/errors",
            json!([{"type": "SOMETHING", "message": "partial"}]),
        ),
    ];
    let places: BTreeMap<String, Value> = places
        .into_iter()
        .map(|(place, value)| (place.to_owned(), value))
        .collect();
    fault(&world, GRAPHQL, FaultKind::Replace(places));
    insta::assert_snapshot!(query(&world, &text).await.text(), @r#"{"data":{"nodes":[{"state":"PONDERING","task":"deploy"}]},"errors":[{"message":"partial","type":"SOMETHING"}]}"#);
    let null = BTreeMap::from([("/data/nodes/0".to_owned(), Value::Null)]);
    fault(&world, GRAPHQL, FaultKind::Replace(null));
    insta::assert_snapshot!(query(&world, &text).await.text(), @r#"{"data":{"nodes":[null]}}"#);
    let nowhere = BTreeMap::from([("/data/nodes/9/x".to_owned(), Value::Null)]);
    fault(&world, GRAPHQL, FaultKind::Replace(nowhere));
    let reply = query(&world, &text).await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_rate_limited_query_is_told_so_in_graphqls_form() {
    let world = World::start().await;
    fault(&world, GRAPHQL, FaultKind::RateLimit { seconds: 30 });
    let reply = query(&world, "{ viewer { login } }").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.json()["errors"][0]["type"], "RATE_LIMITED");
    assert_eq!(reply.header("x-ratelimit-remaining"), "0");
    assert_eq!(reply.header("x-ratelimit-resource"), "graphql");
    assert_eq!(reply.header("retry-after"), "30");
}

#[tokio::test]
async fn an_answer_is_cut_in_the_middle_of_its_body() {
    let world = World::start().await;
    fault(&world, CREATE, FaultKind::DropMidAnswer);
    let body = json!({"ref": "main", "auto_merge": false, "required_contexts": []}).to_string();
    let request = http::Request::post(format!(
        "{}/api/v3/repos/acme/people/deployments",
        world.base
    ))
    .header("authorization", format!("Bearer {TOKEN}"))
    .body(Full::<Bytes>::from(body))
    .unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let response = client.request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    let length = response.headers()["content-length"].to_str().unwrap();
    let length: usize = length.parse().unwrap();
    let mut body = response.into_body();
    let mut arrived = 0;
    let error = loop {
        match body.frame().await {
            Some(Ok(frame)) => arrived += frame.into_data().unwrap().len(),
            Some(Err(error)) => break error,
            None => panic!("the answer was whole"),
        }
    };
    assert_eq!(arrived, length / 2, "{error}");
    assert_eq!(deployments(&world).await, 1);
}

#[tokio::test]
async fn an_answer_can_come_late_after_the_work_was_done() {
    let world = World::start().await;
    fault(&world, CREATE, FaultKind::Late { ms: 600_000 });
    let seen = async { while deployments(&world).await == 0 {} };
    tokio::select! {
        made = create(&world) => panic!("answered {} before it was seen", made.status),
        () = seen => {}
    }

    fault(&world, CREATE, FaultKind::Late { ms: 400 });
    let start = Instant::now();
    assert_eq!(create(&world).await.status, StatusCode::CREATED);
    assert!(start.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn the_work_is_done_once_the_caller_has_gone() {
    let world = World::start().await;
    fault(&world, CREATE, FaultKind::OnceGone { ms: 30_000 });
    let given_up = tokio::time::timeout(Duration::from_millis(200), create(&world)).await;
    assert!(given_up.is_err());
    let deadline = Instant::now() + Duration::from_secs(10);
    while deployments(&world).await == 0 {
        assert!(
            Instant::now() < deadline,
            "{:?}",
            world.github.control().log()
        );
    }
    // Who stays longer than that is served.
    fault(&world, CREATE, FaultKind::OnceGone { ms: 50 });
    assert_eq!(create(&world).await.status, StatusCode::CREATED);
    assert_eq!(deployments(&world).await, 2);
}

#[tokio::test]
async fn a_fault_for_a_route_that_is_not_there_is_refused() {
    let world = World::start().await;
    let headers = [("content-type", "application/json")];
    for (body, told) in [
        (
            json!({"route": "GET /api/v3/repos/{owner}/{name}", "kind": "drop"}),
            r#"there is no route "GET /api/v3/repos/{owner}/{name}"; the nearest is "GET /api/v3/repos/{owner}/{repo}""#,
        ),
        (
            json!({"route": READ, "kind": {"refusal": "not_in_channel"}}),
            "only Slack has refusals by name",
        ),
        (
            json!({"route": READ, "kind": {"replace": {"data": 1}}}),
            r#""data" is no JSON pointer: it begins with a slash"#,
        ),
        (
            json!({"route": READ, "kind": {"answer": {"status": 200, "headers": {"a b": "c"}}}}),
            r#""a b" is no header, or its value is none"#,
        ),
    ] {
        let reply = world
            .send(Method::POST, "/control/faults", &headers, body.to_string())
            .await
            .unwrap();
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(reply.text(), told);
    }
    let fault = Fault {
        route: "GET /nope".to_owned(),
        skip: 0,
        times: 1,
        kind: FaultKind::Drop,
    };
    let refused = world.github.control().try_add_fault(fault).unwrap_err();
    assert!(matches!(refused, FaultRefused::Route { .. }), "{refused}");
    assert!(world.github.control().faults().is_empty());
}
