//! Where events go: to stderr, in the form that was set.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Logs to stderr from now on; once per process.
pub fn log_to_stderr(log: &Log) {
    let mut lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&log.filter))
        .with_writer(io::stderr);
    // A file is not to be coloured; a terminal is, unless NO_COLOR is set.
    if !io::stderr().is_terminal() {
        lines = lines.with_ansi(false);
    }
    match log.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
