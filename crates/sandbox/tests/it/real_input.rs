//! A real clone in place of the seeded repositories, up to 50,000 commits.

use std::{path::Path, time::Duration};

use sandbox::Options;
use tempfile::tempdir;
use tokio::time::Instant;

use crate::{clone::make_clone, quick, start};

const COMMITS: u32 = 50_000;

/// Starts within 3 s more than the seeded sandbox, answers the same question,
/// and leaves the clone as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_clone_with_50_000_commits_starts_quickly_and_is_not_written() {
    let folder = tempdir().unwrap();
    let clone = folder.path().join("history");
    make_clone(&clone, COMMITS, 0);
    let before = listing(&clone);

    let began = Instant::now();
    let (seeded, _) = start(quick()).await;
    let seeded_took = began.elapsed();
    seeded.shutdown().await;

    let began = Instant::now();
    let options = Options {
        repositories: vec![clone.clone()],
        ..quick()
    };
    let (sandbox, channel) = start(options).await;
    let took = began.elapsed();
    println!("started in {took:?}, seeded in {seeded_took:?}");
    assert!(
        took < seeded_took + Duration::from_secs(3),
        "{took:?} against {seeded_took:?}"
    );

    let asked = channel.say("@deploybot status history").await;
    let (_, status) = channel.hears(&asked, "newest 5").await;
    assert!(status.contains(&format!("Change {COMMITS}")), "{status}");
    let (_, all) = channel
        .asks("@deploybot status history 50", "newest 50")
        .await;
    assert!(all.contains("Change 49951"), "{all}");

    let sha = channel.deployable("history", "staging").await;
    let asked = channel
        .say(&format!("@deploybot deploy history staging {sha}"))
        .await;
    channel.hears(&asked, "is live in").await;
    sandbox.shutdown().await;
    assert_eq!(listing(&clone), before, "the clone is never written to");
}

/// Every file of a folder with its size and time of change.
fn listing(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let facts = entry.metadata().unwrap();
            if facts.is_dir() {
                folders.push(entry.path());
            } else {
                lines.push(format!(
                    "{:?} {} {:?}",
                    entry.path(),
                    facts.len(),
                    facts.modified().unwrap()
                ));
            }
        }
    }
    lines.sort();
    lines
}
