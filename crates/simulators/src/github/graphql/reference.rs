//! Branches and tags.

use async_graphql::{Enum, Error, ID, InputObject, Object};
use jiff::Timestamp;

use super::{
    OrderDirection,
    comparison::Comparison,
    object::GitObject,
    page::{Boundaries, Connection},
    pull_request::PullRequest,
    repository::Repository,
    scalar::trouble,
};
use crate::github::{
    git::{Resolved, Sha},
    node::NodeKind,
};

/// How to sort branches and tags.
#[derive(InputObject)]
pub(super) struct RefOrder {
    /// Which way.
    pub(super) direction: OrderDirection,
    /// By what.
    field: RefOrderField,
}

impl RefOrder {
    pub(super) fn is_by_date(&self) -> bool {
        self.field == RefOrderField::TagCommitDate
    }
}

/// By what branches and tags can be sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefOrderField {
    /// By name.
    Alphabetical,
    /// When their commit was committed.
    TagCommitDate,
}

/// A branch or a tag.
#[derive(Clone)]
pub(super) struct Ref {
    repository: Repository,
    full_name: String,
    target: Sha,
}

impl Ref {
    pub(super) fn new(repository: &Repository, full_name: &str, target: Sha) -> Self {
        Self {
            repository: repository.clone(),
            full_name: full_name.to_owned(),
            target,
        }
    }

    /// All whose full names begin so, by name.
    pub(super) fn all(repository: &Repository, prefix: &str) -> Result<Vec<Self>, Error> {
        let found = repository.git().references(prefix).map_err(trouble)?;
        let found = found.into_iter();
        Ok(found
            .map(|(full_name, target)| Self::new(repository, &full_name, target))
            .collect())
    }

    pub(super) fn full_name(&self) -> &str {
        &self.full_name
    }

    /// When the commit that it points to was committed.
    pub(super) fn committed_at(&self) -> Option<Timestamp> {
        let target = self.repository.git().commit(&self.target).ok()??;
        Some(target.committer.at)
    }

    /// `refs/heads/` or `refs/tags/`, and what comes after it.
    fn split(&self) -> (&str, &str) {
        let prefix = ["refs/heads/", "refs/tags/", "refs/"]
            .into_iter()
            .find(|prefix| self.full_name.starts_with(prefix))
            .unwrap_or_default();
        self.full_name.split_at(prefix.len())
    }
}

/// A branch or a tag.
#[Object]
impl Ref {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        self.repository.node_id(NodeKind::Ref, &self.full_name)
    }

    /// Its name.
    async fn name(&self) -> &str {
        self.split().1
    }

    /// What comes before its name.
    async fn prefix(&self) -> &str {
        self.split().0
    }

    /// The repository it is in.
    async fn repository(&self) -> &Repository {
        &self.repository
    }

    /// What it points to.
    async fn target(&self) -> Result<Option<GitObject>, Error> {
        GitObject::find(&self.repository, &self.target)
    }

    /// How another branch, tag or commit lies to this one; null when there is
    /// no such thing.
    async fn compare(&self, head_ref: String) -> Result<Option<Comparison>, Error> {
        let git = self.repository.git();
        let base = git.resolve(&self.full_name).map_err(trouble)?;
        let head = git.resolve(&head_ref).map_err(trouble)?;
        let (Resolved::Commit(base), Resolved::Commit(head)) = (base, head) else {
            return Ok(None);
        };
        Comparison::new(&self.repository, base, head).map(Some)
    }

    /// Pull requests from it.
    async fn associated_pull_requests(
        &self,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Connection<PullRequest>, Error> {
        PullRequest::none(&Boundaries {
            connection: "associatedPullRequests",
            after,
            before,
            first,
            last,
        })
    }
}
