//! The way back: markup of ours as plain text, for what takes no markup.

use crate::view::block::Mrkdwn;

/// Markup of ours as plain text: links by their labels, code in quotation marks.
pub(in crate::view) fn without_markup(markup: &Mrkdwn) -> String {
    let mut plain = String::new();
    let mut in_code = false;
    let mut rest = markup.as_str();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '`' => {
                in_code = !in_code;
                plain.push(if in_code { '“' } else { '”' });
            }
            '*' if !in_code => {}
            '<' => {
                let (inside, after) = rest.split_once('>').unwrap_or((rest, ""));
                plain.push_str(inside.rsplit('|').next().unwrap_or(inside));
                rest = after;
            }
            other => plain.push(other),
        }
    }
    plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
