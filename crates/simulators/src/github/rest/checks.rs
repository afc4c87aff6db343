//! Check runs, check suites and statuses of a commit.

use serde_json::json;

use super::call::{Answer, Call, Found};
use super::refusal::Refusal;
use crate::github::checks;
use crate::github::git::{Commit, Sha};
use crate::github::record::NewCommitStatus;
use crate::github::state::{CheckRun, CommitStatus, StatusState};

/// How long the description of a status can be, in characters.
pub(super) const LONGEST_DESCRIPTION: usize = 140;

/// The check runs of a commit.
pub(super) fn list_runs(call: &Call) -> Result<Answer, Refusal> {
    let commit = commit(call)?;
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let mut runs = checks::of(repository, &commit.sha, commit.committer.at);
    if call.asked("filter") != Some("all") {
        runs = checks::newest(runs);
    }
    runs.retain(|run| wanted(call, run));
    let all = runs.len();
    let shown: Vec<_> = call
        .page()
        .cut(&runs)
        .into_iter()
        .map(|run| view.check_run(repository, run))
        .collect();
    let answer = Answer::ok(json!({ "total_count": all, "check_runs": shown }));
    Ok(answer.paged(call, all))
}

fn wanted(call: &Call, run: &CheckRun) -> bool {
    call.asked("check_name").is_none_or(|name| run.name == name)
        && call
            .asked("status")
            .is_none_or(|status| run.status.word() == status)
}

/// The suites of a commit's check runs.
pub(super) fn list_suites(call: &Call) -> Result<Answer, Refusal> {
    let commit = commit(call)?;
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let runs = checks::of(repository, &commit.sha, commit.committer.at);
    let suites = checks::suites(&runs);
    let shown: Vec<_> = call
        .page()
        .cut(&suites)
        .into_iter()
        .map(|suite| {
            let runs = checks::in_suite(runs.clone(), *suite);
            view.check_suite(repository, &commit, *suite, &runs)
        })
        .collect();
    let answer = Answer::ok(json!({ "total_count": suites.len(), "check_suites": shown }));
    Ok(answer.paged(call, suites.len()))
}

/// A check run by its id.
pub(super) fn get_run(call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("check_run_id")?;
    let derived_of = match checks::digits_of_derived(id) {
        Some(digits) => {
            let found = call.found()?;
            found
                .resolve(&digits)?
                .map(|sha| found.commit(&sha))
                .transpose()?
        }
        None => None,
    };
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let derived = derived_of
        .map(|commit| checks::of(repository, &commit.sha, commit.committer.at))
        .unwrap_or_default();
    repository
        .checks
        .values()
        .flatten()
        .chain(&derived)
        .find(|run| run.id == id)
        .map(|run| Answer::ok(view.check_run(repository, run)))
        .ok_or_else(Refusal::not_found)
}

/// The newest status of each context of a commit, and all folded into one.
pub(super) fn combined_status(call: &Call) -> Result<Answer, Refusal> {
    let sha = commit(call)?.sha;
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let statuses = repository.newest_statuses(&sha);
    let shown = call.page().cut(statuses.iter().copied());
    let combined = view.combined_status(repository, &sha, &statuses, &shown);
    Ok(Answer::ok(combined).paged(call, statuses.len()))
}

/// All statuses of a commit, newest first.
pub(super) fn list_statuses(call: &Call) -> Result<Answer, Refusal> {
    let sha = commit(call)?.sha;
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let statuses: Vec<&CommitStatus> = repository
        .statuses
        .get(&sha)
        .into_iter()
        .flatten()
        .rev()
        .collect();
    let shown = call
        .page()
        .cut(&statuses)
        .into_iter()
        .map(|status| view.status(repository, status))
        .collect();
    Ok(Answer::ok(shown).paged(call, statuses.len()))
}

/// Writes a status.
pub(super) fn create_status(call: &Call) -> Result<Answer, Refusal> {
    let found = call.found()?;
    let sha = whole_sha(&found, call.parameter("sha"))?;
    let new = new_status(call, sha)?;
    let status = call.github.add_commit_status(&found.full_name, new)?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    Ok(Answer::created(
        call.view(&state).status(repository, &status),
    ))
}

fn new_status(call: &Call, sha: Sha) -> Result<NewCommitStatus, Refusal> {
    let fields = call.fields()?;
    let state = fields.required_text("state")?;
    let state = StatusState::from_word(state).ok_or_else(|| {
        Refusal::validation("Status", "state", "state is not included in the list")
    })?;
    let description = fields.text("description")?;
    if description.is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        let problem = "description is too long (maximum is 140 characters)";
        return Err(Refusal::validation("Status", "description", problem));
    }
    Ok(NewCommitStatus {
        sha,
        context: fields.text("context")?.unwrap_or("default").to_owned(),
        state,
        description: description.map(str::to_owned),
        target_url: fields.text("target_url")?.map(str::to_owned),
        creator: call.caller.login.clone(),
    })
}

fn whole_sha(found: &Found, text: &str) -> Result<Sha, Refusal> {
    let sha = text.parse::<Sha>().map_err(|_| Refusal::no_commit(text))?;
    match found.git.commit(&sha)? {
        Some(commit) => Ok(commit.sha),
        None => Err(Refusal::no_commit(text)),
    }
}

fn commit(call: &Call) -> Result<Commit, Refusal> {
    let name = call.parameter("ref");
    let found = call.found()?;
    let sha = found
        .resolve(name)?
        .ok_or_else(|| Refusal::no_commit(name))?;
    found.commit(&sha)
}
