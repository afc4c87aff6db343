//! Deployments and their statuses over REST.

use http::StatusCode;
use serde_json::{Value, json};
use simulators::github::{
    CheckStatus, Conclusion, DeploymentState, SeedCheck, SeedDeployment, SeedStatus,
};

use crate::rest_client::{World, keys};

const PATH: &str = "/repos/acme/people/deployments";

async fn create(world: &World, body: Value) -> Value {
    let reply = world.post(PATH, body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    reply.json()
}

fn by_sha(world: &World, environment: &str) -> Value {
    json!({
        "ref": world.head().as_str(),
        "environment": environment,
        "auto_merge": false,
        "required_contexts": [],
        "payload": {"deploybot": 1, "request_id": "r1"},
    })
}

#[tokio::test]
async fn a_deployment_by_sha_comes_back_as_it_was_asked_for() {
    let world = World::start().await;
    let deployment = create(&world, by_sha(&world, "production")).await;
    assert_eq!(deployment["sha"], world.head().as_str());
    assert_eq!(deployment["ref"], world.head().as_str());
    assert_eq!(
        deployment["payload"],
        json!({"deploybot": 1, "request_id": "r1"})
    );
    assert_eq!(deployment["production_environment"], true);
    assert_eq!(deployment["creator"]["login"], "bora");
    insta::assert_snapshot!(keys(&deployment), @"created_at creator description environment id node_id original_environment payload performed_via_github_app production_environment ref repository_url sha statuses_url task transient_environment updated_at url");
    let read = world
        .get(&format!("{PATH}/{}", deployment["id"]))
        .await
        .json();
    assert_eq!(read, deployment);
}

#[tokio::test]
async fn a_payload_is_an_object_or_a_string() {
    let world = World::start().await;
    for (payload, back) in [
        (json!("{\"a\":1}"), json!("{\"a\":1}")),
        (json!({"a": [1]}), json!({"a": [1]})),
        (Value::Null, json!({})),
    ] {
        let mut body = by_sha(&world, "staging");
        body["payload"] = payload;
        assert_eq!(create(&world, body).await["payload"], back);
    }
    let mut body = by_sha(&world, "staging");
    body["payload"] = json!(7);
    assert_eq!(
        world.post(PATH, body).await.refusal(),
        "422 Invalid request.\n\nFor 'properties/payload', 7 is not an object or a string."
    );
}

#[tokio::test]
async fn a_branch_and_a_short_sha_are_resolved() {
    let world = World::start().await;
    for name in ["main", world.head().short()] {
        let deployment = create(&world, json!({"ref": name, "required_contexts": []})).await;
        assert_eq!(deployment["sha"], world.head().as_str());
        assert_eq!(deployment["ref"], name);
        assert_eq!(deployment["environment"], "production");
    }
}

#[tokio::test]
async fn bad_requests_create_nothing() {
    let world = World::start().await;
    for (body, expected) in [
        (
            json!({}),
            "422 Invalid request.\n\n\"ref\" wasn't supplied.",
        ),
        (json!({"ref": "nope"}), "422 No ref found for: nope"),
        (
            json!({"ref": "0123456789012345678901234567890123456789"}),
            "422 No ref found for: 0123456789012345678901234567890123456789",
        ),
        (json!({"ref": "abc"}), "422 No ref found for: abc"),
        (
            json!({"ref": "main", "auto_merge": "no"}),
            "422 Invalid request.\n\nFor 'properties/auto_merge', \"no\" is not a boolean.",
        ),
        (
            json!({"ref": "main", "required_contexts": "x"}),
            "422 Invalid request.\n\nFor 'properties/required_contexts', \"x\" is not an array of strings.",
        ),
        (
            json!({"ref": "main", "environment": ""}),
            "422 Validation Failed",
        ),
        (
            json!({"ref": "main", "environment": "x".repeat(256)}),
            "422 Validation Failed",
        ),
    ] {
        assert_eq!(world.post(PATH, body).await.refusal(), expected);
    }
    assert_eq!(world.get(PATH).await.json(), json!([]));
}

#[tokio::test]
async fn required_contexts_have_to_be_green() {
    let world = World::start().await;
    let at = jiff::Timestamp::from_second(1_790_000_200).unwrap();
    let seed = |name: &str, conclusion| {
        let check = SeedCheck {
            sha: world.head().clone(),
            name: name.to_owned(),
            status: CheckStatus::Completed(conclusion),
            started_at: at,
            completed_at: Some(at),
        };
        world.github.seed_check("acme/people", check).unwrap();
    };
    seed("build", Conclusion::Success);
    seed("lint", Conclusion::Failure);
    let conflict = world.post(PATH, json!({"ref": "main"})).await;
    assert_eq!(
        conflict.refusal(),
        "409 Conflict: Commit status checks failed for main."
    );
    assert_eq!(
        conflict.json()["errors"][0]["contexts"],
        json!([{"context": "build", "state": "success"}, {"context": "lint", "state": "failure"}])
    );
    let missing = json!({"ref": "main", "required_contexts": ["build", "deploy-gate"]});
    assert_eq!(world.post(PATH, missing).await.status, StatusCode::CONFLICT);
    create(
        &world,
        json!({"ref": "main", "required_contexts": ["build"]}),
    )
    .await;
    create(&world, json!({"ref": "main", "required_contexts": []})).await;
    seed("lint", Conclusion::Skipped);
    create(&world, json!({"ref": "main"})).await;
}

#[tokio::test]
async fn a_branch_that_lacks_commits_is_merged_instead() {
    let world = World::start().await;
    world.git.set_branch("old", &world.commits[0]).unwrap();
    let reply = world.post(PATH, json!({"ref": "old"})).await;
    assert_eq!(reply.status, StatusCode::ACCEPTED);
    assert_eq!(
        reply.json(),
        json!({"message": "Auto-merged main into old on deployment."})
    );
    assert_eq!(
        world.git.head_of("old").unwrap().as_ref(),
        Some(world.head())
    );
    assert_eq!(world.get(PATH).await.json(), json!([]));
    let deployment = create(&world, json!({"ref": "old"})).await;
    assert_eq!(deployment["sha"], world.head().as_str());

    world.git.set_branch("apart", &world.commits[0]).unwrap();
    let apart = world.commit("apart", "new/b.txt", "b");
    let kept = create(&world, json!({"ref": "apart", "auto_merge": false})).await;
    assert_eq!(kept["sha"], apart.as_str());
    let reply = world.post(PATH, json!({"ref": "apart"})).await;
    assert_eq!(reply.status, StatusCode::ACCEPTED);
    let merge = world.get("/repos/acme/people/commits/apart").await.json();
    assert_eq!(merge["parents"][0]["sha"], apart.as_str());
    assert_eq!(merge["parents"][1]["sha"], world.head().as_str());
    for path in ["README.md", "new/b.txt", "site/index.html"] {
        let file = world
            .get(&format!("/repos/acme/people/contents/{path}?ref=apart"))
            .await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
    }

    world.git.set_branch("clash", &world.commits[0]).unwrap();
    world.commit("clash", "README.md", "# Something else\n");
    let reply = world.post(PATH, json!({"ref": "clash"})).await;
    assert_eq!(reply.refusal(), "409 Conflict merging main into clash.");
}

#[tokio::test]
async fn deployments_are_listed_newest_first_and_filtered() {
    let world = World::start().await;
    let first = create(&world, by_sha(&world, "staging")).await;
    let mut other = by_sha(&world, "production");
    other["ref"] = json!("main");
    other["task"] = json!("deploy:migrations");
    let second = create(&world, other).await;
    let ids = |list: Value| -> Vec<Value> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].clone())
            .collect()
    };
    assert_eq!(
        ids(world.get(PATH).await.json()),
        [second["id"].clone(), first["id"].clone()]
    );
    for (query, expected) in [
        ("environment=staging", &first),
        ("task=deploy:migrations", &second),
        ("ref=main", &second),
    ] {
        let list = ids(world.get(&format!("{PATH}?{query}")).await.json());
        assert_eq!(list, [expected["id"].clone()], "{query}");
    }
    let both = format!("{PATH}?sha={}", world.head());
    assert_eq!(ids(world.get(&both).await.json()).len(), 2);
    let none = format!("{PATH}?sha={}", world.commits[0]);
    assert_eq!(world.get(&none).await.json(), json!([]));
    let page = world.get(&format!("{PATH}?per_page=1&page=2")).await;
    assert_eq!(ids(page.json()), [first["id"].clone()]);
}

#[tokio::test]
async fn statuses_tell_the_steps() {
    let world = World::start().await;
    let deployment = create(&world, by_sha(&world, "production")).await;
    let path = format!("{PATH}/{}/statuses", deployment["id"]);
    for state in [
        "queued",
        "in_progress",
        "pending",
        "success",
        "error",
        "failure",
        "inactive",
    ] {
        let body = json!({
            "state": state,
            "description": "so far",
            "log_url": "http://log.example/1",
            "environment_url": "http://people.example/",
        });
        let reply = world.post(&path, body).await;
        assert_eq!(reply.status, StatusCode::CREATED);
        let status = reply.json();
        assert_eq!(status["state"], state);
        let read = world.get(&format!("{path}/{}", status["id"])).await.json();
        assert_eq!(read, status);
    }
    let all = world.get(&path).await.json();
    assert_eq!(all.as_array().unwrap().len(), 7);
    assert_eq!(all[0]["state"], "inactive");
    assert_eq!(all[0]["target_url"], "http://log.example/1");
    insta::assert_snapshot!(keys(&all[0]), @"created_at creator deployment_url description environment environment_url id log_url node_id performed_via_github_app repository_url state target_url updated_at url");
    for (body, expected) in [
        (
            json!({}),
            "422 Invalid request.\n\n\"state\" wasn't supplied.",
        ),
        (json!({"state": "done"}), "422 Validation Failed"),
        (json!({"state": "waiting"}), "422 Validation Failed"),
        (
            json!({"state": "success", "description": "x".repeat(141)}),
            "422 Validation Failed",
        ),
        (
            json!({"state": true}),
            "422 Invalid request.\n\nFor 'properties/state', true is not a string.",
        ),
    ] {
        assert_eq!(world.post(&path, body).await.refusal(), expected);
    }
    let nowhere = world
        .post(&format!("{PATH}/1/statuses"), json!({"state": "success"}))
        .await;
    assert_eq!(nowhere.refusal(), "404 Not Found");
    assert_eq!(
        world.get(&format!("{path}/1")).await.refusal(),
        "404 Not Found"
    );
    assert_eq!(
        world.get(&format!("{PATH}/x/statuses")).await.refusal(),
        "404 Not Found"
    );
}

#[tokio::test]
async fn a_success_puts_older_ones_aside_except_in_production() {
    let world = World::start().await;
    for (environment, left) in [("staging", "inactive"), ("production", "success")] {
        let older = create(&world, by_sha(&world, environment)).await;
        let newer = create(&world, by_sha(&world, environment)).await;
        for deployment in [&older, &newer] {
            let path = format!("{PATH}/{}/statuses", deployment["id"]);
            world.post(&path, json!({"state": "success"})).await;
        }
        let path = format!("{PATH}/{}/statuses", older["id"]);
        assert_eq!(
            world.get(&path).await.json()[0]["state"],
            left,
            "{environment}"
        );
    }
    let first = create(&world, by_sha(&world, "staging")).await;
    let path = format!("{PATH}/{}/statuses", first["id"]);
    world.post(&path, json!({"state": "success"})).await;
    let second = create(&world, by_sha(&world, "staging")).await;
    let body = json!({"state": "success", "auto_inactive": false});
    world
        .post(&format!("{PATH}/{}/statuses", second["id"]), body)
        .await;
    assert_eq!(world.get(&path).await.json()[0]["state"], "success");
}

#[tokio::test]
async fn only_what_is_inactive_or_alone_is_deleted() {
    let world = World::start().await;
    let first = create(&world, by_sha(&world, "staging")).await;
    let second = create(&world, by_sha(&world, "staging")).await;
    let path = format!("{PATH}/{}", first["id"]);
    assert_eq!(
        world.delete(&path).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    world
        .post(&format!("{path}/statuses"), json!({"state": "inactive"}))
        .await;
    assert_eq!(world.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.delete(&path).await.refusal(), "404 Not Found");
    let path = format!("{PATH}/{}", second["id"]);
    assert_eq!(world.delete(&path).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_past_is_there_from_the_start() {
    let world = World::start().await;
    let at = |second: i64| jiff::Timestamp::from_second(1_790_000_000 + second).unwrap();
    let status = |state, second| SeedStatus {
        state,
        description: "a step".to_owned(),
        at: at(second),
    };
    let id = world
        .github
        .seed_deployment(
            "acme/people",
            SeedDeployment {
                sha: world.head().clone(),
                environment: "production".to_owned(),
                creator: "minji".to_owned(),
                payload: json!({}),
                description: None,
                created_at: at(0),
                statuses: vec![
                    status(DeploymentState::InProgress, 10),
                    status(DeploymentState::Success, 42),
                ],
            },
        )
        .unwrap();
    let statuses = world.get(&format!("{PATH}/{id}/statuses")).await.json();
    assert_eq!(statuses[0]["state"], "success");
    assert_eq!(statuses[0]["created_at"], "2026-09-21T14:14:02Z");
    let site = statuses[0]["environment_url"].as_str().unwrap();
    assert_eq!(
        site,
        format!("{}/sites/acme/people/production/", world.base)
    );
}
