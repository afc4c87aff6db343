//! What somebody shows, repeats or takes back, they do not ask. A mention in code is
//! quoted: somebody shows how the bot is asked. (Slack's own clients make no mention
//! of what is typed in code; text that programs post, and text that was pasted, may
//! have one.) So is one in a block quote, which is how people repeat what another
//! said, and what is struck out is withdrawn. Code beside a mention is part of what is
//! asked; a quote and struck-out text are not.

use std::ops::Range;

use crate::slack::id::UserId;

/// How a line of a quote begins, and how all that follows becomes one.
const QUOTE: &str = "&gt;";
const QUOTE_TO_THE_END: &str = "&gt;&gt;&gt;";

/// What is left where text was struck out, which tells that something was: what is
/// left of a command may be another one.
const STRUCK: &str = " ~ ~ ";

/// The text without quotes, without what is struck out, and without the code that
/// mentions the bot. None where all its mentions were in those.
pub(super) fn asked(text: &str, me: &UserId) -> Option<String> {
    let meant = meant(text);
    let mut asked = String::with_capacity(meant.len());
    let mut from = 0;
    for code in codes(&meant) {
        asked.push_str(&meant[from..code.start]);
        from = code.end;
        let is_quoted = mentions(&meant[code.clone()], me);
        asked.push_str(if is_quoted { " " } else { &meant[code] });
    }
    asked.push_str(&meant[from..]);
    (mentions(&asked, me) || !mentions(text, me)).then_some(asked)
}

/// The text without quotes and without what is struck out.
pub(super) fn meant(text: &str) -> String {
    let text = without(text, &quotes(text), " ");
    without(&text, &struck(&text), STRUCK)
}

/// The text with a gap in place of each range.
fn without(text: &str, ranges: &[Range<usize>], gap: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges {
        kept.push_str(&text[from..range.start]);
        kept.push_str(gap);
        from = range.end;
    }
    kept.push_str(&text[from..]);
    kept
}

fn mentions(text: &str, me: &UserId) -> bool {
    text.match_indices("<@").any(|(at, opening)| {
        let inside = &text[at + opening.len()..];
        let id = inside.split(['>', '|']).next().unwrap_or_default();
        id.eq_ignore_ascii_case(me.as_str())
    })
}

/// Where the lines of quotes are. A line that begins so within code is none.
fn quotes(text: &str) -> Vec<Range<usize>> {
    let codes = codes(text);
    let mut quotes = Vec::new();
    let mut begin = 0;
    while begin < text.len() {
        let end = end_of_line(text, begin, &codes);
        let line = text[begin..end].trim_start();
        if line.starts_with(QUOTE_TO_THE_END) {
            quotes.push(begin..text.len());
            return quotes;
        }
        if line.starts_with(QUOTE) {
            quotes.push(begin..end);
        }
        begin = end + 1;
    }
    quotes
}

/// Where the line ends that begins there; code that is begun on it ends first.
fn end_of_line(text: &str, begin: usize, codes: &[Range<usize>]) -> usize {
    let breaks = text[begin..].match_indices('\n');
    let mut ends = breaks.map(|(at, _)| begin + at);
    ends.find(|end| !is_within(codes, *end))
        .unwrap_or(text.len())
}

/// Where the text is that is struck out: between two `~` on a line, that cling to it
/// on the inside and to no letter on the outside. What code and links hold are none.
fn struck(text: &str) -> Vec<Range<usize>> {
    let plain = [codes(text), angles(text)].concat();
    let mut struck = Vec::new();
    let mut opened: Option<usize> = None;
    for (at, character) in text.char_indices() {
        if character == '\n' && !is_within(&plain, at) {
            opened = None;
        }
        if character != '~' || is_within(&plain, at) {
            continue;
        }
        let before = text[..at].chars().next_back();
        let after = text[at + 1..].chars().next();
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_gap = |c: Option<char>| c.is_none_or(char::is_whitespace);
        match opened {
            Some(begin) if begin + 1 < at && !is_gap(before) && !is_letter(after) => {
                struck.push(begin..at + 1);
                opened = None;
            }
            _ if !is_letter(before) && !is_gap(after) => opened = Some(at),
            _ => {}
        }
    }
    struck
}

/// Where mentions and links are.
fn angles(text: &str) -> Vec<Range<usize>> {
    let opened = text.match_indices('<');
    let closed = |(at, _): (usize, &str)| Some(at..at + text[at..].find('>')? + 1);
    opened.map_while(closed).collect()
}

fn is_within(ranges: &[Range<usize>], at: usize) -> bool {
    ranges.iter().any(|range| range.contains(&at))
}

/// Where code is, ticks included.
fn codes(text: &str) -> Vec<Range<usize>> {
    let mut codes = Vec::new();
    let mut from = 0;
    while let Some((begin, end)) = code(&text[from..]) {
        codes.push(from + begin..from + end);
        from += end;
    }
    codes
}

/// Where the first code begins and ends: between three ticks, or between one and
/// the next on the same line.
fn code(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text[from..].find('`') {
        let begin = from + found;
        let fence = if text[begin..].starts_with("```") {
            "```"
        } else {
            "`"
        };
        let inside = begin + fence.len();
        match text[inside..].find(fence) {
            Some(length) if fence.len() > 1 || !text[inside..inside + length].contains('\n') => {
                return Some((begin, inside + length + fence.len()));
            }
            _ => from = inside,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        asked(text, &UserId::from("U0BOT"))
    }

    #[test]
    fn a_mention_in_code_asks_for_nothing() {
        for quoted in [
            "`<@U0BOT> deploy people production a1b2c3d`",
            "write `<@U0BOT> status people` and see",
            "```<@U0BOT> status people```",
            "```\n<@U0BOT> help\n`x`\n```",
            "`<@u0bot|deploybot> help`",
        ] {
            assert_eq!(of(quoted), None, "{quoted}");
        }
    }

    #[test]
    fn code_beside_a_mention_is_part_of_what_is_asked() {
        for asked in [
            "<@U0BOT> status people",
            "<@U0BOT> deploy people production `a1b2c3d`",
            "<@U0BOT> ```status people```",
            "<@U0BOT> `status <@U1JOON>`",
            "a stray ` and <@U0BOT> help",
            "two strays ` on\n<@U0BOT> help `",
            "an open ``` and <@U0BOT> help",
            "no mention at all",
            "",
        ] {
            assert_eq!(of(asked).as_deref(), Some(asked));
        }
    }

    #[test]
    fn a_quoted_command_beside_a_mention_is_left_out() {
        assert_eq!(
            of("is `<@U0BOT> deploy people production a1b2c3d` right? <@U0BOT> help").as_deref(),
            Some("is   right? <@U0BOT> help")
        );
    }

    #[test]
    fn a_mention_in_a_quote_or_in_struck_text_asks_for_nothing() {
        for quoted in [
            "&gt; <@U0BOT> deploy people production a1b2c3d",
            "&gt; <@U0BOT> deploy people production a1b2c3d\nthanks!",
            "look:\n&gt;<@U0BOT> deploy people production `a1b2c3d`\ndone",
            "&gt;&gt;&gt; he said\n<@U0BOT> deploy people production a1b2c3d",
            "&gt; ```\n<@U0BOT> help\n```\nso it goes",
            "~<@U0BOT> deploy people production a1b2c3d~",
            "*~<@U0BOT> deploy people production a1b2c3d~* never mind",
            "~<@U0BOT> deploy people production `a1b2c3d`~.",
        ] {
            assert_eq!(of(quoted), None, "{quoted}");
        }
    }

    #[test]
    fn quotes_and_struck_text_beside_a_mention_are_left_out() {
        for (text, asked) in [
            (
                "<@U0BOT> ~deploy people production a1b2c3d~",
                "<@U0BOT>  ~ ~ ",
            ),
            (
                "<@U0BOT> deploy people ~staging~ production a1b2c3d",
                "<@U0BOT> deploy people  ~ ~  production a1b2c3d",
            ),
            (
                "&gt; deploy people production a1b2c3d\n<@U0BOT> help",
                " \n<@U0BOT> help",
            ),
            (
                "~<@U0BOT> deploy people production a1b2c3d~ <@U0BOT> help",
                " ~ ~  <@U0BOT> help",
            ),
        ] {
            assert_eq!(of(text).as_deref(), Some(asked), "{text}");
        }
        assert_eq!(meant("~deploy people production a1b2c3d~"), STRUCK);
    }

    #[test]
    fn signs_that_quote_nothing_and_strike_nothing_are_kept() {
        for asked in [
            "<@U0BOT> deploy people a1b2c3d -&gt; production",
            "<@U0BOT> status <https://h.test/~minji/people> ~",
            "안녕하세요~ <@U0BOT> status people~",
            "~5 of ~6 <@U0BOT> status people",
            "one ~ two\n<@U0BOT> status people ~",
            "<@U0BOT> ```\n&gt; status ~people~\n```",
            "~ <@U0BOT> status people ~",
        ] {
            assert_eq!(of(asked).as_deref(), Some(asked));
        }
    }
}
