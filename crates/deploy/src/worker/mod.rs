//! What goes on by itself: carrying out accepted requests, and following their
//! deployments to the end. All of it starts from what the journal says, so a
//! process that died in between changes nothing but the delay.

mod attempt;
mod carry_out;
mod follow;
mod foreign;
mod leases;
mod links;
mod look;
mod looks;
mod order;
mod outcome;
mod overdue;
mod patience;
mod prune;
mod queue;
mod rounds;
mod sight;
mod stillness;
mod waiting;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use crate::{
    Clock,
    github::{self, Priority},
    model::RequestId,
    store::{self, Store},
};
use leases::Leases;

pub(crate) use follow::how_it_failed;
pub(crate) use overdue::Limits;

/// How long to wait after the journal failed before it is asked again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How many requests talk to GitHub at once. GitHub allows 100 calls at once;
/// what people ask needs the others.
const CALLS: usize = 50;
/// How many requests are begun with at once. The journal takes one transaction
/// after the other: more would only stand in the way of those who ask for a
/// deploy.
const BEGINNINGS: usize = 8;

/// How long the workers wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// How long a deployment may stand still before it is ended.
    pub(crate) limits: Limits,
    /// Between two readings of running deployments.
    pub(crate) poll: Duration,
    /// Before the first retry, and between the first two looks for a
    /// deployment whose answer was lost; both then double.
    pub(crate) retry: Duration,
    /// How long a lease lasts that is not renewed.
    pub(crate) lease: Duration,
    /// How long the lease lasts under which GitHub is asked for a deployment,
    /// even if this process dies.
    pub(crate) asking: Duration,
    /// How many deployments GitHub takes.
    pub(crate) creations: store::Limits,
    /// Between two looks whether what is old is due to be removed.
    pub(crate) prune: Duration,
    /// Between two readings of histories.
    pub(crate) histories: Duration,
    /// GitHub tells what happens.
    pub(crate) has_webhooks: bool,
}

/// What every worker needs.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    store: Store,
    github: github::Client,
    clock: Clock,
    pace: Pace,
    calls: Arc<Semaphore>,
    beginnings: Arc<Semaphore>,
    leases: Arc<Leases>,
    shutdown: CancellationToken,
}

impl Worker {
    /// A worker over a journal and a GitHub, until `shutdown`.
    pub(crate) fn new(
        store: Store,
        github: &github::Client,
        clock: Clock,
        pace: Pace,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            leases: Arc::new(Leases::new(store.clone(), pace.lease)),
            store,
            github: github.at(Priority::Deploy),
            clock,
            pace,
            calls: Arc::new(Semaphore::new(CALLS)),
            beginnings: Arc::new(Semaphore::new(BEGINNINGS)),
            shutdown,
        }
    }

    /// Renews what this process does alone until the shutdown.
    pub(crate) async fn keep_leases(self) {
        self.leases.keep(self.shutdown.clone()).await;
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits; false when it is time to stop.
    async fn waited(&self, duration: Duration) -> bool {
        let sleep = self.clock.sleep(duration);
        self.shutdown.run_until_cancelled(sleep).await.is_some()
    }

    /// Waits for a turn to talk to GitHub; none when it is time to stop. It is
    /// held while talking only, never while waiting to try again.
    async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let turn = self.shutdown.run_until_cancelled(self.calls.acquire());
        Some(turn.await?.expect("the semaphore is never closed"))
    }

    /// Waits for a turn to begin with a request in the journal, which is over
    /// soon.
    async fn beginning(&self) -> SemaphorePermit<'_> {
        let turn = self.beginnings.acquire().await;
        turn.expect("the semaphore is never closed")
    }
}

/// What a process holds that carries a request out.
fn lease_of(id: &RequestId) -> String {
    format!("request:{id}")
}
