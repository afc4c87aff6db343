//! One of the two services as a process of its own.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use sandbox::{GITHUB_TOKEN, OWNER, Running, SLACK_APP_TOKEN, SLACK_BOT_TOKEN};
use tokio::{process::Child, time::Instant};

use crate::http::Http;

/// How long a service may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process that is killed when this is dropped.
pub(crate) struct Program {
    child: Child,
    /// Where it answers health checks.
    admin: SocketAddr,
}

impl Program {
    /// Starts `deploy` against the simulators, told nothing but settings, with
    /// its journal in `folder`; answers it and where it answers gRPC.
    pub(crate) async fn deploy(sandbox: &Running, folder: &Path) -> (Self, String) {
        let listen = free_address();
        let admin = free_address();
        let settings = [
            ("DEPLOY_LISTEN", listen.to_string()),
            ("DEPLOY_ADMIN_LISTEN", admin.to_string()),
            (
                "DEPLOY_DATABASE_URL",
                format!("sqlite:{}", folder.join("deploy.db").display()),
            ),
            (
                "DEPLOY_GITHUB_API_URL",
                sandbox.github_api_url().to_string(),
            ),
            ("DEPLOY_GITHUB_TOKEN", GITHUB_TOKEN.to_owned()),
            ("DEPLOY_GITHUB_OWNER", OWNER.to_owned()),
        ];
        (
            Self::start("deploy", admin, &settings).await,
            format!("http://{listen}"),
        )
    }

    /// Starts `deploybot` against the simulators and a `deploy`.
    pub(crate) async fn deploybot(sandbox: &Running, deploy_url: &str) -> Self {
        let admin = free_address();
        let settings = [
            ("DEPLOYBOT_ADMIN_LISTEN", admin.to_string()),
            ("DEPLOYBOT_DEPLOY_URL", deploy_url.to_owned()),
            (
                "DEPLOYBOT_SLACK_API_URL",
                sandbox.slack_api_url().to_string(),
            ),
            ("DEPLOYBOT_SLACK_BOT_TOKEN", SLACK_BOT_TOKEN.to_owned()),
            ("DEPLOYBOT_SLACK_APP_TOKEN", SLACK_APP_TOKEN.to_owned()),
        ];
        Self::start("deploybot", admin, &settings).await
    }

    async fn start(name: &str, admin: SocketAddr, settings: &[(&str, String)]) -> Self {
        let child = tokio::process::Command::new(binary(name))
            .env_clear()
            .envs(settings.iter().map(|(key, value)| (*key, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        let mut program = Self { child, admin };
        program.ready(name).await;
        program
    }

    async fn ready(&mut self, name: &str) {
        let http = Http::new("");
        let url = format!("http://{}/readyz", self.admin);
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("{name} ended instead of starting: {status}");
            }
            if http
                .try_page(&url)
                .await
                .is_some_and(|(status, _)| status == 200)
            {
                return;
            }
            assert!(
                Instant::now() < end,
                "{name} is not ready after {PATIENCE:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
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

/// An address that nothing listens on.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}
