//! Two services on one Postgres: each request is carried out by one of them,
//! and by the other when that one dies; what one hears or journals, both know.

use std::{collections::BTreeMap, time::Duration};

use deploy::{Clock, Config, Timing};
use deploy_proto::v1::{self, RequestState};
use jiff::SignedDuration;
use secrecy::SecretString;
use simulators::{control::FaultKind, github::Webhook};

use crate::{
    service::{Service, Watcher, eventually},
    webhooks_world::SECRET,
    world::{CREATE, Engine, NEWEST, World, ask_github},
};

/// A repository with so many environments that no request is in another's way.
const FLEET: &str = "fleet";
const REQUESTS: usize = 50;

fn ask(world: &World, number: usize) -> v1::StartDeploymentRequest {
    v1::StartDeploymentRequest {
        repository: FLEET.to_owned(),
        environment: format!("region-{number}"),
        ..world.ask(&format!("r{number}"), NEWEST)
    }
}

/// One dies without giving anything back while it asks GitHub for deployments.
#[tokio::test]
async fn when_one_of_two_dies_the_other_goes_on_and_nothing_is_done_twice() {
    let world = World::on(Engine::Postgres).await;
    world.add_fleet(FLEET, REQUESTS);
    // So that some are on their way whenever it dies.
    world.fault(CREATE, u32::MAX, FaultKind::Late { ms: 200 });
    let (dies, lives) = (world.serve().await, world.serve().await);
    let mut clients = [dies.client().await, lives.client().await];
    let mut feed = Watcher::new(&mut clients[1], "test").await;
    for number in 0..REQUESTS {
        let client = &mut clients[number % 2];
        client.start_deployment(ask(&world, number)).await.unwrap();
    }
    eventually("it is in the middle", || async {
        (world.calls(CREATE) >= 10).then_some(())
    })
    .await;
    let [client, _lives] = clients;
    drop(client);
    dies.kill().await;

    let mut open: Vec<String> = (0..REQUESTS).map(|number| format!("r{number}")).collect();
    while !open.is_empty() {
        let request = feed.next().await;
        if request.state() == RequestState::Succeeded {
            open.retain(|id| *id != request.request_id);
        }
    }
    assert!(
        feed.seen.is_sorted_by(|one, next| one.0 < next.0),
        "{:?}",
        feed.seen
    );
    for number in 0..REQUESTS {
        let states = feed.states(&format!("r{number}"));
        assert!(states.is_sorted(), "{states:?}");
    }
    assert_eq!(made(&world).await, vec![1; REQUESTS]);
    world.github.control().clear_faults();
    drop((feed, _lives));
    lives.stop().await;
    world.end().await;
}

/// What the other has just accepted is not from long ago.
#[tokio::test]
async fn with_one_whose_clock_is_fast_nothing_is_lost() {
    with_one_whose_clock_is_wrong_by(15).await;
}

/// What the other has just accepted is not yet to come.
#[tokio::test]
async fn with_one_whose_clock_is_slow_nothing_is_lost() {
    with_one_whose_clock_is_wrong_by(-10).await;
}

/// Both go by the database's clock, and each request has one deployment.
async fn with_one_whose_clock_is_wrong_by(minutes: i64) {
    let world = World::on(Engine::Postgres).await;
    world.add_fleet(FLEET, REQUESTS);
    let real = Clock::system();
    let wrong = Clock::new(move || real.now() + SignedDuration::from_mins(minutes));
    let timing = Timing {
        clock: wrong.set_by_the_journal(),
        ..world.timing()
    };
    let right = world.serve().await;
    let wrong = Service::start(world.config(), timing).await;
    let mut clients = [right.client().await, wrong.client().await];
    let mut feed = Watcher::new(&mut clients[0], "test").await;
    let begun = Clock::system().now();
    for number in 0..REQUESTS {
        let client = &mut clients[number % 2];
        client.start_deployment(ask(&world, number)).await.unwrap();
    }
    let mut open: Vec<String> = (0..REQUESTS).map(|number| format!("r{number}")).collect();
    while !open.is_empty() {
        let request = feed.next().await;
        assert_ne!(request.state(), RequestState::Failed, "{}", request.failure);
        let accepted_at = request.accepted_at.unwrap().seconds;
        let late = accepted_at - begun.as_second();
        assert!((-2..120).contains(&late), "accepted {late} s after its ask");
        if request.state() == RequestState::Succeeded {
            open.retain(|id| *id != request.request_id);
        }
    }
    assert_eq!(made(&world).await, vec![1; REQUESTS]);
    drop((clients, feed));
    right.stop().await;
    wrong.stop().await;
    world.end().await;
}

/// How many deployments GitHub has of each request.
async fn made(world: &World) -> Vec<usize> {
    let path = "deployments?per_page=100";
    let (_, listed) = ask_github(world, "GET", FLEET, path, "").await;
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for deployment in listed.as_array().unwrap() {
        let id = deployment["payload"]["request_id"].as_str().unwrap();
        *made.entry(id.to_owned()).or_default() += 1;
    }
    made.into_values().collect()
}

/// Both subscribe to the same feed, whichever they ask: all entries, in order.
#[tokio::test]
async fn both_tell_the_same_feed() {
    let world = World::on(Engine::Postgres).await;
    world.add_fleet(FLEET, 10);
    let (one, other) = (world.serve().await, world.serve().await);
    let mut clients = [one.client().await, other.client().await];
    let mut feeds = Vec::new();
    for (client, subscriber) in clients.iter_mut().zip(["one", "other"]) {
        feeds.push(Watcher::new(client, subscriber).await);
    }
    for number in 0..10 {
        let client = &mut clients[number % 2];
        client.start_deployment(ask(&world, number)).await.unwrap();
    }
    for feed in &mut feeds {
        let mut open = 10;
        while open > 0 {
            let before = feed.seen.len();
            let request = feed.next().await;
            let id = &request.request_id;
            let had_ended = feed.seen[..before]
                .iter()
                .any(|(_, seen, state)| seen == id && *state == RequestState::Succeeded);
            let has_ended = request.state() == RequestState::Succeeded;
            open -= usize::from(has_ended && !had_ended);
        }
    }
    let cursors = |feed: &Watcher| -> Vec<i64> { feed.seen.iter().map(|one| one.0).collect() };
    let (one_saw, other_saw) = (cursors(&feeds[0]), cursors(&feeds[1]));
    let common = one_saw.len().min(other_saw.len());
    assert_eq!(one_saw[..common], other_saw[..common]);
    drop((clients, feeds));
    one.stop().await;
    other.stop().await;
    world.end().await;
}

/// Neither would look by itself within the time of the test.
#[tokio::test]
async fn a_webhook_at_one_wakes_the_other_that_follows() {
    let world = World::on(Engine::Postgres).await;
    let config = Config {
        poll_interval: Duration::from_secs(3_600),
        ..world.config()
    };
    // The first that starts follows for both.
    let follows = Service::start(config.clone(), world.timing()).await;
    let hears = Config {
        webhook_secret: Some(SecretString::from(SECRET)),
        ..config
    };
    let hears = Service::start(hears, world.timing()).await;
    let web = hears.web.expect("it hears webhooks");
    world.github.set_webhook(Some(Webhook {
        url: format!("http://{web}/webhooks/github"),
        secret: SECRET.to_owned(),
    }));
    let mut client = hears.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let ask = world.ask("r1", NEWEST);
    client.start_deployment(ask).await.unwrap();
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    drop((client, feed));
    hears.stop().await;
    follows.stop().await;
    world.end().await;
}
