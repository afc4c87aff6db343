//! The one place that turns an error into a gRPC status: what people may read
//! and what a program can act on. The cause goes to the log.

use std::{collections::HashMap, error::Error as _, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use super::convert_failure;
use crate::{
    error::{Error, SOON, Violation},
    model::Obstacle,
};

/// Whose reasons these are.
const DOMAIN: &str = "deploy.v1";
/// How the names of the contract's obstacles begin, which is left out of reasons.
const OBSTACLE: &str = "OBSTACLE_REASON_";

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
                obstacle,
                retry_after,
                ..
            } => Self::with_error_details(
                Code::Unavailable,
                obstacle.to_string(),
                in_the_way(&obstacle, retry_after),
            ),
            Error::Exhausted {
                retry_at,
                retry_after,
            } => Self::with_error_details(
                Code::ResourceExhausted,
                format!(
                    "GitHub takes only so many calls for a time, and they are used up: try again \
                     in {}.",
                    in_words(retry_after)
                ),
                in_the_way(&Obstacle::RateLimit { until: retry_at }, Some(retry_after)),
            ),
            Error::DeadlineExceeded => Self::deadline_exceeded(
                "It took longer than the time that the caller gave: try again.",
            ),
            Error::Journal(error) if error.may_pass() => Self::with_error_details(
                Code::Unavailable,
                "The deploy service's journal does not answer in time: try again.",
                because("JOURNAL_NOT_ANSWERING", HashMap::new(), Some(SOON)),
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
        .map(|violation| FieldViolation {
            reason: violation.reason.unwrap_or_default().to_owned(),
            ..FieldViolation::new(violation.field, violation.sentence)
        })
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

/// What stands in the way, as a program understands it.
fn in_the_way(obstacle: &Obstacle, retry_after: Option<Duration>) -> ErrorDetails {
    let Some(code) = convert_failure::obstacle(obstacle) else {
        return ErrorDetails::with_retry_info(retry_after);
    };
    let name = code.reason().as_str_name();
    let name = name.strip_prefix(OBSTACLE).unwrap_or(name);
    let at = match obstacle {
        Obstacle::NotAnswering { since } => *since,
        Obstacle::RateLimit { until } => Some(*until),
        _ => None,
    };
    let owner = (!code.owner.is_empty()).then_some(("owner".to_owned(), code.owner));
    let at = at.map(|at| ("at".to_owned(), at.to_string()));
    because(name, owner.into_iter().chain(at).collect(), retry_after)
}

/// A reason with its arguments, and when to try again where that can help.
fn because(
    reason: &str,
    metadata: HashMap<String, String>,
    retry_after: Option<Duration>,
) -> ErrorDetails {
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, metadata);
    if retry_after.is_some() {
        details.set_retry_info(retry_after);
    }
    details
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
    use jiff::Timestamp;

    use super::*;
    use crate::{github, service::read, store};

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
                retry_at: noon(),
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

    fn noon() -> Timestamp {
        Timestamp::from_second(43_200).unwrap()
    }

    #[test]
    fn what_is_in_the_way_is_told_as_a_reason_with_its_arguments_too() {
        let unauthorized = github::Error::Unauthorized;
        let told = [
            github::Error::NotInstalled {
                owner: "acme".to_owned(),
            },
            github::Error::RateLimited { retry_at: noon() },
            github::Error::Unavailable(github::Unavailable::CircuitOpen {
                since: noon(),
                retry_after: Duration::from_secs(7),
            }),
            unauthorized,
        ]
        .map(|error| reason_of(&Error::github(error, noon()).into()));
        insta::assert_snapshot!(told.join("\n"), @"
        Unavailable NOT_INSTALLED owner=acme
        ResourceExhausted RATE_LIMIT at=1970-01-01T12:00:00Z again in 1s
        Unavailable NOT_ANSWERING at=1970-01-01T12:00:00Z again in 7s
        Unavailable TOKEN_NOT_ACCEPTED
        ");
        let journal = Error::Journal(store::Error::too_slow());
        insta::assert_snapshot!(reason_of(&journal.into()), @"Unavailable JOURNAL_NOT_ANSWERING again in 5s");
    }

    fn reason_of(status: &Status) -> String {
        let details = status.get_error_details();
        let info = details.error_info().expect("it has a reason");
        assert_eq!(info.domain, DOMAIN);
        let arguments = info
            .metadata
            .iter()
            .map(|(name, value)| format!(" {name}={value}"));
        let retry = details.retry_info().and_then(|retry| retry.retry_delay);
        let again = retry.map(|wait| format!(" again in {wait:?}"));
        format!(
            "{:?} {}{}{}",
            status.code(),
            info.reason,
            arguments.collect::<String>(),
            again.unwrap_or_default()
        )
    }

    #[test]
    fn a_name_without_an_owner_says_what_is_missing_as_a_reason() {
        let reason = |text: &str| {
            let read = read(|reader| reader.repository(text, None));
            let status = Status::from(read.unwrap_err());
            let details = status.get_error_details();
            let violation = details.bad_request().unwrap().field_violations[0].clone();
            (violation.field, violation.reason)
        };
        let field = || "repository".to_owned();
        assert_eq!(reason("people"), (field(), "NO_DEFAULT_OWNER".to_owned()));
        assert_eq!(reason("a b/c"), (field(), String::new()));
    }
}
