//! What runs where by the deployments that are known, where GitHub does not tell
//! and no status was kept.

use crate::{
    error::Error,
    github,
    model::{
        DeploymentState, EnvironmentHistory, EnvironmentStatus, Line, LiveCommit, RepositoryName,
        RepositoryStatus, Snapshot, Stale,
    },
    service::{Service, StatusAsk},
};

/// How many deployments of each environment are looked through for what is live:
/// as many as `history` is mostly asked for.
const DEPLOYMENTS: u8 = 10;

impl Service {
    /// The status of a repository; what its deployments tell that are known while
    /// GitHub cannot be asked and none was kept.
    pub(in crate::service) async fn status_or_known(
        &self,
        ask: StatusAsk,
    ) -> Result<Snapshot<RepositoryStatus>, Error> {
        let repository = ask.repository.clone();
        let error = match self.status(ask).await {
            Ok(status) => return Ok(status),
            Err(error) => error,
        };
        let known = match passing(&error) {
            Some(github) => self.known_status(&repository, &github).await,
            None => None,
        };
        known.ok_or(error)
    }

    /// Why nothing is known, if waiting is all that helps.
    pub(in crate::service) fn why_untold(&self, error: &Error) -> Option<Stale> {
        self.why_stale(&passing(error)?)
    }

    /// What runs where by the deployments that are known: how far behind that is
    /// nobody knows.
    pub(in crate::service) async fn known_status(
        &self,
        repository: &RepositoryName,
        error: &github::Error,
    ) -> Option<Snapshot<RepositoryStatus>> {
        let stale = self.why_stale(error)?;
        let known = self.kept_history(repository, None, DEPLOYMENTS, &stale);
        let Snapshot { value, stale } = known.await?;
        let (mut environments, mut missing) = (Vec::new(), Vec::new());
        for history in value.environments {
            let name = history.environment.clone();
            match by_its_deployments(history) {
                Some(environment) => environments.push(environment),
                None => missing.push(name),
            }
        }
        Some(Snapshot {
            value: RepositoryStatus {
                repository: value.repository,
                branch: String::new(),
                commits: Vec::new(),
                environments,
                has_default_environments: value.has_default_environments,
                line: Line::new(Vec::new()),
                as_of: value.as_of,
                url: String::new(),
            },
            stale: stale.map(|stale| Stale {
                is_partial: true,
                missing: [stale.missing, missing].concat(),
                ..stale
            }),
        })
    }
}

/// What GitHub failed with, where it was that.
fn passing(error: &Error) -> Option<github::Error> {
    match error {
        Error::Unavailable { source, .. } => Some(source.clone()),
        Error::Exhausted { retry_at, .. } => Some(github::Error::RateLimited {
            retry_at: *retry_at,
        }),
        _ => None,
    }
}

/// What an environment runs; none where its deployments do not tell.
fn by_its_deployments(history: EnvironmentHistory) -> Option<EnvironmentStatus> {
    let EnvironmentHistory {
        environment,
        deployments,
        ..
    } = history;
    let live = deployments.iter().find(|one| one.live);
    let live = live.map(|live| LiveCommit {
        commit: live.commit.clone(),
        since: live.ended_at.unwrap_or(live.created_at),
        behind: None,
        place: live.place(),
        environment_url: live.environment_url.clone(),
    });
    let deployments = deployments.iter();
    let mut newer = deployments.take_while(|one| one.state != DeploymentState::Succeeded);
    let running = newer.find(|one| !one.state.has_ended()).cloned();
    (live.is_some() || running.is_some()).then_some(EnvironmentStatus {
        name: environment,
        live,
        running,
        overtaken: Vec::new(),
    })
}
