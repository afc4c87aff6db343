//! The one place that turns an error into a gRPC status: what people may read
//! and what a program can act on. The cause goes to the log.

use std::{collections::HashMap, error::Error as _};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use crate::error::{Error, Violation};

/// Whose reasons these are.
const DOMAIN: &str = "deploy.v1";

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        log(&error);
        match error {
            Error::Invalid(violations) => invalid(violations),
            Error::UnknownRepository { name, candidates } => not_found(
                match candidates.as_slice() {
                    [] => format!("There is no repository {name}, or deploybot may not see it."),
                    near => format!(
                        "There is no repository {name}. Did you mean {}?",
                        near.join(" or ")
                    ),
                },
                "UNKNOWN_REPOSITORY",
                &candidates,
            ),
            Error::UnknownEnvironment {
                repository,
                name,
                candidates,
            } => not_found(
                format!("{repository} has no environment {name}."),
                "UNKNOWN_ENVIRONMENT",
                &candidates,
            ),
            Error::UnknownRequest(id) => {
                not_found(format!("There is no request {id}."), "UNKNOWN_REQUEST", &[])
            }
            Error::Unavailable {
                sentence,
                retry_after,
                ..
            } => Self::with_error_details(
                Code::Unavailable,
                sentence,
                ErrorDetails::with_retry_info(retry_after),
            ),
            Error::Exhausted { retry_after } => Self::with_error_details(
                Code::ResourceExhausted,
                format!(
                    "GitHub's rate limit is used up: try again in {} s.",
                    retry_after.as_secs()
                ),
                ErrorDetails::with_retry_info(Some(retry_after)),
            ),
            Error::DeadlineExceeded => Self::deadline_exceeded(
                "It took longer than the time that the caller gave: try again.",
            ),
            Error::Journal(_) | Error::Interrupted(_) => {
                Self::internal("Something went wrong in the deploy service; its log says what.")
            }
        }
    }
}

fn invalid(violations: Vec<Violation>) -> Status {
    let said: Vec<_> = violations
        .iter()
        .map(|violation| format!("{}: {}", violation.field, violation.sentence))
        .collect();
    let fields: Vec<_> = violations
        .into_iter()
        .map(|violation| FieldViolation::new(violation.field, violation.sentence))
        .collect();
    Status::with_error_details(
        Code::InvalidArgument,
        said.join(" "),
        ErrorDetails::with_bad_request(fields),
    )
}

fn not_found(sentence: String, reason: &str, candidates: &[String]) -> Status {
    let metadata = HashMap::from([("candidates".to_owned(), candidates.join("\n"))]);
    Status::with_error_details(
        Code::NotFound,
        sentence,
        ErrorDetails::with_error_info(reason, DOMAIN, metadata),
    )
}

/// A mistake of the caller is none of the operator's.
fn log(error: &Error) {
    match error {
        Error::Invalid(_)
        | Error::UnknownRepository { .. }
        | Error::UnknownEnvironment { .. }
        | Error::UnknownRequest(_) => tracing::debug!(%error, "a call was not valid"),
        Error::Unavailable { .. } | Error::Exhausted { .. } | Error::DeadlineExceeded => {
            tracing::warn!(cause = error.source(), "a call was not served: {error}");
        }
        Error::Journal(_) | Error::Interrupted(_) => {
            tracing::error!(cause = error.source(), "a call was not served: {error}");
        }
    }
}
