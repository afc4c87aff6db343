//! Serving people's own clones in place of the seeded repositories. Nothing is
//! ever written to a clone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use simulators::github::git::Repository;

/// The name of a clone whose own can't be written on GitHub.
const NAMELESS: &str = "clone";

/// How long a repository's name may be on GitHub.
const LONGEST_NAME: usize = 100;

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
    #[error("{} does not exist; --repo wants the folder of a local clone", .0.display())]
    Missing(PathBuf),
    #[error("{} is a file; --repo wants the folder of a local clone", .0.display())]
    File(PathBuf),
    #[error("{} is a folder inside the clone {clone}; write --repo {clone}", .folder.display(), clone = .clone.display())]
    Inside { folder: PathBuf, clone: PathBuf },
    #[error("{} is not a git repository; --repo wants the folder of a local clone", .0.display())]
    NoRepository(PathBuf),
    #[error("{} cannot be read as a git repository: {}", .0.display(), .1)]
    Unreadable(PathBuf, String),
    #[error("{} has no commit on a branch yet; --repo wants a clone with commits", .0.display())]
    Empty(PathBuf),
    #[error("{} is the same clone as {}; give each one once", .0.display(), .1.display())]
    Twice(PathBuf, PathBuf),
}

/// Opens all clones, in their order; what the simulator keeps about each is
/// written below `folder`.
pub(crate) fn open(clones: &[PathBuf], folder: &Path) -> anyhow::Result<Vec<Served>> {
    let mut names = Names::default();
    let mut known: Vec<(PathBuf, &PathBuf)> = Vec::new();
    let mut served = Vec::new();
    for clone in clones {
        let source = open_one(clone)?;
        let git_dir = whole(source.git_dir());
        if let Some((_, first)) = known.iter().find(|(other, _)| *other == git_dir) {
            return Err(Unfit::Twice(clone.clone(), (*first).clone()).into());
        }
        known.push((git_dir, clone));
        if !has_commits(&source) {
            return Err(Unfit::Empty(clone.clone()).into());
        }
        let name = names.take(&name_of(&source));
        let git = Repository::borrow(clone, &folder.join(&name))
            .with_context(|| format!("cannot read {}", clone.display()))?;
        if git.head_of(git.default_branch())?.is_none() {
            return Err(Unfit::Empty(clone.clone()).into());
        }
        served.push(Served { name, git });
    }
    Ok(served)
}

/// Opens the clone at exactly this path. A folder inside of one is refused: to
/// serve what was not named would surprise.
fn open_one(clone: &Path) -> Result<gix::Repository, Unfit> {
    if !clone.exists() {
        return Err(Unfit::Missing(clone.to_owned()));
    }
    if !clone.is_dir() {
        return Err(Unfit::File(clone.to_owned()));
    }
    gix::open(whole(clone)).map_err(|error| match gix::discover(whole(clone)) {
        Ok(above) => Unfit::Inside {
            folder: clone.to_owned(),
            clone: folder_of(&above),
        },
        Err(_) if clone.join(".git").exists() => {
            let cause = anyhow::Error::new(error).root_cause().to_string();
            Unfit::Unreadable(clone.to_owned(), cause)
        }
        Err(_) => Unfit::NoRepository(clone.to_owned()),
    })
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

/// The name of the repository it was cloned from, else that of its folder.
fn name_of(source: &gix::Repository) -> String {
    let origin = source
        .config_snapshot()
        .string("remote.origin.url")
        .and_then(|address| github_name(last_part(&address.to_string())));
    let folder = || github_name(last_part(&folder_of(source).to_string_lossy()));
    origin
        .or_else(folder)
        .unwrap_or_else(|| NAMELESS.to_owned())
}

/// The folder that people call the clone: the one with the files in it, or the
/// whole of a bare repository.
fn folder_of(source: &gix::Repository) -> PathBuf {
    whole(source.workdir().unwrap_or(source.git_dir()))
}

/// The path from the root, without detours.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// What stands after the last `/` or `:`, without `.git`.
fn last_part(address: &str) -> &str {
    let trimmed = address.trim_end_matches('/');
    let last = trimmed.rsplit(['/', ':', '\\']).next().unwrap_or(trimmed);
    last.strip_suffix(".git").unwrap_or(last)
}

/// The name as GitHub allows it: ASCII letters, digits, `-`, `_` and `.`. Spaces
/// and signs between words become a `-`. A name that would lose letters is none:
/// `ünï` as `n` would tell nobody what it is.
fn github_name(name: &str) -> Option<String> {
    if name
        .chars()
        .any(|sign| sign.is_alphanumeric() && !sign.is_ascii())
    {
        return None;
    }
    let words = name.split(|sign: char| !sign.is_ascii_alphanumeric() && !"-_.".contains(sign));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-");
    name.truncate(LONGEST_NAME);
    let means_something = name.contains(|sign: char| sign.is_ascii_alphanumeric());
    means_something.then_some(name)
}

/// The names that are taken. GitHub does not tell upper case from lower.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// The name, or the first free one of `name-2`, `name-3` and so on.
    fn take(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        std::iter::once(name.to_owned())
            .chain(numbered)
            .find(|name| self.0.insert(name.to_lowercase()))
            .expect("numbers do not run out")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_named_after_what_it_was_cloned_from() {
        let named = |address: &str| github_name(last_part(address)).unwrap();
        assert_eq!(named("https://github.example/acme/people.git"), "people");
        assert_eq!(named("git@github.example:people"), "people");
        assert_eq!(named("/home/minji/src/team page/"), "team-page");
        assert_eq!(named("/home/minji/src/(draft) v2.0_b"), "draft-v2.0_b");
    }

    #[test]
    fn what_github_cannot_write_is_no_name() {
        for address in [
            "/",
            ".git",
            "/src/ünï",
            "/src/팀 페이지",
            "/src/Bücher-api",
            "..",
            "---",
        ] {
            assert_eq!(github_name(last_part(address)), None, "{address}");
        }
        assert_eq!(github_name(&"a".repeat(300)).unwrap().len(), LONGEST_NAME);
    }

    #[test]
    fn a_name_is_given_once() {
        let mut names = Names::default();
        let taken = ["people", "api", "People", "people"].map(|name| names.take(name));
        assert_eq!(taken, ["people", "api", "People-2", "people-3"]);
    }
}
