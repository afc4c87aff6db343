//! Why a call could not be served, by what the caller can do about it. What a
//! caller may read is a sentence for people; the cause is for the log.

use std::{any::Any, error::Error as StdError, time::Duration};

use jiff::Timestamp;

use crate::{
    github::{self, Unavailable},
    model::{EnvironmentName, Obstacle, RepositoryName, RequestId, WaitingReason},
    store,
};

/// When to try again where nobody can say it.
pub(crate) const SOON: Duration = Duration::from_secs(5);
/// No caller is told to try again sooner.
const SHORTEST: Duration = Duration::from_secs(1);

/// Why a call could not be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Fields of the call are wrong; each with what it should be.
    #[error("the call is not valid")]
    Invalid(Vec<Violation>),
    /// No such repository, or the token can't see it.
    #[error("there is no repository {name}")]
    UnknownRepository {
        /// What was asked for.
        name: RepositoryName,
        /// What was meant perhaps, best first.
        candidates: Vec<String>,
    },
    /// The repository has no such environment.
    #[error("{repository} has no environment {name}")]
    UnknownEnvironment {
        /// The repository.
        repository: RepositoryName,
        /// What was asked for.
        name: EnvironmentName,
        /// What there is, best first.
        candidates: Vec<String>,
    },
    /// The journal has no such request.
    #[error("there is no request {0}")]
    UnknownRequest(RequestId),
    /// GitHub, or the way to it, does not serve now.
    #[error("{obstacle}")]
    Unavailable {
        /// What stands in the way.
        obstacle: Obstacle,
        /// When to try again.
        retry_after: Option<Duration>,
        /// For the log.
        source: github::Error,
    },
    /// GitHub's rate limit is used up.
    #[error("GitHub's rate limit is used up")]
    Exhausted {
        /// When there is some again.
        retry_at: Timestamp,
        /// How long that is from now.
        retry_after: Duration,
    },
    /// The time that the caller gave is over.
    #[error("the time that the caller gave is over")]
    DeadlineExceeded,
    /// The journal failed.
    #[error("the journal does not serve")]
    Journal(#[from] store::Error),
    /// A task of ours ended without an answer.
    #[error("a task ended without an answer")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// A field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Its name in the contract.
    pub(crate) field: &'static str,
    /// What it should be, as a sentence for people.
    pub(crate) sentence: String,
    /// What is wrong, as the contract names it, where a person can do something
    /// about it.
    pub(crate) reason: Option<&'static str>,
}

impl Error {
    /// One field that is wrong.
    pub(crate) fn invalid(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation {
            field,
            sentence: sentence.into(),
            reason: None,
        }])
    }

    /// One field that is wrong for a reason that the contract names.
    pub(crate) fn invalid_because(
        field: &'static str,
        reason: &'static str,
        sentence: &str,
    ) -> Self {
        Self::Invalid(vec![Violation {
            field,
            sentence: sentence.to_owned(),
            reason: Some(reason),
        }])
    }

    /// GitHub failed for another reason than that something is not there.
    pub(crate) fn github(error: github::Error, now: Timestamp) -> Self {
        match error {
            github::Error::RateLimited { retry_at } => Self::Exhausted {
                retry_at,
                retry_after: until(retry_at, now),
            },
            error => Self::Unavailable {
                obstacle: obstacle(&error),
                retry_after: retry_after(&error, now),
                source: error,
            },
        }
    }
}

/// When trying again may help: as GitHub says it, or as long as it is left
/// alone; soon where nobody can say it. None where it does not help.
fn retry_after(error: &github::Error, now: Timestamp) -> Option<Duration> {
    match error {
        github::Error::RateLimited { retry_at } => Some(until(*retry_at, now)),
        github::Error::Unavailable(
            Unavailable::CircuitOpen { retry_after, .. }
            | Unavailable::Status {
                retry_after: Some(retry_after),
                ..
            },
        ) => Some((*retry_after).max(SHORTEST)),
        github::Error::Unavailable(_) => Some(SOON),
        _ => None,
    }
}

/// Whether trying again without anyone doing anything can help.
pub(crate) const fn may_pass(error: &github::Error) -> bool {
    matches!(
        error,
        github::Error::Unavailable(_) | github::Error::RateLimited { .. }
    )
}

/// Whether it lasts whatever GitHub or anyone there does: what is wrong is in
/// our own settings.
pub(crate) const fn is_lasting(error: &github::Error) -> bool {
    matches!(error, github::Error::Misconfigured(_))
}

/// What stands in the way after this failure of GitHub.
pub(crate) fn obstacle(error: &github::Error) -> Obstacle {
    match error {
        github::Error::NotFound | github::Error::UnknownEnvironment { .. } => Obstacle::Hidden,
        github::Error::Unauthorized => Obstacle::TokenNotAccepted,
        github::Error::NotInstalled { owner } => Obstacle::NotInstalled {
            owner: owner.clone(),
        },
        github::Error::RateLimited { retry_at } => Obstacle::RateLimit { until: *retry_at },
        github::Error::Refused { .. } => Obstacle::Refused,
        github::Error::Unavailable(Unavailable::CircuitOpen { since, .. }) => {
            Obstacle::NotAnswering {
                since: Some(*since),
            }
        }
        github::Error::Unavailable(Unavailable::AppNotAccepted) => Obstacle::AppNotAccepted,
        github::Error::Unavailable(_) => Obstacle::NotAnswering { since: None },
        github::Error::Misconfigured(_) => Obstacle::NotSetUp,
        github::Error::Unreadable(_) => Obstacle::Unreadable,
    }
}

/// What a request that waits after this error says beside its reason; none where
/// the reason says all.
pub(crate) fn obstacle_beside(error: &github::Error, reason: WaitingReason) -> Option<Obstacle> {
    match (error, reason) {
        (github::Error::Unavailable(Unavailable::AppNotAccepted), _) => Some(obstacle(error)),
        (github::Error::Unavailable(_), _)
        | (github::Error::RateLimited { .. }, WaitingReason::RateLimit) => None,
        _ => Some(obstacle(error)),
    }
}

/// An error with its causes on one line. What a cause repeats is said once:
/// libraries name theirs in their own words too.
pub fn whole_chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// What a panic said, where it said something that can be read.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> Option<&str> {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
}

/// From now until then, at least a second.
pub(crate) fn until(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now))
        .unwrap_or_default()
        .max(SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Said(&'static str, #[source] Option<Box<Said>>);

    #[test]
    fn what_a_cause_repeats_is_said_once() {
        let cause = || Some(Box::new(Said("no such file", None)));
        let told = |text| whole_chain(&Said(text, cause()));
        assert_eq!(told("cannot open it"), "cannot open it: no such file");
        assert_eq!(told("failed: no such file"), "failed: no such file");
    }

    #[test]
    fn every_failure_of_github_says_who_can_do_something() {
        let refused = github::Error::Refused {
            status: 403,
            message: "Resource not accessible by integration".to_owned(),
        };
        let unavailable = |why| github::Error::Unavailable(why);
        let sentences = [
            github::Error::NotFound,
            github::Error::Unauthorized,
            refused,
            github::Error::NotInstalled {
                owner: "acme".to_owned(),
            },
            github::Error::Misconfigured("odd"),
            github::Error::RateLimited { retry_at: noon() },
            unavailable(closed(7)),
            unavailable(Unavailable::Broken("tcp".to_owned())),
            unavailable(Unavailable::AppNotAccepted),
            github::Error::Unreadable("<html>".to_owned()),
        ]
        .map(|error| obstacle(&error).to_string());
        insta::assert_snapshot!(sentences.join("\n"), @r"
        GitHub does not know this, or deploybot may not see it: whoever runs deploybot has to see to its access.
        GitHub does not accept deploybot's token: whoever runs deploybot has to renew it.
        GitHub refuses what deploybot asks of it: whoever runs deploybot has to see to its access. Its log has GitHub's reason.
        deploybot's GitHub App is not installed for acme: an owner of acme has to install it there.
        deploybot's access to GitHub is not set up right: whoever runs deploybot has to correct it.
        GitHub takes only so many calls for a time, and they are used up until 12:00 UTC.
        GitHub has not answered since 12:00 UTC.
        GitHub does not answer now.
        GitHub does not accept deploybot's GitHub App: if that does not pass, whoever runs deploybot has to see to its id and its private key.
        GitHub's answer could not be understood: if that does not pass, whoever runs deploybot finds more in its log.
        ");
    }

    #[test]
    fn who_may_try_again_is_told_when() {
        let status = |retry_after| Unavailable::Status {
            status: 503,
            retry_after,
        };
        let told = |why| {
            let retry_after = retry_after(&github::Error::Unavailable(why), noon());
            retry_after.map(|wait| wait.as_secs())
        };
        let minute = Duration::from_secs(60);
        assert_eq!(told(closed(7)), Some(7));
        assert_eq!(told(closed(0)), Some(1));
        assert_eq!(told(status(Some(minute))), Some(60));
        assert_eq!(told(status(None)), Some(5));
        assert_eq!(told(Unavailable::TimedOut(minute)), Some(5));
        assert_eq!(retry_after(&github::Error::Unauthorized, noon()), None);
    }

    fn noon() -> Timestamp {
        Timestamp::from_second(43_200).unwrap()
    }

    fn closed(seconds: u64) -> Unavailable {
        Unavailable::CircuitOpen {
            since: noon(),
            retry_after: Duration::from_secs(seconds),
        }
    }
}
