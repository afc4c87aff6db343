//! A workspace that serves on loopback, and the two sides that talk to it: an
//! app over HTTP and web sockets, and a person's client.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails by panicking"
)]

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use simulators::slack::{ChannelId, Config, EVERY_SCOPE, NewChannel, NewUser, Slack, UserId};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) const BOT_TOKEN: &str = "xoxb-test";
pub(crate) const APP_TOKEN: &str = "xapp-test";

/// A running workspace with Minji, Joon and `#deploys`.
pub(crate) struct Workspace {
    pub(crate) slack: Slack,
    pub(crate) base: String,
    pub(crate) minji: UserId,
    pub(crate) joon: UserId,
    pub(crate) deploys: ChannelId,
    http: Client<HttpConnector, Full<Bytes>>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

/// What came back for a request.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }
}

impl Workspace {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A workspace set up in another way, mounted under a path as in the
    /// sandbox.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/slack", listener.local_addr().unwrap());
        let mut config = Config::new(base.clone(), BOT_TOKEN, APP_TOKEN);
        config.scopes = EVERY_SCOPE.map(str::to_owned).to_vec();
        change(&mut config);
        let slack = Slack::new(config);
        let person = |name: &str, real_name: &str| {
            slack.add_user(NewUser {
                name: name.to_owned(),
                real_name: real_name.to_owned(),
                email: Some(format!("{name}@example.com")),
                tz: "Asia/Seoul".to_owned(),
                locale: "en-US".to_owned(),
            })
        };
        let minji = person("minji", "Minji Park");
        let joon = person("joon", "Joon Lee");
        let deploys = slack.add_channel(NewChannel {
            name: "deploys".to_owned(),
            topic: "What goes out".to_owned(),
            private: false,
            members: vec![minji.clone(), joon.clone()],
            with_app: true,
        });
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let app = axum::Router::new().nest("/slack", slack.router());
        let stopped = stop.clone().cancelled_owned();
        tasks.spawn(async move {
            let server = axum::serve(listener, app).with_graceful_shutdown(stopped);
            server.await.unwrap();
        });
        let (runner, shutdown) = (slack.clone(), stop.clone());
        tasks.spawn(async move { runner.run(shutdown).await });
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self {
            slack,
            base,
            minji,
            joon,
            deploys,
            http,
            stop,
            tasks,
        }
    }

    /// Stops everything; fails when something does not end.
    pub(crate) async fn stop(self) {
        let Self {
            stop,
            mut tasks,
            http,
            ..
        } = self;
        drop(http);
        stop.cancel();
        let all = async {
            while let Some(ended) = tasks.join_next().await {
                ended.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, all)
            .await
            .expect("the workspace does not stop");
    }

    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let response = self.raw(method, path, headers, body).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = tokio::time::timeout(PATIENCE, body.collect())
            .await
            .unwrap()
            .unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(body.to_bytes().to_vec()).unwrap(),
        }
    }

    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<http::Response<Incoming>, hyper_util::client::legacy::Error> {
        let uri = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        tokio::time::timeout(PATIENCE, self.http.request(request))
            .await
            .expect("no answer")
    }

    /// A call of the Web API with the bot's token and a JSON body.
    pub(crate) async fn api(&self, method: &str, body: Value) -> Value {
        let bearer = format!("Bearer {BOT_TOKEN}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json; charset=utf-8"),
        ];
        let path = format!("/api/{method}");
        self.request(Method::POST, &path, &headers, body.to_string())
            .await
            .json()
    }

    /// The same, for what must succeed.
    pub(crate) async fn done(&self, method: &str, body: Value) -> Value {
        let answer = self.api(method, body).await;
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        answer
    }

    /// The same, for what must be refused; gives the name of the error.
    pub(crate) async fn refused(&self, method: &str, body: Value) -> String {
        let answer = self.api(method, body).await;
        assert_eq!(answer["ok"], false, "{method}: {answer}");
        answer["error"].as_str().unwrap().to_owned()
    }

    /// A request of a person's client or of the control API.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.request(method, path, &headers, body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.request(Method::GET, path, &[], String::new())
            .await
            .json()
    }

    /// Minji writes in `#deploys`; gives the message's ts.
    pub(crate) async fn say(&self, text: &str) -> String {
        let body =
            json!({"user": self.minji.as_str(), "channel": self.deploys.as_str(), "text": text});
        let answer = self
            .send(Method::POST, "/client/messages", body)
            .await
            .json();
        assert_eq!(answer["ok"], true, "{answer}");
        answer["ts"].as_str().unwrap().to_owned()
    }

    /// The app posts in `#deploys`; gives the message.
    pub(crate) async fn post(&self, mut body: Value) -> Value {
        body["channel"] = json!(self.deploys.as_str());
        self.done("chat.postMessage", body).await["message"].clone()
    }

    /// The address of a new connection.
    pub(crate) async fn open(&self) -> String {
        let bearer = format!("Bearer {APP_TOKEN}");
        let headers = [("authorization", bearer.as_str())];
        let path = "/api/apps.connections.open";
        let answer = self
            .request(Method::POST, path, &headers, String::new())
            .await
            .json();
        assert_eq!(answer["ok"], true, "{answer}");
        answer["url"].as_str().unwrap().to_owned()
    }

    /// A new connection, past its hello.
    pub(crate) async fn connect(&self) -> Socket {
        let mut socket = self.connect_raw().await;
        let hello = socket.next().await;
        assert_eq!(hello["type"], "hello", "{hello}");
        socket
    }

    pub(crate) async fn connect_raw(&self) -> Socket {
        let url = self.open().await;
        let (stream, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        Socket { stream }
    }
}

/// The app's end of a connection.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// The next message, which must come.
    pub(crate) async fn next(&mut self) -> Value {
        self.next_or_end().await.expect("the connection has ended")
    }

    /// The next message; none when the connection ends instead.
    pub(crate) async fn next_or_end(&mut self) -> Option<Value> {
        match self.next_frame().await? {
            Message::Text(text) => Some(serde_json::from_str(&text).unwrap()),
            other => panic!("no text: {other:?}"),
        }
    }

    /// The next message as it is, pings left out; none at the end.
    pub(crate) async fn next_frame(&mut self) -> Option<Message> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.stream.next()).await;
            match next.expect("nothing came") {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => return Some(message),
            }
        }
    }

    /// Sends a ping and waits so long for its pong.
    pub(crate) async fn is_answered(&mut self, within: Duration) -> bool {
        self.stream.send(Message::Ping("?".into())).await.unwrap();
        let pong = async {
            while let Some(Ok(message)) = self.stream.next().await {
                if matches!(message, Message::Pong(_)) {
                    return true;
                }
            }
            false
        };
        tokio::time::timeout(within, pong).await.unwrap_or(false)
    }

    pub(crate) async fn ack(&mut self, envelope: &Value) {
        self.answer(envelope, json!({})).await;
    }

    pub(crate) async fn answer(&mut self, envelope: &Value, payload: Value) {
        let answer = json!({"envelope_id": envelope["envelope_id"], "payload": payload});
        let message = Message::text(answer.to_string());
        self.stream.send(message).await.unwrap();
    }
}

/// Waits until a condition holds; shows what it looked at when it never does.
pub(crate) async fn eventually<T: std::fmt::Debug>(
    what: &str,
    mut look: impl AsyncFnMut() -> T,
    holds: impl Fn(&T) -> bool,
) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let seen = look().await;
        if holds(&seen) {
            return seen;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "never: {what}; last seen: {seen:#?}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
