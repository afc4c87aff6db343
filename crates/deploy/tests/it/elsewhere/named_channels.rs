//! Channels that a repository's own file names are told of what others make though
//! nobody has asked about it: the file is read for it, seldom, and soon again where
//! that fails.

use std::time::Duration;

use deploy::{Clock, Config, Timing};
use deploy_proto::v1;
use jiff::SignedDuration;
use secrecy::SecretString;
use simulators::{control::FaultKind, github::Limits};
use tokio::time::{interval, timeout};

use super::{STATUS, comes_to, make, rules, send_webhooks, serve, until, world};
use crate::{
    service::{Client, Service, Watcher},
    webhooks_world::SECRET,
    world::{Engine, World, on_both},
};

const RULES: &str = "POST /api/graphql Rules";

on_both![
    a_channel_that_a_file_names_is_told_though_nobody_has_asked,
    a_file_that_could_not_be_read_is_read_again_soon,
];

fn with_webhooks(world: &World) -> Config {
    Config {
        webhook_secret: Some(SecretString::from(SECRET)),
        ..world.config()
    }
}

/// Who watches what the service tells of a repository whose file names a channel for
/// what GitHub calls production.
async fn watched(world: &World, service: &Service) -> (Client, Watcher) {
    send_webhooks(world, service);
    let mut client = service.client().await;
    let feed = Watcher::new(&mut client, "test").await;
    rules(world, "environments:\n  prod:\n    channel: C0123ABC\n").await;
    (client, feed)
}

async fn a_channel_that_a_file_names_is_told_though_nobody_has_asked(on: Engine) {
    let world = world(on).await;
    let service = serve(&world, with_webhooks(&world)).await;
    let (_, mut feed) = watched(&world, &service).await;
    let number = make(&world, "production").await;
    let told = until(&mut feed, number).await;
    assert_eq!(told.channels, ["C0123ABC"]);
    assert_eq!((world.calls(STATUS), world.calls(RULES)), (0, 1));
    rules(
        &world,
        "environments:\n  production:\n    channel: C0123DEF\n",
    )
    .await;
    // They are read anew after a while.
    loop {
        let number = make(&world, "production").await;
        let told = until(&mut feed, number).await;
        if told.channels == ["C0123DEF"] {
            break;
        }
        assert_eq!(told.channels, ["C0123ABC"]);
    }
    service.stop().await;
    world.end().await;
}

/// GitHub fails, and then does not answer at all.
async fn a_file_that_could_not_be_read_is_read_again_soon(on: Engine) {
    let world = world(on).await;
    // One that was read is read again after 25 seconds.
    let timing = Timing {
        histories: Duration::from_millis(500),
        ..world.timing()
    };
    let service = Service::start(with_webhooks(&world), timing).await;
    let (_, mut feed) = watched(&world, &service).await;
    // Each is asked for three times.
    world.fault(RULES, 3, FaultKind::Status(502));
    world.fault(RULES, 1, FaultKind::Latency { ms: 60_000 });
    let mut told_without = 0;
    let telling = async {
        let mut again = interval(Duration::from_millis(100));
        loop {
            again.tick().await;
            let number = make(&world, "production").await;
            let told = until(&mut feed, number).await;
            if told.channels == ["C0123ABC"] {
                break;
            }
            assert!(told.channels.is_empty());
            told_without += 1;
        }
    };
    timeout(Duration::from_secs(40), telling)
        .await
        .expect("it is read again");
    assert!(told_without >= 2, "nobody waits for what fails");
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn a_file_that_was_left_unread_on_a_busy_day_is_read_after_it() {
    let world = world(Engine::Sqlite).await;
    world.github.set_limits(Limits {
        secondary: None,
        ..Limits::hourly(5_000)
    });
    let clock = world.github.clock().clone();
    let timing = Timing {
        clock: Clock::new(move || clock.now()),
        ..world.timing()
    };
    let service = Service::start(with_webhooks(&world), timing).await;
    let (mut client, mut feed) = watched(&world, &service).await;
    for _ in 0..100 {
        let ask = v1::GetStatusRequest {
            repository: "people".to_owned(),
            limit: None,
        };
        client.get_status(ask).await.unwrap();
    }
    assert_eq!(world.calls(STATUS), 100);
    let busy = make(&world, "production").await;
    assert!(until(&mut feed, busy).await.channels.is_empty());
    assert_eq!(world.calls(RULES), 0);
    comes_to(&world, busy, "success", "").await;
    // In the next hour nothing is used yet.
    world
        .github
        .clock()
        .set_shift(SignedDuration::from_mins(61));
    let number = make(&world, "production").await;
    assert_eq!(until(&mut feed, number).await.channels, ["C0123ABC"]);
    service.stop().await;
    world.end().await;
}
