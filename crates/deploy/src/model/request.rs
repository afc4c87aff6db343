//! What someone asked for, and what has become of it.

use std::str::FromStr;

use jiff::Timestamp;

use super::{
    Changes, Checks, Commit, CommitRef, Deployment, EnvironmentName, Failure, InvalidName, Kind,
    Refusal, RepositoryName, RequestId, Sha, Waiting,
};

/// Someone who asks for something, as far as known; empty texts are unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Slack user id.
    pub slack: String,
    /// GitHub login.
    pub github: String,
    /// Name to show; text from outside.
    pub name: String,
}

impl Person {
    /// The best name that is known; none when nothing is.
    pub fn best_name(&self) -> Option<&str> {
        [&self.name, &self.github, &self.slack]
            .into_iter()
            .find(|name| !name.is_empty())
            .map(String::as_str)
    }
}

/// Where the answer to a request is shown; empty texts are unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyAddress {
    /// Slack channel id.
    pub channel: String,
    /// The thread in which it was asked; empty when in the channel itself.
    pub thread_ts: String,
    /// The message that asked.
    pub asked_ts: String,
}

/// A request as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The caller's id.
    pub id: RequestId,
    /// Where from.
    pub repository: RepositoryName,
    /// Where to, as asked; as GitHub spells it once that was read for this request.
    pub environment: EnvironmentName,
    /// What, as asked.
    pub commit: CommitRef,
    /// Deploy or rollback.
    pub kind: Kind,
    /// Who.
    pub requester: Person,
    /// Where to answer.
    pub reply: ReplyAddress,
    /// What has to be live for it to go out; none where that does not matter.
    pub expected_live: Option<ExpectedLive>,
}

/// What a requester was told is live, when what they ask for depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedLive {
    /// Nothing is.
    Nothing,
    /// This commit is.
    Commit(CommitRef),
}

impl ExpectedLive {
    /// As text: a commit, or empty for nothing.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::Commit(commit) => commit.as_str(),
        }
    }
}

impl FromStr for ExpectedLive {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match text {
            "" => Ok(Self::Nothing),
            commit => commit.parse().map(Self::Commit),
        }
    }
}

/// A request as the journal holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What was asked.
    pub asked: NewRequest,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
    /// Why it has not gone on yet; none when it goes on by itself or has ended.
    pub waiting: Option<Waiting>,
    /// The Slack ts of the message that shows it.
    pub message_ts: Option<String>,
}

/// What the gate has decided to deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// As GitHub spells it.
    pub repository: RepositoryName,
    /// As GitHub spells it.
    pub environment: EnvironmentName,
    /// The commit.
    pub commit: Commit,
    /// What checks said.
    pub checks: Checks,
    /// What goes out or leaves.
    pub changes: Changes,
    /// What it takes the place of: what is live or, where that is brought back,
    /// what failed after it.
    pub replaces: Option<Sha>,
}

/// How far a request has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Journalled; the gate has not decided.
    Accepted,
    /// The gate refused; the end.
    Refused(Vec<Refusal>),
    /// The gate let it pass; GitHub is asked to create the deployment.
    Creating(Decided),
    /// Its deployment runs.
    Running(Decided, Deployment),
    /// Its deployment succeeded; the end.
    Succeeded(Decided, Deployment),
    /// Its deployment failed, or could not be made; the end.
    Failed {
        /// What was decided, if it came so far.
        decided: Option<Decided>,
        /// The deployment, if it was made.
        deployment: Option<Deployment>,
        /// Why.
        failure: Failure,
    },
    /// Someone withdrew it before GitHub was asked for a deployment; the end.
    Cancelled {
        /// Who.
        by: Person,
    },
}

impl Progress {
    /// The deployment, while it runs.
    pub const fn running(&self) -> Option<&Deployment> {
        match self {
            Self::Running(_, deployment) => Some(deployment),
            _ => None,
        }
    }

    /// Whether its deployment has to be made yet.
    pub const fn waits(&self) -> bool {
        matches!(self, Self::Accepted | Self::Creating(_))
    }

    /// Whether nothing more is to come.
    pub const fn has_ended(&self) -> bool {
        matches!(
            self,
            Self::Refused(_) | Self::Succeeded(..) | Self::Failed { .. } | Self::Cancelled { .. }
        )
    }
}
