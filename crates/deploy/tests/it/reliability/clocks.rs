//! The machine's clock is wrong by ten minutes. GitHub's is right.

use deploy::{Clock, Timing};
use jiff::SignedDuration;
use simulators::control::FaultKind;

use super::{limits::Limit, stage::Stage};
use crate::world::{CREATE, Engine, FACTS, World};

/// A limit whose end GitHub tells by its own clock, and a lost answer.
async fn wrong_by(on: Engine, minutes: i64) {
    let world = World::on(on).await;
    world.fault(CREATE, 1, FaultKind::AfterCommit(502));
    let now = Clock::system();
    let clock = Clock::new(move || now.now() + SignedDuration::from_mins(minutes));
    let (config, timing) = (world.config(), world.timing());
    let mut stage = Stage::with(world, config, Timing { clock, ..timing }).await;
    stage.waits_out(FACTS, "production", Limit::reset()).await;
    assert_eq!(stage.world.calls(CREATE), 1);
    stage.end().await;
}

pub(super) async fn fast(on: Engine) {
    wrong_by(on, 10).await;
}

pub(super) async fn slow(on: Engine) {
    wrong_by(on, -10).await;
}
