//! What this process does alone, however many processes share the journal: a
//! lease for each, renewed while it is at work, and free for another some
//! seconds after the process has died.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::store::{self, Lease, Store};

/// The leases of this process.
#[derive(Debug)]
pub(crate) struct Leases {
    store: Store,
    /// The process, as the others know it.
    holder: String,
    /// How long one lasts that is not renewed.
    time: Duration,
    held: Mutex<HashMap<String, Arc<Lease>>>,
}

impl Leases {
    /// Those of a process that holds none yet.
    pub(super) fn new(store: Store, time: Duration) -> Self {
        Self {
            store,
            holder: uuid::Uuid::new_v4().to_string(),
            time,
            held: Mutex::default(),
        }
    }

    /// How often they have to be renewed, and those of others looked at again.
    pub(super) fn beat(&self) -> Duration {
        self.time / 3
    }

    /// Takes a lease, or makes it last anew; false when another process has it.
    pub(super) async fn take(&self, name: &str) -> Result<bool, store::Error> {
        let lease = self.store.acquire(name, &self.holder, self.time).await?;
        let is_ours = lease.is_some();
        if let Some(lease) = lease {
            self.held().insert(name.to_owned(), Arc::new(lease));
        }
        Ok(is_ours)
    }

    /// Makes a lease last for `time` from now, whatever becomes of this process;
    /// false when another process has it. That it is renewed meanwhile ends it no
    /// sooner.
    pub(super) async fn extend(&self, name: &str, time: Duration) -> Result<bool, store::Error> {
        let Some(lease) = self.held().get(name).cloned() else {
            return Ok(false);
        };
        Ok(self.store.renew(&[&lease], time).await?.is_empty())
    }

    /// Gives a lease back, if it is held.
    pub(super) async fn give_back(&self, name: &str) {
        let lease = self.held().remove(name);
        let Some(lease) = lease.and_then(Arc::into_inner) else {
            return;
        };
        if let Err(error) = self.store.release(lease).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "a lease cannot be given back; it runs out by itself");
        }
    }

    /// Renews what is held until the shutdown.
    pub(crate) async fn keep(&self, shutdown: CancellationToken) {
        let renewing = async {
            loop {
                tokio::time::sleep(self.beat()).await;
                self.renew().await;
            }
        };
        shutdown.run_until_cancelled(renewing).await;
    }

    async fn renew(&self) {
        let leases: Vec<Arc<Lease>> = self.held().values().cloned().collect();
        let borrowed: Vec<&Lease> = leases.iter().map(AsRef::as_ref).collect();
        match self.store.renew(&borrowed, self.time).await {
            Ok(lost) => {
                for name in lost {
                    // What it was for sees it when it counts: before it asks
                    // GitHub for anything.
                    if self.held().remove(&name).is_some() {
                        tracing::warn!(name, "another process has taken a lease of ours");
                    }
                }
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "leases cannot be renewed; trying on");
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Arc<Lease>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
