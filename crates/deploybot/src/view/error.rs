//! What the bot answers when there is nothing to show: words that it did not
//! understand, and calls that `deploy` could not serve.

mod misunderstood;

use std::time::Duration;

use deploy_proto::v1::Reason;

use self::misunderstood::misunderstood;
use super::{
    block::{Message, Mrkdwn},
    refusal::{self, About},
    text::{self, SENTENCE, line, section},
    time,
};
use crate::command::ParseError;

/// Nobody counts the seconds of a wait as short as this.
const A_MOMENT: Duration = Duration::from_secs(5);

/// Why `deploy` could not serve a call, by what there is to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallError {
    /// The repository or the environment is not there.
    NotFound {
        /// Which of the two.
        reason: Reason,
        /// What was meant perhaps, or what there is.
        candidates: Vec<String>,
    },
    /// Something in the call is not valid.
    Invalid {
        /// What is wrong, as sentences for people.
        violations: Vec<String>,
    },
    /// Something is in the way, and the same call does better without it.
    Hindered(Hindrance),
}

/// What can be in the way of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hindrance {
    /// GitHub, or something else that `deploy` needs, is away.
    Unavailable {
        /// What `deploy` says of it, for people.
        sentence: String,
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

/// How something was asked, which tells how to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// By a command that only asks what is.
    ToKnow,
    /// By a command that asks for something to be done.
    InWords,
    /// By opening the deploy dialog, or by choosing in it.
    ByOpening,
    /// By submitting the deploy dialog; twice with one choice is once.
    InDialog,
}

/// A text that is no command: what is wrong with it, and a line that would do.
pub(crate) fn parse_error(error: &ParseError) -> Message {
    said(format!("❓ {}", misunderstood(error)))
}

/// A call that could not be served, about the repository and environment asked for.
pub(crate) fn call_error(
    error: &CallError,
    asked: Asked,
    repository: &str,
    environment: Option<&str>,
) -> Message {
    said(sentence(error, asked, repository, environment).to_string())
}

/// The same for the field of a dialog, which takes plain text only.
pub(crate) fn call_error_in_field(
    error: &CallError,
    repository: &str,
    environment: &str,
) -> String {
    let markup = sentence(error, Asked::InDialog, repository, Some(environment));
    text::without_markup(&markup)
}

pub(super) fn said(text: String) -> Message {
    Message {
        blocks: vec![section(text.clone())],
        text: Mrkdwn::ours(text),
    }
}

/// The same as one sentence among others.
pub(super) fn sentence(
    error: &CallError,
    asked: Asked,
    repository: &str,
    environment: Option<&str>,
) -> Mrkdwn {
    Mrkdwn::ours(match error {
        CallError::NotFound { reason, candidates } => {
            let about = About {
                repository,
                environment: environment.unwrap_or_default(),
                commit: "",
            };
            format!("❓ {}", refusal::not_found(*reason, about, candidates))
        }
        CallError::Invalid { violations } => {
            let sentences = violations.iter().take(3);
            let sentences = sentences.map(|one| text::prose(one, SENTENCE).to_string());
            let sentences: Vec<_> = sentences.collect();
            format!("❓ {} {} tells how.", sentences.join(" "), line("help"))
        }
        CallError::Hindered(hindrance) => {
            let text = format!("⚠️ {} {}", why(hindrance), what_next(hindrance, asked));
            text.trim_end().to_owned()
        }
    })
}

/// What is in the way, and who can do something about it where waiting can't.
pub(super) fn why(hindrance: &Hindrance) -> String {
    match hindrance {
        Hindrance::Unavailable { sentence, .. } => text::prose(sentence, SENTENCE).to_string(),
        Hindrance::Exhausted { .. } => "GitHub's limit of calls is used up.".to_owned(),
        Hindrance::Unreachable => "The deploy service does not answer.".to_owned(),
        Hindrance::TimedOut => {
            "There was no answer in time: the deploy service is slow, or GitHub behind it."
                .to_owned()
        }
        Hindrance::Unauthenticated => {
            "I am not allowed to ask the deploy service: whoever runs deploybot has to set its token."
                .to_owned()
        }
        Hindrance::Internal => {
            "Something is broken in the deploy service, and its log says what: tell whoever runs deploybot."
                .to_owned()
        }
    }
}

fn what_next(hindrance: &Hindrance, asked: Asked) -> String {
    let wait = match hindrance {
        // An answer that did not come may have been that it is done.
        Hindrance::Unreachable | Hindrance::TimedOut if asked == Asked::InDialog => {
            return format!(
                "{}: the same request is never carried out twice.",
                ask_again(asked)
            );
        }
        // Somebody has to do something about it first.
        Hindrance::Unavailable {
            retry_after: None, ..
        }
        | Hindrance::Unauthenticated => return nothing_changed(asked).to_owned(),
        // Nobody knows how far it came.
        Hindrance::Internal => return String::new(),
        Hindrance::Unavailable { retry_after, .. } | Hindrance::Exhausted { retry_after } => {
            *retry_after
        }
        Hindrance::Unreachable | Hindrance::TimedOut => None,
    };
    let when = match wait {
        None => "a minute".to_owned(),
        Some(wait) if wait <= A_MOMENT => "a moment".to_owned(),
        Some(wait) => time::wait(wait),
    };
    let sentence = format!("{} {} in {when}.", nothing_changed(asked), ask_again(asked));
    sentence.trim_start().to_owned()
}

/// Whoever only asked what is need not be told.
fn nothing_changed(asked: Asked) -> &'static str {
    match asked {
        Asked::ToKnow => "",
        Asked::InWords | Asked::ByOpening | Asked::InDialog => "Nothing was changed.",
    }
}

fn ask_again(asked: Asked) -> &'static str {
    match asked {
        Asked::ToKnow | Asked::InWords => "Ask again",
        Asked::ByOpening => "Close this and open it again",
        Asked::InDialog => "Press Deploy again",
    }
}

#[cfg(test)]
mod tests;
