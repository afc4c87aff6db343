//! What goes on by itself beside the calls: whether the credentials are right
//! is seen at the start; where calls fail a probe tells whether GitHub answers
//! at all; while it does not it is probed on, though nobody asks, and its status
//! page is read.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Client, auth::Auth, budget::Priority, error::Error, incident};
use crate::error::whole_chain;

/// How long to wait before the credentials are checked again that GitHub has not
/// accepted yet; it doubles.
const UNCHECKED: Duration = Duration::from_secs(30);
/// It never grows beyond.
const LONGEST: Duration = Duration::from_mins(5);

impl Client {
    /// Watches over GitHub until the shutdown. Without it no call is ever held
    /// back because GitHub does not answer.
    ///
    /// # Errors
    /// When the App's key can't sign: nothing could be done with it.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), Error> {
        let client = self.at(Priority::Probe);
        let watching = async {
            tokio::join!(client.probe(), client.read_status_page());
        };
        let work = async {
            tokio::select! {
                () = watching => Ok(()),
                Err(error) = client.check_credentials() => Err(error),
            }
        };
        let ended = shutdown.run_until_cancelled(Box::pin(work)).await;
        ended.unwrap_or(Ok(()))
    }

    /// Sees whether GitHub accepts the App, and goes on until it does. One that
    /// it does not accept is no reason to end: so GitHub answers in some of its
    /// outages, and meanwhile what was read before can be given.
    async fn check_credentials(&self) -> Result<(), Error> {
        let Auth::App(app) = self.auth() else {
            return Ok(());
        };
        let mut wait = UNCHECKED;
        loop {
            match app.check(Priority::Deploy).await {
                Ok(()) => return Ok(()),
                Err(error @ Error::Misconfigured(_)) => return Err(error),
                Err(error) => tracing::warn!(
                    error = whole_chain(&error),
                    wait_ms = wait.as_millis(),
                    "GitHub has not accepted the App yet; trying on"
                ),
            }
            self.line().clock.sleep(wait).await;
            wait = (wait * 2).min(LONGEST);
            self.available().await;
        }
    }

    /// Tries whether GitHub answers at all, whenever the breaker has to know.
    async fn probe(&self) {
        loop {
            self.line().breaker.probe_due().await;
            // Neither costs anything of a budget that deploys need. What the
            // answer says does not matter: that there is one does.
            let answer = match self.auth() {
                Auth::App(app) => app.check(Priority::Probe).await,
                Auth::Token { .. } => self.rate_limit().await,
            };
            if let Err(error @ Error::Unavailable(_)) = answer {
                tracing::debug!(error = whole_chain(&error), "a probe of GitHub failed");
            }
        }
    }

    /// Reads GitHub's status page while GitHub does not answer.
    async fn read_status_page(&self) {
        let Some(page) = self.status_page() else {
            return;
        };
        loop {
            self.unavailable().await;
            let incident = self.known_incident();
            incident.ask(&self.line().transport, page).await;
            tokio::time::sleep(incident::PAUSE).await;
            if self.unavailable_since().is_none() {
                incident.forget();
            }
        }
    }
}
