//! The one place that turns an error into a gRPC status: what people may read
//! and what a program can act on. The cause goes to the log.

use std::{collections::HashMap, error::Error as _, time::Duration};

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
                    "GitHub takes only so many calls for a time, and they are used up: try again \
                     in {}.",
                    in_words(retry_after)
                ),
                ErrorDetails::with_retry_info(Some(retry_after)),
            ),
            Error::DeadlineExceeded => Self::deadline_exceeded(
                "It took longer than the time that the caller gave: try again.",
            ),
            Error::Journal(error) if error.may_pass() => Self::unavailable(
                "The deploy service's journal does not answer in time: try again.",
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

/// A wait, rounded up: "42 s", "35 min".
fn in_words(wait: Duration) -> String {
    match wait.as_secs() {
        seconds @ 0..=90 => format!("{} s", seconds.max(1)),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;

    #[test]
    fn a_journal_that_does_not_answer_may_be_asked_again_and_a_broken_one_not() {
        let code = |error| Status::from(Error::Journal(error)).code();
        assert_eq!(code(store::Error::too_slow()), Code::Unavailable);
        let broken = store::Error::Unreadable("a row".to_owned());
        assert_eq!(code(broken), Code::Internal);
    }

    #[test]
    fn a_limit_is_explained_with_a_time_for_people_and_for_programs() {
        let exhausted = |seconds| {
            Status::from(Error::Exhausted {
                retry_after: Duration::from_secs(seconds),
            })
        };
        let told = [0, 42, 91, 2_100].map(|seconds| exhausted(seconds).message().to_owned());
        insta::assert_snapshot!(told.join("\n"), @"
        GitHub takes only so many calls for a time, and they are used up: try again in 1 s.
        GitHub takes only so many calls for a time, and they are used up: try again in 42 s.
        GitHub takes only so many calls for a time, and they are used up: try again in 2 min.
        GitHub takes only so many calls for a time, and they are used up: try again in 35 min.
        ");
        let details = exhausted(42).get_error_details();
        let retry = details.retry_info().and_then(|retry| retry.retry_delay);
        assert_eq!(retry, Some(Duration::from_secs(42)));
    }
}
