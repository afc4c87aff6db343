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
};
use deploy_proto::v1::RequestState;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulators::control::FaultKind;

use crate::{
    between::{Between, Fate, Query},
    service::{Service, Watcher, eventually},
    world::{CREATE, Engine, FACTS, NEWEST, World, on_both},
};

on_both! {
    what_github_never_makes_ends_with_a_sentence,
    what_was_made_is_found_although_it_shows_late,
    what_was_asked_for_hours_ago_is_not_deployed_by_surprise,
    what_was_made_hours_ago_is_found_and_followed,
    what_was_not_made_hours_ago_is_not_made_now,
}

/// Long enough that a test never sees its end.
const AGES: Duration = Duration::from_secs(3_600);

/// A clock on which ever more time goes by whenever someone looks at it: ten
/// minutes in the first forty looks, twelve hours in four times as many; until
/// it is told to stand still.
fn hasty_clock() -> (Clock, Arc<AtomicBool>) {
    let start = Clock::system().now();
    let looks = AtomicI64::new(0);
    let stands = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stands);
    let clock = Clock::new(move || {
        let step = i64::from(!told.load(Ordering::Relaxed));
        let looks = looks.fetch_add(step, Ordering::Relaxed);
        start + SignedDuration::from_secs(looks.pow(3) / 100)
    });
    (clock, stands)
}

/// A clock that is three hours ahead.
fn three_hours_later() -> Clock {
    let now = Clock::system();
    Clock::new(move || now.now() + SignedDuration::from_hours(3))
}

async fn what_github_never_makes_ends_with_a_sentence(on: Engine) {
    let world = World::on(on).await;
    world.fault(CREATE, u32::MAX, FaultKind::Status(502));
    let (clock, stands) = hasty_clock();
    let timing = Timing {
        clock,
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
    insta::allow_duplicates! {
    insta::assert_snapshot!(
            ended.failure,
            @"GitHub does not answer now. A request waits for at most 12 hours: ask again later."
        );
    }
    assert!(ended.deployment.is_none());
    assert!(world.calls(CREATE) > 1, "it was tried again");
    assert_eq!(world.deployments(&mut client, "people").await, 0);
    // Its slot is free again.
    stands.store(true, Ordering::Relaxed);
    world.github.control().clear_faults();
    client
        .start_deployment(world.ask("r2", NEWEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r2").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

async fn what_was_made_is_found_although_it_shows_late(on: Engine) {
    let world = World::on(on).await;
    world.fault(CREATE, 1, FaultKind::AfterCommit(502));
    let looks = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&looks);
    let between = Between::new(&world, move |query| {
        if is_look(query) && counted.fetch_add(1, Ordering::Relaxed) < 3 {
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

/// Whether it looks for a deployment whose creation was not answered.
fn is_look(query: &Query) -> bool {
    query.operation.starts_with("GET ") && query.operation.ends_with("/people/deployments")
}

fn shows_none(answer: &mut serde_json::Value) {
    *answer = json!([]);
}

async fn what_was_asked_for_hours_ago_is_not_deployed_by_surprise(on: Engine) {
    let world = World::on(on).await;
    let accepted_at: Timestamp = "2026-11-02T09:05:00Z".parse().unwrap();
    let store = world.journal().await;
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
    insta::allow_duplicates! {
    insta::assert_snapshot!(
            ended.failure,
            @"It was asked for on 2 November at 09:05 UTC, and deploy was down or stuck since then. Ask again if it is still wanted."
        );
    }
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
        expected_live: None,
    }
}

/// Asks for a deployment under a fault of its creation, kills the service
/// while it looks, and tells how the request ends three hours later.
async fn ended_hours_later(world: &World, fault: FaultKind) -> (RequestState, String) {
    world.fault(CREATE, 1, fault);
    let looked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&looked);
    let between = Between::new(world, move |query| {
        if is_look(query) {
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

async fn what_was_made_hours_ago_is_found_and_followed(on: Engine) {
    let world = World::on(on).await;
    let (state, failure) = ended_hours_later(&world, FaultKind::AfterCommit(502)).await;
    assert_eq!(state, RequestState::Succeeded, "{failure}");
    world.end().await;
}

async fn what_was_not_made_hours_ago_is_not_made_now(on: Engine) {
    let world = World::on(on).await;
    let (state, failure) = ended_hours_later(&world, FaultKind::Status(502)).await;
    assert_eq!(state, RequestState::Failed);
    assert!(
        failure
            .ends_with("and deploy was down or stuck since then. Ask again if it is still wanted."),
        "{failure}"
    );
    world.end().await;
}
