//! Deployments that someone makes on GitHub behind our back, in `acme/api`,
//! where nothing goes by itself: those that are seen to stand in an environment
//! are followed and ended like our own.

use std::time::Duration;

use deploy::{Config, store::Database};
use deploy_proto::v1::{self, DeploymentState, Reason, RequestState};
use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde_json::json;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::{
    service::{Client, Service, Watcher, eventually},
    world::{Engine, NEWEST, World, on_both, on_github, write_status},
};

const FOLLOW: &str = "POST /api/graphql Follow";
const SOON: Duration = Duration::from_millis(200);
const NEVER: Duration = Duration::from_secs(3600);

on_both![
    what_nobody_picks_up_is_ended_and_frees_its_environment,
    what_falls_silent_is_ended,
    what_becomes_of_one_is_journalled,
    what_does_not_stand_in_an_environment_is_let_alone,
];

async fn serve(world: &World, pickup: Duration, silence: Duration) -> Service {
    let limits = Config {
        pickup_timeout: pickup,
        silence_timeout: silence,
        ..world.config()
    };
    world.serve_with(limits).await
}

/// Makes a deployment as anyone may.
async fn make(world: &World, environment: &str) {
    let body = json!({
        "ref": world.sha(NEWEST), "environment": environment, "required_contexts": [],
        "auto_merge": false, "payload": {"deploybot": 1, "request_id": "never-heard-of"},
    });
    let made = on_github(world, "POST", "deployments", &body.to_string()).await;
    assert_eq!(made, StatusCode::CREATED);
}

/// The newest deployment to an environment as GitHub has it; what stands there
/// is seen by that.
async fn newest(client: &mut Client, environment: &str) -> v1::Deployment {
    let ask = v1::ListHistoryRequest {
        repository: "api".to_owned(),
        environment: Some(environment.to_owned()),
        page_size: Some(50),
    };
    let history = client.list_history(ask).await.unwrap().into_inner();
    history.environments[0].deployments[0].clone()
}

/// What the journal says of a deployment, while the service has it: its state,
/// and why it ended.
async fn journalled(world: &World, number: i64) -> (String, String) {
    const SQL: &str = "SELECT state, outcome FROM deployments WHERE number = $1";
    match world.database() {
        Database::Sqlite(file) => {
            let url = format!("sqlite:{}", file.display());
            let mut journal = SqliteConnection::connect(&url).await.unwrap();
            let row = sqlx::query_as(SQL).bind(number).fetch_one(&mut journal);
            row.await.unwrap()
        }
        Database::Postgres(url) => {
            let mut journal = PgConnection::connect(url.expose_secret()).await.unwrap();
            let row = sqlx::query_as(SQL).bind(number).fetch_one(&mut journal);
            row.await.unwrap()
        }
    }
}

/// Waits until the journal says so.
async fn journal_comes_to(world: &World, number: i64, state: &str, outcome: &str) {
    let expected = (state.to_owned(), outcome.to_owned());
    eventually(&expected, || async {
        (journalled(world, number).await == expected).then_some(())
    })
    .await;
}

fn errors(deployment: &v1::Deployment) -> Vec<&str> {
    let steps = deployment.steps.iter();
    let errors = steps.filter(|step| step.state == "error");
    errors.map(|step| step.description.as_str()).collect()
}

const NOT_PICKED_UP: &str = "Nobody picked it up within 200 ms. Most likely no workflow runs on \
    `deployment` at this commit, no runner is free, or GitHub Actions is switched off for the \
    repository. Nothing was deployed, unless a runner still comes late.";

async fn what_nobody_picks_up_is_ended_and_frees_its_environment(engine: Engine) {
    let world = World::on(engine).await;
    let service = serve(&world, SOON, NEVER).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    make(&world, "production").await;
    let ask = |id: &str| v1::StartDeploymentRequest {
        repository: "api".to_owned(),
        ..world.ask(id, NEWEST)
    };
    // The gate comes upon it: nobody has asked for a status or a history.
    client.start_deployment(ask("r1")).await.unwrap();
    let refused = feed.end_of("r1").await;
    assert_eq!(refused.state(), RequestState::Refused);
    assert_eq!(refused.refusals[0].reason(), Reason::AlreadyRunning);
    let theirs = refused.refusals[0].deployment.clone().unwrap();

    journal_comes_to(&world, theirs.id, "failed", NOT_PICKED_UP).await;
    let theirs = newest(&mut client, "production").await;
    assert_eq!(
        errors(&theirs),
        ["Nobody picked it up within 200 ms; ended by deploybot."]
    );
    client.start_deployment(ask("r2")).await.unwrap();
    feed.until("r2", |state| state == RequestState::Running)
        .await;
    service.stop().await;
    world.end().await;
}

async fn what_falls_silent_is_ended(engine: Engine) {
    let world = World::on(engine).await;
    let service = serve(&world, NEVER, SOON).await;
    let mut client = service.client().await;
    make(&world, "staging").await;
    let theirs = newest(&mut client, "staging").await;
    write_status(&world, theirs.id, "in_progress").await;
    eventually("it is ended", || {
        let mut client = client.clone();
        async move {
            let theirs = newest(&mut client, "staging").await;
            let is_ended = theirs.state() == DeploymentState::Failed;
            is_ended.then(|| assert_eq!(errors(&theirs).len(), 1))
        }
    })
    .await;
    service.stop().await;
    world.end().await;
}

async fn what_becomes_of_one_is_journalled(engine: Engine) {
    let world = World::on(engine).await;
    let service = serve(&world, NEVER, NEVER).await;
    let mut client = service.client().await;
    make(&world, "production").await;
    let first = newest(&mut client, "production").await.id;
    let path = format!("deployments/{first}");
    let deleted = on_github(&world, "DELETE", &path, "").await;
    assert_eq!(deleted, StatusCode::NO_CONTENT);
    let gone = "The deployment is not on GitHub any more: someone deleted it.";
    journal_comes_to(&world, first, "pending", gone).await;

    make(&world, "production").await;
    let later = newest(&mut client, "production").await.id;
    journal_comes_to(&world, later, "pending", "").await;
    write_status(&world, later, "in_progress").await;
    journal_comes_to(&world, later, "running", "").await;
    write_status(&world, later, "success").await;
    journal_comes_to(&world, later, "succeeded", "").await;

    make(&world, "production").await;
    let third = newest(&mut client, "production").await.id;
    write_status(&world, third, "failure").await;
    let unsaid = "Its workflow ended without success and gave no reason; see its log.";
    journal_comes_to(&world, third, "failed", unsaid).await;
    service.stop().await;
    world.end().await;
}

async fn what_does_not_stand_in_an_environment_is_let_alone(engine: Engine) {
    let world = World::on(engine).await;
    // Before anyone looks: one that was left in the middle, and a later one
    // that is live. Another environment's is what the round is awaited by.
    for environment in ["production", "production", "staging"] {
        make(&world, environment).await;
    }
    let quiet = serve(&world, NEVER, NEVER).await;
    let mut client = quiet.client().await;
    let live = newest(&mut client, "production").await.id;
    write_status(&world, live, "success").await;
    journal_comes_to(&world, live, "succeeded", "").await;
    quiet.stop().await;
    world.spoil_journal("DELETE FROM deployments").await;

    let service = serve(&world, SOON, SOON).await;
    let mut client = service.client().await;
    let ask = v1::GetStatusRequest {
        repository: "api".to_owned(),
        limit: None,
    };
    client.get_status(ask).await.unwrap();
    let awaited = newest(&mut client, "staging").await.id;
    journal_comes_to(&world, awaited, "failed", NOT_PICKED_UP).await;
    let ask = v1::ListHistoryRequest {
        repository: "api".to_owned(),
        environment: Some("production".to_owned()),
        page_size: None,
    };
    let history = client.list_history(ask).await.unwrap().into_inner();
    let [live, left] = history.environments[0].deployments.as_slice() else {
        panic!("{history:?}");
    };
    assert_eq!(live.state(), DeploymentState::Succeeded);
    assert_eq!(left.state(), DeploymentState::Pending);
    assert_eq!(errors(left), Vec::<&str>::new());
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn two_processes_end_it_once() {
    let world = World::on(Engine::Postgres).await;
    let (one, other) = (
        serve(&world, SOON, NEVER).await,
        serve(&world, SOON, NEVER).await,
    );
    make(&world, "production").await;
    let (mut client, mut second) = (one.client().await, other.client().await);
    let theirs = newest(&mut client, "production").await;
    assert_eq!(newest(&mut second, "production").await.id, theirs.id);
    journal_comes_to(&world, theirs.id, "failed", NOT_PICKED_UP).await;
    let theirs = newest(&mut second, "production").await;
    assert_eq!(errors(&theirs).len(), 1, "{theirs:?}");
    let calls = world.calls(FOLLOW);
    assert!(calls > 0);
    one.stop().await;
    other.stop().await;
    world.end().await;
}
