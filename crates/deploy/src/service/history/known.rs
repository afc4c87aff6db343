//! What is known of a repository's deployments besides what was kept of them: those
//! that the journal has followed, and what runs by the newest status that was kept.

use super::{meant_by, unless_failed};
use crate::{
    gate,
    model::{
        Deployment, DeploymentId, DeploymentState, EnvironmentHistory, EnvironmentName,
        EnvironmentStatus, History, Kind, LiveCommit, Person, RepositoryName, RepositoryStatus,
        Snapshot, Stale,
    },
    service::{
        Service,
        reads::{Followed, followed},
    },
};

impl Service {
    /// What the journal knows of a repository's deployments.
    pub(super) async fn known_history(
        &self,
        repository: &RepositoryName,
        environment: Option<&EnvironmentName>,
        per_environment: u8,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        let spellings = environment.map(gate::spellings);
        let known = self
            .store
            .known_history(repository, spellings.as_deref(), per_environment.into())
            .await;
        let mut known = unless_failed(repository, "tell what it knows", known).flatten()?;
        if let Some(asked) = environment {
            let meant = meant_by(asked, &known)?;
            if !meant.is_same(asked)
                && self.is_known_to_lack(repository, asked).await == Some(false)
            {
                return None;
            }
            known.environments.retain(|one| one.environment == meant);
        }
        Some(Snapshot {
            value: known,
            stale: Some(stale.clone()),
        })
    }

    /// The deployments that stand in a repository's environments by the newest status
    /// that was kept of it; none where none does.
    pub(super) async fn running_there(
        &self,
        repository: &RepositoryName,
        environment: Option<&EnvironmentName>,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        let kept = self.store.newest_status(repository).await;
        let kept = unless_failed(repository, "tell a status that was kept", kept).flatten();
        let with = |status: RepositoryStatus, since: &[Deployment]| status.with(since);
        let Followed {
            value, followed_at, ..
        } = followed(kept?.1, with, self.now());
        let mut history = History {
            repository: value.repository,
            environments: value.environments.into_iter().map(standing).collect(),
            has_default_environments: false,
            as_of: value.as_of,
        };
        if let Some(asked) = environment {
            let meant = meant_by(asked, &history)?;
            history.environments.retain(|one| one.environment == meant);
        }
        // Of where nothing runs it does not tell what was deployed.
        let runs = |one: &EnvironmentHistory| !one.deployments.is_empty();
        history.environments.retain(runs);
        (!history.environments.is_empty()).then(|| Snapshot {
            value: history,
            stale: Some(Stale {
                followed_at,
                ..stale.clone()
            }),
        })
    }

    /// The environments of a repository that a history of all of them lacks, by
    /// the newest status that was kept of it.
    pub(super) async fn missing_in(
        &self,
        history: &History,
        repository: &RepositoryName,
    ) -> Vec<EnvironmentName> {
        let mut known = self.known_environments(repository).await;
        let told = |name: &EnvironmentName| {
            let mut told = history.environments.iter();
            told.any(|one| one.environment.is_same(name))
        };
        known.retain(|name| !told(name));
        known
    }

    /// Whether no environment of a repository has this name of its own; none where
    /// nothing is known of its environments.
    pub(super) async fn is_known_to_lack(
        &self,
        repository: &RepositoryName,
        name: &EnvironmentName,
    ) -> Option<bool> {
        let known = self.known_environments(repository).await;
        let is_there = known.iter().any(|one| one.is_same(name));
        (!known.is_empty()).then_some(!is_there)
    }

    /// The environments of a repository by the newest status that was kept of it.
    async fn known_environments(&self, repository: &RepositoryName) -> Vec<EnvironmentName> {
        let kept = self.store.newest_status(repository).await;
        let kept = unless_failed(repository, "tell a status that was kept", kept).flatten();
        let environments = kept
            .into_iter()
            .flat_map(|(_, kept)| kept.value.environments);
        environments.map(|one| one.name).collect()
    }
}

/// What stands in an environment, as a history tells it.
fn standing(environment: EnvironmentStatus) -> EnvironmentHistory {
    let EnvironmentStatus {
        name,
        live,
        running,
        overtaken,
    } = environment;
    let live = live.map(|live| deployment_of(live, &name));
    let deployments = running.into_iter().chain(overtaken).chain(live);
    EnvironmentHistory {
        deployments: deployments.collect(),
        environment: name,
        more: false,
    }
}

/// The deployment of what is live, as far as a status tells of it: not who asked.
fn deployment_of(live: LiveCommit, environment: &EnvironmentName) -> Deployment {
    let (created_at, number) = live.place;
    let node = String::new();
    Deployment {
        id: DeploymentId { number, node },
        environment: environment.clone(),
        commit: live.commit,
        state: DeploymentState::Succeeded,
        live: true,
        kind: Kind::Deploy,
        requester: Person::default(),
        created_at,
        ended_at: Some(live.since),
        steps: Vec::new(),
        request_id: None,
        replaces: None,
        log_url: String::new(),
        environment_url: live.environment_url,
    }
}
