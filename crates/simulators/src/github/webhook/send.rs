//! One delivery from its signature to its place in the log.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use jiff::Timestamp;
use ring::hmac;
use serde::Serialize;

use super::payload::Hook;
use super::{Webhooks, lock};
use crate::github::{Github, state::Webhook};

/// How long a receiver may take to answer, as GitHub waits.
const DEADLINE: Duration = Duration::from_secs(10);

/// How many deliveries the log remembers.
const KEPT: usize = 500;

/// How much of an answer is read; it is of no interest.
const ANSWER_LIMIT: usize = 64 * 1024;

/// The id of the one webhook there is.
const HOOK_ID: &str = "1";

/// What a body is made larger with.
const PADDING: (&str, &str) = (",\"padding\":\"", "\"}");

/// The newest deliveries, newest first.
#[derive(Debug, Default)]
pub(super) struct Log {
    last_id: u64,
    pub(super) deliveries: VecDeque<Delivery>,
}

/// One attempt to deliver an event, in the form in which the control API tells
/// it.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Which attempt.
    pub id: u64,
    /// Which delivery; an attempt to deliver it again has the same.
    pub guid: String,
    /// The event's name.
    pub event: &'static str,
    /// What happened in it.
    pub action: Option<&'static str>,
    /// `owner/name`.
    pub repository: String,
    /// When it was sent.
    pub delivered_at: Timestamp,
    /// How long the answer took.
    pub duration_ms: u64,
    /// It was asked for anew.
    pub redelivery: bool,
    /// It was signed with another secret.
    pub forged: bool,
    /// `OK`, or why it failed.
    pub status: String,
    /// What the receiver answered, if it did.
    pub status_code: Option<u16>,
    #[serde(skip)]
    pub(super) body: Bytes,
}

impl Delivery {
    pub(super) fn new(repository: &str, hook: &Hook, now: Timestamp) -> Self {
        Self {
            id: 0,
            guid: uuid::Uuid::new_v4().to_string(),
            event: hook.event,
            action: hook.action,
            repository: repository.to_owned(),
            delivered_at: now,
            duration_ms: 0,
            redelivery: false,
            forged: false,
            status: String::new(),
            status_code: None,
            body: Bytes::from(hook.payload.to_string()),
        }
    }

    /// Spoils its signature.
    pub(super) fn forge(&mut self) {
        self.forged = true;
    }

    /// Makes its body this large, unless it is larger.
    pub(super) fn grow(&mut self, bytes: usize) {
        let (before, after) = PADDING;
        let Some(missing) = bytes.checked_sub(self.body.len() + before.len() + after.len() - 1)
        else {
            return;
        };
        let Some(open) = self.body.strip_suffix(b"}") else {
            return;
        };
        let parts = [
            open,
            before.as_bytes(),
            &vec![b'x'; missing],
            after.as_bytes(),
        ];
        self.body = Bytes::from(parts.concat());
    }
}

impl Webhooks {
    /// Sends a delivery once and writes down how that went.
    pub(super) async fn deliver(
        &self,
        github: &Github,
        receiver: &Webhook,
        mut delivery: Delivery,
    ) -> Delivery {
        let began = Instant::now();
        delivery.delivered_at = github.clock().now();
        let outcome = tokio::time::timeout(DEADLINE, self.send(receiver, &delivery)).await;
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
        let mut log = lock(&self.log);
        log.last_id += 1;
        delivery.id = log.last_id;
        log.deliveries.push_front(delivery.clone());
        log.deliveries.truncate(KEPT);
        delivery
    }

    async fn send(&self, receiver: &Webhook, delivery: &Delivery) -> anyhow::Result<StatusCode> {
        let secret = if delivery.forged {
            &format!("not {}", receiver.secret)
        } else {
            &receiver.secret
        };
        let request = Request::post(&receiver.url)
            .header(header::ACCEPT, "*/*")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "GitHub-Hookshot/5124a4e")
            .header("X-GitHub-Delivery", &delivery.guid)
            .header("X-GitHub-Event", delivery.event)
            .header("X-GitHub-Hook-ID", HOOK_ID)
            .header("X-GitHub-Hook-Installation-Target-Type", "repository")
            .header("X-Hub-Signature-256", signature(secret, &delivery.body))
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

impl Github {
    /// The newest 500 deliveries, newest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        let log = lock(&self.webhooks().log);
        log.deliveries.iter().cloned().collect()
    }

    /// Delivers one of them anew, under the same delivery id; none when it is
    /// not among them, or there is no receiver.
    pub async fn redeliver(&self, id: u64) -> Option<Delivery> {
        let mut delivery = self.deliveries().into_iter().find(|one| one.id == id)?;
        let receiver = self.webhooks().receiver()?;
        delivery.redelivery = true;
        delivery.forged = false;
        Some(self.webhooks().deliver(self, &receiver, delivery).await)
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

    #[test]
    fn a_body_grows_to_its_size() {
        let hook = Hook {
            event: "push",
            action: None,
            payload: serde_json::json!({"ref": "refs/heads/main"}),
        };
        let mut delivery = Delivery::new("acme/people", &hook, Timestamp::UNIX_EPOCH);
        delivery.grow(100);
        assert_eq!(delivery.body.len(), 100);
        let read: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap();
        assert_eq!(read["ref"], "refs/heads/main");
        delivery.grow(10);
        assert_eq!(delivery.body.len(), 100);
    }
}
