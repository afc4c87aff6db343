//! `POST /webhooks/github`: GitHub tells that something happened. Nothing of
//! what it tells is believed but where to look; see [`crate::model::Hint`].
//!
//! Before the signature is found right nothing is parsed. After that a webhook
//! that makes no sense is accepted and ignored: GitHub would show its owner a
//! failure that nobody can do anything about.

mod payload;
mod signature;

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};
use http_edge::{Bodies, Refusals, Unread};
use secrecy::SecretString;
use tokio::time::Instant;

use super::hints::Hints;
use crate::model::{DeliveryId, Hint};
use payload::Reading;
use signature::{Secret, Signature};

/// The longest body that is read, in bytes. GitHub delivers none that is longer
/// than 25 MB: <https://docs.github.com/webhooks/webhook-events-and-payloads>.
const LONGEST: usize = 25 * 1024 * 1024;

/// The events that may change what deploybot shows or does; there are others,
/// and an owner may have chosen to have them all sent.
const WANTED: [&str; 7] = [
    "check_run",
    "check_suite",
    "deployment",
    "deployment_status",
    "push",
    "status",
    "workflow_run",
];

/// Takes webhooks in.
#[derive(Debug)]
pub(super) struct Receiver {
    secret: Secret,
    bodies: Bodies,
    hints: Hints,
    refusals: Refusals,
}

/// What becomes of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// GitHub tried whether anybody is there.
    Pong,
    /// It is a hint now.
    Hinted,
    /// It is no event of ours.
    Unwanted,
    /// A push to a branch that is not shown.
    OtherBranch,
    /// It does not say where to look.
    Unreadable,
    /// It lacks its id or its event's name.
    Nameless,
    /// It has no signature, or none that could be one.
    Unsigned,
    /// Its signature is not that of its body under our secret.
    Forged,
    /// Its body was not read.
    Unread(Unread),
    /// There are more hints already than can be dealt with.
    Full,
}

/// What may be known of a webhook before it is read.
struct Named {
    delivery: DeliveryId,
    event: String,
    is_form: bool,
}

/// The path of the receiver; its other methods are refused.
pub(super) fn router(receiver: Receiver) -> Router {
    Router::new()
        .route("/webhooks/github", post(receive))
        .with_state(Arc::new(receiver))
}

async fn receive(State(receiver): State<Arc<Receiver>>, request: Request) -> Outcome {
    let (Parts { headers, .. }, body) = request.into_parts();
    let outcome = receiver.take(&headers, body).await;
    if matches!(outcome, Outcome::Unsigned | Outcome::Forged) {
        receiver.tell_refusal(outcome);
    }
    outcome
}

impl Receiver {
    /// Takes what is signed with `secret`, each within `patience`.
    pub(super) fn new(secret: &SecretString, hints: Hints, patience: Duration) -> Self {
        Self {
            secret: Secret::new(secret),
            bodies: Bodies::new(LONGEST, patience),
            hints,
            refusals: Refusals::default(),
        }
    }

    fn tell_refusal(&self, outcome: Outcome) {
        tracing::debug!(%outcome, "a webhook came");
        if let Some(refused) = self.refusals.one_more(Instant::now()) {
            tracing::warn!(
                refused,
                newest = %outcome,
                "webhooks were refused; as many since the last such line"
            );
        }
    }

    async fn take(&self, headers: &HeaderMap, body: Body) -> Outcome {
        let Some(signature) = Signature::of(headers) else {
            return match self.bodies.pass_over(body).await {
                Ok(()) => Outcome::Unsigned,
                Err(unread) => Outcome::Unread(unread),
            };
        };
        let body = match self.bodies.read(body).await {
            Ok(body) => body,
            Err(unread) => return Outcome::Unread(unread),
        };
        if !self.secret.signed(&body.bytes, &signature) {
            return Outcome::Forged;
        }
        let Some(named) = Named::of(headers) else {
            tracing::debug!(outcome = %Outcome::Nameless, "a webhook came");
            return Outcome::Nameless;
        };
        let outcome = self.take_signed(&named, &body.bytes);
        let Named {
            delivery, event, ..
        } = named;
        tracing::debug!(%delivery, event, %outcome, "a webhook came");
        outcome
    }

    fn take_signed(&self, named: &Named, body: &[u8]) -> Outcome {
        if named.event == "ping" {
            return Outcome::Pong;
        }
        if !WANTED.contains(&named.event.as_str()) {
            return Outcome::Unwanted;
        }
        let (repository, about) = match payload::read(&named.event, named.is_form, body) {
            Reading::Look(repository, about) => (repository, about),
            Reading::OtherBranch => return Outcome::OtherBranch,
            Reading::Unreadable => return Outcome::Unreadable,
        };
        let hint = Hint {
            delivery: named.delivery.clone(),
            repository,
            about,
        };
        if self.hints.give(hint) {
            Outcome::Hinted
        } else {
            Outcome::Full
        }
    }
}

impl Named {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let content_type = text(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        Some(Self {
            delivery: text("x-github-delivery")?.parse().ok()?,
            event: text("x-github-event")?.to_owned(),
            is_form: content_type
                .to_ascii_lowercase()
                .starts_with("application/x-www-form-urlencoded"),
        })
    }
}

impl Outcome {
    const fn status(self) -> StatusCode {
        match self {
            Self::Pong => StatusCode::OK,
            Self::Hinted | Self::Unwanted | Self::OtherBranch | Self::Unreadable => {
                StatusCode::ACCEPTED
            }
            Self::Nameless | Self::Unread(Unread::Broken) => StatusCode::BAD_REQUEST,
            Self::Unsigned | Self::Forged => StatusCode::UNAUTHORIZED,
            Self::Unread(Unread::TooLong) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unread(Unread::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::Unread(Unread::NoRoom) | Self::Full => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// As GitHub shows it to whoever looks at a delivery.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pong => "deploybot listens.",
            Self::Hinted => "Accepted: deploybot takes a look.",
            Self::Unwanted => "Ignored: deploybot has no use for this event.",
            Self::OtherBranch => "Ignored: this is not the default branch.",
            Self::Unreadable => "Ignored: it does not say which repository it is about.",
            Self::Nameless => "Refused: X-GitHub-Delivery or X-GitHub-Event is missing.",
            Self::Unsigned => {
                "Refused: it is not signed. Set this webhook's secret on GitHub to deploybot's \
                 DEPLOY_GITHUB_WEBHOOK_SECRET."
            }
            Self::Forged => {
                "Refused: its signature does not fit. This webhook's secret on GitHub is not \
                 deploybot's DEPLOY_GITHUB_WEBHOOK_SECRET."
            }
            Self::Unread(Unread::TooLong) => "Refused: it is longer than 25 MB.",
            Self::Unread(Unread::TooSlow) => "Refused: it did not come to its end in time.",
            Self::Unread(Unread::Broken) => "Refused: it broke off.",
            Self::Unread(Unread::NoRoom) => "Refused: too many long webhooks come at once.",
            Self::Full => "Refused: more webhooks came than deploybot can deal with.",
        })
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        (self.status(), format!("{self}\n")).into_response()
    }
}
