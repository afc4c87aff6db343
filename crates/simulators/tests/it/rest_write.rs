//! Environments and files, made and changed over REST.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::StatusCode;
use serde_json::json;

use crate::rest_client::World;

fn encoded(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

#[tokio::test]
async fn an_environment_can_be_called_anything() {
    let world = World::start().await;
    for (name, encoded) in [
        ("review app 7", "review%20app%207"),
        ("eu/west", "eu%2Fwest"),
        (
            "스테이징 🚀",
            "%EC%8A%A4%ED%85%8C%EC%9D%B4%EC%A7%95%20%F0%9F%9A%80",
        ),
    ] {
        let path = format!("/repos/acme/people/environments/{encoded}");
        assert_eq!(world.get(&path).await.refusal(), "404 Not Found");
        let made = world.put(&path, json!({})).await;
        assert_eq!(
            (made.status, &made.json()["name"]),
            (StatusCode::OK, &json!(name))
        );
        let read = world.get(&path).await.json();
        assert_eq!(read["name"], name);
        let url = read["url"]
            .as_str()
            .unwrap()
            .strip_prefix(&world.base)
            .unwrap()
            .to_owned();
        let again = world.get(url.strip_prefix("/api/v3").unwrap()).await.json();
        assert_eq!(again["name"], name);
    }
    let list = world.get("/repos/acme/people/environments").await.json();
    assert_eq!(list["total_count"], 5);
    let read = world
        .get("/repos/acme/people/environments/PRODUCTION")
        .await
        .json();
    assert_eq!(read["name"], "production");
    let long = format!("/repos/acme/people/environments/{}", "x".repeat(256));
    let reply = world.put(&long, json!({})).await;
    assert_eq!(
        reply.refusal(),
        "422 Environment name must have 1 to 255 characters"
    );
}

#[tokio::test]
async fn a_deployment_makes_its_environment() {
    let world = World::start().await;
    let body = json!({"ref": "main", "environment": "canary", "required_contexts": []});
    world.post("/repos/acme/people/deployments", body).await;
    let read = world.get("/repos/acme/people/environments/canary").await;
    assert_eq!(read.status, StatusCode::OK);
}

#[tokio::test]
async fn rules_of_an_environment() {
    let world = World::start().await;
    let path = "/repos/acme/people/environments/production";
    let minji = world.get("/users/minji").await.json()["id"].clone();
    let rules = json!({
        "wait_timer": 30,
        "prevent_self_review": true,
        "reviewers": [{"type": "User", "id": minji}],
        "deployment_branch_policy": {"protected_branches": false, "custom_branch_policies": true},
    });
    let environment = world.put(path, rules).await.json();
    let kinds: Vec<_> = environment["protection_rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["wait_timer", "required_reviewers", "branch_policy"]);
    assert_eq!(
        environment["protection_rules"][1]["reviewers"][0]["reviewer"]["login"],
        "minji"
    );
    assert_eq!(world.get(path).await.json(), environment);
    for body in [
        json!({"wait_timer": 43_201}),
        json!({"wait_timer": -1}),
        json!({"reviewers": [{"type": "User", "id": 1}]}),
        json!({"reviewers": [{"type": "Team", "id": minji}]}),
        json!({"deployment_branch_policy": {"protected_branches": true, "custom_branch_policies": true}}),
    ] {
        let reply = world.put(path, body).await;
        assert_eq!(
            reply.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            reply.text()
        );
    }
    assert_eq!(world.get(path).await.json(), environment);
    let none = world.put(path, json!({})).await.json();
    assert_eq!(none["protection_rules"], json!([]));
}

#[tokio::test]
async fn a_file_is_made_and_changed_by_a_commit() {
    let world = World::start().await;
    let path = "/repos/acme/people/contents/people/joon.txt";
    let made = world
        .put(
            path,
            json!({"message": "Add Joon", "content": encoded("Joon\n")}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let made = made.json();
    assert_eq!(made["content"]["path"], "people/joon.txt");
    assert_eq!(made["commit"]["message"], "Add Joon");
    assert_eq!(made["commit"]["author"]["name"], "bora");
    assert_eq!(made["commit"]["parents"][0]["sha"], world.head().as_str());
    let head = world.git.head_of("main").unwrap().unwrap();
    assert_eq!(made["commit"]["sha"], head.as_str());

    let change = json!({"message": "x", "content": encoded("Joon!\n")});
    let reply = world.put(path, change.clone()).await;
    assert_eq!(
        reply.refusal(),
        "422 Invalid request.\n\n\"sha\" wasn't supplied."
    );
    let mut stale = change.clone();
    stale["sha"] = json!("0123456789012345678901234567890123456789");
    assert_eq!(
        world.put(path, stale).await.refusal(),
        "409 people/joon.txt does not match 0123456789012345678901234567890123456789"
    );
    let mut right = change;
    right["sha"] = made["content"]["sha"].clone();
    right["committer"] = json!({"name": "Minji", "email": "minji@users.noreply.example", "date": "2026-10-01T10:00:00Z"});
    let changed = world.put(path, right).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    assert_eq!(
        changed.json()["commit"]["committer"]["date"],
        "2026-10-01T10:00:00Z"
    );
    let file = world.get(path).await.json();
    assert_eq!(file["content"], "Sm9vbiEK\n");
}

#[tokio::test]
async fn a_file_on_a_branch() {
    let world = World::start().await;
    world.git.set_branch("feature/x", world.head()).unwrap();
    let path = "/repos/acme/people/contents/a.txt";
    let body = json!({"message": "m", "content": "", "branch": "feature/x"});
    assert_eq!(world.put(path, body).await.status, StatusCode::CREATED);
    assert_eq!(
        world.git.head_of("main").unwrap().as_ref(),
        Some(world.head())
    );
    let body = json!({"message": "m", "content": "", "branch": "nope"});
    assert_eq!(
        world.put(path, body).await.refusal(),
        "404 Branch nope not found"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_is_refused() {
    let world = World::start().await;
    let good = json!({"message": "m", "content": encoded("x")});
    for (path, expected) in [
        ("%2E%2E/x", "422 path contains a malformed path component"),
        ("a/%2E%2E/x", "422 path contains a malformed path component"),
        (
            ".git/config",
            "422 path contains a malformed path component",
        ),
        ("a//b", "422 path contains a malformed path component"),
        ("%2Fetc", "422 path cannot start with a slash"),
        ("README.md/x", "422 README.md is not a directory"),
        ("site", "422 site is not a file"),
    ] {
        let reply = world
            .put(&format!("/repos/acme/people/contents/{path}"), good.clone())
            .await;
        assert_eq!(reply.refusal(), expected, "{path}");
    }
    for (body, expected) in [
        (
            json!({"content": "eA=="}),
            "422 Invalid request.\n\n\"message\" wasn't supplied.",
        ),
        (
            json!({"message": "m"}),
            "422 Invalid request.\n\n\"content\" wasn't supplied.",
        ),
        (
            json!({"message": "m", "content": "***"}),
            "422 content is not valid Base64",
        ),
        (
            json!({"message": "m", "content": "", "committer": {"name": "x"}}),
            "422 Invalid request.\n\n\"email\" wasn't supplied.",
        ),
        (
            json!({"message": "m", "content": "", "sha": "00"}),
            "409 new.txt does not match 00",
        ),
    ] {
        let reply = world.put("/repos/acme/people/contents/new.txt", body).await;
        assert_eq!(reply.refusal(), expected);
    }
    assert_eq!(
        world.git.head_of("main").unwrap().as_ref(),
        Some(world.head())
    );
}

#[tokio::test]
async fn of_two_writers_with_the_same_base_one_wins() {
    let world = World::start().await;
    let path = "/repos/acme/people/contents/README.md";
    let sha = world.get(path).await.json()["sha"].clone();
    let write = |text: &str| json!({"message": text, "content": encoded(text), "sha": sha});
    let (one, other) = tokio::join!(world.put(path, write("one")), world.put(path, write("two")));
    let mut statuses = [one.status, other.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT]);
}
