//! Deployments and their statuses.

use std::sync::Arc;

use async_graphql::{Enum, Error, ID, InputObject, Object};
use jiff::SignedDuration;

use super::{
    OrderDirection,
    commit::Commit,
    owner::Actor,
    page::{Boundaries, Connection},
    reference::Ref,
    repository::Repository,
    scalar::{DateTime, Uri},
};
use crate::github::{
    git::Sha,
    node::NodeKind,
    state::{self, DeploymentState as Recorded},
};

/// A deployment that gets no status for so long counts as abandoned.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// How to sort deployments.
#[derive(InputObject)]
pub(super) struct DeploymentOrder {
    /// Which way.
    direction: OrderDirection,
    /// By what.
    field: DeploymentOrderField,
}

impl Default for DeploymentOrder {
    fn default() -> Self {
        Self {
            direction: OrderDirection::Asc,
            field: DeploymentOrderField::CreatedAt,
        }
    }
}

/// By what deployments can be sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeploymentOrderField {
    /// When they were created.
    CreatedAt,
}

/// The newest come first.
pub(super) fn newest_first(order: &DeploymentOrder) -> bool {
    let DeploymentOrderField::CreatedAt = order.field;
    order.direction == OrderDirection::Desc
}

/// A deployment.
#[derive(Clone)]
pub(super) struct Deployment {
    repository: Repository,
    inner: Arc<state::Deployment>,
    /// A newer deployment to the same environment has succeeded.
    is_replaced: bool,
}

impl Deployment {
    /// The deployment of an id that is known to be there.
    pub(super) fn in_state(repository: &Repository, state: &state::Repository, id: u64) -> Self {
        Self::find(repository, state, id).expect("the caller has found it in the same state")
    }

    /// The deployment of an id.
    pub(super) fn find(
        repository: &Repository,
        state: &state::Repository,
        id: u64,
    ) -> Option<Self> {
        let found = state.deployment(id)?;
        let is_replaced = state.deployments.iter().any(|other| {
            other.id > found.id
                && other.environment == found.environment
                && other.state() == Some(Recorded::Success)
        });
        Some(Self {
            repository: repository.clone(),
            inner: Arc::new(found.clone()),
            is_replaced,
        })
    }

    fn status(&self, inner: &state::DeploymentStatus) -> DeploymentStatus {
        DeploymentStatus {
            deployment: self.clone(),
            inner: inner.clone(),
        }
    }
}

/// A deployment.
#[Object]
impl Deployment {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        self.repository.node_id(NodeKind::Deployment, self.inner.id)
    }

    /// The number.
    async fn database_id(&self) -> Option<i64> {
        i64::try_from(self.inner.id).ok()
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.inner.created_at)
    }

    /// When it last got a status.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.inner.updated_at)
    }

    /// Who created it.
    async fn creator(&self) -> Actor {
        Actor::of(self.repository.github(), &self.inner.creator)
    }

    /// What it deploys; null when the commit is gone.
    async fn commit(&self) -> Result<Option<Commit>, Error> {
        self.repository.commit(&self.inner.sha)
    }

    /// The SHA of what it deploys.
    async fn commit_oid(&self) -> String {
        self.inner.sha.to_string()
    }

    /// The branch or tag that it was created by; null when it was a SHA.
    #[graphql(name = "ref")]
    async fn reference(&self) -> Result<Option<Ref>, Error> {
        if self.inner.reference.parse::<Sha>().is_ok() {
            return Ok(None);
        }
        self.repository.find_ref(&self.inner.reference)
    }

    /// Where it goes.
    async fn environment(&self) -> Option<&str> {
        Some(&self.inner.environment)
    }

    /// Where it was to go when it was created.
    async fn original_environment(&self) -> Option<&str> {
        Some(&self.inner.original_environment)
    }

    /// Where it goes.
    async fn latest_environment(&self) -> Option<&str> {
        Some(&self.inner.environment)
    }

    /// What its creator says about it.
    async fn description(&self) -> Option<&str> {
        self.inner.description.as_deref()
    }

    /// What its creator attached, as the text of a JSON value.
    async fn payload(&self) -> Option<String> {
        Some(self.inner.payload.to_string())
    }

    /// What is done.
    async fn task(&self) -> Option<&str> {
        Some(&self.inner.task)
    }

    /// The repository that it is in.
    async fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Where it stands.
    async fn state(&self) -> Option<DeploymentState> {
        use DeploymentState as Told;
        let now = self.repository.github().clock().now();
        let quiet_for = now.duration_since(self.inner.updated_at);
        Some(match self.inner.state() {
            None | Some(Recorded::Pending) if quiet_for > ABANDONED_AFTER => Told::Abandoned,
            None | Some(Recorded::Pending) => Told::Pending,
            Some(Recorded::Success) if self.is_replaced => Told::Success,
            Some(Recorded::Success) => Told::Active,
            Some(Recorded::Inactive) if self.inner.transient_environment => Told::Destroyed,
            Some(Recorded::Inactive) => Told::Inactive,
            Some(Recorded::Error) => Told::Error,
            Some(Recorded::Failure) => Told::Failure,
            Some(Recorded::InProgress) => Told::InProgress,
            Some(Recorded::Queued) => Told::Queued,
            Some(Recorded::Waiting) => Told::Waiting,
        })
    }

    /// Its newest status.
    async fn latest_status(&self) -> Option<DeploymentStatus> {
        self.inner.statuses.last().map(|status| self.status(status))
    }

    /// Its statuses, newest first.
    async fn statuses(
        &self,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Option<Connection<DeploymentStatus>>, Error> {
        let boundaries = Boundaries {
            connection: "statuses",
            after,
            before,
            first,
            last,
        };
        let newest_first: Vec<&state::DeploymentStatus> =
            self.inner.statuses.iter().rev().collect();
        let page = boundaries.page(&newest_first, |status| status.id.to_string())?;
        Ok(Some(page.map(|status| self.status(status)).into()))
    }
}

/// Where a deployment stands, in GraphQL's words.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeploymentState {
    /// Nobody has done anything about it for half an hour.
    Abandoned,
    /// It is what its environment runs.
    Active,
    /// It is inactive, and its environment gone with it.
    Destroyed,
    /// It could not be carried out.
    Error,
    /// It went wrong.
    Failure,
    /// Another one took its place, or it was put aside.
    Inactive,
    /// It is going out.
    InProgress,
    /// Nobody has picked it up.
    Pending,
    /// It waits for a runner.
    Queued,
    /// It succeeded, and another one after it.
    Success,
    /// It waits for a protection rule.
    Waiting,
}

/// A step of a deployment.
#[derive(Clone)]
pub(super) struct DeploymentStatus {
    deployment: Deployment,
    inner: state::DeploymentStatus,
}

impl DeploymentStatus {
    /// The status of an id, if a deployment of the repository has it.
    pub(super) fn find(
        repository: &Repository,
        state: &state::Repository,
        id: u64,
    ) -> Option<Self> {
        let has = |deployment: &&state::Deployment| {
            deployment.statuses.iter().any(|status| status.id == id)
        };
        let deployment = state.deployments.iter().find(has)?;
        let deployment = Deployment::find(repository, state, deployment.id)?;
        let inner = deployment
            .inner
            .statuses
            .iter()
            .find(|status| status.id == id)?
            .clone();
        Some(Self { deployment, inner })
    }
}

/// A step of a deployment.
#[Object]
impl DeploymentStatus {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        let repository = &self.deployment.repository;
        repository.node_id(NodeKind::DeploymentStatus, self.inner.id)
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        DateTime(self.inner.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.inner.created_at)
    }

    /// Who wrote it.
    async fn creator(&self) -> Actor {
        Actor::of(self.deployment.repository.github(), &self.inner.creator)
    }

    /// What it is a step of.
    async fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// What it says.
    async fn description(&self) -> Option<&str> {
        Some(&self.inner.description)
    }

    /// Where the deployment went at the time.
    async fn environment(&self) -> Option<&str> {
        Some(&self.inner.environment)
    }

    /// Where the result can be seen.
    async fn environment_url(&self) -> Option<Uri> {
        address(&self.inner.environment_url)
    }

    /// Its log.
    async fn log_url(&self) -> Option<Uri> {
        address(&self.inner.log_url)
    }

    /// Where the deployment stood with it.
    async fn state(&self) -> DeploymentStatusState {
        use DeploymentStatusState as Told;
        match self.inner.state {
            Recorded::Error => Told::Error,
            Recorded::Failure => Told::Failure,
            Recorded::Inactive => Told::Inactive,
            Recorded::InProgress => Told::InProgress,
            Recorded::Queued => Told::Queued,
            Recorded::Pending => Told::Pending,
            Recorded::Success => Told::Success,
            Recorded::Waiting => Told::Waiting,
        }
    }
}

fn address(text: &str) -> Option<Uri> {
    (!text.is_empty()).then(|| Uri(text.to_owned()))
}

/// Where a deployment stood with a status.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeploymentStatusState {
    /// It could not be carried out.
    Error,
    /// It went wrong.
    Failure,
    /// Another one took its place, or it was put aside.
    Inactive,
    /// It is going out.
    InProgress,
    /// It waits.
    Pending,
    /// It waits for a runner.
    Queued,
    /// It is out.
    Success,
    /// It waits for a protection rule.
    Waiting,
}
