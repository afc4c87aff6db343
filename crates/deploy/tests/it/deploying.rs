//! Deploys from asked to ended, over the whole path.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use deploy::{Clock, Timing};
use deploy_proto::v1::{self, Reason, RequestState};
use jiff::SignedDuration;
use simulators::control::FaultKind;
use tokio::time::timeout;
use tonic::Code;

use crate::{
    between::{Between, Fate, Hold},
    service::{PATIENCE, Service, Watcher},
    world::{CREATE, Engine, FACTS, FAILS, GREEN, NEWEST, OLDEST, RED, World, on_both},
};

on_both! {
    a_deploy_goes_from_accepted_to_succeeded,
    a_deployment_that_fails_says_why,
    what_failed_to_deploy_may_be_deployed_again,
    what_the_gate_refuses_is_never_created,
    a_repeated_request_is_the_same_request,
    of_two_requests_for_one_environment_one_runs,
    who_was_first_is_told_before_there_is_a_deployment,
    an_environment_that_runs_the_commit_is_not_deployed_again,
    facts_that_another_deployment_made_stale_are_read_again,
    going_back_is_a_rollback,
}

async fn a_deploy_goes_from_accepted_to_succeeded(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;

    let started = client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let request = started.into_inner().request.unwrap();
    assert_eq!(request.state(), RequestState::Accepted);
    assert_eq!(request.repository, "acme/people");

    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Succeeded, "{ended:?}");
    assert_eq!(ended.commit.unwrap().headline, "Add Minji to the team page");
    let deployment = ended.deployment.unwrap();
    assert_eq!(deployment.request_id, "r1");
    assert_eq!(deployment.requester.unwrap().name, "Minji");
    assert!(!deployment.steps.is_empty());
    assert!(deployment.duration.is_some());
    let states = feed.states("r1");
    assert_eq!(states.last(), Some(&RequestState::Succeeded));
    assert!(states.is_sorted(), "{states:?}");
    assert!(feed.seen.is_sorted_by_key(|(cursor, ..)| *cursor));

    assert_eq!((world.calls(FACTS), world.calls(CREATE)), (1, 1));
    service.stop().await;
    world.end().await;
}

async fn a_deployment_that_fails_says_why(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", FAILS))
        .await
        .unwrap();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Failed);
    assert_eq!(ended.failure, "ImagePullBackOff in 3 of 3 pods");
    // Its slot is free again.
    client
        .start_deployment(world.ask("r2", NEWEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r2").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

/// GitHub shows the workflow that failed among the checks of the commit.
async fn what_failed_to_deploy_may_be_deployed_again(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let mut checks = Vec::new();
    for id in ["r1", "r2"] {
        client.start_deployment(world.ask(id, FAILS)).await.unwrap();
        let ended = feed.end_of(id).await;
        assert_eq!(ended.state(), RequestState::Failed, "{:?}", ended.refusals);
        checks.push(ended.checks.unwrap());
    }
    assert_eq!(checks[0].state(), v1::ChecksState::Success);
    assert_eq!(checks[0], checks[1], "the deployment is none of its checks");
    assert_eq!(world.calls(CREATE), 2);
    service.stop().await;
    world.end().await;
}

async fn what_the_gate_refuses_is_never_created(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let commit = world.sha(RED);
    let asks = [
        (
            "people",
            "production",
            commit.as_str(),
            Reason::ChecksFailed,
        ),
        ("poeple", "production", &commit, Reason::UnknownRepository),
        ("people", "prodution", &commit, Reason::UnknownEnvironment),
        ("people", "production", "deadbeef", Reason::UnknownCommit),
    ];
    let mut candidates = Vec::new();
    for (repository, environment, commit, reason) in asks {
        let id = reason.as_str_name();
        let ask = v1::StartDeploymentRequest {
            repository: repository.to_owned(),
            environment: environment.to_owned(),
            commit: commit.to_owned(),
            ..world.ask(id, RED)
        };
        client.start_deployment(ask).await.unwrap();
        let ended = feed.end_of(id).await;
        assert_eq!(ended.state(), RequestState::Refused);
        let refusal = ended
            .refusals
            .iter()
            .find(|refusal| refusal.reason() == reason);
        let refusal = refusal.unwrap_or_else(|| panic!("{id}: {:?}", ended.refusals));
        candidates.push(refusal.candidates.join(" "));
    }
    assert_eq!(candidates, ["lint", "people", "production staging", ""]);
    assert_eq!(world.calls(CREATE), 0);
    service.stop().await;
    world.end().await;
}

async fn a_repeated_request_is_the_same_request(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    for _ in 0..3 {
        client
            .start_deployment(world.ask("r1", NEWEST))
            .await
            .unwrap();
    }
    feed.end_of("r1").await;
    let again = client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let again = again.into_inner().request.unwrap();
    assert_eq!(again.state(), RequestState::Succeeded);
    assert_eq!(world.calls(CREATE), 1);

    let other = client
        .start_deployment(world.ask("r1", GREEN))
        .await
        .unwrap_err();
    assert_eq!(other.code(), Code::InvalidArgument);
    assert!(
        other.message().contains("another request needs another id"),
        "{other}"
    );
    assert_eq!(world.calls(CREATE), 1);
    service.stop().await;
    world.end().await;
}

async fn of_two_requests_for_one_environment_one_runs(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let mut asks = Vec::new();
    for (id, position) in [("r1", NEWEST), ("r2", OLDEST), ("r3", GREEN)] {
        let mut ask = world.ask(id, position);
        "api".clone_into(&mut ask.repository);
        asks.push(ask);
    }
    let starts = asks.into_iter().map(|ask| {
        let mut client = client.clone();
        async move { client.start_deployment(ask).await.unwrap() }
    });
    futures::future::join_all(starts).await;
    let mut refused = Vec::new();
    let mut running = 0;
    while refused.len() < 2 || running < 1 {
        let request = feed.next().await;
        let id = request.request_id.clone();
        match request.state() {
            RequestState::Refused if !refused.contains(&id) => {
                assert_eq!(request.refusals[0].reason(), Reason::AlreadyRunning);
                refused.push(id);
            }
            RequestState::Running => running = 1,
            _ => {}
        }
    }
    assert_eq!(world.calls(CREATE), 1);
    assert_eq!(world.deployments(&mut client, "api").await, 1);
    service.stop().await;
    world.end().await;
}

async fn who_was_first_is_told_before_there_is_a_deployment(on: Engine) {
    let world = World::on(on).await;
    world.fault(CREATE, 1, FaultKind::Latency { ms: 3_000 });
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    feed.until("r1", |state| state == RequestState::Creating)
        .await;
    client
        .start_deployment(world.ask("r2", GREEN))
        .await
        .unwrap();
    let refused = feed.end_of("r2").await.refusals.remove(0);
    let preview = v1::PreviewDeploymentRequest {
        repository: "people".to_owned(),
        environment: "production".to_owned(),
        commit: world.sha(GREEN),
        requester: None,
        expected_live: None,
    };
    let preview = client.preview_deployment(preview).await.unwrap();
    assert_eq!(
        preview.into_inner().refusals,
        std::slice::from_ref(&refused)
    );
    assert_eq!(refused.reason(), Reason::AlreadyRunning);
    let short = &world.sha(NEWEST)[..7];
    assert_eq!(
        refused.detail,
        format!("Minji asked for {short} just before")
    );
    assert_eq!(refused.requester.unwrap().slack, "U1");
    assert_eq!(refused.commit.unwrap().sha, world.sha(NEWEST));
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

async fn an_environment_that_runs_the_commit_is_not_deployed_again(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    feed.end_of("r1").await;
    client
        .start_deployment(world.ask("r2", NEWEST))
        .await
        .unwrap();
    let ended = feed.end_of("r2").await;
    assert_eq!(ended.refusals[0].reason(), Reason::AlreadyLive);
    assert_eq!(
        ended.refusals[0].deployment.as_ref().unwrap().request_id,
        "r1"
    );
    service.stop().await;
    world.end().await;
}

/// The other was accepted by a process whose clock is behind: it comes later and
/// goes first.
async fn facts_that_another_deployment_made_stale_are_read_again(on: Engine) {
    let world = World::on(on).await;
    let (set, now) = (Arc::new(AtomicI64::new(0)), Clock::system());
    let behind = Arc::clone(&set);
    let clock = Clock::new(move || {
        let behind = behind.load(Ordering::Relaxed);
        now.now() - SignedDuration::from_secs(behind)
    });
    let timing = Timing {
        clock,
        ..world.timing()
    };
    let (hold, is_first) = (Hold::default(), AtomicBool::new(true));
    let holds = hold.clone();
    let between = Between::new(&world, move |query| {
        if query.operation == "Facts" && is_first.swap(false, Ordering::Relaxed) {
            Fate::Waits(holds.clone())
        } else {
            Fate::Passes
        }
    })
    .await;
    let service = Service::start(between.config(&world), timing).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    timeout(PATIENCE, hold.answered.cancelled()).await.unwrap();
    set.store(10, Ordering::Relaxed);
    // While the first waits for its facts, the second goes out and ends.
    client
        .start_deployment(world.ask("r2", NEWEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r2").await.state(), RequestState::Succeeded);
    hold.released.cancel();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Refused, "{ended:?}");
    assert_eq!(ended.refusals[0].reason(), Reason::AlreadyLive);
    assert_eq!((world.calls(FACTS), world.calls(CREATE)), (3, 1));
    service.stop().await;
    world.end().await;
}

async fn going_back_is_a_rollback(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    for (id, position) in [("r1", NEWEST), ("r2", GREEN)] {
        client
            .start_deployment(world.ask(id, position))
            .await
            .unwrap();
        assert_eq!(feed.end_of(id).await.state(), RequestState::Succeeded);
    }
    let ask = v1::ListHistoryRequest {
        repository: "people".to_owned(),
        environment: Some("prod".to_owned()),
        page_size: None,
    };
    let history = client.list_history(ask).await.unwrap().into_inner();
    let kinds = |deployment: &v1::Deployment| (deployment.kind(), deployment.live);
    let kinds: Vec<_> = history.environments[0]
        .deployments
        .iter()
        .map(kinds)
        .collect();
    let (deploy, rollback) = (v1::DeploymentKind::Deploy, v1::DeploymentKind::Rollback);
    assert_eq!(kinds, [(rollback, true), (deploy, false)]);
    service.stop().await;
    world.end().await;
}
