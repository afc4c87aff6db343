//! Words freed of all that typing, pasting and Slack put around them: formatting,
//! quotes, punctuation, emoji, spaces of every kind, characters that nobody sees.
//!
//! Within a word, what turns the direction of text stays in, as control
//! characters do: such a word is not what it looks like, and is refused later.
//! Around a word it comes from copying, and is taken off.

use super::signs::{is_emoji, says_no};

/// The words of a text, and the emoji in it that say no.
pub(super) fn clean(text: &str) -> Vec<String> {
    let text: String = decode_entities(text)
        .chars()
        .filter(|c| !is_invisible(*c))
        .collect();
    let words = || text.split(is_gap).flat_map(without_commas);
    // A `_` belongs to a name unless it comes as a pair around words.
    let starts = words().any(|word| word.starts_with('_'));
    let ends = words().any(|word| word.trim_end_matches(is_end).ends_with('_'));
    let italic = starts && ends;
    words().filter_map(|word| trim(word, italic)).collect()
}

/// The first emoji that says no. Its parts may be joined by what nobody sees, and it
/// is another one without.
pub(super) fn no_sign(text: &str) -> Option<String> {
    let sign = clean(text).into_iter().find(|word| says_no(word))?;
    let text = decode_entities(text);
    let is_around = |c: char| is_quote(c) || is_end(c) || turns_direction(c) || c == '_';
    let is_it = |word: &&str| word.chars().filter(|c| !is_invisible(*c)).eq(sign.chars());
    let words = text.split(is_gap).flat_map(without_commas);
    let written = words.map(|word| word.trim_matches(is_around)).find(is_it);
    Some(match written {
        Some(written) if !is_emoji(&sign) => written.to_owned(),
        _ => sign,
    })
}

/// No name has a tick in it, so that it parts words even where no space does.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || c == '`'
}

/// A comma parts words, but not the thousands of a number from the rest.
fn without_commas(word: &str) -> impl Iterator<Item = &str> {
    let bare = word.trim_matches(|c| is_quote(c) || is_end(c));
    let is_number = has_thousands(bare);
    word.split(move |c| c == ',' && !is_number)
}

/// `1,000`.
fn has_thousands(word: &str) -> bool {
    let is_made_of_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    word.split_once(',').is_some_and(|(first, rest)| {
        let is_first = (1..=3).contains(&first.len()) && is_made_of_digits(first);
        let is_group = |group: &str| group.len() == 3 && is_made_of_digits(group);
        is_first && rest.split(',').all(is_group)
    })
}

/// None where nothing is left: a word has a letter or a digit. A lone `?` is a
/// word all the same: it asks for help. So is an emoji that says no.
fn trim(word: &str, italic: bool) -> Option<String> {
    let is_around = |c: char| is_quote(c) || turns_direction(c) || (italic && c == '_');
    let bare = word.trim_matches(is_around);
    if bare == "?" {
        return Some(bare.to_owned());
    }
    let bare = bare.trim_end_matches(|c| is_end(c) && c != ':' || is_around(c));
    if is_emoji(bare) {
        return says_no(bare).then(|| bare.to_owned());
    }
    let bare = bare
        .trim_end_matches(|c| is_end(c) || is_around(c))
        .trim_start_matches(|c| is_around(c) || matches!(c, ':' | '!' | '?' | '@'));
    let bare = without_hash(bare);
    (bare.contains(char::is_alphanumeric) || says_no(bare)).then(|| bare.to_owned())
}

/// `#people` is a channel's name for a repository; `#41` is a pull request.
fn without_hash(word: &str) -> &str {
    match word.strip_prefix('#') {
        Some(name) if !name.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => word,
    }
}

/// Slack sends `&`, `<` and `>` as entities and nothing else; each is decoded
/// once, so that a typed `&lt;` stays as typed.
fn decode_entities(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Formatting and quotes of every kind.
fn is_quote(c: char) -> bool {
    matches!(
        c,
        '*' | '~'
            | '`'
            | '´'
            | '"'
            | '\''
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '<'
            | '>'
            | '\u{2018}'..='\u{201f}' | '«' | '»' | '‹' | '›' | '「' | '」'
    )
}

/// Punctuation that ends a sentence.
fn is_end(c: char) -> bool {
    matches!(c, '.' | ';' | ':' | '!' | '?' | '…' | '。' | '、')
}

/// What keeps text that runs from right to left together, or forces it to;
/// programs put it around what they copy.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters without width that change nothing: zero-width spaces and
/// joiners, soft hyphen, direction marks, variation selectors, fillers, tags.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
