//! A bot that was written with somebody else's library, as a process.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;
use tokio::time::timeout;

use sandbox::{Running, SLACK_APP_TOKEN, SLACK_BOT_TOKEN};

use crate::node::command;

/// How long it may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A bot that runs; it ends with the test.
pub(super) struct Bot {
    child: Child,
    /// Where it takes requests, if it does.
    port: Option<u16>,
}

impl Bot {
    /// Starts a script of the clients and waits until it listens, by `socket`
    /// or by `http`.
    pub(super) async fn start(script: &str, sandbox: &Running, secret: &str, mode: &str) -> Self {
        let slack = format!("{}slack", sandbox.url());
        let tokens = [&slack, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, secret, mode];
        let mut child = command(script, &tokens)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js and Python are installed by `make test`");
        let said = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(said).lines();
        let ready = timeout(PATIENCE, lines.next_line()).await;
        let ready = ready.unwrap_or_else(|_| panic!("{script} is not ready after {PATIENCE:?}"));
        let ready = ready.unwrap().expect("it says when it is ready");
        let port = ready
            .strip_prefix("ready")
            .expect("it says that it is ready");
        Self {
            child,
            port: port.trim().parse().ok(),
        }
    }

    /// Where it takes events and interactions.
    pub(super) fn url(&self) -> String {
        let port = self.port.expect("it listens by HTTP");
        format!("http://127.0.0.1:{port}/slack/events")
    }

    /// Ends its input, and waits until it has ended well.
    pub(super) async fn end(mut self) {
        drop(self.child.stdin.take());
        let ended = timeout(PATIENCE, self.child.wait()).await;
        let ended = ended.expect("it ends with its input").unwrap();
        assert!(ended.success(), "it ended badly: {ended}");
    }
}
