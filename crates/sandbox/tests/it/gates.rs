//! What may not go out: the channel is told which rule, why and what to do, and
//! `status` shows the same of the commit.

use std::time::Duration;

use jiff::Timestamp;
use sandbox::{OWNER, Options, Pace, Running};
use simulators::github::{
    CheckStatus, Conclusion, NewRepository, SeedCheck, Workflow,
    git::{Repository, Signature},
};
use tempfile::tempdir;

use crate::{
    channel::Channel,
    journals::{Journal, on, on_both},
    quick, start,
};

const POST: &str = "POST /api/v3/repos/{owner}/{repo}/deployments";

on_both! {
    a_commit_with_a_failed_check,
    a_commit_whose_checks_run,
    a_commit_without_checks,
    an_environment_where_another_goes_out,
    an_environment_that_runs_the_commit,
}

async fn a_commit_with_a_failed_check(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let sha = commit_at(&channel, "web", 0).await;
    let short = &sha[..7];
    let why = format!("Checks of `{short}` failed: `lint`.");
    refused(&channel, &format!("web production {sha}"), &why).await;
    created(&sandbox, 0);
    sandbox.shutdown().await;
}

/// Its checks are at work: how many have ended is told.
async fn a_commit_whose_checks_run(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, endless())).await;
    let sha = channel.commit("people", "Wait for the checks").await;
    let seconds_ago = |ago| now() - jiff::SignedDuration::from_secs(ago);
    let docs = SeedCheck {
        sha: sha.parse().unwrap(),
        name: "docs".to_owned(),
        status: CheckStatus::Completed(Conclusion::Success),
        started_at: seconds_ago(9),
        completed_at: Some(seconds_ago(2)),
    };
    let people = format!("{OWNER}/people");
    sandbox.github().seed_check(&people, docs).unwrap();
    let row = format!("|{}>` Wait for the checks", &sha[..7]);
    let (_, status) = channel.asks("@deploybot status people", &row).await;
    let row = status.lines().find(|line| line.contains(&row)).unwrap();
    assert!(row.starts_with("⏳"), "{row}");
    assert!(row.ends_with("checks running (1 of 4)"), "{row}");
    let why = format!("Checks of `{}` are still running", &sha[..7]);
    refused(&channel, &format!("people production {sha}"), &why).await;
    created(&sandbox, 0);
    sandbox.shutdown().await;
}

async fn a_commit_without_checks(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let folder = tempdir().unwrap();
    let sha = add_unchecked(&sandbox, &folder.path().join("unchecked"));
    let (_, status) = channel
        .asks("@deploybot status unchecked", "newest commit")
        .await;
    assert!(status.contains("⚪"), "{status}");
    assert!(status.contains("just now · no checks"), "{status}");
    assert!(
        status.contains("*production* · nothing deployed yet"),
        "{status}"
    );
    let why = format!("`{}` has no checks, and only what has passed", &sha[..7]);
    refused(&channel, &format!("unchecked production {sha}"), &why).await;
    created(&sandbox, 0);
    sandbox.shutdown().await;
}

/// While one goes out, `status` tells so, and another has to wait; of the first
/// there is still only one message.
async fn an_environment_where_another_goes_out(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, endless())).await;
    let sha = commit_at(&channel, "people", 0).await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    channel.hears(&asked, "waiting for its workflow").await;
    let going_out = format!("|{}>` is going out · asked by minji", &sha[..7]);
    channel.asks("@deploybot status people", &going_out).await;
    let why = "Another deployment was running in *production* of *people*";
    let older = commit_at(&channel, "people", 1).await;
    refused(&channel, &format!("people production {older}"), why).await;
    created(&sandbox, 1);
    let said = channel.answers_since(&asked, 2).await;
    assert_eq!(said.len(), 3, "deploy, status, refusal: {said:#?}");
    sandbox.shutdown().await;
}

async fn an_environment_that_runs_the_commit(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let live = channel.live("people", "staging").await.unwrap();
    let why = format!("*staging* of *people* runs `{}` already", &live[..7]);
    refused(&channel, &format!("people staging {live}"), &why).await;
    created(&sandbox, 0);
    sandbox.shutdown().await;
}

/// Asks to deploy and hears why not, in one message.
async fn refused(channel: &Channel, words: &str, why: &str) {
    let asked = channel.say(&format!("@deploybot deploy {words}")).await;
    channel.hears(&asked, why).await;
    let (_, said) = channel.hears(&asked, "nothing was changed").await;
    assert!(said.contains(why), "{said}");
    let all = channel.answers_since(&asked, 1).await;
    assert_eq!(all.len(), 1, "{all:#?}");
}

/// How many deployments GitHub was asked to create.
fn created(sandbox: &Running, number: u64) {
    let counts = sandbox.github().control().counts();
    assert_eq!(counts.get(POST).copied().unwrap_or_default(), number);
}

/// Workflows that do not end while a test runs.
fn endless() -> Options {
    let pace = Pace {
        beat: Duration::from_secs(600),
    };
    Options { pace, ..quick() }
}

/// A commit of main by its place, 0 for the newest.
async fn commit_at(channel: &Channel, repository: &str, place: usize) -> String {
    let commits = channel.github(&format!("{repository}/commits")).await;
    commits[place]["sha"].as_str().unwrap().to_owned()
}

/// A repository that has no workflows at all; answers its only commit.
fn add_unchecked(sandbox: &Running, folder: &std::path::Path) -> String {
    let git = Repository::init(folder, "main").unwrap();
    let writer = Signature {
        name: "Writer".to_owned(),
        email: "writer@example.com".to_owned(),
        at: now(),
        offset_seconds: 0,
    };
    let file = (
        "README.md".to_owned(),
        Some(b"Nothing checks this.\n".to_vec()),
    );
    let sha = git
        .commit_files("main", &[file], "Begin", &writer, &writer)
        .unwrap();
    let new = NewRepository {
        owner: OWNER.to_owned(),
        name: "unchecked".to_owned(),
        git,
        default_branch: "main".to_owned(),
        environments: vec!["production".to_owned()],
        workflow: Workflow::default(),
    };
    sandbox.github().add_repository(new).unwrap();
    sha.to_string()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the simulator lives in the present"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
