//! From words to a [`Command`], or to what is wrong with them.

mod again;
mod unknown;

use deploy_proto::v1::Moment;

use super::{
    Command, CommandName, ParseError,
    courtesy::{self, Courtesy, LeftOut},
    given::{Given, PullRequest, Role, is_help_flag, is_sha},
    line::Line,
    login,
    negation::negation,
    words::{Said, said_to},
};

/// Longest line that is suggested.
const LONGEST: usize = 100;

/// Reads the text of a message that mentions the bot.
pub(crate) fn parse(text: &str, bot_user_id: &str) -> Result<Command, ParseError> {
    let said = said_to(bot_user_id, text);
    nothing_left(&said)?;
    let read = read(&said.words).map_err(|error| several(&said.words).unwrap_or(error));
    if let Some(no) = not_to_deploy(&said, &read).or_else(|| no_beside(&said.words, &read)) {
        return Err(no);
    }
    if let Some(error) = asked_before_a_courtesy(&said, &read) {
        return Err(error);
    }
    if said.names_somebody {
        check_who_is_meant(&said, &read)?;
    }
    let command = read?;
    if !command.changes_something() {
        return Ok(command);
    }
    let line = suggested(&command).unwrap_or_else(|| usage(command.name()));
    if let Some(word) = said.no_sign {
        return Err(ParseError::NoBeside { word, line });
    }
    if said.is_struck {
        return Err(ParseError::StruckOut { line });
    }
    if !courtesy::is_mere(&said.before) {
        let words = said.before.join(" ");
        return Err(ParseError::WordsBefore { words, line });
    }
    Ok(command)
}

/// What is left where no word is: a sign that says no, which thanks make no less of a
/// no, or that all was struck out. Who greets only waves, and who asks what a sign is
/// has seen it in a status.
fn nothing_left(said: &Said) -> Result<(), ParseError> {
    let words = &said.words;
    let greets = Courtesy::alone(words) == Some(Courtesy::Greeting);
    let is_left = greets || courtesy::is_question(words) || !courtesy::are_only(words);
    if said.no_sign.is_some() && !is_left {
        return Err(ParseError::OnlyNo);
    }
    if said.is_struck && said.words.is_empty() {
        return Err(ParseError::AllStruckOut);
    }
    Ok(())
}

/// Someone asks for something that changes something before the mention, and says no
/// more than thanks behind it.
fn asked_before_a_courtesy(said: &Said, read: &Result<Command, ParseError>) -> Option<ParseError> {
    let is_courtesy = matches!(read, Err(ParseError::OnlyCourtesy(_)));
    (is_courtesy || courtesy::are_only(&said.words)).then_some(())?;
    let command = self::read(&said.before).ok()?;
    command
        .changes_something()
        .then(|| ParseError::WordsBefore {
            words: said.before.join(" "),
            line: suggested(&command).unwrap_or_else(|| usage(command.name())),
        })
}

/// Who mentions another in Slack has named no GitHub account, and does not speak of
/// themselves.
fn check_who_is_meant(said: &Said, read: &Result<Command, ParseError>) -> Result<(), ParseError> {
    if let Err(ParseError::Missing {
        command: CommandName::Link,
        ..
    }) = self::read(&said.without_people)
    {
        return Err(ParseError::MentionIsNoLogin);
    }
    match read.as_ref().map(Command::name) {
        Ok(command) if login::is_for_oneself(command) => {
            Err(ParseError::OnlyForYourself { command })
        }
        _ => Ok(()),
    }
}

/// Reads one command.
fn read(words: &[String]) -> Result<Command, ParseError> {
    let Some((first, rest)) = courtesy::from_the_command(words).split_first() else {
        return match Courtesy::alone(words) {
            Some(courtesy) => Err(ParseError::OnlyCourtesy(courtesy)),
            None => Ok(Command::Help { topic: None }),
        };
    };
    if courtesy::asks_what_can_be_done(words) {
        return Ok(Command::Help { topic: None });
    }
    if is_help_flag(first) {
        return help(rest);
    }
    let Some(command) = CommandName::from_word(first) else {
        return Err(unknown::command(words, first, rest));
    };
    if rest.iter().any(|word| is_help_flag(word)) {
        return Ok(Command::Help {
            topic: Some(command),
        });
    }
    let without = |left_out| read_as(command, &courtesy::without(rest, left_out));
    let read = without(LeftOut::Labels).or_else(|_| {
        without(LeftOut::LabelsAndPointing)
            .or_else(|error| without(LeftOut::Nothing).map_err(|_| error))
    });
    match command {
        CommandName::Deploy => read.map_err(|error| again::wanted_instead(rest, error)),
        _ => read,
    }
}

/// Someone says that something is not to be deployed, on either side of the mention.
/// Behind what they want of a deploy it says why: `cancel the deploy, it's not ready`.
fn not_to_deploy(said: &Said, read: &Result<Command, ParseError>) -> Option<ParseError> {
    let is_deploy = match read {
        Ok(command) => command.name() == CommandName::Deploy,
        Err(_) => {
            let is_deploy =
                |word: &String| CommandName::from_word(word) == Some(CommandName::Deploy);
            said.words.iter().any(is_deploy)
        }
    };
    let first = courtesy::from_the_command(&said.words).first();
    let is_a_deploy =
        first.is_some_and(|word| CommandName::from_word(word) == Some(CommandName::Deploy));
    let beside = match read {
        // `🚫 deploy people again`.
        Err(ParseError::RetryByButton { .. }) if is_a_deploy => said.no_sign.clone(),
        Err(
            ParseError::CancelByButton { .. }
            | ParseError::RetryByButton { .. }
            | ParseError::RollBackByDeploying { .. },
        ) => None,
        _ => negation(&said.words).or_else(|| said.no_sign.clone()),
    };
    let no = negation(&said.before).or(beside);
    no.filter(|_| is_deploy)
        .map(|word| ParseError::NotToDeploy { word })
}

/// Someone says no behind another command that would change something: what stands
/// before the no is asked about. An account may be called so.
fn no_beside(words: &[String], read: &Result<Command, ParseError>) -> Option<ParseError> {
    let words = courtesy::from_the_command(words);
    let command = CommandName::from_word(words.first()?)?;
    let is_asked = match read {
        Ok(command) => command.changes_something() && command.name() != CommandName::Link,
        Err(_) => command.changes_something(),
    };
    let word = negation(words).filter(|_| is_asked && command != CommandName::Deploy)?;
    let is_before = |other: &&String| word.split(' ').next() != Some(other.as_str());
    let before: Vec<_> = words.iter().take_while(is_before).cloned().collect();
    let line = self::read(&before).ok().as_ref().and_then(suggested);
    Some(ParseError::NoBeside {
        word,
        line: line.unwrap_or_else(|| usage(command)),
    })
}

fn read_as(command: CommandName, words: &[String]) -> Result<Command, ParseError> {
    match command {
        CommandName::Status => told_anew(words, status),
        CommandName::Deploy => deploy(words),
        CommandName::History => told_anew(words, history),
        CommandName::Link => login::link(words),
        CommandName::Unlink => login::nothing(command, words, Command::Unlink),
        CommandName::Mute => login::nothing(command, words, Command::Mute),
        CommandName::Unmute => login::nothing(command, words, Command::Unmute),
        CommandName::Subscribe => subscribe(words),
        CommandName::Unsubscribe => unsubscribe(words),
        CommandName::Subscriptions => login::nothing(command, words, Command::Subscriptions),
        CommandName::Help => help(words),
    }
}

/// Reads what only tells something without the words that want it anew. Where nothing
/// is named then, one of them is the name: `status of latest`.
fn told_anew(
    words: &[String],
    read: fn(&[String]) -> Result<Command, ParseError>,
) -> Result<Command, ParseError> {
    read(&courtesy::told_anew(words)).or_else(|error| match error {
        ParseError::Missing { .. } => read(words).map_err(|_| error),
        _ => Err(error),
    })
}

fn status(words: &[String]) -> Result<Command, ParseError> {
    let mut given = Given::read(CommandName::Status, words);
    let line = Line {
        limit: given.take_number(),
        repository: given.take_repository_alone(),
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
    let line = Line {
        limit: given.take_number(),
        repository: given.take(Role::Repository),
        environment: given.take(Role::Environment),
        ..Line::of(CommandName::History)
    };
    line.check(&given)?;
    Ok(Command::History {
        repository: line.repository()?,
        environment: line.environment()?,
        limit: line.limit()?,
    })
}

fn subscribe(words: &[String]) -> Result<Command, ParseError> {
    let mut given = Given::read(CommandName::Subscribe, words);
    let moments = given.take_moments();
    let line = followed_line(CommandName::Subscribe, given, moments)?;
    Ok(Command::Subscribe {
        repository: line.repository()?,
        environment: line.environment()?,
        moments: line.moments,
    })
}

fn unsubscribe(words: &[String]) -> Result<Command, ParseError> {
    let mut given = Given::read(CommandName::Unsubscribe, words);
    let all = given.take_all();
    if all.is_some() {
        // All that fails is followed as part of all.
        given.take_moments();
    }
    let line = followed_line(CommandName::Unsubscribe, given, Vec::new())?;
    if let Some(words) = all {
        let without = line.to_copy(None);
        return Err(match line.environment {
            None => ParseError::AllIsUnnamed { line: without },
            Some(_) => ParseError::Extra {
                command: CommandName::Unsubscribe,
                words,
                example: without,
            },
        });
    }
    Ok(Command::Unsubscribe {
        repository: line.repository()?,
        environment: line.environment()?,
    })
}

/// What is followed, or no more.
fn followed_line(
    command: CommandName,
    mut given: Given,
    moments: Vec<Moment>,
) -> Result<Line, ParseError> {
    let line = Line {
        moments,
        repository: given.take(Role::Repository),
        environment: given.take(Role::Environment),
        ..Line::of(command)
    };
    line.check(&given)?;
    Ok(line)
}

fn deploy(words: &[String]) -> Result<Command, ParseError> {
    let mut given = Given::read(CommandName::Deploy, words);
    let line = deploy_line(&mut given)?;
    line.check(&given)?;
    line.deploy()
}

/// The words of a deploy in their places.
fn deploy_line(given: &mut Given) -> Result<Line, ParseError> {
    let is_repository_told = given.is_named(Role::Repository);
    let mut commits = given.take_commits();
    if let Some(request) = given.pull_request().filter(|_| commits.is_empty()) {
        return Err(pull_request(request));
    }
    let (repository, linked) = given.take_repository();
    let mut environment = given.take(Role::Environment);
    // What looks like a SHA in the place of the environment is none.
    if let Some(commit) = environment.take_if(|word| is_sha(word)) {
        commits.insert(0, commit);
        environment = given.take(Role::Environment);
    }
    let mut line = Line {
        repository,
        environment,
        ..Line::of(CommandName::Deploy)
    };
    if !is_repository_told {
        line.notice_forgotten_repository();
    }
    line.commit = line.one_of(&commits)?.or_else(|| given.take(Role::Commit));
    line.put_environment_in_its_place();
    if let Some(linked) = linked {
        line.check_linked(linked)?;
    }
    Ok(line)
}

fn pull_request(request: &PullRequest) -> ParseError {
    ParseError::PullRequest {
        repository: request.repository.clone(),
        number: request.number.clone(),
    }
}

fn help(words: &[String]) -> Result<Command, ParseError> {
    let Some(word) = courtesy::topic(words) else {
        return Ok(Command::Help { topic: None });
    };
    let topic = CommandName::from_word(word).ok_or_else(|| ParseError::UnknownTopic {
        word: word.clone(),
        suggestion: CommandName::near(word),
    })?;
    Ok(Command::Help { topic: Some(topic) })
}

/// Several commands in a row, each of which would do alone.
fn several(words: &[String]) -> Option<ParseError> {
    let words = courtesy::from_the_command(words);
    CommandName::from_word(words.first()?)?;
    let is_help = |at: usize| CommandName::from_word(&words[at]) == Some(CommandName::Help);
    // What follows `help` is what it is about.
    let begins = (1..words.len())
        .filter(|at| CommandName::from_word(&words[*at]).is_some() && !is_help(*at - 1));
    let bounds: Vec<_> = [0].into_iter().chain(begins).chain([words.len()]).collect();
    if bounds.len() < 3 {
        return None;
    }
    let commands = bounds.windows(2).map(|it| read(&words[it[0]..it[1]]));
    let lines: Option<Vec<_>> = commands.map(|command| suggested(&command.ok()?)).collect();
    lines.map(|lines| ParseError::SeveralCommands { lines })
}

fn usage(command: CommandName) -> String {
    format!("{} {}", command.help().word, command.help().arguments)
        .trim_end()
        .to_owned()
}

/// A line, unless it is too long to be repeated whole.
fn suggested(command: &Command) -> Option<String> {
    let line = command.line();
    (line.chars().count() <= LONGEST).then_some(line)
}

#[cfg(test)]
mod tests;
