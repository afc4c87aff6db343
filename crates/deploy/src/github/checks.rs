//! A commit's checks: GitHub's rollup of check runs and commit statuses, read
//! with doubt. What can't be read whole is not green.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::{Nodes, word::Word};
use crate::model::{Checks, ChecksState, carries_out_deployments, is_a_job};

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
        details_url: Option<String>,
        check_suite: Option<Suite>,
    },
    #[serde(rename = "StatusContext")]
    Status { context: String, state: Word },
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Suite {
    app: Option<App>,
    workflow_run: Option<WorkflowRun>,
}

/// What ran it, where that was GitHub Actions.
#[derive(Debug, Clone, Deserialize)]
struct WorkflowRun {
    event: Option<String>,
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
                check_suite: Some(Suite { app: Some(app), .. }),
                ..
            } => app.slug.as_deref().unwrap_or_default(),
            Self::Run { .. } => "",
            Self::Status { .. } | Self::Other => "commit status",
        }
    }

    /// Whether a deployment of the commit made it, which says nothing about the
    /// commit: one that failed can be deployed again, and one that is going out
    /// to staging can go out to production.
    fn is_of_a_deployment(&self) -> bool {
        let Self::Run {
            check_suite: Some(suite),
            details_url: Some(details),
            ..
        } = self
        else {
            return false;
        };
        let run = suite.workflow_run.as_ref();
        let event = run.and_then(|run| run.event.as_deref());
        event.is_some_and(carries_out_deployments) && is_a_job(details)
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
/// list gives names and numbers, and may only make the state worse. Where a
/// deployment's own runs may be why GitHub's is bad, the list decides, without
/// those, and every run in it counts.
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
    let (own, listed): (Vec<_>, Vec<_>) = listed
        .unwrap_or_default()
        .into_iter()
        .partition(Context::is_of_a_deployment);
    let is_explained = is_whole && is_explained_by(&own, rollup.state.as_str());
    let newest = if is_explained {
        listed
    } else {
        newest_runs(listed)
    };

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
        _ if is_explained => {
            if !failed.is_empty() {
                ChecksState::Failure
            } else if count(Standing::Unreadable) > 0 {
                ChecksState::Unreadable
            } else if count(Standing::Open) > 0 {
                ChecksState::Pending
            } else if newest.is_empty() {
                ChecksState::None
            } else {
                ChecksState::Success
            }
        }
        "success" if is_whole && newest.is_empty() && !own.is_empty() => ChecksState::None,
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

/// Whether runs that are left out may be why GitHub's state is what it is.
fn is_explained_by(own: &[Context], state: &str) -> bool {
    let any = |standing| own.iter().any(|context| context.standing() == standing);
    match state {
        "failure" | "error" => any(Standing::Failed),
        "pending" | "expected" => any(Standing::Open),
        _ => false,
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
mod tests;
