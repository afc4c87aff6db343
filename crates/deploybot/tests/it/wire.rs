//! What comes over a connection that Slack itself would hardly send: silence,
//! nonsense, too much. The other side is a bare web socket in the test's hand.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
    routing::{any, get, post},
};
use deploybot::{Config, Listeners, config::Timing};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const PATIENCE: Duration = Duration::from_secs(30);

/// A Slack that is nothing but its connections, and the bot that made them.
struct Wire {
    connections: mpsc::Receiver<WebSocket>,
    bot: JoinHandle<anyhow::Result<()>>,
    shutdown: CancellationToken,
}

impl Wire {
    async fn with(timing: Timing) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (opened, connections) = mpsc::channel(8);
        let link = json!({"ok": true, "url": format!("ws://{address}/link")});
        let me = json!({"ok": true, "user_id": "U0BOT", "team_id": "T1"});
        let router = Router::new()
            .route("/api/auth.test", get(async move || Json(me)))
            .route("/api/apps.connections.open", post(async move || Json(link)))
            .route("/link", any(accept))
            .with_state(opened);
        let tasks = TaskTracker::new();
        tasks.spawn(async move { axum::serve(listener, router).await });
        let config = Config {
            deploy_url: "http://127.0.0.1:9".parse().unwrap(),
            deploy_token: None,
            slack_api_url: format!("http://{address}/api").parse().unwrap(),
            slack_bot_token: "xoxb-1".into(),
            slack_app_token: "xapp-1".into(),
            admin_listen: "127.0.0.1:0".parse().unwrap(),
            timing,
        };
        let listeners = Listeners::bind(&config).await.unwrap();
        let shutdown = CancellationToken::new();
        let bot = tasks.spawn(deploybot::run(config, listeners, shutdown.clone()));
        Self {
            connections,
            bot,
            shutdown,
        }
    }

    async fn connection(&mut self) -> WebSocket {
        let connection = tokio::time::timeout(PATIENCE, self.connections.recv()).await;
        connection
            .expect("the bot connects")
            .expect("the server lives")
    }

    async fn end(self) {
        self.shutdown.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.bot).await;
        ended
            .expect("it stops")
            .expect("it does not panic")
            .unwrap();
    }
}

async fn accept(
    State(opened): State<mpsc::Sender<WebSocket>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(async move |socket| opened.send(socket).await.unwrap())
}

fn timing() -> Timing {
    Timing {
        retry_first: Duration::from_millis(10),
        ..Timing::default()
    }
}

/// The next thing the bot says that is no ping.
async fn said(connection: &mut WebSocket) -> Value {
    loop {
        let message = tokio::time::timeout(PATIENCE, connection.recv()).await;
        match message
            .expect("the bot says something")
            .expect("the connection lives")
            .unwrap()
        {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) | Message::Pong(_) => (),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn nonsense_is_skipped_and_what_asks_for_nothing_is_acknowledged() {
    let mut wire = Wire::with(timing()).await;
    let mut slack = wire.connection().await;
    let unreadable = json!({
        "type": "events_api", "envelope_id": "e1", "payload": {"team_id": 7},
        "accepts_response_payload": false,
    });
    let unknown = json!({"type": "slash_commands", "envelope_id": "e2", "payload": {}});
    for text in [
        "",
        "{",
        "null",
        "[1]",
        r#"{"type":"news"}"#,
        r#"{"type":"hello"}"#,
    ] {
        slack.send(Message::text(text)).await.unwrap();
    }
    slack
        .send(Message::text(unreadable.to_string()))
        .await
        .unwrap();
    assert_eq!(said(&mut slack).await, json!({"envelope_id": "e1"}));
    slack
        .send(Message::text(unknown.to_string()))
        .await
        .unwrap();
    assert_eq!(said(&mut slack).await, json!({"envelope_id": "e2"}));
    wire.end().await;
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_replaced() {
    let mut wire = Wire::with(Timing {
        ping_every: Duration::from_millis(50),
        silent_for: Duration::from_millis(300),
        ..timing()
    })
    .await;
    // It is held and never read, so that no ping is answered.
    let _silent = wire.connection().await;
    wire.connection().await;
    wire.end().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_costs_the_connection_and_nothing_more() {
    let mut wire = Wire::with(timing()).await;
    let mut slack = wire.connection().await;
    let large = json!({"type": "news", "text": "x".repeat(2 << 20)});
    slack.send(Message::text(large.to_string())).await.unwrap();
    let mut slack = wire.connection().await;
    let envelope = json!({"type": "slash_commands", "envelope_id": "e1", "payload": {}});
    slack
        .send(Message::text(envelope.to_string()))
        .await
        .unwrap();
    assert_eq!(said(&mut slack).await, json!({"envelope_id": "e1"}));
    wire.end().await;
}
