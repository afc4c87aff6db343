//! What a person or a test may do to a simulated service from outside: see
//! which requests came in, make it slow, and make it fail.
//!
//! A request's route is its method and the path as the service declares it,
//! `POST /api/v3/repos/{owner}/{repo}/deployments`, whatever prefix the service
//! is mounted under. For GraphQL the name of the operation follows:
//! `POST /api/graphql Status`.

mod api;
mod attend;
mod fault;
mod route;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::middleware;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use tokio_util::task::TaskTracker;

pub(crate) use self::attend::{Admission, Rules};
use self::attend::{Attended, attend};
pub use self::fault::{Fault, FaultAnswer, FaultKind, FaultRefused};
use self::fault::{refusal, take_fault};

/// How many requests the log remembers; older ones are forgotten, the counts
/// go on.
const LOG_CAPACITY: usize = 10_000;

/// Watches, delays and faults the requests of one simulated service. Clones
/// share one state.
#[derive(Clone, Default)]
pub struct Control {
    service: Arc<Service>,
    shared: Arc<Mutex<Shared>>,
    tasks: TaskTracker,
}

/// What of a service decides which faults make sense.
#[derive(Default)]
pub(crate) struct Service {
    /// Its routes; `ANY` stands for every method. None at all: any route.
    pub(crate) routes: Vec<String>,
    /// Answers with an error of its own by name, if it has such.
    pub(crate) refused: Option<fn(&str) -> Response>,
}

#[derive(Default)]
struct Shared {
    log: VecDeque<Entry>,
    counts: BTreeMap<String, u64>,
    latency: Duration,
    faults: Vec<Fault>,
}

/// One request that came in, in the form in which the control API tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When it was answered, or cut, by the machine's clock.
    pub at: Timestamp,
    /// Its route; `GET (no such route)` where none matched.
    pub route: String,
    /// Its path and query as sent.
    pub path: String,
    /// The status of the answer; none when the connection was cut instead.
    pub status: Option<u16>,
    /// What the client says it is; empty when it says nothing.
    pub user_agent: String,
}

impl Control {
    /// A control that lets everything pass at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, refusing faults that would never hit this service.
    pub(crate) fn of(service: Service) -> Self {
        Self {
            service: Arc::new(service),
            ..Self::default()
        }
    }

    /// Wraps routes so that every request to them is logged, delayed and
    /// faulted, and kept to the service's rules. To be called on routes that are
    /// whole: what is added later is not watched.
    pub(crate) fn wrap(&self, router: Router, rules: Rules) -> Router {
        let attended = Attended {
            control: self.clone(),
            rules: Arc::new(rules),
        };
        router.layer(middleware::from_fn_with_state(attended, attend))
    }

    /// The control API, to be mounted under a path of its own: `/requests`,
    /// `/latency`, `/faults`.
    pub fn router(&self) -> Router {
        api::router(self.clone())
    }

    /// How many requests were answered or cut, by route, since the start or the
    /// last [`Control::reset`]. One that is under way does not count yet; that it
    /// has met its fault is seen in [`Control::faults`].
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.shared().counts.clone()
    }

    /// The newest 10,000 requests, oldest first.
    pub fn log(&self) -> Vec<Entry> {
        self.shared().log.iter().cloned().collect()
    }

    /// Forgets the requests and their counts; latency and faults stay.
    pub fn reset(&self) {
        let mut shared = self.shared();
        shared.log.clear();
        shared.counts.clear();
    }

    /// Delays every request by this much before it is carried out.
    pub fn set_latency(&self, latency: Duration) {
        self.shared().latency = latency;
    }

    /// Adds a fault behind those that are waiting; the first that matches a
    /// request hits it.
    ///
    /// # Panics
    ///
    /// When the fault would never do what it says; see [`FaultRefused`]. To
    /// learn it otherwise there is [`Control::try_add_fault`].
    pub fn add_fault(&self, fault: Fault) {
        self.try_add_fault(fault)
            .expect("a fault names a route of the service and does something to it");
    }

    /// The same for a fault that may not make sense.
    ///
    /// # Errors
    ///
    /// When the fault would never do what it says.
    pub fn try_add_fault(&self, fault: Fault) -> Result<(), FaultRefused> {
        match refusal(&fault, &self.service) {
            Some(why) => Err(why),
            None => {
                self.shared().faults.push(fault);
                Ok(())
            }
        }
    }

    /// The faults that are still waiting, with what is left of `skip` and
    /// `times`.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared().faults.clone()
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared().faults.clear();
    }

    fn latency(&self) -> Duration {
        self.shared().latency
    }

    fn take_fault(&self, route: &str) -> Option<FaultKind> {
        take_fault(&mut self.shared().faults, route)
    }

    fn record(&self, entry: Entry) {
        let mut shared = self.shared();
        *shared.counts.entry(entry.route.clone()).or_default() += 1;
        if shared.log.len() == LOG_CAPACITY {
            shared.log.pop_front();
        }
        shared.log.push_back(entry);
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // Each change is a single step, so what a panicked holder left is whole.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
