//! What the feed tells is shown once, in order, whoever dies when.

use std::time::Duration;

use deploy_proto::v1::{self, RequestState};
use prost_types::Timestamp;
use serde_json::json;
use simulators::control::FaultKind;
use tonic::Status;

use crate::{
    answers::{self, NEW},
    stage::{Stage, eventually, text},
};

/// A request that someone made in the channel while no bot ran.
pub(crate) fn request(stage: &Stage, id: &str, asked: &str) -> v1::Request {
    v1::Request {
        request_id: id.to_owned(),
        state: RequestState::Creating.into(),
        repository: "acme/people".to_owned(),
        environment: "production".to_owned(),
        commit: Some(answers::commit(NEW, "Add Minji to the team page")),
        requester: Some(v1::Person {
            slack: stage.minji.clone(),
            ..Default::default()
        }),
        reply: Some(v1::ReplyAddress {
            channel: stage.channel.clone(),
            asked_ts: asked.to_owned(),
            thread_ts: String::new(),
        }),
        ..Default::default()
    }
}

/// The bot has posted a request's message and died before it could say so.
async fn posted_and_not_recorded(stage: &mut Stage) {
    stage.deploy.state().messages.refuse_records = vec![Status::unavailable("away"); 10_000];
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "people").await;
    stage.kill_bot().await;
    let mut state = stage.deploy.state();
    state.acknowledged = 0;
    state.messages.refuse_records.clear();
}

/// Claims that last as long as a call to Slack, which is short.
async fn with_short_claims() -> Stage {
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_secs(2);
    stage.deploy.state().messages.lasts = Some(Duration::from_secs(3));
    stage.start_bot().await;
    stage
}

#[tokio::test]
async fn a_message_that_was_posted_and_not_recorded_is_found_again() {
    let mut stage = with_short_claims().await;
    posted_and_not_recorded(&mut stage).await;
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Succeeded);
    });
    stage.start_bot().await;
    let said = stage.heard(1, "live").await;
    eventually("it is recorded", || {
        stage.deploy.state().messages.records.len() == 1
    })
    .await;
    assert_eq!(
        stage.deploy.state().messages.records[0].ts,
        said[0]["ts"].as_str().unwrap()
    );
    assert_eq!(stage.calls("POST /api/chat.postMessage"), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_message_is_found_again_however_much_was_said_since() {
    let mut stage = with_short_claims().await;
    posted_and_not_recorded(&mut stage).await;
    for number in 0..1_100 {
        stage.say(&format!("chatter {number}")).await;
    }
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Succeeded);
    });
    stage.start_bot().await;
    eventually("it is edited", || stage.calls("POST /api/chat.update") == 1).await;
    assert_eq!(stage.calls("POST /api/chat.postMessage"), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_message_is_not_looked_for_among_what_is_older_than_its_request() {
    let mut stage = Stage::without_bot().await;
    // The button that was pressed stands below an old message.
    let asked = stage.say("a message with a button").await;
    for number in 0..1_100 {
        stage.say(&format!("chatter {number}")).await;
    }
    let mut pressed = request(&stage, "slack:T:pressed", &asked);
    let second: i64 = asked.split('.').next().unwrap().parse().unwrap();
    pressed.accepted_at = Some(Timestamp {
        seconds: second + 3600,
        nanos: 0,
    });
    stage.deploy.journal(pressed);
    let key = "request:slack:T:pressed";
    stage.deploy.state().messages.claimed_before(key);
    stage.start_bot().await;
    eventually("it is shown", || {
        stage.calls("POST /api/chat.postMessage") == 1
    })
    .await;
    assert_eq!(stage.calls("GET /api/conversations.history"), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_failure_is_told_once_also_after_a_restart() {
    let mut stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let id = stage.request_id(0);
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Failed);
        request.failure = "ImagePullBackOff".to_owned();
    });
    stage.heard(2, "ImagePullBackOff").await;
    stage.is_told_anew_in_vain().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_failure_that_happened_while_no_bot_ran_is_told() {
    let mut stage = Stage::without_bot().await;
    let asked = stage.say("somebody asked").await;
    let mut failed = request(&stage, "slack:T:1", &asked);
    failed.set_state(RequestState::Failed);
    failed.failure = "ImagePullBackOff".to_owned();
    stage.deploy.journal(failed);
    stage.start_bot().await;
    let said = stage.heard(2, "ImagePullBackOff").await;
    assert!(text(&said[1]).contains(&format!("<@{}>", stage.minji)));
    stage.finish().await;
}

#[tokio::test]
async fn what_others_asked_for_has_no_place_in_slack_and_is_acknowledged() {
    let stage = Stage::set().await;
    let mut elsewhere = request(&stage, "ctl:1", "");
    elsewhere.reply = None;
    stage.deploy.journal(elsewhere);
    eventually("it is acknowledged", || {
        stage.deploy.state().acknowledged == 1
    })
    .await;
    assert!(stage.said().await.is_empty());
    stage.finish().await;
}

#[tokio::test]
async fn a_stream_that_breaks_is_followed_again_and_nothing_is_doubled() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let id = stage.request_id(0);
    stage.deploy.go_away().await;
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Running));
    stage.deploy.come_back().await;
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Succeeded));
    stage.heard(1, "live").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_followed_anew() {
    let mut stage = Stage::without_bot().await;
    // There is a heartbeat each second.
    stage.timing.served = Duration::from_millis(600);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    stage.deploy.state().watching.silent = Some(1);
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Succeeded);
    });
    stage.heard(1, "live").await;
    assert_eq!(stage.deploy.state().watching.streams, 2);
    stage.finish().await;
}

#[tokio::test]
async fn a_post_whose_answer_is_lost_is_looked_for_before_it_is_tried_again() {
    let stage = Stage::set().await;
    stage.fault("POST /api/chat.postMessage", 1, FaultKind::AfterCommit(502));
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "people").await;
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Succeeded);
    });
    stage.heard(1, "live").await;
    assert_eq!(stage.calls("POST /api/chat.postMessage"), 1);
    assert_eq!(stage.calls("GET /api/conversations.history"), 1);
    stage.finish().await;
}

#[tokio::test]
async fn the_last_state_arrives_although_slack_fails_on_the_way() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    stage.fault("POST /api/chat.update", 3, FaultKind::Status(503));
    let id = stage.request_id(0);
    for state in [
        RequestState::Creating,
        RequestState::Running,
        RequestState::Succeeded,
    ] {
        stage.deploy.tell(&id, |request| request.set_state(state));
    }
    stage.heard(1, "live").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_channel_that_the_bot_is_not_in_holds_nothing_up() {
    let stage = Stage::set().await;
    let mut lost = request(&stage, "slack:T:lost", "");
    lost.reply = Some(v1::ReplyAddress {
        channel: "C0NOWHERE".to_owned(),
        ..Default::default()
    });
    stage.deploy.journal(lost);
    let asked = stage.say("somebody asked").await;
    stage.deploy.journal(request(&stage, "slack:T:2", &asked));
    stage.heard(1, "people").await;
    eventually("both are acknowledged", || {
        stage.deploy.state().acknowledged == 2
    })
    .await;
    stage.finish().await;
}

#[tokio::test]
async fn a_message_that_somebody_deleted_is_posted_anew_and_edited_from_then_on() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    let said = stage.heard(1, "accepted").await;
    let gone = json!({"channel": stage.channel, "ts": said[0]["ts"]});
    let answer = stage.call("POST", "/api/chat.delete", Some(gone)).await;
    assert_eq!(answer["ok"], true, "{answer}");
    let id = stage.request_id(0);
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Running));
    let said = stage.heard(1, "people").await;
    eventually("the new message is recorded", || {
        let state = stage.deploy.state();
        let records = &state.messages.records;
        records.len() == 2 && said[0]["ts"] == records[1].ts.as_str()
    })
    .await;
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Succeeded));
    stage.heard(1, "live").await;
    assert_eq!(stage.deploy.state().messages.records.len(), 2);
    stage.finish().await;
}

#[tokio::test]
async fn a_failure_is_told_although_its_message_can_not_be_edited() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    // As a proxy in between answers that is slow.
    stage.fault("POST /api/chat.update", 10_000, FaultKind::Status(408));
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Failed);
        request.failure = "ImagePullBackOff".to_owned();
    });
    let said = stage.heard(2, "ImagePullBackOff").await;
    assert!(text(&said[1]).contains(&format!("<@{}>", stage.minji)));
    assert!(!text(&said[0]).contains("did not reach"), "{}", said[0]);
    assert!(!stage.deploy.all_is_shown());
    stage.slack.control().clear_faults();
    stage.corrected(0, "did not reach").await;
    assert_eq!(stage.said().await.len(), 2);
    stage.finish().await;
}

#[tokio::test]
async fn a_failure_is_told_although_its_message_can_not_be_recorded() {
    let stage = Stage::set().await;
    stage.deploy.state().messages.refuse_records = vec![Status::unavailable("away"); 10_000];
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Failed);
        request.failure = "ImagePullBackOff".to_owned();
    });
    stage.heard(2, "ImagePullBackOff").await;
    assert!(stage.deploy.state().messages.records.is_empty());
    stage.finish().await;
}

#[tokio::test]
async fn an_edit_that_slack_refuses_for_good_is_skipped_at_once_and_the_failure_told() {
    let mut stage = Stage::without_bot().await;
    let asked = stage.say("somebody asked").await;
    let mut failed = request(&stage, "slack:T:1", &asked);
    failed.set_state(RequestState::Failed);
    failed.failure = "ImagePullBackOff".to_owned();
    // A message of somebody else can't be edited.
    failed.message_ts = asked;
    stage.deploy.journal(failed);
    stage.start_bot().await;
    stage.heard(1, "ImagePullBackOff").await;
    eventually("it is acknowledged", || stage.deploy.all_is_shown()).await;
    assert_eq!(stage.calls("POST /api/chat.update"), 1);
    stage.finish().await;
}
