//! The run that carries out a deployment is a check of the deployed commit, in
//! a suite of its own.

use std::{collections::BTreeSet, time::Duration};

use http::StatusCode;
use serde_json::{Value, json};
use simulators::github::{DeploymentState, SeedDeployment, SeedStatus, Workflow, git::Sha};

use crate::{
    graphql_client::{data, of_repository},
    rest_client::World,
    runner_workflow::{Running, commit_that_says, eventually},
    webhook_delivery::Listening,
};

const DEPLOYMENTS: &str = "/repos/acme/people/deployments";

/// So long that a test never sees its end.
const FOREVER: Duration = Duration::from_secs(3_600);

/// No checks of pushes, and deployments that end, or never do.
fn deploying(ends: bool) -> Workflow {
    let mut workflow = Workflow::quick();
    workflow.checks.run.clear();
    if !ends {
        workflow.deploy[1].takes = FOREVER;
    }
    workflow
}

/// The state of a commit, and a line for each of its contexts.
async fn rollup(world: &World, sha: &str) -> String {
    let fields = format!(
        "object(oid: \"{sha}\") {{ ... on Commit {{ statusCheckRollup {{ state
            contexts(first: 20) {{ nodes {{ ... on CheckRun {{ name status conclusion
                checkSuite {{ app {{ slug }} status workflowRun {{ event }} }} }} }} }} }} }} }}"
    );
    let rollup = of_repository(world, &fields).await["object"]["statusCheckRollup"].take();
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut lines = vec![word(&rollup["state"])];
    for check in rollup["contexts"]["nodes"].as_array().into_iter().flatten() {
        let suite = &check["checkSuite"];
        lines.push(format!(
            "{}: {} {}, {} on {} {}",
            word(&check["name"]),
            word(&check["status"]),
            word(&check["conclusion"]),
            word(&suite["app"]["slug"]),
            word(&suite["workflowRun"]["event"]),
            word(&suite["status"]),
        ));
    }
    lines.join("\n")
}

/// The state and the contexts of a commit once the state is this one.
async fn rolled_up(world: &World, sha: &str, state: &str) -> String {
    eventually(|| async {
        let found = rollup(world, sha).await;
        found.starts_with(state).then_some(found)
    })
    .await
}

/// Waits until a deployment has this state.
async fn reached(world: &World, id: u64, state: &str) {
    let path = format!("{DEPLOYMENTS}/{id}/statuses");
    eventually(|| async {
        let statuses = world.get(&path).await.json();
        (statuses[0]["state"] == state).then_some(())
    })
    .await;
}

/// A list of a commit over REST.
async fn listed(world: &World, sha: &str, list: &str) -> Vec<Value> {
    let path = format!("/repos/acme/people/commits/{sha}/{list}");
    let mut answer = world.get(&path).await.json();
    let found = answer[list.replace('-', "_")].take();
    let found = found.as_array().unwrap().clone();
    assert_eq!(answer["total_count"], found.len());
    found
}

fn distinct(values: impl IntoIterator<Item = Value>) -> usize {
    let all: BTreeSet<String> = values.into_iter().map(|value| value.to_string()).collect();
    all.len()
}

#[tokio::test]
async fn a_commit_is_pending_while_it_is_deployed() {
    let running = Running::start(deploying(false)).await;
    running.world.build_passes();
    let head = running.world.head().to_string();
    insta::assert_snapshot!(rollup(&running.world, &head).await, @"
    SUCCESS
    build: COMPLETED SUCCESS, github-actions on push COMPLETED
    ");
    let id = running.deploy(&head, "production").await;
    reached(&running.world, id, "queued").await;
    insta::assert_snapshot!(rollup(&running.world, &head).await, @"
    PENDING
    build: COMPLETED SUCCESS, github-actions on push COMPLETED
    deploy: IN_PROGRESS -, github-actions on deployment IN_PROGRESS
    ");
    // Who asks for all contexts is refused another deployment of it.
    let all = json!({ "ref": head, "auto_merge": false });
    let refused = running.world.post(DEPLOYMENTS, all).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(
        refused.json()["errors"][0]["contexts"],
        json!([{"context": "build", "state": "success"}, {"context": "deploy", "state": "pending"}])
    );
    let named = json!({ "ref": head, "auto_merge": false, "required_contexts": ["build"] });
    let taken = running.world.post(DEPLOYMENTS, named).await;
    assert_eq!(taken.status, StatusCode::CREATED);
    running.finish().await;
}

#[tokio::test]
async fn a_commit_has_failed_once_its_deployment_has() {
    let running = Running::start(deploying(true)).await;
    let sha = commit_that_says(&running, "Break it\n\nSimulate: fail rollout");
    running.deploy(&sha, "production").await;
    insta::assert_snapshot!(rolled_up(&running.world, &sha, "FAILURE").await, @"
    FAILURE
    deploy: COMPLETED FAILURE, github-actions on deployment COMPLETED
    ");
    running.finish().await;
}

#[tokio::test]
async fn a_deployment_that_somebody_ends_is_a_cancelled_check() {
    // Long enough to end the deployment meanwhile.
    let mut workflow = deploying(true);
    workflow.deploy[1].takes = Duration::from_secs(1);
    let running = Running::start(workflow).await;
    let head = running.world.head().to_string();
    let id = running.deploy(&head, "production").await;
    reached(&running.world, id, "queued").await;
    let path = format!("{DEPLOYMENTS}/{id}/statuses");
    let ended = running.world.post(&path, json!({ "state": "error" })).await;
    assert_eq!(ended.status, StatusCode::CREATED);
    insta::assert_snapshot!(rolled_up(&running.world, &head, "FAILURE").await, @"
    FAILURE
    deploy: COMPLETED CANCELLED, github-actions on deployment COMPLETED
    ");
    running.finish().await;
}

#[tokio::test]
async fn each_deployment_of_a_commit_has_a_suite() {
    let mut workflow = deploying(true);
    workflow.checks.derived = true;
    let running = Running::start(workflow).await;
    let head = running.world.head().to_string();
    for environment in ["staging", "production"] {
        let id = running.deploy(&head, environment).await;
        reached(&running.world, id, "success").await;
    }
    let world = &running.world;
    let runs = eventually(|| async {
        let runs = listed(world, &head, "check-runs").await;
        let ended = runs.iter().all(|run| run["status"] == "completed");
        (ended && runs.len() == 5).then_some(runs)
    })
    .await;
    let names: Vec<&Value> = runs.iter().map(|run| &run["name"]).collect();
    assert_eq!(names, ["build", "test", "lint", "deploy", "deploy"]);
    let suites = listed(world, &head, "check-suites").await;
    assert_eq!(
        distinct(suites.iter().map(|suite| suite["node_id"].clone())),
        3
    );
    let counts: Vec<&Value> = suites
        .iter()
        .map(|suite| &suite["latest_check_runs_count"])
        .collect();
    assert_eq!(counts, [3, 1, 1]);
    let of_run = |place: usize| &runs[place]["check_suite"]["id"];
    let ids: Vec<&Value> = suites.iter().map(|suite| &suite["id"]).collect();
    assert_eq!(ids, [of_run(0), of_run(3), of_run(4)]);
    assert_eq!(distinct(ids.into_iter().cloned()), 3);
    let second = world
        .get(&format!(
            "/repos/acme/people/commits/{head}/check-suites?per_page=1&page=2"
        ))
        .await
        .json();
    assert_eq!(
        second,
        json!({ "total_count": 3, "check_suites": [suites[1]] })
    );
    for run in &runs {
        let found = world
            .get(&format!("/repos/acme/people/check-runs/{}", run["id"]))
            .await;
        assert_eq!(found.json(), *run);
    }
    running.finish().await;
}

#[tokio::test]
async fn suites_and_their_runs_are_found_by_their_node_ids() {
    let mut workflow = deploying(true);
    workflow.checks.derived = true;
    let running = Running::start(workflow).await;
    let head = running.world.head().to_string();
    let id = running.deploy(&head, "staging").await;
    reached(&running.world, id, "success").await;
    let world = &running.world;
    let parts = "__typename id databaseId checkRuns(first: 9) { nodes { name } }
        workflowRun { __typename id databaseId event url checkSuite { id } }";
    let fields = format!(
        "object(oid: \"{head}\") {{ ... on Commit {{ checkSuites(first: 9) {{ nodes {{ {parts} }} }} }} }}"
    );
    let suites = of_repository(world, &fields).await["object"]["checkSuites"]["nodes"].take();
    assert_eq!(suites.as_array().unwrap().len(), 2);
    assert_eq!(suites[0]["workflowRun"], Value::Null);
    let run = &suites[1]["workflowRun"];
    assert_eq!(
        (&run["event"], &run["checkSuite"]["id"]),
        (&json!("deployment"), &suites[1]["id"])
    );
    assert_eq!(
        suites[1]["checkRuns"]["nodes"],
        json!([{ "name": "deploy" }])
    );
    // Its page is the log that the deployment's statuses lead to.
    let statuses = world
        .get(&format!("{DEPLOYMENTS}/{id}/statuses"))
        .await
        .json();
    assert_eq!(run["url"], statuses[0]["log_url"]);
    let query = format!(
        "query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on CheckSuite {{ {parts} }}
            ... on WorkflowRun {{ __typename id databaseId event url checkSuite {{ id }} }} }} }}"
    );
    let ids = json!({ "ids": [suites[0]["id"], suites[1]["id"], run["id"]] });
    let nodes = data(world, &query, ids).await["nodes"].take();
    assert_eq!(nodes, json!([suites[0], suites[1], run]));
    running.finish().await;
}

#[tokio::test]
async fn the_newest_deployment_of_a_commit_counts_and_older_ones_stay() {
    let world = World::start().await;
    let head = world.head().to_string();
    let seed = |second: i64, states: &[DeploymentState]| {
        let at = jiff::Timestamp::from_second(1_790_000_300 + second).unwrap();
        let seed = SeedDeployment {
            sha: head.parse::<Sha>().unwrap(),
            environment: "production".to_owned(),
            creator: "minji".to_owned(),
            payload: json!({}),
            description: None,
            created_at: at,
            statuses: states
                .iter()
                .map(|state| SeedStatus {
                    state: *state,
                    description: String::new(),
                    at,
                })
                .collect(),
        };
        world.github.seed_deployment("acme/people", seed).unwrap();
    };
    // Nobody has picked this one up.
    seed(0, &[]);
    assert_eq!(rollup(&world, &head).await, "-");
    seed(1, &[DeploymentState::InProgress, DeploymentState::Failure]);
    insta::assert_snapshot!(rollup(&world, &head).await, @"
    FAILURE
    deploy: COMPLETED FAILURE, github-actions on deployment COMPLETED
    ");
    seed(2, &[DeploymentState::Success]);
    insta::assert_snapshot!(rollup(&world, &head).await, @"
    SUCCESS
    deploy: COMPLETED FAILURE, github-actions on deployment COMPLETED
    deploy: COMPLETED SUCCESS, github-actions on deployment COMPLETED
    ");
    seed(3, &[DeploymentState::InProgress]);
    assert!(rollup(&world, &head).await.starts_with("PENDING"));
    assert_eq!(listed(&world, &head, "check-suites").await.len(), 3);
}

#[tokio::test]
async fn a_deployment_that_nobody_picks_up_is_no_check() {
    let workflow = Workflow {
        deploy: Vec::new(),
        ..deploying(true)
    };
    let running = Running::start(workflow).await;
    let head = running.world.head().to_string();
    running.deploy(&head, "production").await;
    // Once the runner has ended, nothing more can come.
    let world = running.finish().await;
    assert_eq!(listed(&world, &head, "check-runs").await, [] as [Value; 0]);
    assert_eq!(rollup(&world, &head).await, "-");
}

#[tokio::test]
async fn a_deployment_ends_its_own_suite_and_tells_its_id() {
    // The commit's own checks never end, and neither hold the deployment's suite
    // open nor are ended by it.
    let mut workflow = Workflow::quick();
    workflow.checks.run[0].takes = FOREVER;
    let listening = Listening::start(workflow, StatusCode::OK).await;
    let sha = listening.world().commit("main", "a", "b").to_string();
    listening.received("check_run.created", 3).await;
    listening.running.deploy(&sha, "staging").await;
    let ended = listening.received("check_suite.completed", 1).await;
    let suite = &ended[0]["check_suite"];
    assert_eq!(suite["conclusion"], "success");
    assert_eq!(suite["latest_check_runs_count"], 1);
    let requested = told(&listening, "workflow_run.requested", "event", "deployment").await;
    let completed = listening.received("workflow_run.completed", 1).await;
    for run in [&requested, &completed[0]["workflow_run"]] {
        assert_eq!(run["check_suite_id"], suite["id"]);
        assert_eq!(run["check_suite_node_id"], suite["node_id"]);
    }
    assert_eq!(completed[0]["workflow_run"]["event"], "deployment");
    let created = told(&listening, "check_run.created", "name", "deploy").await;
    let done = listening.received("check_run.completed", 1).await;
    for check in [&created, &done[0]["check_run"]] {
        assert_eq!(check["name"], "deploy");
        assert_eq!(check["check_suite"]["id"], suite["id"]);
        assert_eq!(check["id"], created["id"]);
    }
    let others = listening.received("check_run.created", 4).await;
    let suites = others
        .iter()
        .map(|body| body["check_run"]["check_suite"]["id"].clone());
    assert_eq!(distinct(suites), 2);
    assert_eq!(
        listening.received("check_suite.completed", 1).await.len(),
        1
    );
    listening.running.finish().await;
}

#[tokio::test]
async fn the_commits_own_suite_ends_while_it_is_deployed() {
    let mut workflow = Workflow::quick();
    workflow.deploy[1].takes = FOREVER;
    let listening = Listening::start(workflow, StatusCode::OK).await;
    let sha = listening.world().head().to_string();
    let id = listening.running.deploy(&sha, "staging").await;
    reached(listening.world(), id, "queued").await;
    // Its checks begin only now, beside the deployment.
    let head = sha.parse::<Sha>().unwrap();
    listening
        .world()
        .github
        .push("acme/people", "main", &head, "minji")
        .unwrap();
    let ended = listening.received("check_suite.completed", 1).await;
    assert_eq!(ended[0]["check_suite"]["conclusion"], "success");
    assert_eq!(ended[0]["check_suite"]["latest_check_runs_count"], 3);
    let run = told(&listening, "workflow_run.requested", "event", "deployment").await;
    assert_ne!(run["check_suite_id"], ended[0]["check_suite"]["id"]);
    listening.running.finish().await;
}

/// Of the events of three checks and a deployment, what the one is about that
/// says this.
async fn told(listening: &Listening, event: &str, field: &str, word: &str) -> Value {
    let part = event.split('.').next().unwrap();
    let bodies = listening.received(event, 4).await;
    let mut parts = bodies.iter().map(|body| &body[part]);
    parts.find(|found| found[field] == word).unwrap().clone()
}
