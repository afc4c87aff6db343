//! Checks of a commit, one by one.

use async_graphql::{Enum, Error, ID, Object};

use super::{
    check_suite::CheckSuite,
    commit::Commit,
    repository::Repository,
    scalar::{DateTime, Uri},
};
use crate::github::{
    checks,
    node::NodeKind,
    state::{self, Conclusion},
};

/// How far a check is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckStatusState {
    /// It has ended.
    Completed,
    /// It runs.
    InProgress,
    /// It waits for others.
    Pending,
    /// Its turn has not come.
    Queued,
    /// Somebody wants it.
    Requested,
    /// It waits for a protection rule.
    Waiting,
}

impl From<state::CheckStatus> for CheckStatusState {
    fn from(status: state::CheckStatus) -> Self {
        match status {
            state::CheckStatus::Queued => Self::Queued,
            state::CheckStatus::InProgress => Self::InProgress,
            state::CheckStatus::Completed(_) => Self::Completed,
        }
    }
}

/// How a check ended.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckConclusionState {
    /// Somebody has to do something.
    ActionRequired,
    /// Somebody stopped it.
    Cancelled,
    /// It found a fault.
    Failure,
    /// It has no opinion.
    Neutral,
    /// It did not apply.
    Skipped,
    /// It was given up as too old.
    Stale,
    /// It could not begin.
    StartupFailure,
    /// It is content.
    Success,
    /// It took too long.
    TimedOut,
}

impl From<Conclusion> for CheckConclusionState {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::ActionRequired => Self::ActionRequired,
            Conclusion::Cancelled => Self::Cancelled,
            Conclusion::Failure => Self::Failure,
            Conclusion::Neutral => Self::Neutral,
            Conclusion::Skipped => Self::Skipped,
            Conclusion::Stale => Self::Stale,
            Conclusion::Success => Self::Success,
            Conclusion::TimedOut => Self::TimedOut,
        }
    }
}

/// A check of a commit.
#[derive(Clone)]
pub(super) struct CheckRun {
    commit: Commit,
    inner: state::CheckRun,
}

impl CheckRun {
    /// The check of an id, if the commit has it.
    pub(super) fn find(commit: &Commit, id: u64) -> Result<Option<Self>, Error> {
        let (repository, inner) = commit.place();
        let run = repository.look(|state| {
            checks::of(state, &inner.sha, inner.committer.at)
                .into_iter()
                .find(|run| run.id == id)
        })?;
        Ok(run.map(|inner| Self::new(commit, inner)))
    }

    pub(super) fn new(commit: &Commit, inner: state::CheckRun) -> Self {
        Self {
            commit: commit.clone(),
            inner,
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.inner.id
    }

    fn page(&self) -> Uri {
        let repository = self.commit.place().0;
        match self.inner.run {
            Some(run) => repository.page(&format!("/actions/runs/{run}")),
            None => repository.page(&format!("/commit/{}", self.inner.sha)),
        }
    }
}

/// A check of a commit.
#[Object]
impl CheckRun {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        let repository = self.commit.place().0;
        repository.node_id(NodeKind::CheckRun, self.inner.id)
    }

    /// The number.
    async fn database_id(&self) -> Option<i64> {
        i64::try_from(self.inner.id).ok()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.inner.name
    }

    /// How far it is.
    async fn status(&self) -> CheckStatusState {
        self.inner.status.into()
    }

    /// How it ended, if it has.
    async fn conclusion(&self) -> Option<CheckConclusionState> {
        self.inner.status.conclusion().map(Into::into)
    }

    /// When it began.
    async fn started_at(&self) -> Option<DateTime> {
        self.inner.started_at.map(DateTime)
    }

    /// When it ended.
    async fn completed_at(&self) -> Option<DateTime> {
        self.inner.completed_at.map(DateTime)
    }

    /// What it says.
    async fn summary(&self) -> Option<&str> {
        (!self.inner.summary.is_empty()).then_some(self.inner.summary.as_str())
    }

    /// A line about what it says.
    async fn title(&self) -> Option<String> {
        None
    }

    /// More of what it says.
    async fn text(&self) -> Option<String> {
        None
    }

    /// Where more about it can be read.
    async fn details_url(&self) -> Option<Uri> {
        Some(self.page())
    }

    /// The page for people.
    async fn url(&self) -> Uri {
        self.page()
    }

    /// The page for people.
    async fn permalink(&self) -> Uri {
        self.page()
    }

    /// The path of the page for people.
    async fn resource_path(&self) -> Uri {
        self.page().path()
    }

    /// What others call it.
    async fn external_id(&self) -> Option<String> {
        Some(String::new())
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

    /// The suite that it is part of.
    async fn check_suite(&self) -> CheckSuite {
        CheckSuite::new(&self.commit, self.inner.suite)
    }

    /// The repository that it is in.
    async fn repository(&self) -> &Repository {
        self.commit.place().0
    }
}
