//! GitHub's line for new deployments, and many more requests in it than are
//! carried out side by side: each says so soon, none fails for it.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use deploy::{Clock, Config, Timing, store::Limits};
use deploy_proto::v1::{self, Reason, RequestState, WaitingReason};
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use simulators::control::FaultKind;

use crate::{
    service::{Client, Service, Watcher},
    world::{CREATE, Engine, FACTS, NEWEST, World, on_both},
};

on_both! {
    each_of_many_that_wait_in_line_says_so_and_none_fails,
    who_is_refused_need_not_stand_in_line_for_it,
    who_waits_is_told_so_while_github_is_slow,
}

/// More than are carried out side by side.
const MANY: usize = 1_050;
/// How many are asked for at once.
const AT_ONCE: usize = 32;
/// How many times as fast as the machine's the fast clock goes.
const FAST: u32 = 20;

/// One deployment an hour.
fn one() -> Limits {
    Limits {
        per_minute: NonZeroU32::MIN,
        per_hour: NonZeroU32::MIN,
    }
}

/// A clock that is so many minutes ahead.
fn ahead() -> (Clock, Arc<AtomicI64>) {
    let minutes = Arc::new(AtomicI64::new(0));
    let (set, now) = (Arc::clone(&minutes), Clock::system());
    let clock = Clock::new(move || {
        let minutes = set.load(Ordering::Relaxed);
        now.now() + SignedDuration::from_mins(minutes)
    });
    (clock, minutes)
}

/// A clock that goes so fast that a call, which takes its time by the machine's,
/// takes minutes of it.
fn fast() -> Clock {
    let (machine, start) = (Clock::system(), Clock::system().now());
    let speed = NonZeroU32::new(FAST).unwrap();
    let hurried = move || {
        let past = machine.now().duration_since(start);
        start + past * i32::try_from(FAST).unwrap()
    };
    Clock::faster(hurried, speed)
}

async fn ask(client: &Client, ask: v1::StartDeploymentRequest) {
    let mut client = client.clone();
    client.start_deployment(ask).await.unwrap();
}

/// A service that has made the one deployment of this hour.
async fn full(world: &World, clock: Clock) -> (Service, Client, Watcher) {
    const AGES: Duration = Duration::from_secs(3_600);
    let timing = Timing {
        clock,
        creations: one(),
        ..world.timing()
    };
    let config = Config {
        poll_interval: Duration::from_millis(400),
        pickup_timeout: AGES,
        silence_timeout: AGES,
        ..world.config()
    };
    let service = Service::start(config, timing).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    ask(&client, world.ask("first", NEWEST)).await;
    let first = feed.end_of("first").await;
    assert_eq!(first.state(), RequestState::Succeeded, "{first:?}");
    (service, client, feed)
}

async fn each_of_many_that_wait_in_line_says_so_and_none_fails(on: Engine) {
    let world = World::on(on).await;
    let (clock, minutes) = ahead();
    let (service, mut client, mut feed) = full(&world, clock).await;

    // Which tells that NEWEST may go out to staging.
    let status = v1::GetStatusRequest {
        repository: "people".to_owned(),
        limit: None,
    };
    client.get_status(status).await.unwrap();
    let asks = (0..MANY).map(|number| ask(&client, to_staging(&world, &format!("r{number}"))));
    let asking = futures::stream::iter(asks)
        .buffer_unordered(AT_ONCE)
        .count();
    let mut told = HashMap::new();
    let listening = async {
        while told.len() < MANY {
            listen(&mut feed, &mut told).await;
        }
    };
    tokio::join!(asking, listening);
    let mut places: Vec<_> = told.values().filter_map(|waiting| waiting.ahead).collect();
    places.sort_unstable();
    assert_eq!(places.len(), MANY);
    assert_eq!(places[0], 0, "{places:?}");
    assert!(*places.last().unwrap() > 1_000, "{places:?}");

    // Whoever was not told by now would be told nothing any more but that it is
    // too late; who comes now is told where it stands.
    minutes.store(11, Ordering::Relaxed);
    ask(&client, to_staging(&world, "last")).await;
    while !told.contains_key("last") {
        listen(&mut feed, &mut told).await;
    }
    // The last status speaks for all of them.
    assert_eq!((world.calls(FACTS), world.calls(CREATE)), (1, 1));
    drop((client, feed));
    service.stop().await;
    world.end().await;
}

async fn who_is_refused_need_not_stand_in_line_for_it(on: Engine) {
    let world = World::on(on).await;
    let (service, client, mut feed) = full(&world, Clock::system()).await;

    let unknown = v1::StartDeploymentRequest {
        commit: "0".repeat(40),
        ..to_staging(&world, "unknown")
    };
    let again = world.ask("again", NEWEST);
    for (asked, reason) in [
        (unknown, Reason::UnknownCommit),
        (again, Reason::AlreadyLive),
    ] {
        let id = asked.request_id.clone();
        ask(&client, asked).await;
        let refused = feed.end_of(&id).await;
        assert_eq!(refused.state(), RequestState::Refused);
        assert_eq!(refused.refusals[0].reason(), reason);
        assert!(refused.waiting.is_none());
        assert_eq!(feed.states(&id).len(), 2, "it never waited");
    }
    // They keep no place from others.
    ask(&client, to_staging(&world, "next")).await;
    let mut told = HashMap::new();
    while !told.contains_key("next") {
        listen(&mut feed, &mut told).await;
    }
    assert_eq!(told["next"].ahead, Some(0));
    assert_eq!(world.calls(CREATE), 1);
    drop((client, feed));
    service.stop().await;
    world.end().await;
}

/// GitHub would answer what is asked before the line within three minutes of the
/// clock. Nobody waits for that.
async fn who_waits_is_told_so_while_github_is_slow(on: Engine) {
    const SLOW: FaultKind = FaultKind::Latency { ms: 9_000 };
    const SOON: i64 = 60;
    let world = World::on(on).await;
    let clock = fast();
    let (service, client, mut feed) = full(&world, clock.clone()).await;

    world.fault(FACTS, 1, SLOW);
    let asked_at: Timestamp = clock.now();
    ask(&client, to_staging(&world, "next")).await;
    let mut told = HashMap::new();
    while !told.contains_key("next") {
        listen(&mut feed, &mut told).await;
    }
    let waited = clock.now().duration_since(asked_at).as_secs();
    assert!(waited < SOON, "it was told after {waited} s");
    assert_eq!(told["next"].ahead, Some(0));
    // GitHub was asked, and has not answered yet.
    world.has_faulted("it was looked at").await;
    assert_eq!((world.calls(FACTS), world.calls(CREATE)), (1, 1));
    drop((client, feed));
    service.stop().await;
    world.end().await;
}

/// Where nothing was deployed to yet.
fn to_staging(world: &World, id: &str) -> v1::StartDeploymentRequest {
    v1::StartDeploymentRequest {
        environment: "staging".to_owned(),
        ..world.ask(id, NEWEST)
    }
}

/// Takes note of what the next entry says.
async fn listen(feed: &mut Watcher, told: &mut HashMap<String, v1::Waiting>) {
    let request = feed.next().await;
    if request.request_id == "first" {
        return;
    }
    assert_eq!(request.state(), RequestState::Accepted, "{request:?}");
    if let Some(waiting) = request.waiting {
        assert_eq!(waiting.reason(), WaitingReason::CreateLimit);
        told.insert(request.request_id, waiting);
    }
}
