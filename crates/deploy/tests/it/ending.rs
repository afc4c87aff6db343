//! Every deployment ends: what nobody picks up, or whose workflow falls silent,
//! is ended on GitHub with the reason, and told with the likely cause.

use std::time::Duration;

use deploy::Config;
use deploy_proto::v1::{self, RequestState};
use http::StatusCode;
use simulators::control::FaultKind;

use crate::{
    service::{Client, Service, Watcher},
    world::{Engine, NEWEST, World, on_both, on_github, write_status},
};

on_both! {
    what_nobody_picks_up_is_ended_and_frees_its_environment,
    a_workflow_that_falls_silent_is_ended,
    a_lost_answer_to_the_end_ends_it_once,
    what_github_does_not_let_us_end_is_told,
    one_that_moves_is_left_alone,
    one_that_someone_deletes_has_ended,
}

const END: &str = "POST /api/v3/repos/{owner}/{repo}/deployments/{deployment_id}/statuses";
const SOON: Duration = Duration::from_millis(200);
const NEVER: Duration = Duration::from_secs(3600);

async fn serve(world: &World, pickup: Duration, silence: Duration) -> Service {
    world
        .serve_with(Config {
            pickup_timeout: pickup,
            silence_timeout: silence,
            ..world.config()
        })
        .await
}

/// A request to deploy the newest commit of `api`, where nothing goes by itself.
fn ask(world: &World, id: &str) -> v1::StartDeploymentRequest {
    v1::StartDeploymentRequest {
        repository: "api".to_owned(),
        ..world.ask(id, NEWEST)
    }
}

/// The newest deployment of `api` as GitHub has it.
async fn newest(client: &mut Client) -> v1::Deployment {
    let history = client
        .list_history(v1::ListHistoryRequest {
            repository: "api".to_owned(),
            environment: Some("production".to_owned()),
            page_size: Some(50),
        })
        .await
        .unwrap()
        .into_inner();
    history.environments[0].deployments[0].clone()
}

async fn what_nobody_picks_up_is_ended_and_frees_its_environment(on: Engine) {
    let world = World::on(on).await;
    let service = serve(&world, SOON, NEVER).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    for id in ["r1", "r2"] {
        client.start_deployment(ask(&world, id)).await.unwrap();
        let ended = feed.end_of(id).await;
        assert_eq!(ended.state(), RequestState::Failed);
        assert!(
            ended
                .failure
                .starts_with("Nobody picked it up within 200 ms. Most likely"),
            "{}",
            ended.failure
        );
        let on_github = newest(&mut client).await;
        assert_eq!(on_github.state(), v1::DeploymentState::Failed);
        let step = on_github.steps.last().unwrap();
        assert_eq!(step.state, "error");
        assert_eq!(
            step.description,
            "Nobody picked it up within 200 ms; ended by deploybot."
        );
    }
    service.stop().await;
    world.end().await;
}

async fn a_workflow_that_falls_silent_is_ended(on: Engine) {
    let world = World::on(on).await;
    let service = serve(&world, NEVER, SOON).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client.start_deployment(ask(&world, "r1")).await.unwrap();
    let runs = feed.until("r1", |state| state == RequestState::Running);
    let deployment = runs.await.deployment.unwrap().id;
    write_status(&world, deployment, "in_progress").await;
    let ended = feed.end_of("r1").await;
    assert!(
        ended
            .failure
            .starts_with("Its workflow said nothing for 200 ms. Most likely"),
        "{}",
        ended.failure
    );
    service.stop().await;
    world.end().await;
}

async fn a_lost_answer_to_the_end_ends_it_once(on: Engine) {
    for kind in [
        FaultKind::AfterCommit(502),
        FaultKind::DropAfterCommit,
        FaultKind::Status(503),
        FaultKind::Drop,
    ] {
        let world = World::on(on).await;
        world.fault(END, 1, kind.clone());
        let service = serve(&world, SOON, NEVER).await;
        let mut client = service.client().await;
        let mut feed = Watcher::new(&mut client, "test").await;
        client.start_deployment(ask(&world, "r1")).await.unwrap();
        let ended = feed.end_of("r1").await;
        assert!(ended.failure.starts_with("Nobody picked"), "{kind:?}");
        let errors = newest(&mut client).await.steps;
        let errors = errors.iter().filter(|step| step.state == "error").count();
        assert_eq!(errors, 1, "{kind:?}");
        service.stop().await;
        world.end().await;
    }
}

async fn what_github_does_not_let_us_end_is_told(on: Engine) {
    let world = World::on(on).await;
    world.fault(END, 1, FaultKind::Status(403));
    let service = serve(&world, SOON, NEVER).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client.start_deployment(ask(&world, "r1")).await.unwrap();
    let ended = feed.end_of("r1").await;
    assert!(
        ended
            .failure
            .contains("GitHub does not let deploybot end it."),
        "{}",
        ended.failure
    );
    service.stop().await;
    world.end().await;
}

async fn one_that_moves_is_left_alone(on: Engine) {
    let world = World::on(on).await;
    let service = serve(&world, NEVER, Duration::from_secs(2)).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client.start_deployment(ask(&world, "r1")).await.unwrap();
    let runs = feed.until("r1", |state| state == RequestState::Running);
    let deployment = runs.await.deployment.unwrap().id;
    // Longer than the limit altogether, and never still for so long.
    for _ in 0..6 {
        write_status(&world, deployment, "in_progress").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    write_status(&world, deployment, "success").await;
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

async fn one_that_someone_deletes_has_ended(on: Engine) {
    let world = World::on(on).await;
    let service = serve(&world, NEVER, NEVER).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client.start_deployment(ask(&world, "r1")).await.unwrap();
    let runs = feed.until("r1", |state| state == RequestState::Running);
    let deployment = runs.await.deployment.unwrap().id;
    let path = format!("deployments/{deployment}");
    let deleted = on_github(&world, "DELETE", &path, "").await;
    assert_eq!(deleted, StatusCode::NO_CONTENT);
    let ended = feed.end_of("r1").await;
    assert!(
        ended.failure.contains("someone deleted it"),
        "{}",
        ended.failure
    );
    service.stop().await;
    world.end().await;
}
