//! Why a request can be refused: a closed list.

use super::{Commit, Deployment, Objection, Person, PolicyError, Progress, Request};

/// One reason, with what a sentence about it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No such repository, or the token can't see it.
    UnknownRepository {
        /// Names that were meant perhaps, best first.
        candidates: Vec<String>,
    },
    /// The repository has no such environment.
    UnknownEnvironment {
        /// The environments there are: those that were meant perhaps, then
        /// the others, production first.
        candidates: Vec<String>,
    },
    /// No commit begins so.
    UnknownCommit {
        /// SHAs on the branch that differ little, best first.
        candidates: Vec<String>,
    },
    /// More than one commit begins so.
    AmbiguousCommit {
        /// Those commits, at most ten.
        commits: Vec<Commit>,
    },
    /// The commit is not on the branch.
    NotOnAllowedBranch {
        /// Branches that are allowed.
        branches: Vec<String>,
    },
    /// Checks failed.
    ChecksFailed {
        /// Their names, sorted.
        checks: Vec<String>,
    },
    /// Checks have not ended.
    ChecksPending {
        /// How many have.
        done: u32,
        /// Of how many.
        total: u32,
    },
    /// The commit has no checks.
    ChecksMissing,
    /// The checks could not be read whole.
    ChecksUnreadable,
    /// Another deployment is running there.
    AlreadyRunning {
        /// That one, where it is known.
        deployment: Option<Box<Deployment>>,
    },
    /// Another request was first: GitHub is being asked for its deployment.
    AlreadyAsked {
        /// Who asked.
        requester: Person,
        /// For which commit.
        commit: Box<Commit>,
    },
    /// The environment runs this commit already.
    AlreadyLive {
        /// The deployment that brought it.
        deployment: Option<Box<Deployment>>,
    },
    /// Something else has gone live there than the requester was told.
    LiveChanged {
        /// The deployment that brought it.
        deployment: Box<Deployment>,
    },
    /// The repository's own rules could not be read.
    PolicyUnreadable(PolicyError),
    /// GitHub refused to create the deployment.
    GithubRefused(Objection),
}

impl Refusal {
    /// What the request says that holds the run slot of the environment; none
    /// where it cannot be read.
    pub fn of_slot_holder(holder: Option<Request>) -> Self {
        match holder {
            Some(Request {
                asked,
                progress: Progress::Creating(decided),
                ..
            }) => Self::AlreadyAsked {
                requester: asked.requester,
                commit: Box::new(decided.commit),
            },
            holder => Self::AlreadyRunning {
                deployment: holder
                    .as_ref()
                    .and_then(|holder| holder.progress.running())
                    .cloned()
                    .map(Box::new),
            },
        }
    }
}
