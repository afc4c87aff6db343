//! Where events go: to stderr, in the form that was set.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{
    EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    config::{Log, LogFormat},
    github,
};

/// Logs to stderr from now on; once per process.
pub fn log_to_stderr(log: &Log) {
    let mut lines = fmt::layer().with_writer(io::stderr);
    // A file is not to be coloured; a terminal is, unless NO_COLOR is set.
    if !io::stderr().is_terminal() {
        lines.set_ansi(false);
    }
    let lines = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(filter(&log.filter))
        .with(lines)
        .init();
}

/// Which events are logged, by what was set.
pub fn filter(set: &str) -> EnvFilter {
    // Before what was set, which so has the last word.
    EnvFilter::new(format!("{},{set}", github::LOG_FILTER))
}
