//! GitHub's enum words, read so that a word which is new to us loses nothing.

use serde::{Deserialize, Deserializer};

/// A word of one of GitHub's enums, in lower case: GraphQL writes them in upper
/// case, REST in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word(String);

impl Word {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|word| Self(word.to_ascii_lowercase()))
    }
}
