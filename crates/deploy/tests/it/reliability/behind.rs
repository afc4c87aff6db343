//! What people do on GitHub behind the service's back.

use deploy_proto::v1::{self, Reason, RequestState};
use http::StatusCode;
use serde_json::json;
use tokio::time::timeout;

use super::stage::Stage;
use crate::{
    between::{Between, Fate, Hold},
    service::PATIENCE,
    world::{Engine, NEWEST, OLDEST, World, ask_github, write_status},
};

/// What was checked goes out: the commit, whatever the branch says by then.
pub(super) async fn force_pushed(on: Engine) {
    let world = World::on(on).await;
    let hold = Hold::default();
    let holds = hold.clone();
    let between = Between::new(&world, move |query| match query.operation.as_str() {
        "Facts" => Fate::Waits(holds.clone()),
        _ => Fate::Passes,
    })
    .await;
    let (config, timing) = (between.config(&world), world.timing());
    let mut stage = Stage::with(world, config, timing).await;
    stage.ask().await;
    timeout(PATIENCE, hold.answered.cancelled()).await.unwrap();
    let pushed = json!({"sha": stage.world.sha(OLDEST), "force": true}).to_string();
    let path = "git/refs/heads/main";
    let (status, answer) = ask_github(&stage.world, "PATCH", "people", path, &pushed).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    hold.released.cancel();
    let ended = stage.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Succeeded, "{ended:?}");
    let commit = ended.deployment.unwrap().commit.unwrap();
    assert_eq!(commit.sha, stage.world.sha(NEWEST));
    assert_eq!(stage.made("people", "r1").await.len(), 1);
    stage.end().await;
}

/// A request for `api`, where nothing goes by itself.
fn ask_api(world: &World, id: &str) -> v1::StartDeploymentRequest {
    v1::StartDeploymentRequest {
        repository: "api".to_owned(),
        ..world.ask(id, NEWEST)
    }
}

pub(super) async fn deleted(on: Engine) {
    let mut stage = Stage::set(World::on(on).await).await;
    let ask = ask_api(&stage.world, "r1");
    stage.asks(ask).await;
    let number = stage.runs("r1").await.deployment.unwrap().id;
    let path = format!("deployments/{number}");
    let (status, _) = ask_github(&stage.world, "DELETE", "api", &path, "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let ended = stage.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Failed);
    insta::allow_duplicates! {
        insta::assert_snapshot!(
            ended.failure,
            @"The deployment is not on GitHub any more: someone deleted it."
        );
    }
    // The environment is free.
    let ask = ask_api(&stage.world, "r2");
    stage.asks(ask).await;
    let number = stage.runs("r2").await.deployment.unwrap().id;
    write_status(&stage.world, number, "success").await;
    stage.succeeds("r2").await;
    stage.end().await;
}

/// What runs there goes on to its end; who names the old one is told the new.
pub(super) async fn renamed(on: Engine) {
    let mut stage = Stage::set(World::on(on).await).await;
    let ask = ask_api(&stage.world, "r1");
    stage.asks(ask).await;
    let number = stage.runs("r1").await.deployment.unwrap().id;
    for (method, path) in [
        ("DELETE", "environments/production"),
        ("PUT", "environments/production-eu"),
    ] {
        let (status, answer) = ask_github(&stage.world, method, "api", path, "{}").await;
        assert!(status.is_success(), "{method} {path}: {status} {answer}");
    }
    write_status(&stage.world, number, "success").await;
    stage.succeeds("r1").await;
    let ask = ask_api(&stage.world, "r2");
    stage.asks(ask).await;
    let ended = stage.end_of("r2").await;
    assert_eq!(ended.state(), RequestState::Refused, "{ended:?}");
    let refusal = &ended.refusals[0];
    assert_eq!(refusal.reason(), Reason::UnknownEnvironment);
    assert!(
        refusal.candidates.contains(&"production-eu".to_owned()),
        "{refusal:?}"
    );
    assert!(stage.made("api", "r2").await.is_empty());
    stage.end().await;
}
