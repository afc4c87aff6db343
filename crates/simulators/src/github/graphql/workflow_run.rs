//! Runs of workflows, which check suites come from.

use async_graphql::{Error, ID, Object};

use super::{
    check_suite::CheckSuite,
    repository::Repository,
    scalar::{DateTime, Uri},
};
use crate::github::{
    node::NodeKind,
    state::{self, Suite},
};

/// A run of a workflow.
#[derive(Clone)]
pub(super) struct WorkflowRun {
    suite: CheckSuite,
    number: u64,
}

impl WorkflowRun {
    /// The run that a suite of these checks comes from. What a push starts has
    /// a run for each check here, of which the first stands for all.
    pub(super) fn of(suite: &CheckSuite, checks: &[state::CheckRun]) -> Option<Self> {
        let number = match suite.place().1 {
            Suite::Deployment(run) => Some(run),
            Suite::Commit => checks.iter().find_map(|check| check.run),
        };
        number.map(|number| Self {
            suite: suite.clone(),
            number,
        })
    }

    /// The run of an id, unless it is too old to be remembered.
    pub(super) fn find(repository: &Repository, number: u64) -> Result<Option<Self>, Error> {
        let place = repository.look(|state| {
            let run = state.runs.get(&number)?;
            Some((run.sha.clone(), run.suite()))
        })?;
        let Some((sha, which)) = place else {
            return Ok(None);
        };
        let commit = repository.commit(&sha)?;
        Ok(commit.map(|commit| Self {
            suite: CheckSuite::new(&commit, which),
            number,
        }))
    }

    fn repository(&self) -> &Repository {
        self.suite.place().0.place().0
    }

    fn page(&self) -> Uri {
        let path = format!("/actions/runs/{}", self.number);
        self.repository().page(&path)
    }
}

/// A run of a workflow.
#[Object]
impl WorkflowRun {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        self.repository()
            .node_id(NodeKind::WorkflowRun, self.number)
    }

    /// The number.
    async fn database_id(&self) -> Option<i64> {
        i64::try_from(self.number).ok()
    }

    /// The event that started it.
    async fn event(&self) -> &str {
        self.suite.place().1.trigger().word()
    }

    /// Which run of its workflow it is; ours are numbered by their ids.
    async fn run_number(&self) -> i32 {
        i32::try_from(self.number).unwrap_or(i32::MAX)
    }

    /// The suite that its checks are in.
    async fn check_suite(&self) -> &CheckSuite {
        &self.suite
    }

    /// When it began.
    async fn created_at(&self) -> Result<DateTime, Error> {
        self.suite.began()
    }

    /// When it last moved on.
    async fn updated_at(&self) -> Result<DateTime, Error> {
        self.suite.moved()
    }

    /// The page for people.
    async fn url(&self) -> Uri {
        self.page()
    }

    /// The path of the page for people.
    async fn resource_path(&self) -> Uri {
        self.page().path()
    }
}
