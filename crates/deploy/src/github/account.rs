//! An account that GitHub counts calls by: an installation of the App, the App
//! itself, or a token. How many of its calls may be under way, and what they
//! may spend.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    budget::{Budget, Ledger, Priority, Resource, Told},
    error,
};

/// GitHub allows so many calls at once.
const AT_ONCE: usize = 100;
/// Of those, reads may be so many; the others are for deploys.
const READS_AT_ONCE: usize = 50;

#[derive(Debug)]
pub(crate) struct Account {
    name: String,
    ledger: Mutex<Ledger>,
    calls: Semaphore,
    reads: Semaphore,
}

/// The right to have a call under way.
pub(crate) struct Turn<'a> {
    _call: Option<SemaphorePermit<'a>>,
    _read: Option<SemaphorePermit<'a>>,
}

/// A call that the ledger has counted.
pub(crate) struct Admission<'a> {
    account: &'a Account,
    resource: Resource,
}

impl Account {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ledger: Mutex::new(Ledger::new()),
            calls: Semaphore::new(AT_ONCE),
            reads: Semaphore::new(READS_AT_ONCE),
        }
    }

    /// What tells it apart from others.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Waits until fewer calls are under way than GitHub allows. A probe does not
    /// wait: when all the others hang, it is to tell whether GitHub answers.
    pub(crate) async fn turn(&self, priority: Priority) -> Turn<'_> {
        const NEVER_CLOSED: &str = "the semaphore is never closed";
        // First the narrower one: a read that waits takes no deploy's place.
        let read = match priority {
            Priority::Read => Some(self.reads.acquire().await.expect(NEVER_CLOSED)),
            Priority::Probe | Priority::Deploy | Priority::Follow => None,
        };
        let call = match priority {
            Priority::Probe => None,
            Priority::Deploy | Priority::Follow | Priority::Read => {
                Some(self.calls.acquire().await.expect(NEVER_CLOSED))
            }
        };
        Turn {
            _call: call,
            _read: read,
        }
    }

    /// Counts a call that is about to be sent, or says when to ask again.
    pub(crate) fn admit(
        &self,
        resource: Resource,
        points: u64,
        priority: Priority,
        now: Timestamp,
    ) -> Result<Admission<'_>, Timestamp> {
        self.ledger().admit(resource, points, priority, now)?;
        Ok(Admission {
            account: self,
            resource,
        })
    }

    /// An answer came: what its headers tell of the budget.
    pub(crate) fn answered(&self, resource: Resource, headers: &HeaderMap, now: Timestamp) {
        if let Some(told) = error::budget_told(headers, now) {
            self.told(resource, told, now);
        }
    }

    pub(crate) fn told(&self, resource: Resource, told: Told, now: Timestamp) {
        self.ledger().told(resource, told, now);
    }

    /// An answer was a refusal because of a limit. A budget that is used up is
    /// told by the headers; any other limit holds for all calls.
    pub(crate) fn limited(&self, headers: &HeaderMap, retry_at: Timestamp) {
        tracing::warn!(account = self.name, %retry_at, "GitHub limits the rate of calls");
        if !error::is_used_up(headers) || headers.contains_key("retry-after") {
            self.ledger().close_until(retry_at);
        }
    }

    /// What it may still spend.
    pub(crate) fn budget(&self, now: Timestamp) -> Budget {
        let ledger = self.ledger();
        Budget {
            account: self.name.clone(),
            rest: ledger.hour(Resource::Rest),
            graphql: ledger.hour(Resource::Graphql),
            closed_until: ledger.closed_until(now),
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        self.account.ledger().ended(self.resource);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn a_probe_is_sent_though_every_call_that_github_allows_is_under_way() {
        let account = Account::new("acme");
        let under_way: Vec<_> = (0..AT_ONCE)
            .map(|_| account.turn(Priority::Deploy).now_or_never())
            .collect();
        assert!(under_way.iter().all(Option::is_some));
        assert!(account.turn(Priority::Deploy).now_or_never().is_none());
        assert!(account.turn(Priority::Probe).now_or_never().is_some());
    }
}
