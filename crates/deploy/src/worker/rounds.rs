//! Comes upon deployments that others made in repositories that channels follow,
//! where no webhook tells of them: the histories of those repositories are read in
//! turn, and with them their rules. Without webhooks that is the only way; with them
//! it finds those whose webhook was lost.
//!
//! It costs little and gives way to everything: one history in six seconds over all
//! processes, each repository at most once in a minute or, with webhooks, in a quarter
//! of an hour, and one that is not there once in an hour; none on a busy day, and none
//! while GitHub does not answer.

use std::time::Duration;

use tokio::time::sleep;

use super::Worker;
use crate::{
    error::whole_chain,
    github::{self, Priority},
    model::{History, RepositoryName},
    rules,
    store::{self, Lease},
};

/// How many pauses pass between two readings of a repository, without webhooks and
/// with them.
const TURN: u32 = 10;
const TURN_WITH_WEBHOOKS: u32 = 150;
/// How many deployments of each environment are read.
const READ: u8 = 10;
/// How many repositories are looked at for one that is due.
const LOOKED_AT: usize = 20;
/// When a repository is looked for again that is not there.
const GONE: Duration = Duration::from_hours(1);
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
        if !self.may(READING, self.pace.histories).await? {
            return Ok(());
        }
        let Some((repository, turn)) = self.next_due(last).await? else {
            return Ok(());
        };
        let github = self.github.at(Priority::Read);
        if github.uses_points_fast(&repository) {
            return Ok(());
        }
        match github.history(&repository, None, READ).await {
            Ok((history, said)) => {
                rules::keep(&self.store, &repository, &said).await;
                self.take_news(&history).await
            }
            Err(error) if github.hides(&error) => {
                let gone = self.pace.histories.max(GONE);
                self.store.renew(&[&turn], gone).await?;
                if self.store.is_to_be_told(&repository, "it is gone") {
                    tracing::warn!(
                        %repository,
                        error = whole_chain(&error),
                        "a repository that channels follow is not there, or hidden from us"
                    );
                }
                Ok(())
            }
            Err(error) => {
                told(&repository, &error);
                Ok(())
            }
        }
    }

    /// The next repository that has not been read for long enough, with what keeps
    /// others from reading it.
    async fn next_due(
        &self,
        last: &mut String,
    ) -> Result<Option<(RepositoryName, Lease)>, store::Error> {
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
            let turn = self.pace.histories.saturating_mul(turn);
            if let Some(turn) = self.turn_to(&name, turn).await? {
                return Ok(Some((repository.clone(), turn)));
            }
        }
        if after.len() < LOOKED_AT {
            // From the beginning the next time.
            last.clear();
        }
        Ok(None)
    }

    /// Whether it is time to do something that no process does more often.
    async fn may(&self, name: &str, time: Duration) -> Result<bool, store::Error> {
        Ok(self.turn_to(name, time).await?.is_some())
    }

    /// A lease that is not given back keeps all processes from doing it again.
    pub(super) async fn turn_to(
        &self,
        name: &str,
        time: Duration,
    ) -> Result<Option<Lease>, store::Error> {
        let holder = uuid::Uuid::new_v4().to_string();
        self.store.acquire(name, &holder, time).await
    }

    /// Journals the deployments of others that are news, those made first first.
    async fn take_news(&self, history: &History) -> Result<(), store::Error> {
        let environments = history.environments.iter();
        let mut made: Vec<_> = environments.flat_map(|one| &one.deployments).collect();
        made.sort_by_key(|one| one.place());
        for deployment in made {
            if self.is_news(deployment, history.as_of).await? {
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
