//! The order in an environment and the line for new deployments: who waits for
//! another there holds no turn that a third could have.

use std::{num::NonZeroU32, sync::atomic::AtomicI64};

use deploy::{Clock, store::Limits};
use jiff::SignedDuration;

use super::*;

on_both! {
    who_is_refused_need_not_stand_in_line_behind_another_for_it,
    who_waits_for_another_whose_turn_came_takes_none,
    who_waits_for_another_that_comes_late_gives_its_turn_back,
}

/// How many times as fast as the machine's the clock goes for whoever waits.
const FAST: u32 = 60;

/// With so many new deployments a minute.
fn timing(world: &World, clock: Clock, per_minute: u32) -> Timing {
    Timing {
        clock,
        retry: Duration::from_secs(1),
        creations: Limits {
            per_minute: NonZeroU32::new(per_minute).unwrap(),
            ..Limits::default()
        },
        ..world.timing()
    }
}

impl Scene {
    /// A scene whose clock stands still, and how many seconds of it have passed:
    /// who waits until a time looks again long before.
    pub(super) async fn at_a_standstill(on: Engine, per_minute: u32) -> (Self, Arc<AtomicI64>) {
        let world = World::on(on).await;
        let (start, passed) = (Clock::system().now(), Arc::new(AtomicI64::new(0)));
        let set = Arc::clone(&passed);
        let told = move || start + SignedDuration::from_secs(set.load(Ordering::Relaxed));
        let clock = Clock::faster(told, NonZeroU32::new(FAST).unwrap());
        let timing = timing(&world, clock, per_minute);
        (Self::at(world, timing).await, passed)
    }

    /// Asks for one that is told its place in line, where the environment goes by
    /// the name that GitHub has for it.
    async fn ask_in_line(&mut self, id: &str, environment: &str, position: usize) {
        self.ask(id, environment, position).await;
        let request = waits(&mut self.feed, id).await;
        let waiting = request.waiting.unwrap_or_default();
        assert_eq!(waiting.reason(), WaitingReason::CreateLimit);
        assert_eq!(request.environment, "production");
    }
}

async fn who_is_refused_need_not_stand_in_line_behind_another_for_it(on: Engine) {
    let world = World::on(on).await;
    let timing = Timing {
        retry: world.timing().retry,
        ..timing(&world, Clock::system(), 1)
    };
    let mut scene = Scene::at(world, timing).await;
    scene.ask_in_line("r1", "prod", NEWEST).await;
    scene.ask("red", "production", RED).await;
    let refused = scene.feed.end_of("red").await;
    assert_eq!(refused.refusals[0].reason(), Reason::ChecksFailed);
    // What is live it is told when those before it have gone out.
    scene.ask_in_line("r2", "production", OLDEST).await;
    assert_eq!(scene.world.calls(CREATE), 1);
    scene.end().await;
}

async fn who_waits_for_another_whose_turn_came_takes_none(on: Engine) {
    let (mut scene, passed) = Scene::at_a_standstill(on, 2).await;
    scene.ask("other", "staging", OLDEST).await;
    let other = scene.runs("other").await.deployment.unwrap().id;
    write_status(&scene.world, other, "success").await;
    scene.feed.end_of("other").await;
    passed.store(1, Ordering::Relaxed);
    scene.ask_in_line("r1", "production", NEWEST).await;
    passed.store(2, Ordering::Relaxed);
    scene.ask_in_line("r2", "production", OLDEST).await;

    let hold = scene.keeps_back(NEWEST);
    passed.store(61, Ordering::Relaxed);
    is_asked(&hold).await;
    // Which takes the other of the two turns of this minute.
    scene.nothing_becomes_of("r2").await;
    hold.released.cancel();
    other_goes_out(&mut scene.feed).await;
    scene.end().await;
}

/// It was accepted by a process whose clock is behind.
async fn who_waits_for_another_that_comes_late_gives_its_turn_back(on: Engine) {
    let (mut scene, passed) = Scene::at_a_standstill(on, 3).await;
    passed.store(10, Ordering::Relaxed);
    let late = scene.keeps_back(OLDEST);
    scene.ask("r2", "production", OLDEST).await;
    is_asked(&late).await;
    passed.store(5, Ordering::Relaxed);
    let first = scene.keeps_back(NEWEST);
    scene.ask("r1", "production", NEWEST).await;
    is_asked(&first).await;
    late.released.cancel();
    // Which takes the turn that the one had.
    scene.nothing_becomes_of("r2").await;
    first.released.cancel();
    other_goes_out(&mut scene.feed).await;
    scene.end().await;
}
