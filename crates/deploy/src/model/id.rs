//! Names and numbers that identify things, each checked once, where it enters.

use std::{fmt, str::FromStr};

/// A text that is no valid name; says which kind and what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct InvalidName {
    /// What a valid one looks like, as a sentence for people.
    pub what: &'static str,
}

const fn invalid(what: &'static str) -> InvalidName {
    InvalidName { what }
}

/// A repository as `owner/name`. GitHub compares it without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryName {
    owner: String,
    name: String,
}

impl RepositoryName {
    /// Reads `owner/name`, or a bare `name` where there is a default owner.
    ///
    /// # Errors
    /// When it is neither, or holds a character that GitHub does not allow.
    pub fn parse(text: &str, default_owner: Option<&str>) -> Result<Self, InvalidName> {
        let (owner, name) = match text.split_once('/') {
            Some((owner, name)) => (owner, name),
            None => (
                default_owner.ok_or(invalid(
                    "A repository is written `owner/name`; no default owner is set.",
                ))?,
                text,
            ),
        };
        // GitHub: owners are alphanumeric with single hyphens, at most 39;
        // repositories hold letters, digits, `.`, `-`, `_`, at most 100.
        let owner_fits = (1..=39).contains(&owner.len())
            && owner
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let name_fits = (1..=100).contains(&name.len())
            && name != "."
            && name != ".."
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if owner_fits && name_fits {
            Ok(Self {
                owner: owner.to_owned(),
                name: name.to_owned(),
            })
        } else {
            Err(invalid(
                "A repository is written `owner/name` in letters, digits, `-`, `_` and `.`.",
            ))
        }
    }

    /// The part before the slash.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The part after the slash.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether both name one repository: GitHub compares their names without
    /// regard to case.
    pub fn is_same(&self, other: &Self) -> bool {
        self.owner.eq_ignore_ascii_case(&other.owner) && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// Name of an environment; may hold spaces, slashes and any Unicode.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnvironmentName(String);

impl EnvironmentName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the one that users see, by its name.
    pub fn is_production(&self) -> bool {
        self.0.eq_ignore_ascii_case("production") || self.0.eq_ignore_ascii_case("prod")
    }

    /// Whether both name one environment: GitHub compares their names without
    /// regard to case.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }

    /// The order in which environments are shown: production first, then by
    /// name.
    pub fn shown_before(&self, other: &Self) -> std::cmp::Ordering {
        other
            .is_production()
            .cmp(&self.is_production())
            .then_with(|| self.cmp(other))
    }
}

impl FromStr for EnvironmentName {
    type Err = InvalidName;

    /// GitHub allows 1 to 255 characters; control characters are refused here.
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let fits = (1..=255).contains(&text.chars().count())
            && text.trim() == text
            && !text.chars().any(char::is_control);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(invalid(
                "The name of an environment has 1 to 255 characters and no control characters.",
            ))
        }
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A whole commit SHA: 40 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha(String);

impl Sha {
    /// All 40 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 7 digits, as people write it.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl FromStr for Sha {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let text = text.to_ascii_lowercase();
        if text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text))
        } else {
            Err(invalid("A whole commit SHA has 40 hex digits."))
        }
    }
}

impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A commit as people write it: the first 4 to 40 hex digits of its SHA.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommitRef(String);

impl CommitRef {
    /// The digits, lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the commit's SHA begins so.
    pub fn matches(&self, sha: &Sha) -> bool {
        sha.as_str().starts_with(&self.0)
    }
}

impl From<&Sha> for CommitRef {
    fn from(sha: &Sha) -> Self {
        Self(sha.0.clone())
    }
}

impl FromStr for CommitRef {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let text = text.to_ascii_lowercase();
        if (4..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text))
        } else {
            Err(invalid(
                "A commit is written as the first 4 to 40 hex digits of its SHA.",
            ))
        }
    }
}

impl fmt::Display for CommitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The caller's unique id of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(String);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RequestId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if (1..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(invalid(
                "A request id has 1 to 200 printable ASCII characters and no spaces.",
            ))
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// GitHub's identity of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeploymentId {
    /// The number that REST uses (GraphQL: `databaseId`).
    pub number: u64,
    /// The global id that GraphQL's `nodes(ids)` takes.
    pub node: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_repository_takes_the_default_owner() {
        let name = RepositoryName::parse("people", Some("acme")).unwrap();
        assert_eq!(name.to_string(), "acme/people");
        assert!(RepositoryName::parse("people", None).is_err());
    }

    #[test]
    fn a_repository_is_no_path() {
        for bad in [
            "", "/", "a/", "/b", "a/b/c", "a/..", "a/.", "a b/c", "a/b?c", "ä/b", "a/b#",
        ] {
            assert!(RepositoryName::parse(bad, Some("acme")).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_commit_has_4_to_40_hex_digits() {
        assert_eq!("A1B2".parse::<CommitRef>().unwrap().as_str(), "a1b2");
        for bad in ["", "abc", "main", "xyz1", &"a".repeat(41), "a1b2\n", "../a"] {
            assert!(bad.parse::<CommitRef>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_environment_may_hold_spaces_but_no_control_characters() {
        assert!("EU west/blue ✅".parse::<EnvironmentName>().is_ok());
        for bad in ["", " ", "a\u{0}b", "a\nb", &"x".repeat(256)] {
            assert!(bad.parse::<EnvironmentName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_request_id_is_printable_ascii() {
        assert!("slack:T1:Ev1".parse::<RequestId>().is_ok());
        for bad in ["", "a b", "ä", &"x".repeat(201)] {
            assert!(bad.parse::<RequestId>().is_err(), "{bad:?}");
        }
    }
}
