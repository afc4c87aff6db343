//! Files of a repository: reading them, and changing one in a commit.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;

use super::call::{Answer, Call, Found};
use super::fields::{Fields, not_supplied};
use super::refusal::Refusal;
use super::shape::content::Place;
use crate::github::git::{Entry, Mode, Sha, Signature};

/// A file or a directory.
pub(super) fn get(call: &Call) -> Result<Answer, Refusal> {
    let found = call.found()?;
    let reference = call.asked("ref").unwrap_or(&found.default_branch);
    let path = call.parameter("path").trim_matches('/');
    let commit = found.resolve(reference)?.ok_or_else(|| {
        Refusal::not_found_because(format!("No commit found for the ref {reference}"))
    })?;
    if !path.is_empty() && check_path(path).is_err() {
        return Err(Refusal::not_found());
    }
    let entry = found
        .git
        .read(&commit, path)?
        .ok_or_else(Refusal::not_found)?;
    if let (true, Entry::File { bytes, .. }) = (call.accepts("raw"), &entry) {
        return Ok(Answer::bytes(
            "application/vnd.github.raw; charset=utf-8",
            bytes.clone(),
        ));
    }
    let state = call.github.state();
    let (view, repository) = (call.view(&state), call.repository(&state)?);
    Ok(Answer::ok(match entry {
        Entry::File { sha, bytes, mode } => {
            let place = Place {
                reference,
                path,
                sha: &sha,
                mode,
                size: size_of(&bytes),
            };
            view.content_file(repository, &place, &bytes)
        }
        Entry::Directory(items) => view.content_directory(repository, reference, path, &items),
    }))
}

/// A change of one file, as its author wants it.
struct Change {
    path: String,
    bytes: Vec<u8>,
    message: String,
    branch: String,
    /// The blob that the author believes is there.
    replaces: Option<String>,
    author: Signature,
    committer: Signature,
}

/// Creates or updates a file: a commit on a branch.
pub(super) fn put(call: &Call) -> Result<Answer, Refusal> {
    let found = call.found()?;
    let change = change(call, &found)?;
    let (created, commit) = call.github.alone(|| commit_change(&found, &change))?;
    call.github.push(
        &found.full_name,
        &change.branch,
        &commit,
        &call.caller.login,
    )?;
    let sha = match found.git.sha_at(&commit, &change.path)? {
        Some((_, sha)) => sha,
        None => return Err(Refusal::not_found()),
    };
    let commit = found.commit(&commit)?;
    let state = call.github.state();
    let repository = call.repository(&state)?;
    let place = Place {
        reference: &change.branch,
        path: &change.path,
        sha: &sha,
        mode: Mode::File,
        size: size_of(&change.bytes),
    };
    let shape = call.view(&state).file_commit(repository, &place, &commit);
    Ok(if created {
        Answer::created(shape)
    } else {
        Answer::ok(shape)
    })
}

fn change(call: &Call, found: &Found) -> Result<Change, Refusal> {
    let fields = call.fields()?;
    let message = fields.required_text("message")?.to_owned();
    let encoded: String = fields
        .required_text("content")?
        .split_ascii_whitespace()
        .collect();
    let bytes = BASE64_STANDARD
        .decode(encoded)
        .map_err(|_| Refusal::unprocessable("content is not valid Base64"))?;
    let path = call.parameter("path");
    check_path(path)?;
    let caller = caller_signature(call);
    let committer = signature(&fields, "committer", &caller)?;
    let author = signature(&fields, "author", &committer)?;
    Ok(Change {
        path: path.to_owned(),
        bytes,
        message,
        branch: fields
            .text("branch")?
            .unwrap_or(&found.default_branch)
            .to_owned(),
        replaces: fields.text("sha")?.map(str::to_owned),
        author,
        committer,
    })
}

/// Checks the change against what is there, and commits it. The answer says
/// whether the file is new.
fn commit_change(found: &Found, change: &Change) -> Result<(bool, Sha), Refusal> {
    let head = found.git.head_of(&change.branch)?;
    let nothing_yet = found.git.branches()?.is_empty();
    if head.is_none() && !nothing_yet {
        return Err(Refusal::no_branch(&change.branch));
    }
    let there = match &head {
        Some(head) => found.git.sha_at(head, &change.path)?,
        None => None,
    };
    if let Some(head) = &head {
        check_parents(found, head, &change.path)?;
    }
    match (&there, &change.replaces) {
        (Some((Mode::Directory | Mode::Submodule, _)), _) => {
            return Err(Refusal::unprocessable(format!(
                "{} is not a file",
                change.path
            )));
        }
        (Some(_), None) => return Err(not_supplied("sha")),
        (Some((_, sha)), Some(replaces)) if sha.as_str() != replaces => {
            return Err(does_not_match(change, replaces));
        }
        (None, Some(replaces)) => return Err(does_not_match(change, replaces)),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let files = [(change.path.clone(), Some(change.bytes.clone()))];
    let commit = found.git.commit_files(
        &change.branch,
        &files,
        &change.message,
        &change.author,
        &change.committer,
    )?;
    Ok((there.is_none(), commit))
}

/// A file can't lie below another file.
fn check_parents(found: &Found, head: &Sha, path: &str) -> Result<(), Refusal> {
    for (index, _) in path.match_indices('/') {
        match found.git.sha_at(head, &path[..index])? {
            None => return Ok(()),
            Some((Mode::Directory, _)) => {}
            Some(_) => {
                let file = &path[..index];
                return Err(Refusal::unprocessable(format!("{file} is not a directory")));
            }
        }
    }
    Ok(())
}

fn does_not_match(change: &Change, replaces: &str) -> Refusal {
    Refusal::conflict(format!("{} does not match {replaces}", change.path))
}

/// Refuses paths that a git tree can't hold, or that lead out of it.
fn check_path(path: &str) -> Result<(), Refusal> {
    let malformed = |part: &str| {
        part.is_empty()
            || part == "."
            || part == ".."
            || part.eq_ignore_ascii_case(".git")
            || part.contains(['\0', '\\'])
    };
    if path.starts_with('/') {
        return Err(Refusal::unprocessable("path cannot start with a slash"));
    }
    if path.split('/').any(malformed) {
        return Err(Refusal::unprocessable(
            "path contains a malformed path component",
        ));
    }
    Ok(())
}

fn caller_signature(call: &Call) -> Signature {
    let state = call.github.state();
    let user = state.user(&call.caller.login);
    Signature {
        name: user.map_or(&call.caller.login, |user| &user.name).clone(),
        email: user.map(|user| user.email.clone()).unwrap_or_default(),
        at: call.github.clock().now_in_seconds(),
        offset_seconds: 0,
    }
}

/// Who is named in a field, or else `otherwise`.
fn signature(fields: &Fields, field: &str, otherwise: &Signature) -> Result<Signature, Refusal> {
    let Some(who) = fields.object(field)? else {
        return Ok(otherwise.clone());
    };
    let at = match who.text("date")? {
        None => otherwise.at,
        Some(date) => date.parse::<Timestamp>().map_err(|_| {
            Refusal::invalid_request(&format!(
                "For 'properties/{field}/date', \"{date}\" is not a date."
            ))
        })?,
    };
    Ok(Signature {
        name: clean(who.required_text("name")?),
        email: clean(who.required_text("email")?),
        at,
        offset_seconds: 0,
    })
}

/// A name without what would break a commit's header.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control() && !matches!(letter, '<' | '>'))
        .collect()
}

fn size_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
