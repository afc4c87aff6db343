//! The machine's clock is wrong by ten minutes. GitHub's is right, and that of a
//! Postgres that is not on this machine.

use deploy::{Clock, Timing};
use jiff::{SignedDuration, Timestamp};
use simulators::control::FaultKind;

use super::{
    limits::{Limit, assert_is_near},
    stage::Stage,
};
use crate::world::{CREATE, Engine, FACTS, World};

/// The journal's clock is as wrong, or it is the database's, which is right and
/// sets the process's, too.
async fn wrong_by(on: Engine, minutes: i64) {
    let now = Clock::system();
    let wrong = Clock::new(move || now.now() + SignedDuration::from_mins(minutes));
    let (_, until) = deploys_by(on, wrong.clone()).await;
    let is_off_by = until.duration_since(Clock::system().now()).as_mins();
    assert!((is_off_by - minutes).abs() <= 1, "told by another: {until}");
    if on == Engine::Postgres {
        let (over, until) = deploys_by(on, wrong.set_by_the_journal()).await;
        assert_is_near(over, until);
    }
}

/// One deploy, by this clock, through a limit whose end GitHub tells by its own,
/// and a lost answer: when the limit was over, and until when it was told to
/// last.
async fn deploys_by(on: Engine, clock: Clock) -> (Timestamp, Timestamp) {
    let world = World::on(on).await;
    world.fault(CREATE, 1, FaultKind::AfterCommit(502));
    let timing = Timing {
        clock,
        ..world.timing()
    };
    let config = world.config();
    let mut stage = Stage::with(world, config, timing).await;
    let limit = Limit::reset(403);
    let told = stage.waits_out(FACTS, "production", limit).await;
    assert_eq!(stage.world.calls(CREATE), 1);
    stage.end().await;
    told
}

pub(super) async fn fast(on: Engine) {
    wrong_by(on, 10).await;
}

pub(super) async fn slow(on: Engine) {
    wrong_by(on, -10).await;
}
