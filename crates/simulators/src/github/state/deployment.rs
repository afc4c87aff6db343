//! Deployments and their statuses.

use jiff::Timestamp;
use serde_json::Value;

use crate::github::git::Sha;

/// A deployment of one commit to one environment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Deployment {
    /// The numeric id.
    pub(crate) id: u64,
    /// What it deploys.
    pub(crate) sha: Sha,
    /// What was asked for: branch, tag or SHA.
    pub(crate) reference: String,
    /// What is done: `deploy`.
    pub(crate) task: String,
    /// What its creator attached, as it came: an object or a string.
    pub(crate) payload: Value,
    /// Where it goes now; a status can say otherwise than its creator did.
    pub(crate) environment: String,
    /// Where its creator wanted it.
    pub(crate) original_environment: String,
    /// What its creator says about it.
    pub(crate) description: Option<String>,
    /// Login of its creator.
    pub(crate) creator: String,
    /// The environment will go away.
    pub(crate) transient_environment: bool,
    /// The environment is one that users see.
    pub(crate) production_environment: bool,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// When it last got a status.
    pub(crate) updated_at: Timestamp,
    /// Oldest first.
    pub(crate) statuses: Vec<DeploymentStatus>,
}

impl Deployment {
    /// The state that its newest status says; none before the first.
    pub(crate) fn state(&self) -> Option<DeploymentState> {
        self.statuses.last().map(|status| status.state)
    }

    /// It has ended: succeeded, failed, or been put aside.
    pub(crate) fn is_over(&self) -> bool {
        self.state().is_some_and(DeploymentState::is_final)
    }
}

/// One step of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeploymentStatus {
    /// The numeric id.
    pub(crate) id: u64,
    /// Where the deployment stands with it.
    pub(crate) state: DeploymentState,
    /// What it says; may be empty.
    pub(crate) description: String,
    /// The environment as of this status.
    pub(crate) environment: String,
    /// Its log; may be empty.
    pub(crate) log_url: String,
    /// Where the result can be seen; may be empty.
    pub(crate) environment_url: String,
    /// Login of its creator.
    pub(crate) creator: String,
    /// When it was written.
    pub(crate) created_at: Timestamp,
}

/// Where a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeploymentState {
    /// It could not be carried out.
    Error,
    /// It went wrong.
    Failure,
    /// Another one took its place, or it was put aside.
    Inactive,
    /// It is going out.
    InProgress,
    /// It waits for a runner.
    Queued,
    /// It waits.
    Pending,
    /// It is out.
    Success,
    /// It waits for a protection rule.
    Waiting,
}

const DEPLOYMENT_STATES: [(DeploymentState, &str); 8] = [
    (DeploymentState::Error, "error"),
    (DeploymentState::Failure, "failure"),
    (DeploymentState::Inactive, "inactive"),
    (DeploymentState::InProgress, "in_progress"),
    (DeploymentState::Queued, "queued"),
    (DeploymentState::Pending, "pending"),
    (DeploymentState::Success, "success"),
    (DeploymentState::Waiting, "waiting"),
];

impl DeploymentState {
    /// The word that REST and webhooks have for it; GraphQL's is the same in
    /// upper case.
    pub fn word(self) -> &'static str {
        DEPLOYMENT_STATES
            .iter()
            .find(|(state, _)| *state == self)
            .map_or("error", |(_, word)| word)
    }

    /// The state that a word of REST means.
    pub fn from_word(word: &str) -> Option<Self> {
        DEPLOYMENT_STATES
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(state, _)| *state)
    }

    /// Nothing more is to come.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Error | Self::Failure | Self::Inactive | Self::Success
        )
    }
}
