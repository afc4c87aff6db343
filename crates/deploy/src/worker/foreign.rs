//! Deployments that someone made on GitHub behind our back: those that a webhook
//! tells of, or that are seen to stand in an environment, are followed like our
//! own, and ended like them when nobody picks them up or they fall silent,
//! because they stand in the way of every deploy.
//!
//! What became of them is in the journal, in the log, with its reason in the history
//! that people ask for, and in the feed, for the channels that follow their
//! environment; before it is told for the first time the rules of its repository are
//! read, which may name one. One whose payload names a channel carries out a request
//! of another journal, and who has that tells there besides.
//!
//! Without webhooks what a status, a history or a gate came upon is followed, so
//! only in repositories that someone asks about, and in those that channels follow
//! (`worker/rounds.rs`). A deployment that GitHub itself has given up (`ABANDONED`:
//! nobody touched it for half an hour) has ended.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

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
    github::{Priority, Rules},
    model::{Deployment, DeploymentId, Failure, RepositoryName},
    rules,
    store::{self, Foreign, Lease},
};

/// How old a deployment may be that is of interest: what is older is no news.
const NEWS: SignedDuration = SignedDuration::from_hours(1);
/// How many pauses between two readings of histories pass between two readings of a
/// repository's rules: with the usual ones, five minutes.
const RULES_TURN: u32 = 50;
/// The same where they could not be read: half a minute. What follows waits for each
/// reading, so that it is not begun again at once.
const RULES_AGAIN: u32 = 5;
/// How many are read at once.
const RULES_AT_ONCE: usize = 5;
/// How long those that are followed wait for all of them.
const RULES_PATIENCE: Duration = Duration::from_secs(5);

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

    /// Keeps the channels that a repository's own rules name. `asked` is how it was
    /// asked for.
    pub(super) async fn keep_channels(&self, asked: &RepositoryName, facts: &Facts) {
        if let Facts::Repository(facts) = facts {
            let policy = facts.policy.as_ref();
            let said = Rules::of(&facts.repository, policy, &facts.environments);
            rules::keep(&self.store, asked, &said).await;
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
        self.learn_rules(heard, &looked).await?;
        let (mut done, mut met) = (Vec::new(), 0);
        for (repository, id) in heard {
            match looked.remove(&id.node) {
                Some(Err(error)) if passes(&error) => continue,
                Some(Ok(Some(now))) => {
                    met += i64::from(self.take_in(repository, &now).await?);
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

    /// Journals a deployment of others that was come upon, with how it ended where
    /// it has, and so follows it from now on; whether there was something to journal.
    pub(super) async fn take_in(
        &self,
        repository: &RepositoryName,
        now: &Deployment,
    ) -> Result<bool, store::Error> {
        match how_it_failed(now) {
            Some(outcome) => self.foreign_ended(repository, now, &outcome).await,
            None => {
                let store = &self.store;
                let come_to = store.foreign_has_come_to(repository, now, None, self.now());
                come_to.await
            }
        }
    }

    /// Reads the rules of repositories in which others have made something that is
    /// news, each seldom: nobody may have asked about them since their rules name a
    /// channel. What is not told soon does without, and the next that is made leads to
    /// another look.
    async fn learn_rules(
        &self,
        heard: &[(RepositoryName, DeploymentId)],
        looked: &HashMap<String, Looked>,
    ) -> Result<(), store::Error> {
        let github = &self.github.at(Priority::Read);
        let mut turns: BTreeMap<String, (&RepositoryName, Lease)> = BTreeMap::new();
        for (repository, id) in heard {
            let Some(Ok(Some(made))) = looked.get(&id.node) else {
                continue;
            };
            let key = repository.to_string().to_lowercase();
            if turns.contains_key(&key)
                || github.uses_points_fast(repository)
                || !self.is_news(made, self.now()).await?
            {
                continue;
            }
            // Made longer when they are read.
            let pause = self.pace.histories.saturating_mul(RULES_AGAIN);
            let turn = self.turn_to(&format!("rules:{key}"), pause).await?;
            if let Some(turn) = turn {
                turns.insert(key, (repository, turn));
            }
        }
        let reading = stream::iter(turns.into_values());
        let reading = reading.for_each_concurrent(RULES_AT_ONCE, |(repository, turn)| async move {
            match github.rules(repository).await {
                Ok(said) => {
                    rules::keep(&self.store, repository, &said).await;
                    self.rules_are_read(repository, &turn).await;
                }
                Err(error) => tracing::debug!(
                    %repository,
                    error = whole_chain(&error),
                    "a repository's own rules cannot be read"
                ),
            }
        });
        if timeout(RULES_PATIENCE, reading).await.is_err() {
            tracing::debug!("repositories' own rules are not told in time");
        }
        Ok(())
    }

    /// Keeps a repository's rules from being read again for a while. Where that
    /// fails they are read sooner.
    async fn rules_are_read(&self, repository: &RepositoryName, turn: &Lease) {
        let pause = self.pace.histories.saturating_mul(RULES_TURN);
        if let Err(error) = self.store.renew(&[turn], pause).await {
            tracing::warn!(
                %repository,
                error = &error as &dyn std::error::Error,
                "when a repository's own rules were read cannot be kept"
            );
        }
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
                return Ok(self.foreign_ended(repository, before, &outcome).await?);
            }
            Sight::Again => return Ok(false),
        };
        let still = stillness.of(&now, self.clock.instant());
        if let Some(overdue) = overdue(&now, still, self.pace.limits) {
            let Some(refused) = self.end_on_github(repository, &now, overdue).await else {
                return Ok(false);
            };
            return Ok(self.foreign_ended(repository, &now, &refused).await?);
        }
        if how_it_failed(&now).is_none() && !changed(before, &now) {
            return Ok(false);
        }
        Ok(self.take_in(repository, &now).await?)
    }

    /// Whether people hear of a deployment that is met now: it is young, and not of a
    /// request of this journal.
    pub(super) async fn is_news(
        &self,
        made: &Deployment,
        now: Timestamp,
    ) -> Result<bool, store::Error> {
        if now.duration_since(made.created_at) > NEWS {
            return Ok(false);
        }
        let Some(id) = &made.request_id else {
            return Ok(true);
        };
        match self.store.request(id).await {
            // It is there, whatever is wrong with it.
            Err(store::Error::Unreadable(_)) => Ok(false),
            request => Ok(request?.is_none()),
        }
    }

    async fn foreign_ended(
        &self,
        repository: &RepositoryName,
        deployment: &Deployment,
        outcome: &Failure,
    ) -> Result<bool, store::Error> {
        let store = &self.store;
        let is_news = store
            .foreign_has_come_to(repository, deployment, Some(outcome), self.now())
            .await?;
        if is_news {
            tracing::info!(
                %repository,
                environment = %deployment.environment,
                deployment.id = deployment.id.number,
                %outcome,
                "a deployment of someone else's ended without success"
            );
        }
        Ok(is_news)
    }
}
