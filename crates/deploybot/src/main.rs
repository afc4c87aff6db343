//! The Slack interface as a program: reads its settings, binds its socket, and
//! serves until it is told to stop.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use deploybot::{
    Config, Listeners,
    config::{Action, Invocation, Stop},
    telemetry,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit code of wrong usage, as `sysexits.h` has it.
const USAGE: u8 = 64;

#[expect(clippy::print_stderr, reason = "a program speaks to its user")]
fn main() -> ExitCode {
    let Invocation {
        action,
        log,
        config,
    } = match Config::from_args(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(Stop::Asked(text)) => {
            return say(&text);
        }
        Err(Stop::Wrong(sentence)) => {
            eprintln!("deploybot: {sentence}");
            return ExitCode::from(USAGE);
        }
    };
    if action == Action::CheckConfig {
        return say(&config.to_string());
    }
    telemetry::log_to_stderr(&log);
    match serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deploybot: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes to stdout. Whoever has closed it has read enough.
#[expect(clippy::print_stderr, reason = "a program speaks to its user")]
fn say(text: &str) -> ExitCode {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("deploybot: cannot write to stdout: {error}");
            ExitCode::FAILURE
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

#[tokio::main]
async fn serve(config: Config) -> anyhow::Result<()> {
    let provider = rustls::crypto::ring::default_provider();
    provider
        .install_default()
        .ok()
        .context("another crypto provider is there")?;
    let shutdown = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to SIGTERM")?;
    let listeners = Listeners::bind(&config).await?;
    tracing::info!(admin = %listeners.admin.local_addr()?, "listening");
    if let Some(events) = &listeners.events {
        tracing::info!(events = %events.local_addr()?, "listening for Slack");
    }
    let run = deploybot::run(config, listeners, shutdown.clone());
    tokio::pin!(run);
    tokio::select! {
        ended = &mut run => return ended,
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    shutdown.cancel();
    run.await
}
