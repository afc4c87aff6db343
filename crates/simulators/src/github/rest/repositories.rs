//! Users, and repositories with their branches.

use serde_json::Value;

use super::call::{Answer, Call};
use super::refusal::Refusal;
use crate::github::state::Repository;

/// The user that the token speaks for.
pub(super) fn me(call: &Call) -> Result<Answer, Refusal> {
    if call.caller.installation().is_some() {
        return Err(Refusal::forbidden("Resource not accessible by integration"));
    }
    profile(call, &call.caller.login)
}

/// A user.
pub(super) fn user(call: &Call) -> Result<Answer, Refusal> {
    profile(call, call.parameter("username"))
}

fn profile(call: &Call, login: &str) -> Result<Answer, Refusal> {
    let state = call.github.state();
    let user = state.user(login).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(call.view(&state).profile(user)))
}

/// All repositories.
pub(super) fn list_all(call: &Call) -> Result<Answer, Refusal> {
    let state = call.github.state();
    let view = call.view(&state);
    let all: Vec<&Repository> = call.seen(&state).collect();
    Ok(page(call, &all, |repository| {
        view.listed_repository(repository)
    }))
}

/// The repositories of one owner.
pub(super) fn list_of_owner(call: &Call) -> Result<Answer, Refusal> {
    let state = call.github.state();
    let view = call.view(&state);
    let owner = state
        .user(call.parameter("username"))
        .ok_or_else(Refusal::not_found)?;
    let owned: Vec<&Repository> = call
        .seen(&state)
        .filter(|repository| repository.owner.eq_ignore_ascii_case(&owner.login))
        .collect();
    Ok(page(call, &owned, |repository| {
        view.minimal_repository(repository)
    }))
}

fn page(call: &Call, all: &[&Repository], shape: impl Fn(&Repository) -> Value) -> Answer {
    let shown = call.page().cut(all);
    Answer::ok(shown.into_iter().map(|one| shape(one)).collect()).paged(call, all.len())
}

/// A repository.
pub(super) fn get(call: &Call) -> Result<Answer, Refusal> {
    let state = call.github.state();
    let repository = call.repository(&state)?;
    Ok(Answer::ok(call.view(&state).repository(repository)))
}

/// The branches of a repository.
pub(super) fn branches(call: &Call) -> Result<Answer, Refusal> {
    let branches = call.found()?.git.branches()?;
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let all = branches.len();
    let shown = call
        .page()
        .cut(branches)
        .iter()
        .map(|(name, head)| view.short_branch(repository, name, head))
        .collect();
    Ok(Answer::ok(shown).paged(call, all))
}

/// A branch.
pub(super) fn branch(call: &Call) -> Result<Answer, Refusal> {
    let name = call.parameter("branch");
    let found = call.found()?;
    let Some(head) = found.git.head_of(name)? else {
        return Err(Refusal::no_branch(name));
    };
    let commit = found.commit(&head)?;
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    Ok(Answer::ok(view.branch(repository, name, &commit)))
}
