//! The connection to Slack: nothing that was said is lost when it goes.

use std::time::Duration;

use serde_json::json;
use simulators::control::FaultKind;
use tokio_util::sync::CancellationToken;

use crate::{
    answers,
    stage::{Stage, eventually},
};

#[tokio::test]
async fn an_announced_end_is_met_with_a_new_connection_first() {
    let stage = Stage::set().await;
    let warning = json!({"reason": "warning", "close_after_ms": 5000});
    stage
        .call("POST", "/control/disconnect", Some(warning))
        .await;
    eventually("there are two connections", || {
        stage.slack.connections() == 2
    })
    .await;
    // Slack uses both in turn; each answer needs its own connection to be read.
    for count in 1..=4 {
        stage.say("@deploybot help").await;
        stage.heard(count, "deploy").await;
    }
    eventually("all are acknowledged", || {
        (0..4).all(|number| stage.mention(number).state == "acknowledged")
    })
    .await;
    assert!((0..4).all(|number| stage.mention(number).attempts == 1));
    eventually("the old one is gone", || stage.slack.connections() == 1).await;
    stage.finish().await;
}

#[tokio::test]
async fn a_connection_that_breaks_is_replaced_and_what_was_said_meanwhile_is_heard() {
    let stage = Stage::set().await;
    stage
        .call(
            "POST",
            "/control/disconnect",
            Some(json!({"reason": "drop"})),
        )
        .await;
    stage.say("@deploybot help").await;
    stage.heard(1, "deploy").await;
    stage.finish().await;
}

#[tokio::test]
async fn work_that_outlives_its_connection_is_done_once() {
    let mut stage = Stage::with(|slack| {
        slack.timing.acknowledge_within = Duration::from_millis(500);
        // So that one is acknowledged in time however slow the machine is.
        slack.timing.repeat_after = vec![Duration::ZERO; 50];
    })
    .await;
    stage.start_bot().await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_starts = Some(hold.clone());
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    eventually("it was asked for", || {
        !stage.deploy.state().starts.is_empty()
    })
    .await;
    stage
        .call(
            "POST",
            "/control/disconnect",
            Some(json!({"reason": "drop"})),
        )
        .await;
    eventually("it is connected again", || stage.slack.connections() == 1).await;
    eventually("it came again", || stage.mention(0).attempts >= 2).await;
    hold.cancel();
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    stage.heard(1, "people").await;
    assert_eq!(stage.deploy.state().requests.len(), 1);
    assert_eq!(stage.deploy.state().starts.len(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_slack_that_is_away_at_the_start_is_waited_for() {
    let mut stage = Stage::without_bot().await;
    stage.fault("GET /api/auth.test", 3, FaultKind::Status(503));
    stage.fault("POST /api/apps.connections.open", 2, FaultKind::Drop);
    stage.start_bot().await;
    stage.say("@deploybot help").await;
    stage.heard(1, "deploy").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_token_that_slack_refuses_ends_the_start() {
    let mut stage = Stage::with(|slack| slack.bot_token = "xoxb-another".to_owned()).await;
    stage.begin_bot().await;
    let error = stage.bot_ended().await.unwrap_err();
    let told = format!("{error:#}");
    assert!(
        told.contains("DEPLOYBOT_SLACK_BOT_TOKEN") && told.contains("invalid_auth"),
        "{told}"
    );
    assert!(!told.contains("xoxb-"), "{told}");
}

#[tokio::test]
async fn what_could_not_be_acknowledged_is_once_more_when_stopping() {
    let mut stage = Stage::without_bot().await;
    stage.timing.retry_first = Duration::from_hours(1);
    stage.timing.retry_most = stage.timing.retry_first;
    stage.deploy.state().refused_acks = Some(0);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    eventually("it can't be acknowledged", || {
        stage.deploy.state().refused_acks == Some(1)
    })
    .await;
    stage.deploy.state().refused_acks = None;
    assert_eq!(stage.deploy.state().acknowledged, 0);
    stage.stop_bot().await.unwrap();
    assert!(stage.deploy.all_is_shown());
}

#[tokio::test]
async fn stopping_brings_to_an_end_what_was_begun() {
    let mut stage = Stage::set().await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_reads = Some(hold.clone());
    stage.deploy.state().status = Some(Ok(answers::status()));
    stage.say("@deploybot status people").await;
    eventually("it is in work", || stage.deploy.state().reads == 1).await;
    let releasing = async { hold.cancel() };
    let (stopped, ()) = tokio::join!(stage.stop_bot(), releasing);
    stopped.unwrap();
    assert_eq!(stage.said().await.len(), 1);
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
}
