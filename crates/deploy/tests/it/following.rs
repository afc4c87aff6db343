//! What channels follow: asked for over the contract, at no more calls to GitHub
//! than a status costs; and the histories that are read for it, which are few.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use deploy::{
    Timing,
    model::{Policy, PolicyFile},
};
use deploy_proto::v1::{self, Moment};
use http::StatusCode;
use simulators::control::FaultKind;
use tokio::time::{Instant, sleep};
use tonic::Code;

use crate::{
    service::{Client, Service, eventually},
    world::{Engine, NEWEST, World, on_both, on_github},
};

on_both! {
    an_environment_that_is_there_can_be_followed,
    what_is_not_there_cannot_be_followed,
    while_github_is_away_what_is_known_can_be_followed,
    production_is_followed_though_there_is_a_prod_too,
    of_many_environments_each_can_be_followed,
    what_was_followed_before_is_answered_without_github,
    histories_are_read_in_turn_and_seldom,
}

const STATUS: &str = "POST /api/graphql Status";
const HISTORY: &str = "POST /api/graphql History";

fn asked(repository: &str, environment: &str) -> v1::SubscribeRequest {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    v1::SubscribeRequest {
        request_id: format!("s{number}"),
        channel: "C1".to_owned(),
        repository: repository.to_owned(),
        environment: environment.to_owned(),
        ..Default::default()
    }
}

async fn listed(client: &mut Client) -> usize {
    let request = v1::ListSubscriptionsRequest {
        channel: "C1".to_owned(),
    };
    let answer = client.list_subscriptions(request).await.unwrap();
    answer.into_inner().subscriptions.len()
}

async fn an_environment_that_is_there_can_be_followed(on: Engine) {
    let world = World::on(on).await;
    let config = deploy::Config {
        snapshot_age: Duration::from_mins(5),
        ..world.config()
    };
    let service = world.serve_with(config).await;
    let mut client = service.client().await;
    for environment in ["", "prod", "PRODUCTION", "production"] {
        let answer = client.subscribe(asked("People", environment)).await;
        let answer = answer.unwrap().into_inner();
        let kept = answer.subscription.expect("it is kept");
        assert_eq!(kept.repository, "acme/people");
        assert_eq!(kept.environment, "production", "{environment:?}");
        let ends = [Moment::Succeeded, Moment::Failed].map(i32::from);
        assert_eq!(kept.moments, ends);
        assert_eq!(answer.replaced, None, "it is the same");
    }
    assert_eq!(
        world.calls(STATUS),
        1,
        "what is kept is not asked for again"
    );
    assert_eq!(listed(&mut client).await, 1);
    let mut unsubscribe = v1::UnsubscribeRequest {
        channel: "C1".to_owned(),
        repository: "people".to_owned(),
        environment: "prod".to_owned(),
        ..Default::default()
    };
    for (id, ended) in [("e1", 1), ("e2", 0), ("e1", 1)] {
        id.clone_into(&mut unsubscribe.request_id);
        let answer = client.unsubscribe(unsubscribe.clone()).await.unwrap();
        assert_eq!(answer.into_inner().ended.len(), ended, "{id}");
    }
    assert_eq!(listed(&mut client).await, 0);
    service.stop().await;
    world.end().await;
}

async fn what_is_not_there_cannot_be_followed(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    for (repository, environment) in [("peple", ""), ("people", "prodution")] {
        let refused = client.subscribe(asked(repository, environment)).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{refused:?}");
    }
    for (repository, environment) in [("a b", ""), ("people", "\n")] {
        let refused = client.subscribe(asked(repository, environment)).await;
        assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    }
    assert_eq!(listed(&mut client).await, 0);
    service.stop().await;
    world.end().await;
}

async fn while_github_is_away_what_is_known_can_be_followed(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    client
        .subscribe(asked("people", "production"))
        .await
        .unwrap();
    world.fault(STATUS, 1_000_000, FaultKind::Status(502));
    let again = client.subscribe(asked("people", "staging")).await;
    assert_eq!(again.unwrap().into_inner().replaced, None);
    let unknown = client.subscribe(asked("atlas", "production")).await;
    assert_eq!(unknown.unwrap_err().code(), Code::Unavailable);
    assert_eq!(listed(&mut client).await, 2);
    world.github.control().clear_faults();
    service.stop().await;
    world.end().await;
}

async fn production_is_followed_though_there_is_a_prod_too(on: Engine) {
    let world = World::on(on).await;
    let made = serde_json::json!({
        "ref": world.sha(NEWEST), "environment": "prod", "required_contexts": [],
        "auto_merge": false,
    });
    let made = on_github(&world, "POST", "deployments", &made.to_string()).await;
    assert_eq!(made, StatusCode::CREATED);
    let service = world.serve().await;
    let mut client = service.client().await;
    for (environment, kept) in [("", "production"), ("Prod", "prod")] {
        let answer = client.subscribe(asked("api", environment)).await;
        let subscription = answer.unwrap().into_inner().subscription;
        assert_eq!(subscription.unwrap().environment, kept);
    }
    service.stop().await;
    world.end().await;
}

/// GitHub tells of a hundred environments at once.
async fn of_many_environments_each_can_be_followed(on: Engine) {
    let world = World::on(on).await;
    world.add_fleet("fleet", 120);
    let service = world.serve().await;
    let mut client = service.client().await;
    for number in [0, 99, 119] {
        let ask = asked("fleet", &format!("Region-{number}"));
        let answer = client.subscribe(ask).await.unwrap().into_inner();
        let kept = answer.subscription.expect("it is kept");
        assert_eq!(kept.environment, format!("region-{number}"));
    }
    for environment in ["region-120", ""] {
        let refused = client.subscribe(asked("fleet", environment)).await;
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    }
    service.stop().await;
    world.end().await;
}

async fn what_was_followed_before_is_answered_without_github(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let ask = asked("people", "production");
    let first = client.subscribe(ask.clone()).await.unwrap().into_inner();
    let calls = world.calls(STATUS);
    world.fault(STATUS, 1_000_000, FaultKind::Status(502));
    // Its answer was lost: it is asked for again, which finds what came of it.
    let again = client.subscribe(ask.clone()).await.unwrap().into_inner();
    assert_eq!(again, first);
    assert_eq!(world.calls(STATUS), calls);
    let other = v1::SubscribeRequest {
        environment: "staging".to_owned(),
        ..ask
    };
    let refused = client.subscribe(other).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    world.github.control().clear_faults();
    service.stop().await;
    world.end().await;
}

async fn histories_are_read_in_turn_and_seldom(on: Engine) {
    let world = World::on(on).await;
    let pause = Duration::from_millis(100);
    let timing = Timing {
        histories: pause,
        ..world.timing()
    };
    let service = Service::start(world.config(), timing).await;
    let mut client = service.client().await;
    sleep(pause * 3).await;
    assert_eq!(world.calls(HISTORY), 0, "nobody follows anything");
    let begin = Instant::now();
    client
        .subscribe(asked("people", "production"))
        .await
        .unwrap();
    eventually("it is read, and again in its turn", || async {
        (world.calls(HISTORY) >= 3).then_some(())
    })
    .await;
    let turns = begin.elapsed().as_millis() / (pause * 10).as_millis();
    let read = u128::from(world.calls(HISTORY));
    assert!(read <= turns + 1, "{read} in {turns} turns");
    service.stop().await;
    world.end().await;
}

/// Each name is compared with all that stand before it.
#[test]
fn a_file_full_of_environments_is_read_at_once() {
    let names = (0..9_000).map(|number| format!("{number:x}"));
    let names = names.collect::<Vec<_>>().join(",a");
    let text = format!("environments: {{{names}}}\n");
    let begun = std::time::Instant::now();
    let policy = Policy::read(PolicyFile::Text(&text)).unwrap();
    assert_eq!(policy.environments.len(), 9_000);
    assert!(begun.elapsed() < Duration::from_secs(5));
}
