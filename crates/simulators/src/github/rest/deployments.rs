//! Deployments: made by branch, tag or SHA, listed, read, deleted.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Answer, Call, Found};
use super::fields::Fields;
use super::refusal::Refusal;
use crate::github::checks;
use crate::github::git::{Sha, Signature};
use crate::github::record::NewDeployment;
use crate::github::state::{Deployment, DeploymentState, Repository, StatusState};

/// How long the name of an environment can be, in characters.
const LONGEST_ENVIRONMENT: usize = 255;

/// The deployments of a repository, newest first.
pub(super) fn list(call: &Call) -> Result<Answer, Refusal> {
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let wanted: Vec<&Deployment> = repository
        .deployments
        .iter()
        .rev()
        .filter(|deployment| is_wanted(call, deployment))
        .collect();
    let shown = call
        .page()
        .cut(&wanted)
        .into_iter()
        .map(|deployment| view.deployment(repository, deployment))
        .collect();
    Ok(Answer::ok(shown).paged(call, wanted.len()))
}

fn is_wanted(call: &Call, deployment: &Deployment) -> bool {
    let fits = |name: &str, value: &str| {
        call.asked(name)
            .is_none_or(|asked| asked == "none" || asked == value)
    };
    fits("sha", deployment.sha.as_str())
        && fits("ref", &deployment.reference)
        && fits("task", &deployment.task)
        && fits("environment", &deployment.environment)
}

/// A deployment.
pub(super) fn get(call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("deployment_id")?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    repository
        .deployment(id)
        .map(|deployment| Answer::ok(call.view(&state).deployment(repository, deployment)))
        .ok_or_else(Refusal::not_found)
}

/// Deletes a deployment that is inactive, or the only one.
pub(super) fn delete(call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("deployment_id")?;
    let full_name = {
        let state = call.github.state();
        let repository = call.repository(&state)?;
        let deployment = repository.deployment(id).ok_or_else(Refusal::not_found)?;
        let inactive = deployment.state() == Some(DeploymentState::Inactive);
        if !inactive && repository.deployments.len() > 1 {
            return Err(Refusal::unprocessable(
                "We cannot delete an active deployment unless it is the only deployment in a \
                 given environment.",
            ));
        }
        repository.full_name()
    };
    call.github.delete_deployment(&full_name, id)?;
    Ok(Answer::nothing())
}

/// What is asked for beside the deployment itself.
struct Wishes {
    new: NewDeployment,
    auto_merge: bool,
    /// The contexts that must be green; none given means all that there are.
    required_contexts: Option<Vec<String>>,
}

/// Creates a deployment; or merges the default branch into the one that is to
/// be deployed, and creates none.
pub(super) fn create(call: &Call) -> Result<Answer, Refusal> {
    let found = call.found()?;
    let wishes = wishes(call, &found)?;
    if wishes.auto_merge
        && let Some(answer) = merge_if_behind(call, &found, &wishes.new.reference)?
    {
        return Ok(answer);
    }
    check_contexts(call, &found, &wishes)?;
    let deployment = call
        .github
        .create_deployment(&found.full_name, wishes.new)?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    Ok(Answer::created(
        call.view(&state).deployment(repository, &deployment),
    ))
}

fn wishes(call: &Call, found: &Found) -> Result<Wishes, Refusal> {
    let fields = call.fields()?;
    let reference = fields.required_text("ref")?;
    let environment = environment(&fields)?;
    let required_contexts = fields
        .texts("required_contexts")?
        .map(|names| names.into_iter().map(str::to_owned).collect());
    let production = fields.flag("production_environment")?;
    let new = NewDeployment {
        task: fields.text("task")?.unwrap_or("deploy").to_owned(),
        payload: payload(&fields)?,
        description: fields.text("description")?.map(str::to_owned),
        creator: call.caller.login.clone(),
        transient_environment: fields.flag("transient_environment")?.unwrap_or(false),
        production_environment: production.unwrap_or(environment == "production"),
        environment,
        sha: found
            .resolve(reference)?
            .ok_or_else(|| Refusal::unprocessable(format!("No ref found for: {reference}")))?,
        reference: reference.to_owned(),
    };
    Ok(Wishes {
        new,
        auto_merge: fields.flag("auto_merge")?.unwrap_or(true),
        required_contexts,
    })
}

fn environment(fields: &Fields) -> Result<String, Refusal> {
    let name = fields.text("environment")?.unwrap_or("production");
    if name.is_empty() || name.chars().count() > LONGEST_ENVIRONMENT {
        let problem = "environment must have 1 to 255 characters";
        return Err(Refusal::validation("Deployment", "environment", problem));
    }
    Ok(name.to_owned())
}

/// The payload as it came: an object or a string; left out, an empty object.
fn payload(fields: &Fields) -> Result<Value, Refusal> {
    match fields.get("payload") {
        None => Ok(json!({})),
        Some(payload @ (Value::Object(_) | Value::String(_))) => Ok(payload.clone()),
        Some(other) => Err(Refusal::invalid_request(&format!(
            "For 'properties/payload', {other} is not an object or a string."
        ))),
    }
}

/// Brings a branch that lacks commits of the default branch up to date, and
/// says so; none when it lacks none, or is no branch.
fn merge_if_behind(call: &Call, found: &Found, reference: &str) -> Result<Option<Answer>, Refusal> {
    let default = &found.default_branch;
    let (Some(head), Some(newest)) = (found.git.head_of(reference)?, found.git.head_of(default)?)
    else {
        return Ok(None);
    };
    if found.git.compare(&head, &newest)?.ahead == 0 {
        return Ok(None);
    }
    let message = format!("Merge {default} into {reference}");
    let merged = found
        .git
        .merge(reference, &newest, &message, &actions_signature(call))?
        .ok_or_else(|| {
            Refusal::conflict(format!("Conflict merging {default} into {reference}."))
        })?;
    call.github
        .push(&found.full_name, reference, &merged, &call.caller.login)?;
    let message = format!("Auto-merged {default} into {reference} on deployment.");
    Ok(Some(Answer::accepted(json!({ "message": message }))))
}

fn actions_signature(call: &Call) -> Signature {
    Signature {
        name: "GitHub".to_owned(),
        email: "noreply@github.example".to_owned(),
        at: call.github.clock().now_in_seconds(),
        offset_seconds: 0,
    }
}

/// Refuses a commit of which a required context is not green.
fn check_contexts(call: &Call, found: &Found, wishes: &Wishes) -> Result<(), Refusal> {
    let commit = found.commit(&wishes.new.sha)?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    let known = contexts(repository, &commit.sha, commit.committer.at);
    let required: Vec<(String, &str)> = match &wishes.required_contexts {
        None => known,
        Some(names) => names
            .iter()
            .map(|name| {
                let found = known.iter().find(|(context, _)| context == name);
                (name.clone(), found.map_or("expected", |(_, state)| state))
            })
            .collect(),
    };
    if required.iter().all(|(_, state)| *state == "success") {
        return Ok(());
    }
    let contexts: Vec<Value> = required
        .iter()
        .map(|(context, state)| json!({ "context": context, "state": state }))
        .collect();
    let refusal = Refusal::conflict(format!(
        "Conflict: Commit status checks failed for {}.",
        wishes.new.reference
    ));
    Err(refusal.with_errors(json!([{
        "resource": "Deployment",
        "field": "required_contexts",
        "code": "invalid",
        "contexts": contexts,
    }])))
}

/// Each status context and check of a commit, with the word for its state.
fn contexts(
    repository: &Repository,
    sha: &Sha,
    committed_at: Timestamp,
) -> Vec<(String, &'static str)> {
    let statuses = repository
        .newest_statuses(sha)
        .into_iter()
        .map(|status| (status.context.clone(), status.state.word()));
    let runs = checks::counted(checks::of(repository, sha, committed_at));
    let runs = runs.into_iter().map(|run| {
        let state = match run.status.conclusion() {
            None => StatusState::Pending,
            Some(_) if run.status.is_good() => StatusState::Success,
            Some(_) => StatusState::Failure,
        };
        (run.name, state.word())
    });
    statuses.chain(runs).collect()
}
