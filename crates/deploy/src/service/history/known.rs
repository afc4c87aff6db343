//! What is known of a repository's deployments besides what was kept of them: those
//! that the journal has followed, and what is live by the newest status that was kept.

use super::{meant_by, told_by, unless_failed};
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
    ) -> Option<History> {
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
        Some(known)
    }

    /// What is live in an environment by the newest status that was kept, where that
    /// holds yet: at least what a status tells is told.
    pub(super) async fn live_there(
        &self,
        repository: &RepositoryName,
        environment: &EnvironmentName,
        stale: &Stale,
    ) -> Option<Snapshot<History>> {
        let kept = self.store.newest_status(repository).await;
        let (_, kept) = unless_failed(repository, "tell a status that was kept", kept).flatten()?;
        let with = |status: RepositoryStatus, since: &[Deployment]| status.with(since);
        let Followed {
            value: mut status,
            followed_at,
            is_up_to_date,
        } = followed(kept, with, self.now());
        let names: Vec<_> = status
            .environments
            .iter()
            .map(|one| one.name.clone())
            .collect();
        let meant = gate::resolve_environment(environment, &names).filter(|_| is_up_to_date)?;
        status.environments.retain(|one| one.name == *meant);
        let EnvironmentStatus { name, live, .. } = status.environments.pop()?;
        let of_one = EnvironmentHistory {
            deployments: vec![deployment_of(live?, &name)],
            environment: name,
            more: true,
        };
        Some(Snapshot {
            value: History {
                repository: status.repository,
                environments: vec![of_one],
                has_default_environments: false,
                as_of: status.as_of,
            },
            stale: Some(Stale {
                is_partial: true,
                followed_at,
                ..stale.clone()
            }),
        })
    }

    /// The environments of a repository that anything is known of, each once: those of
    /// a history of all of them and of the newest status that was kept, then those for
    /// which somebody asked.
    pub(super) async fn environments_of(
        &self,
        repository: &RepositoryName,
        of_all: Option<&Snapshot<History>>,
    ) -> Vec<EnvironmentName> {
        let told = of_all.into_iter().flat_map(|all| &all.value.environments);
        let mut names: Vec<_> = told.map(|one| one.environment.clone()).collect();
        for known in self.known_environments(repository).await {
            if !names.iter().any(|name| name.is_same(&known)) {
                names.push(known);
            }
        }
        let asks = self.store.history_asks(repository).await;
        let asks = unless_failed(repository, "tell what was kept", asks).unwrap_or_default();
        for asked in asks.iter().filter_map(|ask| told_by(ask)?.1) {
            // Where it is another name of one, that one is told.
            if gate::resolve_environment(&asked, &names).is_none() {
                names.push(asked);
            }
        }
        names
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
