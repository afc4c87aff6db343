//! The checks of a commit: the recorded ones or, where there are none and the
//! repository wants it so, some that follow from its SHA.

use jiff::{SignedDuration, Timestamp};

use super::git::Sha;
use super::state::{CheckRun, CheckStatus, Conclusion, Repository};

/// The names of derived checks.
const DERIVED: [&str; 3] = ["build", "test", "lint"];

/// About one commit in this many has a derived check that failed.
const ONE_FAILS_IN: u64 = 12;

/// Ids of derived checks lie from here up, far above those that are given out.
const DERIVED_IDS: u64 = 1 << 50;

/// The check runs of a commit, oldest first. A commit's own time is the one
/// after which its derived checks ran.
pub(crate) fn of(repository: &Repository, sha: &Sha, committed_at: Timestamp) -> Vec<CheckRun> {
    match repository.checks.get(sha) {
        Some(recorded) if !recorded.is_empty() => recorded.clone(),
        _ if repository.workflow.checks.derived => derive(sha, committed_at),
        _ => Vec::new(),
    }
}

/// The check run of an id that only a derived check can have, with the first
/// digits of the SHA that it follows from.
pub(crate) fn digits_of_derived(id: u64) -> Option<String> {
    let seed = id.checked_sub(DERIVED_IDS)? / 4;
    (seed < 1 << 48).then(|| format!("{seed:012x}"))
}

/// The numeric id of the suite that holds a commit's check runs.
pub(crate) fn suite_id(sha: &Sha) -> u64 {
    DERIVED_IDS * 4 + seed_of(sha)
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

/// Of check runs of the same name, the newest each, in the order in which the
/// names first came.
pub(crate) fn newest(runs: Vec<CheckRun>) -> Vec<CheckRun> {
    let mut newest: Vec<CheckRun> = Vec::new();
    for run in runs {
        match newest.iter_mut().find(|seen| seen.name == run.name) {
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
        let highest = derived("ffffffffffffffffffffffffffffffffffffffff");
        assert!(highest.iter().all(|check| check.id < 1 << 53));
    }
}
