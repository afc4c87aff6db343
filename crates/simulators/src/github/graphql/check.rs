//! Checks and statuses of a commit, one by one.

use async_graphql::{Enum, Error, ID, Object};

use super::{
    commit::Commit,
    owner::Actor,
    page::{Boundaries, Connection},
    repository::Repository,
    rollup::StatusState,
    scalar::{DateTime, Uri},
};
use crate::github::{
    Github, checks,
    node::{NodeId, NodeKind},
    state::{self, ACTIONS_BOT, Conclusion},
};

/// The number of the app that runs checks; REST tells the same.
const APP_ID: i64 = 1;

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
        CheckSuite {
            commit: self.commit.clone(),
        }
    }

    /// The repository that it is in.
    async fn repository(&self) -> &Repository {
        self.commit.place().0
    }
}

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

/// The checks of a commit that one app runs; here that is all of them.
#[derive(Clone)]
pub(super) struct CheckSuite {
    commit: Commit,
}

impl CheckSuite {
    /// The suites of a commit: one, or none where it has no checks.
    pub(super) fn of(commit: &Commit) -> Result<Vec<Self>, Error> {
        let suite = Self {
            commit: commit.clone(),
        };
        Ok(if suite.runs()?.is_empty() {
            Vec::new()
        } else {
            vec![suite]
        })
    }

    pub(super) fn key(&self) -> String {
        self.commit.place().1.sha.to_string()
    }

    fn runs(&self) -> Result<Vec<state::CheckRun>, Error> {
        let (repository, commit) = self.commit.place();
        repository.look(|state| checks::newest(checks::of(state, &commit.sha, commit.committer.at)))
    }

    fn folded(&self) -> Result<state::CheckStatus, Error> {
        Ok(checks::fold(&self.runs()?))
    }

    fn page(&self) -> Uri {
        let (repository, commit) = self.commit.place();
        let id = checks::suite_id(&commit.sha);
        repository.page(&format!(
            "/commit/{}/checks?check_suite_id={id}",
            commit.sha
        ))
    }
}

/// The checks of a commit that one app runs; here that is all of them.
#[Object]
impl CheckSuite {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        let (repository, commit) = self.commit.place();
        repository.node_id(NodeKind::CheckSuite, &commit.sha)
    }

    /// The number.
    async fn database_id(&self) -> Option<i64> {
        i64::try_from(checks::suite_id(&self.commit.place().1.sha)).ok()
    }

    /// The app.
    async fn app(&self) -> Option<App> {
        Some(App(self.commit.place().0.github().clone()))
    }

    /// The commit.
    async fn commit(&self) -> &Commit {
        &self.commit
    }

    /// The repository that it is in.
    async fn repository(&self) -> &Repository {
        self.commit.place().0
    }

    /// How far it is.
    async fn status(&self) -> Result<CheckStatusState, Error> {
        Ok(self.folded()?.into())
    }

    /// How it ended, if it has.
    async fn conclusion(&self) -> Result<Option<CheckConclusionState>, Error> {
        Ok(self.folded()?.conclusion().map(Into::into))
    }

    /// When it began.
    async fn created_at(&self) -> Result<DateTime, Error> {
        let committed_at = self.commit.place().1.committer.at;
        let began = self.runs()?.iter().filter_map(|run| run.started_at).min();
        Ok(DateTime(began.unwrap_or(committed_at)))
    }

    /// When it last moved on.
    async fn updated_at(&self) -> Result<DateTime, Error> {
        let committed_at = self.commit.place().1.committer.at;
        let runs = self.runs()?;
        let moved = runs
            .iter()
            .filter_map(|run| run.completed_at.or(run.started_at));
        Ok(DateTime(moved.max().unwrap_or(committed_at)))
    }

    /// Its checks.
    async fn check_runs(
        &self,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Option<Connection<CheckRun>>, Error> {
        let boundaries = Boundaries {
            connection: "checkRuns",
            after,
            before,
            first,
            last,
        };
        let page = boundaries.page(&self.runs()?, |run| run.id.to_string())?;
        let page = page.map(|inner| CheckRun::new(&self.commit, inner));
        Ok(Some(page.into()))
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

/// The app that runs checks.
#[derive(Clone)]
pub(super) struct App(pub(super) Github);

impl App {
    fn made_at(&self) -> DateTime {
        let state = self.0.state();
        let bot = state.user(ACTIONS_BOT);
        DateTime(bot.map_or(jiff::Timestamp::UNIX_EPOCH, |bot| bot.created_at))
    }
}

/// The app that runs checks.
#[Object]
impl App {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        let id = NodeId::new(NodeKind::App, 0, APP_ID);
        ID(id.to_string())
    }

    /// The number.
    async fn database_id(&self) -> Option<i64> {
        Some(APP_ID)
    }

    /// Its name.
    async fn name(&self) -> &str {
        "GitHub Actions"
    }

    /// Its name in addresses.
    async fn slug(&self) -> &str {
        "github-actions"
    }

    /// What it does.
    async fn description(&self) -> Option<&str> {
        Some("Simulated workflows")
    }

    /// The page for people.
    async fn url(&self) -> Uri {
        Uri(self.0.links().html("/apps/github-actions"))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.made_at()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.made_at()
    }
}
