//! One request of a watched service from its arrival to its answer: kept to the
//! service's rules, delayed, faulted, carried out, logged.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Json, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::oneshot;

use super::route::{Seen, look_at};
use super::{Control, Entry, FaultAnswer, FaultKind};
use crate::clock;

/// What a request may begin with, or the answer that it gets instead.
pub(crate) type Admission = Result<Pass, Box<Response>>;

/// What is held while a request is under way.
type Pass = Box<dyn Any + Send>;

type Gate = dyn Fn(&str, &HeaderMap) -> Admission + Send + Sync;

type RateLimited = dyn Fn(&str, u64) -> Response + Send + Sync;

/// How a service treats its requests.
pub(crate) struct Rules {
    /// Decides, by route and headers, whether a request may begin.
    pub(crate) gate: Box<Gate>,
    /// Answers, on a route, a caller that asks too often and may ask again after
    /// so many seconds.
    pub(crate) rate_limited: Box<RateLimited>,
}

/// A service's control, and its rules.
#[derive(Clone)]
pub(super) struct Attended {
    pub(super) control: Control,
    pub(super) rules: Arc<Rules>,
}

/// The middleware around each request. A request that has arrived is carried
/// out to its end, also when its caller gives up and goes, as by a real server.
pub(super) async fn attend(
    State(attended): State<Attended>,
    request: Request,
    next: Next,
) -> Response {
    let (seen, request) = match look_at(request).await {
        Ok(looked_at) => looked_at,
        Err(response) => return response,
    };
    let tasks = attended.control.tasks.clone();
    // When the caller goes, what is awaited here is dropped, and this with it.
    let (_here, gone) = oneshot::channel();
    let work = Work {
        attended,
        seen,
        gone,
    };
    let outcome = tasks.spawn(work.do_and_log(request, next)).await;
    match outcome {
        Ok(Some(response)) => response,
        Ok(None) => cut_connection(),
        Err(error) => {
            tracing::error!(%error, "a simulated service failed at a request");
            cut_connection()
        }
    }
}

/// A request at work.
struct Work {
    attended: Attended,
    seen: Seen,
    /// Ends when the caller has gone.
    gone: oneshot::Receiver<()>,
}

impl Work {
    async fn do_and_log(self, request: Request, next: Next) -> Option<Response> {
        let (control, seen) = (self.attended.control.clone(), self.seen.clone());
        let outcome = self.admit(request, next).await;
        control.record(Entry {
            at: clock::now(),
            route: seen.route,
            path: seen.path,
            status: outcome.as_ref().map(|answer| answer.status().as_u16()),
            user_agent: seen.user_agent,
        });
        outcome
    }

    async fn admit(self, request: Request, next: Next) -> Option<Response> {
        let _pass = match (self.attended.rules.gate)(&self.seen.route, request.headers()) {
            Ok(pass) => pass,
            Err(refused) => return Some(*refused),
        };
        let latency = self.attended.control.latency();
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        match self.attended.control.take_fault(&self.seen.route) {
            None => Some(next.run(request).await),
            Some(fault) => self.carry_out(fault, request, next).await,
        }
    }

    /// The answer to a request that a fault hits, or none when its connection is
    /// to be cut.
    async fn carry_out(self, fault: FaultKind, request: Request, next: Next) -> Option<Response> {
        let attended = &self.attended;
        Some(match fault {
            FaultKind::Status(status) => faulted(status),
            FaultKind::AfterCommit(status) => {
                next.run(request).await;
                faulted(status)
            }
            FaultKind::Answer(answer) => chosen(answer),
            FaultKind::Replace(places) => replaced(next.run(request).await, places).await,
            FaultKind::Drop => return None,
            FaultKind::DropAfterCommit => {
                next.run(request).await;
                return None;
            }
            FaultKind::DropMidAnswer => cut_in_the_middle(next.run(request).await).await?,
            FaultKind::RateLimit { seconds } => {
                (attended.rules.rate_limited)(&self.seen.route, seconds)
            }
            FaultKind::Latency { ms } => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                next.run(request).await
            }
            FaultKind::Late { ms } => {
                let answer = next.run(request).await;
                tokio::time::sleep(Duration::from_millis(ms)).await;
                answer
            }
            FaultKind::OnceGone { ms } => {
                // Whether the caller went or the time did, it is its turn now.
                let _ = tokio::time::timeout(Duration::from_millis(ms), self.gone).await;
                next.run(request).await
            }
            FaultKind::Refusal(name) => match attended.control.service.refused {
                Some(refused) => refused(&name),
                None => faulted(500),
            },
        })
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

fn chosen(answer: FaultAnswer) -> Response {
    let body = match answer.body {
        Value::Null => Body::empty().into_response(),
        Value::String(text) => text.into_response(),
        json => Json(json).into_response(),
    };
    let mut response = body;
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in answer.headers {
        // Both were read once before the fault was taken.
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn replaced(response: Response, places: BTreeMap<String, Value>) -> Response {
    let (mut parts, body) = response.into_parts();
    let Some(mut json) = whole(body)
        .await
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    else {
        return faulted(500);
    };
    for (place, value) in places {
        if !put(&mut json, &place, value) {
            return faulted(500);
        }
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::ETAG);
    Response::from_parts(parts, Body::from(json.to_string()))
}

/// Puts a value at a place; tells whether there can be such a place.
fn put(json: &mut Value, place: &str, value: Value) -> bool {
    if let Some(found) = json.pointer_mut(place) {
        *found = value;
        return true;
    }
    let (parent, name) = place.rsplit_once('/').unwrap_or(("", place));
    let name = name.replace("~1", "/").replace("~0", "~");
    match json.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            fields.insert(name, value);
            true
        }
        _ => false,
    }
}

/// An answer whose connection is cut after half of its body; none for a body
/// that has no middle.
async fn cut_in_the_middle(response: Response) -> Option<Response> {
    let (mut parts, body) = response.into_parts();
    let bytes = whole(body).await.filter(|bytes| bytes.len() > 1)?;
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let half = bytes.slice(..bytes.len() / 2);
    // The pause lets the first half be written before the end comes.
    let end = stream::once(async {
        tokio::task::yield_now().await;
        Err::<Bytes, _>(std::io::Error::other("a simulated fault cuts this answer"))
    });
    let halves = stream::iter([Ok(half)]).chain(end);
    Some(Response::from_parts(parts, Body::from_stream(halves)))
}

/// A body that was made in memory does not fail; if it did, there would be
/// nothing to send.
async fn whole(body: Body) -> Option<Bytes> {
    Some(body.collect().await.ok()?.to_bytes())
}
