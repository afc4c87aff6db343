//! Webhooks: what happens is told to one receiver, signed, each event once. As
//! with GitHub nothing is tried again by itself: a delivery that failed stays
//! in the log until somebody asks for it anew. On the way deliveries can be
//! held, lost, doubled, turned round, forged, delayed and made large.

mod api;
mod desk;
mod found;
mod payload;
mod send;
mod suites;

use std::sync::{Arc, Mutex};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::sync::{Notify, Semaphore, broadcast};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use self::api::router;
use self::desk::{Batch, Desk};
pub use self::desk::{UnknownEvent, WebhookFault, WebhookFaultKind};
pub use self::send::Delivery;
use self::send::Log;
use self::suites::Suites;
use super::{
    Github, lock,
    state::{Event, Webhook},
};

/// How many deliveries are under way at once; further ones wait for their turn.
const AT_ONCE: usize = 8;

/// Where events are told, what becomes of them on the way, and what was told.
pub(crate) struct Webhooks {
    client: Client<HttpConnector, Full<Bytes>>,
    receiver: Mutex<Option<Webhook>>,
    desk: Mutex<Desk>,
    /// Something on the desk is to go out that no event brings.
    released: Notify,
    log: Mutex<Log>,
}

impl Webhooks {
    /// Webhooks that are told to a receiver, if to any.
    pub(crate) fn to(receiver: Option<Webhook>) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            receiver: Mutex::new(receiver),
            desk: Mutex::default(),
            released: Notify::new(),
            log: Mutex::default(),
        }
    }

    fn receiver(&self) -> Option<Webhook> {
        lock(&self.receiver).clone()
    }
}

impl Github {
    /// Changes where events are told from now on; none is nowhere.
    pub fn set_webhook(&self, receiver: Option<Webhook>) {
        *lock(&self.webhooks().receiver) = receiver;
    }

    /// Holds all deliveries from now on, also while there is no receiver yet,
    /// until they are released.
    pub fn hold_webhooks(&self) {
        lock(&self.webhooks().desk).hold();
    }

    /// Sends what was held, and holds no more; tells how many deliveries there
    /// were.
    pub fn release_webhooks(&self) -> usize {
        let released = lock(&self.webhooks().desk).release();
        self.webhooks().released.notify_one();
        released
    }

    /// How many deliveries are held; none when they are not.
    pub fn held_webhooks(&self) -> Option<usize> {
        lock(&self.webhooks().desk).held()
    }

    /// Adds a fault behind those that wait for deliveries; the first that
    /// matches one hits it.
    ///
    /// # Errors
    ///
    /// When it waits for an event that is never told, or for no delivery.
    pub fn add_webhook_fault(&self, fault: WebhookFault) -> Result<(), UnknownEvent> {
        lock(&self.webhooks().desk).add_fault(fault)
    }

    /// The faults that still wait for deliveries.
    pub fn webhook_faults(&self) -> Vec<WebhookFault> {
        lock(&self.webhooks().desk).faults()
    }

    /// Removes those faults; what was gathered to be turned round goes out as it
    /// came.
    pub fn clear_webhook_faults(&self) {
        lock(&self.webhooks().desk).clear_faults();
        self.webhooks().released.notify_one();
    }
}

/// Delivers events until `shutdown`.
pub(crate) async fn run(
    github: &Github,
    mut events: broadcast::Receiver<Event>,
    shutdown: CancellationToken,
) {
    let tasks = TaskTracker::new();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut suites = Suites::default();
    loop {
        let batches = tokio::select! {
            () = shutdown.cancelled() => break,
            () = github.webhooks().released.notified() => {
                lock(&github.webhooks().desk).take_ready()
            }
            event = events.recv() => match event {
                Ok(event) => {
                    let suite_ends = suites.ends(&event);
                    told(github, event, suite_ends).await
                }
                Err(broadcast::error::RecvError::Lagged(lost)) => {
                    tracing::error!(lost, "events came faster than they could be delivered");
                    continue;
                }
                Err(broadcast::error::RecvError::Closed) => break,
            }
        };
        for batch in batches {
            let (github, shutdown) = (github.clone(), shutdown.clone());
            let turns = Arc::clone(&turns);
            if batch.after.is_zero() {
                // Further events wait until there is a turn for this one.
                let turn = tokio::select! {
                    () = shutdown.cancelled() => break,
                    turn = turns.acquire_owned() => turn,
                };
                tasks.spawn(async move {
                    shutdown.run_until_cancelled(deliver(github, batch)).await;
                    drop(turn);
                });
            } else {
                tasks.spawn(async move {
                    let late = async {
                        github.clock().sleep(batch.after).await;
                        let _turn = turns.acquire_owned().await;
                        deliver(github.clone(), batch).await;
                    };
                    shutdown.run_until_cancelled(late).await;
                });
            }
        }
    }
    tasks.close();
    tasks.wait().await;
}

/// Delivers what belongs together, one after the other.
async fn deliver(github: Github, batch: Batch) {
    for delivery in batch.deliveries {
        // Where the receiver has been taken away meanwhile, nobody is told.
        if let Some(receiver) = github.webhooks().receiver() {
            github
                .webhooks()
                .deliver(&github, &receiver, delivery)
                .await;
        }
    }
}

/// What an event is delivered as; its payloads are built where blocking is
/// allowed, as commits are read from disk.
async fn told(github: &Github, event: Event, suite_ends: bool) -> Vec<Batch> {
    let webhooks = github.webhooks();
    if webhooks.receiver().is_none() && github.held_webhooks().is_none() {
        return Vec::new();
    }
    let repository = event.repository.clone();
    let teller = github.clone();
    let built = tokio::task::spawn_blocking(move || payload::of(&teller, &event, suite_ends)).await;
    let hooks = match built {
        Ok(Ok(hooks)) => hooks,
        Ok(Err(error)) => {
            tracing::error!(repository, "cannot tell what happened: {error:#}");
            Vec::new()
        }
        Err(error) => {
            tracing::error!(repository, "cannot tell what happened: {error}");
            Vec::new()
        }
    };
    let mut desk = lock(&webhooks.desk);
    hooks
        .iter()
        .map(|hook| Delivery::new(&repository, hook, github.clock().now()))
        .flat_map(|delivery| desk.pass(delivery))
        .collect()
}
