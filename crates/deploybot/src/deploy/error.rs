//! Why a call to the deploy service could not be served, by what can be done
//! about it: the one place where a gRPC status gets its meaning.

use std::time::Duration;

use deploy_proto::v1;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::view::{CallError, Hindrance};

/// Why a call could not be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// What was asked about is not there.
    #[error("{sentence}")]
    NotFound {
        what: Missing,
        sentence: String,
        candidates: Vec<String>,
    },
    /// Something asked is not well-formed.
    #[error("{}", .sentences.join(" "))]
    Invalid { sentences: Vec<String> },
    /// GitHub, or something else that the service needs, is away.
    #[error("{sentence}")]
    Unavailable {
        sentence: String,
        retry_after: Option<Duration>,
    },
    /// GitHub takes no more questions for now.
    #[error("{sentence}")]
    Exhausted {
        sentence: String,
        retry_after: Option<Duration>,
    },
    /// The deploy service can't be reached.
    #[error("the deploy service can't be reached: {0}")]
    Unreachable(String),
    /// The deploy service, or GitHub behind it, does not answer in time.
    #[error("no answer in time: {0}")]
    TooSlow(String),
    /// The deploy service does not accept the token.
    #[error("the deploy service does not accept the token: {0}")]
    Unauthenticated(String),
    /// The deploy service failed; that is a defect.
    #[error("the deploy service failed: {0}")]
    Broken(String),
}

impl Error {
    /// Whether the same call can do better later.
    pub(crate) fn heals(&self) -> bool {
        self.hindrance().is_some()
    }

    /// What is in the way; none where the same call never does better.
    pub(crate) fn hindrance(&self) -> Option<Hindrance> {
        Some(match self {
            Self::NotFound { .. } | Self::Invalid { .. } => return None,
            Self::Unavailable {
                sentence,
                retry_after,
            } => Hindrance::Unavailable {
                sentence: sentence.clone(),
                retry_after: *retry_after,
            },
            Self::Exhausted { retry_after, .. } => Hindrance::Exhausted {
                retry_after: *retry_after,
            },
            Self::Unreachable(_) => Hindrance::Unreachable,
            Self::TooSlow(_) => Hindrance::TimedOut,
            Self::Unauthenticated(_) => Hindrance::Unauthenticated,
            Self::Broken(_) => Hindrance::Internal,
        })
    }

    /// When the service wants to be asked again.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } | Self::Exhausted { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }

    /// What people are told of it.
    pub(crate) fn told(&self) -> CallError {
        match self {
            Self::NotFound {
                what: Missing::Repository,
                candidates,
                ..
            } => CallError::NotFound {
                reason: v1::Reason::UnknownRepository,
                candidates: candidates.clone(),
            },
            Self::NotFound {
                what: Missing::Environment,
                candidates,
                ..
            } => CallError::NotFound {
                reason: v1::Reason::UnknownEnvironment,
                candidates: candidates.clone(),
            },
            Self::NotFound {
                what: Missing::Something,
                sentence,
                ..
            } => CallError::Invalid {
                violations: vec![sentence.clone()],
            },
            Self::Invalid { sentences } => CallError::Invalid {
                violations: sentences.clone(),
            },
            hindered => CallError::Hindered(
                hindered
                    .hindrance()
                    .expect("what never does better is told above"),
            ),
        }
    }
}

/// What is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Repository,
    Environment,
    /// Something that the error does not name.
    Something,
}

/// What an error of the service means.
pub(crate) fn meaning(status: &Status) -> Error {
    let sentence = status.message().to_owned();
    let details = status.get_error_details();
    match status.code() {
        Code::NotFound => not_found(sentence, &details),
        Code::InvalidArgument => {
            let violations = details.bad_request().map(|bad| &bad.field_violations[..]);
            let mut sentences: Vec<String> = violations
                .unwrap_or_default()
                .iter()
                .map(|violation| violation.description.clone())
                .filter(|description| !description.is_empty())
                .collect();
            if sentences.is_empty() {
                sentences.push(sentence);
            }
            Error::Invalid { sentences }
        }
        // A status made on this side has the transport's error behind it.
        Code::Unavailable | Code::ResourceExhausted
            if std::error::Error::source(status).is_none() =>
        {
            let retry_after = details.retry_info().and_then(|retry| retry.retry_delay);
            match status.code() {
                Code::ResourceExhausted => Error::Exhausted {
                    sentence,
                    retry_after,
                },
                _ => Error::Unavailable {
                    sentence,
                    retry_after,
                },
            }
        }
        // The second is the gRPC library's word for a deadline of ours that is over.
        Code::DeadlineExceeded | Code::Cancelled => Error::TooSlow(root_cause(status)),
        Code::Unavailable | Code::Unknown => Error::Unreachable(root_cause(status)),
        Code::Unauthenticated | Code::PermissionDenied => Error::Unauthenticated(sentence),
        code => Error::Broken(format!("{code:?}: {sentence}")),
    }
}

fn not_found(sentence: String, details: &tonic_types::ErrorDetails) -> Error {
    let info = details.error_info();
    let what = match info.map(|info| info.reason.as_str()) {
        Some("UNKNOWN_REPOSITORY") => Missing::Repository,
        Some("UNKNOWN_ENVIRONMENT") => Missing::Environment,
        _ => Missing::Something,
    };
    let candidates = info
        .and_then(|info| info.metadata.get("candidates"))
        .map(|names| {
            names
                .lines()
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default();
    Error::NotFound {
        what,
        sentence,
        candidates,
    }
}

fn root_cause(status: &Status) -> String {
    let Some(mut cause) = std::error::Error::source(status) else {
        return status.message().to_owned();
    };
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn what_is_not_there_comes_with_what_there_is() {
        let metadata = HashMap::from([("candidates".to_owned(), "people\nweb\n".to_owned())]);
        let details = ErrorDetails::with_error_info("UNKNOWN_REPOSITORY", "deploy.v1", metadata);
        let status = Status::with_error_details(Code::NotFound, "There is no `peopel`.", details);
        let Error::NotFound {
            what, candidates, ..
        } = meaning(&status)
        else {
            panic!("found")
        };
        assert_eq!(what, Missing::Repository);
        assert_eq!(candidates, ["people", "web"]);
    }

    #[test]
    fn wrong_fields_are_told_by_their_own_sentences() {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("limit", "A limit is 1 to 50.");
        let status = Status::with_error_details(Code::InvalidArgument, "bad", details);
        assert_eq!(
            meaning(&status),
            Error::Invalid {
                sentences: vec!["A limit is 1 to 50.".to_owned()]
            }
        );
    }

    #[test]
    fn what_the_service_says_is_told_apart_from_not_reaching_it() {
        let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(7)));
        let said = Status::with_error_details(Code::Unavailable, "GitHub is away.", details);
        assert_eq!(
            meaning(&said),
            Error::Unavailable {
                sentence: "GitHub is away.".to_owned(),
                retry_after: Some(Duration::from_secs(7)),
            }
        );
        let cause = std::io::Error::other("connection refused");
        let away = Status::from_error(Box::new(cause));
        assert!(
            matches!(meaning(&away), Error::Unreachable(_)),
            "{:?}",
            meaning(&away)
        );
        assert!(matches!(
            meaning(&Status::deadline_exceeded("late")),
            Error::TooSlow(_)
        ));
        assert!(matches!(
            meaning(&Status::unauthenticated("no")),
            Error::Unauthenticated(_)
        ));
        assert!(matches!(
            meaning(&Status::internal("boom")),
            Error::Broken(_)
        ));
    }
}
