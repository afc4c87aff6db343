//! From words to a [`Command`], or to what is wrong with them.
//!
//! Words have their place (`deploy people production a1b2c3d`) unless a little
//! word before them tells what they are (`deploy a1b2c3d of people to
//! production`) or, for a commit, they look like nothing else.

use super::{
    Argument, Command, CommandName, CommitSha, EnvironmentName, Limit, ParseError, RepositoryName,
    words::words_for,
};

/// Reads the text of a message that mentions the bot.
pub fn parse(text: &str, bot_user_id: &str) -> Result<Command, ParseError> {
    let words = words_for(bot_user_id, text);
    let Some((first, rest)) = words.split_first() else {
        return Ok(Command::Help { topic: None });
    };
    match CommandName::from_word(first) {
        Some(CommandName::Status) => status(rest),
        Some(CommandName::Deploy) => deploy(rest),
        Some(CommandName::History) => history(rest),
        Some(CommandName::Help) => help(rest),
        None => Err(unknown_command(first, rest)),
    }
}

fn status(words: &[String]) -> Result<Command, ParseError> {
    let mut given = Given::read(CommandName::Status, words);
    let line = Line {
        repository: given.take(Role::Repository),
        limit: given.take(Role::Limit),
        ..Line::of(CommandName::Status)
    };
    line.check(&given)?;
    Ok(Command::Status {
        repository: line.repository()?,
        limit: line.limit()?,
    })
}

fn history(words: &[String]) -> Result<Command, ParseError> {
    let mut given = Given::read(CommandName::History, words);
    let repository = given.take(Role::Repository);
    let number = given.take_number();
    let line = Line {
        repository,
        environment: given.take(Role::Environment),
        limit: number.or_else(|| given.take(Role::Limit)),
        ..Line::of(CommandName::History)
    };
    line.check(&given)?;
    let environment = line.environment.as_deref().map(environment).transpose()?;
    Ok(Command::History {
        repository: line.repository()?,
        environment,
        limit: line.limit()?,
    })
}

fn deploy(words: &[String]) -> Result<Command, ParseError> {
    let mut given = Given::read(CommandName::Deploy, words);
    let commit = given.take_commit();
    let line = Line {
        repository: given.take(Role::Repository),
        environment: given.take(Role::Environment),
        commit: commit.or_else(|| given.take(Role::Commit)),
        ..Line::of(CommandName::Deploy)
    };
    line.check(&given)?;
    let repository = line.repository()?;
    let environment = environment(line.environment.as_deref().unwrap_or_default())?;
    let word = line.commit.unwrap_or_default();
    match CommitSha::new(&word) {
        Ok(commit) => Ok(Command::Deploy {
            repository,
            environment,
            commit,
        }),
        Err(problem) => Err(ParseError::BadCommit {
            word,
            problem,
            repository,
        }),
    }
}

fn help(words: &[String]) -> Result<Command, ParseError> {
    let Some(word) = words.first() else {
        return Ok(Command::Help { topic: None });
    };
    let topic = CommandName::from_word(word).ok_or_else(|| ParseError::UnknownTopic {
        word: word.clone(),
        suggestion: CommandName::near(word),
    })?;
    Ok(Command::Help { topic: Some(topic) })
}

fn unknown_command(first: &str, rest: &[String]) -> ParseError {
    if matches!(
        first.to_lowercase().as_str(),
        "rollback" | "roll-back" | "revert" | "undo"
    ) {
        let repository = rest.first().and_then(|word| RepositoryName::new(word));
        return ParseError::RollBackByDeploying { repository };
    }
    let second = rest.first().and_then(|word| CommandName::from_word(word));
    let suggestion = match second {
        // `people status` is as clear as `stauts people`.
        Some(command) => Some(joined(
            command,
            [first]
                .into_iter()
                .chain(rest[1..].iter().map(String::as_str)),
        )),
        None => {
            CommandName::near(first).map(|command| joined(command, rest.iter().map(String::as_str)))
        }
    };
    ParseError::UnknownCommand {
        word: first.to_owned(),
        suggestion,
    }
}

/// A line to suggest; without its arguments where they are too much to repeat.
fn joined<'a>(command: CommandName, arguments: impl Iterator<Item = &'a str>) -> String {
    let word = command.help().word;
    let line = [word]
        .into_iter()
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ");
    if line.chars().count() > 100 {
        word.to_owned()
    } else {
        line
    }
}

/// What a word is in a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Repository,
    Environment,
    Commit,
    Limit,
}

/// The words that follow a command, as far as they are not yet placed.
struct Given {
    /// Words that a little word before them has told about.
    named: Vec<(Role, String)>,
    /// The other words, in their order.
    plain: Vec<String>,
    /// Little words that nothing follows.
    dangling: Vec<String>,
}

impl Given {
    fn read(command: CommandName, words: &[String]) -> Self {
        let mut given = Self {
            named: Vec::new(),
            plain: Vec::new(),
            dangling: Vec::new(),
        };
        let mut rest = words;
        while let Some((word, following)) = rest.split_first() {
            rest = following;
            if let Some(number) = limit_in_one_word(word) {
                given.named.push((Role::Limit, number.to_owned()));
                continue;
            }
            let is_first = following.len() + 1 == words.len();
            match (
                role_told_by(word, command, is_first, following.first()),
                following.split_first(),
            ) {
                (Some(role), Some((named, following))) => {
                    given.named.push((role, named.clone()));
                    rest = following;
                }
                (Some(_), None) => given.dangling.push(word.clone()),
                (None, _) => given.plain.push(word.clone()),
            }
        }
        given
    }

    /// The word named so or else the next of the plain ones.
    fn take(&mut self, role: Role) -> Option<String> {
        self.take_named(role)
            .or_else(|| (!self.plain.is_empty()).then(|| self.plain.remove(0)))
    }

    fn take_named(&mut self, role: Role) -> Option<String> {
        let at = self.named.iter().position(|(named, _)| *named == role)?;
        Some(self.named.remove(at).1)
    }

    fn take_number(&mut self) -> Option<String> {
        self.take_named(Role::Limit).or_else(|| {
            let at = self.plain.iter().position(|word| is_number(word))?;
            Some(self.plain.remove(at))
        })
    }

    /// Of several words that look like a SHA the longest, then the last, so
    /// that a repository called `cafe1` can be deployed.
    fn take_commit(&mut self) -> Option<String> {
        self.take_named(Role::Commit).or_else(|| {
            let looks = self
                .plain
                .iter()
                .enumerate()
                .filter(|(_, word)| looks_like_a_commit(word));
            let (at, _) = looks.max_by_key(|(_, word)| word.len())?;
            Some(self.plain.remove(at))
        })
    }

    fn leftovers(&self) -> String {
        let named = self.named.iter().map(|(_, word)| word);
        let words: Vec<_> = self
            .plain
            .iter()
            .chain(named)
            .chain(&self.dangling)
            .map(String::as_str)
            .collect();
        words.join(" ")
    }
}

/// A command with its words in their places, not yet checked.
struct Line {
    command: CommandName,
    repository: Option<String>,
    environment: Option<String>,
    commit: Option<String>,
    limit: Option<String>,
}

impl Line {
    fn of(command: CommandName) -> Self {
        Self {
            command,
            repository: None,
            environment: None,
            commit: None,
            limit: None,
        }
    }

    /// Whether every word has a place and every place that needs one a word.
    fn check(&self, given: &Given) -> Result<(), ParseError> {
        let is_deploy = self.command == CommandName::Deploy;
        let missing: Vec<_> = [
            (Argument::Repository, self.repository.is_none()),
            (
                Argument::Environment,
                is_deploy && self.environment.is_none(),
            ),
            (Argument::Commit, is_deploy && self.commit.is_none()),
        ]
        .into_iter()
        .filter_map(|(argument, is_missing)| is_missing.then_some(argument))
        .collect();
        if !missing.is_empty() {
            return Err(ParseError::Missing {
                command: self.command,
                missing,
                example: self.example(None),
            });
        }
        let leftovers = given.leftovers();
        if leftovers.eq_ignore_ascii_case("limit") || leftovers.eq_ignore_ascii_case("--limit") {
            return Err(self.bad_limit(None));
        }
        if !leftovers.is_empty() {
            return Err(ParseError::Extra {
                command: self.command,
                words: leftovers,
                example: self.example(self.usable_limit()),
            });
        }
        Ok(())
    }

    fn repository(&self) -> Result<RepositoryName, ParseError> {
        let word = self.repository.as_deref().unwrap_or_default();
        RepositoryName::new(word).ok_or_else(|| ParseError::BadRepository {
            word: word.to_owned(),
        })
    }

    fn limit(&self) -> Result<Option<Limit>, ParseError> {
        let Some(word) = &self.limit else {
            return Ok(None);
        };
        Limit::new(word)
            .map(Some)
            .ok_or_else(|| self.bad_limit(Some(word.clone())))
    }

    fn usable_limit(&self) -> Option<&str> {
        self.limit
            .as_deref()
            .filter(|word| Limit::new(word).is_some())
    }

    fn bad_limit(&self, word: Option<String>) -> ParseError {
        ParseError::BadLimit {
            word,
            example: self.example(Some("10")),
        }
    }

    /// The line as it would do: what was given and fits, and for the rest the
    /// words of the manual.
    fn example(&self, limit: Option<&str>) -> String {
        let is_deploy = self.command == CommandName::Deploy;
        let repository = self
            .repository
            .as_deref()
            .filter(|word| RepositoryName::new(word).is_some());
        let environment = self
            .environment
            .as_deref()
            .filter(|word| EnvironmentName::new(word).is_some());
        let commit = self
            .commit
            .as_deref()
            .filter(|word| CommitSha::new(word).is_ok());
        let words = [
            Some(self.command.help().word),
            repository.or(Some("people")),
            environment.or(is_deploy.then_some("production")),
            commit.or(is_deploy.then_some("a1b2c3d")),
            limit,
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

fn environment(word: &str) -> Result<EnvironmentName, ParseError> {
    EnvironmentName::new(word).ok_or_else(|| ParseError::BadEnvironment {
        word: word.to_owned(),
    })
}

/// What the word after `word` is.
fn role_told_by(
    word: &str,
    command: CommandName,
    is_first: bool,
    next: Option<&String>,
) -> Option<Role> {
    let is_deploy = command == CommandName::Deploy;
    match word.to_lowercase().as_str() {
        "of" | "for" | "from" => Some(Role::Repository),
        "to" | "into" | "in" | "on" => Some(Role::Environment),
        "commit" | "sha" if is_deploy => Some(Role::Commit),
        // A repository may be called `limit`; a flag may not.
        "limit" | "last"
            if !is_deploy && (!is_first || next.is_some_and(|next| is_number(next))) =>
        {
            Some(Role::Limit)
        }
        flag if is_limit_flag(flag) => Some(Role::Limit),
        _ => None,
    }
}

/// `--limit`, also with the long dash that phones make of two.
fn is_limit_flag(word: &str) -> bool {
    let name = word.trim_start_matches(is_dash);
    name.len() < word.len() && matches!(name, "limit" | "last" | "n")
}

/// The number in `--limit=10`, `limit=10` or `limit:10`.
fn limit_in_one_word(word: &str) -> Option<&str> {
    let (name, number) = word.split_once(['=', ':'])?;
    name.trim_start_matches(is_dash)
        .eq_ignore_ascii_case("limit")
        .then_some(number)
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(|c| is_dash(c) || c == '+');
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// Hex digits enough, and not a word of the language such as `cafe`.
fn looks_like_a_commit(word: &str) -> bool {
    CommitSha::new(word).is_ok()
        && (word.len() >= 7 || word.bytes().any(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
