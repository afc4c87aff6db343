//! What people in Slack feel of the bot: how soon Slack hears that an event has
//! arrived, what becomes of a thousand people's questions, what a reconnect
//! costs, and how much memory that takes; beside it the same conversation with
//! bots that are written the usual way (`usual/`).
//!
//! `make bench` prints tables, writes `target/bench-slack.json`, and ends with 1
//! when a bound of ours is missed. `BENCH_ONLY=pace make bench` measures one
//! part: `pace`, `crowd`, `reconnect` or `usual`. `BENCH_SCALE=0.1` makes a
//! rehearsal of a tenth of the time, whose figures are no result.
//!
//! The pace is measured with deploy's journal in SQLite and in Postgres, all else in
//! SQLite. Both simulators are part of this process, and all processes share the
//! machine. Slack limits calls as it really does: one message a second and
//! channel, 50 edits a minute; and GitHub its own. That Slack takes no more than
//! several hundred messages a minute of an app, in all channels together, is switched
//! off: so many questions can't be answered under it.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a program that prints for people and ends at what it does not expect; it shares \
              the helpers of the tests and does not need them all"
)]

mod answers;
mod bots;
#[path = "../../tests/it/channel.rs"]
mod channel;
mod front;
#[path = "../../tests/it/http.rs"]
mod http;
#[path = "../../tests/it/listed.rs"]
mod listed;
#[path = "../commands/machine.rs"]
mod machine;
#[path = "../../tests/it/node.rs"]
mod node;
#[path = "../commands/parts.rs"]
mod parts;
#[path = "../../tests/it/program.rs"]
mod program;
mod reconnect;
mod report;
mod script;
#[path = "../commands/spread.rs"]
mod spread;
mod stage;
#[path = "../commands/start.rs"]
mod start;
mod talk;

use std::{process::ExitCode, time::Duration};

use answers::Answers;
use bots::{Make, Store, Transport};
use machine::Times;
use report::{Conversation, Report};
use script::Ask;
use spread::spread;
use stage::{REPOSITORIES, Size, Stage};

/// Makes a rehearsal.
const SCALE: &str = "BENCH_SCALE";
const PARTS: [&str; 4] = ["pace", "crowd", "reconnect", "usual"];

/// Events a second, for so long, over so many channels that none hears more of
/// the bot than Slack takes there.
const PACE: u32 = 200;
const PACE_LASTS: Duration = Duration::from_secs(30);
const PACE_SIZE: Size = Size {
    people: 1_000,
    channels: 1_000,
    beat: Duration::from_millis(500),
};
/// How many events are delivered three times, and how many of them a second.
const REPEATED: usize = 100;
const REPEATED_RATE: u32 = 20;

/// What 50 channels carry of a message a second each, with room for chance and
/// for edits.
const CROWD: u32 = 40;
const CROWD_LASTS: Duration = Duration::from_secs(600);
/// The usual bots hear the first two of these minutes.
const CROWD_BEGINNING: Duration = Duration::from_secs(120);
const CROWD_SIZE: Size = Size {
    people: 1_000,
    channels: 50,
    beat: Duration::from_millis(500),
};
/// Of a thousand events so many ask for a deploy: of those at pace more than
/// GitHub makes in a minute, so that some wait for their turn; of the crowd's some
/// 430 in ten minutes, for GitHub makes 500 in an hour, and Slack takes 50 edits in
/// a minute, of which each needs one that shows how it ended.
const PACE_DEPLOYS: u32 = 20;
const CROWD_DEPLOYS: u32 = 18;
/// How long the last answers may take: those of the crowd wait until Slack takes
/// more messages, and deploys until they have ended.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let provider = rustls::crypto::ring::default_provider();
    provider
        .install_default()
        .expect("nobody else has chosen one");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let parts = parts::wanted(&PARTS);
    if parts.is_empty() {
        return ExitCode::SUCCESS;
    }
    let report = runtime.block_on(measure(&parts));
    report.print();
    report.write();
    if report.missed().is_empty() {
        ExitCode::SUCCESS
    } else {
        println!("missed: {}", report.missed().join(", "));
        ExitCode::FAILURE
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark has no settings but this and which part"
)]
fn scale() -> f64 {
    let scale = std::env::var(SCALE).ok().filter(|scale| !scale.is_empty());
    scale.map_or(1.0, |scale| scale.parse().expect("a number"))
}

async fn measure(parts: &[&'static str]) -> Report {
    let scale = scale();
    let mut report = Report {
        scale,
        ..Report::default()
    };
    for part in parts.iter().copied() {
        let before = Times::now();
        match part {
            "pace" => {
                for store in [Store::Sqlite, Store::Postgres] {
                    for transport in [Transport::Socket, Transport::Http] {
                        let measured = pace(Make::Ours, transport, store, scale).await;
                        report.talks.push(measured);
                    }
                }
            }
            "crowd" => {
                let measured = crowd(Make::Ours, CROWD_LASTS, scale).await;
                report.talks.push(measured);
            }
            "reconnect" => report.reconnects = Some(reconnect::measure(scale).await),
            "usual" => {
                for make in [Make::BoltJs, Make::BoltPython] {
                    for transport in [Transport::Socket, Transport::Http] {
                        let measured = pace(make, transport, Store::Sqlite, scale).await;
                        report.talks.push(measured);
                    }
                    let measured = crowd(make, CROWD_BEGINNING, scale).await;
                    report.talks.push(measured);
                }
            }
            other => unreachable!("{other} is no part"),
        }
        if let (Some(before), Some(after)) = (before, Times::now()) {
            report.stolen.push((part, after.stolen_since(before)));
        }
    }
    report
}

/// Many events a second, and then some that are delivered three times.
async fn pace(make: Make, transport: Transport, store: Store, scale: f64) -> Conversation {
    let Size {
        people, channels, ..
    } = PACE_SIZE;
    let stage = Stage::set(make, transport, store, PACE_SIZE).await;
    warm(&stage).await;
    let lasts = PACE_LASTS.mul_f64(scale);
    let script = script::steady(&stage.targets, PACE, lasts, people, channels, PACE_DEPLOYS);
    let mut measured = Conversation {
        transport,
        store,
        ..converse(&stage, "pace", make, &script).await
    };
    measured.repeated = Some((REPEATED, repeat(&stage).await));
    stage.strike().await;
    measured
}

/// A thousand people in fifty channels, for so long of their ten minutes.
async fn crowd(make: Make, heard: Duration, scale: f64) -> Conversation {
    let Size {
        people, channels, ..
    } = CROWD_SIZE;
    let stage = Stage::set(make, Transport::Socket, Store::Sqlite, CROWD_SIZE).await;
    warm(&stage).await;
    let mut script = script::crowd(
        &stage.targets,
        CROWD,
        CROWD_LASTS.mul_f64(scale),
        people,
        channels,
        CROWD_DEPLOYS,
    );
    script.retain(|ask| ask.at <= heard.mul_f64(scale));
    let measured = converse(&stage, "crowd", make, &script).await;
    stage.strike().await;
    measured
}

/// Over a socket and in SQLite, unless told otherwise.
async fn converse(stage: &Stage, part: &'static str, make: Make, script: &[Ask]) -> Conversation {
    let talk = talk::hold(stage, script).await;
    let answers = Answers::to(stage, &talk, PATIENCE).await;
    let events = talk.events.iter();
    let times: Vec<f64> = events.filter_map(|it| it.acknowledged_after()).collect();
    let again = talk.events.iter().filter(|it| it.delivery.attempts > 1);
    let deploys = talk.events.iter().filter(|it| it.ask.is_deploy);
    Conversation {
        part,
        make,
        transport: Transport::Socket,
        store: Store::Sqlite,
        events: talk.events.len(),
        deploys: deploys.count(),
        lasted: script.last().map_or(Duration::ZERO, |ask| ask.at),
        acknowledged: spread(&times),
        unacknowledged: talk.events.len() - times.len(),
        delivered_again: again.count(),
        answers,
        repeated: None,
        memory: stage.bot.peak_memory(),
        warnings: stage.bot.warnings(),
    }
}

/// Slack delivers some events twice more at once; how many messages too many
/// answer them.
async fn repeat(stage: &Stage) -> usize {
    let lasts = Duration::from_secs(REPEATED as u64) / REPEATED_RATE;
    let people = stage.people.len();
    let script = script::steady(&stage.targets, REPEATED_RATE, lasts, people, people, 0);
    let before = talk::newest_event(stage);
    let repeating = async {
        let mut repeated = 0;
        while repeated < REPEATED {
            let deliveries = talk::mentions_after(stage, &before);
            for delivery in deliveries.iter().skip(repeated) {
                assert!(stage.slack.redeliver(&delivery.event_id, 2, None));
                repeated += 1;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let (talk, ()) = tokio::join!(talk::hold(stage, &script), repeating);
    Answers::to(stage, &talk, PATIENCE).await.doubled
}

/// The first questions open connections and have GitHub read.
pub(crate) async fn warm(stage: &Stage) {
    let mut script = Vec::new();
    for round in 0..3 {
        for (place, repository) in REPOSITORIES.iter().enumerate() {
            for (turn, command) in ["status", "history"].into_iter().enumerate() {
                script.push(Ask {
                    at: Duration::from_secs(2) * round,
                    person: 2 * place + turn,
                    channel: 2 * place + turn,
                    text: format!("@deploybot {command} {repository}"),
                    is_deploy: false,
                });
            }
        }
    }
    let talk = talk::hold(stage, &script).await;
    let answers = Answers::to(stage, &talk, PATIENCE).await;
    assert_eq!(answers.unanswered, 0, "the bot does not answer");
}
