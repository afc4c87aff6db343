//! A repository's commits, branches and files: a real bare git repository on
//! disk. Reading is lazy, so that what is near is cheap in a history of any
//! length. Calls block for as long as the disk takes.

mod borrow;
mod count;
mod merge;
mod model;
mod read;
mod sha;
mod walk;
mod write;

#[cfg(test)]
mod tests;

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context as _, Result};
use gix::{ObjectId, ThreadSafeRepository, bstr::ByteSlice as _};

use self::count::Counts;
use self::read::{entry_at, read_commit, read_tag, read_tree, resolve_abbreviated, resolve_id};
pub use self::{
    model::{
        Commit, Comparison, Entry, Filter, Item, Mode, Object, ObjectKind, Resolved, Signature, Tag,
    },
    sha::{InvalidSha, Sha},
};

/// Fewest hex digits that abbreviate a SHA.
pub const SHORTEST_ABBREVIATION: usize = 4;

/// A bare repository; clones are handles to the same one.
#[derive(Clone)]
pub struct Repository {
    inner: ThreadSafeRepository,
    default_branch: Arc<str>,
    /// Held while a branch is moved, so that no commit is lost between reading
    /// its head and writing it.
    writing: Arc<Mutex<()>>,
    counts: Counts,
}

impl Repository {
    /// Makes an empty bare repository. `dir` must be empty or not be there.
    pub fn init(dir: &Path, default_branch: &str) -> Result<Self> {
        create_bare(dir, default_branch)?;
        Self::at(dir, default_branch)
    }

    /// Serves the clone at `clone` without ever writing to it: a bare
    /// repository in `dir` that takes the clone's branches and tags by name and
    /// reads its objects where they are. `dir` must be empty or not be there.
    pub fn borrow(clone: &Path, dir: &Path) -> Result<Self> {
        let default_branch = borrow::borrow(clone, dir)?;
        Self::at(dir, &default_branch)
    }

    fn at(dir: &Path, default_branch: &str) -> Result<Self> {
        Ok(Self {
            inner: open(dir)?,
            default_branch: default_branch.into(),
            writing: Arc::default(),
            counts: Counts::default(),
        })
    }

    /// The branch that is meant when none is named.
    pub fn default_branch(&self) -> &str {
        &self.default_branch
    }

    /// All branches with their newest commits, by name.
    pub fn branches(&self) -> Result<Vec<(String, Sha)>> {
        let repository = self.local();
        let platform = repository.references().context("cannot list references")?;
        let mut branches = Vec::new();
        for branch in platform.local_branches().context("cannot list branches")? {
            let branch = branch.context("cannot read a branch")?;
            if let (Ok(name), Some(id)) = (branch.name().shorten().to_str(), branch.try_id()) {
                branches.push((name.to_owned(), Sha::from(id.detach())));
            }
        }
        branches.sort();
        Ok(branches)
    }

    /// The newest commit of a branch.
    pub fn head_of(&self, branch: &str) -> Result<Option<Sha>> {
        let id = self.named(&self.local(), &format!("refs/heads/{branch}"))?;
        Ok(id.map(Sha::from))
    }

    /// All branches, tags and whatever else has a full name that begins so, by
    /// name, with the object that each names.
    pub fn references(&self, prefix: &str) -> Result<Vec<(String, Sha)>> {
        let repository = self.local();
        let platform = repository.references().context("cannot list references")?;
        let mut found = Vec::new();
        for reference in platform.all().context("cannot list references")? {
            let reference = reference.context("cannot read a reference")?;
            let (Ok(name), Some(id)) = (reference.name().as_bstr().to_str(), reference.try_id())
            else {
                continue;
            };
            if name.starts_with(prefix) {
                found.push((name.to_owned(), Sha::from(id.detach())));
            }
        }
        found.sort();
        Ok(found)
    }

    /// The object that a full name, `refs/heads/main`, names: for an annotated
    /// tag, the tag itself.
    pub fn reference_target(&self, full_name: &str) -> Result<Option<Sha>> {
        let Ok(name) = gix::refs::FullName::try_from(full_name.to_owned()) else {
            return Ok(None);
        };
        let repository = self.local();
        let reference = repository
            .try_find_reference(name.as_ref())
            .with_context(|| format!("cannot read {full_name}"))?;
        let id = reference.and_then(|reference| reference.try_id().map(gix::Id::detach));
        Ok(id.map(Sha::from))
    }

    /// What `text` stands for: a whole SHA, a branch, a tag, or a SHA
    /// abbreviated to four digits or more, in this order.
    pub fn resolve(&self, text: &str) -> Result<Resolved> {
        let repository = self.local();
        if let Ok(sha) = text.parse::<Sha>() {
            return resolve_id(&repository, sha.object_id());
        }
        if let Some(id) = self.reference(&repository, text)? {
            return resolve_id(&repository, id);
        }
        if text.len() >= SHORTEST_ABBREVIATION && text.len() < 40 && sha::is_hex(text) {
            return resolve_abbreviated(&repository, text);
        }
        Ok(Resolved::Missing)
    }

    /// A commit; none when the SHA names nothing or something else.
    pub fn commit(&self, sha: &Sha) -> Result<Option<Commit>> {
        match self.object(sha)? {
            Some(Object::Commit(commit)) => Ok(Some(commit)),
            _ => Ok(None),
        }
    }

    /// An object of any kind.
    pub fn object(&self, sha: &Sha) -> Result<Option<Object>> {
        let repository = self.local();
        let Some(object) = repository
            .try_find_object(sha.object_id())
            .with_context(|| format!("cannot read object {sha}"))?
        else {
            return Ok(None);
        };
        Ok(Some(match object.kind {
            gix::object::Kind::Commit => Object::Commit(read_commit(&object.into_commit())?),
            gix::object::Kind::Tree => Object::Tree(read_tree(&repository, &object.into_tree())?),
            gix::object::Kind::Blob => Object::Blob(object.into_blob().take_data()),
            gix::object::Kind::Tag => {
                let tag = object.into_tag();
                Object::Tag(read_tag(&tag).with_context(|| format!("tag {sha} is malformed"))?)
            }
        }))
    }

    /// The commits that `from` can reach, newest first as `git log` lists them,
    /// without the `skip` newest, at most `first`. Reads no commit further than
    /// needed.
    pub fn log(&self, from: &Sha, skip: usize, first: usize) -> Result<Vec<Sha>> {
        let mut walk = self.walk(from)?;
        let commits: Result<Vec<Sha>> = walk
            .by_ref()
            .skip(skip)
            .take(first)
            .map(|step| step.map(|(id, _)| Sha::from(id)))
            .collect();
        tracing::trace!(commits_read = walk.commits_read(), "listed commits");
        commits
    }

    /// As [`Repository::log`], but only commits that a filter lets through.
    pub fn log_filtered(
        &self,
        from: &Sha,
        filter: &Filter,
        skip: usize,
        first: usize,
    ) -> Result<Vec<Sha>> {
        let repository = self.local();
        let mut found = Vec::new();
        let mut skipped = 0;
        for step in self.walk(from)? {
            if found.len() == first {
                break;
            }
            let (id, parents) = step?;
            if !filter.lets_through(&repository, id, &parents)? {
                continue;
            }
            if skipped < skip {
                skipped += 1;
            } else {
                found.push(Sha::from(id));
            }
        }
        Ok(found)
    }

    /// As [`Repository::log`], but only commits that change what is at `path`.
    pub fn log_of_path(
        &self,
        from: &Sha,
        path: &str,
        skip: usize,
        first: usize,
    ) -> Result<Vec<Sha>> {
        let filter = Filter {
            path: Some(path.to_owned()),
            ..Filter::default()
        };
        self.log_filtered(from, &filter, skip, first)
    }

    /// How `head` lies to `base`. Costs as much as the two are apart.
    pub fn compare(&self, base: &Sha, head: &Sha) -> Result<Comparison> {
        let graph = walk::Graph::new(self.local())?;
        let (comparison, commits_read) =
            walk::Paint::compare(graph, base.object_id(), head.object_id())?;
        tracing::trace!(commits_read, "compared two commits");
        Ok(comparison)
    }

    /// What is at `path` in a commit; the root for an empty path. None for a
    /// path that is not there and for a submodule.
    pub fn read(&self, commit: &Sha, path: &str) -> Result<Option<Entry>> {
        let repository = self.local();
        let Some((mode, id)) = entry_at(&repository, commit.object_id(), path)? else {
            return Ok(None);
        };
        if mode == Mode::Submodule {
            return Ok(None);
        }
        let object = repository
            .find_object(id)
            .with_context(|| format!("cannot read {path}"))?;
        Ok(Some(if mode == Mode::Directory {
            Entry::Directory(read_tree(&repository, &object.into_tree())?)
        } else {
            Entry::File {
                sha: Sha::from(id),
                bytes: object.into_blob().take_data(),
                mode,
            }
        }))
    }

    /// The object at `path` in a commit, without reading it.
    pub fn sha_at(&self, commit: &Sha, path: &str) -> Result<Option<(Mode, Sha)>> {
        let entry = entry_at(&self.local(), commit.object_id(), path)?;
        Ok(entry.map(|(mode, id)| (mode, Sha::from(id))))
    }

    fn walk(&self, from: &Sha) -> Result<walk::Log> {
        walk::Log::new(walk::Graph::new(self.local())?, from.object_id())
    }

    fn local(&self) -> gix::Repository {
        self.inner.to_thread_local()
    }

    /// The object that a name stands for: `HEAD`, a full or half-full
    /// reference, a branch, or a tag.
    fn reference(&self, repository: &gix::Repository, text: &str) -> Result<Option<ObjectId>> {
        if text == "HEAD" {
            return self.named(repository, &format!("refs/heads/{}", self.default_branch));
        }
        let full = if text.starts_with("refs/") {
            text.to_owned()
        } else if text.starts_with("heads/") || text.starts_with("tags/") {
            format!("refs/{text}")
        } else {
            format!("refs/heads/{text}")
        };
        if let Some(id) = self.named(repository, &full)? {
            return Ok(Some(id));
        }
        self.named(repository, &format!("refs/tags/{text}"))
    }

    fn named(&self, repository: &gix::Repository, full_name: &str) -> Result<Option<ObjectId>> {
        let Ok(name) = gix::refs::FullName::try_from(full_name.to_owned()) else {
            // No reference can be called so.
            return Ok(None);
        };
        let reference = repository
            .try_find_reference(name.as_ref())
            .with_context(|| format!("cannot read {full_name}"))?;
        let Some(mut reference) = reference else {
            return Ok(None);
        };
        let id = reference
            .peel_to_id()
            .with_context(|| format!("cannot follow {full_name}"))?;
        Ok(Some(id.detach()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half done under these locks, so a panic spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The repository's own configuration only: nothing of the user's reaches it.
fn options() -> gix::open::Options {
    gix::open::Options::isolated()
}

fn open(dir: &Path) -> Result<ThreadSafeRepository> {
    options()
        .open_path_as_is(true)
        .with(gix::sec::Trust::Full)
        .open(dir)
        .with_context(|| format!("cannot open {} as a bare git repository", dir.display()))
}

fn create_bare(dir: &Path, default_branch: &str) -> Result<()> {
    let head = format!("refs/heads/{default_branch}");
    gix::refs::FullName::try_from(head.clone())
        .with_context(|| format!("{default_branch:?} is no name for a branch"))?;
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    gix::create::into(
        dir,
        gix::create::Kind::Bare,
        gix::create::Options::default(),
    )
    .with_context(|| format!("cannot make a git repository in {}", dir.display()))?;
    fs::write(dir.join("HEAD"), format!("ref: {head}\n"))
        .with_context(|| format!("cannot write HEAD in {}", dir.display()))
}
