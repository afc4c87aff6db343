//! Why something is not as fresh, or not as far, as it was asked to be.

use jiff::Timestamp;

use super::{EnvironmentName, Obstacle};

/// Why an accepted request has not gone on yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What it waits for.
    pub reason: WaitingReason,
    /// About when it goes on; none when nobody can tell.
    pub until: Option<Timestamp>,
    /// How many requests go before it, where they go one after another; of those
    /// for one environment a few.
    pub ahead: Option<u32>,
    /// GitHub's own words about it; text from outside, may be empty.
    pub detail: String,
    /// What stands in the way; none where the reason says all.
    pub obstacle: Option<Obstacle>,
}

impl Waiting {
    /// What stands in the way, and who can do something about it, in English for
    /// people; empty where the reason says all.
    pub fn explanation(&self) -> String {
        let obstacle = self.obstacle.as_ref();
        obstacle.map(ToString::to_string).unwrap_or_default()
    }
}

/// What an accepted request can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingReason {
    /// GitHub does not answer.
    GithubUnavailable,
    /// GitHub takes no more calls for a while.
    RateLimit,
    /// GitHub takes no more deployments for a while.
    CreateLimit,
    /// GitHub was asked for the deployment and did not answer, and does not let
    /// itself be asked whether it made it. It can't be withdrawn any more.
    AnswerLost,
}

/// An answer, and whether it is as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot<T> {
    /// The answer; it says as of when it is.
    pub value: T,
    /// Why it could not be renewed; none when it is current.
    pub stale: Option<Stale>,
}

/// Why an answer could not be renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// What stood in the way.
    pub reason: StaleReason,
    /// About when it can be tried again; none when nobody can tell.
    pub retry_at: Option<Timestamp>,
    /// GitHub's own words about it; text from outside, may be empty.
    pub incident: String,
    /// What was asked for was not kept as a whole: there may be more than is
    /// told.
    pub is_partial: bool,
    /// The time of the newest step of a deployment that was followed since, where
    /// that is told with the rest.
    pub followed_at: Option<Timestamp>,
    /// Environments of which nothing is known but that they exist.
    pub missing: Vec<EnvironmentName>,
}

/// What can stand in the way of a newer answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaleReason {
    /// GitHub does not answer.
    GithubUnavailable,
    /// GitHub takes no more calls for a while.
    RateLimit,
    /// GitHub does not accept the GitHub App.
    AppNotAccepted,
}
