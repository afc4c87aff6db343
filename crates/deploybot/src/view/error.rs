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

/// Why `deploy` could not serve a call, by what there is to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
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
    /// `deploy` or GitHub does not answer now.
    Unavailable {
        /// What `deploy` says of it, for people.
        sentence: String,
        /// When to try again, where that can help.
        retry_after: Option<Duration>,
    },
    /// Too much was asked; GitHub's limit is used up.
    Exhausted {
        /// When to try again, where it says so.
        retry_after: Option<Duration>,
    },
    /// No answer came in time.
    TimedOut,
    /// `deploy` does not accept the bot's token.
    Unauthenticated,
    /// A defect; the log knows more.
    Internal,
}

/// How something was asked, which tells how to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// By a command.
    InWords,
    /// By a button that acts; pressed twice by one person it acts once.
    ByButton,
    /// By opening the deploy dialog, or by choosing in it.
    ByOpening,
    /// By submitting the deploy dialog; twice with one choice is once.
    InDialog,
}

/// A text that is no command: what is wrong with it, and a line that would do.
pub fn parse_error(error: &ParseError) -> Message {
    said(format!("❓ {}", misunderstood(error)))
}

/// A call that could not be served, about the repository and environment asked for.
pub fn call_error(
    error: &CallError,
    asked: Asked,
    repository: &str,
    environment: Option<&str>,
) -> Message {
    said(sentence(error, asked, repository, environment).to_string())
}

/// The same for the field of a dialog, which takes plain text only.
pub fn call_error_in_field(error: &CallError, repository: &str, environment: &str) -> String {
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
    let wait = match error {
        CallError::NotFound { reason, candidates } => {
            let environment = environment.unwrap_or_default();
            let about = About {
                repository,
                environment,
                commit: "",
            };
            let sentence = refusal::not_found(*reason, about, candidates);
            return Mrkdwn::ours(format!("❓ {sentence}"));
        }
        CallError::Invalid { .. } => {
            let sentence = format!("❓ {} {} tells how.", why(error), line("help"));
            return Mrkdwn::ours(sentence);
        }
        CallError::Unavailable { retry_after, .. } | CallError::Exhausted { retry_after } => {
            *retry_after
        }
        CallError::TimedOut | CallError::Unauthenticated | CallError::Internal => None,
    };
    let next = match error {
        // An answer that did not come may have been that it is done.
        CallError::TimedOut if matches!(asked, Asked::ByButton | Asked::InDialog) => format!(
            "{}: the same request is never carried out twice.",
            ask_again(asked)
        ),
        // Somebody has to do something about it first.
        CallError::Unavailable {
            retry_after: None, ..
        }
        | CallError::Unauthenticated => "Nothing was changed.".to_owned(),
        // Nobody knows how far it came.
        CallError::Internal => String::new(),
        _ => {
            let when = wait.map_or_else(|| "a minute".to_owned(), time::wait);
            format!("Nothing was changed. {} in {when}.", ask_again(asked))
        }
    };
    Mrkdwn::ours(format!("⚠️ {} {next}", why(error)).trim_end())
}

/// What is in the way, and who can do something about it where waiting can't.
pub(super) fn why(error: &CallError) -> String {
    match error {
        CallError::NotFound { .. } => "That is not there.".to_owned(),
        CallError::Invalid { violations } if violations.is_empty() => {
            "That is not something that I can ask for.".to_owned()
        }
        CallError::Invalid { violations } => {
            let sentences = violations.iter().take(3);
            let sentences = sentences.map(|one| text::prose(one, SENTENCE).to_string());
            sentences.collect::<Vec<_>>().join(" ")
        }
        CallError::Unavailable { sentence, .. } => text::prose(sentence, SENTENCE).to_string(),
        CallError::Exhausted { .. } => "GitHub takes no more questions for now.".to_owned(),
        CallError::TimedOut => "The deploy service does not answer.".to_owned(),
        CallError::Unauthenticated => {
            "I am not allowed to ask the deploy service: whoever runs deploybot has to set its token."
                .to_owned()
        }
        CallError::Internal => {
            "Something is broken in the deploy service, and its log says what: tell whoever runs deploybot."
                .to_owned()
        }
    }
}

fn ask_again(asked: Asked) -> &'static str {
    match asked {
        Asked::InWords => "Ask again",
        Asked::ByButton => "Press the button again",
        Asked::ByOpening => "Close this and open it again",
        Asked::InDialog => "Press Deploy again",
    }
}

#[cfg(test)]
mod tests;
