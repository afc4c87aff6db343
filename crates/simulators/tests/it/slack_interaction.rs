//! Buttons, menus, modals and response URLs: what a person does and what the app
//! makes of it.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

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

fn modal() -> Value {
    json!({
        "type": "modal", "callback_id": "deploy", "private_metadata": "p1", "notify_on_close": true,
        "title": plain("Deploy"), "submit": plain("Go"),
        "blocks": [{
            "type": "input", "block_id": "why", "label": plain("Why"),
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 5},
        }],
    })
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

/// Minji's button opens a modal; gives the view.
async fn open_modal(workspace: &Workspace, socket: &mut Socket) -> Value {
    let ts = with_controls(workspace).await;
    let (envelope, _) = press(workspace, socket, &ts).await;
    let body = json!({"trigger_id": envelope["payload"]["trigger_id"], "view": modal()});
    workspace.done("views.open", body).await["view"].clone()
}

/// Minji submits a modal and the app answers; gives the envelope and what her
/// client is told.
async fn submit(
    workspace: &Workspace,
    socket: &mut Socket,
    view: &Value,
    answer: Value,
) -> (Value, Value) {
    let path = format!("/client/views/{}/submit", view["id"].as_str().unwrap());
    let body = json!({"user": "U0MINJI", "values": {"why": {"text": {"value": "test"}}}});
    let submitted = workspace.send(Method::POST, &path, body);
    let answered = async {
        let envelope = socket.next().await;
        socket.answer(&envelope, answer).await;
        envelope
    };
    let (told, envelope) = join!(submitted, answered);
    (envelope, told.json())
}

async fn shown(workspace: &Workspace) -> Value {
    workspace.get("/client/views?user=U0MINJI").await["view"].clone()
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

#[tokio::test]
async fn a_trigger_opens_one_modal() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    let ts = with_controls(&workspace).await;
    let (envelope, _) = press(&workspace, &mut socket, &ts).await;
    let trigger = &envelope["payload"]["trigger_id"];
    let open = |trigger: &Value, view: Value| json!({"trigger_id": trigger, "view": view});
    assert_eq!(
        workspace
            .refused("views.open", open(&json!("1.2"), modal()))
            .await,
        "invalid_trigger_id"
    );
    let mut wrong = modal();
    wrong["title"] = plain("A title that is too long by far");
    let answer = workspace.api("views.open", open(trigger, wrong)).await;
    assert_eq!(answer["error"], "invalid_arguments");
    assert_eq!(
        answer["response_metadata"]["messages"],
        json!(["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"])
    );
    let view = workspace.done("views.open", open(trigger, modal())).await["view"].clone();
    assert_eq!(view["root_view_id"], view["id"]);
    assert_eq!(view["private_metadata"], "p1");
    assert_eq!(shown(&workspace).await, view);
    assert_eq!(
        workspace
            .refused("views.open", open(trigger, modal()))
            .await,
        "exchanged_trigger_id"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn a_submission_carries_the_values_and_closes_the_modal() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    let view = open_modal(&workspace, &mut socket).await;
    let (envelope, told) = submit(&workspace, &mut socket, &view, json!({})).await;
    assert_eq!(told, json!({"ok": true}));
    assert_eq!(envelope["accepts_response_payload"], true);
    let payload = &envelope["payload"];
    assert_eq!(payload["type"], "view_submission");
    assert_eq!(payload["view"]["callback_id"], "deploy");
    assert_eq!(
        payload["view"]["state"]["values"],
        json!({"why": {"text": {"type": "plain_text_input", "value": "test"}}})
    );
    assert_eq!(shown(&workspace).await, Value::Null);
    workspace.stop().await;
}

#[tokio::test]
async fn an_incomplete_form_does_not_reach_the_app() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    let view = open_modal(&workspace, &mut socket).await;
    let path = format!("/client/views/{}/submit", view["id"].as_str().unwrap());
    for (text, error) in [
        ("", "This field is required."),
        ("too long", "Write at most 5 characters."),
    ] {
        let body = json!({"user": "U0MINJI", "values": {"why": {"text": {"value": text}}}});
        let told = workspace.send(Method::POST, &path, body).await.json();
        assert_eq!(told, json!({"ok": true, "errors": {"why": error}}));
    }
    assert_eq!(workspace.slack.deliveries().len(), 1);
    workspace.stop().await;
}

#[tokio::test]
async fn the_app_answers_a_submission_with_errors_or_another_view() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    let view = open_modal(&workspace, &mut socket).await;
    let errors = json!({"response_action": "errors", "errors": {"why": "locked"}});
    let (_, told) = submit(&workspace, &mut socket, &view, errors).await;
    assert_eq!(told, json!({"ok": true, "errors": {"why": "locked"}}));
    let nowhere = json!({"response_action": "errors", "errors": {"where": "?"}});
    let (_, told) = submit(&workspace, &mut socket, &view, nowhere).await;
    assert_eq!(
        told,
        json!({"ok": false, "error": "invalid_response_action"})
    );
    let mut second = modal();
    second["title"] = plain("Sure?");
    let update = json!({"response_action": "update", "view": second});
    submit(&workspace, &mut socket, &view, update).await;
    let now = shown(&workspace).await;
    assert_eq!(
        (&now["id"], &now["title"]["text"]),
        (&view["id"], &json!("Sure?"))
    );
    assert_ne!(now["hash"], view["hash"]);
    let push = json!({"response_action": "push", "view": modal()});
    submit(&workspace, &mut socket, &view, push).await;
    let on_top = shown(&workspace).await;
    assert_eq!(on_top["previous_view_id"], view["id"]);
    assert_eq!(on_top["root_view_id"], view["id"]);
    submit(
        &workspace,
        &mut socket,
        &on_top,
        json!({"response_action": "clear"}),
    )
    .await;
    assert_eq!(shown(&workspace).await, Value::Null);
    workspace.stop().await;
}

#[tokio::test]
async fn an_open_modal_is_changed_by_its_hash() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    let view = open_modal(&workspace, &mut socket).await;
    let update = |hash: &Value| json!({"view_id": view["id"], "hash": hash, "view": modal()});
    workspace.done("views.update", update(&view["hash"])).await;
    assert_eq!(
        workspace
            .refused("views.update", update(&view["hash"]))
            .await,
        "hash_conflict"
    );
    let gone = json!({"view_id": "V1", "view": modal()});
    assert_eq!(workspace.refused("views.update", gone).await, "not_found");
    workspace.stop().await;
}

#[tokio::test]
async fn at_most_three_modals_lie_over_each_other() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    open_modal(&workspace, &mut socket).await;
    for pushed in 1..=3 {
        let ts = workspace
            .post(json!({"text": "a", "blocks": controls()}))
            .await["ts"]
            .clone();
        let (envelope, _) = press(&workspace, &mut socket, &ts).await;
        let body = json!({"trigger_id": envelope["payload"]["trigger_id"], "view": modal()});
        let answer = workspace.api("views.push", body).await;
        let error = if pushed == 3 {
            json!("push_limit_reached")
        } else {
            Value::Null
        };
        assert_eq!(answer["error"], error, "{answer}");
    }
    workspace.stop().await;
}

#[tokio::test]
async fn the_app_is_told_when_a_modal_is_closed() {
    let workspace = quiet().await;
    let mut socket = workspace.connect().await;
    let view = open_modal(&workspace, &mut socket).await;
    let path = format!("/client/views/{}/close", view["id"].as_str().unwrap());
    let joons = workspace
        .send(Method::POST, &path, json!({"user": "U0JOON"}))
        .await
        .json();
    assert_eq!(joons["error"], "view_not_found");
    let told = workspace
        .send(Method::POST, &path, json!({"user": "U0MINJI"}))
        .await
        .json();
    assert_eq!(told, json!({"ok": true}));
    let envelope = socket.next().await;
    socket.ack(&envelope).await;
    assert_eq!(envelope["payload"]["type"], "view_closed");
    assert_eq!(envelope["payload"]["view"]["id"], view["id"]);
    assert_eq!(envelope["payload"]["is_cleared"], false);
    assert_eq!(shown(&workspace).await, Value::Null);
    workspace.stop().await;
}

#[tokio::test]
async fn a_home_tab_is_published_and_opened() {
    let workspace = Workspace::start().await;
    let mut socket = workspace.connect().await;
    let view = json!({"type": "home", "blocks": [{"type": "divider"}]});
    workspace
        .done("views.publish", json!({"user_id": "U0MINJI", "view": view}))
        .await;
    let modal = json!({"user_id": "U0MINJI", "view": modal()});
    assert_eq!(
        workspace.refused("views.publish", modal).await,
        "invalid_arguments"
    );
    let opened = workspace
        .send(Method::POST, "/client/home", json!({"user": "U0MINJI"}))
        .await
        .json();
    assert_eq!(opened["view"]["type"], "home");
    let envelope = socket.next().await;
    socket.ack(&envelope).await;
    assert_eq!(envelope["payload"]["event"]["type"], "app_home_opened");
    assert_eq!(
        envelope["payload"]["event"]["view"]["id"],
        opened["view"]["id"]
    );
    workspace.stop().await;
}
