//! What others wrote, against ours: npm octokit on the GitHub simulator, npm
//! bolt on the Slack simulator, and Chromium on the page.

use std::{path::Path, time::Duration};

use sandbox::{GITHUB_TOKEN, Options, Pace, SLACK_APP_TOKEN, SLACK_BOT_TOKEN};
use tokio::sync::Semaphore;

use crate::{node::node, quick, start};

/// A beat at which the page still shows the steps on the way.
const BRISK: Duration = Duration::from_millis(100);

/// How many browsers run at once: more would only wait for each other.
static BROWSERS: Semaphore = Semaphore::const_new(2);

#[tokio::test(flavor = "multi_thread")]
async fn octokit_creates_a_deployment_and_reads_it_back() {
    let options = Options {
        services: false,
        ..quick()
    };
    let (sandbox, _) = start(options).await;
    let github = format!("{}github", sandbox.url());
    node("octokit.mjs", &[&github, GITHUB_TOKEN, "acme", "people"])
        .await
        .unwrap();
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
    node("bolt.mjs", &[&slack, SLACK_BOT_TOKEN, SLACK_APP_TOKEN])
        .await
        .unwrap();
    sandbox.shutdown().await;
}

/// At a pace that a person could follow, so that each step can be seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_walks_the_first_day_in_chromium() {
    browser("first-day.mjs", Duration::from_millis(250)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deploy_dialog_is_used_with_nothing_but_a_keyboard() {
    browser("dialog.mjs", BRISK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_retried_and_rolled_back_by_somebody_else() {
    browser("failure.mjs", BRISK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_typed_is_taken_as_it_is_meant() {
    browser("typing.mjs", BRISK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_use_the_page() {
    browser("access.mjs", BRISK).await;
}

/// Walks through the page of a sandbox of its own.
async fn browser(script: &str, beat: Duration) {
    let _turn = BROWSERS.acquire().await.expect("it is never closed");
    let pace = Pace { beat };
    let (sandbox, _) = start(Options { pace, ..quick() }).await;
    let screenshots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    let folder = screenshots
        .to_str()
        .expect("a folder that can be written down");
    let script = format!("browser/{script}");
    node(&script, &[sandbox.url().as_str(), folder])
        .await
        .unwrap();
    sandbox.shutdown().await;
}
