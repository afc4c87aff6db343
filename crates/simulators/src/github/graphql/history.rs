//! The history of a commit, page by page. Nothing is counted unless asked.

use async_graphql::{Error, Object};

use super::{
    commit::{Commit, CommitAuthor},
    page::{Boundaries, Edge, PageInfo, Window, edges, encode},
    scalar::{GitTimestamp, trouble},
};
use crate::github::{
    git::{Filter, Sha},
    node::{NodeId, NodeKind},
};

/// A commit's history, as far as it is wanted.
#[derive(Clone)]
pub(super) struct History {
    from: Commit,
    filter: Filter,
}

impl History {
    pub(super) fn new(
        from: &Commit,
        author: Option<CommitAuthor>,
        path: Option<String>,
        since: Option<GitTimestamp>,
        until: Option<GitTimestamp>,
    ) -> Self {
        let author_emails = author.and_then(|author| match author.emails {
            Some(emails) => Some(emails),
            None => Some(emails_of(from, author.id?.as_str())),
        });
        Self {
            from: from.clone(),
            filter: Filter {
                path,
                since: since.map(|since| since.at),
                until: until.map(|until| until.at),
                author_emails,
            },
        }
    }

    fn list(&self, skip: usize, first: usize) -> Result<Vec<Sha>, Error> {
        let (repository, commit) = self.from.place();
        let git = repository.git();
        if self.filter.is_open() {
            git.log(&commit.sha, skip, first).map_err(trouble)
        } else {
            git.log_filtered(&commit.sha, &self.filter, skip, first)
                .map_err(trouble)
        }
    }

    fn count(&self) -> Result<usize, Error> {
        let (repository, commit) = self.from.place();
        if self.filter.is_open() {
            repository.git().count(&commit.sha).map_err(trouble)
        } else {
            Ok(self.list(0, usize::MAX)?.len())
        }
    }
}

/// A cursor holds the commit that the history is of, so that a page goes on
/// where it ended however the branch has moved since.
fn place(key: &str) -> Option<usize> {
    key.split_once(' ')?.1.parse().ok()
}

fn emails_of(commit: &Commit, node_id: &str) -> Vec<String> {
    let Ok(id) = node_id.parse::<NodeId>() else {
        return Vec::new();
    };
    let state = commit.place().0.github().state();
    state
        .users
        .values()
        .filter(|user| id.kind == NodeKind::User && id.key == user.id.to_string())
        .map(|user| user.email.clone())
        .collect()
}

/// Commits of a history, page by page.
pub(super) struct CommitHistoryConnection {
    history: History,
    items: Vec<(String, Commit)>,
    info: PageInfo,
    total: Option<usize>,
}

impl CommitHistoryConnection {
    pub(super) fn page(history: History, boundaries: &Boundaries) -> Result<Self, Error> {
        let mut total = None;
        let (window, shas) = match boundaries.forward(place)? {
            // One more than asked tells whether there is a next page.
            Some((start, first)) => {
                let mut shas = history.list(start, first.saturating_add(1))?;
                let length = start + shas.len();
                shas.truncate(first);
                let end = start + shas.len();
                (Window { start, end, length }, shas)
            }
            None => {
                let length = history.count()?;
                total = Some(length);
                let window = boundaries.window(length, place)?;
                let shas = history.list(window.start, window.end - window.start)?;
                (window, shas)
            }
        };
        let (repository, from) = history.from.place();
        let mut items = Vec::with_capacity(shas.len());
        for (offset, sha) in shas.iter().enumerate() {
            let cursor = encode(&format!("{} {}", from.sha, window.start + offset));
            if let Some(commit) = repository.commit(sha)? {
                items.push((cursor, commit));
            }
        }
        let cursor_at = |item: Option<&(String, Commit)>| item.map(|(cursor, _)| cursor.clone());
        let info = PageInfo::new(cursor_at(items.first()), cursor_at(items.last()), window);
        Ok(Self {
            history,
            items,
            info,
            total,
        })
    }
}

/// Commits of a history, page by page.
#[Object]
impl CommitHistoryConnection {
    /// The commits with their places.
    async fn edges(&self) -> Option<Vec<Option<Edge<Commit>>>> {
        Some(edges(self.items.clone()))
    }

    /// The commits.
    async fn nodes(&self) -> Option<Vec<Option<Commit>>> {
        let commits = self.items.iter().map(|(_, commit)| Some(commit.clone()));
        Some(commits.collect())
    }

    /// About this page.
    async fn page_info(&self) -> PageInfo {
        self.info.clone()
    }

    /// How many commits the whole history has.
    async fn total_count(&self) -> Result<usize, Error> {
        match self.total {
            Some(total) => Ok(total),
            None => self.history.count(),
        }
    }
}
