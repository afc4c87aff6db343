//! GitHub answers, and its answer is not what it should be.

use std::collections::BTreeMap;

use deploy::Clock;
use deploy_proto::v1::{self, Reason, RequestState};
use serde_json::{Value, json};
use simulators::{
    control::FaultKind,
    github::{DeploymentState, SeedDeployment, SeedStatus},
};

use super::{
    limits::said,
    stage::{GITHUBS_WORDS, Stage},
};
use crate::world::{CREATE, Engine, FACTS, NEWEST, OLDEST, World, write_status};

const FOLLOW: &str = "POST /api/graphql Follow";

fn replaced(places: impl IntoIterator<Item = (&'static str, Value)>) -> FaultKind {
    let places = places.into_iter();
    FaultKind::Replace(
        places
            .map(|(place, value)| (place.to_owned(), value))
            .collect::<BTreeMap<_, _>>(),
    )
}

/// A request for `api`, where nothing goes by itself.
fn ask_api(world: &World) -> v1::StartDeploymentRequest {
    v1::StartDeploymentRequest {
        repository: "api".to_owned(),
        ..world.ask("r1", NEWEST)
    }
}

pub(super) async fn partial_data(on: Engine) {
    let mut stage = Stage::set(World::on(on).await).await;
    let first = stage.world.ask("r0", OLDEST);
    stage.asks(first).await;
    stage.succeeds("r0").await;
    let error = json!({
        "path": ["repository", "deployments", "nodes", 0],
        "message": GITHUBS_WORDS,
    });
    let partial = replaced([
        ("/data/repository/deployments/nodes/0", Value::Null),
        ("/errors", json!([error])),
    ]);
    stage.world.fault(FACTS, 2, partial);
    stage.ask().await;
    stage.succeeds("r1").await;
    stage.end().await;
}

/// A null that no error explains is not taken for a deployment that is gone.
pub(super) async fn null_nodes(on: Engine) {
    let mut stage = Stage::set(World::on(on).await).await;
    let ask = ask_api(&stage.world);
    stage.asks(ask).await;
    let number = stage.runs("r1").await.deployment.unwrap().id;
    let calls = stage.world.calls(FOLLOW);
    stage
        .world
        .fault(FOLLOW, 3, replaced([("/data/nodes/0", Value::Null)]));
    crate::service::eventually("it is followed", || async {
        (stage.world.calls(FOLLOW) > calls + 3).then_some(())
    })
    .await;
    write_status(&stage.world, number, "success").await;
    stage.succeeds("r1").await;
    stage.end().await;
}

pub(super) async fn unknown_words(on: Engine) {
    let mut stage = Stage::set(World::on(on).await).await;
    // Of a check: nobody knows whether it is good, so nothing goes out.
    let rollup = "/data/repository/object/statusCheckRollup/state";
    stage
        .world
        .fault(FACTS, 1, replaced([(rollup, json!("SPLENDID"))]));
    let ask = stage.world.ask("r0", NEWEST);
    stage.asks(ask).await;
    let ended = stage.end_of("r0").await;
    assert_eq!(ended.state(), RequestState::Refused, "{ended:?}");
    assert_eq!(ended.refusals[0].reason(), Reason::ChecksUnreadable);
    assert_eq!(stage.world.calls(CREATE), 0);
    // Of a deployment: what it says is told, and it is followed on.
    let ask = ask_api(&stage.world);
    stage.asks(ask).await;
    let number = stage.runs("r1").await.deployment.unwrap().id;
    write_status(&stage.world, number, "in_progress").await;
    let newest = "/data/nodes/0/statuses/nodes/0/state";
    stage
        .world
        .fault(FOLLOW, 3, replaced([(newest, json!("ENTANGLED"))]));
    stage.says("r1", "entangled").await;
    stage.world.has_faulted("the word was heard").await;
    write_status(&stage.world, number, "success").await;
    stage.succeeds("r1").await;
    stage.end().await;
}

/// Others' deployments of the same commit to the same environment are read by
/// the facts, by the look for a lost answer, and by the history.
pub(super) async fn odd_payloads(on: Engine) {
    let mut stage = Stage::set(World::on(on).await).await;
    for payload in [
        json!("a string"),
        json!(["an", "array", 7]),
        json!("x".repeat(1_000_000)),
        json!({"request_id": ["r1"]}),
        Value::Null,
    ] {
        let at = Clock::system().now();
        let seed = SeedDeployment {
            sha: stage.world.sha(NEWEST).parse().unwrap(),
            environment: "production".to_owned(),
            creator: "bora".to_owned(),
            payload,
            description: None,
            created_at: at,
            statuses: vec![SeedStatus {
                state: DeploymentState::Failure,
                description: String::new(),
                at,
            }],
        };
        stage
            .world
            .github
            .seed_deployment("acme/api", seed)
            .unwrap();
    }
    stage.world.fault(CREATE, 1, FaultKind::AfterCommit(502));
    let ask = ask_api(&stage.world);
    stage.asks(ask).await;
    let number = stage.runs("r1").await.deployment.unwrap().id;
    write_status(&stage.world, number, "success").await;
    stage.succeeds("r1").await;
    assert_eq!(stage.world.calls(CREATE), 1);
    let count = stage.world.deployments(&mut stage.client, "api").await;
    assert_eq!(count, 6, "five of others, and ours");
    stage.end().await;
}

/// Instead of the facts, and of the answer to a creation that it did not let
/// through.
pub(super) async fn a_page(on: Engine) {
    let world = World::on(on).await;
    for route in [FACTS, CREATE] {
        world.fault(route, 1, said(200, &[], json!(GITHUBS_WORDS)));
    }
    let mut stage = Stage::set(world).await;
    stage.ask().await;
    stage.succeeds("r1").await;
    assert_eq!(stage.world.calls(CREATE), 2);
    stage.end().await;
}
