//! A real clone in place of the seeded repositories, up to 50,000 commits.

use std::{path::Path, time::Duration};

use sandbox::{Options, Running};
use tempfile::tempdir;
use tokio::time::Instant;

use crate::{
    channel::Channel,
    clone::make_clone,
    journals::{Journal, on, on_both},
    quick, start,
};

const COMMITS: u32 = 50_000;
/// How often each is started, and how often it is asked then; the best counts,
/// because whatever else the machine does only adds to it.
const STARTS: usize = 3;
const QUESTIONS: usize = 5;

on_both!(a_clone_with_50_000_commits_is_as_quick_as_the_seeded_ones_and_is_not_written);

/// Starts within 3 s more than the seeded sandbox, answers `status` with as few
/// calls and as fast, and leaves the clone as it was.
async fn a_clone_with_50_000_commits_is_as_quick_as_the_seeded_ones_and_is_not_written(
    journal: Journal,
) {
    let folder = tempdir().unwrap();
    let clone = folder.path().join("history");
    make_clone(&clone, COMMITS, 0);
    let before = listing(&clone);
    let cloned = || Options {
        repositories: vec![clone.clone()],
        ..quick()
    };

    let (mut small, mut large) = (Times::default(), Times::default());
    for _ in 0..STARTS {
        // Each has a GitHub of its own, of which no journal knows anything yet.
        let empty = journal.another().await;
        let (sandbox, channel) = small.start(on(&empty, quick())).await;
        small.ask(&sandbox, &channel, "people").await;
        sandbox.shutdown().await;
        let empty = journal.another().await;
        let (sandbox, channel) = large.start(on(&empty, cloned())).await;
        large.ask(&sandbox, &channel, "history").await;
        tells_the_newest(&channel).await;
        sandbox.shutdown().await;
    }
    println!("seeded: {small:?}; {COMMITS} commits: {large:?}");
    let (small, large) = (small.best(), large.best());
    assert!(large.start < small.start + Duration::from_secs(3));
    // To walk all of the history would take a build for tests some seconds.
    assert!(large.status < small.status * 2 + Duration::from_millis(100));
    assert_eq!(listing(&clone), before, "the clone is never written to");
}

async fn tells_the_newest(channel: &Channel) {
    let (_, few) = channel.asks("@deploybot status history", "newest 5").await;
    assert!(few.contains(&format!("Change {COMMITS}")), "{few}");
    let (_, many) = channel
        .asks("@deploybot status history 50", "newest 50")
        .await;
    assert!(many.contains("Change 49951"), "{many}");
}

/// How long it took, each time.
#[derive(Debug, Default)]
struct Times {
    starts: Vec<Duration>,
    statuses: Vec<Duration>,
}

struct Best {
    start: Duration,
    status: Duration,
}

impl Times {
    async fn start(&mut self, options: Options) -> (Running, Channel) {
        let began = Instant::now();
        let started = start(options).await;
        self.starts.push(began.elapsed());
        started
    }

    /// From the question to the visible answer, while something is live; each
    /// is one call to GitHub.
    async fn ask(&mut self, sandbox: &Running, channel: &Channel, repository: &str) {
        let sha = channel.deployable(repository, "staging").await;
        let deploy = format!("@deploybot deploy {repository} staging {sha}");
        channel.asks(&deploy, " in *staging* · ").await;
        let fresh = channel.beside(sandbox, "quiet");
        // Asked each time for one more, so that no answer was kept for it.
        for count in (6..).take(QUESTIONS) {
            sandbox.github().control().reset();
            let question = format!("@deploybot status {repository} {count}");
            let asked = fresh.say(&question).await;
            let newest = format!("newest {count}");
            let (answer, words) = fresh.hears(&asked, &newest).await;
            let live = format!("|{}>`", &sha[..7]);
            assert!(words.contains(&live), "{words}");
            self.statuses
                .push(between(&asked, answer["ts"].as_str().unwrap()));
            let calls: u64 = sandbox.github().control().counts().values().sum();
            assert_eq!(calls, 1);
        }
    }

    fn best(&self) -> Best {
        Best {
            start: *self.starts.iter().min().unwrap(),
            status: *self.statuses.iter().min().unwrap(),
        }
    }
}

/// The time between two messages.
fn between(first: &str, second: &str) -> Duration {
    let seconds = |ts: &str| ts.parse::<f64>().unwrap();
    Duration::from_secs_f64(seconds(second) - seconds(first))
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
