//! Whole-system tests: both services and both simulators, over real sockets,
//! used as people, other clients and a browser use them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests and their helpers fail by panicking, and say what they measured"
)]

mod bad_input;
mod channel;
mod channels;
mod clone;
mod conversation;
mod crashes;
mod gates;
mod http;
mod journals;
mod kills;
mod kills_ends;
mod kills_fleet;
mod kills_moments;
mod listed;
mod manifest;
mod node;
mod others;
mod people;
mod processes;
mod program;
mod promises;
mod proofs;
mod questions;
mod real_input;
mod replicas;
mod sandbox_program;
mod schemas;
mod slack_replicas;
mod slack_ways;
mod webhooks;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use sandbox::{Options, Pace, Running, Sandbox};

use crate::channel::Channel;

/// Options for a test: any port, and workflows that take no time to speak of.
pub(crate) fn quick() -> Options {
    Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        pace: Pace {
            beat: Duration::from_millis(20),
        },
        ..Options::default()
    }
}

/// Where what is said in these tests is written down, for those of `said.rs`.
static SAID: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("said/sandbox");
    // What an earlier run said is no concern of this one; it may have said
    // nothing.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
});

/// A sandbox and its channel.
pub(crate) async fn start(options: Options) -> (Running, Channel) {
    let running = Sandbox::start(options).await.unwrap();
    running.slack().record_in(&SAID).unwrap();
    let channel = Channel::join(&format!("{}slack", running.url())).await;
    (running, channel)
}
