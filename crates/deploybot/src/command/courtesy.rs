//! Words that make a sentence of a command and change nothing about it.
//!
//! A name may be made of the same letters. A courtesy is never taken for one;
//! the others are names where the command makes sense only so, and whoever has
//! a repository called `please` writes its owner before it.

use super::{CommandName, given::is_number};

/// Before the command.
const OPENING: &[&str] = &[
    "a",
    "bot",
    "can",
    "could",
    "deploybot",
    "get",
    "give",
    "hello",
    "hey",
    "hi",
    "i",
    "id",
    "i'd",
    "just",
    "let",
    "let's",
    "lets",
    "like",
    "me",
    "need",
    "ok",
    "okay",
    "show",
    "so",
    "tell",
    "the",
    "to",
    "us",
    "want",
    "we",
    "will",
    "would",
    "you",
];
/// Before a command that tells something; whoever asks so about a deploy does
/// not ask for it.
const QUESTION: &[&str] = &["what", "what's", "whats", "where", "is"];
/// Anywhere.
const COURTESY: &[&str] = &[
    "please", "pls", "plz", "kindly", "thanks", "thx", "ty", "thank", "you", "cheers", "now",
    "the", "and", "then", "also", "cc", "asap",
];
/// Who says so does not ask for it.
const NEGATION: &[&str] = &[
    "no", "not", "never", "dont", "cannot", "cant", "wont", "shouldnt",
];
/// Between `help` and what it is about.
const ASIDE: &[&str] = &["about", "on", "out", "with"];
/// What the word beside it is; the commands tell that by place.
const LABELS: &[&str] = &["repo", "repository", "env", "environment", "service"];
/// In place of something that only people in the conversation know.
const POINTING: &[&str] = &["it", "this", "that", "these"];

/// What is left out of a command besides courtesies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// `status repo people`.
    Labels,
    /// `ship it`.
    LabelsAndPointing,
    /// A repository may be called `repo`.
    Nothing,
}

impl LeftOut {
    fn holds(self, word: &str) -> bool {
        match self {
            Self::Labels => LABELS.contains(&word),
            Self::LabelsAndPointing => LABELS.contains(&word) || POINTING.contains(&word),
            Self::Nothing => false,
        }
    }
}

/// The words from the command on: what opens a sentence is left out as long as
/// it is no command itself.
pub(super) fn from_the_command(words: &[String]) -> &[String] {
    let opening = words
        .iter()
        .take_while(|word| opens_a_sentence(word) && CommandName::from_word(word).is_none());
    let (opening, rest) = words.split_at(opening.count());
    let asks = opening
        .iter()
        .any(|word| QUESTION.contains(&folded(word).as_str()));
    let command = rest.first().and_then(|word| CommandName::from_word(word));
    if asks && command == Some(CommandName::Deploy) {
        words
    } else {
        rest
    }
}

/// The word that turns what is asked for into its contrary.
pub(super) fn negation(words: &[String]) -> Option<&str> {
    let is_no = |word: &&String| {
        let word = folded(word);
        NEGATION.contains(&word.as_str()) || word.ends_with("n't")
    };
    words.iter().find(is_no).map(String::as_str)
}

/// Whether a sentence is made of nothing but a question for what there is to
/// ask: `what can you do?`
pub(super) fn asks_what_can_be_done(words: &[String]) -> bool {
    let is = |word: &str, wanted: &str| folded(word) == wanted;
    words.iter().any(|word| is(word, "what"))
        && words.iter().any(|word| is(word, "do"))
        && words
            .iter()
            .all(|word| is(word, "do") || opens_a_sentence(word))
}

/// What help is asked about, without what only makes a sentence of it.
pub(super) fn topic(words: &[String]) -> Option<&String> {
    let is_topic = |word: &&String| !opens_a_sentence(word) && !ASIDE.contains(&&*folded(word));
    words.iter().find(is_topic)
}

fn opens_a_sentence(word: &str) -> bool {
    let word = folded(word);
    [OPENING, QUESTION, COURTESY]
        .iter()
        .any(|list| list.contains(&word.as_str()))
}

/// The words without courtesies, and without what else may be left out.
pub(super) fn without(words: &[String], left_out: LeftOut) -> Vec<String> {
    let kept = kept(words, left_out);
    match kept.as_slice() {
        // A number alone is how many, so that the label is what it is about.
        [only] if is_number(only) => self::kept(words, LeftOut::Nothing),
        _ => kept,
    }
}

fn kept(words: &[String], left_out: LeftOut) -> Vec<String> {
    let mut kept = Vec::new();
    let mut rest = words;
    while let Some((word, following)) = rest.split_first() {
        rest = following;
        let word_is = folded(word);
        let next_is = following.first().map(|next| folded(next));
        // "for me" names nobody's repository.
        if word_is == "for" && matches!(next_is.as_deref(), Some("me" | "us")) {
            rest = &following[1..];
        } else if !COURTESY.contains(&word_is.as_str()) && !left_out.holds(&word_is) {
            kept.push(word.clone());
        }
    }
    kept
}

/// In lower case, with the apostrophe that keyboards have.
fn folded(word: &str) -> String {
    word.to_lowercase().replace('\u{2019}', "'")
}
