//! The Slack simulator proved true by bots that others' libraries make: npm
//! @slack/bolt and PyPI slack_bolt, each over Socket Mode and over HTTP, hold one
//! conversation with a person. What a bot can do wrong is done wrong in it, too.

use std::time::Duration;

use sandbox::{Options, Running, Sandbox};
use serde_json::json;
use simulators::control::{Fault, FaultKind};
use simulators::slack::{Config, RequestUrls};
use tokio::time::Instant;

use super::bot::Bot;
use crate::channel::Channel;
use crate::quick;

/// A sandbox whose bot is somebody else's; what that says is not written down as
/// ours.
async fn stage() -> (Running, Channel) {
    let options = Options {
        services: false,
        ..quick()
    };
    let running = Sandbox::start(options).await.unwrap();
    let channel = Channel::join(&format!("{}slack", running.url())).await;
    (running, channel)
}

/// The secret with which the sandbox's Slack signs.
fn secret() -> String {
    Config::new("", "", "").signing_secret
}

#[tokio::test(flavor = "multi_thread")]
async fn bolt_for_javascript_converses_over_socket_mode() {
    by_socket("bolt.mjs", &["warning", "refresh_requested", "drop"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bolt_for_javascript_converses_over_http() {
    by_http("bolt.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bolt_for_python_converses_over_socket_mode() {
    // That a connection was cut it notices only after half a minute.
    by_socket("bolt.py", &["warning", "refresh_requested"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bolt_for_python_converses_over_http() {
    by_http("bolt.py").await;
}

/// Its connection ends in these ways.
async fn by_socket(script: &str, ends: &[&str]) {
    let (sandbox, channel) = stage().await;
    let bot = Bot::start(script, &sandbox, &secret(), "socket").await;
    connected(&sandbox, &channel, 0).await;
    converse(&sandbox, &channel).await;
    for reason in ends {
        let before = opened(&sandbox);
        let body = json!({"reason": reason, "close_after_ms": 1_000});
        channel.http.send("POST", "control/disconnect", &body).await;
        connected(&sandbox, &channel, before).await;
        let after = format!("after {reason}");
        let question = format!("@deploybot hello {after}");
        channel.asks(&question, &after).await;
    }
    all_acknowledged(&sandbox, &channel).await;
    bot.end().await;
    sandbox.shutdown().await;
}

async fn by_http(script: &str) {
    let (sandbox, channel) = stage().await;
    let bot = Bot::start(script, &sandbox, &secret(), "http").await;
    let slack = sandbox.slack();
    slack.set_request_urls(Some(urls(&bot))).await.unwrap();
    converse(&sandbox, &channel).await;
    all_acknowledged(&sandbox, &channel).await;
    bot.end().await;
    // One that signs with another secret is not believed.
    let bot = Bot::start(script, &sandbox, "another secret", "http").await;
    let refused = slack.set_request_urls(Some(urls(&bot))).await.unwrap_err();
    assert_eq!(refused.why, "status 401");
    bot.end().await;
    sandbox.shutdown().await;
}

fn urls(bot: &Bot) -> RequestUrls {
    RequestUrls {
        events: vec![bot.url()],
        interactivity: vec![bot.url()],
    }
}

/// What a person and the bot say to each other, whatever it is made with.
async fn converse(sandbox: &Running, channel: &Channel) {
    let (message, _) = channel.asks("@deploybot hello & <b>", "You said:").await;
    let text = message["text"].as_str().unwrap();
    assert!(text.ends_with("> hello &amp; &lt;b&gt;"), "{text}");
    fills_in_a_form(channel, &message).await;
    replaces(channel, &message).await;
    goes_home(channel).await;

    let ts = channel.say("@deploybot both").await;
    for way in ["by form", "by json"] {
        let (message, _) = channel.hears(&ts, way).await;
        assert_eq!(message["blocks"][0]["type"], "divider");
    }
    let (message, _) = channel.asks("@deploybot refuse", "refused:").await;
    assert_eq!(
        message["text"],
        "refused: invalid_blocks [ERROR] must be less than 3001 characters \
         [json-pointer:/blocks/0/text/text]; channel_not_found; missing_scope reactions:write"
    );
    let (message, _) = channel.asks("@deploybot look", "looked:").await;
    assert_eq!(
        message["text"],
        "looked: second looked 1; en-US minji D0MINJI"
    );
    waits_when_told(sandbox, channel).await;
}

/// Presses a button whose message is replaced through its response URL.
async fn replaces(channel: &Channel, message: &serde_json::Value) {
    let press = channel.button(message, "Replace");
    let pressed = channel.http.send("POST", "client/actions", &press).await;
    assert_eq!(pressed, json!({"ok": true}));
    channel
        .until("the message is replaced", async || {
            let all = channel.messages().await;
            let now = all.iter().find(|it| it["ts"] == message["ts"]);
            (now?["text"] == "Said in its place").then_some(())
        })
        .await;
}

/// Presses the button, is told what is wrong with a form, and fills it in well.
async fn fills_in_a_form(channel: &Channel, message: &serde_json::Value) {
    let press = channel.button(message, "Open");
    let pressed = channel.http.send("POST", "client/actions", &press).await;
    assert_eq!(pressed, json!({"ok": true}));
    let shown = format!("client/views?user={}", channel.person);
    let view = channel
        .until("a modal", async || {
            let view = channel.http.get(&shown).await["view"].clone();
            view.is_object().then_some(view)
        })
        .await;
    let path = format!("client/views/{}/submit", view["id"].as_str().unwrap());
    let submit = async |why: &str| {
        let body = json!({"user": channel.person, "values": {"why": {"text": {"value": why}}}});
        channel.http.send("POST", &path, &body).await
    };
    assert_eq!(
        submit("no").await,
        json!({"ok": true, "errors": {"why": "Say more."}})
    );
    assert_eq!(submit("it is time").await, json!({"ok": true}));
    let ts = message["ts"].as_str().unwrap();
    channel.hears(ts, "Because of v1: it is time").await;
    assert!(channel.http.get(&shown).await["view"].is_null());
}

async fn goes_home(channel: &Channel) {
    let body = json!({"user": channel.person});
    let welcome = format!("Welcome home, <@{}>", channel.person);
    channel
        .until("the bot's home", async || {
            let answer = channel.http.send("POST", "client/home", &body).await;
            let text = &answer["view"]["blocks"][0]["text"]["text"];
            (*text == welcome.as_str()).then_some(())
        })
        .await;
}

/// The library waits as long as Slack tells it to, and asks again.
async fn waits_when_told(sandbox: &Running, channel: &Channel) {
    let control = sandbox.slack().control();
    let posted = || control.counts().get("POST /api/chat.postMessage").copied();
    let before = posted().unwrap_or_default();
    control.add_fault(Fault {
        route: "POST /api/chat.postMessage".to_owned(),
        skip: 0,
        times: 1,
        kind: FaultKind::RateLimit { seconds: 2 },
    });
    let began = Instant::now();
    channel.asks("@deploybot hello again", "hello again").await;
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(2), "only {took:?}");
    channel
        .until(
            "the call that was refused and the one after it",
            async || (posted() == Some(before + 2)).then_some(()),
        )
        .await;
}

/// How many connections the bot has asked for.
fn opened(sandbox: &Running) -> u64 {
    let counts = sandbox.slack().control().counts();
    let opened = counts.get("POST /api/apps.connections.open");
    opened.copied().unwrap_or_default()
}

/// Waits until the bot has asked for a new connection and has it.
async fn connected(sandbox: &Running, channel: &Channel, before: u64) {
    channel
        .until("the bot is connected", async || {
            let connected = sandbox.slack().connections() == 1;
            (opened(sandbox) > before && connected).then_some(())
        })
        .await;
}

async fn all_acknowledged(sandbox: &Running, channel: &Channel) {
    channel
        .until("all is acknowledged", async || {
            let deliveries = sandbox.slack().deliveries();
            let done = |it: &simulators::slack::Record| it.state == "acknowledged";
            deliveries.iter().all(done).then_some(())
        })
        .await;
    assert!(!sandbox.slack().deliveries().is_empty());
}
