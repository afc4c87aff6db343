//! What changes under a reader's hands: a branch is forced, an environment is
//! deleted or renamed, a list grows by pages.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::rest_client::{Reply, TOKEN, World};

const DEPLOYMENTS: &str = "/repos/acme/people/deployments";

async fn deploy(world: &World, environment: &str) -> Value {
    let body = json!({
        "ref": world.head().as_str(), "environment": environment,
        "auto_merge": false, "required_contexts": [],
    });
    let reply = world.post(DEPLOYMENTS, body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    reply.json()
}

async fn get_unless(world: &World, path: &str, tag: &str) -> Reply {
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), ("if-none-match", tag)];
    let path = format!("/api/v3{path}");
    world.send(Method::GET, &path, &headers, "").await.unwrap()
}

async fn patch(world: &World, path: &str, body: Value) -> Reply {
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str())];
    let path = format!("/api/v3{path}");
    world
        .send(Method::PATCH, &path, &headers, body.to_string())
        .await
        .unwrap()
}

#[tokio::test]
async fn lists_that_did_not_change_are_free() {
    let world = World::start().await;
    let made = deploy(&world, "staging").await;
    let statuses = format!("{DEPLOYMENTS}/{}/statuses", made["id"]);
    for (list, change) in [(DEPLOYMENTS, "staging"), (statuses.as_str(), "")] {
        let first = world.get(list).await;
        let again = get_unless(&world, list, first.header("etag")).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{list}");
        assert_eq!(
            again.header("x-ratelimit-remaining"),
            first.header("x-ratelimit-remaining")
        );
        if change.is_empty() {
            world.post(&statuses, json!({"state": "queued"})).await;
        } else {
            deploy(&world, change).await;
        }
        let changed = get_unless(&world, list, first.header("etag")).await;
        assert_eq!(changed.status, StatusCode::OK, "{list}");
    }
}

#[tokio::test]
async fn deployments_come_in_pages_of_a_hundred_at_most() {
    let world = World::start().await;
    let mut limits = world.github.limits();
    limits.secondary = None;
    world.github.set_limits(limits);
    for _ in 0..101 {
        deploy(&world, "staging").await;
    }
    let first = world.get(&format!("{DEPLOYMENTS}?per_page=1000")).await;
    assert_eq!(first.json().as_array().unwrap().len(), 100);
    let link = first.header("link").to_owned();
    let (next, _) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
    let next = next
        .strip_prefix(&format!("{}/api/v3", world.base))
        .unwrap();
    let last = world.get(next).await;
    assert_eq!(last.json().as_array().unwrap().len(), 1);
    assert!(!last.header("link").contains("rel=\"next\""));
}

#[tokio::test]
async fn a_branch_goes_forward_and_elsewhere_when_forced() {
    let world = World::start().await;
    let head = world.head().to_string();
    let old = world.commits[0].to_string();
    let path = "/repos/acme/people/git/refs/heads/main";
    for (body, expected) in [
        (json!({"sha": old}), "422 Update is not a fast forward"),
        (
            json!({"sha": "f".repeat(40), "force": true}),
            "422 Object does not exist",
        ),
        (
            json!({}),
            "422 Invalid request.\n\n\"sha\" wasn't supplied.",
        ),
    ] {
        assert_eq!(patch(&world, path, body).await.refusal(), expected);
    }
    let nowhere = "/repos/acme/people/git/refs/heads/nope";
    assert_eq!(
        patch(&world, nowhere, json!({"sha": old})).await.refusal(),
        "422 Reference does not exist"
    );
    let forced = patch(&world, path, json!({"sha": old, "force": true})).await;
    assert_eq!(forced.status, StatusCode::OK);
    assert_eq!(forced.json()["object"]["sha"], old);
    let branch = world.get("/repos/acme/people/branches/main").await.json();
    assert_eq!(branch["commit"]["sha"], old);
    // What was left behind is still there, ahead of the branch.
    let behind = format!("/repos/acme/people/compare/main...{head}");
    assert_eq!(world.get(&behind).await.json()["status"], "ahead");
    let forward = patch(&world, path, json!({"sha": head})).await;
    assert_eq!(forward.status, StatusCode::OK);
}

#[tokio::test]
async fn an_environment_goes_and_its_deployments_stay() {
    let world = World::start().await;
    let made = deploy(&world, "staging").await;
    let path = "/repos/acme/people/environments/staging";
    assert_eq!(world.delete(path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get(path).await.refusal(), "404 Not Found");
    assert_eq!(world.delete(path).await.refusal(), "404 Not Found");
    let left = world
        .get(&format!("{DEPLOYMENTS}?environment=staging"))
        .await;
    assert_eq!(left.json()[0]["id"], made["id"]);
}

#[tokio::test]
async fn an_environment_gets_another_name() {
    let world = World::start().await;
    let made = deploy(&world, "staging").await;
    world
        .github
        .rename_environment("acme/people", "Staging", "stage")
        .unwrap();
    let read = world
        .get(&format!("{DEPLOYMENTS}/{}", made["id"]))
        .await
        .json();
    assert_eq!(
        (&read["environment"], &read["original_environment"]),
        (&json!("stage"), &json!("staging"))
    );
    let all = world.get("/repos/acme/people/environments").await.json();
    let names: Vec<&Value> = all["environments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|environment| &environment["name"])
        .collect();
    assert_eq!(names, ["production", "stage"]);
    let refused = world
        .github
        .rename_environment("acme/people", "staging", "x");
    assert_eq!(
        refused.unwrap_err().to_string(),
        "there is no environment staging"
    );
    // A status can move a deployment, too.
    let path = format!("{DEPLOYMENTS}/{}/statuses", made["id"]);
    let body = json!({"state": "in_progress", "environment": "canary"});
    world.post(&path, body).await;
    let read = world
        .get(&format!("{DEPLOYMENTS}/{}", made["id"]))
        .await
        .json();
    assert_eq!(read["environment"], "canary");
}
