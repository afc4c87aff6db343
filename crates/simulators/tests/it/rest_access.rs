//! What every REST answer has in common: who may ask and how often, headers,
//! pages, conditional requests, and what is no route.

use http::{Method, StatusCode};
use serde_json::json;

use crate::rest_client::{TOKEN, World};

#[tokio::test]
async fn a_known_token_is_needed() {
    let world = World::start().await;
    for (header, expected) in [
        (None, "401 Requires authentication"),
        (Some("Bearer nope"), "401 Bad credentials"),
        (Some("Basic dDBrZW46"), "401 Bad credentials"),
        (Some(TOKEN), "401 Bad credentials"),
    ] {
        let headers: Vec<_> = header
            .map(|value| ("authorization", value))
            .into_iter()
            .collect();
        let reply = world
            .send(Method::GET, "/api/v3/user", &headers, "")
            .await
            .unwrap();
        assert_eq!(reply.refusal(), expected);
    }
    for scheme in ["token", "Bearer"] {
        let value = format!("{scheme} {TOKEN}");
        let headers = [("authorization", value.as_str())];
        let reply = world
            .send(Method::GET, "/api/v3/user", &headers, "")
            .await
            .unwrap();
        assert_eq!(reply.json()["login"], "bora");
    }
}

#[tokio::test]
async fn every_answer_has_githubs_headers() {
    let world = World::start().await;
    let first = world.get("/repos/acme/people").await;
    assert_eq!(
        first.header("content-type"),
        "application/json; charset=utf-8"
    );
    assert_eq!(
        first.header("x-github-media-type"),
        "github.v3; format=json"
    );
    assert_eq!(first.header("x-ratelimit-limit"), "5000");
    assert_eq!(first.header("x-ratelimit-remaining"), "4999");
    assert_eq!(first.header("x-ratelimit-used"), "1");
    assert_eq!(first.header("x-ratelimit-resource"), "core");
    let second = world.get("/repos/acme/nope").await;
    assert_eq!(second.header("x-ratelimit-remaining"), "4998");
    assert_eq!(
        second.header("x-ratelimit-reset"),
        first.header("x-ratelimit-reset")
    );
    assert_eq!(first.header("x-github-request-id").len(), 32);
    assert_ne!(
        first.header("x-github-request-id"),
        second.header("x-github-request-id")
    );
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again_and_is_free() {
    let world = World::start().await;
    let first = world.get("/repos/acme/people").await;
    let tag = first.header("etag").to_owned();
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), ("if-none-match", &tag)];
    let path = "/api/v3/repos/acme/people";
    let again = world.send(Method::GET, path, &headers, "").await.unwrap();
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.body.is_empty());
    assert_eq!(again.header("etag"), tag);
    assert_eq!(again.header("x-ratelimit-remaining"), "4999");
    world.commit("main", "a.txt", "a");
    let path = "/api/v3/repos/acme/people/branches/main";
    let changed = world.send(Method::GET, path, &headers, "").await.unwrap();
    assert_eq!(changed.status, StatusCode::OK);
}

#[tokio::test]
async fn a_used_up_hour_refuses() {
    let world = World::start().await;
    world.github.set_hourly_limit(2);
    assert_eq!(world.get("/user").await.status, StatusCode::OK);
    let last = world.get("/rate_limit").await.json();
    assert_eq!(last["resources"]["core"]["remaining"], 1);
    assert_eq!(last["resources"]["graphql"]["remaining"], 2);
    assert_eq!(world.get("/user").await.status, StatusCode::OK);
    let refused = world.get("/user").await;
    assert_eq!(
        refused.refusal(),
        "403 API rate limit exceeded for user bora."
    );
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    let reset: i64 = refused.header("x-ratelimit-reset").parse().unwrap();
    assert_eq!(last["rate"]["reset"], reset);
}

#[tokio::test]
async fn a_request_has_to_make_sense() {
    let world = World::start().await;
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str())];
    let path = "/api/v3/repos/acme/people/deployments";
    for (body, expected) in [
        ("{", "400 Problems parsing JSON"),
        ("[]", "400 Body should be a JSON object"),
        ("\"x\"", "400 Body should be a JSON object"),
        ("", "422 Invalid request.\n\n\"ref\" wasn't supplied."),
        (
            "{\"ref\": 7}",
            "422 Invalid request.\n\nFor 'properties/ref', 7 is not a string.",
        ),
    ] {
        let reply = world
            .send(Method::POST, path, &headers, body)
            .await
            .unwrap();
        assert_eq!(reply.refusal(), expected);
    }
    let huge = vec![b' '; (10 << 20) + 1];
    let reply = world
        .send(Method::POST, path, &headers, huge)
        .await
        .unwrap();
    assert_eq!(reply.refusal(), "413 Payload Too Large");
    assert_eq!(
        world.get("/repos/acme/people/deployments").await.json(),
        json!([])
    );
}

#[tokio::test]
async fn what_is_no_route_is_not_found() {
    let world = World::start().await;
    assert_eq!(world.get("/nope").await.refusal(), "404 Not Found");
    let reply = world.delete("/repos/acme/people").await;
    assert_eq!(reply.refusal(), "404 Not Found");
    let reply = world.page("/a/b/c/d/e").await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (StatusCode::NOT_FOUND, "There is no such page.\n")
    );
}

#[tokio::test]
async fn an_unknown_repository_is_not_found_anywhere() {
    let world = World::start().await;
    let below = [
        "",
        "/branches",
        "/branches/main",
        "/git/ref/heads/main",
        "/commits",
        "/commits/main",
        "/commits/main/status",
        "/commits/main/statuses",
        "/commits/main/check-runs",
        "/commits/main/check-suites",
        "/check-runs/1",
        "/compare/main...main",
        "/contents/",
        "/contents/README.md",
        "/deployments",
        "/deployments/1",
        "/deployments/1/statuses",
        "/deployments/1/statuses/1",
        "/environments",
        "/environments/production",
    ];
    for path in below {
        let reply = world.get(&format!("/repos/acme/nope{path}")).await;
        assert_eq!(reply.refusal(), "404 Not Found", "{path}");
    }
    for (path, body) in [
        ("/deployments", json!({"ref": "main"})),
        ("/deployments/1/statuses", json!({"state": "success"})),
        (
            "/statuses/0123456789012345678901234567890123456789",
            json!({"state": "success"}),
        ),
    ] {
        let reply = world.post(&format!("/repos/acme/nope{path}"), body).await;
        assert_eq!(reply.refusal(), "404 Not Found", "{path}");
    }
    let reply = world
        .put("/repos/acme/nope/environments/x", json!({}))
        .await;
    assert_eq!(reply.refusal(), "404 Not Found");
}

#[tokio::test]
async fn pages_lead_from_one_to_the_next() {
    let world = World::start().await;
    let first = world.get("/repos/acme/people/commits?per_page=2").await;
    assert_eq!(first.json().as_array().unwrap().len(), 2);
    let link = first.header("link").replace(&world.base, "BASE");
    insta::assert_snapshot!(link, @r#"<BASE/api/v3/repos/acme/people/commits?per_page=2&page=2>; rel="next", <BASE/api/v3/repos/acme/people/commits?per_page=2&page=2>; rel="last""#);
    let last = world
        .get("/repos/acme/people/commits?per_page=2&page=2")
        .await;
    assert_eq!(last.json()[0]["sha"], world.commits[0].as_str());
    assert_eq!(last.json().as_array().unwrap().len(), 1);
    let beyond = world
        .get("/repos/acme/people/commits?per_page=2&page=9")
        .await;
    assert_eq!(beyond.json(), json!([]));
}
