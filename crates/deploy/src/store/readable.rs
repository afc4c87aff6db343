//! Rows that can be read, out of rows of which some perhaps cannot: damaged by
//! hand, by the disk, or written by a later version.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use super::{
    Error, Store,
    database::{Args, Row},
};
use crate::model::RepositoryName;

/// How many faults are remembered, so that each is told once; and of how many
/// repositories what was told last.
const REMEMBERED: usize = 1_000;

/// The rows that cannot be read of which the log has told.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<HashSet<String>>);

impl Told {
    /// Whether it is told for the first time.
    fn is_new(&self, which: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.len() < REMEMBERED && told.insert(which.to_owned())
    }
}

/// What the log has told of each repository last. It stands apart from the rows,
/// because whoever may push to a repository has a say in how often that changes.
#[derive(Debug, Default)]
pub(super) struct LastTold(Mutex<HashMap<String, String>>);

impl LastTold {
    /// Whether it is something else than what was told of the repository last. Of too
    /// many repositories all is forgotten, and told once more.
    fn is_new(&self, repository: &RepositoryName, what: &str) -> bool {
        let key = repository.to_string().to_lowercase();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(&key).is_some_and(|last| last == what) {
            return false;
        }
        if told.len() >= REMEMBERED && !told.contains_key(&key) {
            told.clear();
        }
        told.insert(key, what.to_owned());
        true
    }
}

/// What is asked for, page by page.
pub(super) struct Page<T> {
    /// The statement. Its first arguments are a place in its order, its last is
    /// how many rows after that place.
    pub(super) sql: &'static str,
    /// The place after which the first page begins.
    pub(super) after: Args,
    /// The place of a row.
    pub(super) place: fn(&Row) -> Result<Args, Error>,
    /// Reads a row.
    pub(super) read: fn(&Row) -> Result<T, Error>,
}

impl Store {
    /// Whether something is to be told of a repository in the log: what this process
    /// told of it last is not told again.
    pub(crate) fn is_to_be_told(&self, repository: &RepositoryName, what: &str) -> bool {
        self.told_of.is_new(repository, what)
    }

    /// The first `limit` rows that can be read. The others are told in the log,
    /// each request once, and are passed over: they hold up nothing that stands
    /// behind them.
    pub(super) async fn readable<T>(&self, page: Page<T>, limit: usize) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        let mut after = page.after;
        loop {
            let wanted = limit - found.len();
            let args = after.integer(i64::try_from(wanted).unwrap_or(i64::MAX));
            let rows = self.read(page.sql, args).await?;
            for row in &rows {
                match (page.read)(row) {
                    Ok(value) => found.push(value),
                    Err(error) => self.tell_unreadable(row, &error),
                }
            }
            let Some(last) = rows.last().filter(|_| rows.len() == wanted) else {
                return Ok(found);
            };
            if found.len() == limit {
                return Ok(found);
            }
            // A place that is damaged stands last: SQLite sorts what is no
            // number behind all numbers, and Postgres holds nothing else.
            let Ok(next) = (page.place)(last) else {
                return Ok(found);
            };
            after = next;
        }
    }

    /// Those of a few rows that can be read; the others are told in the log, each
    /// once, by the texts that tell them apart.
    pub(super) fn readable_of<T>(
        &self,
        rows: &[Row],
        told_by: &[&str],
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Vec<T> {
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            match read(row) {
                Ok(value) => found.push(value),
                Err(error) => {
                    let which = told_by
                        .iter()
                        .map(|name| row.text(name).unwrap_or_default());
                    let which = which.collect::<Vec<_>>().join(" ");
                    if self.told.is_new(&which) {
                        tracing::error!(
                            row = which,
                            error = &error as &dyn std::error::Error,
                            "the journal holds a row that cannot be read; it is passed over"
                        );
                    }
                }
            }
        }
        found
    }

    fn tell_unreadable(&self, row: &Row, error: &Error) {
        let id = row.text("id").unwrap_or_default();
        // An entry of the feed need not be about a request.
        let cursor = row.integer("cursor").ok();
        let which = match cursor {
            Some(cursor) if id.is_empty() => format!("entry {cursor}"),
            _ => id.clone(),
        };
        if self.told.is_new(&which) {
            tracing::error!(
                request.id = id,
                feed.cursor = cursor,
                error = error as &dyn std::error::Error,
                "the journal holds a request that cannot be read; it is passed over"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_repositories_leaves_room_for_rows() {
        let (rows, repositories) = (Told::default(), LastTold::default());
        let name = |text: &str| RepositoryName::parse(text, None).unwrap();
        let is_new = |text: &str, what: &str| repositories.is_new(&name(text), what);
        for number in 0..=REMEMBERED {
            let what = format!("line {number}");
            assert!(is_new("acme/people", &what), "{what}");
            assert!(!is_new("Acme/People", &what), "{what}");
        }
        assert_eq!(repositories.0.lock().unwrap().len(), 1);
        assert!(rows.is_new("r1"));
        assert!(!rows.is_new("r1"));
        for number in 0..REMEMBERED * 2 {
            let repository = format!("acme/r{number}");
            assert!(is_new(&repository, "it is gone"), "{repository}");
            assert!(!is_new(&repository, "it is gone"), "{repository}");
            assert!(repositories.0.lock().unwrap().len() <= REMEMBERED);
        }
    }
}
