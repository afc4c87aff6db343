//! What the bot answers when there is nothing to show: words that it did not
//! understand, and calls that `deploy` could not serve.

use std::time::Duration;

use deploy_proto::v1::Reason;

use super::{
    block::{Message, Mrkdwn},
    refusal::{self, About},
    text::{self, SENTENCE, code, line, section},
    time,
};
use crate::command::{
    Argument, COMMANDS, CommandName, CommitProblem, MAX_COMMIT_DIGITS, MAX_ENVIRONMENT, MAX_LIMIT,
    MIN_COMMIT_DIGITS, ParseError,
};

/// How much of a word is repeated to the one who wrote it.
const WORD: usize = 40;
/// How much of `owner/name`.
const NAMES: usize = 60;

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

fn said(text: String) -> Message {
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

fn misunderstood(error: &ParseError) -> String {
    match error {
        ParseError::UnknownCommand {
            word,
            suggestion: Some(suggestion),
        } => {
            format!(
                "I do not know {}. Did you mean {}?\n{}",
                code(word, WORD),
                line(suggestion),
                all_commands()
            )
        }
        ParseError::UnknownCommand {
            word,
            suggestion: None,
        } => {
            format!("I do not know {}.\n{}", code(word, WORD), all_commands())
        }
        ParseError::UnknownTopic { word, suggestion } => {
            let topic = suggestion.map(|command| {
                format!(
                    " Did you mean {}?",
                    line(&format!("help {}", command.help().word))
                )
            });
            format!(
                "There is no command {}.{}\n{}",
                code(word, WORD),
                topic.unwrap_or_default(),
                all_commands()
            )
        }
        ParseError::SeveralCommands { lines } => {
            let lines: Vec<_> = lines
                .iter()
                .take(3)
                .map(|one| line(one).to_string())
                .collect();
            format!(
                "I take one command in a message. Write them one by one: {}.",
                lines.join(", then ")
            )
        }
        ParseError::RollBackByDeploying {
            repository,
            line: wanted,
        } => {
            let repository = repository
                .as_ref()
                .map_or("people", |repository| repository.as_str());
            let usual = format!("deploy {repository} production <commit>");
            format!(
                "To roll back, deploy the earlier commit: {}. {} lists what was deployed.",
                line(wanted.as_ref().unwrap_or(&usual)),
                line(&format!("history {repository}"))
            )
        }
        ParseError::TwoCommits { commits, lines } => {
            let [first, second] = commits.each_ref().map(|commit| code(commit, WORD));
            let lines = lines.each_ref().map(|one| line(one).to_string());
            format!(
                "{first} and {second} are two commits, and one goes out at a time: {}.",
                lines.join(" or ")
            )
        }
        ParseError::CommitOfAnother {
            repository,
            linked,
            line: wanted,
        } => format!(
            "The link is to a commit of {}, not of {}. Did you mean {}?",
            code(linked, NAMES),
            code(repository, WORD),
            line(wanted)
        ),
        ParseError::Missing {
            command,
            missing,
            example,
        } => {
            format!(
                "{} needs {}. For example: {}{}",
                code(command.help().word, WORD),
                needs(missing),
                line(example),
                where_to_look(missing, example)
            )
        }
        ParseError::Extra {
            command,
            words,
            example,
        } => {
            format!(
                "I do not know what {} means in {}. Without it: {}",
                code(words, WORD),
                code(&usage(*command), 80),
                line(example)
            )
        }
        ParseError::BadRepository { word } => format!(
            "{} can't be a repository: that is `name` or `owner/name`, of letters, digits, `-`, `_` and `.`, such as `people`.",
            code(word, WORD)
        ),
        ParseError::BadEnvironment { word, repository } => {
            let problem = if word.chars().count() > MAX_ENVIRONMENT {
                format!("it is longer than {MAX_ENVIRONMENT} characters")
            } else {
                "it has characters that can't be seen".to_owned()
            };
            format!(
                "{} can't be an environment: {problem}. {} lists what there is.",
                code(word, WORD),
                line(&format!("status {repository}"))
            )
        }
        ParseError::BadCommit {
            word,
            problem,
            repository,
        } => {
            format!(
                "{} {} {} lists the newest commits.",
                code(word, WORD),
                not_a_commit(*problem),
                line(&format!("status {repository}"))
            )
        }
        ParseError::BadLimit {
            word: Some(word),
            example,
        } => format!(
            "{} can't be the limit: that is a whole number from 1 to {MAX_LIMIT}. For example: {}",
            code(word, WORD),
            line(example)
        ),
        ParseError::BadLimit {
            word: None,
            example,
        } => {
            format!(
                "A number from 1 to {MAX_LIMIT} is missing after `limit`. For example: {}",
                line(example)
            )
        }
    }
}

fn not_a_commit(problem: CommitProblem) -> String {
    match problem {
        CommitProblem::NotHex => {
            "is not a commit: I deploy by SHA alone, which is made of the digits 0 to 9 and a to f."
                .to_owned()
        }
        CommitProblem::TooShort => format!(
            "is too short for a commit: write at least {MIN_COMMIT_DIGITS} digits of its SHA."
        ),
        CommitProblem::TooLong => {
            format!("is too long for a commit: a whole SHA has {MAX_COMMIT_DIGITS} digits.")
        }
    }
}

fn needs(missing: &[Argument]) -> String {
    let words: Vec<_> = missing
        .iter()
        .map(|argument| match argument {
            Argument::Repository => "a repository",
            Argument::Environment => "an environment",
            Argument::Commit => "a commit",
        })
        .collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => "more words".to_owned(),
    }
}

/// Where the words that are missing can be found.
fn where_to_look(missing: &[Argument], example: &str) -> String {
    let repository = example
        .split(' ')
        .nth(1)
        .filter(|_| !missing.contains(&Argument::Repository));
    match repository {
        Some(repository) => format!(
            "\n{} lists its commits and environments.",
            line(&format!("status {repository}"))
        ),
        None => String::new(),
    }
}

fn all_commands() -> String {
    let words: Vec<_> = COMMANDS
        .iter()
        .map(|help| code(help.word, WORD).to_string())
        .collect();
    let (last, first) = words.split_last().expect("there are commands");
    format!(
        "I know {} and {last}; {} tells more.",
        first.join(", "),
        line("help")
    )
}

fn usage(command: CommandName) -> String {
    let help = command.help();
    format!("{} {}", help.word, help.arguments)
}

#[cfg(test)]
mod tests;
