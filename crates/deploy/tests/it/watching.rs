//! Who follows the feed together with others, and who posts what: of several
//! replicas of an interface one does, whichever of them dies.

use std::time::Duration;

use deploy_proto::v1::{self, RequestState, claim_message_response::Outcome};
use tokio::time::{Instant, timeout};

use crate::{
    service::{Client, Watcher},
    world::{Engine, NEWEST, World},
};

/// How long a stream is not served after another that nobody gave back.
const LEASE: Duration = Duration::from_secs(15);

async fn replica(client: &mut Client, name: &str) -> Watcher {
    Watcher::of_replica(client, "bot", name.to_owned()).await
}

/// For how long a stream has been served, as its next word says.
async fn served_for(watcher: &mut Watcher) -> Duration {
    let told = watcher.told().await.expect("the stream does not end");
    let served_for = told.served_for.expect("it is a heartbeat");
    served_for.try_into().unwrap()
}

#[tokio::test]
async fn of_two_streams_one_is_served_and_the_other_goes_on_where_it_ends() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut one = replica(&mut client, "one").await;
    assert!(served_for(&mut one).await < Duration::from_secs(1));
    let mut other = replica(&mut client, "other").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    one.end_of("r1").await;
    let first = one.seen[0].0;
    let ack = v1::AckRequest {
        subscriber: "bot".to_owned(),
        cursor: first,
    };
    client.ack(ack).await.unwrap();
    // One of another subscriber is served beside it.
    let mut beside = Watcher::new(&mut client, "beside").await;
    beside.next().await;

    let begun = Instant::now();
    drop(one);
    assert!(served_for(&mut other).await < Duration::from_secs(1));
    assert!(begun.elapsed() < LEASE / 2, "{:?}", begun.elapsed());
    other.next().await;
    assert_eq!(other.seen[0].0, first + 1);
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn a_replica_that_comes_again_is_served_in_place_of_its_earlier_stream() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut earlier = replica(&mut client, "one").await;
    served_for(&mut earlier).await;
    let mut other = replica(&mut client, "other").await;
    let mut again = replica(&mut client, "one").await;
    assert!(served_for(&mut again).await < Duration::from_secs(1));
    assert_eq!(earlier.told().await, None, "it ends");
    // The end of the earlier one gives nothing of the later one away.
    assert!(served_for(&mut again).await >= Duration::from_secs(4));
    let nothing = timeout(Duration::from_secs(2), other.told()).await;
    assert!(nothing.is_err(), "it waits: {nothing:?}");
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn a_stream_that_is_served_says_so_again_and_again() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut watcher = replica(&mut client, "one").await;
    let mut last = served_for(&mut watcher).await;
    for _ in 0..2 {
        let next = served_for(&mut watcher).await;
        let pause = next - last;
        let often = Duration::from_secs(4)..Duration::from_secs(9);
        assert!(often.contains(&pause), "{pause:?}");
        last = next;
    }
    service.stop().await;
    world.end().await;
}

/// On Postgres, where a process can die and leave its streams behind.
#[tokio::test]
async fn of_two_processes_one_serves_and_the_other_when_that_one_is_gone() {
    let world = World::on(Engine::Postgres).await;
    let (dies, lives) = (world.serve().await, world.serve().await);
    let (mut first, mut second) = (dies.client().await, lives.client().await);
    let mut one = replica(&mut first, "one").await;
    served_for(&mut one).await;
    let mut other = replica(&mut second, "other").await;
    second
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    one.end_of("r1").await;
    let begun = Instant::now();
    dies.stop().await;
    assert_eq!(one.told().await, None);
    served_for(&mut other).await;
    assert!(begun.elapsed() < LEASE / 2, "{:?}", begun.elapsed());
    let request = other.end_of("r1").await;
    assert_eq!(request.state(), RequestState::Succeeded);
    drop((first, second, other));
    lives.stop().await;
    world.end().await;
}

#[tokio::test]
async fn what_a_process_served_that_died_is_served_by_another_after_a_while() {
    let world = World::on(Engine::Postgres).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    // As if another process had died that served it.
    let store = world.journal().await;
    let lease = store.acquire("watch:bot", "who/died", LEASE / 5).await;
    assert!(lease.unwrap().is_some());
    let begun = Instant::now();
    let mut watcher = replica(&mut client, "one").await;
    served_for(&mut watcher).await;
    let waited = begun.elapsed();
    assert!(waited >= LEASE / 5 - Duration::from_secs(1), "{waited:?}");
    store.close().await;
    service.stop().await;
    world.end().await;
}

fn claim(claimant: &str) -> v1::ClaimMessageRequest {
    v1::ClaimMessageRequest {
        key: "request:slack:T1:Ev1".to_owned(),
        claimant: claimant.to_owned(),
        gone: String::new(),
    }
}

async fn claimed(client: &mut Client, claimant: &str) -> Outcome {
    let answer = client.claim_message(claim(claimant)).await.unwrap();
    answer.into_inner().outcome.unwrap()
}

#[tokio::test]
async fn a_message_is_claimed_by_one_and_recorded_for_all() {
    let world = World::new().await;
    let service = world.serve().await;
    let (mut one, mut other) = (service.client().await, service.client().await);
    one.start_deployment(world.ask("r1", NEWEST)).await.unwrap();
    let Outcome::Claimed(claim) = claimed(&mut one, "a").await else {
        panic!("nobody else wants it");
    };
    let lasts: Duration = claim.lasts.unwrap().try_into().unwrap();
    assert_eq!((lasts, claim.claimants), (LEASE, 1));
    let Outcome::Held(held) = claimed(&mut other, "b").await else {
        panic!("it is claimed");
    };
    let ends_in: Duration = held.ends_in.unwrap().try_into().unwrap();
    assert!(ends_in <= lasts && ends_in > lasts / 2, "{ends_in:?}");
    let record = v1::RecordMessageRequest {
        key: "request:slack:T1:Ev1".to_owned(),
        channel: "C2".to_owned(),
        ts: "9.9".to_owned(),
        request_id: "r1".to_owned(),
    };
    for _ in 0..2 {
        one.record_message(record.clone()).await.unwrap();
    }
    let posted = v1::MessagePosted {
        channel: "C2".to_owned(),
        ts: "9.9".to_owned(),
    };
    for client in [&mut one, &mut other] {
        assert_eq!(claimed(client, "c").await, Outcome::Posted(posted.clone()));
    }
    let mut feed = Watcher::new(&mut one, "test").await;
    let request = feed.end_of("r1").await;
    assert_eq!(request.message_ts, "9.9");
    assert_eq!(request.reply.unwrap().channel, "C2");
    service.stop().await;
    world.end().await;
}
