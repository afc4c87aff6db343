//! The checks of a commit: the recorded ones and, where no push has started any
//! and the repository wants it so, some that follow from its SHA. They are in
//! suites: one of the commit's own, and one of each deployment's run.

use jiff::{SignedDuration, Timestamp};

use super::git::Sha;
use super::state::{CheckRun, CheckStatus, Conclusion, Repository, Suite};

/// The names of derived checks.
const DERIVED: [&str; 3] = ["build", "test", "lint"];

/// About one commit in this many has a derived check that failed.
const ONE_FAILS_IN: u64 = 12;

/// Ids of derived checks lie from here up, far above those that are given out.
const DERIVED_IDS: u64 = 1 << 50;

/// Ids of commits' own suites lie from here up.
const SUITE_IDS: u64 = DERIVED_IDS * 4;

/// Ids of suites of deployments' runs lie from here up, above those of commits.
const DEPLOYMENT_SUITE_IDS: u64 = SUITE_IDS + (1 << 48);

/// The check runs of a commit, oldest first. A commit's own time is the one
/// after which its derived checks ran.
pub(crate) fn of(repository: &Repository, sha: &Sha, committed_at: Timestamp) -> Vec<CheckRun> {
    let recorded = repository.checks.get(sha).map_or(&[][..], Vec::as_slice);
    let has_own = recorded.iter().any(|run| run.suite == Suite::Commit);
    let mut runs = if repository.workflow.checks.derived && !has_own {
        derive(sha, committed_at)
    } else {
        Vec::new()
    };
    runs.extend_from_slice(recorded);
    runs
}

/// The check run of an id that only a derived check can have, with the first
/// digits of the SHA that it follows from.
pub(crate) fn digits_of_derived(id: u64) -> Option<String> {
    let seed = id.checked_sub(DERIVED_IDS)? / 4;
    (seed < 1 << 48).then(|| format!("{seed:012x}"))
}

/// The numeric id of a suite of a commit.
pub(crate) fn suite_id(sha: &Sha, suite: Suite) -> u64 {
    match suite {
        Suite::Commit => SUITE_IDS + seed_of(sha),
        Suite::Deployment(run) => DEPLOYMENT_SUITE_IDS + run,
    }
}

/// What the node id of a suite of a commit names it by.
pub(crate) fn suite_key(sha: &Sha, suite: Suite) -> String {
    match suite {
        Suite::Commit => sha.to_string(),
        Suite::Deployment(run) => format!("{sha}:{run}"),
    }
}

/// The SHA and the suite that such a key names; none when it is no such key.
pub(crate) fn suite_of_key(key: &str) -> Option<(Sha, Suite)> {
    let (sha, suite) = match key.split_once(':') {
        Some((sha, run)) => (sha, Suite::Deployment(run.parse().ok()?)),
        None => (key, Suite::Commit),
    };
    Some((sha.parse().ok()?, suite))
}

/// The suites that check runs are in, in the order in which they first came.
pub(crate) fn suites(runs: &[CheckRun]) -> Vec<Suite> {
    let mut suites = Vec::new();
    for run in runs {
        if !suites.contains(&run.suite) {
            suites.push(run.suite);
        }
    }
    suites
}

/// The newest check run of each name in one suite.
pub(crate) fn in_suite(mut runs: Vec<CheckRun>, suite: Suite) -> Vec<CheckRun> {
    runs.retain(|run| run.suite == suite);
    newest(runs)
}

/// Several check runs folded into one: what has not ended comes first, then
/// what is worst.
pub(crate) fn fold(runs: &[CheckRun]) -> CheckStatus {
    let bad = runs
        .iter()
        .find(|run| run.status.conclusion().is_some() && !run.status.is_good());
    if runs.iter().all(|run| run.status == CheckStatus::Queued) {
        CheckStatus::Queued
    } else if runs.iter().any(|run| run.status.conclusion().is_none()) {
        CheckStatus::InProgress
    } else {
        bad.map_or(CheckStatus::Completed(Conclusion::Success), |run| {
            run.status
        })
    }
}

/// Of check runs of the same name in the same suite, the newest each, in the
/// order in which they first came. This is what GitHub lists as the latest: a
/// run hides none of another suite.
pub(crate) fn newest(runs: Vec<CheckRun>) -> Vec<CheckRun> {
    newest_of_each(runs, |one, other| {
        one.suite == other.suite && one.name == other.name
    })
}

/// Of check runs of the same name in any suite, the newest each. This is what
/// counts for the state of a commit, as all of them are of one app.
pub(crate) fn counted(runs: Vec<CheckRun>) -> Vec<CheckRun> {
    newest_of_each(runs, |one, other| one.name == other.name)
}

fn newest_of_each(
    runs: Vec<CheckRun>,
    same: impl Fn(&CheckRun, &CheckRun) -> bool,
) -> Vec<CheckRun> {
    let mut newest: Vec<CheckRun> = Vec::new();
    for run in runs {
        match newest.iter_mut().find(|seen| same(seen, &run)) {
            Some(seen) => *seen = run,
            None => newest.push(run),
        }
    }
    newest
}

fn seed_of(sha: &Sha) -> u64 {
    u64::from_str_radix(&sha.as_str()[..12], 16).expect("a SHA is made of hex digits")
}

/// Checks that are the same whenever they are asked for, and cost no memory.
fn derive(sha: &Sha, committed_at: Timestamp) -> Vec<CheckRun> {
    let seed = seed_of(sha);
    let failed = seed
        .is_multiple_of(ONE_FAILS_IN)
        .then_some(seed / ONE_FAILS_IN % 3);
    (0_u64..)
        .zip(DERIVED)
        .map(|(index, name)| CheckRun {
            id: DERIVED_IDS + seed * 4 + index,
            sha: sha.clone(),
            suite: Suite::Commit,
            name: name.to_owned(),
            status: CheckStatus::Completed(if failed == Some(index) {
                Conclusion::Failure
            } else {
                Conclusion::Success
            }),
            started_at: Some(after(committed_at, 5)),
            completed_at: Some(after(committed_at, 30 + 20 * index)),
            summary: String::new(),
            run: None,
        })
        .collect()
}

fn after(time: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    time.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(sha: &str) -> Vec<CheckRun> {
        derive(&sha.parse().unwrap(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn derived_checks_follow_from_the_sha_alone() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(derived(sha), derived(sha));
        assert_eq!(derived(sha).len(), 3);
    }

    #[test]
    fn about_one_commit_in_twelve_has_one_failed_check() {
        let failures = (0..1_200_u64)
            .map(|number| {
                derived(&format!(
                    "{:012x}{:028x}",
                    number.wrapping_mul(7_919),
                    number
                ))
            })
            .map(|checks| {
                checks
                    .iter()
                    .filter(|check| check.status.conclusion() == Some(Conclusion::Failure))
                    .count()
            })
            .collect::<Vec<_>>();
        assert_eq!(failures.iter().max(), Some(&1));
        assert_eq!(failures.iter().sum::<usize>(), 100);
    }

    #[test]
    fn ids_stay_readable_for_javascript() {
        let highest = "ffffffffffffffffffffffffffffffffffffffff";
        assert!(derived(highest).iter().all(|check| check.id < 1 << 53));
        let highest = highest.parse().unwrap();
        let own = suite_id(&highest, Suite::Commit);
        let of_a_run = suite_id(&highest, Suite::Deployment(1_000_000));
        assert!(own < of_a_run && of_a_run < 1 << 53);
    }

    #[test]
    fn a_suite_is_found_by_its_key() {
        let sha: Sha = "0123456789abcdef0123456789abcdef01234567".parse().unwrap();
        for suite in [Suite::Commit, Suite::Deployment(7)] {
            let key = suite_key(&sha, suite);
            assert_eq!(suite_of_key(&key), Some((sha.clone(), suite)));
        }
        for key in ["", "main", &format!("{sha}:"), &format!("{sha}:x"), "7:7"] {
            assert_eq!(suite_of_key(key), None, "{key}");
        }
    }

    #[test]
    fn a_check_hides_none_of_another_suite_but_counts_in_its_place() {
        let check = |id, suite| CheckRun {
            id,
            suite,
            ..derived("0123456789abcdef0123456789abcdef01234567").remove(0)
        };
        let runs = vec![
            check(1, Suite::Commit),
            check(2, Suite::Deployment(7)),
            check(3, Suite::Deployment(7)),
            check(4, Suite::Commit),
            check(5, Suite::Deployment(8)),
        ];
        let ids = |runs: Vec<CheckRun>| runs.iter().map(|run| run.id).collect::<Vec<_>>();
        assert_eq!(ids(newest(runs.clone())), [4, 3, 5]);
        assert_eq!(ids(counted(runs.clone())), [5]);
        assert_eq!(ids(in_suite(runs.clone(), Suite::Deployment(7))), [3]);
        let all = [Suite::Commit, Suite::Deployment(7), Suite::Deployment(8)];
        assert_eq!(suites(&runs), all);
    }
}
