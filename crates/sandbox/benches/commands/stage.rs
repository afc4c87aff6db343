//! The commands as the channel sees them: asked in Slack, carried out by both
//! services as processes of their own, answered in the channel.

use std::{net::Ipv4Addr, time::Duration};

use jiff::Timestamp;
use sandbox::{OWNER, Options, Pace, Running, Sandbox};
use serde_json::{Value, json};
use simulators::slack::NewUser;

use crate::{channel::Channel, program::Program, report::Row, spread::spread, start};

/// How often each read is asked: enough for two samples beyond the 99th
/// percentile.
pub(crate) const READS: usize = 250;
/// How often each environment is deployed to, each time a newer commit: all of
/// them together are fewer than GitHub takes in a minute.
const ROUNDS: usize = 3;
/// How many environments each repository gets. Each takes one deployment at a
/// time.
const ENVIRONMENTS: usize = 8;
pub(crate) const REPOSITORIES: [&str; 3] = ["people", "api", "web"];

/// Somewhere to deploy to, and what: newer and newer commits.
struct Target {
    repository: &'static str,
    environment: String,
    commits: Vec<String>,
}

/// Simulators in this process, the services in two of their own.
pub(crate) struct Stage {
    pub(crate) sandbox: Running,
    pub(crate) deploy: Program,
    pub(crate) deploybot: Program,
    /// One for each read.
    channels: Vec<Channel>,
    targets: Vec<Target>,
    _journal: tempfile::TempDir,
}

impl Stage {
    /// `settings` are deploy's, beside what it needs.
    pub(crate) async fn set(settings: &[(&str, &str)]) -> Self {
        let options = Options {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            pace: Pace {
                beat: Duration::from_millis(10),
            },
            services: false,
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let journal = tempfile::tempdir().expect("a folder");
        let deploy = start::deploy(&sandbox, journal.path(), settings).await;
        let deploybot = Program::deploybot(&sandbox, deploy.grpc()).await;
        let mut channel = Channel::join(&format!("{}slack", sandbox.url())).await;
        let person = sandbox.slack().add_user(NewUser {
            name: "bench".to_owned(),
            real_name: "Benchmark".to_owned(),
            email: None,
            tz: "UTC".to_owned(),
            locale: "en-US".to_owned(),
        });
        channel.person = person.to_string();
        let channels: Vec<_> = (0..READS)
            .map(|number| channel.beside(&sandbox, &format!("bench-{number}")))
            .collect();
        let off = json!({"enabled": false});
        let limits = "control/rate_limits";
        channel.http.send("PUT", limits, &off).await;
        let mut targets = Vec::new();
        for repository in REPOSITORIES {
            targets.extend(targets_of(&channel, repository).await);
        }
        // The first command of a fresh process opens its connections.
        let first = channel.beside(&sandbox, "first");
        first.asks("@deploybot status web", "newest").await;
        Self {
            sandbox,
            deploy,
            deploybot,
            channels,
            targets,
            _journal: journal,
        }
    }

    pub(crate) async fn strike(self) {
        self.deploybot.end().await;
        self.deploy.end().await;
        self.sandbox.shutdown().await;
    }

    /// Asks once, and lets nobody count it.
    pub(crate) async fn ask_once(&self, text: &str) {
        let channel = self.channels[0].beside(&self.sandbox, &format!("once-{}", text.len()));
        reply_to(&channel, &format!("@deploybot {text}")).await;
    }

    pub(crate) async fn read(&self, command: &'static str, text: &str, added: Duration) -> Row {
        self.begin().await;
        let mut replied = Vec::new();
        for channel in &self.channels {
            replied.push(reply_to(channel, &format!("@deploybot {text}")).await);
        }
        let calls = self.calls(|route| route.contains("/api/"));
        Row {
            command,
            added,
            runs: replied.len(),
            calls: calls as f64 / replied.len() as f64,
            acknowledged: spread(&self.acknowledged().await),
            replied: spread(&replied),
        }
    }

    /// Deployments to all targets, round after round.
    pub(crate) async fn deploy(&self, added: Duration) -> Row {
        let mut replied = Vec::new();
        let mut calls = 0;
        let mut acknowledged = Vec::new();
        let mut channels = self.channels.iter().cycle();
        for round in 0..ROUNDS {
            self.begin().await;
            let mut asked = Vec::new();
            for (target, channel) in self.targets.iter().zip(&mut channels) {
                let sha = &target.commits[round];
                let (repository, environment) = (target.repository, &target.environment);
                let text = format!("@deploybot deploy {repository} {environment} {sha}");
                replied.push(reply_to(channel, &text).await);
                asked.push((channel, format!("{}>` is live in", &sha[..7])));
            }
            for (channel, live) in &asked {
                channel.hears("0", live).await;
            }
            // Following a deployment that runs is not part of asking for it.
            calls += self.calls(|route| route.contains("/api/") && !route.contains("Follow"));
            acknowledged.extend(self.acknowledged().await);
        }
        Row {
            command: "deploy",
            added,
            runs: replied.len(),
            calls: calls as f64 / replied.len() as f64,
            acknowledged: spread(&acknowledged),
            replied: spread(&replied),
        }
    }

    pub(crate) async fn begin(&self) {
        self.sandbox.github().control().reset();
        let http = &self.channels[0].http;
        http.send("DELETE", "control/envelopes", &Value::Null).await;
    }

    pub(crate) fn calls(&self, counted: impl Fn(&str) -> bool) -> u64 {
        let counts = self.sandbox.github().control().counts();
        counts
            .iter()
            .filter(|(route, _)| counted(route))
            .map(|(_, count)| count)
            .sum()
    }

    /// From the event to its acknowledgement, of every mention, in milliseconds.
    async fn acknowledged(&self) -> Vec<f64> {
        let all_acknowledged = async || {
            let all = self.sandbox.slack().deliveries();
            all.iter().all(|one| one.acked_at.is_some()).then_some(all)
        };
        let deliveries = self.channels[0]
            .until("all is acknowledged", all_acknowledged)
            .await;
        deliveries
            .iter()
            .filter(|one| one.event_type == "app_mention")
            .filter_map(|one| Some(milliseconds(one.created_at, one.acked_at?)))
            .collect()
    }
}

/// Gives a repository environments that nothing was deployed to, for the
/// commits whose checks passed.
async fn targets_of(channel: &Channel, repository: &'static str) -> Vec<Target> {
    let mut commits = channel.all_green(repository, "main").await;
    commits.reverse();
    assert!(commits.len() >= ROUNDS, "{repository} has too few commits");
    let mut targets = Vec::new();
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
    targets
}

/// From the question to the first answer that can be seen, in milliseconds.
async fn reply_to(channel: &Channel, text: &str) -> f64 {
    let asked = channel.say(text).await;
    let (reply, _) = channel.hears(&asked, "").await;
    let seconds = |ts: &str| ts.parse::<f64>().expect("a ts is a number");
    let shown = seconds(reply["ts"].as_str().expect("a ts"));
    (shown - seconds(&asked)) * 1000.0
}

fn milliseconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() * 1000.0
}
