//! A company: a Slack with its people and channels, a GitHub, deploy as a process
//! of its own, and one bot. Slack limits calls as it really does, but for the messages
//! of a minute in all channels together: what is asked here would exceed them.

use std::{net::Ipv4Addr, time::Duration};

use axum::{Router, serve::ListenerExt as _};
use sandbox::{OWNER, Options, Pace, Running, SLACK_APP_TOKEN, SLACK_BOT_TOKEN, Sandbox};
use serde_json::json;
use simulators::slack::{self, NewChannel, NewUser, RequestUrls, Slack};
use tokio::{net::TcpListener, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    bots::{Bot, Make, Store, Surroundings, Transport},
    channel::Channel,
    front,
    http::Http,
    listed::listed,
    program::{ANYWHERE, Program},
    start,
};

/// Where can be deployed to: each takes one deployment at a time.
const ENVIRONMENTS: usize = 8;
pub(crate) const REPOSITORIES: [&str; 3] = ["people", "api", "web"];
/// How long the bot may take to open its connections.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somewhere to deploy to, and what.
pub(crate) struct Target {
    pub(crate) repository: &'static str,
    pub(crate) environment: String,
    /// Their checks passed.
    pub(crate) commits: Vec<String>,
}

/// How many there are, and how fast workflows go.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) people: usize,
    pub(crate) channels: usize,
    pub(crate) beat: Duration,
}

/// All of it, running.
pub(crate) struct Stage {
    sandbox: Running,
    pub(crate) slack: Slack,
    /// Slack's own paths.
    pub(crate) http: Http,
    pub(crate) people: Vec<String>,
    pub(crate) channels: Vec<String>,
    pub(crate) targets: Vec<Target>,
    pub(crate) deploy: Program,
    pub(crate) bot: Bot,
    /// What the bot said, as it said it.
    pub(crate) said: tempfile::TempDir,
    stop: CancellationToken,
    serving: JoinSet<()>,
    _folder: tempfile::TempDir,
    _database: Option<test_postgres::Database>,
}

impl Stage {
    pub(crate) async fn set(make: Make, transport: Transport, store: Store, size: Size) -> Self {
        let options = Options {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            pace: Pace { beat: size.beat },
            services: false,
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let (mut serving, stop) = (JoinSet::new(), CancellationToken::new());
        let (slack, url, signing_secret) = serve_slack(&mut serving, &stop).await;
        let said = tempfile::tempdir().expect("a folder");
        slack.record_in(said.path()).expect("a file");
        let people = (0..size.people)
            .map(|number| person(&slack, number))
            .collect();
        let channels = (0..size.channels)
            .map(|number| channel(&slack, number))
            .collect();
        let targets = targets(&sandbox).await;

        let folder = tempfile::tempdir().expect("a folder");
        let database = match store {
            Store::Sqlite => None,
            Store::Postgres => Some(test_postgres::Database::create().await.expect("a Postgres")),
        };
        let journal: Vec<_> = database
            .iter()
            .map(|database| ("DEPLOY_DATABASE_URL", database.url()))
            .collect();
        let deploy = start::deploy(&sandbox, folder.path(), &journal).await;
        let around = Surroundings {
            slack_api: format!("{url}/api"),
            signing_secret,
            deploy: deploy.grpc(),
            backend: front::serve(deploy.grpc(), &mut serving).await,
        };
        let bot = Bot::start(make, transport, &around).await;
        if let Some(url) = &bot.url {
            let urls = RequestUrls {
                events: vec![url.clone()],
                interactivity: vec![],
            };
            slack
                .set_request_urls(Some(urls))
                .await
                .expect("it answers the challenge");
        }
        let stage = Self {
            sandbox,
            slack,
            http: Http::new(&url),
            people,
            channels,
            targets,
            deploy,
            bot,
            said,
            stop,
            serving,
            _folder: folder,
            _database: database,
        };
        if transport == Transport::Socket {
            stage
                .is_connected(if make == Make::Ours { 2 } else { 1 })
                .await;
        }
        stage
    }

    async fn is_connected(&self, connections: usize) {
        let end = Instant::now() + PATIENCE;
        while self.slack.connections() < connections {
            assert!(Instant::now() < end, "the bot is not connected");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Somebody says something; tells the message.
    pub(crate) fn says(
        &self,
        person: usize,
        channel: usize,
        text: &str,
    ) -> impl Future<Output = String> + Send + 'static {
        let message = json!({
            "user": self.people[person], "channel": self.channels[channel], "text": text,
        });
        let http = self.http.clone();
        async move {
            let answer = http.send("POST", "client/messages", &message).await;
            answer["ts"].as_str().expect("it is written").to_owned()
        }
    }

    /// Forgets the deliveries that are over.
    pub(crate) async fn forget_deliveries(&self) {
        self.http
            .send("DELETE", "control/envelopes", &json!(null))
            .await;
    }

    pub(crate) async fn strike(mut self) {
        self.bot.end().await;
        self.deploy.end().await;
        self.stop.cancel();
        self.serving.shutdown().await;
        self.sandbox.shutdown().await;
    }
}

/// A Slack whose app hears of what the manifest says, and of nothing else.
async fn serve_slack(
    serving: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> (Slack, String, String) {
    let listener = TcpListener::bind(ANYWHERE).await.expect("a port");
    let url = format!("http://{}/slack", listener.local_addr().expect("a port"));
    let mut config = slack::Config::new(&url, SLACK_BOT_TOKEN, SLACK_APP_TOKEN);
    config.messages_a_minute = None;
    config.subscriptions = listed("bot_events").map(str::to_owned).collect();
    config.scopes = listed("bot").map(str::to_owned).collect();
    // So many questions a second nobody could answer within it.
    config.messages_a_minute = None;
    let secret = config.signing_secret.clone();
    let slack = Slack::new(config);
    let app = Router::new().nest("/slack", slack.router());
    // An event is small: held back until the one before is acknowledged, it would
    // come 40 ms late.
    let listener = listener.tap_io(|stream| {
        stream
            .set_nodelay(true)
            .expect("a connection can be hurried");
    });
    serving.spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    let (runner, stop) = (slack.clone(), stop.clone());
    serving.spawn(async move { runner.run(stop).await });
    (slack, url, secret)
}

fn person(slack: &Slack, number: usize) -> String {
    let person = slack.add_user(NewUser {
        name: format!("person{number}"),
        real_name: format!("Person {number}"),
        email: None,
        tz: "UTC".to_owned(),
        locale: "en-US".to_owned(),
    });
    person.to_string()
}

fn channel(slack: &Slack, number: usize) -> String {
    let channel = slack.add_channel(NewChannel {
        name: format!("channel{number}"),
        topic: String::new(),
        private: false,
        members: vec![],
        with_app: true,
    });
    channel.to_string()
}

/// Gives each repository environments that nothing was deployed to.
async fn targets(sandbox: &Running) -> Vec<Target> {
    let channel = Channel::join(&format!("{}slack", sandbox.url())).await;
    let mut targets = Vec::new();
    for repository in REPOSITORIES {
        let commits = channel.all_green(repository, "main").await;
        for number in 0..ENVIRONMENTS {
            let environment = format!("bench-{number}");
            let path =
                format!("../github/api/v3/repos/{OWNER}/{repository}/environments/{environment}");
            channel.http.send("PUT", &path, &json!({})).await;
            targets.push(Target {
                repository,
                environment,
                commits: commits.clone(),
            });
        }
    }
    targets
}
