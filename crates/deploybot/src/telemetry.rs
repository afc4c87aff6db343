//! Where events go: to stderr, in the form that was set.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::{
    config::{Log, LogFormat},
    slack,
};

/// What libraries log is no concern of whoever runs the bot, unless they name it.
pub const LOG_FILTER: &str = slack::LOG_FILTER;

/// Logs to stderr from now on; once per process.
pub fn log_to_stderr(log: &Log) {
    let mut lines = tracing_subscriber::fmt()
        .with_env_filter(filter(&log.filter))
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

/// Which events are logged, by what was set.
fn filter(set: &str) -> EnvFilter {
    // Before what was set, which so has the last word.
    EnvFilter::new(format!("{LOG_FILTER},{set}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_are_silent_unless_they_are_named() {
        let debug = filter("debug").to_string();
        for silent in LOG_FILTER.split(',') {
            assert!(debug.contains(silent), "{debug}");
            let name = silent.trim_end_matches("=off");
            let named = filter(&format!("info,{name}=debug")).to_string();
            assert!(named.contains(&format!("{name}=debug")), "{named}");
            assert!(!named.split(',').any(|one| one == silent), "{named}");
        }
    }
}
