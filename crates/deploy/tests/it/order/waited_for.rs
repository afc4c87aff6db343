//! Who is waited for, and what whoever waits for them is told: by what keeps the
//! earlier one.

use std::sync::atomic::AtomicI64;

use deploy::Clock;
use jiff::SignedDuration;
use simulators::control::FaultKind;

use super::*;

on_both! {
    whose_deployment_is_being_made_is_waited_for_after_a_long_outage,
    who_asked_by_another_name_is_told_of_who_waits_for_github_to_make_it,
    who_waits_behind_one_of_whom_nothing_is_heard_says_so_in_an_outage,
    who_alone_fails_keeps_nobody,
    who_waits_behind_another_is_told_so_and_by_which_name_the_environment_goes,
    who_waits_behind_one_that_is_withdrawn_hears_of_it_in_a_minute,
}

/// More often than any test asks.
const ALWAYS: u32 = 1_000_000;

/// It was accepted so long ago that one who says nothing would be given up.
async fn whose_deployment_is_being_made_is_waited_for_after_a_long_outage(on: Engine) {
    const SLOW: FaultKind = FaultKind::Latency { ms: 2_000 };
    let world = World::on(on).await;
    let (minutes, now) = (Arc::new(AtomicI64::new(0)), Clock::system());
    let set = Arc::clone(&minutes);
    let clock = Clock::new(move || {
        let minutes = set.load(Ordering::Relaxed);
        now.now() + SignedDuration::from_mins(minutes)
    });
    let timing = Timing {
        clock,
        ..world.timing()
    };
    let mut scene = Scene::at(world, timing).await;
    scene
        .ask_in_an_outage(&[("r1", "production", NEWEST), ("r2", "prod", OLDEST)])
        .await;
    minutes.store(11, Ordering::Relaxed);
    scene.world.fault(CREATE, 1, SLOW);
    scene.github_is_back();
    other_goes_out(&mut scene.feed).await;
    scene.end().await;
}

async fn who_asked_by_another_name_is_told_of_who_waits_for_github_to_make_it(on: Engine) {
    let mut scene = Scene::on(on).await;
    scene.world.fault(CREATE, ALWAYS, FaultKind::Status(502));
    scene.ask("r1", "production", NEWEST).await;
    let waits = waiting(&mut scene.feed, "r1").await;
    assert_eq!(waits.reason(), WaitingReason::GithubUnavailable);
    scene.ask("r2", "prod", OLDEST).await;
    let refused = scene.feed.end_of("r2").await;
    assert_eq!(refused.refusals[0].reason(), Reason::AlreadyRunning);
    assert_eq!(refused.refusals.len(), 1);
    scene.world.github.control().clear_faults();
    scene.runs("r1").await;
    scene.end().await;
}

async fn who_waits_behind_one_of_whom_nothing_is_heard_says_so_in_an_outage(on: Engine) {
    let mut scene = Scene::on(on).await;
    let hold = scene.keeps_back(NEWEST);
    scene.ask("r1", "production", NEWEST).await;
    is_asked(&hold).await;
    scene
        .ask_in_an_outage(&[
            ("elsewhere", "staging", NEWEST),
            ("r2", "production", OLDEST),
        ])
        .await;
    let cancelled = cancel(&mut scene.client, "r2").await.unwrap();
    assert_eq!(cancelled.state(), RequestState::Cancelled);
    scene.github_is_back();
    hold.released.cancel();
    scene.runs("r1").await;
    scene.end().await;
}

/// GitHub answers all but what it is asked about one request.
async fn who_alone_fails_keeps_nobody(on: Engine) {
    let (mut scene, passed) = Scene::at_a_standstill(on, 80).await;
    passed.store(61, Ordering::Relaxed);
    *scene.sky.fails.lock().unwrap() = Some(scene.world.sha(NEWEST));
    scene.ask("r1", "production", NEWEST).await;
    let waits = waiting(&mut scene.feed, "r1").await;
    assert_eq!(waits.reason(), WaitingReason::GithubUnavailable);
    passed.store(62, Ordering::Relaxed);
    scene.ask("r2", "production", OLDEST).await;
    let last = scene.feed.end_of("r2").await;
    assert_eq!(last.refusals[0].reason(), Reason::AlreadyLive);
    assert_eq!(scene.feed.states("r1"), [RequestState::Accepted]);
    *scene.sky.fails.lock().unwrap() = None;
    scene.runs("r1").await;
    scene.end().await;
}

async fn who_waits_behind_another_is_told_so_and_by_which_name_the_environment_goes(on: Engine) {
    let mut scene = Scene::on(on).await;
    scene.sky.is_away.store(true, Ordering::Relaxed);
    let asks = [
        ("r1", "production", NEWEST, None),
        ("r2", "prod", OLDEST, Some(1)),
    ];
    for (id, environment, position, ahead) in asks {
        scene.ask(id, environment, position).await;
        let waits = waiting(&mut scene.feed, id).await;
        assert_eq!(waits.reason(), WaitingReason::GithubUnavailable);
        assert_eq!(waits.ahead, ahead);
    }
    scene.github_is_back();
    let refused = other_goes_out(&mut scene.feed).await;
    assert_eq!(refused.environment, "production", "GitHub has told");
    scene.end().await;
}

/// The limit is over in hours.
async fn who_waits_behind_one_that_is_withdrawn_hears_of_it_in_a_minute(on: Engine) {
    const HOURS: FaultKind = FaultKind::RateLimit { seconds: 10_000 };
    let (mut scene, _) = Scene::at_a_standstill(on, 80).await;
    scene.world.fault(FACTS, ALWAYS, HOURS);
    for (id, environment, position) in IN_ORDER {
        scene.ask(id, environment, position).await;
        let waits = waiting(&mut scene.feed, id).await;
        assert_eq!(waits.reason(), WaitingReason::RateLimit);
        assert_eq!(waits.ahead.is_some(), id == "r2");
    }
    cancel(&mut scene.client, "r1").await.unwrap();
    while waiting(&mut scene.feed, "r2").await.ahead.is_some() {}
    scene.world.github.control().clear_faults();
    scene.end().await;
}
