//! What people want of a deploy that was asked for, and what is no command: to roll
//! it back, to take it back, to try it again.

use super::{deploy, deploy_line};
use crate::command::{
    CommandName, ParseError,
    courtesy::{self, LeftOut},
    given::{Given, looks_like_a_commit},
    is_usual_environment,
    line::Line,
    negation::{is_answer, is_hangul, is_korean, is_korean_no, is_refused, negation},
};

/// Who says so wants a deploy to be undone or never to be.
const CANCEL: &[&str] = &["cancel", "abort", "stop", "halt", "undeploy", "withdraw"];
/// Who says so wants a deploy to be tried once more.
const RETRY: &[&str] = &["retry", "rerun", "re-run", "redo", "again"];
/// Who says so wants the newest commit to be deployed, and it has to be named.
const NEWEST: &[&str] = &["latest", "newest"];
/// Of a deploy, and no name in one.
const NO_NAME: &[&str] = &["failed", "last", "later", "my", "one", "same"];
/// The words that say the same in Korean, wherever they stand.
const KOREAN_CANCEL: &[&str] = &["취소", "중단", "중지", "멈", "해지", "해제"];
const KOREAN_RETRY: &[&str] = &["재시도"];
const KOREAN_ROLL_BACK: &[&str] = &["롤백"];
/// Once more, if something is to be done: it may be told once more, too.
const KOREAN_AGAIN: &str = "다시";
const KOREAN_DOING: &[&str] = &["시도", "배포", "실행", "돌려"];
/// How words begin that only say to do it, where they follow at once or behind these.
const KOREAN_DO: &[&str] = &[
    "해주", "해줘", "해줄", "해봐", "해보", "해요", "하자", "하고", "하려", "하세", "부탁",
];
const KOREAN_ONCE: &[&str] = &["한", "한번", "한번만", "번", "번만", "더", "좀"];

/// How it is done; none where it is not wanted.
pub(super) fn wanted(first: &str, rest: &[String]) -> Option<ParseError> {
    let (first, rest) = match courtesy::from_the_command(rest).split_first() {
        // `No, cancel that`.
        Some((next, behind)) if is_answer(first) => (next.as_str(), behind),
        _ => (first, rest),
    };
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

/// The same behind `deploy`, where the words make none.
pub(super) fn wanted_instead(rest: &[String], error: ParseError) -> ParseError {
    match &error {
        ParseError::Extra { words, .. } if words.split(' ').any(|it| is_one_of(CANCEL, it)) => {
            cancel_by_button(rest)
        }
        // What a pull request stands for has to be named in any case.
        ParseError::PullRequest { .. } if !takes_back(rest) => error,
        _ if wants_it_again(rest) => retry_by_button(rest),
        ParseError::Extra { .. } => wanted_in_korean(rest).unwrap_or(error),
        _ => wanted_in_korean(rest)
            .or_else(|| wants_the_newest(rest))
            .unwrap_or(error),
    }
}

/// Whether what follows `deploy` says to do it once more, and nowhere not to.
fn wants_it_again(rest: &[String]) -> bool {
    rest.iter().any(|word| is_one_of(&["again"], word)) && negation(rest).is_none()
}

/// What is wrong with a deploy of what is newest, wherever it is said: it stands for the
/// commit, and is none.
fn wants_the_newest(rest: &[String]) -> Option<ParseError> {
    let newest = rest.iter().find(|word| is_one_of(NEWEST, word))?.clone();
    let is_name = |word: &&String| !is_one_of(NEWEST, word) && !is_one_of(&["commit"], word);
    let names = rest.iter().filter(is_name).cloned();
    let words: Vec<_> = names.chain(["commit".to_owned(), newest]).collect();
    deploy(&courtesy::without(&words, LeftOut::LabelsAndPointing)).err()
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
    let names = names_in_korean(words);
    if says(words, KOREAN_ROLL_BACK) {
        Some(roll_back_by_deploying(&names))
    } else if says(words, KOREAN_CANCEL) {
        Some(cancel_by_button(&names))
    } else {
        wants_again(words).then(|| retry_by_button(&names))
    }
}

/// Whether a word says so, which begins with it or has only the noun before it, and
/// not that it is not to be.
fn says(words: &[String], verbs: &[&str]) -> bool {
    let is_noun = |noun: &str| CommandName::meant_in_korean(&[noun.to_owned()]).is_some();
    let says_so = |word: &String| {
        let mut before = verbs.iter().filter_map(|verb| word.split_once(*verb));
        before.any(|(noun, _)| noun.is_empty() || is_noun(noun))
    };
    (0..words.len()).any(|at| says_so(&words[at]) && is_meant(&words[at..]))
}

/// Whether the first word stands as it is: in Korean a no follows what it turns
/// around, and what ends the sentence ends that.
fn is_meant(words: &[String]) -> bool {
    let denies = |word: &String| is_korean_no(word) || word.starts_with('없');
    let ends = |word: &String| {
        let may_end = word.ends_with('요') || word.ends_with('줘') || word.ends_with("니다");
        may_end && word != "필요"
    };
    let decides = words.iter().find(|word| denies(word) || ends(word));
    !decides.is_some_and(denies) && !words.first().is_some_and(|word| is_refused(word))
}

fn wants_again(words: &[String]) -> bool {
    let mut asked = (0..words.len()).map(|at| asks_again(&words[at], &words[at + 1..]));
    says(words, KOREAN_RETRY) || asked.any(|is_asked| is_asked)
}

fn asks_again(word: &str, behind: &[String]) -> bool {
    let Some(joined) = word.strip_prefix(KOREAN_AGAIN) else {
        return false;
    };
    let joined = Some(joined.to_owned()).filter(|joined| !joined.is_empty());
    let behind: Vec<_> = joined.into_iter().chain(behind.iter().cloned()).collect();
    let is_once = |word: &&String| KOREAN_ONCE.contains(&word.as_str());
    let once = behind.iter().take_while(is_once).count();
    let Some(next) = behind.get(once) else {
        return true;
    };
    let is_to_do_it = next == "해" || KOREAN_DO.iter().any(|start| next.starts_with(start));
    is_to_do_it && is_meant(&behind[once..]) || says(&behind, KOREAN_DOING)
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
        repository: deploy_of(rest).repository().ok(),
    }
}

fn retry_by_button(rest: &[String]) -> ParseError {
    ParseError::RetryByButton {
        line: deploy_named_by(rest),
    }
}

/// The line that deploys what is named; the rest is to be filled in.
pub(super) fn deploy_named_by(words: &[String]) -> String {
    deploy_of(words).to_copy(None)
}

/// The deploy that words are about which say what is to become of it, as far as they
/// name it.
fn deploy_of(words: &[String]) -> Line {
    let may_name = |word: &&String| {
        let is_none = |list: &&[&str]| !is_one_of(list, word);
        CommandName::from_word(word).is_none()
            && [CANCEL, RETRY, NEWEST, NO_NAME].iter().all(is_none)
    };
    let words: Vec<_> = words.iter().filter(may_name).cloned().collect();
    let words = courtesy::without(&words, LeftOut::LabelsAndPointing);
    let mut given = Given::read(CommandName::Deploy, &words);
    let line = deploy_line(&mut given).ok();
    let line = line.filter(|line| given.leftovers().is_empty() && is_named(line));
    line.unwrap_or_else(|| Line::of(CommandName::Deploy))
}

/// What a sentence in Korean names, which are the words in other letters, without the
/// particle that is joined to one.
pub(super) fn names_in_korean(words: &[String]) -> Vec<String> {
    let names = words.iter().map(|word| word.trim_end_matches(is_hangul));
    let names = names.filter(|name| !name.is_empty() && !is_korean(name));
    names.map(str::to_owned).collect()
}

/// Whether the words of a line are names and not the rest of a sentence: beside what
/// looks like a commit or is a usual environment, or alone.
fn is_named(line: &Line) -> bool {
    match (line.environment.as_deref(), line.commit.as_deref()) {
        (None, None) => true,
        (environment, commit) => {
            environment.is_some_and(is_usual_environment) || commit.is_some_and(looks_like_a_commit)
        }
    }
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
