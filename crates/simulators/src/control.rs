//! What a person or a test may do to a simulated service from outside: see
//! which requests came in, make it slow, and make it fail.
//!
//! A request's route is its method and the path as the service declares it,
//! `POST /api/v3/repos/{owner}/{repo}/deployments`, whatever prefix the service
//! is mounted under. For GraphQL the name of the operation follows:
//! `POST /api/graphql Status`.

mod api;
mod route;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Json, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_util::task::TaskTracker;

use self::route::{Seen, look_at};
use crate::clock;

/// How many requests the log remembers; older ones are forgotten, the counts
/// go on.
const LOG_CAPACITY: usize = 10_000;

/// Watches, delays and faults the requests of one simulated service. Clones
/// share one state.
#[derive(Clone, Default)]
pub struct Control {
    shared: Arc<Mutex<Shared>>,
    tasks: TaskTracker,
}

struct Shared {
    log: VecDeque<Entry>,
    counts: BTreeMap<String, u64>,
    latency: Duration,
    faults: Vec<Fault>,
    rate_limited: fn(seconds: u64) -> Response,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            log: VecDeque::new(),
            counts: BTreeMap::new(),
            latency: Duration::ZERO,
            faults: Vec::new(),
            rate_limited: too_many_requests,
        }
    }
}

/// One request that came in, in the form in which the control API tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When it was answered, or cut.
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

/// A failure that waits for a route's requests, in the form in which the
/// control API takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The route that it hits. `*` hits all; a GraphQL route without an
    /// operation's name hits every operation.
    pub route: String,
    /// How many requests of the route pass before it hits.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it hits.
    #[serde(default = "once")]
    pub times: u32,
    /// What it does to them.
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

/// What a fault does to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers with this status; the request has no effect.
    Status(u16),
    /// Carries the request out, then answers with this status instead.
    AfterCommit(u16),
    /// Cuts the connection without an answer; the request has no effect.
    Drop,
    /// Carries the request out, then cuts the connection without an answer.
    DropAfterCommit,
    /// Answers as the service does to a caller that asks too often.
    RateLimit {
        /// After how many seconds the caller may ask again.
        seconds: u64,
    },
    /// Waits before the request is carried out, on top of the general latency.
    Latency {
        /// How many milliseconds.
        ms: u64,
    },
}

impl Control {
    /// A control that lets everything pass at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same control, answering rate-limited requests with `answer`, which
    /// is given the seconds after which the caller may ask again.
    pub(crate) fn with_rate_limit_answer(self, answer: fn(u64) -> Response) -> Self {
        self.shared().rate_limited = answer;
        self
    }

    /// Wraps routes so that every request to them is logged, delayed and
    /// faulted. To be called on routes that are whole: what is added later is
    /// not watched.
    pub fn wrap(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), attend))
    }

    /// The control API, to be mounted under a path of its own: `/requests`,
    /// `/latency`, `/faults`.
    pub fn router(&self) -> Router {
        api::router(self.clone())
    }

    /// How many requests came in, by route, since the start or the last
    /// [`Control::reset`].
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
    pub fn add_fault(&self, fault: Fault) {
        self.shared().faults.push(fault);
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

/// The first waiting fault that hits the route, with its counters moved on.
fn take_fault(faults: &mut Vec<Fault>, route: &str) -> Option<FaultKind> {
    for index in 0..faults.len() {
        let fault = &mut faults[index];
        if fault.times == 0 || !hits(&fault.route, route) {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
            continue;
        }
        fault.times -= 1;
        let kind = fault.kind.clone();
        if fault.times == 0 {
            faults.remove(index);
        }
        return Some(kind);
    }
    None
}

fn hits(wanted: &str, route: &str) -> bool {
    wanted == "*"
        || route
            .strip_prefix(wanted)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The middleware around each request. A request that has arrived is carried
/// out to its end, also when its caller gives up and goes, as by a real server.
async fn attend(State(control): State<Control>, request: Request, next: Next) -> Response {
    let (seen, request) = match look_at(request).await {
        Ok(looked_at) => looked_at,
        Err(response) => return response,
    };
    let tasks = control.tasks.clone();
    let outcome = tasks
        .spawn(async move { carry_out_late(&control, seen, request, next).await })
        .await;
    match outcome {
        Ok(Some(response)) => response,
        Ok(None) => cut_connection(),
        Err(error) => {
            tracing::error!(%error, "a simulated service failed at a request");
            cut_connection()
        }
    }
}

async fn carry_out_late(
    control: &Control,
    seen: Seen,
    request: Request,
    next: Next,
) -> Option<Response> {
    let latency = control.latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let outcome = carry_out(control, &seen.route, request, next).await;
    control.record(Entry {
        at: clock::now(),
        route: seen.route,
        path: seen.path,
        status: outcome.as_ref().map(|answer| answer.status().as_u16()),
        user_agent: seen.user_agent,
    });
    outcome
}

/// The answer to a request, or none when its connection is to be cut.
async fn carry_out(
    control: &Control,
    route: &str,
    request: Request,
    next: Next,
) -> Option<Response> {
    match control.take_fault(route) {
        None => Some(next.run(request).await),
        Some(FaultKind::Status(status)) => Some(faulted(status)),
        Some(FaultKind::AfterCommit(status)) => {
            next.run(request).await;
            Some(faulted(status))
        }
        Some(FaultKind::Drop) => None,
        Some(FaultKind::DropAfterCommit) => {
            next.run(request).await;
            None
        }
        Some(FaultKind::RateLimit { seconds }) => {
            let answer = control.shared().rate_limited;
            Some(answer(seconds))
        }
        Some(FaultKind::Latency { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Some(next.run(request).await)
        }
    }
}

/// Ends the connection that is being served, with no byte of an answer.
///
/// Neither axum nor hyper lets a handler close its connection. Unwinding does:
/// it ends the task that serves this one connection, which closes its socket,
/// and, begun by `resume_unwind`, it passes the panic hook by, so that nothing
/// is printed.
fn cut_connection() -> ! {
    std::panic::resume_unwind(Box::new("a simulated fault cuts this connection"))
}

fn faulted(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let message = status.canonical_reason().unwrap_or("Simulated fault");
    (status, Json(serde_json::json!({ "message": message }))).into_response()
}

fn too_many_requests(seconds: u64) -> Response {
    let wait = [(header::RETRY_AFTER, seconds.to_string())];
    (StatusCode::TOO_MANY_REQUESTS, wait).into_response()
}
