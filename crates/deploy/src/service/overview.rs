//! What runs where in the repositories that somebody has to do with.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use jiff::SignedDuration;
use tokio::time::timeout;

use super::{Service, StatusAsk, environments::USUAL};
use crate::{
    error::Error,
    github,
    model::{RepositoryName, RepositoryStatus, Snapshot},
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
    /// None when it could not be read.
    pub(crate) status: Option<Snapshot<RepositoryStatus>>,
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
        let limit = USUAL;
        let ask = StatusAsk {
            repository: repository.clone(),
            limit,
        };
        let status = match timeout(PATIENCE, Box::pin(self.status(ask))).await {
            Ok(Ok(status)) => Some(status),
            Ok(Err(error)) => {
                tracing::warn!(%repository, error = &error as &dyn std::error::Error, "a repository is not told of: it can't be read");
                None
            }
            Err(_) => {
                tracing::warn!(%repository, patience = ?PATIENCE, "a repository takes long to read; what was kept of it is told");
                let slow = github::Unavailable::TimedOut(PATIENCE);
                let slow = github::Error::Unavailable(slow);
                self.kept_status(&repository, limit, &slow).await
            }
        };
        RepositoryOverview { repository, status }
    }
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
    use crate::model::Line;

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
        }
    }

    #[test]
    fn a_repository_is_told_of_once_by_whichever_of_its_names() {
        let unread = |name: &str| RepositoryOverview {
            repository: asked(name),
            status: None,
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
