//! Deployments that someone made on GitHub behind our back: those that are seen
//! to stand in an environment are followed like our own, and ended like them
//! when nobody picks them up or they fall silent, because they stand in the way
//! of every deploy. What became of them is in the journal and in the log; there
//! is no request whose message could tell of it.
//!
//! Only what a status, a history or a gate came upon is followed, so only in
//! repositories that someone asks about. A deployment that GitHub itself has
//! given up (`ABANDONED`: nobody touched it for half an hour) has ended.

use tokio::time::Instant;

use super::{
    Worker,
    follow::{Error, GONE, changed, how_it_failed},
    overdue::{Overdue, Stillness},
};
use crate::{
    gate::Facts,
    model::{Deployment, RepositoryName},
    store::Foreign,
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

    /// Whether there was something to journal.
    pub(super) async fn follow_foreign(
        &self,
        one: &Foreign,
        now: Option<Deployment>,
        stillness: &mut Stillness,
    ) -> Result<bool, Error> {
        let Foreign {
            repository,
            deployment: before,
        } = one;
        let Some(now) = now else {
            self.foreign_ended(repository, before, GONE).await?;
            return Ok(true);
        };
        let still = stillness.of(&now, Instant::now());
        if let Some(overdue) = Overdue::of(now.state, still, self.pace.limits) {
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
        outcome: &str,
    ) -> Result<(), Error> {
        tracing::info!(
            %repository,
            environment = %deployment.environment,
            deployment.id = deployment.id.number,
            outcome,
            "a deployment of someone else's ended without success"
        );
        self.store
            .foreign_has_come_to(repository, deployment, Some(outcome), self.now())
            .await?;
        Ok(())
    }
}
