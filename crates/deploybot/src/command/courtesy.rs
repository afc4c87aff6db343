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
/// Anywhere, in Korean; ends of a sentence that say no more than please.
const KOREAN: &[&str] = &[
    "감사",
    "감사드려요",
    "감사드립니다",
    "감사합니다",
    "감사해요",
    "고마워",
    "고마워요",
    "고맙습니다",
    "그럼",
    "네",
    "넵",
    "바로",
    "배포봇",
    "보여",
    "보여주세요",
    "보여줘",
    "보여줘요",
    "부탁",
    "부탁드려요",
    "부탁드립니다",
    "부탁해",
    "부탁해요",
    "안녕",
    "안녕하세요",
    "알려",
    "알려주세요",
    "알려줘",
    "알려줘요",
    "여러분",
    "이제",
    "저기",
    "저기요",
    "제발",
    "좀",
    "주세요",
    "줘",
    "줘요",
    "지금",
    "해주세요",
    "해줘",
    "해줘요",
    "혹시",
];
/// Before the mention, besides.
const BEFORE: &[&str] = &[
    "all",
    "alright",
    "bot",
    "deploybot",
    "everyone",
    "folks",
    "great",
    "hello",
    "hey",
    "hi",
    "just",
    "let's",
    "lets",
    "ok",
    "okay",
    "so",
    "team",
    "yeah",
    "yep",
    "yes",
];
/// Before the mention, two words that are a courtesy only together.
const BEFORE_TOGETHER: &[[&str; 2]] = &[
    ["can", "you"],
    ["could", "you"],
    ["good", "afternoon"],
    ["good", "evening"],
    ["good", "morning"],
    ["thank", "you"],
    ["will", "you"],
    ["would", "you"],
];
/// Who is told so wants to hear no more than a word.
const GREETING: &[&str] = &["hello", "hey", "hi", "안녕", "안녕하세요"];
/// The same, afterwards.
const THANKS: &[&str] = &["thanks", "thx", "ty", "thank", "cheers"];
const KOREAN_THANKS: &[&str] = &["감사", "고마", "고맙"];
/// Between `help` and what it is about.
const ASIDE: &[&str] = &["about", "on", "out", "with"];
/// What the word beside it is; the commands tell that by place.
const LABELS: &[&str] = &["repo", "repository", "env", "environment", "service"];
/// In place of something that only people in the conversation know.
const POINTING: &[&str] = &["it", "this", "that", "these"];

/// In what only tells something: it is told anew each time.
const ANEW: &[&str] = &["again", "latest"];
/// Beside thanks: what they are for.
const THANKED_FOR: &[&str] = &[
    "all",
    "did",
    "done",
    "fixed",
    "for",
    "helped",
    "helps",
    "it",
    "lot",
    "much",
    "perfect",
    "that",
    "this",
    "very",
    "worked",
    "works",
    "덕분에",
    "되네요",
    "됐어요",
    "돼요",
    "잘",
    "정말",
    "해결됐어요",
];

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
    let command = rest.first().and_then(|word| CommandName::from_word(word));
    if is_question(opening) && command == Some(CommandName::Deploy) {
        words
    } else {
        rest
    }
}

/// Whether the words before the mention change nothing about what follows it.
pub(super) fn is_mere(words: &[String]) -> bool {
    let words: Vec<_> = words.iter().map(|word| folded(word)).collect();
    let mut rest = words.as_slice();
    while let Some((word, following)) = rest.split_first() {
        let word = word.as_str();
        let is_pair = |pair: &&[&str; 2]| {
            pair[0] == word && following.first().is_some_and(|next| next == pair[1])
        };
        rest = match BEFORE_TOGETHER.iter().find(is_pair) {
            Some(_) => &following[1..],
            // Who says `you` alone tells somebody what to do.
            None if is_courtesy(word) && word != "you" || BEFORE.contains(&word) => following,
            None => return false,
        };
    }
    true
}

/// What somebody says who asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Courtesy {
    /// They greet.
    Greeting,
    /// They thank.
    Thanks,
}

impl Courtesy {
    /// None where there is more to the words, or less.
    pub(super) fn alone(words: &[String]) -> Option<Self> {
        let is_thanks = |word: &String| {
            let word = folded(word);
            let is_korean = |start: &&str| word.starts_with(*start);
            THANKS.contains(&word.as_str()) || KOREAN_THANKS.iter().any(is_korean)
        };
        let is_greeting = |word: &String| GREETING.contains(&folded(word).as_str());
        let belongs_to_thanks =
            |word: &String| opens_a_sentence(word) || THANKED_FOR.contains(&folded(word).as_str());
        let is_only_thanks = words.iter().any(is_thanks) && words.iter().all(belongs_to_thanks);
        if is_only_thanks && !asks(words) {
            return Some(Self::Thanks);
        }
        let greets = are_only(words) && words.iter().any(is_greeting);
        greets.then_some(Self::Greeting)
    }
}

fn is_courtesy(word: &str) -> bool {
    COURTESY.contains(&word) || KOREAN.contains(&word)
}

/// Whether words, if there are any, ask for nothing.
pub(super) fn are_only(words: &[String]) -> bool {
    words.iter().all(|word| opens_a_sentence(word))
}

/// Whether a word among them asks.
pub(super) fn is_question(words: &[String]) -> bool {
    words
        .iter()
        .any(|word| QUESTION.contains(&folded(word).as_str()))
}

/// The same where `that is done` tells, and `is that done` asks.
fn asks(words: &[String]) -> bool {
    let tells = |at: usize| {
        let before = at.checked_sub(1).map(|before| folded(&words[before]));
        folded(&words[at]) == "is" && before.is_some_and(|it| POINTING.contains(&it.as_str()))
    };
    (0..words.len()).any(|at| is_question(&words[at..=at]) && !tells(at))
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

pub(super) fn opens_a_sentence(word: &str) -> bool {
    let word = folded(word);
    [OPENING, QUESTION, COURTESY, KOREAN]
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
        } else if !is_courtesy(&word_is) && !left_out.holds(&word_is) {
            kept.push(word.clone());
        }
    }
    kept
}

/// The words of what only tells something, without those that want it anew, which are
/// a name where only a number stands beside them.
pub(super) fn told_anew(words: &[String]) -> Vec<String> {
    let is_kept = |word: &&String| !ANEW.contains(&folded(word).as_str());
    let kept: Vec<_> = words.iter().filter(is_kept).cloned().collect();
    match kept.as_slice() {
        [only] if is_number(only) => words.to_vec(),
        _ => kept,
    }
}

/// In lower case, with the apostrophe that keyboards have.
pub(super) fn folded(word: &str) -> String {
    word.to_lowercase().replace('\u{2019}', "'")
}
