//! What the bot answers when there is nothing to show: words that it did not
//! understand, and calls that `deploy` could not serve.

mod misunderstood;

use std::time::Duration;

use deploy_proto::v1::{Obstacle, Reason};

use self::misunderstood::misunderstood;
use super::{
    block::{Message, Mrkdwn},
    obstacle,
    refusal::{self, About},
    text::{self, NAME, SENTENCE, led, line, section, sentences},
    time,
};
use crate::{command::ParseError, words::Words};

/// Nobody counts the seconds of a wait as short as this, and what stands above an old
/// answer says as much of when GitHub is tried again.
const A_MINUTE: Duration = Duration::from_mins(1);
/// How many environments a channel follows at most, and how many channels an
/// environment has.
const FOLLOWED: u8 = 100;

/// Why `deploy` could not serve a call, by what there is to do about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CallError {
    /// The repository or the environment is not there.
    NotFound {
        /// Which of the two.
        reason: Reason,
        /// What was meant perhaps, or what there is.
        candidates: Vec<String>,
    },
    /// The repository was named without an owner, and none is set that it could
    /// take.
    NoOwner,
    /// A channel follows as much as it may.
    TooMany(Most),
    /// Something in the call is not valid.
    Invalid {
        /// What is wrong, as sentences for people.
        violations: Vec<String>,
    },
    /// Something is in the way, and the same call does better without it.
    Hindered(Hindrance),
}

/// What there is as many of as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Most {
    /// Environments that a channel follows.
    OfChannel,
    /// Channels that follow an environment.
    OfEnvironment,
}

/// What can be in the way of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Hindrance {
    /// GitHub, or something else that `deploy` needs, is away.
    Unavailable {
        /// Which of them, and why.
        away: Away,
        /// When to try again, where that can help.
        retry_after: Option<Duration>,
    },
    /// GitHub's limit is used up.
    Exhausted {
        /// When to try again, where it says so.
        retry_after: Option<Duration>,
    },
    /// `deploy` does not answer.
    Unreachable,
    /// There was no answer in time; `deploy` may be slow, or GitHub behind it.
    TimedOut,
    /// `deploy` does not accept the bot's token.
    Unauthenticated,
    /// A defect; the log knows more.
    Internal,
}

/// What is away, as `deploy` tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Away {
    /// Something stands between `deploy` and GitHub.
    Github(Obstacle),
    /// Its journal does not answer.
    Journal,
    /// What `deploy` says of it itself, for people; there are no words for it here.
    Said(String),
}

/// How something was asked, which tells how to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// By a command that only asks what is.
    ToKnow,
    /// By a command that asks for something to be done.
    InWords,
    /// By opening the deploy dialog, or by choosing in it.
    ByOpening,
    /// By opening the home tab, which has a button for that.
    ByOpeningHome,
    /// By submitting the deploy dialog; twice with one choice is once.
    InDialog,
}

/// A text that is no command: what is wrong with it, and a line that would do.
pub(crate) fn parse_error(words: Words, error: &ParseError) -> Message {
    let sign = match error {
        ParseError::OnlyCourtesy(_) => "👋",
        _ => "❓",
    };
    said(words, led(sign, misunderstood(words, error)))
}

/// A call that could not be served, about the repository and environment asked for.
pub(crate) fn call_error(
    words: Words,
    error: &CallError,
    asked: Asked,
    repository: &str,
    environment: Option<&str>,
) -> Message {
    said(
        words,
        sentence(words, error, asked, repository, environment),
    )
}

/// The same for the field of a dialog, which takes plain text only.
pub(crate) fn call_error_in_field(
    words: Words,
    error: &CallError,
    repository: &str,
    environment: &str,
) -> String {
    let markup = sentence(words, error, Asked::InDialog, repository, Some(environment));
    text::without_markup(&markup)
}

/// A message of one paragraph.
pub(super) fn said(words: Words, text: Mrkdwn) -> Message {
    Message {
        words,
        blocks: vec![section(text.clone())],
        text,
    }
}

/// The same as one sentence among others.
pub(super) fn sentence(
    words: Words,
    error: &CallError,
    asked: Asked,
    repository: &str,
    environment: Option<&str>,
) -> Mrkdwn {
    match error {
        CallError::NotFound { reason, candidates } => {
            let about = About {
                repository,
                environment: environment.unwrap_or_default(),
                commit: "",
                checks: None,
                stands: false,
            };
            led("❓", refusal::not_found(words, *reason, about, candidates))
        }
        CallError::NoOwner => words.error_no_owner(text::code(repository, NAME)),
        CallError::TooMany(Most::OfChannel) => {
            words.error_too_many_of_channel(FOLLOWED, line("subscriptions"))
        }
        CallError::TooMany(Most::OfEnvironment) => words.error_too_many_of_environment(FOLLOWED),
        CallError::Invalid { violations } => {
            let violations = violations.iter().take(3);
            let violations = sentences(violations.map(|one| text::prose(one, SENTENCE)));
            words.error_invalid(violations, line("help"))
        }
        CallError::Hindered(hindrance) => {
            let [changed, again] = what_next(words, hindrance, asked);
            led("⚠️", sentences([why(words, hindrance), changed, again]))
        }
    }
}

/// What is in the way, and who can do something about it where waiting can't.
pub(super) fn why(words: Words, hindrance: &Hindrance) -> Mrkdwn {
    match hindrance {
        Hindrance::Unavailable { away, .. } => match away {
            Away::Github(obstacle) => obstacle::sentences(words, Some(obstacle), ""),
            Away::Journal => words.obstacle_journal(),
            Away::Said(sentence) => obstacle::sentences(words, None, sentence),
        },
        Hindrance::Exhausted { .. } => words.waiting_limit(),
        Hindrance::Unreachable => words.error_unreachable(),
        Hindrance::TimedOut => words.error_timed_out(),
        Hindrance::Unauthenticated => words.error_unauthenticated(),
        Hindrance::Internal => words.error_internal(),
    }
}

/// Whether something was changed, and how to ask again; each may be nothing.
fn what_next(words: Words, hindrance: &Hindrance, asked: Asked) -> [Mrkdwn; 2] {
    let nothing = Mrkdwn::default;
    let no_answer = matches!(hindrance, Hindrance::Unreachable | Hindrance::TimedOut);
    // Whoever only asked what is need not be told.
    let unchanged = match asked {
        Asked::ToKnow | Asked::ByOpening | Asked::ByOpeningHome => nothing(),
        // An answer that did not come may have been that it is done.
        Asked::InWords if no_answer => nothing(),
        Asked::InWords | Asked::InDialog => words.error_nothing_changed(),
    };
    let wait = match hindrance {
        _ if no_answer && asked == Asked::InDialog => {
            return [nothing(), words.error_press_again_now()];
        }
        // Somebody has to do something about it first.
        Hindrance::Unavailable {
            retry_after: None, ..
        }
        | Hindrance::Unauthenticated => return [unchanged, nothing()],
        // Nobody knows how far it came.
        Hindrance::Internal => return [nothing(), nothing()],
        Hindrance::Unavailable { retry_after, .. } | Hindrance::Exhausted { retry_after } => {
            *retry_after
        }
        Hindrance::Unreachable | Hindrance::TimedOut => None,
    };
    let when = match wait {
        Some(wait) if wait > A_MINUTE => words.error_in(time::wait(words, wait)),
        _ => words.error_in_a_minute(),
    };
    let again = match asked {
        Asked::ToKnow | Asked::InWords => words.error_ask_again(when),
        Asked::ByOpening => words.error_open_again(when),
        Asked::ByOpeningHome => words.error_refresh(when),
        Asked::InDialog => words.error_press_again(when),
    };
    [unchanged, again]
}

#[cfg(test)]
mod tests;
