//! Reasons of a refusal as JSON in the journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Error,
    deployment::{CommitJson, DeploymentJson, PersonJson, commits},
    objection::{objection_value, read_objection},
    policy::{policy_value, read_policy},
};
use crate::model::{Deployment, Refusal};

#[derive(Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub(super) enum RefusalJson {
    UnknownRepository {
        candidates: Vec<String>,
    },
    UnknownEnvironment {
        candidates: Vec<String>,
    },
    UnknownCommit {
        candidates: Vec<String>,
    },
    AmbiguousCommit {
        commits: Vec<CommitJson>,
    },
    NotOnAllowedBranch {
        branches: Vec<String>,
    },
    ChecksFailed {
        checks: Vec<String>,
    },
    ChecksPending {
        done: u32,
        total: u32,
    },
    ChecksMissing,
    ChecksUnreadable,
    AlreadyRunning {
        deployment: Option<Box<DeploymentJson>>,
    },
    AlreadyAsked {
        requester: PersonJson,
        commit: Box<CommitJson>,
    },
    AlreadyLive {
        deployment: Option<Box<DeploymentJson>>,
    },
    LiveChanged {
        deployment: Box<DeploymentJson>,
    },
    PolicyUnreadable {
        /// In words; all that there is in what earlier versions wrote.
        detail: String,
        #[serde(default)]
        policy: Value,
    },
    GithubRefused {
        /// In words; all that there is in what earlier versions wrote.
        detail: String,
        #[serde(default)]
        objection: Value,
    },
}

impl RefusalJson {
    pub(super) fn of(refusal: &Refusal) -> Result<Self, Error> {
        Ok(match refusal {
            Refusal::UnknownRepository { candidates } => Self::UnknownRepository {
                candidates: candidates.clone(),
            },
            Refusal::UnknownEnvironment { candidates } => Self::UnknownEnvironment {
                candidates: candidates.clone(),
            },
            Refusal::UnknownCommit { candidates } => Self::UnknownCommit {
                candidates: candidates.clone(),
            },
            Refusal::AmbiguousCommit { commits } => Self::AmbiguousCommit {
                commits: commits.iter().map(CommitJson::from).collect(),
            },
            Refusal::NotOnAllowedBranch { branches } => Self::NotOnAllowedBranch {
                branches: branches.clone(),
            },
            Refusal::ChecksFailed { checks } => Self::ChecksFailed {
                checks: checks.clone(),
            },
            &Refusal::ChecksPending { done, total } => Self::ChecksPending { done, total },
            Refusal::ChecksMissing => Self::ChecksMissing,
            Refusal::ChecksUnreadable => Self::ChecksUnreadable,
            Refusal::AlreadyRunning { deployment } => Self::AlreadyRunning {
                deployment: boxed(deployment.as_deref()),
            },
            Refusal::AlreadyAsked { requester, commit } => Self::AlreadyAsked {
                requester: requester.into(),
                commit: Box::new(commit.as_ref().into()),
            },
            Refusal::AlreadyLive { deployment } => Self::AlreadyLive {
                deployment: boxed(deployment.as_deref()),
            },
            Refusal::LiveChanged { deployment } => Self::LiveChanged {
                deployment: Box::new(deployment.as_ref().into()),
            },
            Refusal::PolicyUnreadable(error) => Self::PolicyUnreadable {
                detail: error.to_string(),
                policy: policy_value(error)?,
            },
            Refusal::GithubRefused(objection) => Self::GithubRefused {
                detail: objection.to_string(),
                objection: objection_value(objection)?,
            },
        })
    }
}

impl TryFrom<RefusalJson> for Refusal {
    type Error = Error;

    fn try_from(json: RefusalJson) -> Result<Self, Error> {
        Ok(match json {
            RefusalJson::UnknownRepository { candidates } => Self::UnknownRepository { candidates },
            RefusalJson::UnknownEnvironment { candidates } => {
                Self::UnknownEnvironment { candidates }
            }
            RefusalJson::UnknownCommit { candidates } => Self::UnknownCommit { candidates },
            RefusalJson::AmbiguousCommit { commits: json } => Self::AmbiguousCommit {
                commits: commits(json)?,
            },
            RefusalJson::NotOnAllowedBranch { branches } => Self::NotOnAllowedBranch { branches },
            RefusalJson::ChecksFailed { checks } => Self::ChecksFailed { checks },
            RefusalJson::ChecksPending { done, total } => Self::ChecksPending { done, total },
            RefusalJson::ChecksMissing => Self::ChecksMissing,
            RefusalJson::ChecksUnreadable => Self::ChecksUnreadable,
            RefusalJson::AlreadyRunning { deployment } => Self::AlreadyRunning {
                deployment: unboxed(deployment)?,
            },
            RefusalJson::AlreadyAsked { requester, commit } => Self::AlreadyAsked {
                requester: requester.into(),
                commit: Box::new((*commit).try_into()?),
            },
            RefusalJson::AlreadyLive { deployment } => Self::AlreadyLive {
                deployment: unboxed(deployment)?,
            },
            RefusalJson::LiveChanged { deployment } => Self::LiveChanged {
                deployment: Box::new((*deployment).try_into()?),
            },
            RefusalJson::PolicyUnreadable { detail, policy } => {
                Self::PolicyUnreadable(read_policy(policy, detail))
            }
            RefusalJson::GithubRefused { detail, objection } => {
                Self::GithubRefused(read_objection(objection, detail))
            }
        })
    }
}

fn boxed(deployment: Option<&Deployment>) -> Option<Box<DeploymentJson>> {
    deployment.map(|deployment| Box::new(deployment.into()))
}

fn unboxed(json: Option<Box<DeploymentJson>>) -> Result<Option<Box<Deployment>>, Error> {
    json.map(|json| Deployment::try_from(*json).map(Box::new))
        .transpose()
}
