//! npm `@stoplight/prism-cli` as a proxy that checks each request and each
//! answer against GitHub's OpenAPI description.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::json;
use simulators::github::Github;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::Instant,
};

use crate::node::{clients, node, tools};

/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// What it says then, before its address.
const LISTENING: &str = "Prism is listening on ";

/// Where the simulator's own prefix ends and GitHub's paths begin.
const REST: &str = "/api/v3";

/// The folder of a repository's files: declared only as a path, which is empty
/// then, and the proxy takes it for one that lacks.
const FILES: &str = "/repos/{owner}/{repo}/contents";

/// A proxy that is killed when this is dropped.
pub(super) struct Prism {
    child: Child,
    /// Where it listens, without a slash at the end.
    pub(super) url: String,
    _folder: TempDir,
}

impl Prism {
    /// Starts one that passes on what it is asked to `upstream`.
    pub(super) async fn before(upstream: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let description = describe(folder.path()).await;
        let log = folder.path().join("log");
        let child = Command::new("node")
            .arg(clients().join("node_modules/.bin/prism"))
            .arg("proxy")
            .arg(description)
            .args([upstream, "--port", "0"])
            .stdin(Stdio::null())
            .stdout(fs::File::create(&log).unwrap())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("Node.js is installed by `make test`");
        let mut prism = Self {
            child,
            url: String::new(),
            _folder: folder,
        };
        prism.url = prism.told(&log).await;
        prism
    }

    /// The address that it tells once it listens.
    async fn told(&mut self, log: &Path) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let said = fs::read_to_string(log).unwrap();
            let told = said.split_once(LISTENING).and_then(|(_, rest)| {
                let (address, _) = rest.split_once('\n')?;
                Some(address.trim().to_owned())
            });
            if let Some(address) = told {
                return address;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "prism ended with {ended:?}: {said}");
            assert!(
                Instant::now() < end,
                "prism does not listen after {PATIENCE:?}: {said}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(super) async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// Whether GitHub declares what the simulator serves under this name.
pub(super) fn is_declared(route: &str) -> bool {
    !route.trim_end_matches('/').ends_with(FILES)
}

/// GitHub's description of all that the simulator serves.
async fn describe(folder: &Path) -> PathBuf {
    let routes: Vec<String> = Github::rest_routes()
        .iter()
        .filter(|route| is_declared(route))
        .map(|route| match route.replacen(REST, "", 1) {
            root if root.ends_with(' ') => format!("{root}/"),
            below => below,
        })
        .collect();
    let list = folder.join("routes.json");
    fs::write(&list, json!(routes).to_string()).unwrap();
    let cut = folder.join("openapi.json");
    let files = [tools().join("github-openapi.json"), list, cut.clone()];
    let files = files.each_ref().map(|file| file.to_str().unwrap());
    node("openapi-cut.mjs", &files).await.unwrap();
    cut
}
