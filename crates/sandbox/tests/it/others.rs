//! What others wrote, against ours: npm octokit on the GitHub simulator, npm
//! bolt on the Slack simulator, and Chromium on the page.

use std::{path::Path, process::Stdio, time::Duration};

use sandbox::{GITHUB_TOKEN, Options, Pace, SLACK_APP_TOKEN, SLACK_BOT_TOKEN};

use crate::{quick, start};

/// How long one script may take.
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn octokit_creates_a_deployment_and_reads_it_back() {
    let options = Options {
        services: false,
        ..quick()
    };
    let (sandbox, _) = start(options).await;
    let github = format!("{}github", sandbox.url());
    node("octokit.mjs", &[&github, GITHUB_TOKEN, "acme", "people"]).await;
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bolt_hears_a_mention_and_posts_blocks() {
    let options = Options {
        services: false,
        ..quick()
    };
    let (sandbox, _) = start(options).await;
    let slack = format!("{}slack", sandbox.url());
    node("bolt.mjs", &[&slack, SLACK_BOT_TOKEN, SLACK_APP_TOKEN]).await;
    sandbox.shutdown().await;
}

/// At a pace that a person could follow, so that each step can be seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_walks_the_first_day_in_chromium() {
    let pace = Pace {
        beat: Duration::from_millis(500),
    };
    let (sandbox, _) = start(Options { pace, ..quick() }).await;
    let screenshots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    let folder = screenshots
        .to_str()
        .expect("a folder that can be written down");
    node("browser.mjs", &[sandbox.url().as_str(), folder]).await;
    sandbox.shutdown().await;
}

/// Runs one of the client scripts and fails with what it said.
async fn node(script: &str, arguments: &[&str]) {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    assert!(
        clients.join("node_modules").exists(),
        "the npm clients are not installed: run `make test`, or `make tools` once"
    );
    let child = tokio::process::Command::new("node")
        .arg(clients.join(script))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("Node.js is installed by `make test`");
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output())
        .await
        .unwrap_or_else(|_| panic!("{script} has not ended after {PATIENCE:?}"))
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{script} failed:\n{said}\n{complained}"
    );
    println!("{said}");
}
