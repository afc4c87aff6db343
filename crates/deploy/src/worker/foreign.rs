//! Deployments that someone made on GitHub behind our back: those that a webhook
//! tells of, or that are seen to stand in an environment, are followed like our
//! own, and ended like them when nobody picks them up or they fall silent,
//! because they stand in the way of every deploy.
//!
//! What became of them is in the journal, in the log, with its reason in the history
//! that people ask for, and in the feed, for the channels that follow their
//! environment. One whose payload names a channel carries out a request of another
//! journal, and who has that tells there besides.
//!
//! Without webhooks what a status, a history or a gate came upon is followed, so
//! only in repositories that someone asks about, and in those that channels follow
//! (`worker/rounds.rs`). A deployment that
//! GitHub itself has given up (`ABANDONED`: nobody touched it for half an hour)
//! has ended.

use std::collections::HashMap;

use super::{
    Worker,
    follow::{Error, changed, how_it_failed},
    overdue::overdue,
    sight::{Looked, Sight, passes},
    stillness::Stillness,
};
use crate::{
    error::whole_chain,
    gate::Facts,
    model::{Deployment, DeploymentId, Failure, RepositoryName},
    store::{self, Foreign},
};

impl Worker {
    /// Follows from now on what the gate came upon that is not ours. A journal
    /// that fails here keeps no request from going on.
    pub(super) async fn adopt_what_runs(&self, facts: &Facts) {
        let Facts::Repository(facts) = facts else {
            return;
        };
        let running = facts
            .environment
            .as_ref()
            .and_then(|one| one.running.as_ref());
        let Some(running) = running else {
            return;
        };
        let repository = &facts.repository;
        if let Err(error) = self.store.adopt(repository, &[running], self.now()).await {
            tracing::warn!(
                %repository,
                error = &error as &dyn std::error::Error,
                "a deployment of someone else's cannot be followed"
            );
        }
    }

    /// Keeps the channels that a repository's own rules name, where they can be
    /// read. A journal that fails here keeps no request from going on.
    pub(super) async fn keep_channels(&self, facts: &Facts) {
        let Facts::Repository(facts) = facts else {
            return;
        };
        let Ok(policy) = &facts.policy else {
            return;
        };
        let (repository, channels) = (&facts.repository, policy.channels());
        if let Err(error) = self.store.keep_channels(repository, &channels).await {
            tracing::warn!(
                %repository,
                error = &error as &dyn std::error::Error,
                "the channels of a repository's own rules cannot be kept"
            );
        }
    }

    /// Journals what webhooks told of as GitHub shows it, and so follows from now
    /// on what is under way; and takes note of what has been looked at. How often
    /// there was something to journal. What is followed already, and so was not
    /// looked at for this, is done with too.
    pub(super) async fn meet(
        &self,
        heard: &[(RepositoryName, DeploymentId)],
        mut looked: HashMap<String, Looked>,
    ) -> Result<i64, Error> {
        let (mut done, mut met) = (Vec::new(), 0);
        for (repository, id) in heard {
            match looked.remove(&id.node) {
                Some(Err(error)) if passes(&error) => continue,
                Some(Ok(Some(now))) => {
                    met += self.take_in(repository, &now).await?;
                }
                Some(Err(error)) => tracing::debug!(
                    %repository,
                    deployment.id = id.number,
                    error = whole_chain(&error),
                    "a deployment that a webhook told of cannot be read"
                ),
                Some(Ok(None)) | None => {}
            }
            done.push(id.number);
        }
        self.store.looked_at(&done).await?;
        Ok(met)
    }

    /// Journals a deployment of others that was come upon, and so follows it from
    /// now on; how often there was something to journal.
    pub(super) async fn take_in(
        &self,
        repository: &RepositoryName,
        now: &Deployment,
    ) -> Result<i64, store::Error> {
        if !self.store.adopt(repository, &[now], self.now()).await? {
            return Ok(0);
        }
        let Some(outcome) = how_it_failed(now) else {
            return Ok(1);
        };
        self.foreign_ended(repository, now, &outcome).await?;
        Ok(2)
    }

    /// Whether there was something to journal.
    pub(super) async fn follow_foreign(
        &self,
        one: &Foreign,
        looked: Looked,
        stillness: &mut Stillness,
    ) -> Result<bool, Error> {
        let Foreign {
            repository,
            deployment: before,
        } = one;
        let now = match self.sight(repository, &before.id, looked, stillness).await {
            Sight::Seen(now) => *now,
            Sight::Lost(outcome) => {
                self.foreign_ended(repository, before, &outcome).await?;
                return Ok(true);
            }
            Sight::Again => return Ok(false),
        };
        let still = stillness.of(&now, self.clock.instant());
        if let Some(overdue) = overdue(&now, still, self.pace.limits) {
            let Some(refused) = self.end_on_github(repository, &now, overdue).await else {
                return Ok(false);
            };
            self.foreign_ended(repository, &now, &refused).await?;
            return Ok(true);
        }
        match how_it_failed(&now) {
            Some(outcome) => self.foreign_ended(repository, &now, &outcome).await?,
            None if changed(before, &now) => {
                self.store
                    .foreign_has_come_to(repository, &now, None, self.now())
                    .await?;
            }
            None => return Ok(false),
        }
        Ok(true)
    }

    async fn foreign_ended(
        &self,
        repository: &RepositoryName,
        deployment: &Deployment,
        outcome: &Failure,
    ) -> Result<(), store::Error> {
        tracing::info!(
            %repository,
            environment = %deployment.environment,
            deployment.id = deployment.id.number,
            %outcome,
            "a deployment of someone else's ended without success"
        );
        self.store
            .foreign_has_come_to(repository, deployment, Some(outcome), self.now())
            .await?;
        Ok(())
    }
}
