//! The name of a git object: its SHA-1, whole.

use std::{fmt, str::FromStr};

use gix::ObjectId;

/// The SHA-1 of a git object: 40 hex digits, lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha(String);

/// The text is not a whole SHA-1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a SHA has 40 hex digits")]
pub struct InvalidSha;

impl Sha {
    /// The 40 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, as GitHub abbreviates.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }

    pub(super) fn object_id(&self) -> ObjectId {
        ObjectId::from_hex(self.0.as_bytes()).expect("a Sha holds 40 hex digits")
    }
}

impl From<ObjectId> for Sha {
    fn from(id: ObjectId) -> Self {
        Self(id.to_hex().to_string())
    }
}

impl FromStr for Sha {
    type Err = InvalidSha;

    fn from_str(text: &str) -> Result<Self, InvalidSha> {
        if text.len() == 40 && is_hex(text) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidSha)
        }
    }
}

impl fmt::Display for Sha {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

pub(super) fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
