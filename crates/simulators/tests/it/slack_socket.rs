//! Socket Mode: how events reach the app.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::slack_support::{Workspace, eventually};

/// The app hears of mentions alone.
fn mentions_only(config: &mut simulators::slack::Config) {
    config.subscriptions = vec!["app_mention".to_owned()];
}

/// Repetitions follow each other at once.
fn impatient(config: &mut simulators::slack::Config) {
    mentions_only(config);
    config.timing.acknowledge_within = Duration::from_millis(50);
    config.timing.repeat_after = vec![Duration::ZERO, Duration::from_millis(20)];
}

#[tokio::test]
async fn a_mention_reaches_the_app_and_is_acknowledged() {
    let workspace = Workspace::start_with(mentions_only).await;
    let mut socket = workspace.connect_raw().await;
    let hello = socket.next().await;
    assert_eq!(hello["num_connections"], 1);
    assert_eq!(hello["connection_info"]["app_id"], "A0BOT");
    assert!(hello["debug_info"]["approximate_connection_time"].is_number());
    let ts = workspace.say("@deploybot status people & <more>").await;
    let envelope = socket.next().await;
    assert_eq!(envelope["type"], "events_api");
    assert_eq!(envelope["retry_attempt"], 0);
    assert_eq!(envelope["retry_reason"], "");
    assert_eq!(envelope["accepts_response_payload"], false);
    let payload = &envelope["payload"];
    assert_eq!(payload["type"], "event_callback");
    assert_eq!(payload["authorizations"][0]["user_id"], "U0BOT");
    let event = &payload["event"];
    assert_eq!(event["type"], "app_mention");
    assert_eq!(event["text"], "<@U0BOT> status people &amp; &lt;more&gt;");
    assert_eq!(event["user"], "U0MINJI");
    assert_eq!(event["channel"], "C0DEPLOYS");
    assert_eq!(event["ts"], json!(ts));
    assert_eq!(event["blocks"][0]["type"], "rich_text");
    socket.ack(&envelope).await;
    let records = eventually(
        "the event is acknowledged",
        async || workspace.get("/control/envelopes").await["envelopes"].clone(),
        |records| records[0]["state"] == "acknowledged",
    )
    .await;
    assert_eq!(records[0]["event_id"], payload["event_id"]);
    assert_eq!(records[0]["event_type"], "app_mention");
    assert_eq!(records[0]["attempts"], 1);
    assert!(records[0]["acked_at"].as_str() >= records[0]["sent_at"].as_str());
    workspace.stop().await;
}

#[tokio::test]
async fn an_event_that_is_not_acknowledged_is_sent_again_and_then_given_up() {
    let workspace = Workspace::start_with(impatient).await;
    let mut socket = workspace.connect().await;
    workspace.say("@deploybot help").await;
    let attempts = [
        socket.next().await,
        socket.next().await,
        socket.next().await,
    ];
    for (number, attempt) in attempts.iter().enumerate() {
        assert_eq!(attempt["payload"], attempts[0]["payload"]);
        assert_eq!(attempt["retry_attempt"], number);
        assert_eq!(
            attempt["retry_reason"],
            if number == 0 { "" } else { "timeout" }
        );
    }
    assert_ne!(attempts[0]["envelope_id"], attempts[1]["envelope_id"]);
    let given_up = eventually(
        "the event is given up",
        async || workspace.slack.deliveries(),
        |records| records[0].state == "given_up",
    )
    .await;
    assert_eq!(given_up[0].attempts, 3);
    workspace.stop().await;
}

#[tokio::test]
async fn a_late_acknowledgement_of_the_first_attempt_counts() {
    let workspace = Workspace::start_with(|config| {
        impatient(config);
        config.timing.repeat_after = vec![Duration::ZERO, Duration::from_secs(60)];
    })
    .await;
    let mut socket = workspace.connect().await;
    workspace.say("@deploybot help").await;
    let first = socket.next().await;
    let _second = socket.next().await;
    socket.ack(&first).await;
    eventually(
        "the event is acknowledged",
        async || workspace.slack.deliveries(),
        |records| records[0].state == "acknowledged" && records[0].attempts == 2,
    )
    .await;
    workspace.stop().await;
}

#[tokio::test]
async fn events_go_to_the_connections_in_turn() {
    let workspace = Workspace::start_with(mentions_only).await;
    let mut first = workspace.connect().await;
    let mut second = workspace.connect().await;
    for _ in 0..2 {
        workspace.say("@deploybot help").await;
    }
    let one = first.next().await;
    let other = second.next().await;
    assert_ne!(one["payload"]["event_id"], other["payload"]["event_id"]);
    workspace.stop().await;
}

#[tokio::test]
async fn events_wait_for_a_connection() {
    let workspace = Workspace::start_with(mentions_only).await;
    let ts = [
        workspace.say("@deploybot a").await,
        workspace.say("@deploybot b").await,
    ];
    let mut socket = workspace.connect().await;
    for ts in ts {
        let envelope = socket.next().await;
        assert_eq!(envelope["payload"]["event"]["ts"], json!(ts));
        assert_eq!(envelope["retry_attempt"], 0);
        socket.ack(&envelope).await;
    }
    workspace.stop().await;
}

#[tokio::test]
async fn a_ticket_opens_one_connection_and_an_eleventh_is_sent_away() {
    let workspace = Workspace::start().await;
    let url = workspace.open().await;
    let (open, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    let again = tokio_tungstenite::connect_async(&url).await;
    assert!(again.is_err(), "the ticket works twice");
    drop(open);
    eventually(
        "it is gone",
        async || workspace.slack.connections(),
        |count| *count == 0,
    )
    .await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(workspace.connect().await);
    }
    let mut eleventh = workspace.connect_raw().await;
    let goodbye = eleventh.next().await;
    assert_eq!(goodbye["type"], "disconnect");
    assert_eq!(goodbye["reason"], "too_many_websockets");
    assert_eq!(eleventh.next_or_end().await, None);
    assert_eq!(workspace.slack.connections(), 10);
    workspace.stop().await;
}

#[tokio::test]
async fn the_end_of_a_connection_is_announced_and_events_still_come_until_then() {
    let workspace = Workspace::start_with(mentions_only).await;
    let mut socket = workspace.connect().await;
    let body = json!({"reason": "warning", "close_after_ms": 300});
    let told = workspace
        .send(Method::POST, "/control/disconnect", body)
        .await
        .json();
    assert_eq!(told, json!({"connections": 1}));
    let warning = socket.next().await;
    assert_eq!(warning["type"], "disconnect");
    assert_eq!(warning["reason"], "warning");
    workspace.say("@deploybot help").await;
    let envelope = socket.next().await;
    assert_eq!(envelope["type"], "events_api");
    socket.ack(&envelope).await;
    assert_eq!(socket.next_or_end().await, None);
    let body = json!({"reason": "boredom"});
    let answer = workspace
        .send(Method::POST, "/control/disconnect", body)
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    workspace.stop().await;
}

#[tokio::test]
async fn what_a_cut_connection_took_along_comes_again_on_the_next() {
    let workspace = Workspace::start_with(impatient).await;
    let mut socket = workspace.connect().await;
    workspace.say("@deploybot help").await;
    let lost = socket.next().await;
    workspace
        .send(
            Method::POST,
            "/control/disconnect",
            json!({"reason": "drop"}),
        )
        .await;
    while socket.next_or_end().await.is_some() {}
    let mut socket = workspace.connect().await;
    let again = socket.next().await;
    assert_eq!(again["payload"]["event_id"], lost["payload"]["event_id"]);
    assert!(again["retry_attempt"].as_u64() >= Some(1));
    socket.ack(&again).await;
    workspace.stop().await;
}

#[tokio::test]
async fn an_event_is_delivered_again_on_demand() {
    let workspace = Workspace::start_with(mentions_only).await;
    let mut socket = workspace.connect().await;
    workspace.say("@deploybot help").await;
    let first = socket.next().await;
    socket.ack(&first).await;
    let body = json!({"event_id": first["payload"]["event_id"], "times": 2});
    let answer = workspace
        .send(Method::POST, "/control/redeliver", body)
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    for _ in 0..2 {
        let again = socket.next().await;
        assert_eq!(again["payload"], first["payload"]);
        socket.ack(&again).await;
    }
    eventually(
        "it stays acknowledged",
        async || workspace.slack.deliveries(),
        |records| records[0].state == "acknowledged" && records[0].attempts == 3,
    )
    .await;
    let answer = workspace
        .send(
            Method::POST,
            "/control/redeliver",
            json!({"event_id": "Ev1"}),
        )
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    workspace.stop().await;
}

#[tokio::test]
async fn the_app_hears_of_its_own_messages_and_of_edits() {
    let workspace = Workspace::start().await;
    let mut socket = workspace.connect().await;
    let mut next = async || {
        let envelope = socket.next().await;
        socket.ack(&envelope).await;
        envelope["payload"]["event"].clone()
    };
    let ts = workspace.post(json!({"text": "a"})).await["ts"].clone();
    let posted = next().await;
    assert_eq!(
        (&posted["type"], &posted["bot_id"]),
        (&json!("message"), &json!("B0BOT"))
    );
    assert_eq!(posted["channel_type"], "channel");
    let body = json!({"channel": "C0DEPLOYS", "ts": ts, "text": "b"});
    workspace.done("chat.update", body).await;
    let changed = next().await;
    assert_eq!(changed["subtype"], "message_changed");
    assert_eq!(changed["message"]["text"], "b");
    assert_eq!(changed["previous_message"]["text"], "a");
    workspace
        .done("chat.delete", json!({"channel": "C0DEPLOYS", "ts": ts}))
        .await;
    let deleted = next().await;
    assert_eq!(deleted["subtype"], "message_deleted");
    assert_eq!(deleted["deleted_ts"], ts);
    // A mention comes as both events that the app has subscribed to.
    workspace.say("hey @deploybot").await;
    let both: Vec<Value> = vec![next().await["type"].clone(), next().await["type"].clone()];
    assert_eq!(both, ["app_mention", "message"]);
    workspace.stop().await;
}
