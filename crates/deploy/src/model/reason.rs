//! Why a request can be refused: a closed list.

use super::{Commit, Deployment};

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
        /// That one, where it exists on GitHub yet.
        deployment: Option<Box<Deployment>>,
    },
    /// The environment runs this commit already.
    AlreadyLive {
        /// The deployment that brought it.
        deployment: Option<Box<Deployment>>,
    },
    /// GitHub refused to create the deployment.
    GithubRefused {
        /// Why, as a sentence for people.
        detail: String,
    },
}
