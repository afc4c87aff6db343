//! Deployments as GraphQL tells them.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{graphql_client::of_repository, rest_client::World};

const DEPLOYMENTS: &str = "/repos/acme/people/deployments";

/// Creates a deployment of a commit and gives it statuses.
pub(crate) async fn deploy(world: &World, sha: &str, environment: &str, states: &[&str]) -> Value {
    let body = json!({
        "ref": sha,
        "environment": environment,
        "auto_merge": false,
        "required_contexts": [],
        "payload": {"deploybot": 1},
    });
    let deployment = world.post(DEPLOYMENTS, body).await.json();
    for state in states {
        let path = format!("{DEPLOYMENTS}/{}/statuses", deployment["id"]);
        let body = json!({ "state": state, "description": format!("it is {state}") });
        let reply = world.post(&path, body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    }
    deployment
}

#[tokio::test]
async fn a_deployment_made_over_rest_is_read_whole() {
    let world = World::start().await;
    let made = deploy(
        &world,
        world.head().as_str(),
        "production",
        &["queued", "success"],
    )
    .await;
    let fields = "deployments(first: 5) { totalCount nodes {
        id databaseId environment originalEnvironment latestEnvironment description task payload state
        creator { __typename login } commitOid commit { oid } ref { name }
        latestStatus { state description }
        statuses(first: 100) { totalCount nodes { state description environment deployment { databaseId } } }
        repository { nameWithOwner } } }";
    let found = of_repository(&world, fields).await["deployments"].take();
    assert_eq!(found["totalCount"], 1);
    let head = world.head().as_str();
    let status = |state: &str| {
        json!({
            "state": state.to_uppercase(), "description": format!("it is {state}"),
            "environment": "production", "deployment": { "databaseId": made["id"] },
        })
    };
    assert_eq!(
        found["nodes"][0],
        json!({
            "id": made["node_id"],
            "databaseId": made["id"],
            "environment": "production",
            "originalEnvironment": "production",
            "latestEnvironment": "production",
            "description": made["description"],
            "task": "deploy",
            "payload": "{\"deploybot\":1}",
            "state": "ACTIVE",
            "creator": { "__typename": "User", "login": "bora" },
            "commitOid": head,
            "commit": { "oid": head },
            "ref": null,
            "latestStatus": { "state": "SUCCESS", "description": "it is success" },
            "statuses": { "totalCount": 2, "nodes": [status("success"), status("queued")] },
            "repository": { "nameWithOwner": "acme/people" },
        })
    );
}

#[tokio::test]
async fn a_deployment_made_by_branch_has_a_ref() {
    let world = World::start().await;
    deploy(&world, "main", "staging", &[]).await;
    let fields = "deployments(first: 1) { nodes { state ref { name } } }";
    let found = of_repository(&world, fields).await["deployments"]["nodes"].take();
    assert_eq!(
        found,
        json!([{ "state": "PENDING", "ref": { "name": "main" } }])
    );
}

#[tokio::test]
async fn deployments_are_oldest_first_unless_asked_otherwise() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for environment in ["staging", "production", "staging"] {
        let made = deploy(&world, world.head().as_str(), environment, &[]).await;
        ids.push(made["id"].clone());
    }
    let list = |arguments: &str| {
        let fields = format!("deployments({arguments}) {{ nodes {{ databaseId }} }}");
        let world = &world;
        async move { of_repository(world, &fields).await["deployments"]["nodes"].take() }
    };
    let of = |places: &[usize]| -> Value {
        places
            .iter()
            .map(|place| json!({ "databaseId": ids[*place] }))
            .collect()
    };
    let newest_first = "orderBy: {field: CREATED_AT, direction: DESC}";
    assert_eq!(list("first: 3").await, of(&[0, 1, 2]));
    assert_eq!(list("last: 1").await, of(&[2]));
    assert_eq!(list(&format!("first: 1, {newest_first}")).await, of(&[2]));
    // This asks for the end of a list that begins with the newest.
    assert_eq!(list(&format!("last: 1, {newest_first}")).await, of(&[0]));
    assert_eq!(
        list("first: 3, environments: [\"staging\"]").await,
        of(&[0, 2])
    );
    assert_eq!(list("first: 3, environments: [\"nowhere\"]").await, of(&[]));
}

#[tokio::test]
async fn a_replaced_deployment_tells_so_in_its_state() {
    let world = World::start().await;
    for (environment, states) in [
        ("staging", &["success"][..]),
        ("staging", &["success"]),
        ("production", &["success"]),
        ("production", &["success"]),
        ("production", &["failure"]),
        ("production", &["in_progress"]),
    ] {
        deploy(&world, world.head().as_str(), environment, states).await;
    }
    let fields = "deployments(first: 10) { nodes { environment state } }
        environments(first: 10) { nodes { name latestCompletedDeployment { state } } }";
    let found = of_repository(&world, fields).await;
    let states: Vec<&str> = found["deployments"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        states,
        [
            "INACTIVE",
            "ACTIVE",
            "SUCCESS",
            "ACTIVE",
            "FAILURE",
            "IN_PROGRESS"
        ]
    );
    assert_eq!(
        found["environments"]["nodes"],
        json!([
            { "name": "production", "latestCompletedDeployment": { "state": "FAILURE" } },
            { "name": "staging", "latestCompletedDeployment": { "state": "ACTIVE" } },
        ])
    );
}
