//! The Events API: Slack sends events and interactions as requests, to
//! `POST /slack/events` and `POST /slack/interactions`.
//!
//! Anybody may send requests there. So each is taken in this order, and refused
//! at the first that is wrong: its length, the time it takes to come, that it is
//! text, its signature, its form. Nothing is parsed before the signature was
//! found right. What makes no sense to the bot is acknowledged all the same, or
//! Slack would deliver it again.

mod outcome;
mod signature;

use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, header, request::Parts},
    routing::post,
};
use http_edge::{Bodies, Refusals};
use serde::{Deserialize, de::IgnoredAny};
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;
use url::form_urlencoded;

use self::{
    outcome::Outcome,
    signature::{Claim, Secret},
};
use super::{
    event::Kind,
    incoming::{Acknowledgement, Intake},
};
use crate::config::{EventsApi, Timing};

/// The longest body that is read, in bytes; as long as a message of a socket.
const LONGEST: usize = 1024 * 1024;

/// What is needed to take requests.
pub(crate) struct Web {
    pub(crate) listener: TcpListener,
    pub(crate) settings: EventsApi,
    pub(crate) intake: Arc<Intake>,
    pub(crate) timing: Timing,
    pub(crate) shutdown: CancellationToken,
    /// Whether requests are taken.
    pub(crate) listening: watch::Sender<bool>,
}

impl Web {
    /// Serves until shutdown, then lets requests under way be answered.
    pub(crate) async fn listen(self) {
        let receiver = Receiver {
            secret: Secret::new(&self.settings.signing_secret),
            bodies: Bodies::new(LONGEST, self.timing.request_body),
            intake: self.intake,
            patience: self.timing.acknowledged_within,
            refusals: Refusals::default(),
        };
        let router = Router::new()
            .route("/slack/events", post(event))
            .route("/slack/interactions", post(interaction))
            .with_state(Arc::new(receiver));
        let head = self.timing.request_head;
        self.listening.send_replace(true);
        http_edge::serve(self.listener, router, head, self.shutdown).await;
        self.listening.send_replace(false);
    }
}

/// Takes requests.
struct Receiver {
    secret: Secret,
    bodies: Bodies,
    intake: Arc<Intake>,
    /// How long an acknowledgement may take.
    patience: Duration,
    refusals: Refusals,
}

async fn event(State(receiver): State<Arc<Receiver>>, request: Request) -> Outcome {
    receiver.take(Kind::Event, request).await
}

async fn interaction(State(receiver): State<Arc<Receiver>>, request: Request) -> Outcome {
    receiver.take(Kind::Interaction, request).await
}

impl Receiver {
    async fn take(&self, kind: Kind, request: Request) -> Outcome {
        let until = Instant::now() + self.patience;
        let (Parts { headers, .. }, body) = request.into_parts();
        let outcome = match self.begin(kind, &headers, body).await {
            Ok(acknowledged) => match timeout_at(until, acknowledged).await {
                Ok(Ok(payload)) => Outcome::Acknowledged(payload),
                Ok(Err(_)) | Err(_) => Outcome::Unacknowledged,
            },
            Err(outcome) => outcome,
        };
        self.tell(kind, &outcome);
        outcome
    }

    /// Begins to deal with what a request brings, or tells what it is answered
    /// at once.
    async fn begin(
        &self,
        kind: Kind,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<oneshot::Receiver<Option<serde_json::Value>>, Outcome> {
        let Some(claim) = Claim::of(headers) else {
            self.bodies.pass_over(body).await.map_err(Outcome::Unread)?;
            return Err(Outcome::Unsigned);
        };
        let body = self.bodies.read(body).await.map_err(Outcome::Unread)?;
        let text = std::str::from_utf8(&body.bytes).map_err(|_| Outcome::NoText)?;
        self.secret.check(&claim, text)?;
        let payload = match kind {
            Kind::Event => Cow::Borrowed(event_in(headers, text)?),
            Kind::Interaction => interaction_in(headers, text)?,
        };
        let room = self.intake.room_now().ok_or(Outcome::NoRoom)?;
        let (acknowledgement, acknowledged) = Acknowledgement::of_request(&room);
        let retry = retry(headers);
        self.intake
            .take(kind, &payload, retry, acknowledgement, room);
        Ok(acknowledged)
    }

    fn tell(&self, kind: Kind, outcome: &Outcome) {
        tracing::debug!(?kind, %outcome, "a request came");
        if !outcome.is_a_forgery() {
            return;
        }
        if let Some(refused) = self.refusals.one_more(Instant::now()) {
            tracing::warn!(
                refused,
                newest = %outcome,
                "requests that are not Slack's were refused; as many since the last such line"
            );
        }
    }
}

/// What all that is sent to `/slack/events` has.
#[derive(Deserialize)]
struct Outer {
    #[serde(rename = "type")]
    kind: String,
    challenge: Option<String>,
}

/// The event in a body; or what is answered where there is none.
fn event_in<'a>(headers: &HeaderMap, body: &'a str) -> Result<&'a str, Outcome> {
    if !has_type(headers, "application/json") {
        return Err(Outcome::WrongType("application/json"));
    }
    let outer: Outer = serde_json::from_str(body).map_err(|_| Outcome::Malformed)?;
    match (outer.kind.as_str(), outer.challenge) {
        ("event_callback", _) => Ok(body),
        ("url_verification", Some(challenge)) => Err(Outcome::Challenged(challenge)),
        ("url_verification", None) => Err(Outcome::Malformed),
        ("app_rate_limited", _) => {
            tracing::error!("Slack holds events back: there are too many within an hour");
            Err(Outcome::Acknowledged(None))
        }
        (kind, _) => {
            tracing::debug!(kind, "a request of a kind that asks for nothing");
            Err(Outcome::Acknowledged(None))
        }
    }
}

/// The interaction in a body: JSON in the field `payload` of a form.
fn interaction_in<'a>(headers: &HeaderMap, body: &'a str) -> Result<Cow<'a, str>, Outcome> {
    const FORM: &str = "application/x-www-form-urlencoded";
    if !has_type(headers, FORM) {
        return Err(Outcome::WrongType(FORM));
    }
    let mut fields = form_urlencoded::parse(body.as_bytes());
    let payload = fields.find(|(name, _)| name == "payload");
    let (_, payload) = payload.ok_or(Outcome::Malformed)?;
    let _: IgnoredAny = serde_json::from_str(&payload).map_err(|_| Outcome::Malformed)?;
    Ok(payload)
}

fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let given = headers.get(header::CONTENT_TYPE);
    let given = given.and_then(|given| given.to_str().ok());
    let given = given.and_then(|given| given.split(';').next());
    given.is_some_and(|given| given.trim().eq_ignore_ascii_case(wanted))
}

/// How often Slack has tried to deliver it before.
fn retry(headers: &HeaderMap) -> u32 {
    let number = headers.get("x-slack-retry-num");
    let number = number.and_then(|number| number.to_str().ok()?.parse().ok());
    number.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn typed(content_type: &str) -> HeaderMap {
        let value = HeaderValue::from_str(content_type).unwrap();
        HeaderMap::from_iter([(header::CONTENT_TYPE, value)])
    }

    #[test]
    fn the_type_of_a_body_is_told_whatever_stands_behind_it() {
        let json = "application/json";
        for right in [json, "Application/JSON", "application/json; charset=utf-8"] {
            assert!(has_type(&typed(right), json), "{right}");
        }
        for wrong in [
            "",
            "text/json",
            "application/json5",
            "text/plain, application/json",
        ] {
            assert!(!has_type(&typed(wrong), json), "{wrong}");
        }
        assert!(!has_type(&HeaderMap::new(), json));
    }

    #[test]
    fn an_interaction_is_one_field_of_a_form() {
        let form = typed("application/x-www-form-urlencoded");
        let read = |body| interaction_in(&form, body);
        assert_eq!(
            read("a=1&payload=%7B%22x%22%3A+1%7D").unwrap(),
            r#"{"x": 1}"#
        );
        for bad in ["", "payload", "payload=%7B", "payload=%ff", "other=%7B%7D"] {
            assert!(matches!(read(bad), Err(Outcome::Malformed)), "{bad}");
        }
    }

    #[test]
    fn a_retry_that_is_no_number_is_none() {
        for (told, expected) in [("2", 2), ("", 0), ("-1", 0), ("x", 0), ("99999999999", 0)] {
            let value = HeaderValue::from_str(told).unwrap();
            let name = header::HeaderName::from_static("x-slack-retry-num");
            assert_eq!(retry(&HeaderMap::from_iter([(name, value)])), expected);
        }
    }
}
