//! Connections: lists that are read page by page, forwards or backwards, with
//! GitHub's rules and sentences about their boundaries.

use async_graphql::{Error, OutputType, SimpleObject};
use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    check::CheckRun,
    check_suite::CheckSuite,
    commit::Commit,
    deployment::{Deployment, DeploymentStatus},
    environment::{DeploymentProtectionRule, Environment},
    pull_request::PullRequest,
    reference::Ref,
    repository::Repository,
    rollup::StatusCheckRollupContext,
    scalar::error,
};

/// The most that one page holds.
const LARGEST_PAGE: i32 = 100;

/// Where a page of a connection begins and ends.
pub(super) struct Boundaries {
    /// The connection's name, for sentences about it.
    pub(super) connection: &'static str,
    pub(super) after: Option<String>,
    pub(super) before: Option<String>,
    pub(super) first: Option<i32>,
    pub(super) last: Option<i32>,
}

/// Where a page lies in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) length: usize,
}

/// About a page.
#[derive(SimpleObject, Clone)]
pub(super) struct PageInfo {
    /// Where to go on forwards.
    pub(super) end_cursor: Option<String>,
    /// There is more after it.
    pub(super) has_next_page: bool,
    /// There is more before it.
    pub(super) has_previous_page: bool,
    /// Where to go on backwards.
    pub(super) start_cursor: Option<String>,
}

/// An item of a connection and its place.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "CheckRunEdge", params(CheckRun)),
    concrete(name = "CheckSuiteEdge", params(CheckSuite)),
    concrete(name = "CommitEdge", params(Commit)),
    concrete(name = "DeploymentEdge", params(Deployment)),
    concrete(
        name = "DeploymentProtectionRuleEdge",
        params(DeploymentProtectionRule)
    ),
    concrete(name = "DeploymentStatusEdge", params(DeploymentStatus)),
    concrete(name = "EnvironmentEdge", params(Environment)),
    concrete(name = "PullRequestEdge", params(PullRequest)),
    concrete(name = "RefEdge", params(Ref)),
    concrete(name = "RepositoryEdge", params(Repository)),
    concrete(
        name = "StatusCheckRollupContextEdge",
        params(StatusCheckRollupContext)
    )
)]
pub(super) struct Edge<T: OutputType> {
    /// Its place.
    pub(super) cursor: String,
    /// The item.
    pub(super) node: Option<T>,
}

/// A page of a list.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "CheckRunConnection", params(CheckRun)),
    concrete(name = "CheckSuiteConnection", params(CheckSuite)),
    concrete(name = "CommitConnection", params(Commit)),
    concrete(name = "DeploymentConnection", params(Deployment)),
    concrete(
        name = "DeploymentProtectionRuleConnection",
        params(DeploymentProtectionRule)
    ),
    concrete(name = "DeploymentStatusConnection", params(DeploymentStatus)),
    concrete(name = "EnvironmentConnection", params(Environment)),
    concrete(name = "PullRequestConnection", params(PullRequest)),
    concrete(name = "RefConnection", params(Ref)),
    concrete(name = "RepositoryConnection", params(Repository))
)]
pub(super) struct Connection<T: OutputType>
where
    Edge<T>: OutputType,
{
    /// The items with their places.
    pub(super) edges: Option<Vec<Option<Edge<T>>>>,
    /// The items.
    pub(super) nodes: Option<Vec<Option<T>>>,
    /// About this page.
    pub(super) page_info: PageInfo,
    /// How many items the whole list has.
    pub(super) total_count: usize,
}

/// A page, ready for a connection: its items, each with its place.
pub(super) struct Page<T> {
    pub(super) items: Vec<(String, T)>,
    pub(super) info: PageInfo,
    pub(super) total: usize,
}

impl Boundaries {
    /// Refuses what GitHub refuses, whatever the list holds.
    fn check(&self) -> Result<(), Error> {
        let name = self.connection;
        if self.first.is_none() && self.last.is_none() {
            return Err(error(
                "MISSING_PAGINATION_BOUNDARIES",
                format!(
                    "You must provide a `first` or `last` value to properly paginate the `{name}` connection."
                ),
            ));
        }
        for (word, value) in [("first", self.first), ("last", self.last)] {
            let Some(value) = value else { continue };
            if value < 0 {
                return Err(error(
                    "ARGUMENT_LIMIT",
                    format!("`{word}` on the `{name}` connection cannot be less than zero."),
                ));
            }
            if value > LARGEST_PAGE {
                return Err(error(
                    "EXCESSIVE_PAGINATION",
                    format!(
                        "Requesting {value} records on the `{name}` connection exceeds the `{word}` limit of {LARGEST_PAGE} records."
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Where the page lies in a list of this length whose cursors are read by
    /// `place`.
    pub(super) fn window(
        &self,
        length: usize,
        place: impl Fn(&str) -> Option<usize>,
    ) -> Result<Window, Error> {
        let (mut start, mut end) = self.span(length, place)?;
        if let Some(first) = self.first {
            end = end.min(start + count(first));
        }
        if let Some(last) = self.last {
            start = start.max(end.saturating_sub(count(last)));
        }
        Ok(Window { start, end, length })
    }

    /// What lies between the two cursors.
    fn span(
        &self,
        length: usize,
        place: impl Fn(&str) -> Option<usize>,
    ) -> Result<(usize, usize), Error> {
        self.check()?;
        let read = |cursor: &str| {
            decode(cursor)
                .and_then(|key| place(&key))
                .ok_or_else(|| invalid_cursor(cursor))
        };
        let start = match &self.after {
            Some(cursor) => read(cursor)?.saturating_add(1).min(length),
            None => 0,
        };
        let end = match &self.before {
            Some(cursor) => read(cursor)?.min(length),
            None => length,
        };
        Ok((start, end.max(start)))
    }

    /// A forward page needs no more of a list than its own end; this tells how
    /// much, or none where all of it is needed.
    pub(super) fn forward(
        &self,
        place: impl Fn(&str) -> Option<usize>,
    ) -> Result<Option<(usize, usize)>, Error> {
        let (Some(first), None, None) = (self.first, self.last, &self.before) else {
            return Ok(None);
        };
        let (start, _) = self.span(usize::MAX, place)?;
        Ok(Some((start, count(first))))
    }

    /// The page of a list whose items are told apart by a key.
    pub(super) fn page<K: Clone>(
        &self,
        all: &[K],
        key: impl Fn(&K) -> String,
    ) -> Result<Page<K>, Error> {
        let window = self.window(all.len(), |cursor| {
            all.iter().position(|item| key(item) == cursor)
        })?;
        let items = all[window.start..window.end]
            .iter()
            .map(|item| (encode(&key(item)), item.clone()))
            .collect();
        Ok(Page::new(items, window))
    }
}

fn invalid_cursor(cursor: &str) -> Error {
    error(
        "INVALID_CURSOR_ARGUMENTS",
        format!("`{cursor}` does not appear to be a valid cursor."),
    )
}

fn count(number: i32) -> usize {
    usize::try_from(number).unwrap_or(0)
}

impl PageInfo {
    /// Of a page of these places.
    pub(super) fn new(
        start_cursor: Option<String>,
        end_cursor: Option<String>,
        window: Window,
    ) -> Self {
        Self {
            end_cursor,
            has_next_page: window.end < window.length,
            has_previous_page: window.start > 0,
            start_cursor,
        }
    }
}

impl<T> Page<T> {
    pub(super) fn new(items: Vec<(String, T)>, window: Window) -> Self {
        let start = items.first().map(|(cursor, _)| cursor.clone());
        let end = items.last().map(|(cursor, _)| cursor.clone());
        Self {
            info: PageInfo::new(start, end, window),
            total: window.length,
            items,
        }
    }

    /// The same page with its items made into others.
    pub(super) fn map<U>(self, make: impl Fn(T) -> U) -> Page<U> {
        Page {
            items: self
                .items
                .into_iter()
                .map(|(cursor, item)| (cursor, make(item)))
                .collect(),
            info: self.info,
            total: self.total,
        }
    }
}

impl<T: OutputType + Clone> From<Page<T>> for Connection<T>
where
    Edge<T>: OutputType,
{
    fn from(page: Page<T>) -> Self {
        let nodes = page.items.iter().map(|(_, item)| Some(item.clone()));
        Self {
            nodes: Some(nodes.collect()),
            page_info: page.info,
            total_count: page.total,
            edges: Some(edges(page.items)),
        }
    }
}

/// Items with their places, as edges.
pub(super) fn edges<T: OutputType>(items: Vec<(String, T)>) -> Vec<Option<Edge<T>>> {
    let edge = |(cursor, item)| {
        Some(Edge {
            cursor,
            node: Some(item),
        })
    };
    items.into_iter().map(edge).collect()
}

/// A cursor for a key; opaque to clients.
pub(super) fn encode(key: &str) -> String {
    BASE64_STANDARD.encode(format!("cursor:{key}"))
}

fn decode(cursor: &str) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.strip_prefix("cursor:").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boundaries(first: Option<i32>, last: Option<i32>) -> Boundaries {
        Boundaries {
            connection: "things",
            after: None,
            before: None,
            first,
            last,
        }
    }

    fn page(boundaries: &Boundaries) -> Vec<u32> {
        let page = boundaries
            .page(&[1, 2, 3, 4, 5], ToString::to_string)
            .unwrap();
        page.items.into_iter().map(|(_, item)| item).collect()
    }

    #[test]
    fn pages_are_cut_from_either_end() {
        assert_eq!(page(&boundaries(Some(2), None)), [1, 2]);
        assert_eq!(page(&boundaries(None, Some(2))), [4, 5]);
        assert_eq!(page(&boundaries(Some(0), None)), [0_u32; 0]);
        let mut after = boundaries(Some(2), None);
        after.after = Some(encode("2"));
        assert_eq!(page(&after), [3, 4]);
        let mut before = boundaries(None, Some(3));
        before.before = Some(encode("3"));
        assert_eq!(page(&before), [1, 2]);
    }

    #[test]
    fn a_page_says_what_lies_around_it() {
        let mut middle = boundaries(Some(2), None);
        middle.after = Some(encode("2"));
        let info = middle
            .page(&[1, 2, 3, 4, 5], ToString::to_string)
            .unwrap()
            .info;
        assert!(info.has_next_page && info.has_previous_page);
        assert_eq!(info.start_cursor, Some(encode("3")));
        assert_eq!(info.end_cursor, Some(encode("4")));
    }

    #[test]
    fn bad_boundaries_are_refused_in_githubs_words() {
        let message = |boundaries: &Boundaries| {
            let refused = boundaries.page(&[1], ToString::to_string);
            refused.err().unwrap().message
        };
        insta::assert_snapshot!(message(&boundaries(None, None)), @"You must provide a `first` or `last` value to properly paginate the `things` connection.");
        insta::assert_snapshot!(message(&boundaries(Some(101), None)), @"Requesting 101 records on the `things` connection exceeds the `first` limit of 100 records.");
        insta::assert_snapshot!(message(&boundaries(None, Some(-1))), @"`last` on the `things` connection cannot be less than zero.");
        let mut strange = boundaries(Some(1), None);
        strange.after = Some("x".to_owned());
        insta::assert_snapshot!(message(&strange), @"`x` does not appear to be a valid cursor.");
    }
}
