//! What people want of a deploy that was asked for, and what is no command: to roll
//! it back, to take it back, to try it again.

use super::deploy_line;
use crate::command::{
    CommandName, ParseError,
    courtesy::{self, LeftOut},
    given::Given,
    line::Line,
};

/// Who says so wants a deploy to be undone or never to be.
const CANCEL: &[&str] = &["cancel", "abort", "stop", "halt", "undeploy", "withdraw"];
/// Who says so wants a deploy to be tried once more.
const RETRY: &[&str] = &["retry", "rerun", "re-run", "redo", "again"];

/// How it is done; none where it is not wanted.
pub(super) fn wanted(first: &str, rest: &[String]) -> Option<ParseError> {
    if let Some(words) = after_roll_back(first, rest) {
        return Some(roll_back_by_deploying(&words));
    }
    if wants_to_cancel(first, rest) {
        return Some(cancel_by_button(rest));
    }
    wants_to_retry(first, rest).then(|| retry_by_button(rest))
}

/// Whether a word wants something to be undone.
pub(super) fn takes_back(word: &str) -> bool {
    is_one_of(CANCEL, word)
}

/// Whether somebody wants to take a deploy back: no other command is named.
fn wants_to_cancel(first: &str, rest: &[String]) -> bool {
    takes_back(first) && names_no_other_command(rest)
}

/// Whether somebody wants a deploy to be tried once more, as in `try it again`.
fn wants_to_retry(first: &str, rest: &[String]) -> bool {
    let is_again = |word: &String| is_one_of(RETRY, word);
    let tries = first.eq_ignore_ascii_case("try") && rest.iter().any(is_again);
    (tries || is_one_of(RETRY, first)) && names_no_other_command(rest)
}

fn is_one_of(list: &[&str], word: &str) -> bool {
    list.contains(&word.to_lowercase().as_str())
}

fn names_no_other_command(rest: &[String]) -> bool {
    let mut named = rest.iter().filter_map(|word| CommandName::from_word(word));
    named.all(|name| name == CommandName::Deploy)
}

fn cancel_by_button(rest: &[String]) -> ParseError {
    ParseError::CancelByButton {
        repository: deploy_among(rest).repository().ok(),
    }
}

fn retry_by_button(rest: &[String]) -> ParseError {
    ParseError::RetryByButton {
        line: deploy_among(rest).to_copy(None),
    }
}

/// The deploy that words are about which say what is to become of it.
fn deploy_among(rest: &[String]) -> Line {
    let is_about_it = |word: &&String| CommandName::from_word(word).is_none();
    let words: Vec<_> = rest
        .iter()
        .filter(is_about_it)
        .filter(|word| !is_one_of(RETRY, word))
        .cloned()
        .collect();
    let words = courtesy::without(&words, LeftOut::LabelsAndPointing);
    let mut given = Given::read(CommandName::Deploy, &words);
    deploy_line(&mut given).unwrap_or_else(|_| Line::of(CommandName::Deploy))
}

/// What stands beside words that ask for what was before.
fn after_roll_back(first: &str, rest: &[String]) -> Option<Vec<String>> {
    match first.to_lowercase().as_str() {
        "rollback" | "roll-back" | "revert" | "undo" => Some(rest.to_vec()),
        "roll" => {
            let at = rest
                .iter()
                .position(|word| word.eq_ignore_ascii_case("back"))?;
            Some([&rest[..at], &rest[at + 1..]].concat())
        }
        _ => None,
    }
}

fn roll_back_by_deploying(words: &[String]) -> ParseError {
    let words = courtesy::without(words, LeftOut::LabelsAndPointing);
    let mut given = Given::read(CommandName::Deploy, &words);
    let line = deploy_line(&mut given).unwrap_or_else(|_| Line::of(CommandName::Deploy));
    ParseError::RollBackByDeploying {
        repository: line.repository().ok(),
        line: line.to_copy(None),
    }
}
