//! What the commands cost: GitHub calls, time to the acknowledgement and to the
//! visible reply, and the memory of each service as a process of its own.
//!
//! `make bench` prints a table, writes `target/bench.json`, and ends with 1 when
//! a bound is missed. The load is bounded: some hundred commands of each kind.
//! Each is asked in a channel that has been quiet, and the simulated Slack takes
//! as many calls as come, so that no limit of Slack's is part of what is
//! measured.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a program that prints for people and ends at what it does not expect; it shares \
              the helpers of the tests and does not need them all"
)]

#[path = "../../tests/it/channel.rs"]
mod channel;
#[path = "../../tests/it/http.rs"]
mod http;
#[path = "../../tests/it/program.rs"]
mod program;
mod report;

use std::{collections::BTreeMap, net::Ipv4Addr, process::ExitCode, time::Duration};

use jiff::Timestamp;
use sandbox::{OWNER, Options, Pace, Running, Sandbox};
use serde_json::{Value, json};
use simulators::slack::NewUser;

use crate::{
    channel::Channel,
    program::{ANYWHERE, Program},
    report::{Report, Row},
};

/// What is added to every call to GitHub in each of the runs.
const ADDED: [Duration; 2] = [Duration::ZERO, Duration::from_millis(60)];
/// How often each read is asked: enough for two samples beyond the 99th
/// percentile.
const READS: usize = 250;
/// How often each environment is deployed to, each time a newer commit.
const ROUNDS: usize = 9;
/// How many environments each repository gets. Each takes one deployment at a
/// time.
const ENVIRONMENTS: usize = 8;
const REPOSITORIES: [&str; 3] = ["people", "api", "web"];

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let report = runtime.block_on(measure());
    report.print();
    report.write();
    if report.missed().is_empty() {
        ExitCode::SUCCESS
    } else {
        println!("missed: {}", report.missed().join(", "));
        ExitCode::FAILURE
    }
}

async fn measure() -> Report {
    let mut rows = Vec::new();
    let mut memory = BTreeMap::new();
    for added in ADDED {
        let stage = Stage::set().await;
        stage.sandbox.github().control().set_latency(added);
        rows.push(stage.read("status", "status people", added).await);
        rows.push(stage.read("history", "history people", added).await);
        rows.push(stage.read("help", "help", added).await);
        rows.push(stage.deploy(added).await);
        for (name, program) in [("deploy", &stage.deploy), ("deploybot", &stage.deploybot)] {
            let peak = memory.entry(name).or_insert(0);
            *peak = program.peak_memory().max(*peak);
        }
        stage.strike().await;
    }
    Report { rows, memory }
}

/// Somewhere to deploy to, and what: newer and newer commits.
struct Target {
    repository: &'static str,
    environment: String,
    commits: Vec<String>,
}

/// Simulators in this process, the services in two of their own.
struct Stage {
    sandbox: Running,
    deploy: Program,
    deploybot: Program,
    /// One for each read.
    channels: Vec<Channel>,
    targets: Vec<Target>,
    _journal: tempfile::TempDir,
}

impl Stage {
    async fn set() -> Self {
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
        let deploy = Program::deploy(&sandbox, journal.path(), ANYWHERE).await;
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

    async fn strike(self) {
        self.deploybot.end().await;
        self.deploy.end().await;
        self.sandbox.shutdown().await;
    }

    async fn read(&self, command: &'static str, text: &str, added: Duration) -> Row {
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
            acknowledged: report::spread(&self.acknowledged().await),
            replied: report::spread(&replied),
        }
    }

    /// Deployments to all targets, round after round.
    async fn deploy(&self, added: Duration) -> Row {
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
            acknowledged: report::spread(&acknowledged),
            replied: report::spread(&replied),
        }
    }

    async fn begin(&self) {
        self.sandbox.github().control().reset();
        let http = &self.channels[0].http;
        http.send("DELETE", "control/envelopes", &Value::Null).await;
    }

    fn calls(&self, counted: impl Fn(&str) -> bool) -> u64 {
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
