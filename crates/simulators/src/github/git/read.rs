//! From git's own objects to ours.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use gix::{ObjectId, bstr::ByteSlice as _};

use super::{Commit, Filter, Item, Mode, ObjectKind, Resolved, Sha, Signature, Tag};

pub(super) fn resolve_id(repository: &gix::Repository, id: ObjectId) -> Result<Resolved> {
    let Some(header) = repository
        .try_find_header(id)
        .with_context(|| format!("cannot read object {id}"))?
    else {
        return Ok(Resolved::Missing);
    };
    let kind = match header.kind() {
        gix::object::Kind::Commit => return Ok(Resolved::Commit(Sha::from(id))),
        gix::object::Kind::Tree => ObjectKind::Tree,
        gix::object::Kind::Blob => ObjectKind::Blob,
        gix::object::Kind::Tag => ObjectKind::Tag,
    };
    let sha = Sha::from(id);
    Ok(Resolved::Other { kind, sha })
}

pub(super) fn resolve_abbreviated(repository: &gix::Repository, text: &str) -> Result<Resolved> {
    let prefix = gix::hash::Prefix::from_hex(text).context("the digits are hex")?;
    let mut candidates = HashSet::new();
    repository
        .objects
        .lookup_prefix(prefix, Some(&mut candidates))
        .with_context(|| format!("cannot look up {text}"))?;
    let mut commits = Vec::new();
    let mut other = Resolved::Missing;
    for id in &candidates {
        match resolve_id(repository, *id)? {
            Resolved::Commit(sha) => commits.push(sha),
            resolved => other = resolved,
        }
    }
    commits.sort();
    Ok(match commits.as_slice() {
        // As `git rev-parse x^{commit}`: the only commit is meant.
        [commit] => Resolved::Commit(commit.clone()),
        [] if candidates.len() == 1 => other,
        [] if candidates.is_empty() => Resolved::Missing,
        _ => Resolved::Ambiguous(commits),
    })
}

pub(super) fn read_commit(object: &gix::Commit<'_>) -> Result<Commit> {
    let sha = Sha::from(object.id);
    let commit = object
        .decode()
        .with_context(|| format!("commit {sha} is malformed"))?;
    Ok(Commit {
        tree: Sha::from(commit.tree()),
        parents: commit.parents().map(Sha::from).collect(),
        author: read_signature(commit.author()?),
        committer: read_signature(commit.committer()?),
        message: commit.message.to_str_lossy().into_owned(),
        sha,
    })
}

pub(super) fn read_tag(tag: &gix::Tag<'_>) -> Result<Tag> {
    let decoded = tag.decode()?;
    Ok(Tag {
        name: decoded.name.to_str_lossy().into_owned(),
        message: decoded.message.to_str_lossy().into_owned(),
        tagger: decoded.tagger()?.map(read_signature),
        target: Sha::from(decoded.target()),
    })
}

pub(super) fn read_signature(signature: gix::actor::SignatureRef<'_>) -> Signature {
    // A malformed date reads as the epoch, as git itself shows it.
    let time = signature.time().unwrap_or_default();
    Signature {
        name: signature.name.to_str_lossy().trim().to_owned(),
        email: signature.email.to_str_lossy().trim().to_owned(),
        at: jiff::Timestamp::from_second(time.seconds).unwrap_or_default(),
        offset_seconds: time.offset,
    }
}

pub(super) fn read_tree(repository: &gix::Repository, tree: &gix::Tree<'_>) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for entry in tree.iter() {
        let entry = entry.context("a directory is malformed")?;
        let mode = mode_of(entry.mode());
        let size = match mode {
            Mode::Directory | Mode::Submodule => 0,
            // A partial clone may lack the file itself.
            _ => repository
                .try_find_header(entry.object_id())
                .context("cannot read the size of a file")?
                .map_or(0, |header| header.size()),
        };
        items.push(Item {
            name: entry.filename().to_str_lossy().into_owned(),
            mode,
            sha: Sha::from(entry.object_id()),
            size,
        });
    }
    Ok(items)
}

pub(super) fn entry_at(
    repository: &gix::Repository,
    commit: ObjectId,
    path: &str,
) -> Result<Option<(Mode, ObjectId)>> {
    let tree = repository
        .find_commit(commit)
        .and_then(|commit| commit.tree())
        .with_context(|| format!("cannot read the files of commit {commit}"))?;
    let components: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if components.is_empty() {
        return Ok(Some((Mode::Directory, tree.id)));
    }
    let entry = tree
        .lookup_entry(components)
        .with_context(|| format!("cannot look up {path}"))?;
    Ok(entry.map(|entry| (mode_of(entry.mode()), entry.object_id())))
}

pub(super) fn mode_of(mode: gix::object::tree::EntryMode) -> Mode {
    use gix::object::tree::EntryKind;
    match mode.kind() {
        EntryKind::Tree => Mode::Directory,
        EntryKind::Blob => Mode::File,
        EntryKind::BlobExecutable => Mode::Executable,
        EntryKind::Link => Mode::Symlink,
        EntryKind::Commit => Mode::Submodule,
    }
}

impl Filter {
    /// It wants this commit.
    pub(super) fn lets_through(
        &self,
        repository: &gix::Repository,
        id: ObjectId,
        parents: &[ObjectId],
    ) -> Result<bool> {
        if self.since.is_some() || self.until.is_some() || self.author_emails.is_some() {
            let commit = read_commit(&repository.find_commit(id)?)?;
            let at = commit.committer.at;
            let is_author = |emails: &Vec<String>| {
                emails
                    .iter()
                    .any(|email| email.eq_ignore_ascii_case(&commit.author.email))
            };
            if self.since.is_some_and(|since| at < since)
                || self.until.is_some_and(|until| at > until)
                || !self.author_emails.as_ref().is_none_or(is_author)
            {
                return Ok(false);
            }
        }
        let Some(path) = &self.path else {
            return Ok(true);
        };
        let here = entry_at(repository, id, path)?;
        // A first commit changes what it has; any other, what differs from all
        // of its parents.
        let mut changed = here.is_some() || !parents.is_empty();
        for parent in parents {
            changed &= entry_at(repository, *parent, path)? != here;
        }
        Ok(changed)
    }
}
