//! Slack Connect: people of another workspace in a channel that both share.

use http::Method;
use serde_json::{Value, json};
use simulators::slack::NewUser;

use crate::slack_support::{Socket, Workspace};

/// Sora of another workspace, in `#deploys`, which is shared with it.
async fn shared() -> Workspace {
    let workspace = Workspace::start_with(|config| {
        config.subscriptions = vec!["app_mention".to_owned()];
    })
    .await;
    let sora = NewUser {
        name: "sora".to_owned(),
        real_name: "Sora Han".to_owned(),
        email: Some("sora@other.example".to_owned()),
        tz: "UTC".to_owned(),
        locale: "en-US".to_owned(),
    };
    assert_eq!(
        workspace.slack.add_stranger("T0OTHER", sora).as_str(),
        "U0SORA"
    );
    workspace.slack.share_channel(&workspace.deploys, "T0OTHER");
    workspace
}

async fn said_by(workspace: &Workspace, socket: &mut Socket, user: &str) -> Value {
    let body = json!({"user": user, "channel": "C0DEPLOYS", "text": "@deploybot help"});
    let said = workspace.send(Method::POST, "/client/messages", body).await;
    assert_eq!(said.json()["ok"], true);
    let envelope = socket.next().await;
    socket.ack(&envelope).await;
    envelope["payload"].clone()
}

#[tokio::test]
async fn a_strangers_message_says_where_they_are_from() {
    let workspace = shared().await;
    let mut socket = workspace.connect().await;
    let payload = said_by(&workspace, &mut socket, "U0SORA").await;
    assert_eq!(payload["team_id"], "T0TEAM");
    assert_eq!(payload["is_ext_shared_channel"], true);
    assert_eq!(payload["authorizations"][0]["team_id"], "T0TEAM");
    let event = &payload["event"];
    for field in ["team", "user_team", "source_team"] {
        assert_eq!(event[field], "T0OTHER", "{field}");
    }
    assert_eq!(event["user_profile"]["team"], "T0OTHER");
    assert_eq!(event["user_profile"]["real_name"], "Sora Han");
    // In the same channel somebody of this workspace.
    let payload = said_by(&workspace, &mut socket, "U0MINJI").await;
    assert_eq!(payload["is_ext_shared_channel"], true);
    let event = &payload["event"];
    assert_eq!(
        (&event["team"], &event["user_team"]),
        (&json!("T0TEAM"), &Value::Null)
    );
    workspace.stop().await;
}

#[tokio::test]
async fn a_strangers_press_names_their_team() {
    let workspace = shared().await;
    let mut socket = workspace.connect().await;
    let button =
        json!({"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}});
    let blocks = json!([{"type": "actions", "block_id": "row", "elements": [button]}]);
    let message = workspace.post(json!({"text": "a", "blocks": blocks})).await;
    let press = json!({
        "user": "U0SORA", "channel": "C0DEPLOYS", "message_ts": message["ts"], "block_id": "row",
        "action_id": "go",
    });
    let pressed = workspace.send(Method::POST, "/client/actions", press);
    let heard = async {
        let envelope = socket.next().await;
        socket.ack(&envelope).await;
        envelope["payload"].clone()
    };
    let (pressed, payload) = tokio::join!(pressed, heard);
    assert_eq!(pressed.json(), json!({"ok": true}));
    assert_eq!(payload["user"]["team_id"], "T0OTHER");
    assert_eq!(payload["team"]["id"], "T0TEAM");
    workspace.stop().await;
}

#[tokio::test]
async fn a_stranger_and_a_shared_channel_are_told_apart() {
    let workspace = shared().await;
    let sora = workspace
        .done("users.info", json!({"user": "U0SORA"}))
        .await["user"]
        .clone();
    assert_eq!(
        (&sora["team_id"], &sora["is_stranger"]),
        (&json!("T0OTHER"), &json!(true))
    );
    let by_email = json!({"email": "sora@other.example"});
    assert_eq!(
        workspace.refused("users.lookupByEmail", by_email).await,
        "users_not_found"
    );
    let info = workspace
        .done("conversations.info", json!({"channel": "C0DEPLOYS"}))
        .await;
    let channel = &info["channel"];
    assert_eq!(
        (&channel["is_ext_shared"], &channel["connected_team_ids"]),
        (&json!(true), &json!(["T0OTHER"]))
    );
    let history = workspace
        .done("conversations.history", json!({"channel": "C0DEPLOYS"}))
        .await;
    assert_eq!(history["messages"], json!([]));
    workspace.stop().await;
}
