//! The machine's clock is wrong by ten minutes. GitHub's is right.

use deploy::{Clock, Timing};
use jiff::SignedDuration;
use simulators::control::FaultKind;

use super::stage::Stage;
use crate::world::{CREATE, FACTS, World};

/// A lost answer and a limit with its end, which GitHub tells by its own clock.
async fn wrong_by(minutes: i64) {
    let world = World::new().await;
    world.fault(FACTS, 1, FaultKind::RateLimit { seconds: 2 });
    world.fault(CREATE, 1, FaultKind::AfterCommit(502));
    let now = Clock::system();
    let clock = Clock::new(move || now.now() + SignedDuration::from_mins(minutes));
    let (config, timing) = (world.config(), world.timing());
    let mut stage = Stage::with(world, config, Timing { clock, ..timing }).await;
    stage.ask().await;
    stage.succeeds("r1").await;
    assert_eq!(stage.world.calls(CREATE), 1);
    stage.end().await;
}

pub(super) async fn fast() {
    wrong_by(10).await;
}

pub(super) async fn slow() {
    wrong_by(-10).await;
}
