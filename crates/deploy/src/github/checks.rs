//! A commit's checks: GitHub's rollup of check runs and commit statuses, read
//! with doubt. What can't be read whole is not green.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::{Nodes, word::Word};
use crate::model::{Checks, ChecksState};

/// `fragment CheckParts`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Rollup {
    state: Word,
    contexts: Option<Nodes<Context>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "__typename")]
enum Context {
    #[serde(rename = "CheckRun", rename_all = "camelCase")]
    Run {
        name: String,
        status: Word,
        conclusion: Option<Word>,
        started_at: Option<Timestamp>,
        check_suite: Option<Suite>,
    },
    #[serde(rename = "StatusContext")]
    Status { context: String, state: Word },
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Deserialize)]
struct Suite {
    app: Option<App>,
}

#[derive(Debug, Clone, Deserialize)]
struct App {
    slug: Option<String>,
}

impl Rollup {
    /// Where the next page of checks begins, if there is one.
    pub(crate) fn next_page(&self) -> Option<String> {
        self.contexts.as_ref()?.next_page()
    }

    /// The rollup with the checks of a later page.
    pub(crate) fn joined(self, later: Self) -> Self {
        let contexts = self.contexts.zip(later.contexts);
        Self {
            state: later.state,
            contexts: contexts.map(|(first, later)| first.joined(later)),
        }
    }
}

/// How one check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Good,
    Failed,
    Open,
    Unreadable,
}

impl Context {
    fn standing(&self) -> Standing {
        match self {
            Self::Run {
                status, conclusion, ..
            } => match status.as_str() {
                "completed" => conclusion
                    .as_ref()
                    .map_or(Standing::Unreadable, of_conclusion),
                "queued" | "in_progress" | "pending" | "requested" | "waiting" => Standing::Open,
                _ => Standing::Unreadable,
            },
            Self::Status { state, .. } => match state.as_str() {
                "success" => Standing::Good,
                "failure" | "error" => Standing::Failed,
                "pending" | "expected" => Standing::Open,
                _ => Standing::Unreadable,
            },
            Self::Other => Standing::Unreadable,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Run { name, .. } => name,
            Self::Status { context, .. } => context,
            Self::Other => "",
        }
    }

    /// Who reports it: check runs of one app with one name are runs of the same
    /// check, but a commit status of that name is another.
    fn reporter(&self) -> &str {
        match self {
            Self::Run {
                check_suite: Some(Suite { app: Some(app) }),
                ..
            } => app.slug.as_deref().unwrap_or_default(),
            Self::Run { .. } => "",
            Self::Status { .. } | Self::Other => "commit status",
        }
    }

    /// Grows with each run of one check; a run that waits for its start is the
    /// newest.
    fn recency(&self) -> (bool, Option<Timestamp>) {
        match self {
            Self::Run { started_at, .. } => {
                let waits = started_at.is_none() && self.standing() == Standing::Open;
                (waits, *started_at)
            }
            _ => (false, None),
        }
    }
}

fn of_conclusion(conclusion: &Word) -> Standing {
    match conclusion.as_str() {
        "success" | "skipped" | "neutral" => Standing::Good,
        "failure" | "cancelled" | "timed_out" | "action_required" | "stale" | "startup_failure" => {
            Standing::Failed
        }
        _ => Standing::Unreadable,
    }
}

/// Folds a commit's checks into one.
///
/// GitHub's own fold gives the state, because it knows which runs count; the
/// list gives names and numbers, and may only make the state worse.
pub(crate) fn fold(rollup: Option<&Rollup>) -> Checks {
    let Some(rollup) = rollup else {
        return Checks {
            state: ChecksState::None,
            done: 0,
            total: 0,
            failed: Vec::new(),
        };
    };
    let contexts = rollup.contexts.clone();
    let total = contexts.as_ref().and_then(|contexts| contexts.total_count);
    let is_cut_short = contexts.as_ref().is_none_or(Nodes::is_cut_short);
    let listed = contexts.and_then(Nodes::all);
    let is_whole = listed.is_some() && !is_cut_short;
    let newest = newest_runs(listed.unwrap_or_default());

    let count = |standing| {
        newest
            .iter()
            .filter(|context| context.standing() == standing)
            .count()
    };
    let mut failed: Vec<String> = newest
        .iter()
        .filter(|context| context.standing() == Standing::Failed)
        .map(|context| context.name().to_owned())
        .collect();
    failed.sort();
    failed.dedup();

    let state = match rollup.state.as_str() {
        "failure" | "error" => ChecksState::Failure,
        "pending" | "expected" if !failed.is_empty() => ChecksState::Failure,
        "pending" | "expected" => ChecksState::Pending,
        "success" if !failed.is_empty() => ChecksState::Failure,
        "success" if count(Standing::Open) > 0 => ChecksState::Pending,
        "success" if is_whole && count(Standing::Unreadable) == 0 => ChecksState::Success,
        _ => ChecksState::Unreadable,
    };
    let listed = number(newest.len());
    Checks {
        state,
        done: number(count(Standing::Good) + count(Standing::Failed)),
        total: if is_whole {
            listed
        } else {
            total.unwrap_or(listed)
        },
        // What is not held against the commit is not told as if it were.
        failed: if state == ChecksState::Failure {
            failed
        } else {
            Vec::new()
        },
    }
}

/// Only the newest run of each check counts.
fn newest_runs(contexts: Vec<Context>) -> Vec<Context> {
    let mut newest: HashMap<(String, String), Context> = HashMap::new();
    for context in contexts {
        let key = (context.reporter().to_owned(), context.name().to_owned());
        match newest.get(&key) {
            Some(known) if known.recency() >= context.recency() => {}
            _ => {
                newest.insert(key, context);
            }
        }
    }
    newest.into_values().collect()
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn run(name: &str, status: &str, conclusion: Option<&str>) -> Value {
        json!({"__typename": "CheckRun", "name": name, "status": status, "conclusion": conclusion,
               "startedAt": "2026-11-22T10:00:00Z", "checkSuite": {"app": {"slug": "actions"}}})
    }

    fn status(context: &str, state: &str) -> Value {
        json!({"__typename": "StatusContext", "context": context, "state": state})
    }

    fn folded(state: &str, contexts: &[Value]) -> Checks {
        of(&json!({"state": state, "contexts": {
            "totalCount": contexts.len(), "pageInfo": {"hasNextPage": false}, "nodes": contexts,
        }}))
    }

    fn of(rollup: &Value) -> Checks {
        fold(Some(&Rollup::deserialize(rollup).unwrap()))
    }

    #[test]
    fn a_commit_without_checks_has_none() {
        assert_eq!(fold(None).state, ChecksState::None);
    }

    #[test]
    fn skipped_and_neutral_are_fine() {
        let checks = folded(
            "SUCCESS",
            &[
                run("build", "COMPLETED", Some("SUCCESS")),
                run("docs", "COMPLETED", Some("SKIPPED")),
                run("size", "COMPLETED", Some("NEUTRAL")),
                status("ci/legacy", "SUCCESS"),
            ],
        );
        assert_eq!(
            (checks.state, checks.done, checks.total),
            (ChecksState::Success, 4, 4)
        );
    }

    #[test]
    fn every_bad_end_is_a_failure_with_its_name() {
        let ends = [
            "FAILURE",
            "CANCELLED",
            "TIMED_OUT",
            "ACTION_REQUIRED",
            "STALE",
            "STARTUP_FAILURE",
        ];
        let runs: Vec<Value> = ends
            .iter()
            .map(|end| run(&end.to_lowercase(), "COMPLETED", Some(end)))
            .collect();
        let checks = folded("FAILURE", &runs);
        assert_eq!(checks.state, ChecksState::Failure);
        insta::assert_snapshot!(
            checks.failed.join(" "),
            @"action_required cancelled failure stale startup_failure timed_out"
        );
    }

    #[test]
    fn pending_tells_how_many_are_done() {
        let checks = folded(
            "PENDING",
            &[
                run("build", "IN_PROGRESS", None),
                run("lint", "COMPLETED", Some("SUCCESS")),
                status("ci/legacy", "EXPECTED"),
            ],
        );
        assert_eq!(
            (checks.state, checks.done, checks.total),
            (ChecksState::Pending, 1, 3)
        );
    }

    #[test]
    fn one_that_failed_is_not_waited_for() {
        let runs = [
            run("build", "QUEUED", None),
            run("lint", "COMPLETED", Some("FAILURE")),
        ];
        assert_eq!(folded("PENDING", &runs).state, ChecksState::Failure);
    }

    #[test]
    fn the_newest_runs_may_make_green_worse_but_not_better() {
        let green = run("build", "COMPLETED", Some("SUCCESS"));
        let cancelled = run("lint", "COMPLETED", Some("CANCELLED"));
        let failed = folded("SUCCESS", &[green.clone(), cancelled]);
        assert_eq!(failed.state, ChecksState::Failure);
        assert_eq!(failed.failed, ["lint"]);
        let mut again = run("build", "QUEUED", None);
        for started_at in [json!("2026-11-22T11:00:00Z"), Value::Null] {
            again["startedAt"] = started_at;
            for runs in [
                [green.clone(), again.clone()],
                [again.clone(), green.clone()],
            ] {
                let waits = folded("SUCCESS", &runs);
                assert_eq!((waits.state, waits.done), (ChecksState::Pending, 0));
            }
        }
        let pending = status("ci/legacy", "PENDING");
        assert_eq!(folded("SUCCESS", &[pending]).state, ChecksState::Pending);
        let all_green = folded("FAILURE", &[green]);
        assert_eq!(all_green.state, ChecksState::Failure);
    }

    #[test]
    fn only_the_newest_run_of_a_check_counts() {
        let mut again = run("build", "COMPLETED", Some("SUCCESS"));
        again["startedAt"] = "2026-11-22T11:00:00Z".into();
        let checks = folded(
            "SUCCESS",
            &[again, run("build", "COMPLETED", Some("FAILURE"))],
        );
        assert_eq!(
            (checks.state, checks.done, checks.total),
            (ChecksState::Success, 1, 1)
        );
        assert!(checks.failed.is_empty());
    }

    #[test]
    fn what_cannot_be_read_whole_is_not_green() {
        let green = [run("build", "COMPLETED", Some("SUCCESS"))];
        let cut = json!({"state": "SUCCESS", "contexts": {
            "totalCount": 250, "pageInfo": {"hasNextPage": true}, "nodes": green,
        }});
        assert_eq!(
            (of(&cut).state, of(&cut).total),
            (ChecksState::Unreadable, 250)
        );
        let hole = json!({"state": "SUCCESS", "contexts": {"totalCount": 1, "nodes": [null]}});
        assert_eq!(of(&hole).state, ChecksState::Unreadable);
        let bare = json!({"state": "SUCCESS"});
        assert_eq!(of(&bare).state, ChecksState::Unreadable);
        for word in ["BLUE", "UNREADABLE"] {
            assert_eq!(folded(word, &green).state, ChecksState::Unreadable);
        }
        let new_word = [run("build", "COMPLETED", Some("MAYBE"))];
        assert_eq!(folded("SUCCESS", &new_word).state, ChecksState::Unreadable);
        let endless = [run("build", "COMPLETED", None)];
        assert_eq!(folded("SUCCESS", &endless).state, ChecksState::Unreadable);
        let new_kind = [json!({"__typename": "Oracle"})];
        assert_eq!(folded("SUCCESS", &new_kind).state, ChecksState::Unreadable);
    }

    #[test]
    fn a_failure_is_a_failure_though_the_list_is_cut_short() {
        let cut = json!({"state": "FAILURE", "contexts": {
            "totalCount": 250, "pageInfo": {"hasNextPage": true}, "nodes": [],
        }});
        assert_eq!(of(&cut).state, ChecksState::Failure);
    }

    #[test]
    fn a_later_page_makes_it_whole() {
        let page = |name: &str, more: bool| {
            Rollup::deserialize(json!({"state": "SUCCESS", "contexts": {
                "totalCount": 2,
                "pageInfo": {"hasNextPage": more, "endCursor": "x"},
                "nodes": [run(name, "COMPLETED", Some("SUCCESS"))],
            }}))
            .unwrap()
        };
        let first = page("build", true);
        assert_eq!(first.next_page().as_deref(), Some("x"));
        let whole = fold(Some(&first.joined(page("lint", false))));
        assert_eq!((whole.state, whole.total), (ChecksState::Success, 2));
    }
}
