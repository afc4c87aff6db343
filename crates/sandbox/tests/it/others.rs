//! What others wrote, against ours: npm octokit on the GitHub simulator, and
//! Chromium on the page.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sandbox::{GITHUB_TOKEN, Options, Pace};
use tokio::sync::Semaphore;

use crate::{
    journals::{Journal, on, on_both},
    node::node,
    quick, start,
};

/// A beat at which the page still shows the steps on the way.
const BRISK: Duration = Duration::from_millis(100);

/// How many browsers run at once: more would only wait for each other.
static BROWSERS: Semaphore = Semaphore::const_new(2);

on_both! {
    a_newcomer_walks_the_first_day_in_chromium,
    the_deploy_dialog_is_used_with_nothing_but_a_keyboard,
    a_failure_is_retried_and_rolled_back_by_somebody_else,
    whatever_is_typed_is_taken_as_it_is_meant,
    the_home_tab_shows_what_runs_where,
    everybody_can_use_the_page,
}

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

/// At a pace that a person could follow, so that each step can be seen.
async fn a_newcomer_walks_the_first_day_in_chromium(journal: Journal) {
    browser(&journal, "first-day.mjs", Duration::from_millis(250)).await;
}

async fn the_deploy_dialog_is_used_with_nothing_but_a_keyboard(journal: Journal) {
    browser(&journal, "dialog.mjs", BRISK).await;
}

async fn a_failure_is_retried_and_rolled_back_by_somebody_else(journal: Journal) {
    browser(&journal, "failure.mjs", BRISK).await;
}

async fn whatever_is_typed_is_taken_as_it_is_meant(journal: Journal) {
    browser(&journal, "typing.mjs", BRISK).await;
}

async fn the_home_tab_shows_what_runs_where(journal: Journal) {
    browser(&journal, "home.mjs", BRISK).await;
}

async fn everybody_can_use_the_page(journal: Journal) {
    browser(&journal, "access.mjs", BRISK).await;
}

/// Walks through the page of a sandbox of its own.
async fn browser(journal: &Journal, script: &str, beat: Duration) {
    let _turn = BROWSERS.acquire().await.expect("it is never closed");
    let pace = Pace { beat };
    let (sandbox, _) = start(on(journal, Options { pace, ..quick() })).await;
    let screenshots = screenshots(journal);
    let folder = screenshots
        .to_str()
        .expect("a folder that can be written down");
    let script = format!("browser/{script}");
    node(&script, &[sandbox.url().as_str(), folder])
        .await
        .unwrap();
    sandbox.shutdown().await;
}

/// Where a walk leaves what it saw: it may be walked on both databases at once.
fn screenshots(journal: &Journal) -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    match journal {
        Journal::File(_) => all,
        Journal::Postgres(_) => all.join("on_postgres"),
    }
}
