//! The stage of a scenario: a simulated Slack with two people and a channel, a
//! scripted deploy service, and the bot between them, on a runtime of its own,
//! so that it can be killed as a process is.

mod bots;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use deploybot::{
    Config, Language,
    config::{SocketMode, Timing},
};
use futures::StreamExt as _;
use http::Request;
use serde_json::{Value, json};
use simulators::{
    control::{Fault, FaultKind},
    slack::{self, Slack},
};
use tokio::{net::TcpListener, runtime::Runtime, task::JoinHandle, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service as _;

use crate::deploy_service::Scripted;

pub(crate) const BOT_TOKEN: &str = "xoxb-do-not-tell";
pub(crate) const APP_TOKEN: &str = "xapp-do-not-tell";
pub(crate) const DEPLOY_TOKEN: &str = "bearer-do-not-tell";

/// Where what the bot says is written down, for the checks in the sandbox's
/// `said.rs`.
pub(crate) static SAID: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("said/deploybot");
    // What an earlier run said is no concern of this one; it may have said
    // nothing.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
});

/// Long enough for a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Stage {
    pub(crate) slack: Slack,
    pub(crate) slack_url: String,
    pub(crate) deploy: Scripted,
    pub(crate) channel: String,
    pub(crate) minji: String,
    pub(crate) joon: String,
    pub(crate) timing: Timing,
    pub(crate) language: Language,
    pub(crate) people: deploybot::Table,
    /// Those that run, the oldest first.
    bots: Vec<Bot>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

struct Bot {
    runtime: Runtime,
    shutdown: CancellationToken,
    ended: JoinHandle<anyhow::Result<()>>,
}

/// Intervals that are short, and deadlines that are not.
fn timing() -> Timing {
    Timing {
        accepted_after: Duration::from_millis(50),
        channel_burst: 100,
        channel_interval: Duration::from_millis(1),
        retry_first: Duration::from_millis(10),
        retry_most: Duration::from_millis(200),
        lost_answer: Duration::from_millis(100),
        held_look: Duration::from_millis(50),
        takeover: Duration::from_millis(100),
        ..Timing::default()
    }
}

impl Stage {
    /// The bot is connected and follows the feed.
    pub(crate) async fn set() -> Self {
        let mut stage = Self::without_bot().await;
        stage.start_bot().await;
        stage
    }

    pub(crate) async fn without_bot() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut slack::Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let slack_url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = slack::Config::new(&slack_url, BOT_TOKEN, APP_TOKEN);
        config.rate_limits = false;
        change(&mut config);
        let slack = Slack::new(config);
        slack.record_in(&SAID).unwrap();
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        let router = slack.router();
        let until = closing.clone().cancelled_owned();
        tasks.spawn(async move {
            axum::serve(listener, router)
                .with_graceful_shutdown(until)
                .await
                .unwrap();
        });
        let (worker, until) = (slack.clone(), closing.clone());
        tasks.spawn(async move { worker.run(until).await });
        let (minji, joon) = (
            person(&slack, "minji", "Minji Kim"),
            person(&slack, "joon", "Joon Park"),
        );
        let channel = slack.add_channel(slack::NewChannel {
            name: "deploys".to_owned(),
            topic: String::new(),
            private: false,
            members: [&minji, &joon]
                .map(|id| slack::UserId::new(id.as_str()))
                .to_vec(),
            with_app: true,
        });
        Self {
            slack,
            slack_url,
            deploy: Scripted::start().await,
            channel: channel.as_str().to_owned(),
            minji,
            joon,
            timing: timing(),
            language: Language::English,
            people: deploybot::Table::default(),
            bots: Vec::new(),
            closing,
            tasks,
        }
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            deploy_url: self.deploy.url().parse().unwrap(),
            deploy_token: Some(DEPLOY_TOKEN.into()),
            slack_api_url: format!("{}/api", self.slack_url).parse().unwrap(),
            slack_bot_token: BOT_TOKEN.into(),
            socket_mode: Some(SocketMode {
                app_token: APP_TOKEN.into(),
                // So that a test can tell which connection is which.
                connections: 1,
            }),
            events_api: None,
            language: self.language,
            people: self.people.clone(),
            admin_listen: "127.0.0.1:0".parse().unwrap(),
            timing: self.timing.clone(),
        }
    }

    /// The bot stops when it is told to, and no fault hit nothing; for where
    /// something is left unacknowledged on purpose.
    pub(crate) async fn stop(mut self) {
        while !self.bots.is_empty() {
            self.stop_bot().await.unwrap();
        }
        assert_eq!(self.slack.control().faults(), [], "a fault hit nothing");
    }

    /// Nothing is left over: all that Slack delivered is acknowledged, all that
    /// the feed told is shown, and the bot stops when it is told to.
    pub(crate) async fn finish(mut self) {
        let deploy = self.deploy.clone();
        eventually("the feed is acknowledged", || deploy.all_is_shown()).await;
        self.all_is_acknowledged().await;
        while !self.bots.is_empty() {
            self.stop_bot().await.unwrap();
        }
        assert_eq!(self.slack.control().faults(), [], "a fault hit nothing");
        self.closing.cancel();
        self.deploy.go_away().await;
        self.tasks.close();
        tokio::time::timeout(PATIENCE, self.tasks.wait())
            .await
            .expect("the simulator ends");
    }

    /// Waits until all that Slack has delivered is acknowledged.
    pub(crate) async fn all_is_acknowledged(&self) {
        eventually("all deliveries are acknowledged", || {
            let deliveries = self.slack.deliveries();
            deliveries.iter().all(|it| it.state == "acknowledged")
        })
        .await;
    }

    /// Minji writes in the channel; tells the message's ts.
    pub(crate) async fn say(&self, text: &str) -> String {
        self.write(json!({"user": self.minji, "channel": self.channel, "text": text}))
            .await
    }

    /// Minji writes in a thread.
    pub(crate) async fn say_in(&self, thread: &str, text: &str) -> String {
        self.write(json!({
            "user": self.minji, "channel": self.channel, "text": text, "thread_ts": thread,
        }))
        .await
    }

    async fn write(&self, message: Value) -> String {
        let answer = self.call("POST", "/client/messages", Some(message)).await;
        answer["ts"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// Another channel, in which the bot is.
    pub(crate) fn add_channel(&self, name: &str) -> String {
        let id = self.slack.add_channel(slack::NewChannel {
            name: name.to_owned(),
            topic: String::new(),
            private: false,
            members: vec![slack::UserId::new(&self.joon)],
            with_app: true,
        });
        id.as_str().to_owned()
    }

    /// Joon writes in another channel.
    pub(crate) async fn ask_in(&self, channel: &str, text: &str) {
        let message = json!({"user": self.joon, "channel": channel, "text": text});
        self.write(message).await;
    }

    /// All messages of the channel, oldest first, threads included.
    pub(crate) async fn messages(&self) -> Vec<Value> {
        self.messages_in(&self.channel).await
    }

    /// The same of another channel.
    pub(crate) async fn messages_in(&self, channel: &str) -> Vec<Value> {
        let path = format!("/client/messages?channel={channel}&limit=1000");
        let answer = self.call("GET", &path, None).await;
        answer["messages"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .clone()
    }

    /// The bot's messages, oldest first.
    pub(crate) async fn said(&self) -> Vec<Value> {
        let messages = self.messages().await;
        messages
            .into_iter()
            .filter(|message| message["user"] == "U0BOT")
            .collect()
    }

    /// Waits until the bot has said so many things and the last one, as it
    /// stands, holds a text.
    pub(crate) async fn heard(&self, count: usize, part: &str) -> Vec<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.said().await;
            assert!(
                said.len() <= count,
                "more than {count} messages: {}",
                texts(&said)
            );
            let holds_it = |message: &Value| {
                text(message).contains(part) || message["blocks"].to_string().contains(part)
            };
            if said.len() == count && said.last().is_some_and(holds_it) {
                return said;
            }
            assert!(
                Instant::now() < until,
                "never {count} messages with {part:?}:\n{}",
                texts(&said)
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until what the bot said first, second, … is edited to hold a text.
    pub(crate) async fn corrected(&self, number: usize, part: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.said().await;
            if said.get(number).is_some_and(|it| text(it).contains(part)) {
                return;
            }
            assert!(
                Instant::now() < until,
                "message {number} never says {part:?}:\n{}",
                texts(&said)
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Someone presses the first button of a message that means this.
    pub(crate) async fn press(&self, user: &str, message: &Value, action: &str) -> Value {
        // As it stands by now: with each edit Slack names its blocks anew.
        let messages = self.messages().await;
        let mut messages = messages.iter();
        let by_now = messages.find(|one| one["ts"] == message["ts"]);
        let (block, id) = button(by_now.unwrap_or(message), action);
        let press = json!({
            "user": user, "channel": self.channel, "message_ts": message["ts"],
            "block_id": block, "action_id": id,
        });
        self.call("POST", "/client/actions", Some(press)).await
    }

    /// What the simulator tells from now on.
    pub(crate) async fn listen(&self) -> Told {
        let request = Request::get("/client/events").body(Body::empty()).unwrap();
        let answer = self.slack.router().call(request).await.unwrap();
        Told {
            events: answer.into_body().into_data_stream(),
            heard: String::new(),
        }
    }

    /// The modal that someone sees.
    pub(crate) async fn view(&self, user: &str) -> Value {
        let answer = self
            .call("GET", &format!("/client/views?user={user}"), None)
            .await;
        answer["view"].clone()
    }

    /// Waits until someone sees a modal that holds a text.
    pub(crate) async fn sees(&self, user: &str, part: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let view = self.view(user).await;
            if view.to_string().contains(part) {
                return view;
            }
            assert!(Instant::now() < until, "{part:?} is never seen in {view}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The next calls of a method of the Web API fail.
    pub(crate) fn fault(&self, method: &str, times: u32, kind: FaultKind) {
        self.slack.control().add_fault(Fault {
            route: method.to_owned(),
            skip: 0,
            times,
            kind,
        });
    }

    pub(crate) fn calls(&self, route: &str) -> u64 {
        self.slack
            .control()
            .counts()
            .get(route)
            .copied()
            .unwrap_or_default()
    }

    /// A call of the simulator's client or control API.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            // Only the Web API looks at it.
            .header("authorization", format!("Bearer {BOT_TOKEN}"))
            .body(body)
            .unwrap();
        let answer = self.slack.router().call(request).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 10 << 20)
            .await
            .unwrap();
        assert!(
            status.is_success(),
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }

    /// The delivery of the mention that was made first, second, …
    pub(crate) fn mention(&self, number: usize) -> slack::Record {
        let deliveries = self.slack.deliveries();
        let mut mentions = deliveries
            .into_iter()
            .filter(|it| it.event_type == "app_mention");
        mentions.nth(number).expect("so many mentions were made")
    }

    /// The id that the deploy service knows a mention's request by.
    pub(crate) fn request_id(&self, number: usize) -> String {
        format!("slack:T0TEAM:{}", self.mention(number).event_id)
    }
}

/// What the simulator tells as it happens.
pub(crate) struct Told {
    events: BodyDataStream,
    heard: String,
}

impl Told {
    /// Waits for the next message that only one person sees: who, and which.
    pub(crate) async fn whisper(&mut self) -> (String, Value) {
        let until = Instant::now() + PATIENCE;
        loop {
            while let Some((event, rest)) = self.heard.split_once("\n\n") {
                let told = event.strip_prefix("event: ephemeral\ndata: ");
                let told = told.map(|told| serde_json::from_str::<Value>(told).unwrap());
                self.heard = rest.to_owned();
                if let Some(told) = told {
                    let user = told["user"].as_str().unwrap().to_owned();
                    return (user, told["message"].clone());
                }
            }
            let more = tokio::time::timeout_at(until, self.events.next()).await;
            let more = more.expect("somebody is told in time").unwrap().unwrap();
            self.heard.push_str(std::str::from_utf8(&more).unwrap());
        }
    }
}

fn person(slack: &Slack, name: &str, real_name: &str) -> String {
    let id = slack.add_user(slack::NewUser {
        name: name.to_owned(),
        real_name: real_name.to_owned(),
        email: None,
        tz: "UTC".to_owned(),
        locale: "en-US".to_owned(),
    });
    id.as_str().to_owned()
}

pub(crate) fn text(message: &Value) -> String {
    message["text"].as_str().unwrap_or_default().to_owned()
}

fn texts(messages: &[Value]) -> String {
    let lines: Vec<_> = messages
        .iter()
        .map(|it| format!("{} {}", it["ts"], text(it)))
        .collect();
    lines.join("\n")
}

/// Block and action id of the first button that means this.
pub(crate) fn button(message: &Value, action: &str) -> (Value, Value) {
    let blocks = message["blocks"].as_array().cloned().unwrap_or_default();
    for block in &blocks {
        let row = block["elements"].as_array().cloned().unwrap_or_default();
        for element in row.iter().chain([&block["accessory"]]) {
            let id = element["action_id"].as_str().unwrap_or_default();
            if id.split(':').next() == Some(action) {
                return (block["block_id"].clone(), element["action_id"].clone());
            }
        }
    }
    panic!("no button {action} in {message}")
}

/// Waits until something is so.
pub(crate) async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "it never was so that {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
