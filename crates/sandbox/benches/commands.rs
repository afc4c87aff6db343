//! What the commands cost: GitHub calls, time to the acknowledgement and to the
//! visible reply, and the memory of each service as a process of its own.
//!
//! `make bench` prints a table and writes `target/bench.json`. The load is
//! bounded: some hundred commands, each in a channel that has been quiet, so
//! that no limit of Slack's is part of what is measured.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a program that prints for people and ends at what it does not expect; it shares \
              the helpers of the tests and does not need them all"
)]

#[path = "../tests/it/channel.rs"]
mod channel;
#[path = "../tests/it/http.rs"]
mod http;
#[path = "../tests/it/program.rs"]
mod program;

use std::{collections::BTreeMap, net::Ipv4Addr, time::Duration};

use jiff::Timestamp;
use sandbox::{Options, Pace, Running, Sandbox};
use serde_json::{Value, json};
use simulators::slack::{NewChannel, NewUser};

use crate::{channel::Channel, program::Program};

/// What is added to every call to GitHub in each of the runs.
const ADDED: [Duration; 2] = [Duration::ZERO, Duration::from_millis(60)];
/// How often each read is asked.
const READS: usize = 60;
/// How often each environment is deployed to.
const ROUNDS: usize = 4;
/// How many channels share the load.
const CHANNELS: usize = 20;
/// Where deployments go. Each pair takes one at a time.
const TARGETS: [(&str, &str); 6] = [
    ("people", "production"),
    ("people", "staging"),
    ("api", "production"),
    ("api", "staging"),
    ("web", "production"),
    ("web", "staging"),
];

/// The bounds: GitHub calls per command, acknowledgement, memory.
const CALLS: [(&str, f64); 3] = [("status", 1.0), ("history", 1.0), ("deploy", 2.0)];
const ACKNOWLEDGED: Duration = Duration::from_millis(50);
const MEMORY: u64 = 30 * 1024 * 1024;

/// One command under one latency.
struct Row {
    command: &'static str,
    added: Duration,
    runs: usize,
    calls: f64,
    acknowledged: Spread,
    replied: Spread,
}

/// Percentiles, in milliseconds.
struct Spread {
    p50: f64,
    p99: f64,
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure());
}

async fn measure() {
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
    print(&rows, &memory);
    write(&rows, &memory);
}

/// Simulators in this process, the services in two of their own.
struct Stage {
    sandbox: Running,
    deploy: Program,
    deploybot: Program,
    channels: Vec<Channel>,
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
        let (deploy, deploy_url) = Program::deploy(&sandbox, journal.path()).await;
        let deploybot = Program::deploybot(&sandbox, &deploy_url).await;
        let slack = format!("{}slack", sandbox.url());
        let person = sandbox.slack().add_user(NewUser {
            name: "bench".to_owned(),
            real_name: "Benchmark".to_owned(),
            email: None,
            tz: "UTC".to_owned(),
            locale: "en-US".to_owned(),
        });
        let mut channels = Vec::new();
        for number in 0..CHANNELS {
            let mut channel = Channel::join(&slack).await;
            let new = NewChannel {
                name: format!("bench-{number}"),
                topic: String::new(),
                private: false,
                members: vec![person.clone()],
                with_app: true,
            };
            channel.person = person.to_string();
            channel.id = sandbox.slack().add_channel(new).to_string();
            channels.push(channel);
        }
        // The first command of a fresh process opens its connections.
        channels[0].asks("@deploybot status web", "newest").await;
        Self {
            sandbox,
            deploy,
            deploybot,
            channels,
            _journal: journal,
        }
    }

    async fn strike(self) {
        self.deploybot.kill().await;
        self.deploy.kill().await;
        self.sandbox.shutdown().await;
    }

    async fn read(&self, command: &'static str, text: &str, added: Duration) -> Row {
        self.begin().await;
        let mut replied = Vec::new();
        for number in 0..READS {
            let channel = &self.channels[number % CHANNELS];
            let asked = channel.say(&format!("@deploybot {text}")).await;
            let (reply, _) = channel.hears(&asked, "").await;
            replied.push(between(&asked, reply["ts"].as_str().expect("a ts")));
        }
        let calls = self.calls(|route| route.contains("/api/"));
        self.row(command, added, READS, calls, &replied).await
    }

    /// Deployments to all targets at once, round after round.
    async fn deploy(&self, added: Duration) -> Row {
        let mut replied = Vec::new();
        let mut calls = 0;
        let mut acknowledged = Vec::new();
        for round in 0..ROUNDS {
            let mut asks = Vec::new();
            for (number, (repository, environment)) in TARGETS.iter().enumerate() {
                let channel = &self.channels[(round * TARGETS.len() + number) % CHANNELS];
                let sha = channel.deployable(repository, environment).await;
                asks.push((
                    channel,
                    format!("@deploybot deploy {repository} {environment} {sha}"),
                ));
            }
            self.begin().await;
            for (channel, text) in &asks {
                let asked = channel.say(text).await;
                let (reply, _) = channel.hears(&asked, "").await;
                replied.push(between(&asked, reply["ts"].as_str().expect("a ts")));
            }
            for (channel, text) in &asks {
                let sha = text.rsplit(' ').next().expect("the SHA is the last word");
                channel.hears("0", &sha[..7]).await;
                channel
                    .until("the deployment ends", async || {
                        let said = channel.bot_since("0").await;
                        said.iter()
                            .any(|(_, words)| {
                                words.contains("is live in") && words.contains(&sha[..7])
                            })
                            .then_some(())
                    })
                    .await;
            }
            // Following a deployment that runs is not part of asking for it.
            calls += self.calls(|route| route.contains("/api/") && !route.contains("Follow"));
            acknowledged.extend(self.acknowledged().await);
        }
        let runs = ROUNDS * TARGETS.len();
        Row {
            command: "deploy",
            added,
            runs,
            calls: calls as f64 / runs as f64,
            acknowledged: spread(&acknowledged),
            replied: spread(&replied),
        }
    }

    async fn begin(&self) {
        self.sandbox.github().control().reset();
        self.channels[0]
            .http
            .send("DELETE", "control/envelopes", &Value::Null)
            .await;
    }

    async fn row(
        &self,
        command: &'static str,
        added: Duration,
        runs: usize,
        calls: u64,
        replied: &[f64],
    ) -> Row {
        Row {
            command,
            added,
            runs,
            calls: calls as f64 / runs as f64,
            acknowledged: spread(&self.acknowledged().await),
            replied: spread(replied),
        }
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

fn milliseconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() * 1000.0
}

/// Between two of Slack's `ts`, in milliseconds.
fn between(from: &str, to: &str) -> f64 {
    let seconds = |ts: &str| ts.parse::<f64>().expect("a ts is a number");
    (seconds(to) - seconds(from)) * 1000.0
}

/// Nearest-rank percentiles.
fn spread(values: &[f64]) -> Spread {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = |share: f64| {
        values[((values.len() as f64 * share).ceil() as usize).clamp(1, values.len()) - 1]
    };
    Spread {
        p50: rank(0.50),
        p99: rank(0.99),
    }
}

fn print(rows: &[Row], memory: &BTreeMap<&str, u64>) {
    println!(
        "command  added   runs  calls/command       acknowledged p50/p99   visible reply p50/p99"
    );
    for row in rows {
        let bound = CALLS.iter().find(|(command, _)| *command == row.command);
        let calls = match bound {
            Some((_, bound)) => format!(
                "{:.2} (bound {bound}: {})",
                row.calls,
                verdict(row.calls <= *bound)
            ),
            None => format!("{:.2}", row.calls),
        };
        let acknowledged = &row.acknowledged;
        println!(
            "{:<8} {:>3} ms {:>6}  {calls:<18}  {:>6.1} / {:<6.1} ms {:<6} {:>7.1} / {:.1} ms",
            row.command,
            row.added.as_millis(),
            row.runs,
            acknowledged.p50,
            acknowledged.p99,
            verdict(acknowledged.p99 <= ACKNOWLEDGED.as_secs_f64() * 1000.0),
            row.replied.p50,
            row.replied.p99,
        );
    }
    for (name, peak) in memory {
        let mib = *peak as f64 / 1024.0 / 1024.0;
        println!(
            "{name}: peak memory {mib:.1} MiB (bound {} MiB: {})",
            MEMORY / 1024 / 1024,
            verdict(*peak <= MEMORY)
        );
    }
    println!(
        "bounds: acknowledgement p99 {} ms",
        ACKNOWLEDGED.as_millis()
    );
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn write(rows: &[Row], memory: &BTreeMap<&str, u64>) {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "command": row.command,
                "added_ms": row.added.as_millis() as u64,
                "runs": row.runs,
                "github_calls_per_command": row.calls,
                "acknowledged_ms": {"p50": row.acknowledged.p50, "p99": row.acknowledged.p99},
                "visible_reply_ms": {"p50": row.replied.p50, "p99": row.replied.p99},
            })
        })
        .collect();
    let all = json!({"commands": rows, "peak_memory_bytes": memory});
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench.json");
    std::fs::write(path, format!("{all:#}\n")).expect("the target folder is there");
    println!("written to target/bench.json");
}
