//! Commits and the people whom they name.

use std::sync::Arc;

use async_graphql::{Error, ID, InputObject, Object};

use super::{
    account::Account,
    check_suite::CheckSuite,
    deployment::{Deployment, DeploymentOrder},
    history::{CommitHistoryConnection, History},
    object::{GitObject, Stored, Tree, TreeEntry, git_object},
    owner::User,
    page::{Boundaries, Connection},
    pull_request::PullRequest,
    repository::Repository,
    rollup::{Status, StatusCheckRollup},
    scalar::{DateTime, GitObjectId, GitTimestamp, Uri, trouble},
};
use crate::github::{Github, git, node::NodeKind};

/// A commit.
#[derive(Clone)]
pub(super) struct Commit {
    stored: Stored,
    inner: Arc<git::Commit>,
}

impl Commit {
    pub(super) fn new(repository: &Repository, commit: git::Commit) -> Self {
        Self {
            stored: Stored {
                repository: repository.clone(),
                sha: commit.sha.clone(),
            },
            inner: Arc::new(commit),
        }
    }

    pub(super) fn place(&self) -> (&Repository, &git::Commit) {
        (&self.stored.repository, &self.inner)
    }
}

/// Whose commits a history is asked for.
#[derive(InputObject)]
pub(super) struct CommitAuthor {
    /// Addresses; they go before the id.
    pub(super) emails: Option<Vec<String>>,
    /// Node id of a user.
    pub(super) id: Option<ID>,
}

git_object! {
    /// A commit.
    Commit {
        /// The page for people.
        async fn url(&self) -> Uri {
            self.stored.page("commit")
        }

        /// The path of the page for people.
        async fn resource_path(&self) -> Uri {
            self.stored.page("commit").path()
        }

        /// The whole message.
        async fn message(&self) -> &str {
            self.inner.message.trim_end()
        }

        /// The message's first line.
        async fn message_headline(&self) -> &str {
            self.inner.headline()
        }

        /// What comes after the first line.
        async fn message_body(&self) -> &str {
            self.inner.body()
        }

        /// When it was committed.
        async fn committed_date(&self) -> DateTime {
            DateTime(self.inner.committer.at)
        }

        /// When it was written.
        async fn authored_date(&self) -> DateTime {
            DateTime(self.inner.author.at)
        }

        /// Who wrote it.
        async fn author(&self) -> Option<GitActor> {
            Some(GitActor::new(&self.stored.repository, &self.inner.author))
        }

        /// Who committed it.
        async fn committer(&self) -> Option<GitActor> {
            Some(GitActor::new(&self.stored.repository, &self.inner.committer))
        }

        /// Both are the same.
        async fn authored_by_committer(&self) -> bool {
            let (author, committer) = (&self.inner.author, &self.inner.committer);
            (&author.name, &author.email) == (&committer.name, &committer.email)
        }

        /// The commits it was made on top of.
        async fn parents(
            &self,
            after: Option<String>,
            before: Option<String>,
            first: Option<i32>,
            last: Option<i32>,
        ) -> Result<Connection<Commit>, Error> {
            let boundaries = Boundaries { connection: "parents", after, before, first, last };
            let repository = &self.stored.repository;
            let mut parents = Vec::new();
            for sha in &self.inner.parents {
                // What lies beyond the boundary of a shallow clone is not there.
                parents.extend(repository.commit(sha)?);
            }
            let page = boundaries.page(&parents, |parent| parent.inner.sha.to_string())?;
            Ok(page.into())
        }

        /// The commits that it can reach, newest first, itself among them.
        #[expect(clippy::too_many_arguments, reason = "GitHub's schema has them")]
        async fn history(
            &self,
            after: Option<String>,
            author: Option<CommitAuthor>,
            before: Option<String>,
            first: Option<i32>,
            last: Option<i32>,
            path: Option<String>,
            since: Option<GitTimestamp>,
            until: Option<GitTimestamp>,
        ) -> Result<CommitHistoryConnection, Error> {
            let boundaries = Boundaries { connection: "history", after, before, first, last };
            let history = History::new(self, author, path, since, until);
            CommitHistoryConnection::page(history, &boundaries)
        }

        /// The root directory.
        async fn tree(&self) -> Result<Tree, Error> {
            let repository = &self.stored.repository;
            match GitObject::find(repository, &self.inner.tree)? {
                Some(GitObject::Tree(tree)) => Ok(tree),
                _ => Err(trouble(format!("commit {} has no tree", self.inner.sha))),
            }
        }

        /// The page of the root directory.
        async fn tree_url(&self) -> Uri {
            self.stored.page("tree")
        }

        /// The path of the page of the root directory.
        async fn tree_resource_path(&self) -> Uri {
            self.stored.page("tree").path()
        }

        /// An item of the tree by its path.
        async fn file(&self, path: String) -> Result<Option<TreeEntry>, Error> {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
            let repository = &self.stored.repository;
            let entry = repository.git().read(&self.inner.sha, parent).map_err(trouble)?;
            let Some(git::Entry::Directory(items)) = entry else {
                return Ok(None);
            };
            let item = items.into_iter().find(|item| item.name == name);
            Ok(item.map(|item| TreeEntry::new(repository, parent, item)))
        }

        /// All its checks and statuses folded into one; null when it has none.
        async fn status_check_rollup(&self) -> Result<Option<StatusCheckRollup>, Error> {
            StatusCheckRollup::of(self)
        }

        /// Its statuses alone; null when it has none.
        async fn status(&self) -> Result<Option<Status>, Error> {
            Status::of(self)
        }

        /// Its check suites.
        async fn check_suites(
            &self,
            after: Option<String>,
            before: Option<String>,
            first: Option<i32>,
            last: Option<i32>,
        ) -> Result<Option<Connection<CheckSuite>>, Error> {
            let boundaries = Boundaries { connection: "checkSuites", after, before, first, last };
            let suites = CheckSuite::of(self)?;
            let page = boundaries.page(&suites, CheckSuite::key)?;
            Ok(Some(page.into()))
        }

        /// Pull requests with it.
        async fn associated_pull_requests(
            &self,
            after: Option<String>,
            before: Option<String>,
            first: Option<i32>,
            last: Option<i32>,
        ) -> Result<Option<Connection<PullRequest>>, Error> {
            let connection = "associatedPullRequests";
            PullRequest::none(&Boundaries { connection, after, before, first, last }).map(Some)
        }

        /// Its deployments, the oldest first unless asked otherwise.
        #[expect(clippy::too_many_arguments, reason = "GitHub's schema has them")]
        async fn deployments(
            &self,
            after: Option<String>,
            before: Option<String>,
            environments: Option<Vec<String>>,
            first: Option<i32>,
            last: Option<i32>,
            #[graphql(default_with = "Some(DeploymentOrder::default())")]
            order_by: Option<DeploymentOrder>,
        ) -> Result<Option<Connection<Deployment>>, Error> {
            let boundaries = Boundaries { connection: "deployments", after, before, first, last };
            let environments = environments.as_deref();
            let sha = Some(&self.inner.sha);
            self.stored
                .repository
                .deployments_page(&boundaries, order_by.as_ref(), environments, sha)
                .map(Some)
        }
    }
}

/// Somebody as a commit names them.
pub(super) struct GitActor {
    github: Github,
    signature: git::Signature,
}

impl GitActor {
    pub(super) fn new(repository: &Repository, signature: &git::Signature) -> Self {
        Self {
            github: repository.github().clone(),
            signature: signature.clone(),
        }
    }

    fn account(&self) -> Option<Account> {
        let state = self.github.state();
        let user = state.user_of(&self.signature.name, &self.signature.email)?;
        Some(Account::new(&self.github, user))
    }
}

/// Somebody as a commit names them.
#[Object]
impl GitActor {
    /// The name.
    async fn name(&self) -> Option<&str> {
        Some(&self.signature.name)
    }

    /// The address.
    async fn email(&self) -> Option<&str> {
        Some(&self.signature.email)
    }

    /// When they did it.
    async fn date(&self) -> Option<GitTimestamp> {
        Some(GitTimestamp::from(&self.signature))
    }

    /// The user whose address it is.
    async fn user(&self) -> Option<User> {
        self.account().map(User)
    }

    /// The picture; ours fit any size.
    async fn avatar_url(&self, size: Option<i32>) -> Uri {
        let _ = size;
        Uri(self.github.links().avatar(&self.signature.name))
    }
}
