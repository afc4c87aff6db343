//! Text as a person types it, and as Slack passes it on.

use serde_json::{Value, json};

use super::ids::{ChannelId, UserId};

/// Finds who or what a typed name means.
pub(super) struct Names<'a> {
    /// The user of `@name`.
    pub(super) user: &'a dyn Fn(&str) -> Option<UserId>,
    /// The channel of `#name`.
    pub(super) channel: &'a dyn Fn(&str) -> Option<ChannelId>,
}

/// Typed text as Slack's client sends it: `&`, `<`, `>` escaped, names of
/// people and channels made into references, addresses into links. A name that
/// nobody has stays as typed.
pub(super) fn from_typed(typed: &str, names: &Names<'_>) -> String {
    let mut wire = String::with_capacity(typed.len());
    let mut rest = typed;
    let mut at_word_start = true;
    while let Some(letter) = rest.chars().next() {
        let special = at_word_start.then(|| special(rest, names)).flatten();
        if let Some((length, text)) = special {
            wire.push_str(&text);
            rest = &rest[length..];
            at_word_start = false;
        } else {
            push_escaped(&mut wire, letter);
            rest = &rest[letter.len_utf8()..];
            at_word_start = !letter.is_alphanumeric();
        }
    }
    wire
}

/// Escapes text for a place where it must mean nothing but itself.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        push_escaped(&mut escaped, letter);
    }
    escaped
}

fn push_escaped(wire: &mut String, letter: char) {
    match letter {
        '&' => wire.push_str("&amp;"),
        '<' => wire.push_str("&lt;"),
        '>' => wire.push_str("&gt;"),
        other => wire.push(other),
    }
}

/// The reference or link that the text begins with, and its length as typed.
fn special(rest: &str, names: &Names<'_>) -> Option<(usize, String)> {
    if let Some(after) = rest.strip_prefix('@') {
        let name = leading_name(after);
        let reference = match name {
            "channel" | "here" | "everyone" => format!("<!{name}>"),
            _ => format!("<@{}>", (names.user)(name)?),
        };
        return Some((1 + name.len(), reference));
    }
    if let Some(after) = rest.strip_prefix('#') {
        let name = leading_name(after);
        let id = (names.channel)(name)?;
        return Some((1 + name.len(), format!("<#{id}|{name}>")));
    }
    if rest.starts_with("https://") || rest.starts_with("http://") {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let link = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '>', '"']);
        return Some((link.len(), format!("<{}>", escape(link))));
    }
    None
}

/// A name as Slack allows it: letters, digits, `-`, `_` and inner dots.
fn leading_name(text: &str) -> &str {
    let end = text
        .find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.')))
        .unwrap_or(text.len());
    text[..end].trim_end_matches(['.', '-'])
}

/// The `rich_text` block that Slack's client sends beside a person's text.
pub(super) fn rich_text(wire: &str, block_id: &str) -> Vec<Value> {
    let elements: Vec<Value> = parts(wire).map(|part| rich_text_element(&part)).collect();
    vec![json!({
        "type": "rich_text",
        "block_id": block_id,
        "elements": [{"type": "rich_text_section", "elements": elements}],
    })]
}

/// One stretch of wire text: plain, or what stands between `<` and `>`.
enum Part<'a> {
    Plain(&'a str),
    Reference(&'a str),
}

fn parts(wire: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = wire;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((reference, after)) = rest.strip_prefix('<').and_then(|r| r.split_once('>')) {
            rest = after;
            return Some(Part::Reference(reference));
        }
        // A `<` that nothing closes is text like any other.
        let next = rest
            .char_indices()
            .skip(1)
            .find(|(_, letter)| *letter == '<');
        let end = next.map_or(rest.len(), |(at, _)| at);
        let (plain, after) = rest.split_at(end);
        rest = after;
        Some(Part::Plain(plain))
    })
}

fn rich_text_element(part: &Part<'_>) -> Value {
    let reference = match part {
        Part::Plain(text) => return json!({"type": "text", "text": unescape(text)}),
        Part::Reference(reference) => *reference,
    };
    let (target, label) = reference
        .split_once('|')
        .map_or((reference, None), |(target, label)| (target, Some(label)));
    match target.split_at_checked(1) {
        Some(("@", user)) => json!({"type": "user", "user_id": user}),
        Some(("#", channel)) => json!({"type": "channel", "channel_id": channel}),
        Some(("!", range)) => json!({"type": "broadcast", "range": range}),
        _ => {
            let mut link = json!({"type": "link", "url": unescape(target)});
            if let Some(label) = label {
                link["text"] = json!(unescape(label));
            }
            link
        }
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> String {
        from_typed(
            text,
            &Names {
                user: &|name| (name == "deploybot").then(|| UserId::new("U0BOT")),
                channel: &|name| (name == "deploys").then(|| ChannelId::new("C0DEPLOYS")),
            },
        )
    }

    #[test]
    fn names_become_references() {
        assert_eq!(typed("@deploybot status people"), "<@U0BOT> status people");
        assert_eq!(typed("ask @deploybot."), "ask <@U0BOT>.");
        assert_eq!(
            typed("see #deploys, @here"),
            "see <#C0DEPLOYS|deploys>, <!here>"
        );
    }

    #[test]
    fn what_is_no_name_stays() {
        assert_eq!(
            typed("@deploybott me@deploybot #none @"),
            "@deploybott me@deploybot #none @"
        );
    }

    #[test]
    fn the_three_letters_are_escaped_and_nothing_else() {
        assert_eq!(
            typed("a < b && <!channel> *x*"),
            "a &lt; b &amp;&amp; &lt;!channel&gt; *x*"
        );
    }

    #[test]
    fn addresses_become_links() {
        assert_eq!(
            typed("see https://example.com/a?b=1&c=2."),
            "see <https://example.com/a?b=1&amp;c=2>."
        );
    }

    #[test]
    fn rich_text_holds_the_same() {
        let blocks = rich_text("<@U0BOT> ship &lt;it&gt; <http://a|b> é< x", "b1");
        assert_eq!(
            blocks[0]["elements"][0]["elements"],
            json!([
                {"type": "user", "user_id": "U0BOT"},
                {"type": "text", "text": " ship <it> "},
                {"type": "link", "url": "http://a", "text": "b"},
                {"type": "text", "text": " é"},
                {"type": "text", "text": "< x"},
            ])
        );
    }
}
