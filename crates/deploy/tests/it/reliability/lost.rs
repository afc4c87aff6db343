//! Answers and processes that are lost while GitHub is asked for a deployment.

use deploy_proto::v1::{RequestState, WaitingReason};
use serde_json::json;
use simulators::control::FaultKind;

use super::{
    limits::said,
    stage::{GITHUBS_WORDS, Stage},
};
use crate::{
    service::eventually,
    world::{CREATE, Engine, FACTS, World},
};

/// The one request succeeds under a fault of its creation; how often GitHub was
/// asked for it.
async fn created_under(on: Engine, kind: FaultKind) -> u64 {
    let world = World::on(on).await;
    world.fault(CREATE, 1, kind);
    let mut stage = Stage::set(world).await;
    stage.ask().await;
    stage.succeeds("r1").await;
    let asked = stage.world.calls(CREATE);
    stage.end().await;
    asked
}

pub(super) async fn answered_with_502(on: Engine) {
    assert_eq!(created_under(on, FaultKind::AfterCommit(502)).await, 1);
}

/// Whatever the search for it is answered, it goes on.
pub(super) async fn search_refused(on: Engine) {
    const FIND: &str = "GET /api/v3/repos/{owner}/{repo}/deployments";
    const FOLLOW: &str = "POST /api/graphql Follow";
    let world = World::on(on).await;
    world.fault(CREATE, 1, FaultKind::AfterCommit(502));
    for (status, times) in [(401, 4), (403, 1), (404, 1)] {
        let refused = said(status, &[], json!({ "message": GITHUBS_WORDS }));
        world.fault(FIND, times, refused);
    }
    // A page of a proxy, also when it is asked for once more.
    world.fault(FIND, 2, said(200, &[], json!(GITHUBS_WORDS)));
    let error = json!({"type": "FORBIDDEN", "message": GITHUBS_WORDS});
    world.fault(FOLLOW, 1, said(200, &[], json!({ "errors": [error] })));
    let mut stage = Stage::set(world).await;
    stage.ask().await;
    stage.succeeds("r1").await;
    assert_eq!(stage.world.calls(CREATE), 1);
    let mut waiting = stage.told.iter().filter_map(|one| one.waiting.as_ref());
    let waiting = waiting.next().expect("it is told that it waits");
    assert_eq!(waiting.reason(), WaitingReason::AnswerLost);
    insta::allow_duplicates! {
        insta::assert_snapshot!(
            waiting.explanation,
            @"GitHub does not accept deploybot's token: whoever runs deploybot has to renew it."
        );
    }
    stage.end().await;
}

pub(super) async fn cut_before(on: Engine) {
    assert_eq!(created_under(on, FaultKind::Drop).await, 2);
}

pub(super) async fn cut_during(on: Engine) {
    assert_eq!(created_under(on, FaultKind::DropMidAnswer).await, 1);
}

pub(super) async fn cut_after(on: Engine) {
    assert_eq!(created_under(on, FaultKind::DropAfterCommit).await, 1);
}

pub(super) async fn made_late(on: Engine) {
    // Longer than any caller waits.
    let late = FaultKind::OnceGone { ms: 120_000 };
    assert_eq!(created_under(on, late).await, 1);
}

/// A few chosen moments; hundreds of drawn ones, with real processes, are a
/// test of the sandbox.
pub(super) async fn killed(on: Engine) {
    for (route, kind) in [
        (FACTS, FaultKind::Latency { ms: 300 }),
        (CREATE, FaultKind::Latency { ms: 300 }),
        (CREATE, FaultKind::Late { ms: 300 }),
        (CREATE, FaultKind::OnceGone { ms: 5_000 }),
        (CREATE, FaultKind::AfterCommit(502)),
        ("POST /api/graphql Follow", FaultKind::Late { ms: 300 }),
    ] {
        let world = World::on(on).await;
        world.fault(route, 1, kind.clone());
        let mut stage = Stage::set(world).await;
        stage.ask().await;
        eventually(("the call has come", route), || async {
            let faults = stage.world.github.control().faults();
            faults.is_empty().then_some(())
        })
        .await;
        let mut stage = stage.killed_and_started_anew().await;
        stage.succeeds("r1").await;
        stage.end().await;
    }
}

impl Stage {
    async fn killed_and_started_anew(self) -> Self {
        let Self {
            world,
            service,
            client,
            feed,
            ..
        } = self;
        drop((client, feed));
        service.kill().await;
        let mut stage = Self::set(world).await;
        // Whoever asks again is told of the same request.
        let ask = stage.world.ask("r1", crate::world::NEWEST);
        let same = stage.client.start_deployment(ask).await.unwrap();
        let state = same.into_inner().request.unwrap().state();
        assert_ne!(state, RequestState::Refused);
        stage
    }
}
