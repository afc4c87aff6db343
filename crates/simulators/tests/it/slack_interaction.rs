//! Buttons, menus and response URLs: what a person does and what the app makes of
//! it.

mod views;

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::join;

use crate::slack_support::{Socket, Workspace};

/// A workspace in which the app hears of interactions alone.
async fn quiet() -> Workspace {
    Workspace::start_with(|config| config.subscriptions.clear()).await
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn controls() -> Value {
    let option = |value: &str| json!({"text": plain(value), "value": value});
    json!([{"type": "actions", "block_id": "row", "elements": [
        {"type": "button", "action_id": "retry", "text": plain("Retry"), "value": "d1"},
        {"type": "static_select", "action_id": "env", "options": [option("staging"), option("production")]},
    ]}])
}

/// The app posts a button and a menu; gives the message's ts.
async fn with_controls(workspace: &Workspace) -> Value {
    let body = json!({"text": "a", "blocks": controls()});
    workspace.post(body).await["ts"].clone()
}

/// Minji presses the button of a message; gives the envelope and what her
/// client is told.
async fn press(workspace: &Workspace, socket: &mut Socket, ts: &Value) -> (Value, Value) {
    let body = json!({
        "user": "U0MINJI", "channel": "C0DEPLOYS", "message_ts": ts, "block_id": "row", "action_id": "retry",
    });
    let acted = workspace.send(Method::POST, "/client/actions", body);
    let acknowledged = async {
        let envelope = socket.next().await;
        socket.ack(&envelope).await;
        envelope
    };
    let (answer, envelope) = join!(acted, acknowledged);
    (envelope, answer.json())
}
#[tokio::test]
async fn a_button_reaches_the_app_with_all_that_slack_tells() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    let message = workspace
        .post(json!({"text": "failed", "blocks": controls()}))
        .await;
    let (envelope, told) = press(&workspace, &mut socket, &message["ts"]).await;
    assert_eq!(told, json!({"ok": true}));
    assert_eq!(envelope["type"], "interactive");
    assert_eq!(envelope["accepts_response_payload"], false);
    let payload = &envelope["payload"];
    assert_eq!(payload["type"], "block_actions");
    assert_eq!(
        payload["user"],
        json!({"id": "U0MINJI", "username": "minji", "name": "minji", "team_id": "T0TEAM"})
    );
    assert_eq!(
        payload["container"],
        json!({
            "type": "message", "message_ts": message["ts"], "channel_id": "C0DEPLOYS",
            "is_ephemeral": false,
        })
    );
    assert_eq!(
        payload["channel"],
        json!({"id": "C0DEPLOYS", "name": "deploys"})
    );
    assert_eq!(payload["message"], message);
    let empty = json!({"type": "static_select", "selected_option": null});
    assert_eq!(payload["state"]["values"], json!({"row": {"env": empty}}));
    let mut action = payload["actions"][0].clone();
    let at = action.as_object_mut().unwrap().remove("action_ts");
    assert!(at.is_some());
    assert_eq!(
        action,
        json!({
            "type": "button", "block_id": "row", "action_id": "retry", "value": "d1",
            "text": {"type": "plain_text", "text": "Retry", "emoji": true},
        })
    );
    workspace.stop().await;
}

#[tokio::test]
async fn a_person_is_told_when_the_app_does_not_respond() {
    let workspace = Workspace::start_with(|config| {
        config.subscriptions.clear();
        config.timing.acknowledge_within = Duration::from_millis(50);
    })
    .await;
    let ts = with_controls(&workspace).await;
    let body = json!({
        "user": "U0MINJI", "channel": "C0DEPLOYS", "message_ts": ts, "block_id": "row", "action_id": "retry",
    });
    let silence = json!({"ok": false, "error": "app_did_not_respond"});
    // Nobody is connected.
    let answer = workspace
        .send(Method::POST, "/client/actions", body.clone())
        .await
        .json();
    assert_eq!(answer, silence);
    // Somebody is, and says nothing. What came before is not kept for them.
    let mut socket = workspace.connect().await;
    let (answer, envelope) = join!(
        workspace.send(Method::POST, "/client/actions", body),
        socket.next()
    );
    assert_eq!(answer.json(), silence);
    assert_eq!(envelope["payload"]["type"], "block_actions");
    let records = workspace.slack.deliveries();
    assert_eq!(
        records
            .iter()
            .map(|record| record.attempts)
            .collect::<Vec<_>>(),
        [0, 1]
    );
    workspace.stop().await;
}

#[tokio::test]
async fn only_what_stands_in_the_message_can_be_done() {
    let workspace = quiet().await;
    let ts = with_controls(&workspace).await;
    let act = async |change: Value| {
        let mut body = json!({
            "user": "U0MINJI", "channel": "C0DEPLOYS", "message_ts": ts,
            "block_id": "row", "action_id": "env", "selected_option": "production",
        });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = workspace
            .send(Method::POST, "/client/actions", body)
            .await
            .json();
        answer["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(act(json!({"user": "U0BOT"})).await, "user_not_found");
    assert_eq!(act(json!({"channel": "C1"})).await, "channel_not_found");
    assert_eq!(
        act(json!({"message_ts": "1.000000"})).await,
        "message_not_found"
    );
    assert_eq!(act(json!({"action_id": "other"})).await, "action_not_found");
    assert_eq!(
        act(json!({"selected_option": "moon"})).await,
        "invalid_value"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn what_was_chosen_is_told_as_state_afterwards() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    let ts = with_controls(&workspace).await;
    let body = json!({
        "user": "U0MINJI", "channel": "C0DEPLOYS", "message_ts": ts, "block_id": "row",
        "action_id": "env", "selected_option": {"value": "production"},
    });
    let choose = workspace.send(Method::POST, "/client/actions", body);
    let acknowledged = async {
        let envelope = socket.next().await;
        socket.ack(&envelope).await;
        envelope
    };
    let (_, envelope) = join!(choose, acknowledged);
    let option = envelope["payload"]["actions"][0]["selected_option"].clone();
    assert_eq!(option["text"]["text"], "production");
    let (envelope, _) = press(&workspace, &mut socket, &ts).await;
    assert_eq!(
        envelope["payload"]["state"]["values"]["row"]["env"]["selected_option"],
        option
    );
    workspace.stop().await;
}

#[tokio::test]
async fn a_response_url_answers_in_the_channel_to_one_person_or_in_place() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    let ts = with_controls(&workspace).await;
    let (envelope, _) = press(&workspace, &mut socket, &ts).await;
    let url = envelope["payload"]["response_url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(url.starts_with(&workspace.base), "{url}");
    let respond = async |body: Value| workspace.send(Method::POST, &url, body).await;
    let texts = async || {
        let messages =
            workspace.get("/client/messages?channel=C0DEPLOYS").await["messages"].clone();
        messages
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["text"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(respond(json!({"text": "psst"})).await.text, "ok");
    assert_eq!(texts().await, ["a"]);
    respond(json!({"text": "all", "response_type": "in_channel"})).await;
    respond(json!({"text": "b", "replace_original": true})).await;
    assert_eq!(texts().await, ["b", "all"]);
    assert_eq!(
        respond(json!({"text": ""})).await.json()["error"],
        "no_text"
    );
    respond(json!({"delete_original": true})).await;
    assert_eq!(texts().await, ["all"]);
    let sixth = respond(json!({"text": "c"})).await;
    assert_eq!(sixth.status, StatusCode::NOT_FOUND);
    assert_eq!(sixth.json()["error"], "used_url");
    workspace.stop().await;
}
