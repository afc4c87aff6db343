//! A mention in code is quoted: somebody shows how the bot is asked, and does not
//! ask it. (Slack's own clients make no mention of what is typed in code; text
//! that programs post, and text that was pasted, may have one.) Code beside a
//! mention is part of what is asked.

use crate::slack::id::UserId;

/// The text without the code that mentions the bot. None where all its mentions
/// were in code.
pub(super) fn asked(text: &str, me: &UserId) -> Option<String> {
    let mut asked = String::with_capacity(text.len());
    for (piece, is_code) in pieces(text) {
        let is_quoted = is_code && mentions(piece, me);
        asked.push_str(if is_quoted { " " } else { piece });
    }
    (mentions(&asked, me) || !mentions(text, me)).then_some(asked)
}

fn mentions(text: &str, me: &UserId) -> bool {
    text.match_indices("<@").any(|(at, opening)| {
        let inside = &text[at + opening.len()..];
        let id = inside.split(['>', '|']).next().unwrap_or_default();
        id.eq_ignore_ascii_case(me.as_str())
    })
}

/// The text in pieces, each with whether it is code, ticks included.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((begin, end)) = code(rest) {
        pieces.push((&rest[..begin], false));
        pieces.push((&rest[begin..end], true));
        rest = &rest[end..];
    }
    pieces.push((rest, false));
    pieces
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
}
