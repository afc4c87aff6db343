//! Slack wants to be called less often, or is slow: each method that the bot uses
//! is left alone for as long, and what was to be seen is seen then.

use std::time::Duration;

use deploy_proto::v1::{RequestState, Waiting, WaitingReason};
use serde_json::Value;
use simulators::control::FaultKind;
use tokio::time::Instant;

use crate::{
    answers,
    stage::{Stage, eventually},
};

const POST: &str = "POST /api/chat.postMessage";
const EDIT: &str = "POST /api/chat.update";
const OPEN: &str = "POST /api/views.open";
const UPDATE: &str = "POST /api/views.update";

const fn limit(seconds: u64) -> FaultKind {
    FaultKind::RateLimit { seconds }
}

/// A channel in which the status of people stands, with its buttons.
async fn with_status(stage: &Stage) -> Value {
    {
        let mut state = stage.deploy.state();
        state.status = Some(Ok(answers::status()));
        state.environments = Some(Ok(answers::environments_of_people()));
        state.preview = Some(Ok(answers::preview("production")));
    }
    stage.say("@deploybot status people").await;
    stage.heard(1, "people").await[0].clone()
}

#[tokio::test]
async fn a_dialog_is_opened_and_filled_when_slack_takes_it() {
    let stage = Stage::set().await;
    let status = with_status(&stage).await;
    stage.fault(OPEN, 1, limit(1));
    let begun = Instant::now();
    let pressed = stage.press(&stage.minji, &status, "deploy").await;
    assert_eq!(pressed["ok"], true, "{pressed}");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(stage.calls(OPEN), 2);
    stage.sees(&stage.minji, "Ready for").await;

    stage.fault(UPDATE, 1, limit(1));
    let before = stage.calls(UPDATE);
    let pressed = stage.press(&stage.joon, &status, "deploy").await;
    assert_eq!(pressed["ok"], true, "{pressed}");
    stage.sees(&stage.joon, "Ready for").await;
    assert_eq!(stage.calls(UPDATE), before + 3);
    stage.finish().await;
}

#[tokio::test]
async fn a_press_that_opens_nothing_in_time_is_told_by_slack_and_can_be_repeated() {
    let stage = Stage::set().await;
    let status = with_status(&stage).await;
    stage.fault(OPEN, 1, limit(4));
    let pressed = stage.press(&stage.minji, &status, "deploy").await;
    assert_eq!(pressed["error"], "app_did_not_respond", "{pressed}");
    assert_eq!(stage.calls(OPEN), 1);
    // It is left alone until then.
    let begun = Instant::now();
    while stage.press(&stage.minji, &status, "deploy").await["ok"] != true {
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
    assert_eq!(stage.calls(OPEN), 2);
    stage.sees(&stage.minji, "Ready for").await;
    stage.stop().await;
}

#[tokio::test]
async fn who_presses_too_late_is_told_when_slack_takes_it() {
    const TELL: &str = "POST /api/chat.postEphemeral";
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let id = stage.request_id(0);
    stage.deploy.tell(&id, |request| {
        request.waiting = Some(Waiting {
            reason: WaitingReason::RateLimit.into(),
            ..Waiting::default()
        });
    });
    let said = stage.heard(1, "limit of calls").await;
    stage
        .deploy
        .state()
        .requests
        .get_mut(&id)
        .unwrap()
        .set_state(RequestState::Running);
    stage.fault(TELL, 1, limit(1));
    let pressed = stage.press(&stage.joon, &said[0], "cancel").await;
    assert_eq!(pressed["ok"], true, "{pressed}");
    eventually("they are told", || stage.calls(TELL) == 2).await;
    stage.finish().await;
}

#[tokio::test]
async fn who_can_be_told_alone_only_is_told_when_slack_takes_it() {
    const DIRECT: &str = "POST /api/conversations.open";
    let stage = Stage::set().await;
    stage.fault(POST, 2, FaultKind::Refusal("not_in_channel".to_owned()));
    stage.fault(DIRECT, 1, limit(1));
    stage.say("@deploybot help").await;
    eventually("it is said elsewhere", || stage.calls(POST) == 3).await;
    assert_eq!(stage.calls(DIRECT), 2);
    assert!(stage.said().await.is_empty());
    stage.finish().await;
}

#[tokio::test]
async fn in_a_thread_a_lost_message_is_looked_for_when_slack_takes_it() {
    const REPLIES: &str = "GET /api/conversations.replies";
    let stage = Stage::set().await;
    stage.fault(POST, 1, FaultKind::DropAfterCommit);
    stage.fault(REPLIES, 1, limit(1));
    stage.say("@deploybot help").await;
    eventually("it is found", || stage.calls(REPLIES) == 2).await;
    stage.heard(1, "deploy").await;
    assert_eq!(stage.calls(POST), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_post_that_takes_longer_than_its_deadline_is_looked_for_and_there_once() {
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_millis(300);
    stage.start_bot().await;
    // Carried out and answered late, then carried out too late, then not at all.
    let late = [
        FaultKind::Late { ms: 1_000 },
        FaultKind::Latency { ms: 350 },
        FaultKind::Drop,
    ];
    for (kind, count) in late.into_iter().zip(1..) {
        stage.fault(POST, 1, kind);
        stage.say("@deploybot help").await;
        stage.heard(count, "deploy").await;
        stage.all_is_acknowledged().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn an_edit_that_takes_longer_than_its_deadline_is_made_again() {
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_millis(300);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    stage.fault(EDIT, 1, FaultKind::Latency { ms: 60_000 });
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Succeeded);
    });
    stage.heard(1, "live").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_dialog_that_slack_does_not_open_in_time_is_logged_and_holds_nothing_up() {
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_millis(300);
    stage.start_bot().await;
    let status = with_status(&stage).await;
    for kind in [
        FaultKind::Latency { ms: 60_000 },
        FaultKind::Status(503),
        FaultKind::Refusal("expired_trigger_id".to_owned()),
    ] {
        stage.fault(OPEN, 1, kind);
        let pressed = stage.press(&stage.minji, &status, "deploy").await;
        assert_eq!(pressed["error"], "app_did_not_respond", "{pressed}");
    }
    let pressed = stage.press(&stage.minji, &status, "deploy").await;
    assert_eq!(pressed["ok"], true, "{pressed}");
    stage.sees(&stage.minji, "Ready for").await;
    stage.stop().await;
}
