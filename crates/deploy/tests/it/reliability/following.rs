//! What keeps deployments that run from being followed, and deployments of which
//! nobody told the service.

use std::time::Duration;

use deploy::{Config, Timing};
use deploy_proto::v1;
use http::StatusCode;
use secrecy::SecretString;
use serde_json::json;
use simulators::{
    control::FaultKind,
    github::{Limits, Webhook},
};
use tokio::time::sleep;

use super::stage::Stage;
use crate::{
    between::{Between, Fate, Query},
    service::eventually,
    webhooks_world::SECRET,
    world::{Engine, NEWEST, World, ask_github, write_status},
};

const FOLLOW: &str = "POST /api/graphql Follow";
/// More than is asked for in any test here.
const ALWAYS: u32 = 1_000_000;

/// A request for `api`, where nothing goes by itself.
fn ask_api(world: &World, id: &str, environment: &str) -> v1::StartDeploymentRequest {
    v1::StartDeploymentRequest {
        repository: "api".to_owned(),
        environment: environment.to_owned(),
        ..world.ask(id, NEWEST)
    }
}

/// A world of several owners that have installed the App, and settings for it.
async fn installed(on: Engine) -> (World, Config) {
    let world = World::on(on).await;
    world.add_owner("globex");
    let config = world.install_app();
    world.github.install_app("globex", None);
    (world, config)
}

pub(super) async fn one_owner_limited(on: Engine) {
    let (world, config) = installed(on).await;
    let timing = world.timing();
    let mut stage = Stage::with(world, config, timing).await;
    // Nothing else runs when the limit is met.
    stage
        .world
        .fault(FOLLOW, 1, FaultKind::RateLimit { seconds: 3_600 });
    let ask = ask_api(&stage.world, "r1", "production");
    stage.asks(ask).await;
    stage.runs("r1").await;
    stage.world.has_faulted("the limit of acme's").await;
    let ask = v1::StartDeploymentRequest {
        repository: "globex/people".to_owned(),
        ..stage.world.ask("r2", NEWEST)
    };
    stage.asks(ask).await;
    let ended = stage.end_of("r2").await;
    assert_eq!(ended.state(), v1::RequestState::Succeeded, "{ended:?}");
    stage.end().await;
}

/// GitHub is away for longer than a deployment may stand still.
pub(super) async fn away(on: Engine) {
    const PICKUP: Duration = Duration::from_secs(4);
    let world = World::on(on).await;
    let config = Config {
        pickup_timeout: PICKUP,
        ..world.config()
    };
    let timing = world.timing();
    let mut stage = Stage::with(world, config, timing).await;
    let ask = ask_api(&stage.world, "r1", "production");
    stage.asks(ask).await;
    let number = stage.runs("r1").await.deployment.unwrap().id;
    let followed = |world: &World| world.calls(FOLLOW);
    eventually("it is followed", || async {
        (followed(&stage.world) > 0).then_some(())
    })
    .await;
    stage.world.fault(FOLLOW, ALWAYS, FaultKind::Drop);
    // This is how long it lasts.
    sleep(PICKUP).await;
    stage.world.github.control().clear_faults();
    let before = followed(&stage.world);
    eventually("it is seen again", || async {
        (followed(&stage.world) > before + 2).then_some(())
    })
    .await;
    // Nobody could pick it up before now.
    write_status(&stage.world, number, "success").await;
    stage.succeeds("r1").await;
    stage.end().await;
}

pub(super) async fn access_taken_away(on: Engine) {
    let (world, config) = installed(on).await;
    let config = Config {
        silence_timeout: Duration::from_millis(300),
        ..config
    };
    let timing = world.timing();
    let mut stage = Stage::with(world, config, timing).await;
    let ask = ask_api(&stage.world, "r1", "production");
    stage.asks(ask).await;
    stage.runs("r1").await;
    // GitHub says of what it hides that it is not there.
    stage.world.github.install_app("acme", Some(&["people"]));
    let ended = stage.end_of("r1").await;
    assert_eq!(ended.state(), v1::RequestState::Failed);
    insta::allow_duplicates! {
        insta::assert_snapshot!(
            ended.failure,
            @"deploybot could not read this deployment on GitHub for 300 ms. GitHub does not know this, or deploybot may not see it: whoever runs deploybot has to see to its access. How it ends is not known here: look at what runs before deploying again."
        );
    }

    stage.world.github.install_app("acme", None);
    let ask = ask_api(&stage.world, "r2", "staging");
    stage.asks(ask).await;
    stage.runs("r2").await;
    stage.world.github.uninstall_app("acme");
    let ended = stage.end_of("r2").await;
    assert_eq!(ended.state(), v1::RequestState::Failed);
    insta::allow_duplicates! {
        insta::assert_snapshot!(
            ended.failure,
            @"deploybot could not read this deployment on GitHub for 300 ms. deploybot's GitHub App is not installed for acme: an owner of acme has to install it there. How it ends is not known here: look at what runs before deploying again."
        );
    }
    stage.end().await;
}

/// Somebody makes a deployment of `api` to production; its number.
async fn make(stage: &Stage) -> i64 {
    let made = json!({
        "ref": stage.world.sha(NEWEST), "environment": "production", "required_contexts": [],
        "auto_merge": false,
    });
    let (path, made) = ("deployments", made.to_string());
    let (status, made) = ask_github(&stage.world, "POST", "api", path, &made).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["id"].as_i64().unwrap()
}

/// A channel follows an environment.
async fn follows(stage: &mut Stage, repository: &str, environment: &str) {
    let ask = v1::SubscribeRequest {
        request_id: format!("{repository}/{environment}"),
        channel: "C7".to_owned(),
        repository: repository.to_owned(),
        environment: environment.to_owned(),
        ..Default::default()
    };
    stage.client.subscribe(ask).await.unwrap();
}

/// Reads on until a channel is told how a deployment of others ended.
async fn end_elsewhere(stage: &mut Stage) -> v1::ElsewhereDeployment {
    loop {
        let told = stage.feed.told().await.expect("the feed does not end");
        let (followers, elsewhere) = (told.followers, told.elsewhere);
        let ended = elsewhere.filter(|it| it.deployment.as_ref().unwrap().ended_at.is_some());
        if let Some(ended) = ended {
            let channels: Vec<_> = followers.iter().map(|one| one.channel.as_str()).collect();
            assert_eq!(channels, ["C7"]);
            return ended;
        }
    }
}

/// Its webhook never comes, and nobody asks about it.
pub(super) async fn webhook_lost(on: Engine) {
    let world = World::on(on).await;
    world.github.set_limits(Limits::none());
    let config = Config {
        webhook_secret: Some(SecretString::from(SECRET)),
        ..world.config()
    };
    let timing = Timing {
        histories: Duration::from_millis(2),
        ..world.timing()
    };
    let mut stage = Stage::with(world, config, timing).await;
    follows(&mut stage, "api", "production").await;
    let made = make(&stage).await;
    write_status(&stage.world, made, "success").await;
    let ended = end_elsewhere(&mut stage).await;
    assert_eq!(ended.deployment.unwrap().id, made);
    stage.end().await;
}

/// What GitHub tells of it by its old name it tells with the new one.
pub(super) async fn repository_renamed(on: Engine) {
    let world = World::on(on).await;
    world.github.set_limits(Limits::none());
    let between = Between::new(&world, |query: &Query| {
        match (query.operation.as_str(), query.variables["name"].as_str()) {
            ("History", Some("people")) => Fate::Changes(Box::new(|answer| {
                answer["data"]["repository"]["nameWithOwner"] = "acme/api".into();
            })),
            _ => Fate::Passes,
        }
    })
    .await;
    let config = Config {
        pickup_timeout: Duration::from_millis(300),
        ..between.config(&world)
    };
    let timing = Timing {
        histories: Duration::from_millis(20),
        ..world.timing()
    };
    let mut stage = Stage::with(world, config, timing).await;
    follows(&mut stage, "people", "production").await;
    eventually("it has its new name", || {
        let mut client = stage.client.clone();
        async move {
            let ask = v1::ListSubscriptionsRequest {
                channel: "C7".to_owned(),
            };
            let listed = client.list_subscriptions(ask).await.unwrap().into_inner();
            (listed.subscriptions[0].repository == "acme/api").then_some(())
        }
    })
    .await;
    make(&stage).await;
    let ended = end_elsewhere(&mut stage).await;
    assert_eq!(ended.repository, "acme/api");
    stage.end().await;
}

/// That of another channel that follows the same.
pub(super) async fn row_unreadable(on: Engine) {
    let world = World::on(on).await;
    world.github.set_limits(Limits::none());
    let (config, timing) = (world.config(), world.timing());
    let mut stage = Stage::with(world, config, timing).await;
    follows(&mut stage, "api", "production").await;
    let Stage {
        world,
        service,
        client,
        feed,
        ..
    } = stage;
    drop((client, feed));
    service.stop().await;
    world
        .spoil_journal(
            "INSERT INTO subscriptions (channel, repository, environment, repository_name, \
             environment_name, moments, requester_slack, requester_name, at) VALUES \
             ('C8', 'acme/api', 'production', 'acme/api', 'production', 'painted', 'U1', '', 1)",
        )
        .await;
    let config = Config {
        pickup_timeout: Duration::from_millis(300),
        ..world.config()
    };
    let timing = Timing {
        histories: Duration::from_millis(20),
        ..world.timing()
    };
    let mut stage = Stage::with(world, config, timing).await;
    make(&stage).await;
    end_elsewhere(&mut stage).await;
    stage.end().await;
}

/// Nobody asks about it, and it comes to its end.
pub(super) async fn made_by_another(on: Engine) {
    let world = World::on(on).await;
    let config = Config {
        webhook_secret: Some(SecretString::from(SECRET)),
        pickup_timeout: Duration::from_millis(300),
        ..world.config()
    };
    let timing = world.timing();
    let mut stage = Stage::with(world, config, timing).await;
    let web = stage.service.web.unwrap();
    stage.world.github.set_webhook(Some(Webhook {
        url: format!("http://{web}/webhooks/github"),
        secret: SECRET.to_owned(),
    }));
    follows(&mut stage, "api", "production").await;
    let made = json!({
        "ref": stage.world.sha(NEWEST), "environment": "production", "required_contexts": [],
        "auto_merge": false,
        "payload": {"deploybot": 1, "request_id": "another's", "reply": {"channel": "C9"}},
    });
    let (status, answer) = ask_github(
        &stage.world,
        "POST",
        "api",
        "deployments",
        &made.to_string(),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    eventually("it is ended", || async {
        let made = stage.made("api", "another's").await;
        let (_, states) = made.first()?;
        states.iter().any(|state| state == "error").then_some(())
    })
    .await;

    let ended = end_elsewhere(&mut stage).await;
    assert!(
        ended
            .failure
            .starts_with("Nobody picked it up within 300 ms."),
        "{}",
        ended.failure
    );
    let ask = v1::ListHistoryRequest {
        repository: "api".to_owned(),
        environment: Some("production".to_owned()),
        page_size: None,
    };
    let history = stage.client.list_history(ask).await.unwrap().into_inner();
    let deployment = &history.environments[0].deployments[0];
    assert_eq!(deployment.state(), v1::DeploymentState::Failed);
    assert_eq!(
        deployment.steps.last().unwrap().description,
        "Nobody picked it up within 300 ms; ended by deploybot."
    );
    stage.end().await;
}
