//! Answers and processes that are lost while GitHub is asked for a deployment.

use deploy_proto::v1::RequestState;
use simulators::control::FaultKind;

use super::stage::Stage;
use crate::{
    service::eventually,
    world::{CREATE, FACTS, World},
};

/// The one request succeeds under a fault of its creation; how often GitHub was
/// asked for it.
async fn created_under(kind: FaultKind) -> u64 {
    let world = World::new().await;
    world.fault(CREATE, 1, kind);
    let mut stage = Stage::set(world).await;
    stage.ask().await;
    stage.succeeds("r1").await;
    let asked = stage.world.calls(CREATE);
    stage.end().await;
    asked
}

pub(super) async fn answered_with_502() {
    assert_eq!(created_under(FaultKind::AfterCommit(502)).await, 1);
}

pub(super) async fn cut_before() {
    assert_eq!(created_under(FaultKind::Drop).await, 2);
}

pub(super) async fn cut_during() {
    assert_eq!(created_under(FaultKind::DropMidAnswer).await, 1);
}

pub(super) async fn cut_after() {
    assert_eq!(created_under(FaultKind::DropAfterCommit).await, 1);
}

pub(super) async fn made_late() {
    // Longer than any caller waits.
    let late = FaultKind::OnceGone { ms: 120_000 };
    assert_eq!(created_under(late).await, 1);
}

/// A few chosen moments; hundreds of drawn ones, with real processes, are a
/// test of the sandbox.
pub(super) async fn killed() {
    for (route, kind) in [
        (FACTS, FaultKind::Latency { ms: 300 }),
        (CREATE, FaultKind::Latency { ms: 300 }),
        (CREATE, FaultKind::Late { ms: 300 }),
        (CREATE, FaultKind::OnceGone { ms: 5_000 }),
        (CREATE, FaultKind::AfterCommit(502)),
        ("POST /api/graphql Follow", FaultKind::Late { ms: 300 }),
    ] {
        let world = World::new().await;
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
