//! References: branches and tags by their qualified names.

use super::call::{Answer, Call};
use super::refusal::Refusal;
use crate::github::git::{Resolved, Sha};

/// A branch or tag by its qualified name.
pub(super) fn get(call: &Call) -> Result<Answer, Refusal> {
    let name = format!("refs/{}", call.parameter("ref"));
    let sha = head_of(call, &name)?.ok_or_else(Refusal::not_found)?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    Ok(Answer::ok(
        call.view(&state).reference(repository, &name, &sha),
    ))
}

/// Moves a branch to another commit: forward, or anywhere when it is forced.
pub(super) fn update(call: &Call) -> Result<Answer, Refusal> {
    let fields = call.fields()?;
    let name = format!("refs/{}", call.parameter("ref"));
    let target = fields.required_text("sha")?;
    let forced = fields.flag("force")?.unwrap_or(false);
    let found = call.found()?;
    let Some(branch) = name.strip_prefix("refs/heads/") else {
        // Tags can't be moved here.
        return Err(missing());
    };
    let before = found.git.head_of(branch)?.ok_or_else(missing)?;
    let after: Sha = target
        .parse()
        .map_err(|_| Refusal::unprocessable("The SHA must be 40 hex digits."))?;
    if found.git.commit(&after)?.is_none() {
        return Err(Refusal::unprocessable("Object does not exist"));
    }
    call.github.alone(|| {
        if !forced && found.git.compare(&before, &after)?.behind > 0 {
            return Err(Refusal::unprocessable("Update is not a fast forward"));
        }
        Ok(found.git.set_branch(branch, &after)?)
    })?;
    call.github
        .push(&found.full_name, branch, &after, &call.caller.login)?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    let view = call.view(&state);
    Ok(Answer::ok(view.reference(repository, &name, &after)))
}

fn missing() -> Refusal {
    Refusal::unprocessable("Reference does not exist")
}

fn head_of(call: &Call, name: &str) -> Result<Option<Sha>, Refusal> {
    let git = call.found()?.git;
    if let Some(branch) = name.strip_prefix("refs/heads/") {
        return Ok(git.head_of(branch)?);
    }
    if !name.starts_with("refs/tags/") {
        return Ok(None);
    }
    Ok(match git.resolve(name)? {
        Resolved::Commit(sha) => Some(sha),
        Resolved::Other { .. } | Resolved::Ambiguous(_) | Resolved::Missing => None,
    })
}
