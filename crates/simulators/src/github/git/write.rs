//! What changes a repository: commits, and branches that move.

use anyhow::{Context as _, Result};
use gix::{
    ObjectId,
    object::tree::EntryKind,
    refs::transaction::{PreviousValue, RefEdit},
};

use super::{Repository, Sha, Signature, lock};

impl Repository {
    /// Commits changes on top of a branch, which is made where there is none.
    /// A change is a path with its new bytes, or with none to remove it. A file
    /// that can be executed stays so.
    pub fn commit_files(
        &self,
        branch: &str,
        changes: &[(String, Option<Vec<u8>>)],
        message: &str,
        author: &Signature,
        committer: &Signature,
    ) -> Result<Sha> {
        let _writing = lock(&self.writing);
        let repository = self.local();
        let head = self.named(&repository, &format!("refs/heads/{branch}"))?;
        let tree = match head {
            Some(head) => repository.find_commit(head)?.tree_id()?.detach(),
            None => ObjectId::empty_tree(repository.object_hash()),
        };
        let commit = gix::objs::Commit {
            tree: edited(&repository, tree, changes)?,
            parents: head.into_iter().collect(),
            author: signature(author),
            committer: signature(committer),
            encoding: None,
            message: message.into(),
            extra_headers: Vec::new(),
        };
        let id = repository
            .write_object(commit)
            .context("cannot write the commit")?
            .detach();
        move_branch(&repository, branch, id)?;
        Ok(Sha::from(id))
    }

    /// Points a branch at a commit, also backwards or sideways, as a force push
    /// does.
    pub fn set_branch(&self, branch: &str, sha: &Sha) -> Result<()> {
        let _writing = lock(&self.writing);
        let repository = self.local();
        let id = sha.object_id();
        repository
            .find_commit(id)
            .with_context(|| format!("{sha} is no commit of this repository"))?;
        move_branch(&repository, branch, id)
    }
}

fn edited(
    repository: &gix::Repository,
    tree: ObjectId,
    changes: &[(String, Option<Vec<u8>>)],
) -> Result<ObjectId> {
    let root = repository.find_tree(tree)?;
    let mut editor = root.edit().context("cannot edit the files")?;
    for (path, bytes) in changes {
        match bytes {
            Some(bytes) => {
                let kind = match root.lookup_entry(path.split('/'))? {
                    Some(entry) if entry.mode().is_executable() => EntryKind::BlobExecutable,
                    _ => EntryKind::Blob,
                };
                let blob = repository
                    .write_blob(bytes)
                    .with_context(|| format!("cannot write {path}"))?;
                editor.upsert(path, kind, blob)
            }
            None => editor.remove(path),
        }
        .with_context(|| format!("cannot change {path}"))?;
    }
    let tree = editor.write().context("cannot write the files")?;
    Ok(tree.detach())
}

pub(super) fn move_branch(repository: &gix::Repository, branch: &str, to: ObjectId) -> Result<()> {
    let name = gix::refs::FullName::try_from(format!("refs/heads/{branch}"))
        .with_context(|| format!("{branch:?} is no name for a branch"))?;
    repository
        .edit_reference(RefEdit::update(name, to, PreviousValue::Any, ""))
        .with_context(|| format!("cannot move branch {branch}"))?;
    Ok(())
}

pub(super) fn signature(signature: &Signature) -> gix::actor::Signature {
    gix::actor::Signature {
        name: signature.name.as_str().into(),
        email: signature.email.as_str().into(),
        time: gix::date::Time::new(signature.at.as_second(), signature.offset_seconds),
    }
}
