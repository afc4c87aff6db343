//! What a message says to the bot: its words on each side of the mention, with what
//! links are made of in their place and without the mentions of others.

use super::{
    address::Address,
    clean::{clean, no_sign},
    signs::{may_be_struck, says_no},
};

/// What a message says to the bot.
pub(super) struct Said {
    /// The words meant for it: those after its mention or, where nothing follows
    /// it, those before.
    pub(super) words: Vec<String>,
    /// The words before its mention, where others follow it; without mentions of
    /// others, who are called beside it, and with each emoji that says no.
    pub(super) before: Vec<String>,
    /// Whether others are mentioned among the words meant for it.
    pub(super) names_somebody: bool,
    /// The words meant for it without such mentions, which may have a name too.
    pub(super) without_people: Vec<String>,
    /// The first emoji that says no, anywhere; as it was written.
    pub(super) no_sign: Option<String>,
    /// Whether something beside the words meant for it may be struck out.
    pub(super) is_struck: bool,
}

/// One side of the mention.
#[derive(Default)]
struct Side {
    text: String,
    /// The same without mentions of people.
    without_people: String,
    /// The same without mentions and links.
    plain: String,
    has_people: bool,
}

impl Side {
    fn push(&mut self, piece: &Piece<'_>) {
        let (text, is_somebody) = match piece {
            Piece::Angle(inside) => (
                meant_by(inside),
                inside.starts_with('@') || inside.starts_with("!subteam^"),
            ),
            Piece::Plain(plain) => (*plain, false),
        };
        self.text.push_str(text);
        self.without_people
            .push_str(if is_somebody { " " } else { text });
        self.plain.push_str(match piece {
            Piece::Angle(_) => " ",
            Piece::Plain(plain) => plain,
        });
        self.has_people |= is_somebody;
    }
}

/// Takes a message apart at the mention of the bot.
pub(super) fn said_to(bot_user_id: &str, text: &str) -> Said {
    let mut before = Side::default();
    let mut after: Option<Side> = None;
    for piece in pieces(text) {
        match piece {
            Piece::Angle(inside) if is_mention_of(bot_user_id, inside) => {
                after.get_or_insert_default().text.push(' ');
            }
            piece => after.as_mut().unwrap_or(&mut before).push(&piece),
        }
    }
    let after = after.unwrap_or_default();
    let no_sign = [&before.text, &after.text]
        .into_iter()
        .find_map(|text| no_sign(text));
    let words = without_signs(&after.text);
    let is_after_struck = may_be_struck(&after.plain);
    let (meant, words, before) = if words.is_empty() {
        let words = without_signs(&before.text);
        (before, words, Vec::new())
    } else {
        (after, words, clean(&before.without_people))
    };
    Said {
        // Where no word is left, all of it may have been struck out on either side.
        is_struck: may_be_struck(&meant.plain) || words.is_empty() && is_after_struck,
        words,
        before,
        names_somebody: meant.has_people,
        without_people: without_signs(&meant.without_people),
        no_sign,
    }
}

/// The words without emoji that say no, which are in no place of a command.
fn without_signs(text: &str) -> Vec<String> {
    let mut words = clean(text);
    words.retain(|word| !says_no(word));
    words
}

/// A stretch of a Slack text. A literal `<` arrives as an entity, so that a
/// real one always opens a mention or link.
enum Piece<'a> {
    /// What stands between `<` and `>`.
    Angle(&'a str),
    /// All the rest.
    Plain(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((plain, opened)) = rest.split_once('<') {
        pieces.push(Piece::Plain(plain));
        match opened.split_once('>') {
            Some((inside, left)) => {
                pieces.push(Piece::Angle(inside));
                rest = left;
            }
            None => rest = opened,
        }
    }
    pieces.push(Piece::Plain(rest));
    pieces
}

fn is_mention_of(bot_user_id: &str, inside: &str) -> bool {
    inside
        .strip_prefix('@')
        .map(|id| id.split_once('|').map_or(id, |(id, _)| id))
        .is_some_and(|id| id.eq_ignore_ascii_case(bot_user_id))
}

/// The word in a mention or link: its label, where it has one and does not
/// hide an address that says more. A mention without a label names nobody that
/// a command could be about.
fn meant_by(inside: &str) -> &str {
    let (target, label) = inside.split_once('|').unwrap_or((inside, ""));
    if target.starts_with(['@', '#']) || target.starts_with("!subteam^") {
        return label;
    }
    if target.starts_with('!') {
        return "";
    }
    let is_one_word = !label.is_empty() && !label.contains(char::is_whitespace);
    match Address::read(target) {
        Some(Address::Commit { .. } | Address::PullRequest { .. }) => target,
        Some(Address::Repository(_)) if !is_one_word => target,
        _ if label.is_empty() => target,
        _ => label,
    }
}

#[cfg(test)]
mod tests {
    use super::said_to;

    fn words(text: &str) -> String {
        said_to("U0BOT", text).words.join(" | ")
    }

    #[test]
    fn what_stands_before_the_mention_is_kept_apart() {
        for (text, before) in [
            ("please don't <@U0BOT> status people", "please | don't"),
            ("hey <@U0JOON|joon>, <@U0BOT> help", "hey"),
            ("hey <!subteam^S1|@people> <@U0BOT> help", "hey"),
            ("<@U0BOT> status <@U0BOT> people", ""),
            // Here they are what is asked.
            ("status people <@U0BOT>", ""),
        ] {
            assert_eq!(said_to("U0BOT", text).before.join(" | "), before, "{text}");
        }
    }

    #[test]
    fn what_surrounds_a_word_is_taken_off() {
        for (text, expected) in [
            ("<@U0BOT> status people", "status | people"),
            ("<@U0BOT>status people", "status | people"),
            ("<@U0BOT>: status people", "status | people"),
            ("<@u0bot|deploybot>, status people.", "status | people"),
            ("<@U0BOT> <@U0BOT> status people", "status | people"),
            ("hey <@U0BOT> status people", "status | people"),
            ("status people <@U0BOT>", "status | people"),
            ("status people <@U0BOT> please", "please"),
            ("<@U0BOT> *status people*", "status | people"),
            ("<@U0BOT> _status people_.", "status | people"),
            ("<@U0BOT> status _people", "status | _people"),
            ("<@U0BOT> ~status `people`", "status | people"),
            ("<@U0BOT> ```status people```", "status | people"),
            (
                "<@U0BOT> \u{201c}status\u{201d} \u{2018}people\u{2019}",
                "status | people",
            ),
            ("<@U0BOT>\u{a0}status\u{a0}people", "status | people"),
            ("<@U0BOT>\nstatus\r\n\tpeople\u{3000}", "status | people"),
            ("<@U0BOT> sta\u{200b}tus peo\u{feff}ple", "status | people"),
            ("<@U0BOT> status people,", "status | people"),
            (
                "<@U0BOT> deploy people,production,a1b2c3d",
                "deploy | people | production | a1b2c3d",
            ),
            ("<@U0BOT> deploy a1b2c3d...", "deploy | a1b2c3d"),
            (
                "<@U0BOT> deploy people production`968458f`",
                "deploy | people | production | 968458f",
            ),
            ("<@U0BOT> status people, 1,000.", "status | people | 1,000"),
            ("<@U0BOT> status 1,00 10,", "status | 1 | 00 | 10"),
            ("<@U0BOT> status <http://people|people>", "status | people"),
            (
                "<@U0BOT> status <http://people.io>",
                "status | http://people.io",
            ),
            ("<@U0BOT> status &lt;people&gt;", "status | people"),
            ("<@U0BOT> status a&amp;b", "status | a&b"),
            ("<@U0BOT> status a&amp;lt;b", "status | a&lt;b"),
            ("<@U0BOT> status .github", "status | .github"),
            ("<@U0BOT> ?", "?"),
            ("<@U0BOT> status people?", "status | people"),
            ("<@U0BOT>", ""),
            ("<@U0BOT> ... *** \u{200b}", ""),
            ("status people", "status | people"),
            ("<@U0BOT> <@U0JOON> <#C1|deploys> <!channel>", "deploys"),
            ("<@U0BOT> status <people", "status | people"),
        ] {
            assert_eq!(words(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_turns_a_word_around_stays_to_be_refused() {
        assert_eq!(
            words("<@U0BOT> status pro\u{202e}d \u{7}x \u{2068}people\u{2069}"),
            "status | pro\u{202e}d | \u{7}x | people"
        );
    }

    #[test]
    fn signs_that_are_no_words_are_left_out() {
        for (text, expected) in [
            (
                "<@U0BOT> status people :pray: :wave::skin-tone-2:!",
                "status | people",
            ),
            (
                "<@U0BOT> status people 🙏 👍🏽 -&gt; - &amp; _",
                "status | people",
            ),
            (
                "<@U0BOT> status @people #people @acme/people",
                "status | people | people | acme/people",
            ),
            ("<@U0BOT> status #41", "status | #41"),
            ("<@U0BOT> limit:10 status:", "limit:10 | status"),
            (
                "<@U0BOT> status people\u{fe0f} 사람",
                "status | people | 사람",
            ),
            (
                "<@U0BOT> <!channel> <!here|here> <!date^1^x|y> <@U2> <#C1|>",
                "",
            ),
            ("<@U0BOT> <@U2|joon> <!subteam^S1|@people>", "joon | people"),
        ] {
            assert_eq!(words(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_link_is_its_label_or_its_address_whichever_says_more() {
        for (text, expected) in [
            ("<http://people|people>", "people"),
            ("<http://people.io>", "http://people.io"),
            ("<https://h/acme/people>", "https://h/acme/people"),
            ("<https://h/acme/people|people>", "people"),
            (
                "<https://h/acme/people|Our people>",
                "https://h/acme/people",
            ),
            (
                "<https://h/acme/people/commit/a1b2c3d|this>",
                "https://h/acme/people/commit/a1b2c3d",
            ),
            ("<https://ci.test/builds/12|a1b2c3d>", "a1b2c3d"),
            ("<mailto:a@b|a@b>", "a@b"),
        ] {
            assert_eq!(words(&format!("<@U0BOT> {text}")), expected, "{text:?}");
        }
    }
}
