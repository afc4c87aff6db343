//! Why a call to the deploy service could not be served, by what can be done
//! about it.

mod meaning;

use std::time::Duration;

use deploy_proto::v1;

pub(crate) use self::meaning::meaning;
use crate::{
    command::RepositoryName,
    view::{Away, CallError, Hindrance, Most},
};

/// Why a call could not be served.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Error {
    /// What was asked about is not there.
    #[error("{sentence}")]
    NotFound {
        what: Missing,
        sentence: String,
        candidates: Vec<String>,
    },
    /// A repository was named without an owner, and none is set that it could take.
    #[error("{0}")]
    NoOwner(String),
    /// A channel follows too much already, or too many follow an environment.
    #[error("{sentence}")]
    TooMany { most: Most, sentence: String },
    /// Something asked is not well-formed.
    #[error("{}", .sentences.join(" "))]
    Invalid { sentences: Vec<String> },
    /// GitHub, or something else that the service needs, is away.
    #[error("{sentence}")]
    Unavailable {
        sentence: String,
        away: Away,
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

    /// Whether it is for whoever asked alone to do something about it: they misspelt
    /// a name, or ask for more than may be.
    fn is_the_askers(&self) -> bool {
        match self {
            Self::NotFound { what, .. } => *what != Missing::Something,
            Self::NoOwner(_) | Self::TooMany { .. } => true,
            _ => false,
        }
    }

    /// Tells whoever runs the bot what was not served, and why. What only the asker can
    /// do something about is no warning.
    pub(crate) fn log(&self, about: About<'_>, what: &str) {
        let (request, repository) = match about {
            About::Request(id) => (Some(id), None),
            About::Repository(name) => (None, Some(name.as_str())),
        };
        match self.is_the_askers() {
            true => tracing::info!(request.id = request, repository, error = %self, "{what}"),
            false => tracing::warn!(request.id = request, repository, error = %self, "{what}"),
        }
    }

    /// What is in the way; none where the same call never does better.
    pub(crate) fn hindrance(&self) -> Option<Hindrance> {
        Some(match self {
            Self::NotFound { .. }
            | Self::NoOwner(_)
            | Self::TooMany { .. }
            | Self::Invalid { .. } => return None,
            Self::Unavailable {
                away, retry_after, ..
            } => Hindrance::Unavailable {
                away: away.clone(),
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
            Self::NoOwner(_) => CallError::NoOwner,
            Self::TooMany { most, .. } => CallError::TooMany(*most),
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

/// What a call was about that could not be served.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About<'a> {
    /// A request to change something, by its id.
    Request(&'a str),
    /// What there is of a repository.
    Repository(&'a RepositoryName),
}

/// What is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Repository,
    Environment,
    /// Something that the error does not name.
    Something,
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    /// What was logged meanwhile.
    fn logged(logging: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Lines(Arc<Mutex<Vec<u8>>>);
        impl io::Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_target(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, logging);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_slip_of_the_asker_is_no_warning() {
        let slip = Error::NotFound {
            what: Missing::Repository,
            sentence: "There is no `peopel`.".to_owned(),
            candidates: Vec::new(),
        };
        let away = Error::Unreachable("connection refused".to_owned());
        let repository = RepositoryName::new("peopel").unwrap();
        let lines = logged(|| {
            slip.log(About::Repository(&repository), "not told");
            slip.log(About::Request("slack:1"), "not taken");
            away.log(About::Request("slack:1"), "not taken");
        });
        insta::assert_snapshot!(lines, @r#"
         INFO not told repository="peopel" error=There is no `peopel`.
         INFO not taken request.id="slack:1" error=There is no `peopel`.
         WARN not taken request.id="slack:1" error=the deploy service can't be reached: connection refused
        "#);
    }
}
