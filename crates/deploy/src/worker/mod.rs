//! What goes on by itself: carrying out accepted requests, and following their
//! deployments to the end. All of it starts from what the journal says, so a
//! process that died in between changes nothing but the delay.

mod carry_out;
mod follow;
mod patience;

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{Clock, github, store::Store};

/// How long to wait after the journal failed before it is asked again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What every worker needs.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    store: Store,
    github: github::Client,
    clock: Clock,
    /// How often running deployments are read; retries begin with it too.
    pace: Duration,
    shutdown: CancellationToken,
}

impl Worker {
    /// A worker over a journal and a GitHub, until `shutdown`.
    pub(crate) fn new(
        store: Store,
        github: github::Client,
        clock: Clock,
        pace: Duration,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            store,
            github,
            clock,
            pace,
            shutdown,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits; false when it is time to stop.
    async fn waited(&self, duration: Duration) -> bool {
        let sleep = tokio::time::sleep(duration);
        self.shutdown.run_until_cancelled(sleep).await.is_some()
    }
}
