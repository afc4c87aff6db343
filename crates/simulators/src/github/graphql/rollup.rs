//! All checks and statuses of a commit, folded into one.

use async_graphql::{Enum, Error, ID, Object, SimpleObject, Union};

use super::{
    check::CheckRun,
    commit::Commit,
    page::{Boundaries, Edge, PageInfo, edges},
    status_context::StatusContext,
};
use crate::github::{
    checks,
    node::NodeKind,
    state::{self, Conclusion, StatusState as Recorded},
};

/// What a commit's checks and statuses were when the query came to them.
#[derive(Clone)]
struct Recordings {
    commit: Commit,
    runs: Vec<state::CheckRun>,
    statuses: Vec<state::CommitStatus>,
}

impl Recordings {
    /// The newest check runs of each name in each suite, and the newest
    /// statuses of each name.
    fn of(commit: &Commit) -> Result<Self, Error> {
        let (repository, inner) = commit.place();
        repository.look(|state| Self {
            commit: commit.clone(),
            runs: checks::newest(checks::of(state, &inner.sha, inner.committer.at)),
            statuses: state
                .newest_statuses(&inner.sha)
                .into_iter()
                .cloned()
                .collect(),
        })
    }

    fn contexts(&self) -> Vec<StatusCheckRollupContext> {
        let commit = &self.commit;
        let runs = self
            .runs
            .iter()
            .map(|run| CheckRun::new(commit, run.clone()).into());
        let statuses = self
            .statuses
            .iter()
            .map(|it| StatusContext::new(commit, it.clone()).into());
        runs.chain(statuses).collect()
    }

    /// What failed outweighs what has not ended, which outweighs what is good.
    /// Of checks of the same name, whatever their suite, the newest counts.
    fn state(&self) -> StatusState {
        let runs = checks::counted(self.runs.clone());
        let runs = runs.iter().map(|run| match run.status.conclusion() {
            None => StatusState::Pending,
            Some(_) if run.status.is_good() => StatusState::Success,
            Some(_) => StatusState::Failure,
        });
        let statuses = self.statuses.iter().map(|status| status.state.into());
        worst(runs.chain(statuses))
    }
}

fn worst(states: impl Iterator<Item = StatusState>) -> StatusState {
    let states: Vec<StatusState> = states.collect();
    [
        StatusState::Failure,
        StatusState::Error,
        StatusState::Pending,
    ]
    .into_iter()
    .find(|state| states.contains(state))
    .unwrap_or(StatusState::Success)
}

/// Where checks and statuses stand.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusState {
    /// It could not be told.
    Error,
    /// Somebody waits for it; it has not come.
    Expected,
    /// Bad.
    Failure,
    /// Not yet known.
    Pending,
    /// Good.
    Success,
}

impl From<Recorded> for StatusState {
    fn from(state: Recorded) -> Self {
        match state {
            Recorded::Error => Self::Error,
            Recorded::Failure => Self::Failure,
            Recorded::Pending => Self::Pending,
            Recorded::Success => Self::Success,
        }
    }
}

/// All checks and statuses of a commit, folded into one.
#[derive(Clone)]
pub(super) struct StatusCheckRollup(Recordings);

impl StatusCheckRollup {
    pub(super) fn of(commit: &Commit) -> Result<Option<Self>, Error> {
        let recordings = Recordings::of(commit)?;
        let is_empty = recordings.runs.is_empty() && recordings.statuses.is_empty();
        Ok((!is_empty).then_some(Self(recordings)))
    }
}

/// All checks and statuses of a commit, folded into one.
#[Object]
impl StatusCheckRollup {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        let (repository, commit) = self.0.commit.place();
        repository.node_id(NodeKind::StatusCheckRollup, &commit.sha)
    }

    /// The commit.
    async fn commit(&self) -> Option<&Commit> {
        Some(&self.0.commit)
    }

    /// Where they stand, folded.
    async fn state(&self) -> StatusState {
        self.0.state()
    }

    /// One by one.
    async fn contexts(
        &self,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<StatusCheckRollupContextConnection, Error> {
        StatusCheckRollupContextConnection::page(
            &self.0,
            &Boundaries {
                connection: "contexts",
                after,
                before,
                first,
                last,
            },
        )
    }
}

/// The statuses of a commit, without its checks.
#[derive(Clone)]
pub(super) struct Status(Recordings);

impl Status {
    pub(super) fn of(commit: &Commit) -> Result<Option<Self>, Error> {
        let recordings = Recordings::of(commit)?;
        Ok((!recordings.statuses.is_empty()).then_some(Self(recordings)))
    }
}

/// The statuses of a commit, without its checks.
#[Object]
impl Status {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        let (repository, commit) = self.0.commit.place();
        repository.node_id(NodeKind::Status, &commit.sha)
    }

    /// The commit.
    async fn commit(&self) -> Option<&Commit> {
        Some(&self.0.commit)
    }

    /// Where they stand, folded.
    async fn state(&self) -> StatusState {
        worst(self.0.statuses.iter().map(|status| status.state.into()))
    }

    /// One by one.
    async fn contexts(&self) -> Vec<StatusContext> {
        let statuses = self.0.statuses.iter();
        statuses
            .map(|status| StatusContext::new(&self.0.commit, status.clone()))
            .collect()
    }

    /// One by name.
    async fn context(&self, name: String) -> Option<StatusContext> {
        let found = self.0.statuses.iter().find(|it| it.context == name)?;
        Some(StatusContext::new(&self.0.commit, found.clone()))
    }

    /// One by one, with the checks.
    async fn combined_contexts(
        &self,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<StatusCheckRollupContextConnection, Error> {
        StatusCheckRollupContextConnection::page(
            &self.0,
            &Boundaries {
                connection: "combinedContexts",
                after,
                before,
                first,
                last,
            },
        )
    }
}

/// A check or a status.
#[derive(Union, Clone)]
pub(super) enum StatusCheckRollupContext {
    /// A check.
    CheckRun(CheckRun),
    /// A status.
    StatusContext(StatusContext),
}

impl StatusCheckRollupContext {
    fn key(&self) -> String {
        match self {
            Self::CheckRun(run) => format!("run {}", run.number()),
            Self::StatusContext(status) => format!("status {}", status.number()),
        }
    }
}

/// Checks and statuses, page by page.
#[derive(SimpleObject)]
pub(super) struct StatusCheckRollupContextConnection {
    /// How many checks there are.
    check_run_count: usize,
    /// How many checks stand where.
    check_run_counts_by_state: Option<Vec<CheckRunStateCount>>,
    /// They with their places.
    edges: Option<Vec<Option<Edge<StatusCheckRollupContext>>>>,
    /// They themselves.
    nodes: Option<Vec<Option<StatusCheckRollupContext>>>,
    /// About this page.
    page_info: PageInfo,
    /// How many statuses there are.
    status_context_count: usize,
    /// How many statuses stand where.
    status_context_counts_by_state: Option<Vec<StatusContextStateCount>>,
    /// How many of both there are.
    total_count: usize,
}

impl StatusCheckRollupContextConnection {
    fn page(recordings: &Recordings, boundaries: &Boundaries) -> Result<Self, Error> {
        let page = boundaries.page(&recordings.contexts(), StatusCheckRollupContext::key)?;
        let mut run_counts: Vec<CheckRunStateCount> = Vec::new();
        for state in recordings.runs.iter().map(CheckRunState::of) {
            match run_counts.iter_mut().find(|known| known.state == state) {
                Some(known) => known.count += 1,
                None => run_counts.push(CheckRunStateCount { count: 1, state }),
            }
        }
        let mut status_counts: Vec<StatusContextStateCount> = Vec::new();
        for state in recordings.statuses.iter().map(|it| it.state.into()) {
            match status_counts.iter_mut().find(|known| known.state == state) {
                Some(known) => known.count += 1,
                None => status_counts.push(StatusContextStateCount { count: 1, state }),
            }
        }
        let nodes = page.items.iter().map(|(_, item)| Some(item.clone()));
        Ok(Self {
            check_run_count: recordings.runs.len(),
            check_run_counts_by_state: Some(run_counts),
            nodes: Some(nodes.collect()),
            status_context_count: recordings.statuses.len(),
            status_context_counts_by_state: Some(status_counts),
            total_count: page.total,
            page_info: page.info,
            edges: Some(edges(page.items)),
        })
    }
}

/// How many checks stand at one state.
#[derive(SimpleObject)]
pub(super) struct CheckRunStateCount {
    /// How many.
    count: usize,
    /// The state.
    state: CheckRunState,
}

/// How many statuses stand at one state.
#[derive(SimpleObject)]
pub(super) struct StatusContextStateCount {
    /// How many.
    count: usize,
    /// The state.
    state: StatusState,
}

/// Where a check stands: how far it is or, when it has ended, how.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckRunState {
    /// Somebody has to do something.
    ActionRequired,
    /// Somebody stopped it.
    Cancelled,
    /// It ended.
    Completed,
    /// It found a fault.
    Failure,
    /// It runs.
    InProgress,
    /// It has no opinion.
    Neutral,
    /// It waits for others.
    Pending,
    /// Its turn has not come.
    Queued,
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
    /// It waits for a protection rule.
    Waiting,
}

impl CheckRunState {
    fn of(run: &state::CheckRun) -> Self {
        match run.status {
            state::CheckStatus::Queued => Self::Queued,
            state::CheckStatus::InProgress => Self::InProgress,
            state::CheckStatus::Completed(conclusion) => match conclusion {
                Conclusion::ActionRequired => Self::ActionRequired,
                Conclusion::Cancelled => Self::Cancelled,
                Conclusion::Failure => Self::Failure,
                Conclusion::Neutral => Self::Neutral,
                Conclusion::Skipped => Self::Skipped,
                Conclusion::Stale => Self::Stale,
                Conclusion::Success => Self::Success,
                Conclusion::TimedOut => Self::TimedOut,
            },
        }
    }
}
