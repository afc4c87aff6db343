//! What text from outside looks like once it is in a message.

use super::*;
use crate::view::fixtures::{EN, KO};

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
        mention(EN, Some(&person("U1MINJI", "minji", "Minji"))).as_str(),
        "<@U1MINJI>"
    );
    assert_eq!(
        name(EN, Some(&person("U1MINJI", "minji", "Minji"))).as_str(),
        "Minji"
    );
    assert_eq!(
        mention(EN, Some(&person("U1> <!channel", "", "Eve"))).as_str(),
        "Eve"
    );
    assert_eq!(mention(EN, Some(&person("", "joon", ""))).as_str(), "joon");
    assert_eq!(mention(EN, None).as_str(), "someone");
    assert_eq!(mention(KO, None).as_str(), "알 수 없는 사용자");
}

#[test]
fn markup_of_ours_is_read_as_plain_text() {
    let markup = format!(
        "{} of {} {} {}",
        code("a*b <&`", 40),
        bold("pe*ple & co", NAME),
        link("https://github.test/", "log"),
        prose("<!channel> `x`", NAME)
    );
    insta::assert_snapshot!(
        without_markup(&Mrkdwn::ours(markup)),
        @"“a*b <&ˋ” of pe∗ple & co log <!channel> ˋxˋ"
    );
}

#[test]
fn what_is_copied_from_code_has_no_marks() {
    assert_eq!(code("שלום", 10).as_str(), "\u{2068}`שלום`\u{2069}");
}

#[test]
fn lines_are_packed_into_sections() {
    let lines = (0..10).map(|_| Mrkdwn::ours("x".repeat(999)));
    let packed = pack(lines);
    let lengths: Vec<_> = packed.iter().map(|text| length(text.as_str())).collect();
    assert_eq!(lengths, [2999, 2999, 2999, 999]);
}
