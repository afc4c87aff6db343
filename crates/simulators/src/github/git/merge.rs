//! Merging one line of commits into a branch, file by file.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use gix::{
    ObjectId,
    bstr::{BString, ByteSlice as _},
    object::tree::{EntryKind, EntryMode},
};

use super::{Repository, Sha, Signature, lock, write};

/// What a directory has under a name.
type Entry = (EntryMode, ObjectId);

/// What is to be at a path of our side instead of what is there.
type Edit = (String, Option<Entry>);

impl Repository {
    /// Brings what `other` has into a branch: moves the branch forward if that
    /// is enough, else makes a commit with two parents. None, and nothing is
    /// changed, when a file was changed on both sides, or when the branch is
    /// not there or has no history in common with `other`.
    pub fn merge(
        &self,
        branch: &str,
        other: &Sha,
        message: &str,
        committer: &Signature,
    ) -> Result<Option<Sha>> {
        let _writing = lock(&self.writing);
        let Some(ours) = self.head_of(branch)? else {
            return Ok(None);
        };
        let Some(base) = self.compare(&ours, other)?.merge_base else {
            return Ok(None);
        };
        let repository = self.local();
        if base == *other {
            return Ok(Some(ours));
        }
        if base == ours {
            write::move_branch(&repository, branch, other.object_id())?;
            return Ok(Some(other.clone()));
        }
        let tree_of = |sha: &Sha| -> Result<ObjectId> {
            Ok(repository.find_commit(sha.object_id())?.tree_id()?.detach())
        };
        let trees = [tree_of(&base)?, tree_of(&ours)?, tree_of(other)?];
        let Some(tree) = merged_tree(&repository, trees)? else {
            return Ok(None);
        };
        let signature = write::signature(committer);
        let commit = gix::objs::Commit {
            tree,
            parents: [ours.object_id(), other.object_id()].into_iter().collect(),
            author: signature.clone(),
            committer: signature,
            encoding: None,
            message: message.into(),
            extra_headers: Vec::new(),
        };
        let id = repository
            .write_object(commit)
            .context("cannot write the merge")?
            .detach();
        write::move_branch(&repository, branch, id)?;
        Ok(Some(Sha::from(id)))
    }
}

/// Our tree with what the other side changed; none when both changed the same.
fn merged_tree(
    repository: &gix::Repository,
    [base, ours, theirs]: [ObjectId; 3],
) -> Result<Option<ObjectId>> {
    let mut edits = Vec::new();
    let sides = [Some(base), Some(ours), Some(theirs)];
    if !collect(repository, "", sides, &mut edits)? {
        return Ok(None);
    }
    let tree = repository.find_tree(ours)?;
    let mut editor = tree.edit().context("cannot edit the files")?;
    for (path, entry) in edits {
        match entry {
            Some((mode, id)) => editor.upsert(path.as_str(), mode.kind(), id),
            None => editor.remove(path.as_str()),
        }
        .with_context(|| format!("cannot merge {path}"))?;
    }
    let merged = editor.write().context("cannot write the files")?;
    Ok(Some(merged.detach()))
}

/// Collects the edits that one directory needs; false at the first conflict.
fn collect(
    repository: &gix::Repository,
    directory: &str,
    sides: [Option<ObjectId>; 3],
    edits: &mut Vec<Edit>,
) -> Result<bool> {
    let [base, ours, theirs] = sides;
    let base = entries(repository, base)?;
    let ours = entries(repository, ours)?;
    let theirs = entries(repository, theirs)?;
    let names: BTreeSet<&BString> = base
        .keys()
        .chain(ours.keys())
        .chain(theirs.keys())
        .collect();
    for name in names {
        let there = [base.get(name), ours.get(name), theirs.get(name)];
        let path = format!("{directory}{}", name.to_str_lossy());
        let [was, our, their] = there;
        if their == was || their == our {
            continue;
        }
        if our == was {
            edits.push((path, their.copied()));
        } else if let Some(below) = directories(there) {
            if !collect(repository, &format!("{path}/"), below, edits)? {
                return Ok(false);
            }
        } else {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The three sides as directories, if ours and theirs both are.
fn directories([was, our, their]: [Option<&Entry>; 3]) -> Option<[Option<ObjectId>; 3]> {
    let directory = |entry: Option<&Entry>| {
        entry
            .filter(|(mode, _)| mode.kind() == EntryKind::Tree)
            .map(|(_, id)| *id)
    };
    let (ours, theirs) = (directory(our)?, directory(their)?);
    Some([directory(was), Some(ours), Some(theirs)])
}

fn entries(
    repository: &gix::Repository,
    tree: Option<ObjectId>,
) -> Result<BTreeMap<BString, Entry>> {
    let mut entries = BTreeMap::new();
    let Some(tree) = tree else {
        return Ok(entries);
    };
    for entry in repository.find_tree(tree)?.iter() {
        let entry = entry.context("a directory is malformed")?;
        let name = entry.filename().to_owned();
        entries.insert(name, (entry.mode(), entry.object_id()));
    }
    Ok(entries)
}
