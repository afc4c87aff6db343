//! What an app has to bear: events and messages that Slack would hardly send,
//! and connections that fall silent.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::slack_support::{Workspace, eventually};

async fn sent(workspace: &Workspace, path: &str, body: Value) -> Value {
    let answer = workspace.send(Method::POST, path, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn any_event_and_any_interaction_can_be_sent() {
    let workspace = Workspace::start_with(|config| {
        config.subscriptions.clear();
        config.scopes.clear();
    })
    .await;
    let mut socket = workspace.connect().await;
    let strange = json!({"type": "never_heard_of", "n": [1, null]});
    let told = sent(&workspace, "/control/events", json!({"event": strange})).await;
    let envelope = socket.next().await;
    assert_eq!(envelope["type"], "events_api");
    assert_eq!(envelope["payload"]["event_id"], told["event_id"]);
    assert_eq!(envelope["payload"]["event"], strange);
    socket.ack(&envelope).await;
    let told = sent(
        &workspace,
        "/control/events",
        json!({"interaction": strange}),
    )
    .await;
    let envelope = socket.next().await;
    assert_eq!(envelope["type"], "interactive");
    assert_eq!(envelope["payload"], strange);
    socket.ack(&envelope).await;
    let records = eventually(
        "both are acknowledged",
        async || workspace.slack.deliveries(),
        |records| records.iter().all(|one| one.state == "acknowledged"),
    )
    .await;
    assert_eq!(records[1].event_id, told["event_id"].as_str().unwrap());
    workspace.stop().await;
}

#[tokio::test]
async fn any_message_goes_out_on_every_connection() {
    let workspace = Workspace::start().await;
    let mut sockets = [workspace.connect().await, workspace.connect().await];
    for body in [json!({"text": "{\"type\": "}), json!({"binary": [0, 255]})] {
        let told = sent(&workspace, "/control/frames", body).await;
        assert_eq!(told, json!({"connections": 2}));
    }
    for socket in &mut sockets {
        let received = [socket.next_frame().await, socket.next_frame().await];
        let broken = Message::text("{\"type\": ");
        let binary = Message::binary([0_u8, 255].to_vec());
        assert_eq!(received, [Some(broken), Some(binary)]);
    }
    workspace.stop().await;
}

#[tokio::test]
async fn a_silent_connection_answers_nothing_until_it_is_over() {
    let workspace = Workspace::start_with(|config| {
        config.subscriptions = vec!["app_mention".to_owned()];
        config.timing.acknowledge_within = Duration::from_secs(60);
    })
    .await;
    let mut socket = workspace.connect().await;
    assert!(socket.is_answered(Duration::from_secs(10)).await);
    let told = sent(&workspace, "/control/silence", json!({"ms": 3_000})).await;
    assert_eq!(told, json!({"connections": 1}));
    eventually(
        "it is silent",
        async || socket.is_answered(Duration::from_millis(200)).await,
        |answered| !answered,
    )
    .await;
    // What happens meanwhile comes afterwards, on the same connection.
    workspace.say("@deploybot help").await;
    let envelope = socket.next().await;
    assert_eq!(envelope["payload"]["event"]["type"], "app_mention");
    workspace.stop().await;
}

#[tokio::test]
async fn a_connection_ends_for_each_of_slacks_reasons() {
    let workspace = Workspace::start().await;
    for reason in [
        "warning",
        "refresh_requested",
        "too_many_websockets",
        "link_disabled",
    ] {
        let mut socket = workspace.connect().await;
        let body = json!({"reason": reason, "close_after_ms": 0});
        let told = sent(&workspace, "/control/disconnect", body).await;
        assert_eq!(told, json!({"connections": 1}));
        let goodbye = socket.next().await;
        assert_eq!(
            (&goodbye["type"], &goodbye["reason"]),
            (&json!("disconnect"), &json!(reason))
        );
        assert_eq!(socket.next_or_end().await, None);
        eventually(
            "it is gone",
            async || workspace.slack.connections(),
            |count| *count == 0,
        )
        .await;
    }
    workspace.stop().await;
}
