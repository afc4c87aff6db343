//! One of the two services as a process of its own.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use sandbox::{GITHUB_TOKEN, OWNER, Running, SLACK_APP_TOKEN, SLACK_BOT_TOKEN};
use tempfile::NamedTempFile;
use tokio::{
    process::{Child, Command},
    time::{Instant, timeout},
};

use crate::http::Http;

/// How long a service may take until it is ready, and until it has ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// Any port that is free, on this machine alone.
pub(crate) const ANYWHERE: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A process that is killed when this is dropped. Its log is shown by a test
/// that fails.
pub(crate) struct Program {
    name: &'static str,
    child: Child,
    log: NamedTempFile,
}

impl Program {
    /// Starts `deploy` against the simulators, told nothing but settings, with
    /// its journal there and gRPC on `listen`.
    pub(crate) async fn deploy(sandbox: &Running, journal: &str, listen: SocketAddr) -> Self {
        let settings = [
            ("DEPLOY_LISTEN", listen.to_string()),
            ("DEPLOY_ADMIN_LISTEN", ANYWHERE.to_string()),
            ("DEPLOY_DATABASE_URL", journal.to_owned()),
            (
                "DEPLOY_GITHUB_API_URL",
                sandbox.github_api_url().to_string(),
            ),
            ("DEPLOY_GITHUB_TOKEN", GITHUB_TOKEN.to_owned()),
            ("DEPLOY_GITHUB_OWNER", OWNER.to_owned()),
        ];
        Self::start("deploy", &settings).await
    }

    /// Starts `deploybot` against the simulators and a `deploy`.
    pub(crate) async fn deploybot(sandbox: &Running, deploy: SocketAddr) -> Self {
        let settings = [
            ("DEPLOYBOT_ADMIN_LISTEN", ANYWHERE.to_string()),
            ("DEPLOYBOT_DEPLOY_URL", format!("http://{deploy}")),
            (
                "DEPLOYBOT_SLACK_API_URL",
                sandbox.slack_api_url().to_string(),
            ),
            ("DEPLOYBOT_SLACK_BOT_TOKEN", SLACK_BOT_TOKEN.to_owned()),
            ("DEPLOYBOT_SLACK_APP_TOKEN", SLACK_APP_TOKEN.to_owned()),
        ];
        Self::start("deploybot", &settings).await
    }

    /// Starts it and waits until it is ready. A port that was asked for may be
    /// taken for a moment by somebody's outgoing connection: then once more.
    pub(crate) async fn start(name: &'static str, settings: &[(&str, String)]) -> Self {
        let end = Instant::now() + PATIENCE;
        loop {
            let mut program = Self::spawn(name, settings);
            let Some(status) = program.ready(end).await else {
                return program;
            };
            let taken = program.log().contains("cannot listen on");
            assert!(
                taken && Instant::now() < end,
                "{name} ended instead of starting: {status}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn spawn(name: &'static str, settings: &[(&str, String)]) -> Self {
        let log = NamedTempFile::new().unwrap();
        let child = Command::new(binary(name))
            .env_clear()
            .envs(settings.iter().map(|(key, value)| (*key, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.reopen().unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Self { name, child, log }
    }

    /// Waits until it is ready; how it ended if it does so instead.
    async fn ready(&mut self, end: Instant) -> Option<ExitStatus> {
        let http = Http::new("");
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            if let Some(admin) = self.told("admin") {
                let answer = http.try_page(&format!("http://{admin}/readyz")).await;
                if answer.is_some_and(|(status, _)| status == 200) {
                    return None;
                }
            }
            assert!(
                Instant::now() < end,
                "{} is not ready after {PATIENCE:?}",
                self.name
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Where it answers gRPC, if it is `deploy`.
    pub(crate) fn grpc(&self) -> SocketAddr {
        self.told("grpc").expect("deploy tells where it listens")
    }

    /// The address that its log tells under this name.
    pub(crate) fn told(&self, name: &str) -> Option<SocketAddr> {
        let log = self.log();
        let mut whole_lines = log
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        let line = whole_lines.find(|line| line.contains("listening"))?;
        let (_, after) = line.split_once(&format!("{name}="))?;
        after.split_whitespace().next()?.parse().ok()
    }

    /// What it has logged, without the colours.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read(self.log.path()).unwrap();
        let log = String::from_utf8_lossy(&log);
        let mut pieces = log.split('\u{1b}');
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |plain, piece| {
            plain + piece.split_once('m').map_or("", |(_, text)| text)
        })
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends it a signal, by its name without `SIG`.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(sent.unwrap().success());
    }

    /// Tells it to end, and waits until it has ended well.
    pub(crate) async fn end(mut self) {
        self.signal("TERM").await;
        let ended = timeout(PATIENCE, self.child.wait()).await;
        let ended = ended.unwrap_or_else(|_| panic!("{} does not end", self.name));
        assert!(ended.unwrap().success(), "{} ended badly", self.name);
        assert!(!self.log().contains("panicked"), "{} panicked", self.name);
    }

    /// The most memory it has held, in bytes, as the kernel counts it.
    pub(crate) fn peak_memory(&self) -> u64 {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap();
        let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib * 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("what {} logged:\n{}", self.name, self.log());
        }
    }
}

/// The journal in a folder.
pub(crate) fn journal(folder: &Path) -> PathBuf {
    folder.join("deploy.db")
}

/// The program that the same build has made beside this one.
fn binary(name: &str) -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let folder = this.parent().and_then(Path::parent).unwrap();
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{name} is not built: run `make test` or `cargo build --workspace`"
    );
    path
}
