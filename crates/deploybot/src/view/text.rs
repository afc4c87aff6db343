//! How words become Slack's markup: the one gate through which text from
//! outside reaches a message.
//!
//! Slack escapes `&`, `<` and `>` and nothing else: `*`, `_`, `~` and the
//! backtick have no escape, so that they are shown by look-alikes. Lines are
//! folded, control characters made visible, text that runs from right to left
//! kept from turning what stands beside it.

mod unmarked;

use std::fmt::Display;

use deploy_proto::v1;
use unicode_segmentation::UnicodeSegmentation as _;
use url::Url;

use super::block::{Block, Mrkdwn};
use crate::{command::is_unprintable, words::Words};

pub(super) use unmarked::without_markup;

/// Longest headline of a commit, in characters as people count them.
const HEADLINE: usize = 72;
/// Longest name: of an environment, a check, a person.
pub(super) const NAME: usize = 30;
/// Longest sentence from outside: why something failed, what a step says.
pub(super) const SENTENCE: usize = 200;
/// What a command in a channel begins with.
pub(super) const MENTION: &str = "@deploybot ";
/// Longest line to copy: that of the longest names is shown whole.
const LINE: usize = 200;
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
    Mrkdwn::ours(isolated(cut(
        &visible(text),
        most,
        |before, c, after| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '*' => "\u{2217}".to_owned(),
            '~' => "\u{223c}".to_owned(),
            '`' => "\u{2cb}".to_owned(),
            // Inside a word it formats nothing.
            '_' if !(is_letter(before) && is_letter(after)) => "\u{2cd}".to_owned(),
            other => other.to_string(),
        },
    )))
}

/// The first line of a commit's message; one may be empty.
pub(super) fn headline(words: Words, headline: &str) -> Mrkdwn {
    match prose(headline, HEADLINE) {
        empty if empty.is_empty() => words.text_no_message(),
        headline => headline,
    }
}

/// Text from outside in code ticks.
pub(super) fn code(text: &str, most: usize) -> Mrkdwn {
    // The marks stand outside, so that they are not copied with the words.
    Mrkdwn::ours(isolated(format!("`{}`", inside_code(text, most))))
}

/// Text from outside in bold.
pub(super) fn bold(text: &str, most: usize) -> Mrkdwn {
    Mrkdwn::ours(format!("*{}*", prose(text, most)))
}

/// Text from outside for a plain label: visible and cut, nothing to escape.
pub(super) fn plain(text: &str, most: usize) -> String {
    isolated(cut(&visible(text), most, |_, c, _| c.to_string()))
}

/// A link; the label alone where the address is not one to send people to.
pub(super) fn link(address: &str, label: impl Display) -> Mrkdwn {
    match safe_address(address) {
        Some(address) => Mrkdwn::ours(format!("<{address}|{label}>")),
        None => Mrkdwn::ours(label.to_string()),
    }
}

/// A link or, where there is no address to send people to, nothing.
pub(super) fn link_if_any(address: &str, label: impl Display) -> Option<Mrkdwn> {
    safe_address(address).map(|address| Mrkdwn::ours(format!("<{address}|{label}>")))
}

/// A commit as a short SHA in code ticks, linked.
pub(super) fn commit(commit: &v1::Commit) -> Mrkdwn {
    let short = inside_code(short_sha(&commit.sha), 40);
    Mrkdwn::ours(isolated(format!("`{}`", link(&commit.url, short))))
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
pub(super) fn mention(words: Words, person: Option<&v1::Person>) -> Mrkdwn {
    let slack = person.map_or("", |person| person.slack.as_str());
    let is_slack_id = slack.starts_with(['U', 'W'])
        && slack.len() <= 30
        && slack
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_slack_id {
        Mrkdwn::ours(format!("<@{slack}>"))
    } else {
        name(words, person)
    }
}

/// A channel, by a link to it that shows its name to those who may see it.
pub(super) fn channel(id: &str) -> Mrkdwn {
    let is_id = id.starts_with(['C', 'G', 'D'])
        && id.len() <= 30
        && id
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_id {
        Mrkdwn::ours(format!("<#{id}>"))
    } else {
        prose(id, NAME)
    }
}

/// Names a person without notifying them.
pub(super) fn name(words: Words, person: Option<&v1::Person>) -> Mrkdwn {
    let known = person.and_then(|person| {
        [&person.name, &person.github]
            .into_iter()
            .find(|name| !name.trim().is_empty())
    });
    known.map_or_else(|| words.text_someone(), |name| prose(name, NAME))
}

/// A line to copy: the bot's mention and a command, in code ticks.
pub(super) fn line(command: &str) -> Mrkdwn {
    code(&format!("{MENTION}{command}"), LINE)
}

/// Its lines to copy without the bot's mention. No text from outside can begin code.
pub(super) fn without_mention(text: &Mrkdwn) -> Mrkdwn {
    Mrkdwn::ours(text.as_str().replace(&format!("`{MENTION}"), "`"))
}

/// Names in code ticks, the first `most` of them: "`a`, `b` and 2 more".
pub(super) fn list(words: Words, names: &[String], most: usize) -> Mrkdwn {
    enumerated(words, names, most, |name| code(name, NAME))
}

/// Names as running text, the first `most` of them: "a, b and 2 more".
pub(super) fn names(words: Words, names: &[String], most: usize) -> Mrkdwn {
    enumerated(words, names, most, |name| prose(name, NAME))
}

/// The same in bold.
pub(super) fn bold_names(words: Words, names: &[String], most: usize) -> Mrkdwn {
    enumerated(words, names, most, |name| bold(name, NAME))
}

fn enumerated(
    words: Words,
    names: &[String],
    most: usize,
    write: impl Fn(&str) -> Mrkdwn,
) -> Mrkdwn {
    let shown = joined(", ", names.iter().take(most).map(|name| write(name)));
    match names.len().saturating_sub(most) {
        0 => shown,
        more => words.text_and_more(shown, more),
    }
}

/// Parts of a line with a middle dot between them; empty parts are left out.
pub(super) fn dotted(parts: impl IntoIterator<Item = Mrkdwn>) -> Mrkdwn {
    joined(" · ", parts)
}

/// Sentences one after the other; empty ones are left out.
pub(super) fn sentences(sentences: impl IntoIterator<Item = Mrkdwn>) -> Mrkdwn {
    joined(" ", sentences)
}

/// Lines below each other; empty ones are left out.
pub(super) fn lines(lines: impl IntoIterator<Item = Mrkdwn>) -> Mrkdwn {
    joined("\n", lines)
}

/// Parts with something between them; empty parts are left out.
pub(super) fn joined(between: &str, parts: impl IntoIterator<Item = Mrkdwn>) -> Mrkdwn {
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(Mrkdwn::into_string)
        .collect();
    Mrkdwn::ours(parts.join(between))
}

/// Parts put together two by two, from the first on; nothing where there are none.
pub(super) fn folded(
    parts: impl IntoIterator<Item = Mrkdwn>,
    together: impl Fn(Mrkdwn, Mrkdwn) -> Mrkdwn,
) -> Mrkdwn {
    parts.into_iter().reduce(together).unwrap_or_default()
}

/// Something of ours, such as a symbol or a mention, before a sentence.
pub(super) fn led(by: impl Display, sentence: impl Display) -> Mrkdwn {
    Mrkdwn::ours(format!("{by} {sentence}"))
}

/// A section without a button.
pub(super) fn section(text: Mrkdwn) -> Block {
    Block::Section { text, button: None }
}

/// Lines in as few sections as Slack allows.
pub(super) fn sections(lines: impl IntoIterator<Item = Mrkdwn>) -> Vec<Block> {
    pack(lines).into_iter().map(section).collect()
}

/// Lines joined into paragraphs that each fit a section.
pub(super) fn pack(lines: impl IntoIterator<Item = Mrkdwn>) -> Vec<Mrkdwn> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut used = 0;
    for line in lines {
        let more = length(line.as_str());
        match paragraphs.last_mut() {
            Some(last) if used + 1 + more <= SECTION => {
                last.push('\n');
                last.push_str(line.as_str());
                used += 1 + more;
            }
            _ => {
                paragraphs.push(line.into_string());
                used = more;
            }
        }
    }
    paragraphs.into_iter().map(Mrkdwn::ours).collect()
}

/// Length as the strictest reading of Slack's limits counts it: in UTF-16 units.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Text from outside for between code ticks.
pub(super) fn inside_code(text: &str, most: usize) -> String {
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
    out
}

/// Kept from turning what stands beside it.
fn isolated(text: String) -> String {
    if text.chars().any(runs_right_to_left) {
        format!("\u{2068}{text}\u{2069}")
    } else {
        text
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
mod tests;
