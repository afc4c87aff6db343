//! What a query can begin with.

use async_graphql::{
    Context, Error, ID, Interface, Object, PathSegment, ServerError, SimpleObject,
};

use super::{
    Asked,
    account::Account,
    check::CheckRun,
    check_suite::{App, CheckSuite},
    commit::Commit,
    comparison::Comparison,
    deployment::{Deployment, DeploymentStatus},
    environment::Environment,
    object::{Blob, GitObject, Tag, Tree},
    owner::{Actor, Bot, Organization, RepositoryOwner, User, nobody},
    pull_request::PullRequest,
    reference::Ref,
    repository::Repository,
    rollup::{Status, StatusCheckRollup},
    scalar::{DateTime, error, trouble},
    status_context::StatusContext,
    workflow_run::WorkflowRun,
};
use crate::github::{
    Github, checks,
    git::{Resolved, Sha},
    node::{NodeId, NodeKind},
};

/// The most node ids that one query may ask for.
const MOST_NODES: usize = 100;

/// What a query can begin with.
pub(super) struct Query;

/// What a query can begin with.
#[Object]
impl Query {
    /// A repository by its owner's login and its name.
    async fn repository(
        &self,
        context: &Context<'_>,
        #[graphql(default_with = "Some(true)")] follow_renames: Option<bool>,
        name: String,
        owner: String,
    ) -> Result<Option<Repository>, Error> {
        // None was ever renamed.
        let _ = follow_renames;
        Repository::find(asked(context).github(), &owner, &name).map(Some)
    }

    /// An owner of repositories by login; null when there is none.
    async fn repository_owner(
        &self,
        context: &Context<'_>,
        login: String,
    ) -> Option<RepositoryOwner> {
        RepositoryOwner::find(asked(context).github(), &login)
    }

    /// An organization by login.
    async fn organization(
        &self,
        context: &Context<'_>,
        login: String,
    ) -> Result<Option<Organization>, Error> {
        match Actor::find(asked(context).github(), &login) {
            Some(Actor::Organization(organization)) => Ok(Some(organization)),
            _ => Err(nobody("an Organization", &login)),
        }
    }

    /// A person by login.
    async fn user(&self, context: &Context<'_>, login: String) -> Result<Option<User>, Error> {
        match Actor::find(asked(context).github(), &login) {
            Some(Actor::User(user)) => Ok(Some(user)),
            _ => Err(nobody("a User", &login)),
        }
    }

    /// Whom the token speaks for.
    async fn viewer(&self, context: &Context<'_>) -> Result<User, Error> {
        let asked = asked(context);
        let state = asked.github().state();
        let user = state.user(asked.login());
        user.map(|user| User(Account::viewer(asked.github(), user)))
            .ok_or_else(|| trouble(format!("{} is no user", asked.login())))
    }

    /// Anything by its node id.
    async fn node(&self, context: &Context<'_>, id: ID) -> Result<Option<Node>, Error> {
        Node::find(asked(context).github(), &id).map(Some)
    }

    /// Things by their node ids; null for those that are not there.
    async fn nodes(&self, context: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Node>>, Error> {
        if ids.len() > MOST_NODES {
            return Err(error(
                "ARGUMENT_LIMIT",
                format!(
                    "You may not provide more than {MOST_NODES} node ids; you provided {}.",
                    ids.len()
                ),
            ));
        }
        let mut found = Vec::with_capacity(ids.len());
        for (place, id) in ids.iter().enumerate() {
            match Node::find(asked(context).github(), id) {
                Ok(node) => found.push(Some(node)),
                Err(error) => {
                    context.add_error(at_place(context, error, place));
                    found.push(None);
                }
            }
        }
        Ok(found)
    }

    /// What the query costs and what is left of the hour.
    async fn rate_limit(
        &self,
        context: &Context<'_>,
        #[graphql(default_with = "Some(false)")] dry_run: Option<bool>,
    ) -> Option<RateLimit> {
        // The query is carried out all the same: what it costs is the same.
        let _ = dry_run;
        Some(asked(context).rate_limit())
    }
}

/// An error about one item of the list that a field answers with.
fn at_place(context: &Context<'_>, error: Error, place: usize) -> ServerError {
    let mut error = error.into_server_error(context.item.pos);
    let field = context.item.node.response_key().node.to_string();
    error.path = vec![PathSegment::Field(field), PathSegment::Index(place)];
    error
}

fn asked<'a>(context: &Context<'a>) -> &'a Asked {
    context.data_unchecked::<Asked>()
}

/// What a query costs and what is left of the hour.
#[derive(SimpleObject, Clone)]
pub(super) struct RateLimit {
    /// What it costs.
    pub(super) cost: u64,
    /// What an hour allows.
    pub(super) limit: u64,
    /// How many nodes it can return.
    pub(super) node_count: u64,
    /// What is left.
    pub(super) remaining: u64,
    /// When the next hour begins.
    pub(super) reset_at: DateTime,
    /// What was spent.
    pub(super) used: u64,
}

/// Anything that has a node id.
#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "ID"))]
pub(super) enum Node {
    /// An app.
    App(App),
    /// A file's bytes.
    Blob(Blob),
    /// A program.
    Bot(Bot),
    /// A check.
    CheckRun(CheckRun),
    /// Checks of a commit that belong together.
    CheckSuite(CheckSuite),
    /// A commit.
    Commit(Commit),
    /// How one commit lies to another.
    Comparison(Comparison),
    /// A deployment.
    Deployment(Deployment),
    /// A step of a deployment.
    DeploymentStatus(DeploymentStatus),
    /// An environment.
    Environment(Environment),
    /// An organization.
    Organization(Organization),
    /// A pull request.
    PullRequest(PullRequest),
    /// A branch or tag.
    Ref(Ref),
    /// A repository.
    Repository(Repository),
    /// A commit's statuses.
    Status(Status),
    /// A commit's checks and statuses.
    StatusCheckRollup(StatusCheckRollup),
    /// A status of a commit.
    StatusContext(StatusContext),
    /// An annotated tag.
    Tag(Tag),
    /// A directory.
    Tree(Tree),
    /// A person.
    User(User),
    /// A run of a workflow.
    WorkflowRun(WorkflowRun),
}

impl From<GitObject> for Node {
    fn from(object: GitObject) -> Self {
        match object {
            GitObject::Blob(blob) => Self::Blob(blob),
            GitObject::Commit(commit) => Self::Commit(commit),
            GitObject::Tag(tag) => Self::Tag(tag),
            GitObject::Tree(tree) => Self::Tree(tree),
        }
    }
}

impl From<Actor> for Node {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Bot(bot) => Self::Bot(bot),
            Actor::Organization(organization) => Self::Organization(organization),
            Actor::User(user) => Self::User(user),
        }
    }
}

impl Node {
    /// What a node id names, or GitHub's sentence that it names nothing.
    fn find(github: &Github, text: &str) -> Result<Self, Error> {
        let nothing = || {
            error(
                "NOT_FOUND",
                format!("Could not resolve to a node with the global id of '{text}'."),
            )
        };
        let id: NodeId = text.parse().map_err(|_| nothing())?;
        Self::named(github, &id)?.ok_or_else(nothing)
    }

    fn named(github: &Github, id: &NodeId) -> Result<Option<Self>, Error> {
        match id.kind {
            NodeKind::User => return Ok(Self::user(github, &id.key)),
            NodeKind::App => return Ok(Some(App(github.clone()).into())),
            _ => {}
        }
        let repository = github
            .state()
            .repository_by_id(id.repository)
            .filter(|repository| github.sees(repository))
            .map(|repository| Repository::new(github, repository));
        match repository {
            Some(repository) => Self::inside(&repository, id),
            None => Ok(None),
        }
    }

    fn user(github: &Github, key: &str) -> Option<Self> {
        let state = github.state();
        let user = state
            .users
            .values()
            .find(|user| user.id.to_string() == key)?;
        Some(Actor::from(Account::new(github, user)).into())
    }

    /// Something in a repository.
    fn inside(repository: &Repository, id: &NodeId) -> Result<Option<Self>, Error> {
        let number = id.key.parse::<u64>().unwrap_or(0);
        Ok(match id.kind {
            NodeKind::Repository => Some(repository.clone().into()),
            NodeKind::Commit | NodeKind::Tree | NodeKind::Blob | NodeKind::Tag => {
                object(repository, &id.key)?.map(Into::into)
            }
            NodeKind::Ref => repository.find_ref(&id.key)?.map(Into::into),
            NodeKind::Deployment => repository
                .look(|state| Deployment::find(repository, state, number))?
                .map(Into::into),
            NodeKind::DeploymentStatus => repository
                .look(|state| DeploymentStatus::find(repository, state, number))?
                .map(Into::into),
            NodeKind::Environment => repository.look(|state| {
                let found = state.environments.iter().find(|it| it.id == number)?;
                Some(Environment::new(repository, found).into())
            })?,
            NodeKind::CheckRun => check_run(repository, number)?.map(Into::into),
            NodeKind::StatusContext => status_context(repository, number)?.map(Into::into),
            NodeKind::CheckSuite => check_suite(repository, &id.key)?.map(Into::into),
            NodeKind::WorkflowRun => WorkflowRun::find(repository, number)?.map(Into::into),
            NodeKind::StatusCheckRollup => match commit(repository, &id.key)? {
                Some(commit) => StatusCheckRollup::of(&commit)?.map(Into::into),
                None => None,
            },
            NodeKind::Status => match commit(repository, &id.key)? {
                Some(commit) => Status::of(&commit)?.map(Into::into),
                None => None,
            },
            NodeKind::Comparison => comparison(repository, &id.key)?.map(Into::into),
            // Users and apps are in no repository; the schema gives rules no id.
            NodeKind::User | NodeKind::App | NodeKind::ProtectionRule => None,
        })
    }
}

fn object(repository: &Repository, sha: &str) -> Result<Option<GitObject>, Error> {
    match sha.parse::<Sha>() {
        Ok(sha) => GitObject::find(repository, &sha),
        Err(_) => Ok(None),
    }
}

fn commit(repository: &Repository, sha: &str) -> Result<Option<Commit>, Error> {
    match object(repository, sha)? {
        Some(GitObject::Commit(commit)) => Ok(Some(commit)),
        _ => Ok(None),
    }
}

fn check_run(repository: &Repository, id: u64) -> Result<Option<CheckRun>, Error> {
    // A derived check is not recorded anywhere: its id tells its commit.
    let sha = match checks::digits_of_derived(id) {
        Some(digits) => match repository.git().resolve(&digits).map_err(trouble)? {
            Resolved::Commit(sha) => Some(sha),
            _ => None,
        },
        None => repository.look(|state| {
            let mut all = state.checks.values().flatten();
            all.find(|run| run.id == id).map(|run| run.sha.clone())
        })?,
    };
    match sha
        .map(|sha| repository.commit(&sha))
        .transpose()?
        .flatten()
    {
        Some(commit) => CheckRun::find(&commit, id),
        None => Ok(None),
    }
}

fn check_suite(repository: &Repository, key: &str) -> Result<Option<CheckSuite>, Error> {
    let Some((sha, which)) = checks::suite_of_key(key) else {
        return Ok(None);
    };
    match commit(repository, sha.as_str())? {
        Some(commit) => CheckSuite::find(&commit, which),
        None => Ok(None),
    }
}

fn status_context(repository: &Repository, id: u64) -> Result<Option<StatusContext>, Error> {
    let found = repository.look(|state| {
        let mut all = state.statuses.values().flatten();
        all.find(|status| status.id == id).cloned()
    })?;
    let Some(status) = found else {
        return Ok(None);
    };
    let commit = repository.commit(&status.sha)?;
    Ok(commit.map(|commit| StatusContext::new(&commit, status)))
}

fn comparison(repository: &Repository, key: &str) -> Result<Option<Comparison>, Error> {
    let Some((base, head)) = key.split_once("...") else {
        return Ok(None);
    };
    match (commit(repository, base)?, commit(repository, head)?) {
        (Some(base), Some(head)) => {
            let sha = |commit: &Commit| commit.place().1.sha.clone();
            Comparison::new(repository, sha(&base), sha(&head)).map(Some)
        }
        _ => Ok(None),
    }
}
