//! Repositories, their branches and tags, and comparisons.

use std::sync::Arc;

use async_graphql::{Enum, Error, ID, Object};
use jiff::Timestamp;

use super::{
    OrderDirection,
    commit::Commit,
    deployment::{Deployment, DeploymentOrder, newest_first},
    environment::{Environment, EnvironmentPinnedFilterField, Environments},
    object::GitObject,
    owner::RepositoryOwner,
    page::{Boundaries, Connection},
    reference::{Ref, RefOrder},
    scalar::{DateTime, GitObjectId, Uri, error, trouble},
};
use crate::github::{
    Github,
    git::{self, Sha},
    node::{NodeId, NodeKind},
    state,
};

/// A repository.
#[derive(Clone)]
pub(super) struct Repository {
    github: Github,
    facts: Arc<Facts>,
}

/// What of a repository does not change while a query is answered.
pub(super) struct Facts {
    pub(super) id: u64,
    pub(super) full_name: String,
    owner: String,
    name: String,
    pub(super) git: git::Repository,
    default_branch: String,
    created_at: Timestamp,
    pushed_at: Timestamp,
}

impl Repository {
    pub(super) fn new(github: &Github, repository: &state::Repository) -> Self {
        Self {
            github: github.clone(),
            facts: Arc::new(Facts {
                id: repository.id,
                full_name: repository.full_name(),
                owner: repository.owner.clone(),
                name: repository.name.clone(),
                git: repository.git.clone(),
                default_branch: repository.default_branch.clone(),
                created_at: repository.created_at,
                pushed_at: repository.pushed_at,
            }),
        }
    }

    /// A repository by owner and name, or GitHub's sentence that there is none.
    pub(super) fn find(github: &Github, owner: &str, name: &str) -> Result<Self, Error> {
        github
            .state()
            .repository(owner, name)
            .filter(|repository| github.sees(repository))
            .map(|repository| Self::new(github, repository))
            .ok_or_else(|| {
                error(
                    "NOT_FOUND",
                    format!("Could not resolve to a Repository with the name '{owner}/{name}'."),
                )
            })
    }

    pub(super) fn github(&self) -> &Github {
        &self.github
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    pub(super) fn git(&self) -> &git::Repository {
        &self.facts.git
    }

    /// The node id of something in this repository.
    pub(super) fn node_id(&self, kind: NodeKind, key: impl ToString) -> ID {
        ID(NodeId::new(kind, self.facts.id, key).to_string())
    }

    /// A page for people in this repository; `path` begins with a slash.
    pub(super) fn page(&self, path: &str) -> Uri {
        let path = format!("/{}{path}", self.facts.full_name);
        Uri(self.github.links().html(&path))
    }

    /// What is known of the repository now, as far as `look` tells it.
    pub(super) fn look<T>(&self, look: impl FnOnce(&state::Repository) -> T) -> Result<T, Error> {
        self.github
            .state()
            .named(&self.facts.full_name)
            .map(look)
            .ok_or_else(|| error("NOT_FOUND", "The repository is gone."))
    }

    /// A commit that is known to be there.
    pub(super) fn commit(&self, sha: &Sha) -> Result<Option<Commit>, Error> {
        let commit = self.git().commit(sha).map_err(trouble)?;
        Ok(commit.map(|commit| Commit::new(self, commit)))
    }

    /// The deployments that `keep` keeps, as a page.
    pub(super) fn deployments_page(
        &self,
        boundaries: &Boundaries,
        order: Option<&DeploymentOrder>,
        environments: Option<&[String]>,
        sha: Option<&Sha>,
    ) -> Result<Connection<Deployment>, Error> {
        let asked = |deployment: &state::Deployment| {
            sha.is_none_or(|sha| deployment.sha == *sha)
                && environments.is_none_or(|names| {
                    names
                        .iter()
                        .any(|name| name.eq_ignore_ascii_case(&deployment.environment))
                })
        };
        let page = self.look(|repository| {
            let mut all: Vec<_> = repository
                .deployments
                .iter()
                .filter(|deployment| asked(deployment))
                .map(|deployment| (deployment.created_at, deployment.id))
                .collect();
            all.sort_unstable();
            if order.is_some_and(newest_first) {
                all.reverse();
            }
            let page = boundaries.page(&all, |(_, id)| id.to_string())?;
            Ok::<_, Error>(page.map(|(_, id)| Deployment::in_state(self, repository, id)))
        })??;
        Ok(page.into())
    }

    /// A branch or tag by its full name.
    fn reference(&self, full_name: &str) -> Result<Option<Ref>, Error> {
        let target = self.git().reference_target(full_name).map_err(trouble)?;
        Ok(target.map(|target| Ref::new(self, full_name, target)))
    }

    /// The branch or tag of a short or full name.
    pub(super) fn find_ref(&self, name: &str) -> Result<Option<Ref>, Error> {
        if name.starts_with("refs/") {
            return self.reference(name);
        }
        for prefix in ["refs/heads/", "refs/tags/", "refs/"] {
            if let Some(found) = self.reference(&format!("{prefix}{name}"))? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// Who can see a repository.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum RepositoryVisibility {
    /// Everyone of the enterprise.
    Internal,
    /// Those who were let in.
    Private,
    /// Everyone.
    Public,
}

/// A repository.
#[Object]
impl Repository {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        self.node_id(NodeKind::Repository, "")
    }

    /// The number.
    async fn database_id(&self) -> Option<i64> {
        i64::try_from(self.facts.id).ok()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.facts.name
    }

    /// Its name after its owner's login.
    async fn name_with_owner(&self) -> &str {
        &self.facts.full_name
    }

    /// Who owns it.
    async fn owner(&self) -> Result<RepositoryOwner, Error> {
        RepositoryOwner::find(&self.github, &self.facts.owner)
            .ok_or_else(|| trouble(format!("{} has no owner", self.facts.full_name)))
    }

    /// The page for people.
    async fn url(&self) -> Uri {
        self.page("")
    }

    /// The path of the page for people.
    async fn resource_path(&self) -> Uri {
        self.page("").path()
    }

    /// Not everyone can see it.
    async fn is_private(&self) -> bool {
        false
    }

    /// Who can see it.
    async fn visibility(&self) -> RepositoryVisibility {
        RepositoryVisibility::Public
    }

    /// It takes no changes any more.
    async fn is_archived(&self) -> bool {
        false
    }

    /// It is a copy of another.
    async fn is_fork(&self) -> bool {
        false
    }

    /// It was switched off.
    async fn is_disabled(&self) -> bool {
        false
    }

    /// It has no commit.
    async fn is_empty(&self) -> Result<bool, Error> {
        let branches = self.git().branches().map_err(trouble)?;
        Ok(branches.is_empty())
    }

    /// What it is about.
    async fn description(&self) -> Option<String> {
        None
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.facts.created_at)
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.facts.pushed_at)
    }

    /// When it was last pushed to.
    async fn pushed_at(&self) -> Option<DateTime> {
        Some(DateTime(self.facts.pushed_at))
    }

    /// Its default branch; null before the first commit.
    async fn default_branch_ref(&self) -> Result<Option<Ref>, Error> {
        self.reference(&format!("refs/heads/{}", self.facts.default_branch))
    }

    /// A branch or tag by name.
    #[graphql(name = "ref")]
    async fn reference_by_name(&self, qualified_name: String) -> Result<Option<Ref>, Error> {
        self.find_ref(&qualified_name)
    }

    /// Branches or tags: those whose full names begin so.
    #[expect(clippy::too_many_arguments, reason = "GitHub's schema has them")]
    async fn refs(
        &self,
        after: Option<String>,
        before: Option<String>,
        direction: Option<OrderDirection>,
        first: Option<i32>,
        last: Option<i32>,
        order_by: Option<RefOrder>,
        query: Option<String>,
        ref_prefix: String,
    ) -> Result<Option<Connection<Ref>>, Error> {
        let boundaries = Boundaries {
            connection: "refs",
            after,
            before,
            first,
            last,
        };
        let mut all = Ref::all(self, &ref_prefix)?;
        if let Some(part) = query {
            all.retain(|found| found.full_name().contains(&part));
        }
        if order_by.as_ref().is_some_and(RefOrder::is_by_date) {
            all.sort_by_cached_key(Ref::committed_at);
        }
        let direction = order_by.map(|order| order.direction).or(direction);
        if direction == Some(OrderDirection::Desc) {
            all.reverse();
        }
        let page = boundaries.page(&all, |found| found.full_name().to_owned())?;
        Ok(Some(page.into()))
    }

    /// An object by an expression such as `main:README.md`, or by its SHA. An
    /// ambiguous expression stands for nothing.
    async fn object(
        &self,
        expression: Option<String>,
        oid: Option<GitObjectId>,
    ) -> Result<Option<GitObject>, Error> {
        let sha = match (oid, expression) {
            (Some(oid), _) => Some(oid.0),
            (None, Some(expression)) => self.express(&expression)?,
            (None, None) => {
                return Err(error(
                    "ARGUMENT_ERROR",
                    "One of `oid` or `expression` must be given.",
                ));
            }
        };
        match sha {
            Some(sha) => GitObject::find(self, &sha),
            None => Ok(None),
        }
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
        #[graphql(default_with = "Some(DeploymentOrder::default())")] order_by: Option<
            DeploymentOrder,
        >,
    ) -> Result<Connection<Deployment>, Error> {
        let boundaries = Boundaries {
            connection: "deployments",
            after,
            before,
            first,
            last,
        };
        self.deployments_page(
            &boundaries,
            order_by.as_ref(),
            environments.as_deref(),
            None,
        )
    }

    /// An environment by name.
    async fn environment(&self, name: String) -> Result<Option<Environment>, Error> {
        self.look(|repository| {
            let found = repository.environment(&name)?;
            Some(Environment::new(self, found))
        })
    }

    /// Its environments, by name.
    #[expect(clippy::too_many_arguments, reason = "GitHub's schema has them")]
    async fn environments(
        &self,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
        #[graphql(default_with = "Some(Vec::new())")] names: Option<Vec<String>>,
        #[graphql(default_with = "Some(Environments::default())")] order_by: Option<Environments>,
        #[graphql(default_with = "Some(EnvironmentPinnedFilterField::All)")]
        pinned_environment_filter: Option<EnvironmentPinnedFilterField>,
    ) -> Result<Connection<Environment>, Error> {
        let boundaries = Boundaries {
            connection: "environments",
            after,
            before,
            first,
            last,
        };
        let names = names.unwrap_or_default();
        // None is pinned here.
        let shown = pinned_environment_filter != Some(EnvironmentPinnedFilterField::Only);
        let mut all: Vec<Environment> = self.look(|repository| {
            repository
                .environments
                .iter()
                .filter(|found| {
                    shown
                        && (names.is_empty()
                            || names.iter().any(|it| it.eq_ignore_ascii_case(&found.name)))
                })
                .map(|found| Environment::new(self, found))
                .collect()
        })?;
        all.sort_by_key(|environment| environment.inner.name.to_lowercase());
        if order_by.is_some_and(|order| order.is_descending()) {
            all.reverse();
        }
        let page = boundaries.page(&all, |environment| environment.inner.id.to_string())?;
        Ok(page.into())
    }
}
