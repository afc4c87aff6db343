//! What happens, and the hints of it.

use super::{CheckRun, CommitStatus, Deployment, DeploymentStatus, Run};
use crate::github::git::Sha;

/// A hint that something has changed; what has is to be read anew.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// `owner/name`.
    pub repository: String,
    /// What kind of thing: `push`, `check`, `status`, `deployment`,
    /// `deployment_status`, `workflow_run`, `environment`, `repository`.
    pub kind: &'static str,
}

/// Something that happened, with what it happened to as it was at the time;
/// the runner starts from it and webhooks tell it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// `owner/name`.
    pub(crate) repository: String,
    /// What happened.
    pub(crate) kind: EventKind,
}

/// What can happen.
#[derive(Debug, Clone)]
pub(crate) enum EventKind {
    /// A branch moved.
    Push {
        /// Name of the branch.
        branch: String,
        /// Where it was; none for a new branch.
        before: Option<Sha>,
        /// Where it is now.
        after: Sha,
        /// Who pushed.
        pusher: String,
    },
    /// A check run was created, or moved on.
    CheckRun(Box<CheckRun>),
    /// A commit status was written.
    Status(Box<CommitStatus>),
    /// A deployment was created.
    Deployment(Box<Deployment>),
    /// A status was added to a deployment, which is told with it.
    DeploymentStatus(Box<Deployment>, Box<DeploymentStatus>),
    /// A workflow run was started, or moved on. It is told without its log.
    WorkflowRun(Box<Run>),
    /// An environment was made or changed.
    Environment,
    /// A repository was added.
    Repository,
}

impl EventKind {
    /// The word for it in a [`Change`].
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Push { .. } => "push",
            Self::CheckRun(_) => "check",
            Self::Status(_) => "status",
            Self::Deployment(_) => "deployment",
            Self::DeploymentStatus(..) => "deployment_status",
            Self::WorkflowRun(_) => "workflow_run",
            Self::Environment => "environment",
            Self::Repository => "repository",
        }
    }
}
