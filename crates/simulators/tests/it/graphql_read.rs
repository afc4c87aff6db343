//! What GraphQL queries read of repositories, their owners and their checks, and
//! what a query costs.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::github::{CheckStatus, Conclusion, SeedCheck};

use crate::{
    graphql_client::{data, of_repository, send},
    graphql_deployments::deploy,
    rest_client::{TOKEN, World},
};

#[tokio::test]
async fn a_repository_tells_what_it_is() {
    let world = World::start().await;
    let fields = "name nameWithOwner url isPrivate isArchived isEmpty owner { __typename login }
        defaultBranchRef { name prefix target { __typename oid } } nothing: ref(qualifiedName: \"x\") { name }";
    let repository = of_repository(&world, fields).await;
    assert_eq!(
        repository,
        json!({
            "name": "people",
            "nameWithOwner": "acme/people",
            "url": format!("{}/acme/people", world.base),
            "isPrivate": false,
            "isArchived": false,
            "isEmpty": false,
            "owner": { "__typename": "Organization", "login": "acme" },
            "defaultBranchRef": {
                "name": "main",
                "prefix": "refs/heads/",
                "target": { "__typename": "Commit", "oid": world.head().as_str() },
            },
            "nothing": null,
        })
    );
}

#[tokio::test]
async fn checks_and_statuses_are_rolled_up() {
    let world = World::start().await;
    let rollup = || async {
        let fields = "defaultBranchRef { target { ... on Commit { statusCheckRollup { state contexts(first: 10) {
            totalCount checkRunCount statusContextCount pageInfo { hasNextPage } nodes { __typename
                ... on CheckRun { name status conclusion checkSuite { app { slug } status } }
                ... on StatusContext { context state } } } } } } }";
        of_repository(&world, fields).await["defaultBranchRef"]["target"]["statusCheckRollup"]
            .take()
    };
    assert_eq!(rollup().await, Value::Null);
    let seed = |name: &str, status| {
        let check = SeedCheck {
            sha: world.head().clone(),
            name: name.to_owned(),
            status,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            completed_at: None,
        };
        world.github.seed_check("acme/people", check).unwrap();
    };
    seed("build", CheckStatus::Completed(Conclusion::Failure));
    assert_eq!(rollup().await["state"], "FAILURE");
    // The newest run of a name is the one that counts.
    seed("build", CheckStatus::Completed(Conclusion::Success));
    seed("docs", CheckStatus::Completed(Conclusion::Skipped));
    assert_eq!(rollup().await["state"], "SUCCESS");
    let path = format!("/repos/acme/people/statuses/{}", world.head());
    for state in ["failure", "pending"] {
        let reply = world
            .post(&path, json!({ "state": state, "context": "ci/lint" }))
            .await;
        assert_eq!(reply.status, StatusCode::CREATED);
    }
    let app = json!({ "app": { "slug": "github-actions" }, "status": "COMPLETED" });
    assert_eq!(
        rollup().await,
        json!({
            "state": "PENDING",
            "contexts": {
                "totalCount": 3, "checkRunCount": 2, "statusContextCount": 1,
                "pageInfo": { "hasNextPage": false },
                "nodes": [
                    { "__typename": "CheckRun", "name": "build", "status": "COMPLETED", "conclusion": "SUCCESS", "checkSuite": app },
                    { "__typename": "CheckRun", "name": "docs", "status": "COMPLETED", "conclusion": "SKIPPED", "checkSuite": app },
                    { "__typename": "StatusContext", "context": "ci/lint", "state": "PENDING" },
                ],
            },
        })
    );
}

#[tokio::test]
async fn every_node_id_leads_back_to_its_node() {
    let world = World::with_derived_checks().await;
    deploy(&world, world.head().as_str(), "production", &["success"]).await;
    let path = format!("/repos/acme/people/statuses/{}", world.head());
    world
        .post(&path, json!({ "state": "success", "context": "ci/lint" }))
        .await;
    let query = "{ viewer { id } repository(owner: \"acme\", name: \"people\") { id owner { ... on Node { id } }
        defaultBranchRef { id compare(headRef: \"main~1\") { id } other: compare(headRef: \"main\") { id }
          target { id ... on Commit { tree { id entries { object { id } } }
            statusCheckRollup { id contexts(first: 9) { nodes { ... on Node { id } } } }
            status { id } checkSuites(first: 1) { nodes { id app { id } } } } } }
        deployments(first: 1) { nodes { id creator { ... on Node { id } } statuses(first: 1) { nodes { id } } } }
        environments(first: 9) { nodes { id } } } }";
    let found = data(&world, query, Value::Null).await;
    let mut ids = Vec::new();
    collect_ids(&found, &mut ids);
    assert!(ids.len() > 15, "{ids:?}");
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let nodes = data(&world, query, json!({ "ids": ids })).await;
    let back: Vec<&str> = nodes["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["id"].as_str().unwrap_or("nothing"))
        .collect();
    assert_eq!(back, ids);
}

fn collect_ids(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(id) if name == "id" => ids.push(id.clone()),
                    _ => collect_ids(value, ids),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_ids(item, ids)),
        _ => {}
    }
}

#[tokio::test]
async fn owners_list_their_repositories() {
    let world = World::start().await;
    let query = "{ repositoryOwner(login: \"acme\") { __typename login
            repositories(first: 100, ownerAffiliations: [OWNER], orderBy: {field: PUSHED_AT, direction: DESC}) { nodes { name } } }
        organization(login: \"acme\") { repository(name: \"people\") { name } }
        nobody: repositoryOwner(login: \"nobody\") { login }
        user(login: \"minji\") { name repositories(first: 1) { totalCount } }
        viewer { login } }";
    assert_eq!(
        data(&world, query, Value::Null).await,
        json!({
            "repositoryOwner": {
                "__typename": "Organization", "login": "acme",
                "repositories": { "nodes": [{ "name": "people" }] },
            },
            "organization": { "repository": { "name": "people" } },
            "nobody": null,
            "user": { "name": "Minji", "repositories": { "totalCount": 0 } },
            "viewer": { "login": "bora" },
        })
    );
}

#[tokio::test]
async fn a_query_costs_points_of_its_own_budget() {
    let world = World::start().await;
    let query = "query($first: Int!) { rateLimit { cost limit remaining used nodeCount resetAt }
        repository(owner: \"acme\", name: \"people\") { deployments(first: $first) { nodes { statuses(first: 100) { totalCount } } } } }";
    let reply = send(&world, query, json!({ "first": 100 })).await;
    let limit = reply.json()["data"]["rateLimit"].take();
    assert_eq!(limit["cost"], 1);
    assert_eq!(limit["nodeCount"], 100 + 10_000);
    assert_eq!(
        (&limit["limit"], &limit["used"]),
        (&json!(5_000), &json!(1))
    );
    assert_eq!(limit["remaining"], 4_999);
    assert_eq!(reply.header("x-ratelimit-resource"), "graphql");
    assert_eq!(reply.header("x-ratelimit-remaining"), "4999");
    // REST has a budget of its own.
    assert_eq!(
        world.get("/user").await.header("x-ratelimit-remaining"),
        "4999"
    );
}

#[tokio::test]
async fn requests_are_counted_by_operation() {
    let world = World::start().await;
    let body = json!({ "query": "query Who { viewer { login } }", "operationName": "Who" });
    let token = format!("token {TOKEN}");
    let headers = [("authorization", token.as_str())];
    let reply = world
        .send(Method::POST, "/api/graphql", &headers, body.to_string())
        .await
        .unwrap();
    assert_eq!(
        reply.json(),
        json!({ "data": { "viewer": { "login": "bora" } } })
    );
    assert_eq!(
        world.github.control().counts().get("POST /api/graphql Who"),
        Some(&1)
    );
}
