//! GitHub does not answer for longer than anyone waits: a request says so, goes
//! out when GitHub is back if the gate still lets it, or is withdrawn.

use deploy::Clock;
use deploy_proto::v1::{self, RequestState, WaitingReason};
use jiff::Timestamp;
use simulators::control::FaultKind;
use tonic::Code;

use crate::{
    service::{Client, Watcher, eventually},
    world::{CREATE, Engine, FACTS, GREEN, NEWEST, OLDEST, World, on_both},
};

on_both! {
    a_request_waits_for_github_and_goes_out_when_it_is_back,
    what_waits_is_told_with_the_status,
    a_limit_is_told_with_its_end,
    a_limit_that_goes_on_is_told_anew,
    a_limit_that_is_over_at_once_is_told_by_the_minute,
    a_request_that_waits_can_be_withdrawn_and_is_never_made,
    what_is_with_github_cannot_be_withdrawn,
    the_gate_is_asked_anew_when_github_is_back,
    what_was_asked_over_something_older_than_is_live_is_not_done_after_an_outage,
}

/// More than is asked for in any test here.
const ALWAYS: u32 = 1_000_000;

pub(crate) async fn cancel(client: &mut Client, id: &str) -> Result<v1::Request, tonic::Status> {
    let answer = client
        .cancel_deployment(v1::CancelDeploymentRequest {
            request_id: id.to_owned(),
            requester: Some(v1::Person {
                slack: "U2".to_owned(),
                name: "Joon".to_owned(),
                ..v1::Person::default()
            }),
        })
        .await?;
    Ok(answer.into_inner().request.unwrap())
}

/// Reads on until a request says why it waits: why.
pub(crate) async fn waiting(feed: &mut Watcher, id: &str) -> v1::Waiting {
    waits(feed, id).await.waiting.unwrap()
}

/// Reads on until a request says why it waits.
pub(crate) async fn waits(feed: &mut Watcher, id: &str) -> v1::Request {
    loop {
        let request = feed.next().await;
        if request.request_id == id && request.waiting.is_some() {
            return request;
        }
    }
}

async fn a_request_waits_for_github_and_goes_out_when_it_is_back(on: Engine) {
    let world = World::on(on).await;
    world.fault("*", ALWAYS, FaultKind::Drop);
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let waiting = waiting(&mut feed, "r1").await;
    assert_eq!(waiting.reason(), WaitingReason::GithubUnavailable);
    assert_eq!(waiting.until, None);
    world.github.control().clear_faults();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Succeeded, "{ended:?}");
    assert_eq!(ended.waiting, None);
    assert_eq!(world.deployments(&mut client, "people").await, 1);
    service.stop().await;
    world.end().await;
}

async fn what_waits_is_told_with_the_status(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let waiting_there = async || {
        let ask = v1::GetStatusRequest {
            repository: "people".to_owned(),
            limit: None,
        };
        let status = client.clone().get_status(ask).await.unwrap();
        let waiting = status.into_inner().waiting.into_iter();
        waiting.map(|one| one.request_id).collect::<Vec<_>>()
    };
    assert_eq!(waiting_there().await, [""; 0]);
    world.fault("*", ALWAYS, FaultKind::Drop);
    let ask = world.ask("r1", NEWEST);
    client.clone().start_deployment(ask).await.unwrap();
    waiting(&mut feed, "r1").await;
    assert_eq!(waiting_there().await, ["r1"]);
    world.github.control().clear_faults();
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    assert_eq!(waiting_there().await, [""; 0]);
    drop((client, feed));
    service.stop().await;
    world.end().await;
}

async fn a_limit_is_told_with_its_end(on: Engine) {
    let world = World::on(on).await;
    world.fault(CREATE, 1, FaultKind::RateLimit { seconds: 2 });
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let waiting = waiting(&mut feed, "r1").await;
    assert_eq!(waiting.reason(), WaitingReason::RateLimit);
    assert!(waiting.until.is_some());
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

async fn a_limit_that_goes_on_is_told_anew(on: Engine) {
    let world = World::on(on).await;
    let began = Clock::system().now().as_second();
    for seconds in [2, 3_600] {
        world.fault(FACTS, 1, FaultKind::RateLimit { seconds });
    }
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    loop {
        let waiting = waiting(&mut feed, "r1").await;
        assert_eq!(waiting.reason(), WaitingReason::RateLimit);
        if waiting.until.unwrap().seconds >= began + 3_600 {
            break;
        }
    }
    cancel(&mut client, "r1").await.unwrap();
    service.stop().await;
    world.end().await;
}

/// Which end is told is what people see of it, and that is its minute.
async fn a_limit_that_is_over_at_once_is_told_by_the_minute(on: Engine) {
    let world = World::on(on).await;
    world.fault(FACTS, 5, FaultKind::RateLimit { seconds: 1 });
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    feed.until("r1", |state| state == RequestState::Running)
        .await;
    // Accepted, the limit and at most one minute more, about to be made, running.
    assert!(feed.seen.len() <= 5, "{:?}", feed.seen);
    assert_eq!(world.calls(FACTS), 6);
    feed.end_of("r1").await;
    service.stop().await;
    world.end().await;
}

async fn a_request_that_waits_can_be_withdrawn_and_is_never_made(on: Engine) {
    let world = World::on(on).await;
    // The gate lets it pass and it holds its run slot; the creation is what
    // GitHub does not take.
    world.fault(CREATE, ALWAYS, FaultKind::RateLimit { seconds: 2 });
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let until = waiting(&mut feed, "r1").await.until.unwrap();
    let cancelled = cancel(&mut client, "r1").await.unwrap();
    assert_eq!(cancelled.state(), RequestState::Cancelled);
    assert_eq!(cancelled.cancelled_by.unwrap().name, "Joon");
    let told = feed.until("r1", |state| state == RequestState::Cancelled);
    assert_eq!(told.await.waiting, None);
    world.github.control().clear_faults();

    // The time has come at which it would have gone on.
    let until = Timestamp::new(until.seconds, until.nanos).unwrap();
    eventually("the limit is over", || async {
        (Clock::system().now() > until).then_some(())
    })
    .await;
    // Its environment is free, and what was withdrawn stays withdrawn, for as long
    // as two others take from the first question to their end.
    for (id, environment) in [("r2", "production"), ("r3", "staging")] {
        let ask = v1::StartDeploymentRequest {
            environment: environment.to_owned(),
            ..world.ask(id, NEWEST)
        };
        client.start_deployment(ask).await.unwrap();
        assert_eq!(feed.end_of(id).await.state(), RequestState::Succeeded);
    }
    assert_eq!(world.deployments(&mut client, "people").await, 2);
    assert_eq!((world.calls(FACTS), world.calls(CREATE)), (3, 3));
    let again = cancel(&mut client, "r1").await.unwrap();
    assert_eq!(again.state(), RequestState::Cancelled);
    service.stop().await;
    world.end().await;
}

async fn what_is_with_github_cannot_be_withdrawn(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    feed.end_of("r1").await;
    let late = cancel(&mut client, "r1").await.unwrap();
    assert_eq!(late.state(), RequestState::Succeeded);
    assert_eq!(late.cancelled_by, None);
    let unknown = cancel(&mut client, "r9").await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    service.stop().await;
    world.end().await;
}

async fn the_gate_is_asked_anew_when_github_is_back(on: Engine) {
    let world = World::on(on).await;
    world.fault(CREATE, 3, FaultKind::RateLimit { seconds: 1 });
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    waiting(&mut feed, "r1").await;
    world.fail_check("people", NEWEST);
    world.github.control().clear_faults();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Refused, "{ended:?}");
    assert_eq!(ended.refusals[0].reason(), v1::Reason::ChecksFailed);
    assert_eq!(world.deployments(&mut client, "people").await, 0);
    service.stop().await;
    world.end().await;
}

/// A button offered to bring back what was live before something else went live; it
/// is pressed while GitHub can't tell.
async fn what_was_asked_over_something_older_than_is_live_is_not_done_after_an_outage(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    for (id, position) in [("r1", OLDEST), ("r2", GREEN)] {
        client
            .start_deployment(world.ask(id, position))
            .await
            .unwrap();
        feed.end_of(id).await;
    }
    world.fault("*", ALWAYS, FaultKind::Drop);
    let over = |id: &str, environment: &str, live: String| v1::StartDeploymentRequest {
        environment: environment.to_owned(),
        expected_live: Some(live),
        ..world.ask(id, NEWEST)
    };
    let asked = [
        over("r3", "production", world.sha(OLDEST)[..7].to_owned()),
        over("r4", "prod", String::new()),
        over("r5", "staging", String::new()),
    ];
    for ask in asked {
        let id = ask.request_id.clone();
        client.start_deployment(ask).await.unwrap();
        waiting(&mut feed, &id).await;
    }
    world.github.control().clear_faults();
    for id in ["r3", "r4"] {
        let ended = feed.end_of(id).await;
        assert_eq!(ended.state(), RequestState::Refused, "{ended:?}");
        let [refusal] = &*ended.refusals else {
            panic!("{ended:?}")
        };
        assert_eq!(refusal.reason(), v1::Reason::LiveChanged);
        let live = refusal.deployment.as_ref().unwrap();
        assert_eq!(live.commit.as_ref().unwrap().sha, world.sha(GREEN));
    }
    // Nothing is live there, as was told.
    assert_eq!(feed.end_of("r5").await.state(), RequestState::Succeeded);
    // What is live by now is what was told.
    let known = over("r6", "production", world.sha(GREEN));
    client.start_deployment(known).await.unwrap();
    assert_eq!(feed.end_of("r6").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn what_may_have_begun_says_so_and_cannot_be_withdrawn() {
    let world = World::new().await;
    world.fault(CREATE, 1, FaultKind::DropAfterCommit);
    let list = "GET /api/v3/repos/{owner}/{repo}/deployments";
    world.fault(list, ALWAYS, FaultKind::Drop);
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let waiting = waiting(&mut feed, "r1").await;
    assert_eq!(waiting.reason(), WaitingReason::AnswerLost);
    let asked = cancel(&mut client, "r1").await.unwrap();
    assert_eq!(asked.state(), RequestState::Creating);
    world.github.control().clear_faults();
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    assert_eq!(world.deployments(&mut client, "people").await, 1);
    assert_eq!(world.calls(CREATE), 1);
    service.stop().await;
    world.end().await;
}
