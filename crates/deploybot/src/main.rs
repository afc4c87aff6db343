//! The Slack interface as a program: reads its settings, binds its socket, and
//! serves until it is told to stop.

use std::process::ExitCode;

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

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program speaks to its user"
)]
fn main() -> ExitCode {
    let Invocation {
        action,
        log,
        config,
    } = match Config::from_args(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(Stop::Asked(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(Stop::Wrong(sentence)) => {
            eprintln!("deploybot: {sentence}");
            return ExitCode::from(USAGE);
        }
    };
    if action == Action::CheckConfig {
        println!("{config}");
        return ExitCode::SUCCESS;
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
