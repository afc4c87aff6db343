//! What keeps deployments that run from being followed, and deployments of which
//! nobody told the service.

use std::time::Duration;

use deploy::Config;
use deploy_proto::v1;
use http::StatusCode;
use secrecy::SecretString;
use serde_json::json;
use simulators::{control::FaultKind, github::Webhook};
use tokio::time::sleep;

use super::stage::Stage;
use crate::{
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
