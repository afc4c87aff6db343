//! The catalogue is whole: each message is there in every language, needs the
//! same, and says something.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

use super::{catalogue::TABLE, *};

/// Messages that are the same in Korean: they have no words of their own.
const THE_SAME: [&str; 2] = ["stale-banner", "waiting-place"];

/// Messages that have no Korean word, because they hold no more than signs and
/// the name of a time zone.
const WITHOUT_WORDS: [&str; 3] = ["stale-before", "time-clock", "time-date"];

/// Variables that are always numbers; a Korean unit may follow them without a
/// space.
const NUMBERS: [&str; 11] = [
    "number", "minutes", "hours", "days", "seconds", "most", "least", "done", "total", "line",
    "column",
];

/// Names of the variables of a message, wherever they stand in it.
type Variables = BTreeSet<String>;

/// What is read of a language's file, each message by its id.
fn messages(language: Language) -> BTreeMap<String, Pattern<&'static str>> {
    let resource = parser::parse(language.messages()).expect("every line is read");
    let mut messages = BTreeMap::new();
    for entry in resource.body {
        let message = match entry {
            Entry::Message(message) => message,
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
            other => panic!("{language}: neither message nor comment: {other:?}"),
        };
        let id = message.id.name.to_owned();
        assert!(message.attributes.is_empty(), "{id} has attributes");
        let value = message.value.expect("a message says something");
        let before = messages.insert(id, value);
        assert!(before.is_none(), "{language}: a message is there twice");
    }
    messages
}

fn variables(pattern: &Pattern<&str>, found: &mut Variables) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else {
            continue;
        };
        match expression {
            Expression::Inline(inline) => variable(inline, found),
            Expression::Select { selector, variants } => {
                variable(selector, found);
                for variant in variants {
                    variables(&variant.value, found);
                }
            }
        }
    }
}

fn variable(inline: &InlineExpression<&str>, found: &mut Variables) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { .. } => {}
        other => panic!("neither variable nor text: {other:?}"),
    }
}

fn variables_of(pattern: &Pattern<&str>) -> Variables {
    let mut found = Variables::new();
    variables(pattern, &mut found);
    found
}

fn is_hangul(c: char) -> bool {
    matches!(c, '가'..='힣')
}

#[test]
fn no_language_lacks_a_message_or_what_it_needs() {
    let table: BTreeMap<String, Variables> = TABLE
        .iter()
        .map(|(name, needs)| {
            let needs = needs.iter().map(|&need| need.to_owned()).collect();
            (name.replace('_', "-"), needs)
        })
        .collect();
    assert_eq!(table.len(), TABLE.len(), "a name is there twice");
    for language in Language::ALL {
        let read: BTreeMap<_, _> = messages(language)
            .iter()
            .map(|(id, pattern)| (id.clone(), variables_of(pattern)))
            .collect();
        for (id, needs) in &table {
            assert_eq!(read.get(id), Some(needs), "{language}: {id}");
        }
        let unknown: Vec<_> = read.keys().filter(|id| !table.contains_key(*id)).collect();
        assert!(unknown.is_empty(), "{language}: nobody says {unknown:?}");
    }
}

/// As people would see it, with each variable as a word, and numbers as both 1
/// and 2: each form of a plural is said.
fn said(language: Language, id: &str, needs: &[&str]) -> Vec<String> {
    let bundle = Words::new(language).bundle();
    let message = bundle.get_message(id).expect("it is there");
    let pattern = message.value().expect("it says something");
    let say = |number: u8| {
        let arguments: FluentArgs<'_> = needs
            .iter()
            .map(|&need| match NUMBERS.contains(&need) {
                true => (need, FluentValue::from(number)),
                false => (need, FluentValue::from(format!("<{need}>"))),
            })
            .collect();
        let mut problems = Vec::new();
        let said = bundle.format_pattern(pattern, Some(&arguments), &mut problems);
        assert!(problems.is_empty(), "{language}: {id}: {problems:?}");
        said.into_owned()
    };
    vec![say(1), say(2)]
}

#[test]
fn every_message_says_something_of_its_own_in_every_language() {
    for (name, needs) in TABLE {
        let id = name.replace('_', "-");
        let [english, korean] = Language::ALL.map(|language| said(language, &id, needs));
        for text in english.iter().chain(&korean) {
            assert!(!text.trim().is_empty(), "{id} is empty");
            // Isolation marks, or what Fluent leaves of a variable it does not know.
            assert!(!text.contains(['\u{2068}', '$']), "{id}: {text}");
        }
        let is_listed = |list: &[&str]| list.contains(&id.as_str());
        let is_the_same = english == korean;
        assert_eq!(is_the_same, is_listed(&THE_SAME), "{id}: {korean:?}");
        let is_korean = korean.iter().any(|text| text.contains(is_hangul));
        let has_no_words = is_the_same || is_listed(&WITHOUT_WORDS);
        assert_eq!(is_korean, !has_no_words, "{id}: {korean:?}");
        assert!(
            !english.iter().any(|text| text.contains(is_hangul)),
            "{id}: {english:?}"
        );
    }
}

/// A particle depends on the last sound of the word before it, and markup ends
/// only at a space or a punctuation mark.
#[test]
fn no_korean_syllable_clings_to_what_is_put_in() {
    for (name, needs) in TABLE {
        let words: Vec<_> = needs
            .iter()
            .filter(|need| !NUMBERS.contains(need))
            .collect();
        for text in said(Language::Korean, &name.replace('_', "-"), needs) {
            for word in &words {
                let put_in = format!("<{word}>");
                let clings = text.match_indices(&put_in).any(|(at, _)| {
                    let after = text[at + put_in.len()..].chars().next();
                    let before = text[..at].chars().next_back();
                    after.is_some_and(is_hangul)
                        || before.is_some_and(is_hangul) && !may_begin_with_a_mark(word)
                });
                // Slack shows bold only between spaces and punctuation marks.
                assert!(!clings, "{name}: {text}");
            }
        }
    }
}

/// Nor does Slack show code between letters.
#[test]
fn no_letter_clings_to_code() {
    for language in Language::ALL {
        for (name, needs) in TABLE {
            for text in said(language, &name.replace('_', "-"), needs) {
                let ticks: Vec<_> = text.match_indices('`').map(|(at, _)| at).collect();
                assert!(ticks.len().is_multiple_of(2), "{name}: {text}");
                for (number, at) in ticks.into_iter().enumerate() {
                    let beside = match number % 2 {
                        0 => text[..at].chars().next_back(),
                        _ => text[at + 1..].chars().next(),
                    };
                    let clings = beside.is_some_and(char::is_alphanumeric);
                    assert!(!clings, "{language}: {name}: {text}");
                }
            }
        }
    }
}

/// What begins with a colon or a parenthesis, or is nothing.
fn may_begin_with_a_mark(variable: &str) -> bool {
    ["detail", "names", "allowed", "counted", "compare"].contains(&variable)
}

/// One tone throughout: 해요체.
#[test]
fn korean_keeps_to_one_tone() {
    for (name, needs) in TABLE {
        let text = said(Language::Korean, &name.replace('_', "-"), needs).join("\n");
        for other in ["니다", "니까", "십시오"] {
            assert!(!text.contains(other), "{name}: {text}");
        }
    }
}

#[test]
fn a_locale_of_slack_tells_the_language() {
    for (locale, language) in [
        ("en-US", Some(Language::English)),
        ("en-GB", Some(Language::English)),
        ("ko-KR", Some(Language::Korean)),
        ("ko", Some(Language::Korean)),
        ("KO_kr", Some(Language::Korean)),
        ("de-DE", None),
        ("kok-IN", None),
        ("", None),
    ] {
        assert_eq!(Language::from_locale(locale), language, "{locale}");
    }
}

#[test]
fn plurals_follow_the_rules_of_the_language() {
    let [english, korean] = Language::ALL.map(Words::new);
    let commits = |words: Words| [0, 1, 2, 21].map(|number| words.text_commits(number).to_string());
    assert_eq!(
        commits(english),
        ["0 commits", "1 commit", "2 commits", "21 commits"]
    );
    assert_eq!(
        commits(korean),
        ["커밋 0개", "커밋 1개", "커밋 2개", "커밋 21개"]
    );
    assert_eq!(
        english.text_commits(i32::MAX).as_str(),
        "2147483647 commits"
    );
}

#[test]
fn what_is_put_in_is_put_in_as_it_is() {
    let outside = "{ $who } { text-someone } \u{7b}\"x\"} *";
    let said = Words::new(Language::English).text_asked_by(Mrkdwn::ours(outside));
    assert_eq!(said.to_string(), format!("asked by {outside}"));
}
