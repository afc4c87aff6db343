//! The environments of a repository.

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::fields::Fields;
use super::refusal::Refusal;
use crate::github::state::{BranchPolicy, Environment, State};

/// How long a job can be made to wait, in minutes: 30 days.
const LONGEST_WAIT: u64 = 43_200;

/// How many reviewers an environment can have.
const MOST_REVIEWERS: usize = 6;

/// How long a name can be, in characters.
const LONGEST_NAME: usize = 255;

/// The environments of a repository.
pub(super) fn list(call: &Call) -> Result<Answer, Refusal> {
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let all = repository.environments.len();
    let shown: Vec<Value> = call
        .page()
        .cut(&repository.environments)
        .into_iter()
        .map(|environment| view.environment(repository, environment))
        .collect();
    let answer = Answer::ok(json!({ "total_count": all, "environments": shown }));
    Ok(answer.paged(call, all))
}

/// An environment.
pub(super) fn get(call: &Call) -> Result<Answer, Refusal> {
    let state = call.github.state();
    let repository = call.repository(&state)?;
    repository
        .environment(call.parameter("environment_name"))
        .map(|found| Answer::ok(call.view(&state).environment(repository, found)))
        .ok_or_else(Refusal::not_found)
}

/// Deletes an environment. Its deployments stay.
pub(super) fn delete(call: &Call) -> Result<Answer, Refusal> {
    let full_name = call.found()?.full_name;
    let name = call.parameter("environment_name");
    call.github.delete_environment(&full_name, name)?;
    Ok(Answer::nothing())
}

/// What an environment's rules are to be; what is left out is taken away.
struct Rules {
    wait_timer: u32,
    prevent_self_review: bool,
    reviewers: Vec<String>,
    branch_policy: Option<BranchPolicy>,
}

/// Creates an environment, or changes its rules.
pub(super) fn put(call: &Call) -> Result<Answer, Refusal> {
    let full_name = call.found()?.full_name;
    let name = call.parameter("environment_name");
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Refusal::unprocessable(
            "Environment name must have 1 to 255 characters",
        ));
    }
    let rules = {
        let state = call.github.state();
        rules(&call.fields()?, &state)?
    };
    let environment = call
        .github
        .put_environment(&full_name, name, |environment| {
            apply(rules, environment);
        })?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    Ok(Answer::ok(
        call.view(&state).environment(repository, &environment),
    ))
}

fn apply(rules: Rules, environment: &mut Environment) {
    environment.wait_timer = rules.wait_timer;
    environment.prevent_self_review = rules.prevent_self_review;
    environment.reviewers = rules.reviewers;
    environment.branch_policy = rules.branch_policy;
}

fn rules(fields: &Fields, state: &State) -> Result<Rules, Refusal> {
    let wait = fields.number("wait_timer")?.unwrap_or(0);
    let wait_timer = u32::try_from(wait)
        .ok()
        .filter(|_| wait <= LONGEST_WAIT)
        .ok_or_else(|| Refusal::unprocessable("Wait timer must be between 0 and 43200 minutes"))?;
    Ok(Rules {
        wait_timer,
        prevent_self_review: fields.flag("prevent_self_review")?.unwrap_or(false),
        reviewers: reviewers(fields, state)?,
        branch_policy: branch_policy(fields)?,
    })
}

/// The logins of the reviewers, who are given by kind and id.
fn reviewers(fields: &Fields, state: &State) -> Result<Vec<String>, Refusal> {
    let Some(given) = fields.list("reviewers")? else {
        return Ok(Vec::new());
    };
    if given.len() > MOST_REVIEWERS {
        return Err(Refusal::unprocessable(
            "An environment can have at most 6 reviewers",
        ));
    }
    given
        .iter()
        .map(|reviewer| {
            let id = reviewer["id"].as_u64();
            state
                .users
                .values()
                .find(|user| reviewer["type"] == "User" && Some(user.id) == id)
                .map(|user| user.login.clone())
                .ok_or_else(|| {
                    Refusal::unprocessable(format!("There is no such reviewer: {reviewer}"))
                })
        })
        .collect()
}

fn branch_policy(fields: &Fields) -> Result<Option<BranchPolicy>, Refusal> {
    let Some(policy) = fields.object("deployment_branch_policy")? else {
        return Ok(None);
    };
    let policy = BranchPolicy {
        protected_branches: policy.flag("protected_branches")?.unwrap_or(false),
        custom_branch_policies: policy.flag("custom_branch_policies")?.unwrap_or(false),
    };
    if policy.protected_branches == policy.custom_branch_policies {
        return Err(Refusal::unprocessable(
            "protected_branches and custom_branch_policies cannot have the same value",
        ));
    }
    Ok(Some(policy))
}
