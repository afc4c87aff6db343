//! How one commit lies to another.

use std::sync::Arc;

use async_graphql::{Enum, Error, ID, Object, SimpleObject};

use super::{
    commit::Commit,
    object::GitObject,
    page::{Boundaries, Edge, PageInfo, edges, encode},
    repository::Repository,
    scalar::trouble,
};
use crate::github::{
    git::{self, Sha},
    node::NodeKind,
};

/// How one commit lies to another.
#[derive(Clone)]
pub(super) struct Comparison {
    repository: Repository,
    base: Sha,
    head: Sha,
    inner: Arc<git::Comparison>,
}

impl Comparison {
    pub(super) fn new(repository: &Repository, base: Sha, head: Sha) -> Result<Self, Error> {
        let inner = repository.git().compare(&base, &head).map_err(trouble)?;
        Ok(Self {
            repository: repository.clone(),
            base,
            head,
            inner: Arc::new(inner),
        })
    }
}

/// In words, how one commit lies to another.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum ComparisonStatus {
    /// The head has more.
    Ahead,
    /// The base has more.
    Behind,
    /// Each has what the other has not.
    Diverged,
    /// They are the same.
    Identical,
}

/// How one commit lies to another.
#[Object]
impl Comparison {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        let key = format!("{}...{}", self.base, self.head);
        self.repository.node_id(NodeKind::Comparison, key)
    }

    /// Commits that the head has and the base has not.
    async fn ahead_by(&self) -> usize {
        self.inner.ahead
    }

    /// Commits that the base has and the head has not.
    async fn behind_by(&self) -> usize {
        self.inner.behind
    }

    /// The same in a word.
    async fn status(&self) -> ComparisonStatus {
        match (self.inner.ahead, self.inner.behind) {
            (0, 0) => ComparisonStatus::Identical,
            (_, 0) => ComparisonStatus::Ahead,
            (0, _) => ComparisonStatus::Behind,
            (_, _) => ComparisonStatus::Diverged,
        }
    }

    /// What it is measured against.
    async fn base_target(&self) -> Result<GitObject, Error> {
        self.end(&self.base)
    }

    /// What is measured.
    async fn head_target(&self) -> Result<GitObject, Error> {
        self.end(&self.head)
    }

    /// The commits that the head has and the base has not, the oldest first.
    async fn commits(
        &self,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<ComparisonCommitConnection, Error> {
        let boundaries = Boundaries {
            connection: "commits",
            after,
            before,
            first,
            last,
        };
        let ahead = &self.inner.ahead_commits;
        let window = boundaries.window(ahead.len(), |key| key.parse().ok())?;
        let mut items = Vec::new();
        for place in window.start..window.end {
            let sha = &ahead[ahead.len() - 1 - place];
            if let Some(commit) = self.repository.commit(sha)? {
                items.push((encode(&place.to_string()), commit));
            }
        }
        let nodes = items.iter().map(|(_, commit)| Some(commit.clone()));
        Ok(ComparisonCommitConnection {
            nodes: Some(nodes.collect()),
            page_info: PageInfo::new(
                items.first().map(|(cursor, _)| cursor.clone()),
                items.last().map(|(cursor, _)| cursor.clone()),
                window,
            ),
            total_count: window.length,
            edges: Some(edges(items)),
        })
    }
}

impl Comparison {
    fn end(&self, sha: &Sha) -> Result<GitObject, Error> {
        GitObject::find(&self.repository, sha)?
            .ok_or_else(|| trouble(format!("commit {sha} is gone")))
    }
}

/// The commits of a comparison, page by page.
#[derive(SimpleObject)]
pub(super) struct ComparisonCommitConnection {
    /// The commits with their places.
    edges: Option<Vec<Option<Edge<Commit>>>>,
    /// The commits.
    nodes: Option<Vec<Option<Commit>>>,
    /// About this page.
    page_info: PageInfo,
    /// How many commits there are.
    total_count: usize,
}
