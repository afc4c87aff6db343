//! How many commits a commit can reach. A long history is counted by git itself,
//! which takes a fraction of a second where a walk from here takes several; each
//! count is remembered, and a few commits on top of a known one are added to it.

use std::{
    collections::HashMap,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use anyhow::{Context as _, Result};

use super::{Repository, Sha, lock};

/// How many commits keep their count in memory.
const KEPT: usize = 4_096;

/// How far back a known count is looked for.
const NEAR: usize = 100;

/// The counts that are known.
#[derive(Clone, Default)]
pub(super) struct Counts(Arc<Mutex<HashMap<Sha, usize>>>);

impl Counts {
    fn of(&self, sha: &Sha) -> Option<usize> {
        lock(&self.0).get(sha).copied()
    }

    fn remember(&self, sha: &Sha, count: usize) {
        let mut known = lock(&self.0);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(sha.clone(), count);
    }
}

impl Repository {
    /// How many commits `from` can reach, itself among them.
    pub fn count(&self, from: &Sha) -> Result<usize> {
        if let Some(count) = self.counts.of(from) {
            return Ok(count);
        }
        let count = match self.count_from_near(from)? {
            Some(count) => count,
            None => count_by_git(self.inner.path(), from)?,
        };
        self.counts.remember(from, count);
        Ok(count)
    }

    /// The count by way of a near one that is known, along a line without
    /// merges.
    fn count_from_near(&self, from: &Sha) -> Result<Option<usize>> {
        for (newer, step) in self.walk(from)?.take(NEAR).enumerate() {
            let (_, parents) = step?;
            let [parent] = parents.as_slice() else {
                // A first commit ends the line; a merge leaves it.
                return Ok(parents.is_empty().then_some(newer + 1));
            };
            if let Some(known) = self.counts.of(&Sha::from(*parent)) {
                return Ok(Some(known + newer + 1));
            }
        }
        Ok(None)
    }
}

/// Asks git, with nothing of the user's configuration.
fn count_by_git(directory: &Path, from: &Sha) -> Result<usize> {
    let output = Command::new("git")
        .arg("--no-replace-objects")
        .arg("--git-dir")
        .arg(directory)
        .args(["rev-list", "--count", from.as_str()])
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env_remove("GIT_OBJECT_DIRECTORY")
        .env_remove("GIT_ALTERNATE_OBJECT_DIRECTORIES")
        .env_remove("GIT_SHALLOW_FILE")
        .stdin(Stdio::null())
        .output()
        .context("cannot run git to count commits")?;
    anyhow::ensure!(
        output.status.success(),
        "git cannot count the commits of {from}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let count = String::from_utf8_lossy(&output.stdout);
    let count = count.trim();
    count
        .parse()
        .with_context(|| format!("git counts {count:?} commits"))
}
