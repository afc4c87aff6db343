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
        let own = self.store.repositories_of(slack, since, MOST).await?;
        let is_own = !own.is_empty();
        let names = match is_own {
            true => own,
            false => self.store.repositories_of_all(since, MOST).await?,
        };
        let read = stream::iter(names).map(|repository| self.repository_overview(repository));
        Ok(Overview {
            repositories: read.buffered(AT_ONCE).collect().await,
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
