//! Words that say no: to what is asked for beside them, or to nothing at all.

use super::courtesy::{folded, is_question, opens_a_sentence};

/// Who says so does not ask for it.
const NEGATION: &[&str] = &[
    "no", "not", "never", "nobody", "dont", "doesnt", "didnt", "cannot", "cant", "couldnt", "wont",
    "wouldnt", "shouldnt", "mustnt",
];
const KOREAN_NEGATION: &[&str] = &[
    "마",
    "마요",
    "말고",
    "말자",
    "못",
    "아뇨",
    "안",
    "절대",
    "하지마",
];
/// How other such words begin, and what they hold.
const KOREAN_NEGATION_BEGINS: &[&str] = &[
    "마라", "마세", "마시", "마십", "말아", "말라", "말게", "아니", "안돼", "안되", "안됩", "않",
];
const KOREAN_NEGATION_HOLDS: &[&str] = &["지마", "지말", "지않", "금지"];
/// How those of them begin that forbid what the word before them says, which ends in
/// 지, or the same word.
const KOREAN_FORBIDDING: &[&str] = &["마", "말"];
/// How those begin that only lead on to what is wanted, or was said: 잊지 말고.
const KOREAN_LEADING_ON: &[&str] = &["말고", "말라고"];
/// What ends in 지 and is a noun.
const KOREAN_NOUNS: &[&str] = &["중지", "해지"];
/// Beside such a word, where nothing is asked for.
const BESIDE_A_NO: &[&str] = &[
    "again", "cancel", "do", "it", "mind", "retry", "that", "this", "try",
];
/// The same where nothing else is said; beside a command it may be a name.
const NO_ALONE: &[&str] = &["nah", "nevermind", "nope"];

/// What turns that which is asked for into its contrary: a word or, in Korean, where
/// one word rarely says it, the last that does with the one on each side of it. Only
/// so much is sure to be seen where it is repeated.
pub(super) fn negation(words: &[String]) -> Option<String> {
    let at = words.iter().position(|word| is_no(word))?;
    if !is_korean(&words[at]) {
        return Some(words[at].clone());
    }
    let at = words
        .iter()
        .rposition(|word| is_korean_no(word))
        .unwrap_or(at);
    let is_beside = |other: &usize| words.get(*other).is_some_and(|word| is_korean(word));
    let begin = at.checked_sub(1).filter(is_beside).unwrap_or(at);
    let end = Some(at + 1).filter(is_beside).unwrap_or(at);
    Some(words[begin..=end].join(" "))
}

/// Whether somebody says no, and asks for nothing. In Korean the words that say what
/// is not to be done stand beside it. A question that has a no in it is something else.
pub(super) fn is_only_no(words: &[String]) -> bool {
    let is_no = |word: &String| is_no(word) || NO_ALONE.contains(&folded(word).as_str());
    // What "was not" is a complaint: 배포되지 않았어요.
    let is_beside = |word: &String| {
        opens_a_sentence(word)
            || word.ends_with('지') && !word.ends_with("되지")
            || BESIDE_A_NO.contains(&folded(word).as_str())
    };
    let is_no_alone = words.iter().any(is_no) && words.iter().all(|it| is_no(it) || is_beside(it));
    is_no_alone && !is_question(words) || forbids(words)
}

/// Whether a sentence in Korean forbids something, whatever else it says.
pub(super) fn forbids(words: &[String]) -> bool {
    let is_forbidding = |word: &str| {
        let begins = |starts: &[&str]| starts.iter().any(|start| word.starts_with(start));
        is_korean_no(word) && begins(KOREAN_FORBIDDING) && !begins(KOREAN_LEADING_ON)
    };
    let in_two = words
        .windows(2)
        .any(|pair| pair[0].ends_with('지') && is_forbidding(&pair[1]));
    let in_one = words.iter().any(|word| {
        let mut behind = word
            .match_indices('지')
            .map(|(at, it)| &word[at + it.len()..]);
        behind.any(is_forbidding)
    });
    in_two || in_one
}

/// Whether a word in Korean is itself a no, or what one behind it is about: `하지`.
pub(super) fn is_refused(word: &str) -> bool {
    let is_noun = KOREAN_NOUNS.iter().any(|noun| word.ends_with(noun));
    word.ends_with('지') && !is_noun || is_korean_no(word)
}

/// Whether a word says no to what was said before, and nothing about what follows it.
pub(super) fn is_answer(word: &str) -> bool {
    let word = folded(word);
    word == "no" || NO_ALONE.contains(&word.as_str())
}

pub(super) fn is_korean(word: &str) -> bool {
    word.contains(is_hangul)
}

pub(super) fn is_hangul(c: char) -> bool {
    matches!(c, '가'..='힣')
}

fn is_no(word: &str) -> bool {
    let word = folded(word);
    NEGATION.contains(&word.as_str()) || word.ends_with("n't") || is_korean_no(&word)
}

pub(super) fn is_korean_no(word: &str) -> bool {
    let begins = |start: &&str| word.starts_with(*start);
    let holds = |part: &&str| word.contains(*part);
    KOREAN_NEGATION.contains(&word)
        || KOREAN_NEGATION_BEGINS.iter().any(begins)
        || KOREAN_NEGATION_HOLDS.iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_no_in_a_question_or_a_complaint_is_not_all_that_is_said() {
        for text in [
            "왜 안 돼요",
            "못 찾겠어요 도와주세요",
            "아직 안 나왔나요",
            "어제까지 말씀하신 게 안 보여요",
            "배포되지 않았어요",
            "안녕하세요",
            "잊지 말고 people production 배포 부탁드려요",
            "배포하지 말라고 했는데요",
            "what can i not do",
        ] {
            assert!(!is_only_no(&words(text)), "{text}");
        }
        for text in [
            "아니요 감사합니다",
            "지금 하지 마세요",
            "배포하지 않을게요",
            "하지마세요 제발",
            "오늘은 프로덕션에 배포하지 마세요",
            "금요일에는 배포하지말아주세요",
            "do not cancel it",
        ] {
            assert!(is_only_no(&words(text)), "{text}");
        }
    }

    #[test]
    fn a_no_in_korean_is_told_with_its_neighbours_and_not_the_whole_sentence() {
        for (text, told) in [
            (
                "안녕하세요 여러분 오늘은 점검이 있으니까 절대로 프로덕션에는 배포하지 마세요",
                "배포하지 마세요",
            ),
            ("절대 프로덕션에는 배포하지 마세요", "배포하지 마세요"),
            (
                "지금 프로덕션에 배포하면 안 돼요 정말로",
                "배포하면 안 돼요",
            ),
            ("people 마세요 production", "마세요"),
            ("please don't 배포하지", "don't"),
            ("제발don't people", "제발don't"),
        ] {
            assert_eq!(negation(&words(text)).as_deref(), Some(told), "{text}");
        }
    }
}
