//! Why a repository's own rules can't be read, and where.

use std::fmt;

use super::POLICY_FILE;

/// Why the rules can't be read, and where. Written out, it is for people, in
/// English, to be read after a colon, without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The line and the column in it, both from 1; none where it is about the
    /// file as a whole.
    pub at: Option<(usize, usize)>,
    /// Why.
    pub problem: PolicyProblem,
}

/// Why the rules can't be read. What stands in quotes is text from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyProblem {
    /// It is no file.
    Folder,
    /// It is too long.
    TooLong {
        /// How long it may be, in KiB.
        most_kib: u16,
    },
    /// It is no UTF-8.
    NotText,
    /// It is no YAML; in the words of the parser.
    Syntax(String),
    /// There is a second document in it.
    SeveralDocuments,
    /// It has an anchor or an alias.
    Anchor,
    /// It has a tag.
    Tag,
    /// It is nested deeper than anything that has a meaning.
    TooDeep,
    /// A key is no text.
    KeyNotText,
    /// A key stands there twice.
    Twice(String),
    /// Nothing is called so.
    UnknownKey {
        /// The key.
        key: String,
        /// The one that there is.
        known: String,
    },
    /// There should be keys with values.
    NoKeys(PolicyTaker),
    /// No environment can be called so.
    BadEnvironment(String),
    /// There should be one channel.
    NoChannel,
    /// It is no id of a channel.
    BadChannel(String),
    /// As an earlier or a later version of this program wrote it down, with its
    /// place.
    Told(String),
}

/// What takes keys with values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyTaker {
    /// The file as a whole.
    File,
    /// What stands below `environments`.
    Environments,
    /// An environment there.
    Environment,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let PolicyProblem::Told(text) = &self.problem {
            return f.write_str(text);
        }
        f.write_str(POLICY_FILE)?;
        if let Some((line, column)) = self.at {
            write!(f, ", line {line}, column {column}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => f.write_str("it is a folder, not a file"),
            Self::TooLong { most_kib } => write!(f, "it is longer than {most_kib} KiB"),
            Self::NotText => f.write_str("it is not text in UTF-8"),
            Self::Syntax(what) => write!(f, "it is no YAML ({what})"),
            Self::SeveralDocuments => f.write_str("a second YAML document begins here"),
            Self::Anchor => f.write_str("anchors and aliases (`&`, `*`) are not read"),
            Self::Tag => f.write_str("tags (`!`) are not read"),
            Self::TooDeep => f.write_str("it is nested too deep"),
            Self::KeyNotText => f.write_str("a key has to be text"),
            Self::Twice(key) => write!(f, "`{key}` stands here twice"),
            Self::UnknownKey { key, known } => {
                write!(f, "there is no key `{key}`, known is `{known}`")
            }
            Self::NoKeys(taker) => write!(f, "{taker} takes keys with values"),
            Self::BadEnvironment(name) => write!(f, "`{name}` can't be an environment"),
            Self::NoChannel => f.write_str("`channel` takes the id of one channel"),
            Self::BadChannel(text) => write!(
                f,
                "`{text}` is no channel id: that is like `C0123456789`, and Slack shows it at the \
                 end of “View channel details”"
            ),
            Self::Told(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for PolicyTaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "the file",
            Self::Environments => "`environments`",
            Self::Environment => "an environment",
        })
    }
}
