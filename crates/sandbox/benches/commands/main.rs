//! What deploybot costs: GitHub calls, time to the acknowledgement and to the
//! visible reply, the share of GitHub's limits in a busy hour, the queue of a
//! day that is as busy as GitHub allows, and the memory of each service as a
//! process of its own.
//!
//! `make bench` prints tables, writes `target/bench.json`, and ends with 1 when
//! a bound is missed. `BENCH_ONLY=hour make bench` measures one part:
//! `commands`, `service`, `hour` or `day`. The load is bounded. What is asked in Slack is
//! asked in a channel that has been quiet, and the simulated Slack takes as many
//! calls as come, so that no limit of Slack's is part of what is measured.
//! GitHub's limits hold everywhere.
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
mod day;
mod hour;
#[path = "../../tests/it/http.rs"]
mod http;
mod machine;
mod parts;
#[path = "../../tests/it/program.rs"]
mod program;
mod report;
mod service;
mod spread;
mod stage;
mod start;
mod town;
mod traffic;

use std::{process::ExitCode, time::Duration};

use machine::Times;
use report::Report;
use stage::Stage;

/// What is added to every call to GitHub in each of the runs.
const ADDED: [Duration; 2] = [Duration::ZERO, Duration::from_millis(60)];
/// With it no answer is given twice: what a read costs that finds nothing kept.
const COLD: [(&str, &str); 1] = [("DEPLOY_SNAPSHOT_AGE", "0s")];
const PARTS: [&str; 4] = ["commands", "service", "hour", "day"];

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

async fn measure(parts: &[&'static str]) -> Report {
    let mut report = Report::default();
    for part in parts.iter().copied() {
        let before = Times::now();
        match part {
            "commands" => commands(&mut report).await,
            "service" => service::measure(&mut report).await,
            "hour" => report.hour = Some(hour::measure().await),
            "day" => report.day = Some(day::measure().await),
            other => unreachable!("{other} is no part"),
        }
        if let (Some(before), Some(after)) = (before, Times::now()) {
            report.stolen.push((part, after.stolen_since(before)));
        }
    }
    report
}

/// Each command, under each latency of GitHub's.
async fn commands(report: &mut Report) {
    for added in ADDED {
        let stage = Stage::set(&COLD).await;
        stage.sandbox.github().control().set_latency(added);
        let (status, history) = ("status people", "history people");
        report
            .rows
            .push(stage.read("status cold", status, added).await);
        report
            .rows
            .push(stage.read("history cold", history, added).await);
        report.rows.push(stage.read("help", "help", added).await);
        report.rows.push(stage.deploy(added).await);
        report.count_memory(&stage);
        stage.strike().await;

        let stage = Stage::set(&[]).await;
        stage.sandbox.github().control().set_latency(added);
        for (name, text) in [("status warm", status), ("history warm", history)] {
            stage.ask_once(text).await;
            report.rows.push(stage.read(name, text, added).await);
        }
        report.count_memory(&stage);
        stage.strike().await;
    }
}
