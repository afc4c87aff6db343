//! Deployments, their steps, and what an environment runs.

use jiff::Timestamp;

use super::{Commit, DeploymentId, EnvironmentName, Person, RequestId, Sha};

/// What a deployment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Brings a commit out.
    Deploy,
    /// Brings an earlier commit back.
    Rollback,
}

/// Where a deployment stands, judged by the history of its statuses and never
/// by the last one alone: GitHub makes old deployments inactive, and some tools
/// cancel by writing `inactive`, which is no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentState {
    /// Created; nobody has picked it up.
    Pending,
    /// Its workflow is at work.
    Running,
    /// Succeeded at some point.
    Succeeded,
    /// Ended without success.
    Failed,
    /// Became inactive with neither success nor failure.
    Cancelled,
    /// Its newest status is a word that we do not know.
    Unknown,
}

impl DeploymentState {
    /// Whether nothing more is to come.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// One status of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// GitHub's word in lower case: `queued`, `in_progress`, `success`, …
    pub state: String,
    /// Text from outside.
    pub description: String,
    /// When it was written.
    pub at: Timestamp,
    /// Its log; may be empty.
    pub log_url: String,
}

/// A GitHub deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// GitHub's identity of it.
    pub id: DeploymentId,
    /// The environment.
    pub environment: EnvironmentName,
    /// What it deploys.
    pub commit: Commit,
    /// Where it stands.
    pub state: DeploymentState,
    /// It is what the environment runs now.
    pub live: bool,
    /// Deploy or rollback.
    pub kind: Kind,
    /// Who asked; from our payload, else GitHub's creator.
    pub requester: Person,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ended; none while it runs.
    pub ended_at: Option<Timestamp>,
    /// Oldest first.
    pub steps: Vec<Step>,
    /// The request that it carries out, when it is ours.
    pub request_id: Option<RequestId>,
    /// The commit that it replaced, when known.
    pub replaces: Option<Sha>,
    /// Log of the newest step that has one; may be empty.
    pub log_url: String,
    /// Where the result can be seen; may be empty.
    pub environment_url: String,
}

impl Deployment {
    /// Its place among those of its environment: newer ones have higher ones.
    pub const fn place(&self) -> (Timestamp, u64) {
        (self.created_at, self.id.number)
    }

    /// When it moved last, by GitHub's clock.
    pub fn moved_at(&self) -> Timestamp {
        let steps = self.steps.iter().map(|step| step.at);
        steps
            .chain(self.ended_at)
            .fold(self.created_at, Timestamp::max)
    }

    /// Whether this is no older a reading of the same deployment than another
    /// one: a deployment only ever gets more statuses, and one that has ended
    /// without one (GitHub's `ABANDONED`) stays ended.
    pub fn is_no_older_than(&self, other: &Self) -> bool {
        let has_ended = |one: &Self| one.state.has_ended();
        (self.steps.len(), has_ended(self)) >= (other.steps.len(), has_ended(other))
    }
}

/// An environment and what runs in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentStatus {
    /// As GitHub spells it.
    pub name: EnvironmentName,
    /// What is live.
    pub live: Option<LiveCommit>,
    /// The deployment that is going out: the newest that has not ended and is
    /// newer than what is live.
    pub running: Option<Deployment>,
    /// Older ones of which the same can be said, newest first.
    pub overtaken: Vec<Deployment>,
}

/// The commit that an environment runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCommit {
    /// The commit.
    pub commit: Commit,
    /// When it became live.
    pub since: Timestamp,
    /// How many commits of the default branch are newer; none when it is not
    /// on that branch.
    pub behind: Option<u32>,
    /// The place of its deployment among those of the environment.
    pub place: (Timestamp, u64),
    /// Where the environment can be seen; may be empty.
    pub environment_url: String,
}
