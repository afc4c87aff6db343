//! What becomes of a request, and how it is answered.

use std::fmt;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use http_edge::Unread;
use serde_json::Value;

/// What becomes of a request.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// It is dealt with, or asks for nothing; with what Slack is to hear besides.
    Acknowledged(Option<Value>),
    /// Slack tries whether somebody is there who knows the secret.
    Challenged(String),
    /// It is not dealt with yet.
    Unacknowledged,
    /// There is more in work than can be.
    NoRoom,
    /// It has no signature.
    Unsigned,
    /// Its signature is not that of its body under our secret.
    Forged,
    /// It was signed too long ago, or will be.
    Stale,
    /// Its body was not read.
    Unread(Unread),
    /// Its body is not UTF-8.
    NoText,
    /// Its body is of another type than this one.
    WrongType(&'static str),
    /// Its body is not what Slack says it is.
    Malformed,
}

impl Outcome {
    /// Whether it may come from anybody.
    pub(super) fn is_a_forgery(&self) -> bool {
        matches!(self, Self::Unsigned | Self::Forged | Self::Stale)
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Acknowledged(_) | Self::Challenged(_) => StatusCode::OK,
            Self::Unsigned | Self::Forged | Self::Stale => StatusCode::UNAUTHORIZED,
            Self::Unread(Unread::TooLong) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unread(Unread::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::Unread(Unread::Broken) | Self::NoText | Self::Malformed => {
                StatusCode::BAD_REQUEST
            }
            Self::WrongType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unread(Unread::NoRoom) | Self::NoRoom | Self::Unacknowledged => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}

/// For whoever tries by hand, and for the log.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Acknowledged(_) => "Acknowledged.",
            Self::Challenged(_) => "The challenge is answered.",
            Self::Unacknowledged => "Not dealt with yet: deliver it again.",
            Self::NoRoom | Self::Unread(Unread::NoRoom) => {
                "More is in work than can be: deliver it again."
            }
            Self::Unsigned => {
                "Not signed: X-Slack-Signature or X-Slack-Request-Timestamp is missing."
            }
            Self::Forged => "Not signed with our signing secret.",
            Self::Stale => "Signed more than 5 minutes ago, or ahead, by our clock.",
            Self::Unread(Unread::TooLong) => "Too long: at most 1 MiB is read.",
            Self::Unread(Unread::TooSlow) => "Too slow: the body did not come to its end in time.",
            Self::Unread(Unread::Broken) => "The body broke off.",
            Self::NoText => "The body is not UTF-8.",
            Self::WrongType(wanted) => return write!(f, "The body is to be {wanted}."),
            Self::Malformed => "The body is not what Slack sends here.",
        })
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        match self {
            // A word in the body would be taken for an answer to a dialog.
            Self::Acknowledged(None) => StatusCode::OK.into_response(),
            Self::Acknowledged(Some(payload)) => Json(payload).into_response(),
            Self::Challenged(challenge) => {
                ([(header::CONTENT_TYPE, "text/plain")], challenge).into_response()
            }
            refused => (refused.status(), format!("{refused}\n")).into_response(),
        }
    }
}
