//! A Slack that is nothing but its wire: the Web API as far as the bot needs it
//! to speak, bare web sockets in the test's hand, and requests that the test
//! signs itself. It judges nothing and remembers what it was sent.

use std::{
    collections::VecDeque,
    fs::OpenOptions,
    io::Write as _,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::any,
};
use deploybot::{
    Config, Language, Listeners,
    config::{EventsApi, SocketMode, Timing},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{deploy_service::Scripted, stage::SAID};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// A bare Slack, a scripted deploy service, and the bot between them.
pub(crate) struct Bare {
    pub(crate) deploy: Scripted,
    api: Arc<Api>,
    connections: mpsc::Receiver<WebSocket>,
    /// Where the bot takes requests, if it does.
    pub(crate) events: String,
    pub(crate) admin: String,
    bot: JoinHandle<anyhow::Result<()>>,
    shutdown: CancellationToken,
}

/// The Web API: what it was sent, and what it answers next instead.
struct Api {
    address: String,
    opened: mpsc::Sender<WebSocket>,
    calls: Mutex<Vec<(String, Value)>>,
    /// Answers of `apps.connections.open`, next first.
    refuse_links: Mutex<VecDeque<Response>>,
    /// The company that the bot's workspace belongs to.
    enterprise: Value,
    /// What `users.info` tells of everybody; null: it fails.
    profile: Mutex<Value>,
}

/// Short waits, and deadlines that are not.
pub(crate) fn timing() -> Timing {
    Timing {
        accepted_after: Duration::from_millis(50),
        channel_burst: 100,
        channel_interval: Duration::from_millis(1),
        retry_first: Duration::from_millis(10),
        retry_most: Duration::from_millis(200),
        ..Timing::default()
    }
}

impl Bare {
    /// With so many connections, and no requests.
    pub(crate) async fn with_sockets(connections: usize, timing: Timing) -> Self {
        Self::start(connections, false, timing, VecDeque::new()).await
    }

    /// With requests, and no connections.
    pub(crate) async fn with_requests(timing: Timing) -> Self {
        Self::start(0, true, timing, VecDeque::new()).await
    }

    /// As with requests, in a workspace of the company `E1`.
    pub(crate) async fn of_a_company(timing: Timing) -> Self {
        Self::start_in(json!("E1"), 0, true, timing, VecDeque::new()).await
    }

    /// `refused` are the first answers of `apps.connections.open`.
    pub(crate) async fn start(
        connections: usize,
        requests: bool,
        timing: Timing,
        refused: VecDeque<Response>,
    ) -> Self {
        Self::start_in(Value::Null, connections, requests, timing, refused).await
    }

    async fn start_in(
        enterprise: Value,
        connections: usize,
        requests: bool,
        timing: Timing,
        refused: VecDeque<Response>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (opened, accepted) = mpsc::channel(16);
        let api = Arc::new(Api {
            address: address.clone(),
            opened,
            calls: Mutex::default(),
            refuse_links: Mutex::new(refused),
            enterprise,
            profile: Mutex::new(json!({"id": "U1", "name": "minji", "team_id": "T1"})),
        });
        let router = Router::new()
            .route("/api/{method}", any(call))
            .route("/link", any(accept))
            .with_state(Arc::clone(&api));
        let tasks = TaskTracker::new();
        tasks.spawn(async move { axum::serve(listener, router).await });
        let deploy = Scripted::start().await;
        let any_port = "127.0.0.1:0".parse().unwrap();
        let config = Config {
            deploy_url: deploy.url().parse().unwrap(),
            deploy_token: None,
            slack_api_url: format!("http://{address}/api").parse().unwrap(),
            slack_bot_token: "xoxb-1".into(),
            socket_mode: (connections > 0).then(|| SocketMode {
                app_token: "xapp-1".into(),
                connections,
            }),
            events_api: requests.then(|| EventsApi {
                signing_secret: SECRET.into(),
                listen: any_port,
            }),
            language: Language::English,
            people: deploybot::Table::default(),
            admin_listen: any_port,
            timing,
        };
        let listeners = Listeners::bind(&config).await.unwrap();
        let events = listeners.events.as_ref();
        let events = events.map(|events| events.local_addr().unwrap().to_string());
        let admin = listeners.admin.local_addr().unwrap().to_string();
        let shutdown = CancellationToken::new();
        let bot = tasks.spawn(deploybot::run(config, listeners, shutdown.clone()));
        Self {
            deploy,
            api,
            connections: accepted,
            events: events.unwrap_or_default(),
            admin,
            bot,
            shutdown,
        }
    }

    /// The next connection that the bot opens.
    pub(crate) async fn connection(&mut self) -> WebSocket {
        let connection = tokio::time::timeout(PATIENCE, self.connections.recv()).await;
        connection
            .expect("the bot connects")
            .expect("the server lives")
    }

    /// Whether the bot has opened a connection that nobody has taken yet.
    pub(crate) fn has_connected(&self) -> bool {
        !self.connections.is_empty()
    }

    /// How often a method was called.
    pub(crate) fn calls(&self, method: &str) -> usize {
        let calls = self.api.calls();
        calls.iter().filter(|(called, _)| called == method).count()
    }

    /// What `users.info` tells of everybody from now on; null: it fails.
    pub(crate) fn profile(&self, user: Value) {
        *self.api.profile.lock().unwrap() = user;
    }

    /// What was sent to a method, oldest first.
    pub(crate) fn sent(&self, method: &str) -> Vec<Value> {
        let calls = self.api.calls();
        let calls = calls.iter().filter(|(called, _)| called == method);
        calls.map(|(_, sent)| sent.clone()).collect()
    }

    /// Waits until so many messages are posted, the last of which holds a text.
    pub(crate) async fn posted(&self, count: usize, part: &str) -> Vec<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let posted = self.sent("chat.postMessage");
            assert!(posted.len() <= count, "more than {count}: {posted:#?}");
            let last = posted.last().map(Value::to_string).unwrap_or_default();
            if posted.len() == count && last.contains(part) {
                return posted;
            }
            assert!(
                Instant::now() < until,
                "never {count} messages with {part:?}: {posted:#?}"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Tells the bot to stop, and waits for nothing.
    pub(crate) fn begin_to_stop(&self) {
        self.shutdown.cancel();
    }

    /// The bot stops when it is told to.
    pub(crate) async fn end(self) {
        self.shutdown.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.bot).await;
        ended
            .expect("it stops")
            .expect("it does not panic")
            .unwrap();
    }
}

impl Api {
    fn calls(&self) -> MutexGuard<'_, Vec<(String, Value)>> {
        self.calls.lock().unwrap()
    }

    /// What the bot says is checked with all else that it says.
    fn write_down(&self, method: &str, sent: &Value) {
        if !(method.starts_with("chat.") || method.starts_with("views.")) {
            return;
        }
        let name = format!("bare-{}.jsonl", self.address.replace(':', "-"));
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(SAID.join(name));
        let line = json!({"method": method, "arguments": sent});
        writeln!(file.unwrap(), "{line}").unwrap();
    }

    fn answer(&self, method: &str, number: usize) -> Value {
        let ts = format!("100.{number:06}");
        match method {
            "auth.test" => json!({
                "ok": true, "user_id": "U0BOT", "team_id": "T1",
                "enterprise_id": self.enterprise,
            }),
            "apps.connections.open" => {
                json!({"ok": true, "url": format!("ws://{}/link", self.address)})
            }
            "chat.postMessage" | "chat.update" => {
                json!({"ok": true, "channel": "C1", "ts": ts, "text": ""})
            }
            "chat.postEphemeral" => json!({"ok": true, "message_ts": ts}),
            "views.open" | "views.update" => json!({"ok": true, "view": {"id": "V1"}}),
            "views.publish" => {
                json!({"ok": true, "view": {"id": "V1", "hash": format!("{number}.a")}})
            }
            "users.info" => match self.profile.lock().unwrap().clone() {
                Value::Null => json!({"ok": false, "error": "fatal_error"}),
                user => json!({"ok": true, "user": user}),
            },
            "conversations.history" | "conversations.replies" => {
                json!({"ok": true, "messages": [], "has_more": false})
            }
            _ => json!({"ok": false, "error": "unknown_method"}),
        }
    }
}

async fn call(State(api): State<Arc<Api>>, Path(method): Path<String>, body: Bytes) -> Response {
    let sent = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let number = {
        let mut calls = api.calls();
        api.write_down(&method, &sent);
        calls.push((method.clone(), sent));
        calls.len()
    };
    if method == "apps.connections.open" {
        let refused = api.refuse_links.lock().unwrap().pop_front();
        if let Some(refused) = refused {
            return refused;
        }
    }
    Json(api.answer(&method, number)).into_response()
}

/// An answer in place of an address to connect to.
pub(crate) fn refusal(status: u16, error: &str, retry_after: Option<u32>) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let mut answer = (status, Json(json!({"ok": false, "error": error}))).into_response();
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert("retry-after", seconds.into());
    }
    answer
}

/// An answer that begins and never ends.
pub(crate) fn hanging() -> Response {
    let nothing = futures::stream::pending::<Result<Bytes, std::io::Error>>();
    axum::body::Body::from_stream(nothing).into_response()
}

async fn accept(State(api): State<Arc<Api>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |socket| api.opened.send(socket).await.unwrap())
}

/// The next thing the bot says over a connection that is no ping.
pub(crate) async fn said(connection: &mut WebSocket) -> Value {
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

/// A mention by one of our own people.
pub(crate) fn mention(event_id: &str, text: &str) -> Value {
    event(
        event_id,
        json!({
            "type": "app_mention", "user": "U1", "team": "T1", "channel": "C1", "ts": "10.000001",
            "text": format!("<@U0BOT> {text}"),
        }),
    )
}

/// A mention by another of them.
pub(crate) fn mention_by(user: &str, event_id: &str, text: &str) -> Value {
    let mut payload = mention(event_id, text);
    payload["event"]["user"] = json!(user);
    payload
}

/// What somebody writes to the bot directly.
pub(crate) fn direct(event_id: &str, text: &str) -> Value {
    event(
        event_id,
        json!({
            "type": "message", "channel_type": "im", "user": "U1", "team": "T1", "channel": "D1",
            "ts": "10.000001", "text": text,
        }),
    )
}

/// An event as Slack wraps it.
pub(crate) fn event(event_id: &str, event: Value) -> Value {
    let mut payload = json!({
        "type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": event_id,
        "event_time": 10,
    });
    payload["event"] = event;
    payload
}

/// A button of the message `20.000001`, pressed.
pub(crate) fn press(trigger: &str, channel: &str, action: &str, value: &str) -> Value {
    json!({
        "type": "block_actions", "team": {"id": "T1", "domain": "acme"}, "trigger_id": trigger,
        "user": {"id": "U1", "name": "minji", "team_id": "T1"},
        "container": {"type": "message", "message_ts": "20.000001", "channel_id": channel},
        "channel": {"id": channel, "name": "x"}, "message": {"ts": "20.000001"},
        "actions": [{"type": "button", "action_id": format!("{action}:1"), "value": value}],
    })
}

/// An envelope that carries an event.
pub(crate) fn envelope(id: &str, payload: &Value) -> Message {
    let envelope = json!({
        "type": "events_api", "envelope_id": id, "payload": payload,
        "accepts_response_payload": false, "retry_attempt": 0, "retry_reason": "",
    });
    Message::text(envelope.to_string())
}
