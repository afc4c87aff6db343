//! The statuses of a deployment: its steps in their order, and where it stands
//! by them.

use jiff::Timestamp;
use serde::Deserialize;

use super::word::Word;
use crate::model::{DeploymentState, Step};

/// `fragment StatusParts`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusNode {
    state: Word,
    description: Option<String>,
    created_at: Timestamp,
    pub(crate) log_url: Option<String>,
    pub(crate) environment_url: Option<String>,
}

impl StatusNode {
    /// As people read it.
    pub(crate) fn step(&self) -> Step {
        Step {
            state: self.state.as_str().to_owned(),
            description: self.description.clone().unwrap_or_default(),
            at: self.created_at,
            log_url: self.log_url.clone().unwrap_or_default(),
        }
    }

    /// How far in a deployment's life the state is; orders what was written
    /// within one second, which is as fine as GitHub's times are.
    fn rank(&self) -> u8 {
        match self.state.as_str() {
            "pending" => 0,
            "queued" => 1,
            "waiting" => 2,
            "success" | "failure" | "error" => 4,
            "inactive" => 5,
            _ => 3,
        }
    }
}

/// GitHub lists statuses newest first, but does not promise to.
pub(crate) fn oldest_first(mut statuses: Vec<StatusNode>) -> Vec<StatusNode> {
    let is_ascending = matches!(
        statuses.as_slice(),
        [first, .., last] if first.created_at < last.created_at
    );
    if !is_ascending {
        statuses.reverse();
    }
    statuses.sort_by_key(|status| (status.created_at, status.rank()));
    statuses
}

/// Where a deployment stands and when it ended, by its statuses, oldest first.
///
/// A success anywhere counts: GitHub writes `inactive` over old ones. Without
/// one, the newest status tells; `inactive` after a failure is still a failure.
/// GitHub's `ABANDONED` is a deployment that nobody has touched for half an
/// hour: it has ended, or it would stand in the way of all others for ever.
pub(crate) fn judge(
    statuses: &[StatusNode],
    state: Option<&Word>,
    updated_at: Timestamp,
) -> (DeploymentState, Option<Timestamp>) {
    let is_bad_end = |status: &&StatusNode| matches!(status.state.as_str(), "failure" | "error");
    if let Some(success) = statuses
        .iter()
        .find(|status| status.state.as_str() == "success")
    {
        return (DeploymentState::Succeeded, Some(success.created_at));
    }
    let is_abandoned = state.is_some_and(|state| state.as_str() == "abandoned");
    match statuses.last() {
        None if is_abandoned => (DeploymentState::Failed, Some(updated_at)),
        None => (DeploymentState::Pending, None),
        Some(newest) => match newest.state.as_str() {
            "pending" if is_abandoned => (DeploymentState::Failed, Some(updated_at)),
            "pending" => (DeploymentState::Pending, None),
            "queued" | "waiting" | "in_progress" => (DeploymentState::Running, None),
            "failure" | "error" => (DeploymentState::Failed, Some(newest.created_at)),
            "inactive" => match statuses.iter().rev().find(is_bad_end) {
                Some(end) => (DeploymentState::Failed, Some(end.created_at)),
                None => (DeploymentState::Cancelled, Some(newest.created_at)),
            },
            _ => (DeploymentState::Unknown, None),
        },
    }
}
