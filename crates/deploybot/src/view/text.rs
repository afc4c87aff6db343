//! How words become Slack's markup: the one gate through which text from
//! outside reaches a message.
//!
//! Slack escapes `&`, `<` and `>` and nothing else: `*`, `_`, `~` and the
//! backtick have no escape, so that they are shown by look-alikes. Lines are
//! folded, control characters made visible, text that runs from right to left
//! kept from turning what stands beside it.

use std::fmt::Display;

use deploy_proto::v1;
use unicode_segmentation::UnicodeSegmentation as _;
use url::Url;

use super::block::{Block, Mrkdwn};
use crate::command::is_unprintable;

/// Longest headline of a commit, in characters as people count them.
pub(super) const HEADLINE: usize = 72;
/// Longest name: of an environment, a check, a person.
pub(super) const NAME: usize = 30;
/// Longest sentence from outside: why something failed, what a step says.
pub(super) const SENTENCE: usize = 200;
/// How many of many are told to those who get the text alone.
pub(super) const SUMMARISED: usize = 5;
/// Slack's limit for a section.
pub(super) const SECTION: usize = 3000;

/// Longest address that is linked.
const ADDRESS: usize = 300;
/// A character with more marks on it than this is not text.
const MARKS: usize = 12;

/// Text from outside as running text of at most `most` characters, and never
/// more than twice that once escaped.
pub(super) fn prose(text: &str, most: usize) -> Mrkdwn {
    Mrkdwn::ours(cut(&visible(text), most, |before, c, after| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '*' => "\u{2217}".to_owned(),
        '~' => "\u{223c}".to_owned(),
        '`' => "\u{2cb}".to_owned(),
        // Inside a word it formats nothing.
        '_' if !(is_letter(before) && is_letter(after)) => "\u{2cd}".to_owned(),
        other => other.to_string(),
    }))
}

/// Text from outside in code ticks.
pub(super) fn code(text: &str, most: usize) -> Mrkdwn {
    Mrkdwn::ours(format!("`{}`", code_text(text, most)))
}

/// Text from outside in bold.
pub(super) fn bold(text: &str, most: usize) -> Mrkdwn {
    Mrkdwn::ours(format!("*{}*", prose(text, most)))
}

/// Text from outside for a plain label: visible and cut, nothing to escape.
pub(super) fn plain(text: &str, most: usize) -> String {
    cut(&visible(text), most, |_, c, _| c.to_string())
}

/// A link; the label alone where the address is not one to send people to.
pub(super) fn link(address: &str, label: impl Display) -> Mrkdwn {
    match safe_address(address) {
        Some(address) => Mrkdwn::ours(format!("<{address}|{label}>")),
        None => Mrkdwn::ours(label.to_string()),
    }
}

/// A link or, where there is no address to send people to, nothing.
pub(super) fn link_if_any(address: &str, label: &str) -> Option<Mrkdwn> {
    safe_address(address).map(|address| Mrkdwn::ours(format!("<{address}|{label}>")))
}

/// A commit as a short SHA in code ticks, linked.
pub(super) fn commit(commit: &v1::Commit) -> Mrkdwn {
    let short = code_text(short_sha(&commit.sha), 40);
    Mrkdwn::ours(format!("`{}`", link(&commit.url, short)))
}

/// A SHA in code ticks.
pub(super) fn sha(sha: &str) -> Mrkdwn {
    code(short_sha(sha), 40)
}

/// The first 7 digits of a whole SHA; what else was asked for, as it is.
pub(super) fn short_sha(sha: &str) -> &str {
    let is_whole = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_whole { &sha[..7] } else { sha }
}

/// A repository's name without its owner, in bold.
pub(super) fn repository(repository: &str) -> Mrkdwn {
    bold(bare_name(repository), NAME)
}

/// A repository's name without its owner.
pub(super) fn bare_name(repository: &str) -> &str {
    repository.rsplit('/').next().unwrap_or(repository)
}

/// Mentions a person, which notifies them; by name where Slack does not know them.
pub(super) fn mention(person: Option<&v1::Person>) -> Mrkdwn {
    let slack = person.map_or("", |person| person.slack.as_str());
    let is_slack_id = slack.starts_with(['U', 'W'])
        && slack.len() <= 30
        && slack
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_slack_id {
        Mrkdwn::ours(format!("<@{slack}>"))
    } else {
        name(person)
    }
}

/// Names a person without notifying them.
pub(super) fn name(person: Option<&v1::Person>) -> Mrkdwn {
    let known = person.and_then(|person| {
        [&person.name, &person.github]
            .into_iter()
            .find(|name| !name.trim().is_empty())
    });
    known.map_or_else(|| Mrkdwn::ours("someone"), |name| prose(name, NAME))
}

/// A line to copy: the bot's mention and a command, in code ticks.
pub(super) fn line(command: &str) -> Mrkdwn {
    code(&format!("@deploybot {command}"), 150)
}

/// Names in code ticks, the first `most` of them: "`a`, `b` and 2 more".
pub(super) fn list(names: &[String], most: usize) -> Mrkdwn {
    enumerated(names, most, |name| code(name, NAME))
}

/// Names as running text, the first `most` of them: "a, b and 2 more".
pub(super) fn names(names: &[String], most: usize) -> Mrkdwn {
    enumerated(names, most, |name| prose(name, NAME))
}

fn enumerated(names: &[String], most: usize, write: impl Fn(&str) -> Mrkdwn) -> Mrkdwn {
    let shown: Vec<_> = names
        .iter()
        .take(most)
        .map(|name| write(name).to_string())
        .collect();
    let more = match names.len().saturating_sub(most) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Mrkdwn::ours(format!("{}{more}", shown.join(", ")))
}

/// A number with its noun: "1 commit", "2 commits".
pub(super) fn count(number: i32, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// Parts of a line with a middle dot between them; empty parts are left out.
pub(super) fn dotted<T: Display>(parts: impl IntoIterator<Item = T>) -> String {
    let parts: Vec<_> = parts
        .into_iter()
        .map(|part| part.to_string())
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" · ")
}

/// A section without a button.
pub(super) fn section(text: impl Into<String>) -> Block {
    Block::Section {
        text: Mrkdwn::ours(text),
        button: None,
    }
}

/// Lines in as few sections as Slack allows.
pub(super) fn sections(lines: impl IntoIterator<Item = String>) -> Vec<Block> {
    pack(lines).into_iter().map(section).collect()
}

/// Lines joined into paragraphs that each fit a section.
pub(super) fn pack(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut used = 0;
    for line in lines {
        let more = length(&line);
        match paragraphs.last_mut() {
            Some(last) if used + 1 + more <= SECTION => {
                last.push('\n');
                last.push_str(&line);
                used += 1 + more;
            }
            _ => {
                paragraphs.push(line);
                used = more;
            }
        }
    }
    paragraphs
}

/// Length as the strictest reading of Slack's limits counts it: in UTF-16 units.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn code_text(text: &str, most: usize) -> String {
    let text = visible(text);
    let shown = cut(&text, most, |_, c, _| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '`' => "\u{2cb}".to_owned(),
        other => other.to_string(),
    });
    // Empty ticks would show as two backticks.
    if shown.is_empty() {
        " ".to_owned()
    } else {
        shown
    }
}

/// White space folded to single spaces, and what does not print made visible.
fn visible(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words
        .join(" ")
        .chars()
        .map(|c| {
            if is_unprintable(c) {
                visible_control(c)
            } else {
                c
            }
        })
        .collect()
}

/// The picture of a control character, or the mark of one that has none.
fn visible_control(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

/// The first `most` characters as people count them, each written by `write`,
/// which is told the neighbours; an ellipsis stands for the rest.
fn cut(
    text: &str,
    most: usize,
    write: impl Fn(Option<char>, char, Option<char>) -> String,
) -> String {
    let mut out = String::new();
    let mut room = 2 * most - 1;
    let mut before = None;
    let mut graphemes = text.grapheme_indices(true).peekable();
    let mut shown = 0;
    while let Some((at, grapheme)) = graphemes.next() {
        let following = text[at + grapheme.len()..].chars().next();
        let mut written = String::new();
        let mut characters = grapheme.chars().take(MARKS).peekable();
        while let Some(c) = characters.next() {
            written.push_str(&write(before, c, characters.peek().copied().or(following)));
            before = Some(c);
        }
        let is_last_place = shown + 1 == most && graphemes.peek().is_some();
        if is_last_place || length(&written) > room {
            out.push('…');
            break;
        }
        room -= length(&written);
        shown += 1;
        out.push_str(&written);
    }
    if out.chars().any(runs_right_to_left) {
        format!("\u{2068}{out}\u{2069}")
    } else {
        out
    }
}

fn is_letter(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric())
}

/// Letters of scripts that run from right to left.
fn runs_right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
    )
}

/// An http address without a user in it, that can't end the link it stands in.
fn safe_address(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if !is_web || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let escaped = url
        .as_str()
        .replace('|', "%7C")
        .replace('<', "%3C")
        .replace('>', "%3E")
        .replace('&', "&amp;");
    (length(&escaped) <= ADDRESS).then_some(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        prose(text, 20).to_string()
    }

    #[test]
    fn outside_text_can_not_mention_format_or_link() {
        for (text, expected) in [
            (
                "Add <!channel> & <@U1>",
                "Add &lt;!channel&gt; &amp; &lt;@U1&gt;",
            ),
            ("*bold* _it_ ~no~ `x`", "∗bold∗ ˍitˍ ∼no∼ ˋxˋ"),
            ("snake_case_name", "snake_case_name"),
            ("_private", "ˍprivate"),
            ("&lt;", "&amp;lt;"),
            ("one\n\n two\ttabs", "one two tabs"),
            ("bell\u{7}back\u{202e}wards", "bell␇back\u{fffd}wards"),
            ("שלום", "\u{2068}שלום\u{2069}"),
            ("", ""),
        ] {
            assert_eq!(prose(text, 40).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn text_is_cut_between_characters_as_people_see_them() {
        assert_eq!(shown("12345678901234567890"), "12345678901234567890");
        assert_eq!(shown("123456789012345678901"), "1234567890123456789…");
        // A flag is two code points, a family is seven: whole or not at all.
        assert_eq!(shown(&"🇰🇷".repeat(30)), format!("{}…", "🇰🇷".repeat(9)));
        assert_eq!(
            shown("123456789012345678 e\u{301}e\u{301}e\u{301}"),
            "123456789012345678 …"
        );
        // Escapes count: never more than twice the length.
        assert!(length(&shown(&"&".repeat(100))) <= 40);
        assert!(length(&shown(&format!("a{}", "\u{301}".repeat(1000)))) <= 40);
    }

    #[test]
    fn code_can_not_be_left() {
        assert_eq!(code("a`b <!here>", 20).as_str(), "`aˋb &lt;!here&gt;`");
        assert_eq!(code("", 20).as_str(), "` `");
    }

    #[test]
    fn only_web_addresses_are_linked() {
        let link = |address: &str| link(address, "here").to_string();
        assert_eq!(
            link("https://github.com/a/b?x=1&y=2"),
            "<https://github.com/a/b?x=1&amp;y=2|here>"
        );
        assert_eq!(
            link("http://localhost:1/a|b>c"),
            "<http://localhost:1/a%7Cb%3Ec|here>"
        );
        for bad in [
            "",
            "javascript:alert(1)",
            "mailto:a@b",
            "//x",
            "https://github.com@evil.example/",
            "ftp://x/",
        ] {
            assert_eq!(link(bad), "here", "{bad}");
        }
        assert_eq!(link(&format!("https://x/{}", "a".repeat(400))), "here");
    }

    #[test]
    fn people_are_mentioned_only_by_a_real_id() {
        let person = |slack: &str, github: &str, name: &str| v1::Person {
            slack: slack.into(),
            github: github.into(),
            name: name.into(),
        };
        assert_eq!(
            mention(Some(&person("U1MINJI", "minji", "Minji"))).as_str(),
            "<@U1MINJI>"
        );
        assert_eq!(
            name(Some(&person("U1MINJI", "minji", "Minji"))).as_str(),
            "Minji"
        );
        assert_eq!(
            mention(Some(&person("U1> <!channel", "", "Eve"))).as_str(),
            "Eve"
        );
        assert_eq!(mention(Some(&person("", "joon", ""))).as_str(), "joon");
        assert_eq!(mention(None).as_str(), "someone");
    }

    #[test]
    fn lines_are_packed_into_sections() {
        let lines = (0..10).map(|_| "x".repeat(999));
        let lengths: Vec<_> = pack(lines).iter().map(|text| length(text)).collect();
        assert_eq!(lengths, [2999, 2999, 2999, 999]);
    }
}
