//! What a gRPC status of the deploy service means: the one place where it gets its
//! meaning.

use deploy_proto::v1;
use jiff::Timestamp;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{Error, Missing};
use crate::view::{Away, Most};

/// Whose reasons an error of the service has.
const DOMAIN: &str = "deploy.v1";
/// The service can't be asked because of its own journal.
const JOURNAL_NOT_ANSWERING: &str = "JOURNAL_NOT_ANSWERING";
/// A repository's name has no owner, and the service has none for it.
const NO_DEFAULT_OWNER: &str = "NO_DEFAULT_OWNER";
/// A channel follows as many environments as one may.
const TOO_MANY_OF_CHANNEL: &str = "TOO_MANY_OF_CHANNEL";
/// As many channels follow an environment as may.
const TOO_MANY_OF_ENVIRONMENT: &str = "TOO_MANY_OF_ENVIRONMENT";

/// What an error of the service means.
pub(crate) fn meaning(status: &Status) -> Error {
    let sentence = status.message().to_owned();
    let details = status.get_error_details();
    match status.code() {
        Code::NotFound => not_found(sentence, &details),
        Code::InvalidArgument => {
            let violations = details.bad_request().map(|bad| &bad.field_violations[..]);
            let violations = violations.unwrap_or_default();
            let has = |reason| violations.iter().any(|one| one.reason == reason);
            if has(NO_DEFAULT_OWNER) {
                return Error::NoOwner(sentence);
            }
            for (reason, most) in [
                (TOO_MANY_OF_CHANNEL, Most::OfChannel),
                (TOO_MANY_OF_ENVIRONMENT, Most::OfEnvironment),
            ] {
                if has(reason) {
                    return Error::TooMany { most, sentence };
                }
            }
            let mut sentences: Vec<String> = violations
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
                    away: away(&sentence, &details),
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

/// What is away, by the reason that the service gives.
fn away(sentence: &str, details: &tonic_types::ErrorDetails) -> Away {
    let said = || Away::Said(sentence.to_owned());
    let Some(info) = details.error_info().filter(|info| info.domain == DOMAIN) else {
        return said();
    };
    if info.reason == JOURNAL_NOT_ANSWERING {
        return Away::Journal;
    }
    let name = format!("OBSTACLE_REASON_{}", info.reason);
    let Some(reason) = v1::ObstacleReason::from_str_name(&name) else {
        return said();
    };
    let argument = |name| info.metadata.get(name).map(String::as_str);
    let at: Option<Timestamp> = argument("at").and_then(|at| at.parse().ok());
    Away::Github(v1::Obstacle {
        reason: reason.into(),
        owner: argument("owner").unwrap_or_default().to_owned(),
        at: at.map(|at| prost_types::Timestamp {
            seconds: at.as_second(),
            nanos: at.subsec_nanosecond(),
        }),
    })
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
    use std::{collections::HashMap, time::Duration};

    use tonic_types::ErrorDetails;

    use super::*;
    use crate::view::CallError;

    #[test]
    fn what_is_not_there_comes_with_what_there_is() {
        let metadata = HashMap::from([("candidates".to_owned(), "people\nweb\n".to_owned())]);
        let details = ErrorDetails::with_error_info("UNKNOWN_REPOSITORY", "deploy.v1", metadata);
        let status = Status::with_error_details(Code::NotFound, "There is no `peopel`.", details);
        assert!(meaning(&status).is_the_askers());
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
    fn what_is_away_is_told_by_its_reason() {
        let away = |domain: &str, reason: &str| {
            let metadata = [("owner", "acme"), ("at", "1970-01-01T00:00:07.5Z")];
            let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let details = ErrorDetails::with_error_info(reason, domain, HashMap::from(metadata));
            let status = Status::with_error_details(Code::Unavailable, "No.", details);
            match meaning(&status) {
                Error::Unavailable { away, .. } => away,
                other => panic!("{other:?}"),
            }
        };
        let obstacle = v1::Obstacle {
            reason: v1::ObstacleReason::NotInstalled.into(),
            owner: "acme".to_owned(),
            at: Some(prost_types::Timestamp {
                seconds: 7,
                nanos: 500_000_000,
            }),
        };
        assert_eq!(away(DOMAIN, "NOT_INSTALLED"), Away::Github(obstacle));
        assert_eq!(away(DOMAIN, JOURNAL_NOT_ANSWERING), Away::Journal);
        let said = Away::Said("No.".to_owned());
        assert_eq!(away(DOMAIN, "OF_TOMORROW"), said);
        assert_eq!(away("github.com", "NOT_INSTALLED"), said);
    }

    #[test]
    fn what_is_wrong_with_a_field_is_told_by_its_reason_where_it_has_one() {
        for (reason, told) in [
            (NO_DEFAULT_OWNER, CallError::NoOwner),
            (TOO_MANY_OF_CHANNEL, CallError::TooMany(Most::OfChannel)),
            (
                TOO_MANY_OF_ENVIRONMENT,
                CallError::TooMany(Most::OfEnvironment),
            ),
        ] {
            let details = ErrorDetails::with_bad_request(vec![tonic_types::FieldViolation {
                reason: reason.to_owned(),
                ..tonic_types::FieldViolation::new("repository", "It has none.")
            }]);
            let status = Status::with_error_details(Code::InvalidArgument, "bad", details);
            assert_eq!(meaning(&status).told(), told);
            assert!(!meaning(&status).heals());
            assert!(meaning(&status).is_the_askers());
        }
    }

    #[test]
    fn what_the_service_says_is_told_apart_from_not_reaching_it() {
        let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(7)));
        let said = Status::with_error_details(Code::Unavailable, "GitHub is away.", details);
        assert_eq!(
            meaning(&said),
            Error::Unavailable {
                sentence: "GitHub is away.".to_owned(),
                away: Away::Said("GitHub is away.".to_owned()),
                retry_after: Some(Duration::from_secs(7)),
            }
        );
        let cause = std::io::Error::other("connection refused");
        let away = Status::from_error(Box::new(cause));
        assert!(!meaning(&said).is_the_askers());
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
