//! What is lost on the way: answers, processes, GitHub itself. There is one
//! deployment for each accepted request all the same.

use deploy::github::Credentials;
use deploy_proto::v1::{Reason, RequestState};
use http::StatusCode;
use secrecy::SecretString;
use simulators::control::FaultKind;
use tokio::time::sleep;

use crate::{
    service::Watcher,
    world::{CREATE, Engine, FACTS, NEWEST, World, on_both, on_github, write_status},
};

on_both! {
    an_answer_lost_after_the_deployment_was_made_makes_no_second,
    an_answer_lost_before_it_was_made_is_tried_again,
    a_rate_limit_is_waited_for,
    what_github_refuses_to_create_is_refused,
    a_github_that_is_down_is_waited_for,
    following_goes_on_when_github_is_back,
    a_token_that_is_not_accepted_is_told_to_the_requester,
    a_service_killed_while_it_creates_goes_on_where_it_was,
    a_service_started_anew_follows_what_runs_to_its_end,
    a_deployment_made_inactive_before_it_succeeded_was_cancelled,
    a_deployment_that_vanished_has_failed,
    without_anything_running_github_is_not_asked,
}

/// Deploys once under a fault of the creation, and tells how often it was asked
/// for; there is one deployment in the end.
async fn created_under(on: Engine, kind: FaultKind) -> u64 {
    let world = World::on(on).await;
    world.fault(CREATE, 1, kind);
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Succeeded, "{ended:?}");
    assert_eq!(world.deployments(&mut client, "people").await, 1);
    let asked = world.calls(CREATE);
    service.stop().await;
    world.end().await;
    asked
}

async fn an_answer_lost_after_the_deployment_was_made_makes_no_second(on: Engine) {
    assert_eq!(created_under(on, FaultKind::AfterCommit(502)).await, 1);
    assert_eq!(created_under(on, FaultKind::DropAfterCommit).await, 1);
}

async fn an_answer_lost_before_it_was_made_is_tried_again(on: Engine) {
    assert_eq!(created_under(on, FaultKind::Status(502)).await, 2);
    assert_eq!(created_under(on, FaultKind::Drop).await, 2);
}

async fn a_rate_limit_is_waited_for(on: Engine) {
    assert_eq!(
        created_under(on, FaultKind::RateLimit { seconds: 1 }).await,
        2
    );
}

async fn what_github_refuses_to_create_is_refused(on: Engine) {
    let world = World::on(on).await;
    world.fault(CREATE, 1, FaultKind::Status(422));
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.refusals[0].reason(), Reason::GithubRefused);
    assert!(!ended.refusals[0].detail.is_empty());
    service.stop().await;
    world.end().await;
}

async fn a_github_that_is_down_is_waited_for(on: Engine) {
    let world = World::on(on).await;
    world.fault(FACTS, 7, FaultKind::Status(503));
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

async fn following_goes_on_when_github_is_back(on: Engine) {
    let world = World::on(on).await;
    world.fault("POST /api/graphql Follow", 5, FaultKind::Status(502));
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

async fn a_token_that_is_not_accepted_is_told_to_the_requester(on: Engine) {
    let world = World::on(on).await;
    let mut config = world.config();
    config.github_credentials = Credentials::Token(SecretString::from("ghp_another"));
    let service = world.serve_with(config).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Failed);
    insta::allow_duplicates! {
    insta::assert_snapshot!(
            ended.failure,
            @"GitHub does not accept deploybot's token: whoever runs deploybot has to renew it."
        );
    }
    service.stop().await;
    world.end().await;
}

async fn a_service_killed_while_it_creates_goes_on_where_it_was(on: Engine) {
    let world = World::on(on).await;
    world.fault(CREATE, 1, FaultKind::Latency { ms: 200 });
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    feed.until("r1", |state| state == RequestState::Creating)
        .await;
    drop((client, feed));
    service.kill().await;

    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    assert_eq!(world.deployments(&mut client, "people").await, 1);
    // The fault was either taken by the first or by the second attempt.
    world.github.control().clear_faults();
    service.stop().await;
    world.end().await;
}

async fn a_service_started_anew_follows_what_runs_to_its_end(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let mut ask = world.ask("r1", NEWEST);
    "api".clone_into(&mut ask.repository);
    client.start_deployment(ask).await.unwrap();
    let running = feed
        .until("r1", |state| state == RequestState::Running)
        .await;
    let number = running.deployment.unwrap().id;
    drop(feed);
    service.stop().await;

    write_status(&world, number, "success").await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    assert_eq!(world.calls(CREATE), 1);
    service.stop().await;
    world.end().await;
}

async fn a_deployment_made_inactive_before_it_succeeded_was_cancelled(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let mut ask = world.ask("r1", NEWEST);
    "api".clone_into(&mut ask.repository);
    client.start_deployment(ask).await.unwrap();
    let running = feed
        .until("r1", |state| state == RequestState::Running)
        .await;
    write_status(&world, running.deployment.unwrap().id, "inactive").await;
    let ended = feed.end_of("r1").await;
    insta::allow_duplicates! {
    insta::assert_snapshot!(
            ended.failure,
            @"It was cancelled: it became inactive before it succeeded."
        );
    }
    service.stop().await;
    world.end().await;
}

async fn a_deployment_that_vanished_has_failed(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let mut ask = world.ask("r1", NEWEST);
    "api".clone_into(&mut ask.repository);
    client.start_deployment(ask).await.unwrap();
    let running = feed
        .until("r1", |state| state == RequestState::Running)
        .await;
    let number = running.deployment.unwrap().id;
    let status = on_github(&world, "DELETE", &format!("deployments/{number}"), "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Failed);
    insta::allow_duplicates! {
    insta::assert_snapshot!(
            ended.failure,
            @"The deployment is not on GitHub any more: someone deleted it."
        );
    }
    service.stop().await;
    world.end().await;
}

async fn without_anything_running_github_is_not_asked(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    feed.end_of("r1").await;
    // Nothing is to happen, so there is nothing to wait for but some rounds.
    let before = world.github.control().log();
    sleep(world.config().poll_interval * 15).await;
    assert_eq!(world.github.control().log(), before);
    service.stop().await;
    world.end().await;
}
