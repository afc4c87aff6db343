//! The request that a deployment on GitHub carries out, as its payload tells.

use crate::{
    github::Listed,
    model::{
        Changes, Checks, ChecksState, CommitRef, Decided, Deployment, DeploymentState, Failure,
        NewRequest, Progress, RepositoryName, Request,
    },
    worker::how_it_failed,
};

/// The request; none where the deployment is not ours. What checks and changes
/// there were when it was decided is not on GitHub, and so not told.
pub(super) fn of(repository: &RepositoryName, listed: &Listed) -> Option<Request> {
    let deployment = &listed.deployment;
    let id = deployment.request_id.clone()?;
    Some(Request {
        asked: NewRequest {
            id,
            repository: repository.clone(),
            environment: deployment.environment.clone(),
            commit: CommitRef::from(&deployment.commit.sha),
            kind: deployment.kind,
            requester: deployment.requester.clone(),
            reply: listed.reply.clone(),
            expected_live: None,
        },
        accepted_at: deployment.created_at,
        progress: progress(decided(repository, deployment), deployment.clone()),
        waiting: None,
        message_ts: None,
    })
}

fn decided(repository: &RepositoryName, deployment: &Deployment) -> Decided {
    Decided {
        repository: repository.clone(),
        environment: deployment.environment.clone(),
        commit: deployment.commit.clone(),
        checks: Checks {
            state: ChecksState::Unreadable,
            done: 0,
            total: 0,
            failed: Vec::new(),
        },
        changes: Changes::uncounted(deployment.commit.sha.clone()),
        replaces: deployment.replaces.clone(),
    }
}

fn progress(decided: Decided, deployment: Deployment) -> Progress {
    match deployment.state {
        DeploymentState::Succeeded => Progress::Succeeded(decided, deployment),
        DeploymentState::Pending | DeploymentState::Running | DeploymentState::Unknown => {
            Progress::Running(decided, deployment)
        }
        DeploymentState::Failed | DeploymentState::Cancelled => Progress::Failed {
            failure: how_it_failed(&deployment).unwrap_or(Failure::NoReason),
            decided: Some(decided),
            deployment: Some(deployment),
        },
    }
}
