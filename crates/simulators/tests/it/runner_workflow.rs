//! The runner: what follows a push, and what follows a deployment.

use std::{future::Future, time::Duration};

use http::StatusCode;
use serde_json::{Value, json};
use simulators::github::{Checks, Workflow};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::rest_client::{World, signature};

const DEPLOYMENTS: &str = "/repos/acme/people/deployments";

/// Longer than any workflow of these tests takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A GitHub whose runner is at work.
pub(crate) struct Running {
    pub(crate) world: World,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

impl Running {
    pub(crate) async fn start(workflow: Workflow) -> Self {
        Self::over(World::with(workflow).await)
    }

    pub(crate) fn over(world: World) -> Self {
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let (github, token) = (world.github.clone(), shutdown.clone());
        tasks.spawn(async move { github.run(token).await });
        Self {
            world,
            shutdown,
            tasks,
        }
    }

    /// Ends the runner, which leaves nothing behind; what it did stays.
    pub(crate) async fn finish(mut self) -> World {
        self.shutdown.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.tasks.join_next()).await;
        ended.expect("the runner ends in time").unwrap().unwrap();
        self.world
    }

    pub(crate) async fn deploy(&self, sha: &str, environment: &str) -> u64 {
        let body = json!({
            "ref": sha, "environment": environment,
            "auto_merge": false, "required_contexts": [],
        });
        let reply = self.world.post(DEPLOYMENTS, body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        reply.json()["id"].as_u64().unwrap()
    }

    /// The statuses of a deployment, oldest first.
    async fn statuses(&self, id: u64) -> Vec<Value> {
        let reply = self
            .world
            .get(&format!("{DEPLOYMENTS}/{id}/statuses"))
            .await;
        let mut statuses = reply.json().as_array().unwrap().clone();
        statuses.reverse();
        statuses
    }

    /// The statuses of a deployment as lines, once the newest has this state.
    async fn ended(&self, id: u64, state: &str) -> Vec<Value> {
        eventually(|| async {
            let statuses = self.statuses(id).await;
            let newest = statuses.last()?;
            (newest["state"] == state).then_some(statuses)
        })
        .await
    }

    /// The checks of a commit, once all that there must be have ended.
    async fn checks(&self, sha: &str, many: usize) -> Vec<Value> {
        eventually(|| async {
            let path = format!("/repos/acme/people/commits/{sha}/check-runs");
            let runs = self.world.get(&path).await.json()["check_runs"].take();
            let runs = runs.as_array().unwrap().clone();
            let ended = runs
                .iter()
                .filter(|run| run["status"] == "completed")
                .count();
            (ended == many && runs.len() == many).then_some(runs)
        })
        .await
    }
}

/// What `look` tells, once it tells something.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    let waiting = async {
        let mut pause = tokio::time::interval(Duration::from_millis(5));
        loop {
            pause.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("it comes to pass in time")
}

fn told(statuses: &[Value]) -> String {
    let line = |status: &Value| {
        format!(
            "{}: {}",
            status["state"].as_str().unwrap(),
            status["description"].as_str().unwrap()
        )
    };
    statuses.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A commit whose message asks for something.
pub(crate) fn commit_that_says(running: &Running, message: &str) -> String {
    let world = &running.world;
    let who = signature("minji", 1_790_002_000);
    let change = [("file".to_owned(), Some(message.as_bytes().to_vec()))];
    let sha = world
        .git
        .commit_files("main", &change, message, &who, &who)
        .unwrap();
    world
        .github
        .push("acme/people", "main", &sha, "minji")
        .unwrap();
    sha.to_string()
}

#[tokio::test]
async fn a_push_starts_checks_that_end() {
    let running = Running::start(Workflow::quick()).await;
    let sha = commit_that_says(&running, "Add a page");
    let runs = running.checks(&sha, 3).await;
    let line = |run: &Value| format!("{} {}", run["name"].as_str().unwrap(), run["conclusion"]);
    let lines: Vec<String> = runs.iter().map(line).collect();
    assert_eq!(
        lines,
        ["build \"success\"", "test \"success\"", "lint \"success\""]
    );
    assert!(runs.iter().all(|run| run["started_at"].is_string()));
    // Each has a log of its own.
    let page = runs[0]["details_url"].as_str().unwrap();
    let page = page.strip_prefix(&running.world.base).unwrap();
    let log = running.world.page(page).await;
    assert_eq!(log.status, StatusCode::OK);
    assert!(log.text().contains("Built the image"), "{}", log.text());
    running.finish().await;
}

#[tokio::test]
async fn a_commit_can_ask_for_its_check_to_fail() {
    let running = Running::start(Workflow::quick()).await;
    let sha = commit_that_says(&running, "Add a page\n\nSimulate: fail lint\n");
    let runs = running.checks(&sha, 3).await;
    let conclusions: Vec<&Value> = runs.iter().map(|run| &run["conclusion"]).collect();
    assert_eq!(conclusions, ["success", "success", "failure"]);
    running.finish().await;
}

#[tokio::test]
async fn checks_are_seen_while_they_wait_and_run() {
    let mut workflow = Workflow::quick();
    workflow.checks.run[0].takes = Duration::from_secs(3_600);
    let running = Running::start(workflow).await;
    let sha = commit_that_says(&running, "Add a page");
    let path = format!("/repos/acme/people/commits/{sha}/check-runs");
    let states = eventually(|| async {
        let runs = running.world.get(&path).await.json()["check_runs"].take();
        let states: Vec<Value> = runs
            .as_array()?
            .iter()
            .map(|run| run["status"].clone())
            .collect();
        (states == ["in_progress", "queued", "queued"]).then_some(states)
    })
    .await;
    assert_eq!(states.len(), 3);
    // A runner that is told to end does not wait for the hour.
    running.finish().await;
}

#[tokio::test]
async fn a_deployment_runs_through_its_steps_and_is_published() {
    let running = Running::start(Workflow::quick()).await;
    let head = running.world.head().to_string();
    let id = running.deploy(&head, "production").await;
    let statuses = running.ended(id, "success").await;
    insta::assert_snapshot!(told(&statuses), @"
    queued: waiting for a runner
    in_progress: built
    in_progress: rolling out: 1 of 3 pods ready
    in_progress: rolling out: 2 of 3 pods ready
    in_progress: rolling out: 3 of 3 pods ready
    success: live in 3 of 3 pods
    ");
    let base = &running.world.base;
    let newest = statuses.last().unwrap();
    let site = format!("{base}/sites/acme/people/production/");
    assert_eq!(newest["environment_url"], site);
    assert_eq!(newest["creator"]["login"], "github-actions[bot]");
    let logs: Vec<&Value> = statuses.iter().map(|status| &status["log_url"]).collect();
    assert!(logs.iter().all(|log| *log == logs[0]), "{logs:?}");
    let log = logs[0]
        .as_str()
        .unwrap()
        .strip_prefix(base.as_str())
        .unwrap();
    assert!(log.starts_with("/acme/people/actions/runs/"), "{log}");
    assert!(
        running
            .world
            .page(log)
            .await
            .text()
            .contains("Pushed the image")
    );
    let page = running
        .world
        .page("/sites/acme/people/production/site/")
        .await;
    assert_eq!(page.text(), "<h1>People</h1>\n");
    running.finish().await;
}

#[tokio::test]
async fn a_commit_can_ask_for_its_rollout_to_fail() {
    let running = Running::start(Workflow::quick()).await;
    let sha = commit_that_says(&running, "Break it\n\nSimulate: fail rollout");
    let id = running.deploy(&sha, "production").await;
    let statuses = running.ended(id, "failure").await;
    insta::assert_snapshot!(told(&statuses), @"
    queued: waiting for a runner
    in_progress: built
    failure: ImagePullBackOff in 3 of 3 pods
    ");
    let page = running.world.page("/sites/acme/people/production/").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    running.finish().await;
}

#[tokio::test]
async fn a_newer_deployment_puts_older_ones_aside_but_not_in_production() {
    let running = Running::start(Workflow::quick()).await;
    let head = running.world.head().to_string();
    for (environment, state) in [("staging", "inactive"), ("production", "success")] {
        let older = running.deploy(&head, environment).await;
        running.ended(older, "success").await;
        let newer = running.deploy(&head, environment).await;
        running.ended(newer, "success").await;
        let statuses = running.statuses(older).await;
        assert_eq!(statuses.last().unwrap()["state"], state, "{environment}");
    }
    running.finish().await;
}

#[tokio::test]
async fn nobody_picks_up_what_has_no_steps() {
    let workflow = Workflow {
        checks: Checks::default(),
        deploy: Vec::new(),
        ..Workflow::quick()
    };
    let running = Running::start(workflow).await;
    let head = running.world.head().to_string();
    let id = running.deploy(&head, "production").await;
    let path = format!("{DEPLOYMENTS}/{id}");
    // Once the runner has ended, nothing more can come.
    let world = running.finish().await;
    assert_eq!(world.get(&path).await.status, StatusCode::OK);
    assert_eq!(
        world.get(&format!("{path}/statuses")).await.json(),
        json!([])
    );
}

#[tokio::test]
async fn a_deployment_that_somebody_ends_is_let_go() {
    let mut workflow = Workflow::quick();
    workflow.deploy[1].takes = Duration::from_millis(300);
    let running = Running::start(workflow).await;
    let head = running.world.head().to_string();
    let id = running.deploy(&head, "production").await;
    running.ended(id, "queued").await;
    let path = format!("{DEPLOYMENTS}/{id}/statuses");
    let body = json!({ "state": "inactive", "description": "cancelled" });
    assert_eq!(
        running.world.post(&path, body).await.status,
        StatusCode::CREATED
    );
    let log = running.statuses(id).await[0]["log_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let log = log.strip_prefix(&running.world.base).unwrap().to_owned();
    eventually(|| async {
        let text = running.world.page(&log).await.text();
        text.contains("Stopped: the deployment has ended")
            .then_some(())
    })
    .await;
    insta::assert_snapshot!(told(&running.statuses(id).await), @"
    queued: waiting for a runner
    inactive: cancelled
    ");
    running.finish().await;
}
