//! Webhooks: what happens is told to one receiver, signed, each event once. As
//! with GitHub nothing is tried again by itself: a delivery that failed stays
//! in the log until somebody asks for it anew.
//!
//! The log is part of the control API: `GET /deliveries` lists it, newest first,
//! `GET /deliveries/{id}` tells one with its body, and
//! `POST /deliveries/{id}/attempts` delivers it again under the same delivery
//! id.

mod found;
mod payload;
mod suites;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    routing::{get, post},
};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::Timestamp;
use ring::hmac;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{Semaphore, broadcast};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{payload::Hook, suites::Suites};
use super::{
    Github,
    state::{Event, Webhook},
};
use crate::clock;

/// How long a receiver may take to answer, as GitHub waits.
const DEADLINE: Duration = Duration::from_secs(10);

/// How many deliveries are under way at once; further ones wait for their turn.
const AT_ONCE: usize = 8;

/// How many deliveries the log remembers.
const KEPT: usize = 500;

/// How much of an answer is read; it is of no interest.
const ANSWER_LIMIT: usize = 64 * 1024;

/// The id of the one webhook there is.
const HOOK_ID: &str = "1";

/// What was delivered, and what delivers.
#[derive(Clone)]
pub(crate) struct Deliveries {
    client: Client<HttpConnector, Full<Bytes>>,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    last_id: u64,
    deliveries: VecDeque<Delivery>,
}

/// One attempt to deliver an event, in the form in which the control API tells
/// it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    /// Which attempt.
    id: u64,
    /// Which delivery; an attempt to deliver it again has the same.
    guid: String,
    /// The event's name.
    event: &'static str,
    /// What happened in it.
    action: Option<&'static str>,
    /// `owner/name`.
    repository: String,
    /// When it was sent.
    delivered_at: Timestamp,
    /// How long the answer took.
    duration_ms: u64,
    /// It was asked for anew.
    redelivery: bool,
    /// `OK`, or why it failed.
    status: String,
    /// What the receiver answered, if it did.
    status_code: Option<u16>,
    #[serde(skip)]
    body: Bytes,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            log: Arc::default(),
        }
    }
}

impl Deliveries {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: u64) -> Option<Delivery> {
        let log = self.log();
        log.deliveries
            .iter()
            .find(|delivery| delivery.id == id)
            .cloned()
    }

    /// Sends an event once and writes down how that went.
    async fn deliver(&self, webhook: &Webhook, mut delivery: Delivery) -> Delivery {
        let began = Instant::now();
        delivery.delivered_at = clock::now();
        let outcome = tokio::time::timeout(DEADLINE, self.send(webhook, &delivery)).await;
        delivery.duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        (delivery.status_code, delivery.status) = match outcome {
            Ok(Ok(code)) if code.is_success() => (Some(code.as_u16()), "OK".to_owned()),
            Ok(Ok(code)) => (
                Some(code.as_u16()),
                format!("Invalid HTTP Response: {}", code.as_u16()),
            ),
            Ok(Err(error)) => {
                tracing::info!(delivery = delivery.guid, "a webhook failed: {error:#}");
                (None, "failed to connect to host".to_owned())
            }
            Err(_) => (None, "timed out".to_owned()),
        };
        let mut log = self.log();
        log.last_id += 1;
        delivery.id = log.last_id;
        log.deliveries.push_front(delivery.clone());
        log.deliveries.truncate(KEPT);
        delivery
    }

    async fn send(&self, webhook: &Webhook, delivery: &Delivery) -> anyhow::Result<StatusCode> {
        let request = Request::post(&webhook.url)
            .header(header::ACCEPT, "*/*")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "GitHub-Hookshot/5124a4e")
            .header("X-GitHub-Delivery", &delivery.guid)
            .header("X-GitHub-Event", delivery.event)
            .header("X-GitHub-Hook-ID", HOOK_ID)
            .header("X-GitHub-Hook-Installation-Target-Type", "repository")
            .header(
                "X-Hub-Signature-256",
                signature(&webhook.secret, &delivery.body),
            )
            .body(Full::new(delivery.body.clone()))?;
        let response = self.client.request(request).await?;
        let status = response.status();
        // The answer is read so that the connection can be used again; one that
        // is cut or too long changes nothing.
        if let Err(error) = Limited::new(response.into_body(), ANSWER_LIMIT)
            .collect()
            .await
        {
            tracing::debug!("a webhook's answer was not read to its end: {error}");
        }
        Ok(status)
    }
}

/// What a receiver checks: HMAC-SHA256 of the body, under the secret.
fn signature(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body);
    let hex: String = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256={hex}")
}

/// Delivers events until `shutdown`; without a receiver, none.
pub(crate) async fn run(
    github: &Github,
    mut events: broadcast::Receiver<Event>,
    shutdown: CancellationToken,
) {
    let Some(webhook) = github.config().webhook.clone() else {
        return;
    };
    let webhook = Arc::new(webhook);
    let tasks = TaskTracker::new();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut suites = Suites::default();
    loop {
        let event = tokio::select! {
            () = shutdown.cancelled() => break,
            event = events.recv() => event,
        };
        let event = match event {
            Ok(event) => event,
            Err(broadcast::error::RecvError::Lagged(lost)) => {
                tracing::error!(lost, "events came faster than they could be delivered");
                continue;
            }
            Err(broadcast::error::RecvError::Closed) => break,
        };
        let suite_ends = suites.ends(&event);
        for delivery in deliveries(github, event, suite_ends).await {
            let turn = tokio::select! {
                () = shutdown.cancelled() => break,
                turn = Arc::clone(&turns).acquire_owned() => turn,
            };
            let (sender, webhook) = (github.deliveries().clone(), Arc::clone(&webhook));
            let shutdown = shutdown.clone();
            tasks.spawn(async move {
                let work = sender.deliver(&webhook, delivery);
                shutdown.run_until_cancelled(work).await;
                drop(turn);
            });
        }
    }
    tasks.close();
    tasks.wait().await;
}

/// What an event is delivered as; its payloads are built where blocking is
/// allowed, as commits are read from disk.
async fn deliveries(github: &Github, event: Event, suite_ends: bool) -> Vec<Delivery> {
    let repository = event.repository.clone();
    let github = github.clone();
    let built = tokio::task::spawn_blocking(move || payload::of(&github, &event, suite_ends)).await;
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
    hooks
        .into_iter()
        .map(|hook| Delivery::new(&repository, &hook))
        .collect()
}

impl Delivery {
    fn new(repository: &str, hook: &Hook) -> Self {
        Self {
            id: 0,
            guid: uuid::Uuid::new_v4().to_string(),
            event: hook.event,
            action: hook.action,
            repository: repository.to_owned(),
            delivered_at: clock::now(),
            duration_ms: 0,
            redelivery: false,
            status: String::new(),
            status_code: None,
            body: Bytes::from(hook.payload.to_string()),
        }
    }
}

/// The part of the control API that is about webhooks.
pub(crate) fn router(github: Github) -> Router {
    Router::new()
        .route("/deliveries", get(list))
        .route("/deliveries/{id}", get(tell))
        .route("/deliveries/{id}/attempts", post(deliver_again))
        .with_state(github)
}

async fn list(State(github): State<Github>) -> Json<Vec<Delivery>> {
    let log = github.deliveries().log();
    Json(log.deliveries.iter().cloned().collect())
}

/// A delivery with its body, as it was sent.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    delivery: Delivery,
    payload: Box<RawValue>,
}

async fn tell(State(github): State<Github>, Path(id): Path<u64>) -> Result<Json<Told>, StatusCode> {
    let delivery = github.deliveries().find(id).ok_or(StatusCode::NOT_FOUND)?;
    let body = String::from_utf8_lossy(&delivery.body).into_owned();
    let payload = RawValue::from_string(body).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(Told { delivery, payload }))
}

async fn deliver_again(
    State(github): State<Github>,
    Path(id): Path<u64>,
) -> Result<Json<Delivery>, StatusCode> {
    let deliveries = github.deliveries();
    let mut delivery = deliveries.find(id).ok_or(StatusCode::NOT_FOUND)?;
    let webhook = github
        .config()
        .webhook
        .clone()
        .ok_or(StatusCode::NOT_FOUND)?;
    delivery.redelivery = true;
    Ok(Json(deliveries.deliver(&webhook, delivery).await))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_signed_as_githubs_documentation_shows() {
        assert_eq!(
            signature("It's a Secret to Everybody", b"Hello, World!"),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }
}
