//! Which channels follow what goes out to an environment: those that asked for
//! it, and the one that the repository's own file names.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{EnvironmentName, Person, RepositoryName};

/// What of a deployment a channel can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// It goes out.
    Started,
    /// It is live.
    Succeeded,
    /// It ended without success.
    Failed,
}

/// What a channel follows of an environment; not empty.
pub type Moments = BTreeSet<Moment>;

impl Moment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Started, Self::Succeeded, Self::Failed];
    /// How a deployment can end.
    pub const ENDS: [Self; 2] = [Self::Succeeded, Self::Failed];
}

/// An environment that a channel follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// As GitHub spells it.
    pub repository: RepositoryName,
    /// As GitHub spells it.
    pub environment: EnvironmentName,
    /// What the channel follows of it.
    pub moments: Moments,
    /// Who asked for it, and when; none where the repository's own file says so.
    pub asked: Option<(Person, Timestamp)>,
}

/// A channel that follows an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    /// Slack's id of it.
    pub channel: String,
    /// What it follows.
    pub moments: Moments,
    /// Slack's id of who asked for it; empty where a file alone says so.
    pub subscriber: String,
}
