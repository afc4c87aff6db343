//! Environments and the rules that protect them.

use async_graphql::{Enum, Error, ID, InputObject, Object, SimpleObject};

use super::{
    OrderDirection,
    deployment::Deployment,
    page::{Boundaries, Connection},
    repository::Repository,
};
use crate::github::{
    node::NodeKind,
    state::{self, DeploymentState},
};

/// How to sort environments.
#[derive(InputObject)]
pub(super) struct Environments {
    /// Which way.
    direction: OrderDirection,
    /// By what.
    field: EnvironmentOrderField,
}

impl Default for Environments {
    fn default() -> Self {
        Self {
            direction: OrderDirection::Asc,
            field: EnvironmentOrderField::Name,
        }
    }
}

impl Environments {
    /// The last name comes first.
    pub(super) fn is_descending(&self) -> bool {
        let EnvironmentOrderField::Name = self.field;
        self.direction == OrderDirection::Desc
    }
}

/// By what environments can be sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum EnvironmentOrderField {
    /// By name.
    Name,
}

/// Which environments are asked for: people can pin some to the top.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum EnvironmentPinnedFilterField {
    /// All of them.
    All,
    /// Those that are not pinned.
    None,
    /// Those that are.
    Only,
}

/// An environment.
#[derive(Clone)]
pub(super) struct Environment {
    repository: Repository,
    pub(super) inner: state::Environment,
}

impl Environment {
    pub(super) fn new(repository: &Repository, environment: &state::Environment) -> Self {
        Self {
            repository: repository.clone(),
            inner: environment.clone(),
        }
    }
}

/// An environment.
#[Object]
impl Environment {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        self.repository
            .node_id(NodeKind::Environment, self.inner.id)
    }

    /// The number.
    async fn database_id(&self) -> Option<i64> {
        i64::try_from(self.inner.id).ok()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.inner.name
    }

    /// It is pinned; none is here.
    async fn is_pinned(&self) -> Option<bool> {
        Some(false)
    }

    /// Its place among the pinned ones.
    async fn pinned_position(&self) -> Option<i32> {
        None
    }

    /// The newest deployment to it that has ended, well or not.
    async fn latest_completed_deployment(&self) -> Result<Option<Deployment>, Error> {
        self.repository.look(|repository| {
            let newest = repository
                .deployments
                .iter()
                .filter(|deployment| {
                    deployment
                        .environment
                        .eq_ignore_ascii_case(&self.inner.name)
                        && deployment.statuses.iter().any(is_completion)
                })
                .max_by_key(|deployment| (deployment.created_at, deployment.id))?;
            Deployment::find(&self.repository, repository, newest.id)
        })
    }

    /// What a workflow's job has to pass.
    async fn protection_rules(
        &self,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Connection<DeploymentProtectionRule>, Error> {
        let boundaries = Boundaries {
            connection: "protectionRules",
            after,
            before,
            first,
            last,
        };
        let rules = DeploymentProtectionRule::of(&self.inner);
        let page = boundaries.page(&rules, |rule| format!("{:?}", rule.kind))?;
        Ok(page.into())
    }
}

fn is_completion(status: &state::DeploymentStatus) -> bool {
    use DeploymentState::{Error, Failure, Success};
    matches!(status.state, Success | Failure | Error)
}

/// Something that a workflow's job has to pass.
#[derive(SimpleObject, Clone)]
pub(super) struct DeploymentProtectionRule {
    /// The number.
    database_id: Option<i64>,
    /// Who starts a job may not approve it.
    prevent_self_review: Option<bool>,
    /// Minutes to wait.
    timeout: u32,
    /// What it asks for.
    #[graphql(name = "type")]
    kind: DeploymentProtectionRuleType,
}

/// What a rule asks for.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DeploymentProtectionRuleType {
    /// That the branch is one of those allowed.
    BranchPolicy,
    /// That somebody approves.
    RequiredReviewers,
    /// That time passes.
    WaitTimer,
}

impl DeploymentProtectionRule {
    fn of(environment: &state::Environment) -> Vec<Self> {
        use DeploymentProtectionRuleType::{BranchPolicy, RequiredReviewers, WaitTimer};
        let rule = |kind| Self {
            database_id: None,
            prevent_self_review: Some(environment.prevent_self_review),
            timeout: environment.wait_timer,
            kind,
        };
        [
            (environment.wait_timer > 0).then(|| rule(WaitTimer)),
            (!environment.reviewers.is_empty()).then(|| rule(RequiredReviewers)),
            environment.branch_policy.map(|_| rule(BranchPolicy)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
