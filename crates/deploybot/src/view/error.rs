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
    Argument, COMMANDS, CommandName, CommitProblem, MAX_COMMIT_DIGITS, MAX_LIMIT,
    MIN_COMMIT_DIGITS, ParseError,
};

/// How much of a word is repeated to the one who wrote it.
const WORD: usize = 40;

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

/// A text that is no command: what is wrong with it, and a line that would do.
pub fn parse_error(error: &ParseError) -> Message {
    said(format!("❓ {}", misunderstood(error)))
}

/// A call that could not be served, about the repository and environment asked for.
pub fn call_error(error: &CallError, repository: &str, environment: Option<&str>) -> Message {
    said(sentence(error, repository, environment).to_string())
}

fn said(text: String) -> Message {
    Message {
        blocks: vec![section(text.clone())],
        text: Mrkdwn::ours(text),
    }
}

/// The same as one sentence among others.
pub(super) fn sentence(error: &CallError, repository: &str, environment: Option<&str>) -> Mrkdwn {
    Mrkdwn::ours(match error {
        CallError::NotFound { reason, candidates } => {
            let about = About { repository, environment: environment.unwrap_or_default(), commit: "" };
            format!("❓ {}", refusal::not_found(*reason, about, candidates))
        }
        CallError::Invalid { violations } if violations.is_empty() => {
            format!("❓ That is not something that I can ask for. {} tells how.", line("help"))
        }
        CallError::Invalid { violations } => {
            let violations: Vec<_> = violations.iter().take(3).map(|one| text::prose(one, SENTENCE).to_string()).collect();
            format!("❓ {} {} tells how.", violations.join(" "), line("help"))
        }
        CallError::Unavailable { sentence, retry_after } => {
            let again = retry_after.map(|wait| again(Some(wait))).unwrap_or_default();
            format!("⚠️ {} Nothing was changed. {again}", text::prose(sentence, SENTENCE)).trim_end().to_owned()
        }
        CallError::Exhausted { retry_after } => {
            format!("⚠️ GitHub takes no more questions for now. Nothing was changed. {}", again(*retry_after))
        }
        CallError::TimedOut => {
            let history = line(&format!("history {repository}"));
            format!("⚠️ The deploy service did not answer in time. Ask again in a minute; {history} tells whether a deploy was started.")
        }
        CallError::Unauthenticated => {
            "⚠️ I am not allowed to ask the deploy service. Whoever runs deploybot has to set its token.".to_owned()
        }
        CallError::Internal => {
            "⚠️ Something is broken on my side, and the log says what. Whoever runs deploybot can look it up.".to_owned()
        }
    })
}

fn again(retry_after: Option<Duration>) -> String {
    match retry_after {
        Some(wait) => format!("Ask again in {}.", time::wait(wait)),
        None => "Ask again in a minute.".to_owned(),
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
        ParseError::RollBackByDeploying { repository } => {
            let repository = repository
                .as_ref()
                .map_or("people", |repository| repository.as_str());
            format!(
                "To roll back, deploy the earlier commit: {}. {} lists what was deployed.",
                line(&format!("deploy {repository} production <commit>")),
                line(&format!("history {repository}"))
            )
        }
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
        ParseError::BadEnvironment { word } => format!(
            "{} can't be an environment: it is too long or has characters that can't be seen. {} lists what there is.",
            code(word, WORD),
            line("status <repository>")
        ),
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
