//! Statuses of a commit, one by one: what programs other than checks say.

use async_graphql::{ID, Object};

use super::{
    commit::Commit,
    owner::Actor,
    rollup::StatusState,
    scalar::{DateTime, Uri},
};
use crate::github::{node::NodeKind, state};

/// A status of a commit.
#[derive(Clone)]
pub(super) struct StatusContext {
    commit: Commit,
    inner: state::CommitStatus,
}

impl StatusContext {
    pub(super) fn new(commit: &Commit, inner: state::CommitStatus) -> Self {
        Self {
            commit: commit.clone(),
            inner,
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.inner.id
    }
}

/// A status of a commit.
#[Object]
impl StatusContext {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        let repository = self.commit.place().0;
        repository.node_id(NodeKind::StatusContext, self.inner.id)
    }

    /// Whose word it is.
    async fn context(&self) -> &str {
        &self.inner.context
    }

    /// What it says.
    async fn state(&self) -> StatusState {
        self.inner.state.into()
    }

    /// What it says in words.
    async fn description(&self) -> Option<&str> {
        self.inner.description.as_deref()
    }

    /// Where to read more.
    async fn target_url(&self) -> Option<Uri> {
        self.inner.target_url.clone().map(Uri)
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        DateTime(self.inner.created_at)
    }

    /// Who wrote it.
    async fn creator(&self) -> Option<Actor> {
        let github = self.commit.place().0.github();
        Some(Actor::of(github, &self.inner.creator))
    }

    /// The commit.
    async fn commit(&self) -> Option<&Commit> {
        Some(&self.commit)
    }

    /// A pull request can't be merged without it.
    async fn is_required(
        &self,
        pull_request_id: Option<ID>,
        pull_request_number: Option<i32>,
    ) -> bool {
        // There are no pull requests that could require anything.
        let _ = (pull_request_id, pull_request_number);
        false
    }
}
