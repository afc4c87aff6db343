//! Words of which the first is no command: what is wrong with them, and what was
//! perhaps meant.

use std::slice;

use super::{again, deploy, read, read_as, suggested, usage};
use crate::command::{
    CommandName, ParseError,
    courtesy::{self, Courtesy, LeftOut},
    given::is_sha,
    negation::{forbids, is_korean, is_only_no, negation},
};

/// What is wrong with words of which none is a command where one should stand.
pub(super) fn command(words: &[String], first: &str, rest: &[String]) -> ParseError {
    if let Some(again) = again::wanted(first, rest) {
        return again;
    }
    if let Some(courtesy) = Courtesy::alone(words) {
        return ParseError::OnlyCourtesy(courtesy);
    }
    let suggestion = suggestion(first, rest);
    if suggestion.is_none() && is_only_no(words) {
        return ParseError::OnlyNo;
    }
    if suggestion.is_none() && is_sha(first) {
        // Who names a commit means to deploy it, or not to.
        if let Some(word) = negation(words) {
            return ParseError::NotToDeploy { word };
        }
        let words = [&[first.to_owned()], rest].concat();
        match deploy(&courtesy::without(&words, LeftOut::LabelsAndPointing)) {
            Err(error) => return error,
            Ok(command) => {
                return ParseError::UnknownCommand {
                    word: first.to_owned(),
                    suggestion: suggested(&command),
                };
            }
        }
    }
    let is_alone = courtesy::without(rest, LeftOut::Nothing).is_empty();
    if suggestion.is_none() && is_alone {
        let status = read_as(CommandName::Status, &[first.to_owned()]);
        if let Some(line) = status.ok().as_ref().and_then(suggested) {
            return ParseError::OnlyAName {
                name: first.to_owned(),
                line,
            };
        }
    }
    ParseError::UnknownCommand {
        word: first.to_owned(),
        suggestion,
    }
}

/// What was perhaps meant by a line whose first word is no command: one that
/// stands further on (`people status`), or one that is spelt alike.
fn suggestion(first: &str, rest: &[String]) -> Option<String> {
    let all = [&[first.to_owned()], rest].concat();
    let no = negation(&all);
    // Whom something does not work for says no in Korean too, and wants it: 구독 안 돼요.
    let is_english_no = no.as_deref().is_some_and(|no| !is_korean(no));
    let is_taken_back = again::takes_back(&all) || forbids(&all) || is_english_no;
    let mut commands = rest.iter().filter_map(|word| CommandName::from_word(word));
    let contrary = commands.next().and_then(CommandName::contrary);
    if let Some(command) = contrary.filter(|_| is_taken_back) {
        return Some(usage(command));
    }
    let further_on = rest.iter().enumerate();
    let mut further_on =
        further_on.filter_map(|(at, word)| Some((at, CommandName::from_word(word)?)));
    let (command, line) = match further_on.next() {
        Some((at, command)) => {
            let before = [&[first.to_owned()], &rest[..at]].concat();
            let with_what_stands_before = [&before, &rest[at + 1..]].concat();
            let line = read_as(
                command,
                &courtesy::without(&with_what_stands_before, LeftOut::Labels),
            );
            (command, line.or_else(|_| read(&rest[at..])))
        }
        None => {
            match CommandName::meant_in_korean(&all) {
                // Who does not want one is not told how to ask for it.
                Some(CommandName::Deploy) if is_taken_back || no.is_some() => return None,
                Some(command) => {
                    let contrary = command.contrary().filter(|_| is_taken_back);
                    return Some(in_korean(contrary.unwrap_or(command), &all));
                }
                None => (),
            }
            let command = CommandName::near(first)?;
            (
                command,
                read_as(command, &courtesy::without(rest, LeftOut::Labels)),
            )
        }
    };
    let line = line.ok().as_ref().and_then(suggested);
    Some(line.unwrap_or_else(|| usage(command)))
}

/// The line that a sentence in Korean perhaps means, with what it names. Beside an
/// account that is rarely its login.
fn in_korean(command: CommandName, words: &[String]) -> String {
    let mut names = courtesy::without(&again::names_in_korean(words), LeftOut::Labels);
    names.retain(|name| negation(slice::from_ref(name)).is_none());
    match command {
        CommandName::Deploy => again::deploy_named_by(&names),
        CommandName::Link => usage(command),
        _ => {
            let line = read_as(command, &names).ok().as_ref().and_then(suggested);
            line.unwrap_or_else(|| usage(command))
        }
    }
}
