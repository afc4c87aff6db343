//! Words that are no command: what is wrong with them, and a line that would do.

use crate::{
    command::{
        Argument, COMMANDS, CommandName, CommitProblem, MAX_COMMIT_DIGITS, MAX_ENVIRONMENT,
        MAX_LIMIT, MIN_COMMIT_DIGITS, ParseError,
    },
    view::text::{code, line},
};

/// How much of a word is repeated to the one who wrote it.
const WORD: usize = 40;
/// How much of `owner/name`.
const NAMES: usize = 60;

/// What is wrong, and what to write instead.
pub(super) fn misunderstood(error: &ParseError) -> String {
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
                .map_or("<repository>", |repository| repository.as_str());
            format!(
                "To roll back, deploy the earlier commit: {}. {} lists what was deployed.",
                line(wanted),
                line(&format!("history {repository}"))
            )
        }
        ParseError::NotToDeploy { word } => {
            format!(
                "I take {} for a no: nothing was deployed.",
                code(word, WORD)
            )
        }
        ParseError::OnlyAName { name, line: wanted } => format!(
            "I do not know {}. If it is a repository, did you mean {}?\n{}",
            code(name, WORD),
            line(wanted),
            all_commands()
        ),
        ParseError::PullRequest { repository, number } => format!(
            "{} is a pull request, and I deploy commits: write the SHA of its merge commit. {} lists the newest.",
            code(&format!("{repository}#{number}"), NAMES),
            line(&format!("status {repository}"))
        ),
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
            let usage = usage(*command);
            let limit = match usage.contains("[limit]") {
                true => format!(", whose limit is a whole number from 1 to {MAX_LIMIT}"),
                false => String::new(),
            };
            format!(
                "I do not know what {} means in {}{limit}. Without it: {}",
                code(words, WORD),
                code(&usage, 80),
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
