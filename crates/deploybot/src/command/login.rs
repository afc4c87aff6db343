//! A GitHub account as people write it: `minji`, `@minji`, the address of its page,
//! or in a sentence.

use super::{Argument, Command, CommandName, Login, ParseError};

/// Words that make a sentence of it: `my github is minji`.
const ASIDE: &[&str] = &[
    "account",
    "am",
    "as",
    "github",
    "github.com",
    "i",
    "i'm",
    "im",
    "is",
    "it's",
    "its",
    "login",
    "me",
    "my",
    "name",
    "on",
    "to",
    "user",
    "username",
    "with",
];

/// Reads the words behind `link`.
pub(super) fn link(words: &[String]) -> Result<Command, ParseError> {
    let told: Vec<&String> = words.iter().filter(|word| !is_aside(word)).collect();
    // Somebody may be called so.
    let told = match (told.as_slice(), words) {
        ([], [only]) => vec![only],
        _ => told,
    };
    let bad = || {
        let told: Vec<_> = told.iter().map(|word| word.as_str()).collect();
        ParseError::BadLogin {
            word: told.join(" "),
        }
    };
    match told.as_slice() {
        [] => Err(ParseError::Missing {
            command: CommandName::Link,
            missing: vec![Argument::Login],
            example: "link minji".to_owned(),
        }),
        [only] => {
            let login = login(only).ok_or_else(bad)?;
            Ok(Command::Link { login })
        }
        // Which of them it is nobody can tell: nothing is done, nor one suggested.
        _ => Err(bad()),
    }
}

/// Reads the words behind a command that takes none.
pub(super) fn nothing(
    command: CommandName,
    words: &[String],
    meant: Command,
) -> Result<Command, ParseError> {
    let extra: Vec<&str> = words
        .iter()
        .filter(|word| !is_aside(word))
        .map(String::as_str)
        .collect();
    if extra.is_empty() {
        return Ok(meant);
    }
    if is_for_oneself(command) {
        return Err(ParseError::OnlyForYourself { command });
    }
    Err(ParseError::Extra {
        command,
        words: extra.join(" "),
        example: command.help().word.to_owned(),
    })
}

/// Whether it is about whoever says it, and nobody can say it for another.
pub(super) fn is_for_oneself(command: CommandName) -> bool {
    matches!(
        command,
        CommandName::Unlink | CommandName::Mute | CommandName::Unmute
    )
}

fn is_aside(word: &str) -> bool {
    let word = word.to_lowercase().replace('\u{2019}', "'");
    ASIDE.contains(&word.as_str())
}

/// The account of a word: itself, or that of the page whose address it is.
fn login(word: &str) -> Option<Login> {
    let lower = word.to_ascii_lowercase();
    let schemes = ["https://", "http://"];
    let scheme = schemes.iter().find(|scheme| lower.starts_with(**scheme));
    let rest = &word[scheme.map_or(0, |scheme| scheme.len())..];
    match rest.split_once('/') {
        Some((host, path)) if scheme.is_some() || host.contains('.') => {
            let path = path.split(['?', '#']).next().unwrap_or_default();
            Login::new(path.trim_end_matches('/'))
        }
        Some(_) => None,
        None if scheme.is_some() => None,
        None => Login::new(rest.strip_prefix('@').unwrap_or(rest)),
    }
}

#[cfg(test)]
mod tests {
    use crate::command::parse;

    fn read(text: &str) -> String {
        match parse(&format!("<@U0BOT> {text}"), "U0BOT") {
            Ok(command) => command.line(),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn an_account_is_understood_as_people_write_it() {
        for text in [
            "link minji",
            "link @minji",
            "LINK `minji`.",
            "link minji please",
            "link github minji",
            "link my github account is minji",
            "link me to minji",
            "please link me as @minji on github",
            "link https://github.com/minji",
            "link <https://github.com/minji>",
            "link <https://github.com/minji/|minji>",
            "link github.com/minji?tab=repositories",
            "link https://ghe.acme.example/minji",
        ] {
            assert_eq!(read(text), "link minji", "{text}");
        }
        assert_eq!(read("link Joon-Park_acme"), "link Joon-Park_acme");
        // Somebody may be called so.
        assert_eq!(read("link name"), "link name");
        for (text, line) in [
            ("unlink", "unlink"),
            ("unlink me please", "unlink"),
            ("unlink my github account", "unlink"),
            ("mute", "mute"),
            ("mute me", "mute"),
            ("please mute me now", "mute"),
            ("unmute", "unmute"),
        ] {
            assert_eq!(read(text), line, "{text}");
        }
    }

    #[test]
    fn what_is_no_account_is_asked_about() {
        for bad in [
            "-a",
            "a-",
            "a--b",
            "a.b",
            "민지",
            "acme/people",
            "https://github.com",
            "https://github.com/acme/people",
            "https://github.com/acme%2Fpeople",
            &"a".repeat(40),
        ] {
            let read = read(&format!("link {bad}"));
            assert!(read.contains("BadLogin"), "{bad}: {read}");
        }
        insta::assert_snapshot!(read("link"), @r#"Missing { command: Link, missing: [Login], example: "link minji" }"#);
        insta::assert_snapshot!(read("link min ji"), @r#"BadLogin { word: "min ji" }"#);
        insta::assert_snapshot!(read("link minji extra words"), @r#"BadLogin { word: "minji extra words" }"#);
        insta::assert_snapshot!(read("mute people"), @"OnlyForYourself { command: Mute }");
        insta::assert_snapshot!(read("unlink minji"), @"OnlyForYourself { command: Unlink }");
    }

    #[test]
    fn somebody_of_slack_is_no_account_and_nobody_is_muted_by_another() {
        assert_eq!(read("link <@U2>"), "MentionIsNoLogin");
        assert_eq!(read("link <@U2|joon>"), "MentionIsNoLogin");
        assert_eq!(read("link me as <@U2>"), "MentionIsNoLogin");
        assert_eq!(read("link minji <@U2>"), "link minji");
        for (text, command) in [("mute", "Mute"), ("unmute", "Unmute"), ("unlink", "Unlink")] {
            let refused = format!("OnlyForYourself {{ command: {command} }}");
            assert_eq!(read(&format!("{text} <@U2>")), refused);
            assert_eq!(read(&format!("{text} joon")), refused);
        }
    }
}
