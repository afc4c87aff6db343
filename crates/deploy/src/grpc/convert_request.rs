//! From a request and its refusals to the contract's messages.

use deploy_proto::v1;

use super::convert::{all, time};
use crate::{
    model::{Commit, Decided, Deployment, Person, Progress, Refusal, Request},
    service::Preview,
};

impl From<Request> for v1::Request {
    fn from(request: Request) -> Self {
        let Request {
            asked,
            accepted_at,
            progress,
            message_ts,
        } = request;
        let as_asked = Self {
            request_id: asked.id.to_string(),
            state: v1::RequestState::from(&progress).into(),
            repository: asked.repository.to_string(),
            environment: asked.environment.to_string(),
            commit: Some(v1::Commit {
                sha: asked.commit.to_string(),
                ..v1::Commit::default()
            }),
            kind: v1::DeploymentKind::from(asked.kind).into(),
            requester: Some(asked.requester.into()),
            reply: Some(asked.reply.into()),
            accepted_at: Some(time(accepted_at)),
            message_ts: message_ts.unwrap_or_default(),
            ..Self::default()
        };
        match progress {
            Progress::Accepted => as_asked,
            Progress::Refused(refusals) => Self {
                refusals: all(refusals),
                ..as_asked
            },
            Progress::Creating(decided) => as_asked.decided(decided, None),
            Progress::Running(decided, deployment) | Progress::Succeeded(decided, deployment) => {
                as_asked.decided(decided, Some(deployment))
            }
            Progress::Failed {
                decided,
                deployment,
                failure,
            } => Self {
                failure,
                ..match decided {
                    Some(decided) => as_asked.decided(decided, deployment),
                    None => as_asked,
                }
            },
        }
    }
}

/// Fills in what is known once the gate has decided.
trait DecidedParts {
    fn decided(self, decided: Decided, deployment: Option<Deployment>) -> Self;
}

impl DecidedParts for v1::Request {
    fn decided(self, decided: Decided, deployment: Option<Deployment>) -> Self {
        Self {
            environment: decided.environment.to_string(),
            commit: Some(decided.commit.into()),
            checks: Some(decided.checks.into()),
            changes: Some(decided.changes.into()),
            deployment: deployment.map(Into::into),
            ..self
        }
    }
}

impl From<&Progress> for v1::RequestState {
    fn from(progress: &Progress) -> Self {
        match progress {
            Progress::Accepted => Self::Accepted,
            Progress::Refused(_) => Self::Refused,
            Progress::Creating(_) => Self::Creating,
            Progress::Running(..) => Self::Running,
            Progress::Succeeded(..) => Self::Succeeded,
            Progress::Failed { .. } => Self::Failed,
        }
    }
}

impl From<Refusal> for v1::Refusal {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownRepository { candidates } => {
                among(v1::Reason::UnknownRepository, candidates)
            }
            Refusal::UnknownEnvironment { candidates } => {
                among(v1::Reason::UnknownEnvironment, candidates)
            }
            Refusal::UnknownCommit { candidates } => among(v1::Reason::UnknownCommit, candidates),
            Refusal::AmbiguousCommit { commits } => Self {
                commits: all(commits),
                ..because(v1::Reason::AmbiguousCommit)
            },
            Refusal::NotOnAllowedBranch { branches } => {
                among(v1::Reason::NotOnAllowedBranch, branches)
            }
            Refusal::ChecksFailed { checks } => among(v1::Reason::ChecksFailed, checks),
            Refusal::ChecksPending { done, total } => Self {
                detail: format!("{done} of {total}"),
                ..because(v1::Reason::ChecksPending)
            },
            Refusal::ChecksMissing => because(v1::Reason::ChecksMissing),
            Refusal::ChecksUnreadable => because(v1::Reason::ChecksUnreadable),
            Refusal::AlreadyRunning { deployment } => by(v1::Reason::AlreadyRunning, deployment),
            Refusal::AlreadyAsked { requester, commit } => already_asked(requester, *commit),
            Refusal::AlreadyLive { deployment } => by(v1::Reason::AlreadyLive, deployment),
            Refusal::GithubRefused { detail } => Self {
                detail,
                ..because(v1::Reason::GithubRefused)
            },
        }
    }
}

fn because(reason: v1::Reason) -> v1::Refusal {
    v1::Refusal {
        reason: reason.into(),
        ..v1::Refusal::default()
    }
}

fn among(reason: v1::Reason, candidates: Vec<String>) -> v1::Refusal {
    v1::Refusal {
        candidates,
        ..because(reason)
    }
}

fn by(reason: v1::Reason, deployment: Option<Box<Deployment>>) -> v1::Refusal {
    v1::Refusal {
        deployment: deployment.map(|deployment| (*deployment).into()),
        ..because(reason)
    }
}

fn already_asked(requester: Person, commit: Commit) -> v1::Refusal {
    let name = requester.best_name().unwrap_or("someone");
    v1::Refusal {
        detail: format!("{name} asked for {} just before", commit.sha.short()),
        requester: Some(requester.into()),
        commit: Some(commit.into()),
        ..because(v1::Reason::AlreadyRunning)
    }
}

impl From<Preview> for v1::PreviewDeploymentResponse {
    fn from(preview: Preview) -> Self {
        Self {
            refusals: all(preview.refusals),
            commit: preview.commit.map(Into::into),
            changes: preview.changes.map(Into::into),
            checks: preview.checks.map(Into::into),
            environment: preview.environment.to_string(),
        }
    }
}
