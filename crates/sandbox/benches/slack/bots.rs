//! The bots that are measured: ours, and those written the usual way with the
//! libraries that Slack gives out, each over both transports.

use std::{path::Path, process::Stdio, time::Duration};

use sandbox::{SLACK_APP_TOKEN, SLACK_BOT_TOKEN};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{
    node::{clients, tools},
    program::{ANYWHERE, Program},
    start::free_port,
};

/// How long one that is written the usual way may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    Ours,
    /// With npm @slack/bolt.
    BoltJs,
    /// With PyPI slack_bolt.
    BoltPython,
}

/// How events come to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Socket,
    Http,
}

/// Where deploy keeps its journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "Postgres",
        }
    }
}

impl Make {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "deploybot",
            Self::BoltJs => "@slack/bolt",
            Self::BoltPython => "slack_bolt",
        }
    }
}

impl Transport {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Socket => "Socket Mode",
            Self::Http => "HTTP",
        }
    }
}

/// What it is told of the world.
pub(crate) struct Surroundings {
    /// Base of the simulated Slack's Web API.
    pub(crate) slack_api: String,
    pub(crate) signing_secret: String,
    pub(crate) deploy: std::net::SocketAddr,
    /// deploy for those who speak HTTP and JSON.
    pub(crate) backend: String,
}

/// A bot that runs.
pub(crate) struct Bot {
    process: Process,
    /// Where it takes requests, if it does.
    pub(crate) url: Option<String>,
}

enum Process {
    Ours(Program),
    Usual(Child),
}

impl Bot {
    /// Starts it, and waits until it listens.
    pub(crate) async fn start(make: Make, transport: Transport, around: &Surroundings) -> Self {
        match make {
            Make::Ours => Self::ours(transport, around).await,
            Make::BoltJs => {
                assert!(
                    clients().join("node_modules").exists(),
                    "the npm clients are not installed: run `make tools` once"
                );
                let mut node = Command::new("node");
                // Its modules are those of the tests' clients.
                node.env("NODE_PATH", clients().join("node_modules"));
                Self::usual(node, "bolt.cjs", transport, around).await
            }
            Make::BoltPython => {
                let python = Command::new(tools().join("bin/python3"));
                Self::usual(python, "bolt.py", transport, around).await
            }
        }
    }

    async fn ours(transport: Transport, around: &Surroundings) -> Self {
        let text = |text: &str| text.to_owned();
        let mut settings = vec![
            ("DEPLOYBOT_ADMIN_LISTEN", ANYWHERE.to_string()),
            ("DEPLOYBOT_DEPLOY_URL", format!("http://{}", around.deploy)),
            ("DEPLOYBOT_SLACK_API_URL", around.slack_api.clone()),
            ("DEPLOYBOT_SLACK_BOT_TOKEN", text(SLACK_BOT_TOKEN)),
        ];
        let mut url = None;
        match transport {
            Transport::Socket => {
                settings.push(("DEPLOYBOT_SLACK_APP_TOKEN", text(SLACK_APP_TOKEN)));
            }
            Transport::Http => {
                let listen = free_port().await;
                settings.push(("DEPLOYBOT_LISTEN", listen.to_string()));
                let secret = around.signing_secret.clone();
                settings.push(("DEPLOYBOT_SLACK_SIGNING_SECRET", secret));
                url = Some(format!("http://{listen}/slack/events"));
            }
        }
        let process = Process::Ours(Program::start("deploybot", &settings).await);
        Self { process, url }
    }

    async fn usual(
        mut command: Command,
        script: &str,
        transport: Transport,
        around: &Surroundings,
    ) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/slack/usual");
        let mode = match transport {
            Transport::Socket => "socket",
            Transport::Http => "http",
        };
        let mut child = command
            .arg(folder.join(script))
            .env("SLACK_API_URL", format!("{}/", around.slack_api))
            .env("SLACK_BOT_TOKEN", SLACK_BOT_TOKEN)
            .env("SLACK_APP_TOKEN", SLACK_APP_TOKEN)
            .env("SLACK_SIGNING_SECRET", &around.signing_secret)
            .env("BACKEND_URL", &around.backend)
            .env("MODE", mode)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What it logs of calls that Slack refused is counted by what is
            // missing in the end.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Node.js and Python are installed by `make tools`");
        let said = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(said).lines();
        let ready = timeout(PATIENCE, lines.next_line()).await;
        let ready = ready.expect("it is ready in time").expect("it speaks text");
        let ready = ready.expect("it says when it is ready");
        let port = ready.strip_prefix("ready").expect("it says that it is");
        let port: Option<u16> = port.trim().parse().ok();
        Self {
            process: Process::Usual(child),
            url: port.map(|port| format!("http://127.0.0.1:{port}/slack/events")),
        }
    }

    /// The most memory that it has held, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        match &self.process {
            Process::Ours(program) => program.peak_memory(),
            Process::Usual(child) => peak_memory_of(child.id().expect("it runs")),
        }
    }

    /// What ours has logged of what went wrong.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let Process::Ours(program) = &self.process else {
            return Vec::new();
        };
        let log = program.log();
        let lines = log.lines();
        let wrong = |line: &&str| line.contains(" WARN ") || line.contains("ERROR ");
        lines.filter(wrong).map(str::to_owned).collect()
    }

    pub(crate) async fn end(self) {
        match self.process {
            Process::Ours(program) => program.end().await,
            Process::Usual(mut child) => {
                drop(child.stdin.take());
                // One that is still at work then is killed with its handle.
                let _: Result<_, _> = timeout(PATIENCE, child.wait()).await;
            }
        }
    }
}

fn peak_memory_of(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.expect("the kernel tells it") * 1024
}
