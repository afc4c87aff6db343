//! Signs that are no words and change what is meant all the same: an emoji that says
//! no, and what is struck out.

/// Emoji that say no, by their names in Slack.
const NO: &[&str] = &[
    "-1",
    "hand",
    "man-gesturing-no",
    "negative_squared_cross_mark",
    "heavy_multiplication_x",
    "no_entry",
    "no_entry_sign",
    "no_good",
    "no_good_man",
    "no_good_woman",
    "octagonal_sign",
    "raised_hand",
    "thumbsdown",
    "woman-gesturing-no",
    "x",
];
/// The same as they are.
const NO_ITSELF: &[char] = &['👎', '✋', '❌', '❎', '✖', '⛔', '🚫', '🙅', '🛑'];

/// Whether a word is an emoji that says no, or several with one among them.
pub(super) fn says_no(word: &str) -> bool {
    match names(word) {
        Some(names) => names.split(':').any(|name| NO.contains(&name)),
        None => word.contains(NO_ITSELF) && !word.contains(char::is_alphanumeric),
    }
}

/// `:pray:`, as Slack writes emoji, also with a colour: `:wave::skin-tone-2:`.
pub(super) fn is_emoji(word: &str) -> bool {
    names(word).is_some()
}

fn names(word: &str) -> Option<&str> {
    let names = word.strip_prefix(':')?.strip_suffix(':')?;
    (!names.is_empty() && !names.contains('/')).then_some(names)
}

/// Whether something of a text may be struck out, which takes a `~` on both sides of
/// it. What is struck out piece by piece has them beside spaces as well. One behind a
/// letter of Korean is only a tone of voice.
pub(super) fn may_be_struck(text: &str) -> bool {
    let is_voice = |before: &str| {
        let last = before.chars().next_back();
        last.is_some_and(|c| c.is_alphanumeric() && !c.is_ascii())
    };
    // Several in a row are one.
    let mut tildes = text
        .match_indices('~')
        .map(|(at, _)| &text[..at])
        .filter(|before| !before.ends_with('~'));
    tildes.any(|before| !is_voice(before)) && tildes.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_says_no_by_its_name_or_itself_also_among_others() {
        for word in [
            ":x:",
            ":no_entry_sign:",
            ":-1::skin-tone-2:",
            ":pray::raised_hand:",
            "🚫",
            "❌❌",
            "👎🏽",
            "🙏🛑",
        ] {
            assert!(says_no(word), "{word}");
        }
        for word in [
            ":pray:",
            ":wave::skin-tone-2:",
            "🙏",
            "🚀",
            "x",
            "❌people",
            "::",
        ] {
            assert!(!says_no(word), "{word}");
        }
    }

    #[test]
    fn what_stands_between_two_signs_may_be_struck_out() {
        for text in [
            "~ ~ people production",
            "~ deploy people~ production",
            "deploy people~ staging~ production",
            "deploy ~staging ~production",
            "~~deploy~~ people",
        ] {
            assert!(may_be_struck(text), "{text}");
        }
        for text in [
            "deploy people production",
            "deploy people production a1b2c3d~~",
            "안녕하세요~~ deploy people production 부탁해요~",
            "~5 people",
            "",
        ] {
            assert!(!may_be_struck(text), "{text}");
        }
    }
}
