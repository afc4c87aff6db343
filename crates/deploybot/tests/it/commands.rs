//! The commands that only read, and words that are no command.

use std::{collections::HashMap, time::Duration};

use deploy_proto::v1::RequestState;
use simulators::control::FaultKind;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    answers,
    stage::{Stage, eventually, text},
};

#[tokio::test]
async fn status_is_answered_in_the_channel_with_one_message() {
    let stage = Stage::set().await;
    stage.deploy.state().status = Some(Ok(answers::status()));
    stage.say("@deploybot status people").await;
    let said = stage.heard(1, "people").await;
    assert!(said[0].get("thread_ts").is_none(), "{}", said[0]);
    assert!(
        said[0]["blocks"]
            .to_string()
            .contains("Add Minji to the team page")
    );
    assert_eq!(stage.calls("POST /api/chat.postMessage"), 1);
    stage.finish().await;
}

#[tokio::test]
async fn what_is_asked_in_a_thread_is_answered_there() {
    let stage = Stage::set().await;
    stage.deploy.state().status = Some(Ok(answers::status()));
    let thread = stage.say("what runs where?").await;
    stage.say_in(&thread, "@deploybot status people").await;
    let said = stage.heard(1, "people").await;
    assert_eq!(said[0]["thread_ts"], thread.as_str());
    stage.finish().await;
}

#[tokio::test]
async fn history_is_answered_in_the_channel() {
    let stage = Stage::set().await;
    stage.deploy.state().history = Some(Ok(answers::history()));
    stage.say("@deploybot history people").await;
    let said = stage.heard(1, "people").await;
    assert!(said[0].get("thread_ts").is_none());
    assert!(said[0]["blocks"].to_string().contains("production"));
    stage.finish().await;
}

#[tokio::test]
async fn help_and_typos_are_answered_in_the_thread() {
    let stage = Stage::set().await;
    let asked = stage.say("@deploybot help").await;
    let said = stage.heard(1, "deploy").await;
    assert_eq!(said[0]["thread_ts"], asked.as_str());
    let mistyped = stage.say("@deploybot stauts people").await;
    let said = stage.heard(2, "Did you mean").await;
    assert_eq!(said[1]["thread_ts"], mistyped.as_str());
    stage.finish().await;
}

#[tokio::test]
async fn an_unknown_repository_is_told_in_the_thread_with_what_was_meant() {
    let stage = Stage::set().await;
    let metadata = HashMap::from([("candidates".to_owned(), "people\nweb".to_owned())]);
    let details = ErrorDetails::with_error_info("UNKNOWN_REPOSITORY", "deploy.v1", metadata);
    let status = Status::with_error_details(Code::NotFound, "There is no `peopel`.", details);
    stage.deploy.state().status = Some(Err(status));
    let asked = stage.say("@deploybot status peopel").await;
    let said = stage.heard(1, "people").await;
    assert_eq!(said[0]["thread_ts"], asked.as_str());
    stage.finish().await;
}

#[tokio::test]
async fn a_read_that_can_not_be_served_says_so() {
    let stage = Stage::set().await;
    let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(102)));
    let status = Status::with_error_details(Code::Unavailable, "GitHub is away.", details);
    stage.deploy.state().status = Some(Err(status));
    stage.say("@deploybot status people").await;
    stage.heard(1, "1 min 42 s").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_slow_read_is_acknowledged_before_slack_loses_patience() {
    let mut stage = Stage::without_bot().await;
    stage.timing.read_acknowledged_after = Duration::from_millis(100);
    stage.start_bot().await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_reads = Some(hold.clone());
    stage.deploy.state().status = Some(Ok(answers::status()));
    stage.say("@deploybot status people").await;
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    assert!(stage.said().await.is_empty(), "it is not answered yet");
    hold.cancel();
    stage.heard(1, "people").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_quick_read_is_acknowledged_after_its_reply() {
    let stage = Stage::set().await;
    stage.deploy.state().status = Some(Ok(answers::status()));
    stage.fault(
        "POST /api/chat.postMessage",
        1,
        FaultKind::Latency { ms: 300 },
    );
    stage.say("@deploybot status people").await;
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    assert_eq!(stage.said().await.len(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn an_event_delivered_twice_is_answered_once() {
    let stage = Stage::set().await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_reads = Some(hold.clone());
    stage.deploy.state().status = Some(Ok(answers::status()));
    stage.say("@deploybot status people").await;
    redeliver(&stage).await;
    eventually("it came twice", || stage.mention(0).attempts == 2).await;
    hold.cancel();
    stage.heard(1, "people").await;
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    redeliver(&stage).await;
    eventually("it came three times", || stage.mention(0).attempts == 3).await;
    stage.say("@deploybot help").await;
    stage.heard(2, "deploy").await;
    stage.finish().await;
}

#[tokio::test]
async fn an_answer_whose_post_was_lost_on_the_way_back_is_not_said_twice() {
    let stage = Stage::set().await;
    stage.deploy.state().status = Some(Ok(answers::status()));
    stage.fault("POST /api/chat.postMessage", 1, FaultKind::DropAfterCommit);
    stage.say("@deploybot status people").await;
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    assert_eq!(stage.said().await.len(), 1);
    assert_eq!(stage.calls("POST /api/chat.postMessage"), 1);
    stage.finish().await;
}

#[tokio::test]
async fn bots_and_the_bots_own_words_are_no_commands() {
    let stage = Stage::set().await;
    stage.say("@deploybot help").await;
    let said = stage.heard(1, "deploy").await;
    // The help names commands; none of them is taken for one.
    assert!(text(&said[0]).contains("deploy"));
    assert!(stage.deploy.state().starts.is_empty());
    let states: Vec<_> = stage
        .deploy
        .state()
        .requests
        .values()
        .map(|request| request.state())
        .collect();
    assert_eq!(states, Vec::<RequestState>::new());
    stage.finish().await;
}

async fn redeliver(stage: &Stage) {
    let wanted = serde_json::json!({"event_id": stage.mention(0).event_id, "times": 1});
    stage.call("POST", "/control/redeliver", Some(wanted)).await;
}
