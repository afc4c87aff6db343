//! What people want of a deploy that was asked for, and what is no command: to roll
//! it back, to take it back, to try it again.

use super::deploy_line;
use crate::command::{
    CommandName, ParseError,
    courtesy::{self, LeftOut},
    given::Given,
    line::Line,
    negation::{is_korean, is_refused},
};

/// Who says so wants a deploy to be undone or never to be.
const CANCEL: &[&str] = &["cancel", "abort", "stop", "halt", "undeploy", "withdraw"];
/// Who says so wants a deploy to be tried once more.
const RETRY: &[&str] = &["retry", "rerun", "re-run", "redo", "again"];
/// How the words begin that say the same in Korean, wherever they stand.
const KOREAN_CANCEL: &str = "취소";
const KOREAN_RETRY: &str = "재시도";
const KOREAN_ROLL_BACK: &str = "롤백";
/// Once more, if something is to be done: it may be told once more, too.
const KOREAN_AGAIN: &str = "다시";
const KOREAN_DOING: &[&str] = &["시도", "배포", "실행", "돌려", "부탁", "하", "해"];

/// How it is done; none where it is not wanted.
pub(super) fn wanted(first: &str, rest: &[String]) -> Option<ParseError> {
    if let Some(words) = after_roll_back(first, rest) {
        return Some(roll_back_by_deploying(&words));
    }
    if is_one_of(CANCEL, first) && names_no_other_command(rest) {
        return Some(cancel_by_button(rest));
    }
    if wants_to_retry(first, rest) {
        return Some(retry_by_button(rest));
    }
    wanted_in_korean(&[&[first.to_owned()], rest].concat())
}

/// Whether somebody wants something to be undone.
pub(super) fn takes_back(words: &[String]) -> bool {
    words.first().is_some_and(|word| is_one_of(CANCEL, word)) || says(words, KOREAN_CANCEL)
}

/// The same in Korean, where the verb stands last.
fn wanted_in_korean(words: &[String]) -> Option<ParseError> {
    let noun = CommandName::meant_in_korean(words);
    let is_of_a_deploy = noun.is_none_or(|name| name == CommandName::Deploy);
    if !is_of_a_deploy || !names_no_other_command(words) {
        return None;
    }
    let is_name = |word: &&String| !is_korean(word) && CommandName::from_word(word).is_none();
    let names: Vec<_> = words.iter().filter(is_name).cloned().collect();
    if says(words, KOREAN_ROLL_BACK) {
        Some(roll_back_by_deploying(&names))
    } else if says(words, KOREAN_CANCEL) {
        Some(cancel_by_button(&names))
    } else {
        wants_again(words).then(|| retry_by_button(&names))
    }
}

/// Whether a word says so, and not that it is not to be.
fn says(words: &[String], start: &str) -> bool {
    words
        .iter()
        .any(|word| word.starts_with(start) && !is_refused(word))
}

fn wants_again(words: &[String]) -> bool {
    if says(words, KOREAN_RETRY) {
        return true;
    }
    let again = words.iter().enumerate();
    let again = again.filter_map(|(at, word)| Some((at, word.strip_prefix(KOREAN_AGAIN)?)));
    let mut asked = again.map(|(at, joined)| match (joined, &words[at + 1..]) {
        ("", []) => true,
        ("", behind) => KOREAN_DOING.iter().any(|doing| says(behind, doing)),
        (joined, _) => KOREAN_DOING
            .iter()
            .any(|doing| says(&[joined.to_owned()], doing)),
    });
    asked.any(|is_asked| is_asked)
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
    deploy_of(&words)
}

/// The deploy of which words name at least something.
fn deploy_of(words: &[String]) -> Line {
    let words = courtesy::without(words, LeftOut::LabelsAndPointing);
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
    let line = deploy_of(words);
    ParseError::RollBackByDeploying {
        repository: line.repository().ok(),
        line: line.to_copy(None),
    }
}
