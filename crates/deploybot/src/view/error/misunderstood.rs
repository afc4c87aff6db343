//! Words that are no command: what is wrong with them, and a line that would do.

use crate::{
    command::{
        Argument, COMMANDS, CommandName, CommitProblem, Courtesy, MAX_COMMIT_DIGITS,
        MAX_ENVIRONMENT, MAX_LIMIT, MIN_COMMIT_DIGITS, ParseError,
    },
    view::{
        block::Mrkdwn,
        text::{code, folded, joined, line, lines, sentences},
    },
    words::Words,
};

/// How much of a word is repeated to the one who wrote it.
const WORD: usize = 40;
/// How much of `owner/name`.
const NAMES: usize = 60;

/// What is wrong, and what to write instead.
pub(super) fn misunderstood(words: Words, error: &ParseError) -> Mrkdwn {
    match error {
        ParseError::UnknownCommand { word, suggestion } => {
            let suggestion = suggestion.as_ref().map(|suggestion| line(suggestion));
            let unknown = words.misunderstood_unknown(code(word, WORD));
            with_commands(words, unknown, suggestion)
        }
        ParseError::UnknownTopic { word, suggestion } => {
            let suggestion =
                suggestion.map(|command| line(&format!("help {}", command.help().word)));
            let unknown = words.misunderstood_no_command(code(word, WORD));
            with_commands(words, unknown, suggestion)
        }
        ParseError::SeveralCommands { lines } => {
            let lines = lines.iter().take(3).map(|one| line(one));
            let lines = folded(lines, |first, next| words.text_then(first, next));
            words.misunderstood_several(lines)
        }
        ParseError::RollBackByDeploying {
            repository,
            line: wanted,
        } => {
            let repository = repository
                .as_ref()
                .map_or("<repository>", |repository| repository.as_str());
            let history = line(&format!("history {repository}"));
            words.misunderstood_roll_back(line(wanted), history)
        }
        ParseError::NotToDeploy { word } => words.misunderstood_no(code(word, WORD)),
        ParseError::WordsBefore {
            words: before,
            line: wanted,
        } => words.misunderstood_words_before(code(before, NAMES), line(wanted)),
        ParseError::NoBeside { word, line: wanted } => {
            words.misunderstood_sign(code(word, WORD), line(wanted))
        }
        ParseError::StruckOut { line: wanted } => words.misunderstood_struck_out(line(wanted)),
        ParseError::AllStruckOut => words.misunderstood_all_struck_out(line("help")),
        ParseError::OnlyNo => words.misunderstood_only_no(line("help")),
        ParseError::OnlyCourtesy(courtesy) => match courtesy {
            Courtesy::Greeting => words.misunderstood_greeting(line("help")),
            Courtesy::Thanks => words.misunderstood_thanks(),
        },
        ParseError::CancelByButton { repository } => {
            let repository = repository
                .as_ref()
                .map_or("<repository>", |repository| repository.as_str());
            words.misunderstood_cancel(line(&format!("history {repository}")))
        }
        ParseError::RetryByButton { line: wanted } => words.misunderstood_retry(line(wanted)),
        ParseError::OnlyForYourself { command } => {
            let word = command.help().word;
            words.misunderstood_only_for_yourself(code(word, WORD), line(word))
        }
        ParseError::MentionIsNoLogin => words.misunderstood_mention_is_no_login(line("link minji")),
        ParseError::OnlyAName { name, line: wanted } => {
            let unknown = words.misunderstood_only_a_name(code(name, WORD), line(wanted));
            with_commands(words, unknown, None)
        }
        ParseError::PullRequest { repository, number } => words.misunderstood_pull_request(
            code(&format!("{repository}#{number}"), NAMES),
            status_of(repository.as_str()),
        ),
        ParseError::TwoCommits { commits, lines } => {
            let [first, second] = commits.each_ref().map(|commit| code(commit, WORD));
            let lines = lines.each_ref().map(|one| line(one));
            let lines = folded(lines, |one, other| words.text_or(one, other));
            words.misunderstood_two_commits(first, second, lines)
        }
        ParseError::TwoEnvironments {
            environments,
            lines,
        } => {
            let [first, second] = environments.each_ref().map(|one| code(one, WORD));
            let lines = lines.each_ref().map(|one| line(one));
            let lines = folded(lines, |one, other| words.text_or(one, other));
            words.misunderstood_two_environments(first, second, lines)
        }
        ParseError::CommitOfAnother {
            repository,
            linked,
            line: wanted,
        } => words.misunderstood_commit_of_another(
            code(linked, NAMES),
            code(repository, WORD),
            line(wanted),
        ),
        ParseError::Missing {
            command,
            missing,
            example,
        } => {
            let needs = needs(words, missing);
            let word = code(command.help().word, WORD);
            let said = words.misunderstood_missing(word, needs, line(example));
            let where_to_look = match command {
                CommandName::Unsubscribe => {
                    words.misunderstood_what_is_followed(line("subscriptions"))
                }
                _ => where_to_look(words, missing, example),
            };
            lines([said, where_to_look])
        }
        ParseError::Extra {
            command,
            words: extra,
            example,
        } => {
            let usage = usage(*command);
            let has_limit = usage.contains("[limit]");
            let (extra, usage, example) = (code(extra, WORD), code(&usage, 80), line(example));
            match has_limit {
                true => words.misunderstood_extra_limit(extra, usage, MAX_LIMIT, example),
                false => words.misunderstood_extra(extra, usage, example),
            }
        }
        ParseError::AllIsUnnamed { line: wanted } => {
            words.misunderstood_all_is_unnamed(line(wanted))
        }
        ParseError::BadRepository { word } => words.misunderstood_bad_repository(code(word, WORD)),
        ParseError::BadEnvironment { word, repository } => {
            let is_long = word.chars().count() > MAX_ENVIRONMENT;
            let (word, line) = (code(word, WORD), status_of(repository.as_str()));
            match is_long {
                true => words.misunderstood_long_environment(word, MAX_ENVIRONMENT, line),
                false => words.misunderstood_unseen_environment(word, line),
            }
        }
        ParseError::BadCommit {
            word,
            problem,
            repository,
        } => {
            let (word, line) = (code(word, WORD), status_of(repository.as_str()));
            match problem {
                CommitProblem::NotHex => words.misunderstood_not_hex(word, line),
                CommitProblem::TooShort => {
                    words.misunderstood_short_commit(word, MIN_COMMIT_DIGITS, line)
                }
                CommitProblem::TooLong => {
                    words.misunderstood_long_commit(word, MAX_COMMIT_DIGITS, line)
                }
            }
        }
        ParseError::BadLogin { word } => {
            words.misunderstood_bad_login(code(word, WORD), line(&usage(CommandName::Link)))
        }
        ParseError::BadLimit {
            word: Some(word),
            example,
        } => words.misunderstood_bad_limit(code(word, WORD), MAX_LIMIT, line(example)),
        ParseError::BadLimit {
            word: None,
            example,
        } => words.misunderstood_no_limit(MAX_LIMIT, line(example)),
    }
}

/// What was perhaps meant, where that is known, and what there is.
fn with_commands(words: Words, unknown: Mrkdwn, meant: Option<Mrkdwn>) -> Mrkdwn {
    let meant = meant.map(|meant| words.text_did_you_mean(meant));
    let first = sentences([unknown, meant.unwrap_or_default()]);
    lines([first, all_commands(words)])
}

fn needs(words: Words, missing: &[Argument]) -> Mrkdwn {
    let mut missing: Vec<_> = missing
        .iter()
        .map(|argument| match argument {
            Argument::Repository => words.misunderstood_a_repository(),
            Argument::Environment => words.misunderstood_an_environment(),
            Argument::Commit => words.misunderstood_a_commit(),
            Argument::Login => words.misunderstood_a_login(),
        })
        .collect();
    match missing.pop() {
        Some(last) if missing.is_empty() => last,
        Some(last) => words.text_and(joined(", ", missing), last),
        None => words.misunderstood_more_words(),
    }
}

/// Where the words that are missing can be found.
fn where_to_look(words: Words, missing: &[Argument], example: &str) -> Mrkdwn {
    let has_none = [Argument::Repository, Argument::Login];
    let repository = example
        .split(' ')
        .nth(1)
        .filter(|_| !has_none.iter().any(|none| missing.contains(none)));
    repository
        .map(|repository| words.misunderstood_where_to_look(status_of(repository)))
        .unwrap_or_default()
}

fn all_commands(words: Words) -> Mrkdwn {
    let mut commands: Vec<_> = COMMANDS.iter().map(|help| code(help.word, WORD)).collect();
    let last = commands.pop().expect("there are commands");
    let commands = words.text_and(joined(", ", commands), last);
    words.misunderstood_all_commands(commands, line("help"))
}

fn status_of(repository: &str) -> Mrkdwn {
    line(&format!("status {repository}"))
}

fn usage(command: CommandName) -> String {
    let help = command.help();
    format!("{} {}", help.word, help.arguments)
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests;
