//! What lies between two trees: the files that were added, removed or
//! modified, with their lines. A renamed file shows as removed and added.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use anyhow::{Result, bail};
use gix::diff::blob::unified_diff::{ConsumeHunk, ContextSize, DiffLineKind, HunkHeader};
use gix::diff::blob::{Algorithm, InternedInput, UnifiedDiff, diff_with_slider_heuristics};

use super::git::{Item, Mode, Object, Repository, Sha};

/// How many files are told, as GitHub does; the rest is left out.
const FILES: usize = 300;

/// A larger file, in bytes, is not compared line by line.
const LARGEST: u64 = 1 << 20;

/// A longer patch, in bytes, is left out.
const LONGEST_PATCH: usize = 20_000;

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileDiff {
    /// From the root.
    pub(crate) path: String,
    /// The newer content; the older one of a file that was removed.
    pub(crate) blob: Sha,
    /// What happened to it.
    pub(crate) change: Change,
    /// How many lines came.
    pub(crate) additions: u64,
    /// How many lines went.
    pub(crate) deletions: u64,
    /// The lines in the unified format; none for a file that is not text, or
    /// too large.
    pub(crate) patch: Option<String>,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is not what it was.
    Modified,
}

/// The files that differ between two commits, by path, at most 300; without a
/// base, all files of the head.
pub(crate) fn between(git: &Repository, base: Option<&Sha>, head: &Sha) -> Result<Vec<FileDiff>> {
    let base = base.map(|sha| tree_of(git, sha)).transpose()?;
    let mut pairs = Vec::new();
    compare_trees(
        git,
        "",
        base.as_ref(),
        Some(&tree_of(git, head)?),
        &mut pairs,
    )?;
    pairs.into_iter().map(|pair| file_diff(git, pair)).collect()
}

/// A file as it was and as it is.
struct Pair {
    path: String,
    before: Option<Item>,
    after: Option<Item>,
}

fn tree_of(git: &Repository, commit: &Sha) -> Result<Sha> {
    match git.commit(commit)? {
        Some(commit) => Ok(commit.tree),
        None => bail!("{commit} is no commit"),
    }
}

fn items(git: &Repository, tree: Option<&Sha>) -> Result<BTreeMap<String, Item>> {
    let Some(tree) = tree else {
        return Ok(BTreeMap::new());
    };
    match git.object(tree)? {
        Some(Object::Tree(items)) => Ok(items
            .into_iter()
            .map(|item| (item.name.clone(), item))
            .collect()),
        _ => bail!("{tree} is no directory"),
    }
}

fn compare_trees(
    git: &Repository,
    directory: &str,
    before: Option<&Sha>,
    after: Option<&Sha>,
    pairs: &mut Vec<Pair>,
) -> Result<()> {
    let mut older = items(git, before)?;
    let newer = items(git, after)?;
    let mut names: BTreeMap<String, (Option<Item>, Option<Item>)> = BTreeMap::new();
    for (name, item) in newer {
        let old = older.remove(&name);
        names.insert(name, (old, Some(item)));
    }
    names.extend(
        older
            .into_iter()
            .map(|(name, item)| (name, (Some(item), None))),
    );
    for (name, (before, after)) in names {
        if pairs.len() >= FILES {
            break;
        }
        compare_items(git, &format!("{directory}{name}"), before, after, pairs)?;
    }
    Ok(())
}

fn compare_items(
    git: &Repository,
    path: &str,
    before: Option<Item>,
    after: Option<Item>,
    pairs: &mut Vec<Pair>,
) -> Result<()> {
    let same = |one: &Item, other: &Item| one.sha == other.sha && one.mode == other.mode;
    if let (Some(before), Some(after)) = (&before, &after)
        && same(before, after)
    {
        return Ok(());
    }
    let is_directory = |item: &Item| item.mode == Mode::Directory;
    let (before_tree, before) = split(before, is_directory);
    let (after_tree, after) = split(after, is_directory);
    if before_tree.is_some() || after_tree.is_some() {
        let sha = |item: &Option<Item>| item.as_ref().map(|item| item.sha.clone());
        let (older, newer) = (sha(&before_tree), sha(&after_tree));
        let below = format!("{path}/");
        compare_trees(git, &below, older.as_ref(), newer.as_ref(), pairs)?;
    }
    if (before.is_some() || after.is_some()) && pairs.len() < FILES {
        pairs.push(Pair {
            path: path.to_owned(),
            before,
            after,
        });
    }
    Ok(())
}

/// An item on the left when `test` holds, else on the right.
fn split(item: Option<Item>, test: impl Fn(&Item) -> bool) -> (Option<Item>, Option<Item>) {
    match item {
        Some(item) if test(&item) => (Some(item), None),
        other => (None, other),
    }
}

fn file_diff(git: &Repository, pair: Pair) -> Result<FileDiff> {
    let (change, blob) = match (&pair.before, &pair.after) {
        (None, Some(after)) => (Change::Added, after.sha.clone()),
        (Some(_), Some(after)) => (Change::Modified, after.sha.clone()),
        (Some(before), None) => (Change::Removed, before.sha.clone()),
        (None, None) => bail!("{} is on neither side", pair.path),
    };
    let before = text(git, pair.before.as_ref())?;
    let after = text(git, pair.after.as_ref())?;
    let (additions, deletions, patch) = match (before, after) {
        (Some(before), Some(after)) => lines(&before, &after),
        _ => (0, 0, None),
    };
    Ok(FileDiff {
        path: pair.path,
        blob,
        change,
        additions,
        deletions,
        patch,
    })
}

/// The bytes of a file, none when they are not to be compared by line.
fn text(git: &Repository, item: Option<&Item>) -> Result<Option<Vec<u8>>> {
    let Some(item) = item else {
        return Ok(Some(Vec::new()));
    };
    if item.mode == Mode::Submodule || item.size > LARGEST {
        return Ok(None);
    }
    Ok(match git.object(&item.sha)? {
        Some(Object::Blob(bytes)) if !bytes.contains(&0) => Some(bytes),
        _ => None,
    })
}

fn lines(before: &[u8], after: &[u8]) -> (u64, u64, Option<String>) {
    let input = InternedInput::new(before, after);
    let diff = diff_with_slider_heuristics(Algorithm::Histogram, &input);
    let patch = UnifiedDiff::new(&diff, &input, Patch::default(), ContextSize::default())
        .consume()
        .ok()
        .filter(|patch| !patch.is_empty() && patch.len() <= LONGEST_PATCH);
    (
        u64::from(diff.count_additions()),
        u64::from(diff.count_removals()),
        patch,
    )
}

/// Writes hunks as GitHub's `patch` has them: without the names of the files.
#[derive(Default)]
struct Patch(String);

impl ConsumeHunk for Patch {
    type Out = String;

    fn consume_hunk(
        &mut self,
        header: HunkHeader,
        lines: &[(DiffLineKind, &[u8])],
    ) -> io::Result<()> {
        let HunkHeader {
            before_hunk_start,
            before_hunk_len,
            after_hunk_start,
            after_hunk_len,
        } = header;
        writeln!(
            self.0,
            "@@ -{before_hunk_start},{before_hunk_len} +{after_hunk_start},{after_hunk_len} @@"
        )
        .map_err(io::Error::other)?;
        for (kind, line) in lines {
            self.0.push(match kind {
                DiffLineKind::Context => ' ',
                DiffLineKind::Add => '+',
                DiffLineKind::Remove => '-',
            });
            let line = String::from_utf8_lossy(line);
            self.0.push_str(line.trim_end_matches('\n'));
            self.0.push('\n');
        }
        Ok(())
    }

    fn finish(mut self) -> String {
        if self.0.ends_with('\n') {
            self.0.pop();
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_shown() {
        let before = b"one\ntwo\nthree\n";
        let after = b"one\n2\nthree\nfour";
        let (additions, deletions, patch) = lines(before, after);
        assert_eq!((additions, deletions), (2, 1));
        insta::assert_snapshot!(patch.unwrap(), @r"
        @@ -1,3 +1,4 @@
         one
        -two
        +2
         three
        +four
        ");
    }

    #[test]
    fn equal_files_have_no_patch() {
        assert_eq!(lines(b"a\n", b"a\n"), (0, 0, None));
    }
}
