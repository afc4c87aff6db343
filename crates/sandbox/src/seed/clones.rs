//! Serving people's own clones in place of the seeded repositories. Nothing is
//! ever written to a clone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use simulators::github::git::Repository;

/// A clone that can be served.
pub(crate) struct Served {
    /// Its name on the simulated GitHub.
    pub(crate) name: String,
    /// Its commits.
    pub(crate) git: Repository,
}

/// Why a path cannot be served: one sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("{0} is not a git repository; --repo wants the folder of a local clone")]
    NoRepository(PathBuf),
    #[error("{0} has no commit on a branch yet; --repo wants a clone with commits")]
    Empty(PathBuf),
    #[error(
        "{0} would be the second repository called {1}; --repo wants clones with different names"
    )]
    SecondOfThatName(PathBuf, String),
}

/// Opens all clones; what the simulator keeps about each is written below
/// `folder`.
pub(crate) fn open(clones: &[PathBuf], folder: &Path) -> anyhow::Result<Vec<Served>> {
    let mut names = BTreeSet::new();
    let mut served = Vec::new();
    for clone in clones {
        let source = gix::open(clone).map_err(|_| Unfit::NoRepository(clone.clone()))?;
        let name = name_of(&source, clone);
        if !names.insert(name.to_lowercase()) {
            return Err(Unfit::SecondOfThatName(clone.clone(), name).into());
        }
        if !has_commits(&source) {
            return Err(Unfit::Empty(clone.clone()).into());
        }
        let git = Repository::borrow(clone, &folder.join(&name))
            .with_context(|| format!("cannot read {}", clone.display()))?;
        if git.head_of(git.default_branch())?.is_none() {
            return Err(Unfit::Empty(clone.clone()).into());
        }
        served.push(Served { name, git });
    }
    Ok(served)
}

/// Whether any branch, also one that was only fetched, or a detached head has a
/// commit.
fn has_commits(source: &gix::Repository) -> bool {
    let branches = source.references().ok();
    source.head_id().is_ok()
        || branches.is_some_and(|references| {
            references
                .all()
                .is_ok_and(|mut all| all.any(|reference| reference.is_ok()))
        })
}

/// The name of the repository it was cloned from, else that of its folder, with
/// the characters that GitHub allows.
fn name_of(source: &gix::Repository, clone: &Path) -> String {
    let origin = source
        .config_snapshot()
        .string("remote.origin.url")
        .and_then(|address| last_part(&address.to_string()));
    let folder = || {
        let whole = clone.canonicalize().unwrap_or_else(|_| clone.to_owned());
        last_part(&whole.to_string_lossy())
    };
    origin
        .or_else(folder)
        .unwrap_or_else(|| "repository".to_owned())
}

/// What stands after the last `/` or `:`, without `.git`.
fn last_part(address: &str) -> Option<String> {
    let trimmed = address.trim_end_matches('/');
    let last = trimmed.rsplit(['/', ':', '\\']).next()?;
    let last = last.strip_suffix(".git").unwrap_or(last);
    let name: String = last
        .chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => character,
            _ => '-',
        })
        .collect();
    let means_something = name
        .chars()
        .any(|character| character.is_ascii_alphanumeric());
    means_something.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::last_part;

    #[test]
    fn a_clone_is_named_after_what_it_was_cloned_from() {
        let named = |address: &str| last_part(address).unwrap();
        assert_eq!(named("https://github.example/acme/people.git"), "people");
        assert_eq!(named("git@github.example:people"), "people");
        assert_eq!(named("/home/minji/src/team page/"), "team-page");
        assert_eq!(last_part("/"), None);
        assert_eq!(last_part(".git"), None);
    }
}
