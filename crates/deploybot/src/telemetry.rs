//! Where events go: to stderr, in the form that was set.

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Logs to stderr from now on; once per process.
pub fn log_to_stderr(log: &Log) {
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&log.filter))
        .with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
