//! The statuses of a deployment: its steps.

use super::call::{Answer, Call};
use super::checks::LONGEST_DESCRIPTION;
use super::refusal::Refusal;
use crate::github::record::NewDeploymentStatus;
use crate::github::state::DeploymentState;

/// The statuses of a deployment, newest first.
pub(super) fn list(call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("deployment_id")?;
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let deployment = repository.deployment(id).ok_or_else(Refusal::not_found)?;
    let shown = call
        .page()
        .cut(deployment.statuses.iter().rev())
        .into_iter()
        .map(|status| view.deployment_status(repository, deployment, status))
        .collect();
    Ok(Answer::ok(shown).paged(call, deployment.statuses.len()))
}

/// A status of a deployment.
pub(super) fn get(call: &Call) -> Result<Answer, Refusal> {
    let (id, status) = (call.id("deployment_id")?, call.id("status_id")?);
    let state = call.github.state();
    let repository = call.repository(&state)?;
    let deployment = repository.deployment(id).ok_or_else(Refusal::not_found)?;
    let status = deployment
        .statuses
        .iter()
        .find(|known| known.id == status)
        .ok_or_else(Refusal::not_found)?;
    let view = call.view(&state);
    Ok(Answer::ok(
        view.deployment_status(repository, deployment, status),
    ))
}

/// Writes a status.
pub(super) fn create(call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("deployment_id")?;
    let full_name = call.found()?.full_name;
    if call
        .repository(&call.github.state())?
        .deployment(id)
        .is_none()
    {
        return Err(Refusal::not_found());
    }
    let new = new_status(call)?;
    let status = call.github.add_deployment_status(&full_name, id, new)?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    let deployment = repository.deployment(id).ok_or_else(Refusal::not_found)?;
    let view = call.view(&state);
    Ok(Answer::created(
        view.deployment_status(repository, deployment, &status),
    ))
}

fn new_status(call: &Call) -> Result<NewDeploymentStatus, Refusal> {
    let fields = call.fields()?;
    let state = fields.required_text("state")?;
    // `waiting` is for GitHub to write.
    let state = DeploymentState::from_word(state)
        .filter(|state| *state != DeploymentState::Waiting)
        .ok_or_else(|| {
            let problem = "state is not included in the list";
            Refusal::validation("DeploymentStatus", "state", problem)
        })?;
    let description = fields.text("description")?.unwrap_or_default();
    if description.chars().count() > LONGEST_DESCRIPTION {
        let problem = "description is too long (maximum is 140 characters)";
        return Err(Refusal::validation(
            "DeploymentStatus",
            "description",
            problem,
        ));
    }
    let log_url = match fields.text("log_url")? {
        Some(url) => url,
        None => fields.text("target_url")?.unwrap_or_default(),
    };
    Ok(NewDeploymentStatus {
        state,
        description: description.to_owned(),
        environment: fields.text("environment")?.map(str::to_owned),
        log_url: log_url.to_owned(),
        environment_url: fields
            .text("environment_url")?
            .unwrap_or_default()
            .to_owned(),
        creator: call.caller.login.clone(),
        auto_inactive: fields.flag("auto_inactive")?.unwrap_or(true),
    })
}
