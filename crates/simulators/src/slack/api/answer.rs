//! What the Web API answers: `ok` with what was asked for, or Slack's name for
//! what is wrong.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::slack::block::Problem;
use crate::slack::rate_limited;
use crate::slack::scope::Missing;

/// The outcome of a method.
pub(super) type Answer = Result<Value, ApiError>;

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::slack) enum ApiError {
    /// With Slack's name for it.
    Refused(&'static str),
    /// With Slack's name and the single reasons.
    Invalid {
        /// Slack's name for it.
        error: &'static str,
        /// The reasons, each with the place that it is about.
        reasons: Vec<String>,
    },
    /// A scope is missing.
    MissingScope(Missing),
    /// Too many calls; with the time after which the next may come.
    RateLimited(Duration),
}

impl ApiError {
    /// A refusal for these problems.
    pub(in crate::slack) fn invalid(error: &'static str, problems: &[Problem]) -> Self {
        Self::Invalid {
            error,
            reasons: problems.iter().map(ToString::to_string).collect(),
        }
    }

    /// Slack's name for it.
    pub(in crate::slack) fn name(&self) -> &'static str {
        match self {
            Self::Refused(error) | Self::Invalid { error, .. } => error,
            Self::MissingScope(_) => "missing_scope",
            Self::RateLimited(_) => "ratelimited",
        }
    }

    /// An argument is missing or has the wrong form.
    pub(super) fn argument(reason: &str, name: &str) -> Self {
        Self::Invalid {
            error: "invalid_arguments",
            reasons: vec![format!("{reason} [json-pointer:/{name}]")],
        }
    }
}

/// The answer on the wire. `warnings` are things that Slack tolerates and
/// mentions.
pub(super) fn render(answer: Answer, warnings: &[&str]) -> Response {
    let mut body = match answer {
        Ok(mut body) => {
            if body["ok"].is_null() {
                body["ok"] = json!(true);
            }
            body
        }
        Err(ApiError::Refused(error)) => json!({"ok": false, "error": error}),
        Err(ApiError::Invalid { error, reasons }) => {
            let messages: Vec<String> =
                reasons.iter().map(|why| format!("[ERROR] {why}")).collect();
            json!({
                "ok": false,
                "error": error,
                "errors": reasons,
                "response_metadata": {"messages": messages},
            })
        }
        Err(ApiError::MissingScope(missing)) => json!({
            "ok": false,
            "error": "missing_scope",
            "needed": missing.needed,
            "provided": missing.provided,
        }),
        Err(ApiError::RateLimited(wait)) => {
            return rate_limited(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        }
    };
    if !warnings.is_empty() {
        body["warning"] = json!(warnings.join(","));
        body["response_metadata"]["warnings"] = json!(warnings);
    }
    axum::Json(body).into_response()
}
