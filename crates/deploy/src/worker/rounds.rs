//! Comes upon deployments that others made in repositories that channels follow,
//! where no webhook tells of them: the histories of those repositories are read in
//! turn. Without webhooks that is the only way; with them it finds those whose
//! webhook was lost.
//!
//! It costs little and gives way to everything: one history in six seconds over all
//! processes, each repository once in a minute or, with webhooks, in a quarter of an
//! hour; none on a busy day, and none while GitHub does not answer.

use std::time::Duration;

use tokio::time::sleep;

use super::Worker;
use crate::{
    error::whole_chain,
    github::{self, Priority},
    model::{History, RepositoryName},
    store,
};

/// How many pauses pass between two readings of a repository, without webhooks and
/// with them.
const TURN: u32 = 10;
const TURN_WITH_WEBHOOKS: u32 = 150;
/// How many deployments of each environment are read.
const READ: u8 = 10;
/// How many repositories are looked at for one that is due.
const LOOKED_AT: usize = 20;
/// How old a deployment may be that is of interest: what is older is no news.
const NEWS: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);
/// What the lease is for that bounds how often GitHub is asked.
const READING: &str = "histories";

impl Worker {
    /// Reads histories in turn until the shutdown.
    pub(crate) async fn read_histories(self) {
        let reading = async {
            let mut last = String::new();
            loop {
                sleep(self.pace.histories).await;
                if let Err(error) = self.read_next(&mut last).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "cannot look for deployments that others made; trying on"
                    );
                }
            }
        };
        self.shutdown.run_until_cancelled(reading).await;
    }

    /// Reads the history of the next repository whose turn it is, if any.
    async fn read_next(&self, last: &mut String) -> Result<(), store::Error> {
        if self
            .store
            .followed_repositories_after("", 1)
            .await?
            .is_empty()
        {
            return Ok(());
        }
        // A lease that is not given back keeps all processes from doing it again.
        if !self.may(READING, self.pace.histories).await? {
            return Ok(());
        }
        let Some(repository) = self.next_due(last).await? else {
            return Ok(());
        };
        let github = self.github.at(Priority::Read);
        if github.uses_points_fast(&repository) {
            return Ok(());
        }
        match github.history(&repository, None, READ).await {
            Ok(history) => self.take_news(&history).await,
            Err(error) => {
                told(&repository, &error);
                Ok(())
            }
        }
    }

    /// The next repository that has not been read for long enough.
    async fn next_due(&self, last: &mut String) -> Result<Option<RepositoryName>, store::Error> {
        let turn = if self.pace.has_webhooks {
            TURN_WITH_WEBHOOKS
        } else {
            TURN
        };
        let after = self.store.followed_repositories_after(last, LOOKED_AT);
        let after = after.await?;
        for repository in &after {
            let name = format!("history:{repository}").to_lowercase();
            *last = repository.to_string();
            if self
                .may(&name, self.pace.histories.saturating_mul(turn))
                .await?
            {
                return Ok(Some(repository.clone()));
            }
        }
        if after.len() < LOOKED_AT {
            // From the beginning the next time.
            last.clear();
        }
        Ok(None)
    }

    async fn may(&self, name: &str, time: Duration) -> Result<bool, store::Error> {
        let holder = uuid::Uuid::new_v4().to_string();
        let turn = self.store.acquire(name, &holder, time).await?;
        Ok(turn.is_some())
    }

    /// Journals the deployments of others that are news, those made first first.
    async fn take_news(&self, history: &History) -> Result<(), store::Error> {
        let environments = history.environments.iter();
        let mut news: Vec<_> = environments
            .flat_map(|one| &one.deployments)
            .filter(|one| history.as_of.duration_since(one.created_at) <= NEWS)
            .collect();
        news.sort_by_key(|one| one.place());
        for deployment in news {
            let ours = match &deployment.request_id {
                Some(id) => self.store.request(id).await?.is_some(),
                None => false,
            };
            if !ours {
                self.take_in(&history.repository, deployment).await?;
            }
        }
        Ok(())
    }
}

/// A limit and an outage are told where they are noticed.
fn told(repository: &RepositoryName, error: &github::Error) {
    tracing::debug!(
        %repository,
        error = whole_chain(error),
        "the history of a repository that is followed cannot be read"
    );
}
