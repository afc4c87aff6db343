//! Views: modals that a button opens and a person fills in, and the home tab.

use http::Method;
use serde_json::{Value, json};
use tokio::join;

use super::{controls, plain, press, quiet, with_controls};
use crate::slack_support::{Socket, Workspace};

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
    let kept = workspace.get("/client/home?user=U0MINJI").await;
    assert_eq!(kept, opened);
    let none = workspace.get("/client/home?user=U0NOBODY").await;
    assert_eq!(none["error"], "user_not_found");
    workspace.stop().await;
}

#[tokio::test]
async fn a_home_tab_is_replaced_as_it_stood_and_its_button_acts() {
    let workspace = Workspace::start().await;
    let mut socket = workspace.connect().await;
    let view = |word: &str| {
        let button =
            json!({"type": "button", "action_id": "again", "text": plain(word), "value": "x"});
        json!({"type": "home", "blocks": [
            {"type": "actions", "block_id": "b", "elements": [button]},
        ]})
    };
    let publish =
        |word: &str, hash: &Value| json!({"user_id": "U0MINJI", "view": view(word), "hash": hash});
    let first = workspace
        .done("views.publish", publish("One", &Value::Null))
        .await["view"]
        .clone();
    let second = workspace
        .done("views.publish", publish("Two", &first["hash"]))
        .await["view"]
        .clone();
    assert_ne!(first["hash"], second["hash"]);
    let late = publish("Three", &first["hash"]);
    assert_eq!(
        workspace.refused("views.publish", late).await,
        "hash_conflict"
    );
    let press = json!({
        "user": "U0MINJI", "view_id": second["id"], "block_id": "b", "action_id": "again",
    });
    let pressed = workspace.send(Method::POST, "/client/actions", press);
    let answered = async {
        let envelope = socket.next().await;
        socket.ack(&envelope).await;
        envelope
    };
    let (told, envelope) = join!(pressed, answered);
    assert_eq!(told.json(), json!({"ok": true}));
    let payload = &envelope["payload"];
    assert_eq!(payload["view"]["type"], "home");
    assert_eq!(payload["view"]["hash"], second["hash"]);
    assert_eq!(payload["container"]["view_id"], second["id"]);
    assert_eq!(payload["message"], Value::Null);
    workspace.stop().await;
}

/// The lines that were written down, each as its method, what it says and why it
/// was refused.
fn recorded(folder: &std::path::Path) -> Vec<Value> {
    let files = std::fs::read_dir(folder).unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let said = &line["arguments"];
        let said = [&said["text"], &said["view"]["callback_id"], &said["errors"]];
        let said = said.into_iter().find(|it| !it.is_null()).cloned();
        json!([line["method"], said, line["scopes"], line["refused"]])
    };
    let lines = texts.map(|text| text.lines().map(line).collect::<Vec<_>>());
    lines.flatten().collect()
}

#[tokio::test]
async fn all_that_the_app_says_is_written_down_by_whatever_way_it_says_it() {
    let workspace = quiet().await;
    let folder = tempfile::tempdir().unwrap();
    workspace.slack.record_in(folder.path()).unwrap();
    let mut socket = workspace.connect().await;
    let ts = with_controls(&workspace).await;
    let (envelope, _) = press(&workspace, &mut socket, &ts).await;
    let url = envelope["payload"]["response_url"].as_str().unwrap();
    workspace
        .send(Method::POST, url, json!({"text": "psst"}))
        .await;
    workspace.send(Method::POST, url, json!({"text": ""})).await;
    let body = json!({"trigger_id": envelope["payload"]["trigger_id"], "view": modal()});
    let view = workspace.done("views.open", body).await["view"].clone();
    let errors = json!({"why": "No."});
    let answer = json!({"response_action": "errors", "errors": errors});
    submit(&workspace, &mut socket, &view, answer).await;
    let answer = json!({"response_action": "update", "view": modal()});
    submit(&workspace, &mut socket, &view, answer).await;
    submit(&workspace, &mut socket, &view, json!({})).await;
    let long = json!({"type": "header", "text": plain(&"x".repeat(151))});
    let body = json!({"channel": "C0DEPLOYS", "text": "b", "blocks": [long]});
    workspace.refused("chat.postMessage", body).await;
    let body = json!({"channel": "C0DEPLOYS"});
    workspace.done("conversations.history", body).await;
    workspace
        .done("users.info", json!({"user": "U0MINJI"}))
        .await;
    // A stranger's call is none of the app's.
    workspace
        .send(Method::POST, "/api/auth.test", json!({}))
        .await;
    let link = "apps.connections.open";
    assert_eq!(
        recorded(folder.path()),
        [
            json!([link, null, [], null]),
            json!(["chat.postMessage", "a", ["chat:write"], null]),
            json!(["response_url", "psst", [], null]),
            json!(["response_url", "", [], "no_text"]),
            json!(["views.open", "deploy", [], null]),
            json!(["view_submission", errors, [], null]),
            json!(["view_submission", "deploy", [], null]),
            json!(["chat.postMessage", "b", ["chat:write"], "invalid_blocks"]),
            json!(["conversations.history", null, ["channels:history"], null]),
            json!(["users.info", null, ["users:read"], null]),
        ]
    );
    workspace.stop().await;
}
