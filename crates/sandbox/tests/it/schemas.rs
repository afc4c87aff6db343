//! The GitHub simulator against what is published of the real one: its REST
//! answers against the OpenAPI description, its GraphQL schema against GitHub's,
//! its webhooks against their JSON schema. The published sides and what compares
//! come from npm. Each check is also shown to notice what is wrong.

mod asked;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};
use simulators::github::Github;

use crate::{
    node::node,
    world::{TOKEN, World},
};

/// An address that a caller gives.
const ELSEWHERE: &str = "https://logs.example/1";

#[tokio::test(flavor = "multi_thread")]
async fn each_rest_answer_has_the_published_shape() {
    let mut world = World::start().await;
    world.ask_of_nobody().await;
    world.ask_as_the_app().await;
    world.ask_for_the_repository().await;
    world.ask_for_commits().await;
    world.ask_for_checks().await;
    world.ask_for_contents().await;
    world.ask_for_environments().await;
    world.ask_for_deployments().await;
    world.ask_in_vain().await;

    let counts = world.github.control().counts();
    let mut unasked = Github::rest_routes();
    unasked.retain(|route| !counts.contains_key(route));
    assert!(unasked.is_empty(), "nobody asked {unasked:?}");
    for answer in &world.answers {
        links_lead_here(&answer["body"], &world.base);
    }
    let file = written("rest.json", &json!(world.answers));
    let said = node("schemas-rest.mjs", &[&file]).await.unwrap();
    println!("{said}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rest_answer_of_another_shape_is_noticed() {
    let file = written(
        "rest-broken.json",
        &json!([
            {"method": "GET", "path": "/repos/{owner}/{repo}/git/ref/{ref}", "status": 200,
             "body": {"ref": "refs/heads/main", "node_id": 7, "url": "x",
                      "object": {"type": "commit", "sha": "x"}}},
            {"method": "POST", "path": "/repos/{owner}/{repo}/statuses/{sha}", "status": 200,
             "body": null},
            {"method": "GET", "path": "/rate_limit", "status": 200,
             "body": {"rate": {"limit": 1, "used": 1, "remaining": 0, "reset": 1, "left": 0},
                      "resources": {"core": null}}},
        ]),
    );
    let said = node("schemas-rest.mjs", &[&file]).await.unwrap_err();
    insta::assert_snapshot!(said, @r#"
    GET /repos/{owner}/{repo}/git/ref/{ref} 200: "node_id": 7,
        Type 'number' is not assignable to type 'string'.
    GET /repos/{owner}/{repo}/git/ref/{ref} 200: "object": {
        Property 'url' is missing in type '{ sha: string; type: string; }' but required in type '{ type: string; sha: string; url: string; }'.
    POST /repos/{owner}/{repo}/statuses/{sha} 200: export const answer: Body<paths["/repos/{owner}/{repo}/statuses/{sha}"]["post"], 200, false> =
        Type 'null' is not assignable to type 'never'.
    GET /rate_limit 200: "left": 0,
        Object literal may only specify known properties, and '"left"' does not exist in type '{ limit: number; remaining: number; reset: number; used: number; }'.
    GET /rate_limit 200: "core": null
        Type 'null' is not assignable to type '{ limit: number; remaining: number; reset: number; used: number; }'.
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_graphql_schema_is_a_part_of_the_published_one() {
    let world = World::start().await;
    let url = format!("{}/api/graphql", world.base);
    let script = "schemas-graphql.mjs";
    let schema = node(script, &["read", &url, TOKEN]).await.unwrap();
    let file = written_text("schema.graphql", &schema);
    let said = node(script, &["compare", &file]).await.unwrap();
    println!("{said}");

    let broken = schema
        .replace("abbreviatedOid: String!", "abbreviatedOid: String")
        .replace("commitOid: String!", "commitSha: String!")
        .replace("compare(headRef: String!)", "compare(head: String!)")
        .replace("followRenames: Boolean = true", "followRenames: Boolean")
        .replace("ref(qualifiedName: String!)", "ref(qualifiedName: ID!)")
        .replace("GitActor", "GitPerson");
    let file = written_text("schema-broken.graphql", &broken);
    let said = node(script, &["compare", &file]).await.unwrap_err();
    insta::assert_snapshot!(said, @r#"
    Blob.abbreviatedOid's type: "String" here, "String!" published
    Commit.abbreviatedOid's type: "String" here, "String!" published
    Commit.author's type: "GitPerson" here, "GitActor" published
    Commit.committer's type: "GitPerson" here, "GitActor" published
    Deployment.commitSha: there is no such field
    GitPerson: there is no such type
    GitObject.abbreviatedOid's type: "String" here, "String!" published
    Organization.repository(followRenames)'s default: undefined here, true published
    Query.repository(followRenames)'s default: undefined here, true published
    Ref.compare(head): there is no such argument
    Ref.compare(headRef): is required, and not taken
    Repository.ref(qualifiedName)'s type: "ID!" here, "String!" published
    RepositoryOwner.repository(followRenames)'s default: undefined here, true published
    Tag.abbreviatedOid's type: "String" here, "String!" published
    Tag.tagger's type: "GitPerson" here, "GitActor" published
    Tree.abbreviatedOid's type: "String" here, "String!" published
    User.repository(followRenames)'s default: undefined here, true published
    "#);
    world.stop().await;
}

/// What the simulator tells of: event, what happened, and how it ended.
const KINDS: [&str; 21] = [
    "check_run.completed failure",
    "check_run.completed success",
    "check_run.created",
    "check_suite.completed failure",
    "check_suite.completed success",
    "deployment.created",
    "deployment_status.created error",
    "deployment_status.created failure",
    "deployment_status.created in_progress",
    "deployment_status.created pending",
    "deployment_status.created queued",
    "deployment_status.created success",
    "push",
    "status error",
    "status failure",
    "status pending",
    "status success",
    "workflow_run.completed failure",
    "workflow_run.completed success",
    "workflow_run.in_progress",
    "workflow_run.requested",
];

#[tokio::test(flavor = "multi_thread")]
async fn each_webhook_has_the_published_shape() {
    let mut world = World::start().await;
    world.converse().await;
    let events = world.webhooks(&KINDS).await;
    let file = written("webhooks.json", &json!(events));
    let said = node("schemas-webhooks.mjs", &[&file]).await.unwrap();
    println!("{said}");
    world.stop().await;
    a_broken_push_is_noticed(&events).await;
    each_kind_is_looked_at(events).await;
}

async fn a_broken_push_is_noticed(events: &[Value]) {
    let mut push = events
        .iter()
        .find(|event| event["event"] == "push")
        .cloned();
    let payload = &mut push.as_mut().unwrap()["payload"];
    payload["head_commit"]["id"] = json!(7);
    payload["repository"]["name"] = Value::Null;
    payload["pusher"]["age"] = json!(1);
    payload.as_object_mut().unwrap().remove("compare");
    let file = written("webhooks-broken.json", &json!([push]));
    let said = node("schemas-webhooks.mjs", &[&file]).await.unwrap_err();
    insta::assert_snapshot!(said, @r#"
    push$event:  must have required property 'compare' {"missingProperty":"compare"}
    push$event: /head_commit/id must be string {"type":"string"}
    push$event: /head_commit must be null {"type":"null"}
    push$event: /head_commit must match exactly one schema in oneOf {"passingSchemas":null}
    push$event: /repository/name must be string {"type":"string"}
    push$event: /pusher must NOT have additional properties {"additionalProperty":"age"}
    "#);
}

async fn each_kind_is_looked_at(mut events: Vec<Value>) {
    for event in &mut events {
        event["payload"]["repository"]["id"] = json!("words");
    }
    let names: BTreeSet<String> = events
        .iter()
        .map(|event| {
            let action = event["payload"]["action"].as_str().unwrap_or("event");
            format!("{}${action}: ", event["event"].as_str().unwrap())
        })
        .collect();
    let file = written("webhooks-all-broken.json", &json!(events));
    let said = node("schemas-webhooks.mjs", &[&file]).await.unwrap_err();
    for name in names {
        let noticed = format!("{name}/repository/id must be integer");
        assert!(said.contains(&noticed), "no {noticed} in {said}");
    }
}

/// Fails at an address that leads elsewhere than to the simulator, to GitHub's
/// documentation, or to where the test said.
fn links_lead_here(said: &Value, base: &str) {
    match said {
        Value::Object(fields) => fields.values().for_each(|it| links_lead_here(it, base)),
        Value::Array(items) => items.iter().for_each(|it| links_lead_here(it, base)),
        Value::String(text) if text.contains("://") => {
            let known = [base, "https://docs.github.com/rest", ELSEWHERE];
            let leads_here = known.iter().any(|start| text.starts_with(start));
            assert!(leads_here, "{text} leads elsewhere");
        }
        _ => {}
    }
}

fn written(name: &str, content: &Value) -> String {
    written_text(name, &content.to_string())
}

/// A file for a script to read, left there to be looked at.
fn written_text(name: &str, content: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemas");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, content).unwrap();
    file.to_str()
        .expect("a path that can be written down")
        .to_owned()
}
