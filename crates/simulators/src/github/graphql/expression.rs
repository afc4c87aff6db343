//! Expressions that stand for an object, as git has them: a name or SHA, then
//! `~N` or `^` for ancestors, then `:path`.

use async_graphql::Error;

use super::{repository::Repository, scalar::trouble};
use crate::github::git::{Mode, Resolved, Sha};

impl Repository {
    /// The one object that an expression stands for: a name or SHA, then `~N`
    /// or `^` for ancestors, then `:path`. What is ambiguous is nothing.
    pub(super) fn express(&self, expression: &str) -> Result<Option<Sha>, Error> {
        let (revision, path) = match expression.split_once(':') {
            Some((revision, path)) => (revision, Some(path)),
            None => (expression, None),
        };
        // No name has these marks in it.
        let marks = revision.find(['^', '~']).unwrap_or(revision.len());
        let (name, marks) = revision.split_at(marks);
        let found = match self.git().resolve(name).map_err(trouble)? {
            Resolved::Commit(sha) | Resolved::Other { sha, .. } => sha,
            Resolved::Ambiguous(_) | Resolved::Missing => return Ok(None),
        };
        let Some(sha) = self.ancestor(found, marks)? else {
            return Ok(None);
        };
        let Some(path) = path else {
            return Ok(Some(sha));
        };
        if self.commit(&sha)?.is_none() {
            return Ok(None);
        }
        let entry = self.git().sha_at(&sha, path).map_err(trouble)?;
        Ok(entry
            .filter(|(mode, _)| *mode != Mode::Submodule)
            .map(|(_, sha)| sha))
    }

    /// Follows `^` and `~N` to first parents.
    fn ancestor(&self, mut sha: Sha, mut marks: &str) -> Result<Option<Sha>, Error> {
        while let Some(mark) = marks.chars().next() {
            let rest = &marks[1..];
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number = match &rest[..digits] {
                "" => Some(1),
                text => text.parse::<usize>().ok(),
            };
            let Some(number) = number else {
                return Ok(None);
            };
            let (generations, parent) = match mark {
                '~' => (number, 0),
                '^' if number == 0 => (0, 0),
                '^' => (1, number - 1),
                _ => return Ok(None),
            };
            for _ in 0..generations {
                let commit = self.git().commit(&sha).map_err(trouble)?;
                match commit.and_then(|commit| commit.parents.get(parent).cloned()) {
                    Some(next) => sha = next,
                    None => return Ok(None),
                }
            }
            marks = &rest[digits..];
        }
        Ok(Some(sha))
    }
}
