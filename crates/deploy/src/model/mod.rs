//! The words of the domain as plain data: no IO, no serde, no clock.

mod change;
mod closest;
mod commit;
mod deployment;
mod failure;
mod follow_up;
mod hint;
mod id;
mod line;
mod link;
mod objection;
mod obstacle;
mod policy;
mod reason;
mod request;
mod subscription;
mod waiting;

pub use change::Change;
pub use closest::{closest, closest_first, closest_shas};
pub use commit::{Author, Changes, Checks, ChecksState, Commit};
pub use deployment::{Deployment, DeploymentState, EnvironmentStatus, Kind, LiveCommit, Step};
pub use failure::{Failure, Overdue};
pub use hint::{DeliveryId, Hint, RepositoryHints, Subject};
pub(crate) use hint::{carries_out_deployments, is_a_job};
pub use id::{
    CommitRef, DeploymentId, EnvironmentName, InvalidName, RepositoryName, RequestId, Sha,
};
pub use line::{Between, Line};
pub use link::{
    Account, DeviceCode, Invitation, KnownPerson, Link, LinkEnd, LinkId, LinkState, Login, NewLink,
    Proof,
};
pub use objection::Objection;
pub use obstacle::Obstacle;
pub use policy::{
    EnvironmentPolicy, POLICY_FILE, Policy, PolicyError, PolicyFile, PolicyProblem, PolicyTaker,
};
pub use reason::Refusal;
pub use request::{Decided, ExpectedLive, NewRequest, Person, Progress, ReplyAddress, Request};
pub use subscription::{Follower, Moment, Moments, Subscription};
pub use waiting::{Snapshot, Stale, StaleReason, Waiting, WaitingReason};

use jiff::Timestamp;

/// What a repository's default branch and environments look like at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryStatus {
    /// As GitHub spells it.
    pub repository: RepositoryName,
    /// Name of the default branch.
    pub branch: String,
    /// Newest first, each with its checks.
    pub commits: Vec<(Commit, Checks)>,
    /// Production first, then by name.
    pub environments: Vec<EnvironmentStatus>,
    /// GitHub knows none of them: they are the default ones, until the first
    /// deployment makes one.
    pub has_default_environments: bool,
    /// The newest hundred commits of the default branch, by which it is counted
    /// how far behind a commit is.
    pub line: Line,
    /// When GitHub was read: nothing that is told is older. Or, where that is
    /// given as current, when what was followed since moved last.
    pub as_of: Timestamp,
    /// The repository's page for people.
    pub url: String,
}

/// A repository's deployments, per environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// As GitHub spells it.
    pub repository: RepositoryName,
    /// Production first, then by name.
    pub environments: Vec<EnvironmentHistory>,
    /// GitHub knows none of them: they are the default ones, until the first
    /// deployment makes one.
    pub has_default_environments: bool,
    /// When GitHub was read: nothing that is told is older. Or, where that is
    /// given as current, when what was followed since moved last.
    pub as_of: Timestamp,
}

/// The deployments of one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentHistory {
    /// The environment.
    pub environment: EnvironmentName,
    /// Newest first.
    pub deployments: Vec<Deployment>,
    /// There are older ones.
    pub more: bool,
}
