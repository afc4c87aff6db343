//! `cargo run`: the whole product on a laptop, with GitHub and Slack simulated.

use std::{
    io::{self, IsTerminal as _},
    process::ExitCode,
};

use anyhow::Context as _;
use deploy::telemetry;
use sandbox::config::{Config, Stop};
use sandbox::{Sandbox, StartError};
use tokio::signal::unix::{SignalKind, signal};

/// Exit code of wrong usage, as `sysexits.h` has it.
const USAGE: u8 = 64;

#[expect(clippy::print_stdout, reason = "help was asked for")]
fn main() -> ExitCode {
    let config = match Config::from_args(std::env::args_os()) {
        Ok(config) => config,
        Err(Stop::Asked(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(Stop::Wrong(sentence)) => return stopped(USAGE, &sentence),
    };
    let filter = format!("{},{}", deploybot::telemetry::LOG_FILTER, config.log);
    let filter = telemetry::filter(&filter);
    let mut log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    // A file is not to be coloured; a terminal is, unless NO_COLOR is set.
    if !io::stderr().is_terminal() {
        log = log.with_ansi(false);
    }
    log.init();
    match run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast_ref() {
            Some(StartError::Unfit(sentence)) => stopped(USAGE, sentence),
            _ => stopped(1, &format!("{error:#}")),
        },
    }
}

#[expect(clippy::print_stderr, reason = "it says why it ends")]
fn stopped(code: u8, why: &str) -> ExitCode {
    eprintln!("sandbox: {why}");
    ExitCode::from(code)
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it says where the page is")]
async fn run(config: &Config) -> anyhow::Result<()> {
    let provider = rustls::crypto::ring::default_provider();
    let installed = provider.install_default();
    installed.ok().context("another crypto provider is there")?;
    // From here on, so that what was begun is also taken down.
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to SIGTERM")?;
    let mut running = Sandbox::start(config.options()).await?;
    println!("{}", running.url());
    println!("The page to try deploybot on, with GitHub and Slack simulated; Ctrl-C ends it.");
    for (clone, name) in config.repositories.iter().zip(running.repositories()) {
        println!("{} is served as {name}.", clone.display());
    }
    let outcome = tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        ended = running.ended_early() => ended,
    };
    running.shutdown().await;
    outcome
}
