//! Checks of a commit that belong together as one, and the app that runs them.

use async_graphql::{Error, ID, Object};

use super::{
    check::{CheckConclusionState, CheckRun, CheckStatusState},
    commit::Commit,
    page::{Boundaries, Connection},
    repository::Repository,
    scalar::{DateTime, Uri},
    workflow_run::WorkflowRun,
};
use crate::github::{
    Github, checks,
    node::{NodeId, NodeKind},
    state::{self, ACTIONS_BOT, Suite},
};

/// The number of the app that runs checks; REST tells the same.
const APP_ID: i64 = 1;

/// The checks of a commit that belong together.
#[derive(Clone)]
pub(super) struct CheckSuite {
    commit: Commit,
    which: Suite,
}

impl CheckSuite {
    pub(super) fn new(commit: &Commit, which: Suite) -> Self {
        Self {
            commit: commit.clone(),
            which,
        }
    }

    /// The suites of a commit that have checks.
    pub(super) fn of(commit: &Commit) -> Result<Vec<Self>, Error> {
        let suites = checks::suites(&all_of(commit)?);
        Ok(suites
            .into_iter()
            .map(|which| Self::new(commit, which))
            .collect())
    }

    /// The suite, if it has checks.
    pub(super) fn find(commit: &Commit, which: Suite) -> Result<Option<Self>, Error> {
        let suites = Self::of(commit)?;
        Ok(suites.into_iter().find(|suite| suite.which == which))
    }

    pub(super) fn key(&self) -> String {
        checks::suite_key(&self.commit.place().1.sha, self.which)
    }

    pub(super) fn place(&self) -> (&Commit, Suite) {
        (&self.commit, self.which)
    }

    /// When it began.
    pub(super) fn began(&self) -> Result<DateTime, Error> {
        let committed_at = self.commit.place().1.committer.at;
        let began = self.runs()?.iter().filter_map(|run| run.started_at).min();
        Ok(DateTime(began.unwrap_or(committed_at)))
    }

    /// When it last moved on.
    pub(super) fn moved(&self) -> Result<DateTime, Error> {
        let committed_at = self.commit.place().1.committer.at;
        let runs = self.runs()?;
        let moved = runs
            .iter()
            .filter_map(|run| run.completed_at.or(run.started_at));
        Ok(DateTime(moved.max().unwrap_or(committed_at)))
    }

    fn number(&self) -> u64 {
        checks::suite_id(&self.commit.place().1.sha, self.which)
    }

    fn runs(&self) -> Result<Vec<state::CheckRun>, Error> {
        Ok(checks::in_suite(all_of(&self.commit)?, self.which))
    }

    fn folded(&self) -> Result<state::CheckStatus, Error> {
        Ok(checks::fold(&self.runs()?))
    }

    fn page(&self) -> Uri {
        let (repository, commit) = self.commit.place();
        repository.page(&format!(
            "/commit/{}/checks?check_suite_id={}",
            commit.sha,
            self.number()
        ))
    }
}

fn all_of(commit: &Commit) -> Result<Vec<state::CheckRun>, Error> {
    let (repository, commit) = commit.place();
    repository.look(|state| checks::of(state, &commit.sha, commit.committer.at))
}

/// The checks of a commit that belong together.
#[Object]
impl CheckSuite {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        let repository = self.commit.place().0;
        repository.node_id(NodeKind::CheckSuite, self.key())
    }

    /// The number.
    async fn database_id(&self) -> Option<i64> {
        i64::try_from(self.number()).ok()
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
        self.began()
    }

    /// When it last moved on.
    async fn updated_at(&self) -> Result<DateTime, Error> {
        self.moved()
    }

    /// The workflow run behind it; null where its checks are derived.
    async fn workflow_run(&self) -> Result<Option<WorkflowRun>, Error> {
        Ok(WorkflowRun::of(self, &self.runs()?))
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
