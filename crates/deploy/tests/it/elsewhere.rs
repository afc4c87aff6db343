//! What others deploy, as the feed tells it to the channels that follow: once for each
//! change, with webhooks and without, also where nobody has asked about the repository,
//! it was renamed, or is gone.

mod named_channels;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use deploy::{Config, Timing};
use deploy_proto::v1::{self, DeploymentState, Moment};
use http::StatusCode;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::{Value, json};
use simulators::github::{Limits, Webhook};

use crate::{
    between::{Between, Fate, Query},
    service::{Client, Service, Watcher, eventually},
    webhooks_world::SECRET,
    world::{Engine, NEWEST, World, ask_github, on_both, on_github},
};

const STATUS: &str = "POST /api/graphql Status";
const HISTORY: &str = "POST /api/graphql History";

on_both![
    it_is_told_once_without_webhooks,
    what_a_webhook_tells_of_and_a_history_shows_is_told_once,
    what_was_made_an_hour_before_is_not_told,
    what_has_ended_is_told_once_with_its_reason,
    a_file_that_changes_is_read_again_without_webhooks,
    who_follows_a_repository_follows_it_where_it_is_renamed,
    a_request_that_cannot_be_read_holds_up_no_other,
];

/// A world in which no call is too many.
async fn world(on: Engine) -> World {
    let world = World::on(on).await;
    world.github.set_limits(Limits::none());
    world
}

/// A service that reads a history in each fifth of a second.
async fn serve(world: &World, config: Config) -> Service {
    let timing = Timing {
        histories: Duration::from_millis(20),
        ..world.timing()
    };
    Service::start(config, timing).await
}

/// GitHub tells the service of what happens, if that listens.
fn send_webhooks(world: &World, service: &Service) {
    world.github.set_webhook(service.web.map(|web| Webhook {
        url: format!("http://{web}/webhooks/github"),
        secret: SECRET.to_owned(),
    }));
}

async fn follow(client: &mut Client, repository: &str) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let ask = v1::SubscribeRequest {
        request_id: format!("e{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
        channel: "C1".to_owned(),
        repository: repository.to_owned(),
        environment: "production".to_owned(),
        moments: [Moment::Started, Moment::Succeeded, Moment::Failed]
            .map(i32::from)
            .to_vec(),
        ..Default::default()
    };
    client.subscribe(ask).await.unwrap();
}

/// Somebody makes a deployment of `api`; its number.
async fn make(world: &World, environment: &str) -> i64 {
    make_with(world, environment, &json!({})).await
}

async fn make_with(world: &World, environment: &str, payload: &Value) -> i64 {
    let body = json!({
        "ref": world.sha(NEWEST), "environment": environment, "required_contexts": [],
        "auto_merge": false, "payload": payload,
    });
    let (path, body) = ("deployments", body.to_string());
    let (status, made) = ask_github(world, "POST", "api", path, &body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["id"].as_i64().unwrap()
}

async fn comes_to(world: &World, number: i64, state: &str, why: &str) {
    let path = format!("deployments/{number}/statuses");
    let body = json!({"state": state, "description": why}).to_string();
    let written = on_github(world, "POST", &path, &body).await;
    assert_eq!(written, StatusCode::CREATED);
}

/// Gives `api` rules of its own.
async fn rules(world: &World, text: &str) {
    let path = "contents/.github/deploy.yml";
    let (_, before) = ask_github(world, "GET", "api", path, "").await;
    let mut body = json!({"message": "Set the rules", "content": BASE64_STANDARD.encode(text)});
    if let Value::String(sha) = &before["sha"] {
        body["sha"] = sha.clone().into();
    }
    let (status, answer) = ask_github(world, "PUT", "api", path, &body.to_string()).await;
    assert!(status.is_success(), "{answer}");
}

/// What the feed tells of what others made.
struct Told {
    number: i64,
    state: DeploymentState,
    failure: String,
    channels: Vec<String>,
}

async fn next(feed: &mut Watcher) -> Told {
    loop {
        let told = feed.told().await.expect("the feed does not end");
        let Some(elsewhere) = told.elsewhere else {
            continue;
        };
        let deployment = elsewhere.deployment.unwrap();
        return Told {
            number: deployment.id,
            state: deployment.state(),
            failure: elsewhere.failure,
            channels: told.followers.into_iter().map(|one| one.channel).collect(),
        };
    }
}

/// Reads on until the feed tells of a deployment.
async fn until(feed: &mut Watcher, number: i64) -> Told {
    loop {
        let told = next(feed).await;
        if told.number == number {
            return told;
        }
    }
}

/// Waits until histories were read some times more.
async fn rounds_pass(world: &World) {
    let before = world.calls(HISTORY);
    eventually("histories are read", || async {
        (world.calls(HISTORY) >= before + 3).then_some(())
    })
    .await;
}

async fn it_is_told_once_without_webhooks(on: Engine) {
    it_is_told_once(on, None).await;
}

async fn what_a_webhook_tells_of_and_a_history_shows_is_told_once(on: Engine) {
    it_is_told_once(on, Some(SecretString::from(SECRET))).await;
}

async fn it_is_told_once(on: Engine, webhook_secret: Option<SecretString>) {
    let world = world(on).await;
    let config = Config {
        webhook_secret,
        ..world.config()
    };
    let service = serve(&world, config).await;
    send_webhooks(&world, &service);
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    follow(&mut client, "api").await;
    let number = make(&world, "production").await;
    let first = next(&mut feed).await;
    assert_eq!((first.number, first.channels), (number, vec!["C1".into()]));
    comes_to(&world, number, "in_progress", "").await;
    comes_to(&world, number, "success", "").await;
    let mut entries = 1;
    loop {
        let told = next(&mut feed).await;
        entries += 1;
        assert_eq!((told.number, told.channels), (number, vec!["C1".into()]));
        if told.state == DeploymentState::Succeeded {
            break;
        }
    }
    assert!(entries <= 3, "{entries} entries of two changes");
    rounds_pass(&world).await;
    let another = make(&world, "staging").await;
    let told = next(&mut feed).await;
    // Told as it stands now, so that an entry of a state that is past says the last.
    assert!(
        told.number == another && told.channels.is_empty(),
        "{} is told again",
        told.number
    );
    service.stop().await;
    world.end().await;
}

async fn what_was_made_an_hour_before_is_not_told(on: Engine) {
    let world = world(on).await;
    let clock = world.github.clock();
    clock.set_shift(SignedDuration::from_mins(-61));
    let old = make(&world, "production").await;
    comes_to(&world, old, "success", "").await;
    clock.set_shift(SignedDuration::ZERO);
    let service = serve(&world, world.config()).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    follow(&mut client, "api").await;
    rounds_pass(&world).await;
    let young = make(&world, "production").await;
    assert_eq!(next(&mut feed).await.number, young);
    service.stop().await;
    world.end().await;
}

async fn what_has_ended_is_told_once_with_its_reason(on: Engine) {
    let world = world(on).await;
    let number = make(&world, "production").await;
    comes_to(&world, number, "failure", "The rollout stood still.").await;
    let service = serve(&world, world.config()).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    follow(&mut client, "api").await;
    let told = next(&mut feed).await;
    assert_eq!(
        (told.number, told.state, told.failure.as_str()),
        (number, DeploymentState::Failed, "The rollout stood still.")
    );
    rounds_pass(&world).await;
    let another = make(&world, "staging").await;
    assert_eq!(next(&mut feed).await.number, another);
    service.stop().await;
    world.end().await;
}

/// How much a channel follows.
async fn followed(client: &Client, channel: &str) -> usize {
    let ask = v1::ListSubscriptionsRequest {
        channel: channel.to_owned(),
    };
    let listed = client.clone().list_subscriptions(ask).await.unwrap();
    listed.into_inner().subscriptions.len()
}

async fn a_file_that_changes_is_read_again_without_webhooks(on: Engine) {
    let world = world(on).await;
    let service = serve(&world, world.config()).await;
    let mut client = service.client().await;
    follow(&mut client, "api").await;
    for channel in ["C0123ABC", "C0123DEF"] {
        let text = format!("environments:\n  production:\n    channel: {channel}\n");
        rules(&world, &text).await;
        eventually(("it follows", channel), || async {
            (followed(&client, channel).await == 1).then_some(())
        })
        .await;
    }
    assert_eq!(followed(&client, "C0123ABC").await, 0);
    rules(
        &world,
        "environments:\n  production:\n    chanel: C0123ABC\n",
    )
    .await;
    rounds_pass(&world).await;
    let still = followed(&client, "C0123DEF").await;
    assert_eq!(still, 1, "what can't be read changes nothing");
    rules(&world, "# Nobody is told.\n").await;
    eventually("it does not follow any more", || async {
        (followed(&client, "C0123DEF").await == 0).then_some(())
    })
    .await;
    assert_eq!(world.calls(STATUS), 1, "when it was first followed");
    service.stop().await;
    world.end().await;
}

async fn who_follows_a_repository_follows_it_where_it_is_renamed(on: Engine) {
    let world = world(on).await;
    let (of_new_name, of_api) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (new_name, api) = (Arc::clone(&of_new_name), Arc::clone(&of_api));
    let between = Between::new(&world, move |query: &Query| {
        match (query.operation.as_str(), query.variables["name"].as_str()) {
            ("History", Some("people")) => Fate::Changes(Box::new(|answer| {
                answer["data"]["repository"]["nameWithOwner"] = "acme/crew".into();
            })),
            ("History", Some("crew")) => {
                new_name.fetch_add(1, Ordering::Relaxed);
                Fate::Passes
            }
            ("History", Some("api")) => {
                api.fetch_add(1, Ordering::Relaxed);
                Fate::Passes
            }
            _ => Fate::Passes,
        }
    })
    .await;
    let service = serve(&world, between.config(&world)).await;
    let mut client = service.client().await;
    follow(&mut client, "people").await;
    follow(&mut client, "api").await;
    let followed = || {
        let mut client = client.clone();
        async move {
            let ask = v1::ListSubscriptionsRequest {
                channel: "C1".to_owned(),
            };
            let listed = client.list_subscriptions(ask).await.unwrap().into_inner();
            let names = listed.subscriptions.into_iter().map(|one| one.repository);
            names.collect::<Vec<_>>()
        }
    };
    eventually("it has its new name", || async {
        (followed().await == ["acme/api", "acme/crew"]).then_some(())
    })
    .await;
    // This GitHub does not know the new name: one that is gone is not asked about
    // again and again.
    eventually("it is looked for", || async {
        (of_new_name.load(Ordering::Relaxed) == 1).then_some(())
    })
    .await;
    let before = of_api.load(Ordering::Relaxed);
    eventually("the other is read", || async {
        (of_api.load(Ordering::Relaxed) >= before + 3).then_some(())
    })
    .await;
    assert_eq!(of_new_name.load(Ordering::Relaxed), 1);
    service.stop().await;
    world.end().await;
}

/// Deployments say which request they carry out.
async fn a_request_that_cannot_be_read_holds_up_no_other(on: Engine) {
    let world = world(on).await;
    let service = serve(&world, world.config()).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let mut ask = world.ask("r1", NEWEST);
    "moon".clone_into(&mut ask.environment);
    client.start_deployment(ask).await.unwrap();
    feed.end_of("r1").await;
    drop((client, feed));
    service.stop().await;
    let damage = "UPDATE requests SET progress = '{' WHERE id = 'r1'";
    world.spoil_journal(damage).await;

    let config = Config {
        webhook_secret: Some(SecretString::from(SECRET)),
        ..world.config()
    };
    let service = serve(&world, config).await;
    send_webhooks(&world, &service);
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let payload = json!({"deploybot": 1, "request_id": "r1"});
    make_with(&world, "staging", &payload).await;
    let other = make(&world, "production").await;
    assert_eq!(next(&mut feed).await.number, other);
    service.stop().await;
    world.end().await;
}
