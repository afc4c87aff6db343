//! What the journal can keep of GitHub's answers.

use jiff::Timestamp;

use crate::{
    model::{
        Deployment, DeploymentState, EnvironmentHistory, History, RepositoryName, RepositoryStatus,
    },
    store::{self, Kept, Store},
};

/// An answer of GitHub about a repository that the journal can keep.
pub(in crate::service) trait Answer: Clone {
    /// What it is called, where it is told apart from others.
    const NAME: &str;
    /// How many times as old as on an ordinary day it may be on a busy one.
    const OLDER: u32;

    /// The repository, as GitHub spells it.
    fn repository(&self) -> &RepositoryName;

    /// When GitHub was read.
    fn as_of(&self) -> Timestamp;

    /// How much it tells of what is asked for by number: commits, or deployments.
    fn rows(&self) -> usize;

    /// Whether it tells what a newer one does, as far as that goes.
    fn goes_on(&self, newer: &Self) -> bool;

    /// The same with another time.
    fn told_as_of(self, as_of: Timestamp) -> Self;

    /// The deployments in it that have not ended, as far as they stand in an
    /// environment.
    fn running(&self) -> Vec<&Deployment>;

    /// What was kept for this ask: a text that tells differently asked ones
    /// apart.
    async fn kept(
        store: &Store,
        repository: &RepositoryName,
        ask: &str,
    ) -> Result<Option<Kept<Self>>, store::Error>;

    /// Keeps it; `hint` is the newest one from before GitHub was asked.
    async fn keep(&self, store: &Store, ask: &str, hint: i64) -> Result<(), store::Error>;
}

impl Answer for RepositoryStatus {
    const NAME: &str = "status";
    /// A quarter of an hour instead of the usual 5 minutes: deploys are decided by
    /// it.
    const OLDER: u32 = 3;

    fn repository(&self) -> &RepositoryName {
        &self.repository
    }

    fn as_of(&self) -> Timestamp {
        self.as_of
    }

    fn told_as_of(self, as_of: Timestamp) -> Self {
        Self { as_of, ..self }
    }

    fn rows(&self) -> usize {
        self.commits.len()
    }

    fn goes_on(&self, newer: &Self) -> bool {
        let runs = |status: &Self| {
            let environments = status.environments.iter().map(|one| {
                let live = one.live.as_ref().map(|live| live.commit.sha.clone());
                let running = one.running.as_ref().map(|one| one.id.number);
                (one.name.clone(), live, running)
            });
            environments.collect::<Vec<_>>()
        };
        let commits = |status: &Self| {
            let commits = status.commits.iter().take(newer.rows());
            commits
                .map(|(commit, _)| commit.sha.clone())
                .collect::<Vec<_>>()
        };
        commits(self) == commits(newer) && runs(self) == runs(newer)
    }

    fn running(&self) -> Vec<&Deployment> {
        let environments = self.environments.iter();
        environments
            .filter_map(|one| one.running.as_ref())
            .collect()
    }

    async fn kept(
        store: &Store,
        repository: &RepositoryName,
        ask: &str,
    ) -> Result<Option<Kept<Self>>, store::Error> {
        store.status_snapshot(repository, ask).await
    }

    async fn keep(&self, store: &Store, ask: &str, hint: i64) -> Result<(), store::Error> {
        store.keep_status(&self.repository, ask, hint, self).await
    }
}

impl Answer for History {
    const NAME: &str = "history";
    /// An hour instead of the usual 5 minutes.
    const OLDER: u32 = 12;

    fn repository(&self) -> &RepositoryName {
        &self.repository
    }

    fn as_of(&self) -> Timestamp {
        self.as_of
    }

    fn told_as_of(self, as_of: Timestamp) -> Self {
        Self { as_of, ..self }
    }

    fn rows(&self) -> usize {
        let environments = self.environments.iter();
        environments.map(|one| one.deployments.len()).sum()
    }

    fn goes_on(&self, newer: &Self) -> bool {
        let begins_as = |one: &EnvironmentHistory, other: &EnvironmentHistory| {
            let [one, other] = [one, other].map(|one| one.deployments.first());
            one.map(|one| &one.id) == other.map(|one| &one.id)
        };
        newer.environments.iter().all(|there| {
            let mut told = self.environments.iter();
            let told = told.find(|one| one.environment == there.environment);
            told.is_some_and(|one| begins_as(one, there))
        })
    }

    /// What is older than what is live does not stand in the environment.
    fn running(&self) -> Vec<&Deployment> {
        let stands = |one: &&Deployment| one.state != DeploymentState::Succeeded;
        let environments = self.environments.iter();
        let newest = environments.flat_map(|one| one.deployments.iter().take_while(stands));
        newest.filter(|one| !one.state.has_ended()).collect()
    }

    async fn kept(
        store: &Store,
        repository: &RepositoryName,
        ask: &str,
    ) -> Result<Option<Kept<Self>>, store::Error> {
        store.history_snapshot(repository, ask).await
    }

    async fn keep(&self, store: &Store, ask: &str, hint: i64) -> Result<(), store::Error> {
        store.keep_history(&self.repository, ask, hint, self).await
    }
}
