//! Commits: lists of them, one of them, and two of them compared.

use super::call::{Answer, Call, Found};
use super::refusal::Refusal;
use super::shape::commit::Compared;
use crate::github::diff;
use crate::github::git::{Commit, Sha};

/// How many commits a comparison tells unless a page is asked for.
const COMPARED: usize = 250;

/// Commits, newest first, of a branch or back from a commit, perhaps only those
/// that change a path.
pub(super) fn list(call: &Call) -> Result<Answer, Refusal> {
    let found = call.found()?;
    if found.git.branches()?.is_empty() {
        return Err(Refusal::conflict("Git Repository is empty."));
    }
    let from = call.asked("sha").unwrap_or(&found.default_branch);
    let from = found.resolve(from)?.ok_or_else(Refusal::not_found)?;
    let (shas, all) = listed(call, &found, &from)?;
    let commits = read(&found, &shas)?;
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let shown = commits
        .iter()
        .map(|commit| view.commit(repository, commit))
        .collect();
    Ok(Answer::ok(shown).paged(call, all))
}

/// The commits of the page and how many there are; the latter is counted only
/// as far as needed when a path is asked for.
fn listed(call: &Call, found: &Found, from: &Sha) -> Result<(Vec<Sha>, usize), Refusal> {
    let page = call.page();
    let (skip, length) = (page.skip(), page.length);
    let Some(path) = call.asked("path") else {
        let shas = found.git.log(from, skip, length)?;
        return Ok((shas, found.git.count(from)?));
    };
    let mut shas = found.git.log_of_path(from, path, skip, length + 1)?;
    let all = skip.saturating_add(shas.len());
    shas.truncate(length);
    Ok((shas, all))
}

fn read(found: &Found, shas: &[Sha]) -> Result<Vec<Commit>, Refusal> {
    shas.iter().map(|sha| found.commit(sha)).collect()
}

/// A commit with what it changed against its first parent.
pub(super) fn get(call: &Call) -> Result<Answer, Refusal> {
    let name = call.parameter("ref");
    let found = call.found()?;
    let sha = found
        .resolve(name)?
        .ok_or_else(|| Refusal::no_commit(name))?;
    if call.accepts("sha") {
        let text = sha.as_str().as_bytes().to_vec();
        return Ok(Answer::bytes(
            "application/vnd.github.sha; charset=utf-8",
            text,
        ));
    }
    let commit = found.commit(&sha)?;
    let files = diff::between(&found.git, commit.parents.first(), &sha)?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    Ok(Answer::ok(
        call.view(&state)
            .commit_with_files(repository, &commit, &files),
    ))
}

/// How `base...head` compare.
pub(super) fn compare(call: &Call) -> Result<Answer, Refusal> {
    let (base, head) = call
        .parameter("basehead")
        .split_once("...")
        .ok_or_else(Refusal::not_found)?;
    let found = call.found()?;
    let compared = compared(call, &found, base, head)?;
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    let answer = Answer::ok(view.comparison(repository, &compared));
    Ok(if pages(call) {
        answer.paged(call, compared.comparison.ahead)
    } else {
        answer
    })
}

fn compared(call: &Call, found: &Found, base: &str, head: &str) -> Result<Compared, Refusal> {
    let base_sha = side(found, base)?;
    let head_sha = side(found, head)?;
    let comparison = found.git.compare(&base_sha, &head_sha)?;
    let merge_base = comparison
        .merge_base
        .clone()
        .ok_or_else(Refusal::not_found)?;
    let oldest_first = comparison.ahead_commits.iter().rev().cloned();
    let shown: Vec<Sha> = if pages(call) {
        call.page().cut(oldest_first)
    } else {
        oldest_first.take(COMPARED).collect()
    };
    let first_page = !pages(call) || call.page().number == 1;
    let files = if first_page {
        diff::between(&found.git, Some(&merge_base), &head_sha)?
    } else {
        Vec::new()
    };
    Ok(Compared {
        names: (base.to_owned(), head.to_owned()),
        base: found.commit(&base_sha)?,
        merge_base: found.commit(&merge_base)?,
        commits: read(found, &shown)?,
        comparison,
        files,
    })
}

fn pages(call: &Call) -> bool {
    call.asked("page").is_some() || call.asked("per_page").is_some()
}

/// One side of a comparison: `branch`, `sha`, or `owner:branch`.
fn side(found: &Found, name: &str) -> Result<Sha, Refusal> {
    let owner = found.full_name.split('/').next().unwrap_or_default();
    let name = match name.split_once(':') {
        Some((named, rest)) if named.eq_ignore_ascii_case(owner) => rest,
        Some(_) => return Err(Refusal::not_found()),
        None => name,
    };
    found.resolve(name)?.ok_or_else(Refusal::not_found)
}
