//! What git tells about an event: the commit that it is about, and the commits
//! of a push with the paths that each changes.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use crate::github::{
    diff::{self, Change},
    git::{self, Commit, Sha},
    state::EventKind,
};

/// The most commits that a push tells of.
const MOST_COMMITS: usize = 20;

/// What git tells about an event.
#[derive(Default)]
pub(super) struct Found {
    /// The commit that it is about.
    pub(super) commit: Option<Commit>,
    /// The commits that a push brought, oldest first, with what they change.
    pub(super) pushed: Vec<(Commit, Changed)>,
    /// A push left commits behind.
    pub(super) forced: bool,
    /// A check was the last one of its suite to end.
    pub(super) suite_ends: bool,
}

/// Paths that a commit adds, removes and modifies.
#[derive(Default)]
pub(super) struct Changed(BTreeMap<&'static str, Vec<String>>);

impl Found {
    /// Reads what an event is about.
    pub(super) fn read(git: &git::Repository, event: &EventKind) -> Result<Self> {
        let sha = match event {
            EventKind::Push { before, after, .. } => {
                return Self::read_push(git, before.as_ref(), after);
            }
            EventKind::CheckRun(run) => &run.sha,
            EventKind::Status(status) => &status.sha,
            EventKind::WorkflowRun(run) => &run.sha,
            EventKind::Deployment(_)
            | EventKind::DeploymentStatus(..)
            | EventKind::Environment
            | EventKind::Repository => return Ok(Self::default()),
        };
        Ok(Self {
            commit: git.commit(sha)?,
            ..Self::default()
        })
    }

    fn read_push(git: &git::Repository, before: Option<&Sha>, after: &Sha) -> Result<Self> {
        let mut forced = false;
        let mut shas = vec![after.clone()];
        if let Some(before) = before {
            let comparison = git.compare(before, after)?;
            forced = comparison.behind > 0;
            shas = comparison.ahead_commits;
        }
        shas.truncate(MOST_COMMITS);
        let mut pushed = Vec::with_capacity(shas.len());
        for sha in shas.iter().rev() {
            let commit = git.commit(sha)?.context("a pushed commit is not there")?;
            let changed = Changed::by(git, &commit)?;
            pushed.push((commit, changed));
        }
        Ok(Self {
            commit: git.commit(after)?,
            pushed,
            forced,
            suite_ends: false,
        })
    }
}

impl Changed {
    fn by(git: &git::Repository, commit: &Commit) -> Result<Self> {
        let mut changed = Self::default();
        for file in diff::between(git, commit.parents.first(), &commit.sha)? {
            let word = match file.change {
                Change::Added => "added",
                Change::Removed => "removed",
                Change::Modified => "modified",
            };
            changed.0.entry(word).or_default().push(file.path);
        }
        Ok(changed)
    }

    /// The paths that were `added`, `removed` or `modified`.
    pub(super) fn paths(&self, word: &str) -> &[String] {
        self.0.get(word).map_or(&[], Vec::as_slice)
    }
}
