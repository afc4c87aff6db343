//! The Events API over HTTP: requests to the app, and what its answers lead to.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod app;

use std::time::Duration;

use axum::Router;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::slack::{Config, Frame, RequestUrls, signature};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub(crate) use self::app::HttpApp;
use self::app::{Received, Reply};
use crate::slack_support::{Workspace, eventually};

const SECRET: &str = "simulated-signing-secret";

/// The app hears of mentions alone, and repetitions follow each other at once.
fn impatient(config: &mut Config) {
    config.subscriptions = vec!["app_mention".to_owned()];
    config.timing.acknowledge_within = Duration::from_millis(200);
    config.timing.repeat_after = [0, 20, 40].map(Duration::from_millis).to_vec();
}

/// A workspace that sends over HTTP to an app.
async fn over_http(change: impl FnOnce(&mut Config)) -> (Workspace, HttpApp) {
    let app = HttpApp::start().await;
    let workspace = Workspace::start_with(|config| {
        config.subscriptions = vec!["app_mention".to_owned()];
        change(config);
    })
    .await;
    workspace
        .slack
        .set_request_urls(Some(app.urls()))
        .await
        .unwrap();
    (workspace, app)
}

/// Waits until the one delivery is in this state.
async fn delivered(workspace: &Workspace, state: &str) -> Value {
    let records = eventually(
        &format!("it is {state}"),
        async || workspace.get("/control/envelopes").await["envelopes"].clone(),
        |records| records[0]["state"] == state,
    )
    .await;
    records[0].clone()
}

#[tokio::test]
async fn a_mention_is_posted_signed_and_acknowledged_by_the_answer() {
    let (workspace, app) = over_http(|_| {}).await;
    workspace.say("@deploybot status people & 한").await;
    let posted = app.hears(1).await.remove(0);
    assert_eq!(posted.path, "/events");
    assert_eq!(posted.header("content-type"), Some("application/json"));
    assert!(posted.header("user-agent").unwrap().starts_with("Slackbot"));
    assert_eq!(posted.header("x-slack-retry-num"), None);
    let timestamp = posted.header("x-slack-request-timestamp").unwrap();
    let signed = signature(SECRET, timestamp.parse().unwrap(), posted.body.as_bytes());
    assert_eq!(posted.header("x-slack-signature"), Some(signed.as_str()));
    let payload = posted.json();
    assert_eq!(payload["type"], "event_callback");
    assert_eq!(payload["event"]["text"], "<@U0BOT> status people &amp; 한");
    let record = delivered(&workspace, "acknowledged").await;
    assert_eq!(record["event_id"], payload["event_id"]);
    assert_eq!(record["ways"], json!([format!("{}/events", app.base)]));
    assert_eq!(record["last_failure"], Value::Null);
    workspace.stop().await;
}

#[tokio::test]
async fn each_repetition_says_which_it_is_and_why() {
    let (workspace, app) = over_http(impatient).await;
    app.answers([Reply::Status(500), Reply::Never, Reply::Status(302)]);
    workspace.say("@deploybot help").await;
    let attempts = app.hears(4).await;
    let told = |attempt: &Received| {
        let header = |name| attempt.header(name).unwrap_or_default().to_owned();
        (header("x-slack-retry-num"), header("x-slack-retry-reason"))
    };
    let wanted = [
        ("", ""),
        ("1", "http_error"),
        ("2", "http_timeout"),
        ("3", "http_error"),
    ]
    .map(|(number, why)| (number.to_owned(), why.to_owned()));
    assert_eq!(attempts.iter().map(told).collect::<Vec<_>>(), wanted);
    assert!(attempts.iter().all(|one| one.json() == attempts[0].json()));
    let record = delivered(&workspace, "acknowledged").await;
    assert_eq!(record["attempts"], 4);
    workspace.stop().await;
}

#[tokio::test]
async fn an_app_that_asks_not_to_be_tried_again_is_not() {
    let (workspace, app) = over_http(impatient).await;
    app.answers([Reply::NoRetry]);
    workspace.say("@deploybot help").await;
    let record = delivered(&workspace, "given_up").await;
    assert_eq!(
        (&record["attempts"], &record["last_failure"]),
        (&json!(1), &json!("http_error"))
    );
    workspace.stop().await;
}

/// An address at which nobody listens.
async fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn an_app_that_is_not_there_is_given_up_after_all_attempts() {
    let urls = RequestUrls {
        events: vec![dead().await],
        interactivity: Vec::new(),
    };
    let workspace = Workspace::start_with(|config| {
        impatient(config);
        config.request_urls = Some(urls);
    })
    .await;
    workspace.say("@deploybot help").await;
    let record = delivered(&workspace, "given_up").await;
    assert_eq!(
        (&record["attempts"], &record["last_failure"]),
        (&json!(4), &json!("connection_failed"))
    );
    workspace.stop().await;
}

#[tokio::test]
async fn several_urls_take_turns_and_one_can_be_chosen() {
    let (workspace, app) = over_http(|_| {}).await;
    let url = |name: &str| format!("{}/{name}", app.base);
    let urls = RequestUrls {
        events: vec![url("a"), url("b")],
        interactivity: Vec::new(),
    };
    let set = workspace
        .send(Method::PUT, "/control/request_urls", json!(urls))
        .await;
    assert_eq!(set.status, StatusCode::NO_CONTENT, "{}", set.text);
    assert_eq!(workspace.get("/control/request_urls").await, json!(urls));
    workspace.say("@deploybot help").await;
    app.hears(1).await;
    workspace.say("@deploybot help").await;
    let heard = app.hears(2).await;
    assert_eq!((&*heard[0].path, &*heard[1].path), ("/a", "/b"));
    let event = heard[0].json()["event_id"].as_str().unwrap().to_owned();
    // Ten times at once, to each in turn; then to one of them.
    assert!(workspace.slack.redeliver(&event, 10, None));
    let heard = app.hears(12).await;
    let to_a = heard[2..].iter().filter(|one| one.path == "/a").count();
    assert_eq!(to_a, 5);
    let body = json!({"event_id": event, "times": 3, "url": url("b")});
    let again = workspace
        .send(Method::POST, "/control/redeliver", body)
        .await;
    assert_eq!(again.status, StatusCode::NO_CONTENT);
    let heard = app.hears(15).await;
    for repeated in &heard[2..] {
        assert_eq!(repeated.json(), heard[0].json());
        assert_eq!(repeated.header("x-slack-retry-num"), Some("1"));
    }
    assert!(heard[12..].iter().all(|one| one.path == "/b"));
    assert!(!workspace.slack.redeliver(&event, 1, Some("http://other")));
    workspace.stop().await;
}

fn modal() -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    json!({
        "type": "modal", "title": plain("Deploy"), "submit": plain("Go"),
        "blocks": [{
            "type": "input", "block_id": "why", "label": plain("Why"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        }],
    })
}

#[tokio::test]
async fn a_button_and_a_modal_come_as_forms_and_the_answer_counts() {
    let (workspace, app) = over_http(impatient).await;
    let message = workspace
        .post(
            json!({"text": "a", "blocks": [{"type": "actions", "block_id": "row", "elements": [
                {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}},
            ]}]}),
        )
        .await;
    let press = json!({
        "user": "U0MINJI", "channel": "C0DEPLOYS", "message_ts": message["ts"], "block_id": "row",
        "action_id": "go",
    });
    let pressed = async || {
        let pressed = workspace.send(Method::POST, "/client/actions", press.clone());
        pressed.await.json()
    };
    assert_eq!(pressed().await, json!({"ok": true}));
    let posted = app.hears(1).await.remove(0);
    assert_eq!(posted.path, "/interactions");
    assert_eq!(
        posted.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let payload = posted.payload();
    assert_eq!(payload["type"], "block_actions");

    let body = json!({"trigger_id": payload["trigger_id"], "view": modal()});
    let view = workspace.done("views.open", body).await["view"].clone();
    let path = format!("/client/views/{}/submit", view["id"].as_str().unwrap());
    let body = json!({"user": "U0MINJI", "values": {"why": {"text": {"value": "test"}}}});
    let submitted = async || {
        let submitted = workspace.send(Method::POST, &path, body.clone());
        submitted.await.json()
    };
    let errors = json!({"why": "Say more."});
    let refusal = json!({"response_action": "errors", "errors": errors});
    app.answers([Reply::Json(refusal), Reply::Status(500)]);
    assert_eq!(submitted().await, json!({"ok": true, "errors": errors}));
    assert_eq!(
        submitted().await,
        json!({"ok": false, "error": "app_did_not_respond"})
    );
    assert_eq!(submitted().await, json!({"ok": true}));
    assert_eq!(app.hears(4).await[3].payload()["type"], "view_submission");
    assert_eq!(app.received().len(), 4, "an interaction is sent once");
    workspace.stop().await;
}

#[tokio::test]
async fn socket_mode_is_off_while_urls_are_set() {
    let workspace = Workspace::start_with(|config| {
        config.subscriptions = vec!["app_mention".to_owned()];
    })
    .await;
    let mut socket = workspace.connect().await;
    let app = HttpApp::start().await;
    let urls = Some(app.urls());
    workspace.slack.set_request_urls(urls).await.unwrap();
    let goodbye = socket.next().await;
    assert_eq!(
        (&goodbye["type"], &goodbye["reason"]),
        (&json!("disconnect"), &json!("link_disabled"))
    );
    assert_eq!(socket.next_or_end().await, None);
    let refused = workspace.connect_raw().await.next().await;
    assert_eq!(refused["reason"], "link_disabled");
    workspace.say("@deploybot help").await;
    app.hears(1).await;
    let back = workspace
        .send(Method::DELETE, "/control/request_urls", Value::Null)
        .await;
    assert_eq!(back.status, StatusCode::NO_CONTENT);
    let mut socket = workspace.connect().await;
    workspace.say("@deploybot help").await;
    assert_eq!(socket.next().await["type"], "events_api");
    assert_eq!(workspace.slack.send_frame(&Frame::Text("{}".into())), 1);
    workspace.stop().await;
}

#[tokio::test]
async fn a_url_that_does_not_answer_the_challenge_is_not_set() {
    let workspace = Workspace::start_with(impatient).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/mute", axum::routing::post(async || ""))
        .route(
            "/slow",
            axum::routing::post(async || std::future::pending::<()>().await),
        );
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, router).await.unwrap() });
    let refused = async |url: &str| {
        let body = json!({"events": [format!("{base}{url}")]});
        let answer = workspace
            .send(Method::PUT, "/control/request_urls", body)
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.text.replace(&base, "")
    };
    assert_eq!(
        [
            refused("/mute").await,
            refused("/slow").await,
            refused("/none").await
        ],
        [
            "/mute did not answer the challenge: it did not say the challenge",
            "/slow did not answer the challenge: no answer within 200ms",
            "/none did not answer the challenge: status 404",
        ]
    );
    let nobody = json!({"events": [dead().await]});
    let answer = workspace
        .send(Method::PUT, "/control/request_urls", nobody)
        .await;
    assert!(answer.text.contains("(Connect)"), "{}", answer.text);
    let nothing = workspace
        .send(Method::PUT, "/control/request_urls", json!({"events": []}))
        .await;
    assert_eq!(nothing.text, "events need at least one URL");
    assert_eq!(workspace.slack.request_urls(), None);
    workspace.stop().await;
}
