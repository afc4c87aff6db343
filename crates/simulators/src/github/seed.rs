//! A past for the simulator: what had happened before it was started. Nothing
//! of it is told to anyone.

use jiff::Timestamp;

use super::Github;
use super::record::Missing;
use super::state::{
    CheckRun, CheckStatus, Conclusion, DEPLOY_JOB, Deployment, DeploymentState, DeploymentStatus,
    Repository, Run, SeedCheck, SeedDeployment, State, Suite, Trigger,
};

impl Github {
    /// Records a check of the past.
    ///
    /// # Errors
    ///
    /// When there is no such repository.
    pub fn seed_check(&self, full_name: &str, check: SeedCheck) -> Result<(), Missing> {
        let mut state = self.state();
        let run = state.next_id();
        let id = state.next_id();
        let repository = state.named_or_missing(full_name)?;
        repository
            .checks
            .entry(check.sha.clone())
            .or_default()
            .push(CheckRun {
                id,
                sha: check.sha.clone(),
                suite: Suite::Commit,
                name: check.name.clone(),
                status: check.status,
                started_at: Some(check.started_at),
                completed_at: check.completed_at,
                summary: String::new(),
                run: Some(run),
            });
        repository.begin_run(Run {
            id: run,
            trigger: Trigger::Push,
            status: check.status,
            created_at: check.started_at,
            updated_at: check.completed_at.unwrap_or(check.started_at),
            title: check.name,
            sha: check.sha,
            log: Vec::new(),
        });
        Ok(())
    }

    /// Records a deployment of the past. If it ever succeeded, its environment
    /// serves its commit from now on, so older deployments are to be seeded
    /// before newer ones.
    ///
    /// # Errors
    ///
    /// When there is no such repository.
    pub fn seed_deployment(&self, full_name: &str, seed: SeedDeployment) -> Result<u64, Missing> {
        let mut state = self.state();
        let (run, environment) = (state.next_id(), state.next_id());
        let check = state.next_id();
        state.named_or_missing(full_name)?.environment_or_new(
            &seed.environment,
            environment,
            seed.created_at,
        );
        let log_url = self.links().run(full_name, run);
        let site_url = self.links().site(full_name, &seed.environment);
        let deployment = past_deployment(&mut state, &seed, &log_url, &site_url);
        let id = deployment.id;
        let repository = state.named_or_missing(full_name)?;
        past_run(repository, run, check, &deployment);
        for status in &seed.statuses {
            let line = format!("{}: {}", status.state.word(), status.description);
            repository.log_line(run, status.at, line);
        }
        let succeeded = |status: &DeploymentStatus| status.state == DeploymentState::Success;
        if deployment.statuses.iter().any(succeeded) {
            repository.published.insert(seed.environment, seed.sha);
        }
        repository.deployments.push(deployment);
        Ok(id)
    }
}

fn past_deployment(
    state: &mut State,
    seed: &SeedDeployment,
    log_url: &str,
    site_url: &str,
) -> Deployment {
    let id = state.next_id();
    let statuses: Vec<DeploymentStatus> = seed
        .statuses
        .iter()
        .map(|status| DeploymentStatus {
            id: state.next_id(),
            state: status.state,
            description: status.description.clone(),
            environment: seed.environment.clone(),
            log_url: log_url.to_owned(),
            environment_url: if status.state == DeploymentState::Success {
                site_url.to_owned()
            } else {
                String::new()
            },
            creator: super::state::ACTIONS_BOT.to_owned(),
            created_at: whole_second(status.at),
        })
        .collect();
    Deployment {
        id,
        sha: seed.sha.clone(),
        reference: seed.sha.to_string(),
        task: "deploy".to_owned(),
        payload: seed.payload.clone(),
        original_environment: seed.environment.clone(),
        environment: seed.environment.clone(),
        description: seed.description.clone(),
        creator: seed.creator.clone(),
        transient_environment: false,
        production_environment: seed.environment == "production",
        created_at: whole_second(seed.created_at),
        updated_at: statuses
            .last()
            .map_or(whole_second(seed.created_at), |status| status.created_at),
        statuses,
    }
}

/// Records the run that carried out a deployment and, if anybody picked the
/// deployment up, the check run of its job.
fn past_run(repository: &mut Repository, run: u64, check: u64, deployment: &Deployment) {
    let status = run_status(deployment);
    let title = format!("Deploy to {}", deployment.environment);
    if !deployment.statuses.is_empty() {
        let ended = status.conclusion().is_some();
        let checks = repository.checks.entry(deployment.sha.clone()).or_default();
        checks.push(CheckRun {
            id: check,
            sha: deployment.sha.clone(),
            suite: Suite::Deployment(run),
            name: DEPLOY_JOB.to_owned(),
            status,
            started_at: Some(deployment.created_at),
            completed_at: ended.then_some(deployment.updated_at),
            summary: title.clone(),
            run: Some(run),
        });
    }
    repository.begin_run(Run {
        id: run,
        trigger: Trigger::Deployment,
        status,
        created_at: deployment.created_at,
        updated_at: deployment.updated_at,
        title,
        sha: deployment.sha.clone(),
        log: Vec::new(),
    });
}

/// How far the run is that carried out a deployment.
fn run_status(deployment: &Deployment) -> CheckStatus {
    match deployment.state() {
        None => CheckStatus::Queued,
        Some(DeploymentState::Success | DeploymentState::Inactive) => {
            CheckStatus::Completed(Conclusion::Success)
        }
        Some(state) if state.is_final() => CheckStatus::Completed(Conclusion::Failure),
        Some(_) => CheckStatus::InProgress,
    }
}

/// GitHub's times have no fractions.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
