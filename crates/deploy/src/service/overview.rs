//! What runs where in the repositories that somebody has to do with.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use jiff::SignedDuration;
use tokio::time::timeout;

use super::{Service, StatusAsk, environments::USUAL, reads::unless_failed};
use crate::{
    error::Error,
    github,
    model::{
        DeploymentState, EnvironmentHistory, EnvironmentStatus, Line, LiveCommit, RepositoryName,
        RepositoryStatus, Request, Snapshot, Stale,
    },
};

/// How long ago somebody may have had something deployed to be shown it: as long
/// as the journal keeps it.
const LATELY: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many repositories are told of.
const MOST: u8 = 10;
/// How many are asked of GitHub at once, where what it said last does not do.
const AT_ONCE: usize = 5;
/// How long one of them may take: the whole is told within two of these.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many deployments of each environment are looked through for what is live,
/// where no status was kept: as many as `history` is mostly asked for.
const DEPLOYMENTS: u8 = 10;

/// What runs where.
#[derive(Debug)]
pub(crate) struct Overview {
    /// Newest deploy first, at most 10.
    pub(crate) repositories: Vec<RepositoryOverview>,
    /// They are the person's own; else everybody's.
    pub(crate) own: bool,
}

/// One repository.
#[derive(Debug)]
pub(crate) struct RepositoryOverview {
    /// As it was asked for.
    pub(crate) repository: RepositoryName,
    /// None when it could not be read. Without the name of its branch it is what
    /// is known of its deployments, and nothing else.
    pub(crate) status: Option<Snapshot<RepositoryStatus>>,
    /// Why it could not, where waiting is all that helps.
    pub(crate) untold: Option<Stale>,
    /// What says that it waits there.
    pub(crate) waiting: Vec<Request>,
}

impl Service {
    /// What runs where in the repositories of a person, by Slack user id, or in
    /// those of everybody where they have none. One that can't be read, or not
    /// soon, is told so and holds up no other.
    pub(crate) async fn overview(&self, slack: &str) -> Result<Overview, Error> {
        let since = self
            .now()
            .saturating_sub(LATELY)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let own = match slack {
            // What was asked for by nobody whom Slack knows is nobody's own.
            "" => Vec::new(),
            slack => self.store.repositories_of(slack, since, MOST).await?,
        };
        let is_own = !own.is_empty();
        let names = match is_own {
            true => own,
            false => self.store.repositories_of_all(since, MOST).await?,
        };
        let read = stream::iter(names).map(|repository| self.repository_overview(repository));
        let read = read.buffered(AT_ONCE).collect::<Vec<_>>().await;
        Ok(Overview {
            repositories: each_once(read),
            own: is_own,
        })
    }

    async fn repository_overview(&self, repository: RepositoryName) -> RepositoryOverview {
        let waiting = self.waiting_in(&repository).await;
        let limit = USUAL;
        let ask = StatusAsk {
            repository: repository.clone(),
            limit,
        };
        let error = match timeout(PATIENCE, Box::pin(self.status(ask))).await {
            Ok(Ok(status)) => {
                return RepositoryOverview {
                    repository,
                    status: Some(status),
                    untold: None,
                    waiting,
                };
            }
            Ok(Err(error)) => {
                tracing::warn!(%repository, error = &error as &dyn std::error::Error, "a repository can't be read; what is known of it is told");
                passing(error)
            }
            Err(_) => {
                tracing::warn!(%repository, patience = ?PATIENCE, "a repository takes long to read; what was kept of it is told");
                let slow = github::Unavailable::TimedOut(PATIENCE);
                Some(github::Error::Unavailable(slow))
            }
        };
        let (mut status, mut untold) = (None, None);
        if let Some(error) = error {
            status = self.kept_status(&repository, limit, &error).await;
            if status.is_none() {
                status = self.known_status(&repository, &error).await;
            }
            untold = self.why_stale(&error).filter(|_| status.is_none());
        }
        RepositoryOverview {
            repository,
            status,
            untold,
            waiting,
        }
    }

    /// What waits to go out of a repository; nothing where the journal does not
    /// tell.
    pub(crate) async fn waiting_in(&self, repository: &RepositoryName) -> Vec<Request> {
        let waiting = self.store.waiting_in(repository).await;
        unless_failed(repository, "tell what waits", waiting).unwrap_or_default()
    }

    /// What runs where by the deployments that are known, while GitHub cannot be
    /// asked and no status was kept: how far behind that is nobody knows.
    async fn known_status(
        &self,
        repository: &RepositoryName,
        error: &github::Error,
    ) -> Option<Snapshot<RepositoryStatus>> {
        let known = self.kept_history(repository, None, DEPLOYMENTS, error);
        let Snapshot { value, stale } = known.await?;
        let environments = value.environments.into_iter();
        let environments: Vec<_> = environments.filter_map(by_its_deployments).collect();
        if environments.is_empty() {
            return None;
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
                ..stale
            }),
        })
    }
}

/// What GitHub failed with, where it was that.
fn passing(error: Error) -> Option<github::Error> {
    match error {
        Error::Unavailable { source, .. } => Some(source),
        Error::Exhausted { retry_at, .. } => Some(github::Error::RateLimited { retry_at }),
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

/// One that has another name since it was deployed is there under both, and GitHub
/// tells the same of either.
fn each_once(read: Vec<RepositoryOverview>) -> Vec<RepositoryOverview> {
    let mut each: Vec<RepositoryOverview> = Vec::new();
    for one in read {
        if !each.iter().any(|known| known.name().is_same(one.name())) {
            each.push(one);
        }
    }
    each
}

impl RepositoryOverview {
    /// As GitHub spells it, where it was read.
    fn name(&self) -> &RepositoryName {
        let known = self.status.as_ref().map(|status| &status.value.repository);
        known.unwrap_or(&self.repository)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &str) -> RepositoryName {
        RepositoryName::parse(name, None).unwrap()
    }

    /// One that GitHub knows by a name.
    fn known(name: &str, by: &str) -> RepositoryOverview {
        let value = RepositoryStatus {
            repository: asked(by),
            branch: "main".to_owned(),
            commits: Vec::new(),
            environments: Vec::new(),
            has_default_environments: false,
            line: Line::new(Vec::new()),
            as_of: jiff::Timestamp::UNIX_EPOCH,
            url: String::new(),
        };
        RepositoryOverview {
            repository: asked(name),
            status: Some(Snapshot { value, stale: None }),
            untold: None,
            waiting: Vec::new(),
        }
    }

    #[test]
    fn a_repository_is_told_of_once_by_whichever_of_its_names() {
        let unread = |name: &str| RepositoryOverview {
            repository: asked(name),
            status: None,
            untold: None,
            waiting: Vec::new(),
        };
        let told = each_once(vec![
            known("acme/people", "acme/People"),
            known("acme/staff", "acme/people"),
            unread("acme/api"),
            known("acme/web", "acme/web"),
            unread("ACME/web"),
        ]);
        let told: Vec<_> = told.iter().map(|one| one.repository.to_string()).collect();
        assert_eq!(told, ["acme/people", "acme/api", "acme/web"]);
    }
}
