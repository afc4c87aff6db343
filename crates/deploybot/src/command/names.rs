//! What a command names: a repository, an environment, a commit, how many.
//!
//! The checks here are of form alone, so that nonsense gets its answer at once;
//! whether a thing exists is for `deploy` to say.

use std::fmt;

/// The most a list may hold, by the contract.
pub(crate) const MAX_LIMIT: u8 = 50;
/// The fewest hex digits that may stand for a commit, by the contract.
pub(crate) const MIN_COMMIT_DIGITS: usize = 4;
/// The longest name that GitHub allows for an environment, in characters.
pub(crate) const MAX_ENVIRONMENT: usize = 255;
/// How many hex digits a whole SHA has.
pub(crate) const MAX_COMMIT_DIGITS: usize = 40;

/// A repository as someone wrote it: `name` or `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RepositoryName(String);

impl RepositoryName {
    /// None where GitHub would never allow such a name.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let (owner, name) = match text.split_once('/') {
            Some((owner, name)) => (Some(owner), name),
            None => (None, text),
        };
        let owner_is_fine = owner.is_none_or(|owner| is_made_of(owner, 39, "-_"));
        let name_is_fine = is_made_of(name, 100, "-_.") && name != "." && name != "..";
        (owner_is_fine && name_is_fine).then(|| Self(text.to_owned()))
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What whoever wrote it calls the repository that `whole` names with its owner:
    /// the same without one, where they left it out.
    pub(crate) fn calls<'a>(&self, whole: &'a str) -> &'a str {
        let bare = whole.rsplit('/').next().unwrap_or(whole);
        match self.0.eq_ignore_ascii_case(bare) {
            true => bare,
            false => whole,
        }
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An environment as someone wrote it, perhaps an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EnvironmentName(String);

impl EnvironmentName {
    /// None where GitHub would never allow such a name: empty, over 255
    /// characters, or with characters that do not print.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let fits = !text.trim().is_empty() && text.chars().count() <= MAX_ENVIRONMENT;
        let is_seen = |c: char| !is_unprintable(c) && c != char::REPLACEMENT_CHARACTER;
        (fits && text.chars().all(is_seen)).then(|| Self(text.to_owned()))
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A commit as someone wrote it: a SHA, whole or its first digits; lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitSha(String);

/// Why a word is not a commit SHA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitProblem {
    /// It has other characters than 0 to 9 and a to f.
    NotHex,
    /// It has fewer than 4 digits.
    TooShort,
    /// It has more than 40 digits.
    TooLong,
}

impl CommitSha {
    /// Reads a SHA of 4 to 40 hex digits, upper case allowed.
    pub(crate) fn new(text: &str) -> Result<Self, CommitProblem> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(CommitProblem::NotHex);
        }
        match text.len() {
            ..MIN_COMMIT_DIGITS => Err(CommitProblem::TooShort),
            MIN_COMMIT_DIGITS..=MAX_COMMIT_DIGITS => Ok(Self(text.to_ascii_lowercase())),
            _ => Err(CommitProblem::TooLong),
        }
    }

    /// Lower-case hex digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A GitHub account as someone wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login(String);

impl Login {
    /// None where GitHub would never allow such a name: it has 1 to 39 letters,
    /// digits and single hyphens between them; a company that manages its people's
    /// accounts adds `_` and its own name.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric();
        let bytes = text.as_bytes();
        let ends_fit = [bytes.first(), bytes.last()]
            .iter()
            .all(|end| end.is_some_and(is_letter));
        let fits = ends_fit
            && is_made_of(text, 39, "-_")
            && bytes.windows(2).all(|pair| pair.iter().any(is_letter));
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many to list: 1 to 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit(u8);

impl Limit {
    /// None where the word is not a whole number from 1 to 50.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let number = text.parse::<u8>().ok()?;
        (1..=MAX_LIMIT).contains(&number).then_some(Self(number))
    }

    /// The number.
    pub(crate) fn get(self) -> u8 {
        self.0
    }
}

impl From<Limit> for i32 {
    fn from(limit: Limit) -> Self {
        limit.0.into()
    }
}

/// What environments are mostly called, in any repository: of two names that
/// change places, this tells which is which.
pub(crate) fn is_usual_environment(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "production"
            | "prod"
            | "staging"
            | "stage"
            | "development"
            | "dev"
            | "test"
            | "testing"
            | "qa"
            | "preview"
    )
}

/// Whether a character controls the text instead of being seen in it: control
/// characters, and those that turn the direction of what follows.
pub(crate) fn is_unprintable(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_made_of(text: &str, most: usize, besides_letters_and_digits: &str) -> bool {
    !text.is_empty()
        && text.len() <= most
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || besides_letters_and_digits.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_called_as_whoever_asks_calls_it() {
        let calls = |name: &str, whole: &str| {
            let name = RepositoryName::new(name).expect("a name");
            name.calls(whole).to_owned()
        };
        assert_eq!(calls("people", "acme/people"), "people");
        assert_eq!(calls("People", "acme/people"), "people");
        assert_eq!(calls("acme/people", "acme/people"), "acme/people");
        // Its name of before.
        assert_eq!(calls("staff", "acme/people"), "acme/people");
    }

    #[test]
    fn repositories_are_bare_or_with_an_owner() {
        for name in [
            "people",
            "acme/people",
            "People.js",
            ".github",
            "a_b-c",
            "7",
        ] {
            assert!(RepositoryName::new(name).is_some(), "{name}");
        }
        let long = "a".repeat(101);
        for name in [
            "",
            "/",
            "a/",
            "/b",
            "a/b/c",
            "..",
            "pe ople",
            "pe*ople",
            "b\u{202e}x",
            &long,
        ] {
            assert!(RepositoryName::new(name).is_none(), "{name:?}");
        }
    }

    #[test]
    fn environments_take_what_github_takes() {
        assert!(EnvironmentName::new("pr-12/preview").is_some());
        assert!(EnvironmentName::new("Prüfung").is_some());
        assert!(EnvironmentName::new(&"e".repeat(255)).is_some());
        for name in [
            "",
            " ",
            "a\u{7}b",
            "a\u{202e}b",
            "a\u{fffd}",
            &"e".repeat(256),
        ] {
            assert!(EnvironmentName::new(name).is_none(), "{name:?}");
        }
    }

    #[test]
    fn a_sha_has_4_to_40_hex_digits() {
        assert_eq!(CommitSha::new("A1B2C3D").expect("hex").as_str(), "a1b2c3d");
        assert!(CommitSha::new("1234").is_ok());
        assert!(CommitSha::new(&"f".repeat(40)).is_ok());
        assert_eq!(CommitSha::new("123"), Err(CommitProblem::TooShort));
        assert_eq!(CommitSha::new(&"f".repeat(41)), Err(CommitProblem::TooLong));
        assert_eq!(CommitSha::new("main"), Err(CommitProblem::NotHex));
        assert_eq!(CommitSha::new(""), Err(CommitProblem::NotHex));
    }

    #[test]
    fn a_limit_is_1_to_50() {
        assert_eq!(Limit::new("1").map(Limit::get), Some(1));
        assert_eq!(Limit::new("50").map(Limit::get), Some(50));
        for text in ["0", "51", "-1", "abc", "", "1.5", "99999999999"] {
            assert_eq!(Limit::new(text), None, "{text}");
        }
    }
}
