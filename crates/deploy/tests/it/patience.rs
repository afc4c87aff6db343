//! How long is tried and looked: what GitHub never makes ends, what it made is
//! found however late, and nothing is deployed hours later by surprise.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use deploy::{
    Clock, Timing,
    model::{NewRequest, Person, ReplyAddress, RepositoryName},
    store::Store,
};
use deploy_proto::v1::RequestState;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulators::control::FaultKind;

use crate::{
    between::{Between, Fate},
    service::{Service, Watcher, eventually},
    world::{CREATE, FACTS, NEWEST, World},
};

/// Long enough that a test never sees its end.
const AGES: Duration = Duration::from_secs(3_600);

/// A clock on which 10 seconds go by whenever someone looks at it.
fn hasty_clock() -> Clock {
    let start = Clock::system().now();
    let seconds = AtomicI64::new(0);
    Clock::new(move || {
        let seconds = seconds.fetch_add(10, Ordering::Relaxed);
        start + SignedDuration::from_secs(seconds)
    })
}

/// A clock that is three hours ahead.
fn three_hours_later() -> Clock {
    let now = Clock::system();
    Clock::new(move || now.now() + SignedDuration::from_hours(3))
}

#[tokio::test]
async fn what_github_never_makes_ends_with_a_sentence() {
    let world = World::new().await;
    world.fault(CREATE, u32::MAX, FaultKind::Status(502));
    let timing = Timing {
        clock: hasty_clock(),
        ..world.timing()
    };
    let service = Service::start(world.config(), timing).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Failed);
    insta::assert_snapshot!(
        ended.failure,
        @"GitHub does not answer now. A request waits for at most 10 minutes: ask again later."
    );
    assert!(ended.deployment.is_none());
    assert!(world.calls(CREATE) > 1, "it was tried again");
    assert_eq!(world.deployments(&mut client, "people").await, 0);
    // Its slot is free again.
    world.github.control().clear_faults();
    client
        .start_deployment(world.ask("r2", NEWEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r2").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn what_was_made_is_found_although_it_shows_late() {
    let world = World::new().await;
    world.fault(CREATE, 1, FaultKind::AfterCommit(502));
    let looks = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&looks);
    let between = Between::new(&world, move |query| {
        let is_look = query.operation == "Deployments";
        if is_look && counted.fetch_add(1, Ordering::Relaxed) < 3 {
            Fate::Changes(Box::new(shows_none))
        } else {
            Fate::Passes
        }
    })
    .await;
    let service = world.serve_with(between.config(&world)).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Succeeded, "{ended:?}");
    assert_eq!(world.calls(CREATE), 1);
    assert_eq!(world.deployments(&mut client, "people").await, 1);
    assert_eq!(looks.load(Ordering::Relaxed), 4);
    service.stop().await;
    world.end().await;
}

fn shows_none(answer: &mut serde_json::Value) {
    answer["data"]["repository"]["deployments"]["nodes"] = json!([]);
}

#[tokio::test]
async fn what_was_asked_for_hours_ago_is_not_deployed_by_surprise() {
    let world = World::new().await;
    let accepted_at: Timestamp = "2026-11-02T09:05:00Z".parse().unwrap();
    let store = Store::open(&world.database(), Duration::ZERO)
        .await
        .unwrap();
    store.accept(&asked(&world), accepted_at).await.unwrap();
    store.close().await;

    let timing = Timing {
        clock: Clock::new(move || accepted_at + SignedDuration::from_mins(11)),
        ..world.timing()
    };
    let service = Service::start(world.config(), timing).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Failed);
    insta::assert_snapshot!(
        ended.failure,
        @"It was asked for on 2 November at 09:05 UTC, and deploy was down or stuck since then. Ask again if it is still wanted."
    );
    assert_eq!(ended.commit.unwrap().sha, world.sha(NEWEST));
    assert_eq!((world.calls(FACTS), world.calls(CREATE)), (0, 0));
    service.stop().await;
    world.end().await;
}

fn asked(world: &World) -> NewRequest {
    NewRequest {
        id: "r1".parse().unwrap(),
        repository: RepositoryName::parse("acme/people", None).unwrap(),
        environment: "production".parse().unwrap(),
        commit: world.sha(NEWEST).parse().unwrap(),
        kind: deploy::model::Kind::Deploy,
        requester: Person::default(),
        reply: ReplyAddress::default(),
    }
}

/// Asks for a deployment under a fault of its creation, kills the service
/// while it looks, and tells how the request ends three hours later.
async fn ended_hours_later(world: &World, fault: FaultKind) -> (RequestState, String) {
    world.fault(CREATE, 1, fault);
    let looked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&looked);
    let between = Between::new(world, move |query| {
        if query.operation == "Deployments" {
            seen.store(true, Ordering::Relaxed);
            Fate::Changes(Box::new(shows_none))
        } else {
            Fate::Passes
        }
    })
    .await;
    let timing = Timing {
        retry: AGES,
        ..world.timing()
    };
    let service = Service::start(between.config(world), timing).await;
    let mut client = service.client().await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    eventually("it looks", || async {
        looked.load(Ordering::Relaxed).then_some(())
    })
    .await;
    drop(client);
    service.kill().await;

    let timing = Timing {
        clock: three_hours_later(),
        ..world.timing()
    };
    let service = Service::start(world.config(), timing).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let ended = feed.end_of("r1").await;
    assert_eq!(world.calls(CREATE), 1);
    service.stop().await;
    (ended.state(), ended.failure)
}

#[tokio::test]
async fn what_was_made_hours_ago_is_found_and_followed() {
    let world = World::new().await;
    let (state, failure) = ended_hours_later(&world, FaultKind::AfterCommit(502)).await;
    assert_eq!(state, RequestState::Succeeded, "{failure}");
    world.end().await;
}

#[tokio::test]
async fn what_was_not_made_hours_ago_is_not_made_now() {
    let world = World::new().await;
    let (state, failure) = ended_hours_later(&world, FaultKind::Status(502)).await;
    assert_eq!(state, RequestState::Failed);
    assert!(
        failure
            .ends_with("and deploy was down or stuck since then. Ask again if it is still wanted."),
        "{failure}"
    );
    world.end().await;
}
