//! The deploy service as a program: reads its settings, opens its journal, binds
//! its sockets, and serves until it is told to stop; or does one thing with the
//! journal and ends.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use deploy::{
    Clock, Config, Listeners, Timing,
    config::{Action, Stop},
    rebuild, telemetry, whole_chain,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit code of wrong usage, as `sysexits.h` has it.
const USAGE: u8 = 64;

#[expect(clippy::print_stderr, reason = "a program speaks to its user")]
fn main() -> ExitCode {
    let invocation = match Config::from_args(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(Stop::Asked(text)) => {
            return say(&text);
        }
        Err(Stop::Wrong(sentence)) => {
            eprintln!("deploy: {sentence}");
            return ExitCode::from(USAGE);
        }
    };
    telemetry::log_to_stderr(&invocation.log);
    match carry_out(invocation.action) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(said)) => say(&said),
        Err(error) => {
            eprintln!("deploy: {}", whole_chain(error.as_ref()));
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
            eprintln!("deploy: cannot write to stdout: {error}");
            ExitCode::FAILURE
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

/// What is done until a signal comes; what is to be said at its end.
#[tokio::main]
async fn carry_out(action: Action) -> anyhow::Result<Option<String>> {
    let provider = rustls::crypto::ring::default_provider();
    provider
        .install_default()
        .ok()
        .context("another crypto provider is there")?;
    let shutdown = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to SIGTERM")?;
    let work = async {
        Ok(match action {
            Action::CheckConfig(config) => Some(config.to_string()),
            Action::Migrate(journal) => Some(deploy::migrate(&journal).await?),
            Action::Rebuild(config, named) => {
                let (clock, mut tell) = (Clock::system(), rebuild::to_stderr());
                Some(rebuild::run(&config, named, clock, shutdown.clone(), &mut tell).await?)
            }
            Action::Serve(config) => {
                serve(*config, shutdown.clone()).await?;
                None
            }
        })
    };
    tokio::pin!(work);
    tokio::select! {
        ended = &mut work => return ended,
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    shutdown.cancel();
    work.await
}

/// Nobody is let in before the journal is open: it may be another process's for
/// a while.
async fn serve(config: Config, shutdown: CancellationToken) -> anyhow::Result<()> {
    let opening = deploy::open_journal(&config);
    let Some(store) = shutdown.run_until_cancelled(opening).await else {
        return Ok(());
    };
    let store = store?;
    let listeners = Listeners::bind(&config).await?;
    let web = listeners
        .web
        .as_ref()
        .map(|web| web.local_addr())
        .transpose()?;
    tracing::info!(
        grpc = %listeners.grpc.local_addr()?,
        admin = %listeners.admin.local_addr()?,
        web = web.map(tracing::field::display),
        "listening"
    );
    deploy::serve(config, store, listeners, Timing::default(), shutdown).await
}
