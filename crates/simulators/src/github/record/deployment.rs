//! Changes of deployments: creating them, deleting them, and their statuses.

use jiff::Timestamp;
use serde_json::Value;

use super::{Missing, missing};
use crate::github::Github;
use crate::github::git::Sha;
use crate::github::state::{Deployment, DeploymentState, DeploymentStatus, EventKind, State};

/// A deployment to be created.
#[derive(Debug, Clone)]
pub(crate) struct NewDeployment {
    /// What it deploys.
    pub(crate) sha: Sha,
    /// What was asked for.
    pub(crate) reference: String,
    /// What is done.
    pub(crate) task: String,
    /// What its creator attached.
    pub(crate) payload: Value,
    /// Where it goes; an environment that is not there is made.
    pub(crate) environment: String,
    /// What its creator says about it.
    pub(crate) description: Option<String>,
    /// Login of its creator.
    pub(crate) creator: String,
    /// The environment will go away.
    pub(crate) transient_environment: bool,
    /// The environment is one that users see.
    pub(crate) production_environment: bool,
}

/// A deployment status to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewDeploymentStatus {
    /// Where the deployment stands with it.
    pub(crate) state: DeploymentState,
    /// What it says.
    pub(crate) description: String,
    /// The environment that the deployment goes to from now on; none leaves it.
    pub(crate) environment: Option<String>,
    /// Its log; may be empty.
    pub(crate) log_url: String,
    /// Where the result can be seen; may be empty.
    pub(crate) environment_url: String,
    /// Login of its creator.
    pub(crate) creator: String,
    /// A success puts older successes of the same environment aside.
    pub(crate) auto_inactive: bool,
}

impl Github {
    /// Creates a deployment, which has no status yet.
    pub(crate) fn create_deployment(
        &self,
        full_name: &str,
        new: NewDeployment,
    ) -> Result<Deployment, Missing> {
        let now = self.clock().now_in_seconds();
        let mut state = self.state();
        let (id, environment_id) = (state.next_id(), state.next_id());
        let repository = state.named_or_missing(full_name)?;
        let environment = repository
            .environment_or_new(&new.environment, environment_id, now)
            .name
            .clone();
        let deployment = Deployment {
            id,
            sha: new.sha,
            reference: new.reference,
            task: new.task,
            payload: new.payload,
            original_environment: environment.clone(),
            environment,
            description: new.description,
            creator: new.creator,
            transient_environment: new.transient_environment,
            production_environment: new.production_environment,
            created_at: now,
            updated_at: now,
            statuses: Vec::new(),
        };
        repository.deployments.push(deployment.clone());
        drop(state);
        let event = EventKind::Deployment(Box::new(deployment.clone()));
        self.happened(full_name, event);
        Ok(deployment)
    }

    /// Removes a deployment.
    pub(crate) fn delete_deployment(&self, full_name: &str, id: u64) -> Result<(), Missing> {
        let mut state = self.state();
        let repository = state.named_or_missing(full_name)?;
        let before = repository.deployments.len();
        repository
            .deployments
            .retain(|deployment| deployment.id != id);
        if repository.deployments.len() == before {
            return Err(missing("deployment", &id));
        }
        Ok(())
    }

    /// Adds a status to a deployment, and puts older deployments aside where
    /// a success does that.
    pub(crate) fn add_deployment_status(
        &self,
        full_name: &str,
        deployment: u64,
        new: NewDeploymentStatus,
    ) -> Result<DeploymentStatus, Missing> {
        let now = self.clock().now_in_seconds();
        let mut state = self.state();
        let id = state.next_id();
        let repository = state.named_or_missing(full_name)?;
        let found = repository
            .deployment_mut(deployment)
            .ok_or_else(|| missing("deployment", &deployment))?;
        let replaces = new.auto_inactive && new.state == DeploymentState::Success;
        let creator = new.creator.clone();
        let status = append_status(found, new, id, now);
        let told = found.clone();
        if replaces {
            put_older_aside(&mut state, full_name, &told, &creator, now);
        }
        drop(state);
        let event = EventKind::DeploymentStatus(Box::new(told), Box::new(status.clone()));
        self.happened(full_name, event);
        Ok(status)
    }
}

fn append_status(
    deployment: &mut Deployment,
    new: NewDeploymentStatus,
    id: u64,
    now: Timestamp,
) -> DeploymentStatus {
    if let Some(environment) = new.environment {
        deployment.environment = environment;
    }
    deployment.updated_at = now;
    let status = DeploymentStatus {
        id,
        state: new.state,
        description: new.description,
        environment: deployment.environment.clone(),
        log_url: new.log_url,
        environment_url: new.environment_url,
        creator: new.creator,
        created_at: now,
    };
    deployment.statuses.push(status.clone());
    status
}

/// Adds `inactive` to the older deployments of an environment that succeeded
/// and are neither transient nor production. GitHub tells nobody of it.
fn put_older_aside(
    state: &mut State,
    full_name: &str,
    newer: &Deployment,
    creator: &str,
    now: Timestamp,
) {
    let candidates: Vec<u64> = state
        .named(full_name)
        .into_iter()
        .flat_map(|repository| &repository.deployments)
        .filter(|older| older.id < newer.id && older.environment == newer.environment)
        .filter(|older| !older.transient_environment && !older.production_environment)
        .filter(|older| older.state() == Some(DeploymentState::Success))
        .map(|older| older.id)
        .collect();
    for older in candidates {
        let id = state.next_id();
        let Some(older) = state
            .named_mut(full_name)
            .and_then(|repository| repository.deployment_mut(older))
        else {
            continue;
        };
        let inactive = NewDeploymentStatus {
            state: DeploymentState::Inactive,
            description: String::new(),
            environment: None,
            log_url: String::new(),
            environment_url: String::new(),
            creator: creator.to_owned(),
            auto_inactive: false,
        };
        append_status(older, inactive, id, now);
    }
}
