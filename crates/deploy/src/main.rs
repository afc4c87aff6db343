//! The deploy service as a program: reads its settings, opens its journal, binds
//! its sockets, and serves until it is told to stop.

use std::process::ExitCode;

use anyhow::Context as _;
use deploy::{
    Config, Listeners, Timing,
    config::{Action, Invocation, Stop},
    telemetry, whole_chain,
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
            eprintln!("deploy: {sentence}");
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
            eprintln!("deploy: {}", whole_chain(error.as_ref()));
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
    let run = run(config, shutdown.clone());
    tokio::pin!(run);
    tokio::select! {
        ended = &mut run => return ended,
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    shutdown.cancel();
    run.await
}

/// Nobody is let in before the journal is open: it may be another process's for
/// a while.
async fn run(config: Config, shutdown: CancellationToken) -> anyhow::Result<()> {
    let opening = deploy::open_journal(&config);
    let Some(store) = shutdown.run_until_cancelled(opening).await else {
        return Ok(());
    };
    let store = store?;
    let listeners = Listeners::bind(&config).await?;
    tracing::info!(
        grpc = %listeners.grpc.local_addr()?,
        admin = %listeners.admin.local_addr()?,
        "listening"
    );
    deploy::serve(config, store, listeners, Timing::default(), shutdown).await
}
