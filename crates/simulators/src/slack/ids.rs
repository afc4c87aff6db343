//! The names that Slack gives to things: users, channels, views, and the `ts`
//! of a message, which is both its time and its id.

use std::fmt;
use std::str::FromStr;

macro_rules! text_id {
    ($(#[doc = $doc:literal] $name:ident),+ $(,)?) => {$(
        #[doc = $doc]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is: an id that nobody has is simply not
            /// found.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as it goes over the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_id! {
    /// A person or bot of the workspace, `U…`.
    UserId,
    /// A channel `C…` or a direct conversation `D…`.
    ChannelId,
    /// A modal or a home tab, `V…`.
    ViewId,
    /// A group of users, `S…`.
    UserGroupId,
}

/// The time of a message in microseconds since 1970; unique in the workspace,
/// so it is also the message's id. On the wire `1700000000.123456`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageTs(u64);

impl MessageTs {
    /// The time itself, in microseconds since 1970.
    pub(super) fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    pub(super) fn as_micros(self) -> u64 {
        self.0
    }

    /// Whole seconds since 1970.
    pub(super) fn seconds(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Reads the end of a time range, which may also be given in whole seconds
    /// or with fewer decimals.
    pub(super) fn parse_bound(text: &str) -> Option<Self> {
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.len() > 6 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let seconds: u64 = seconds.parse().ok()?;
        let micros: u64 = format!("{fraction:0<6}").parse().ok()?;
        Some(Self(seconds.checked_mul(1_000_000)?.checked_add(micros)?))
    }
}

impl fmt::Display for MessageTs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// A text that is no message's `ts`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a ts has the form 1700000000.123456")]
pub struct NotATs;

impl FromStr for MessageTs {
    type Err = NotATs;

    fn from_str(text: &str) -> Result<Self, NotATs> {
        let exact = text
            .split_once('.')
            .is_some_and(|(_, rest)| rest.len() == 6);
        exact
            .then(|| Self::parse_bound(text))
            .flatten()
            .ok_or(NotATs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ts_reads_back_as_it_was_written() {
        let ts: MessageTs = "1700000000.000120".parse().unwrap();
        assert_eq!(ts.to_string(), "1700000000.000120");
        assert_eq!(ts.as_micros(), 1_700_000_000_000_120);
    }

    #[test]
    fn a_ts_has_six_decimals_and_a_bound_may_have_fewer() {
        for wrong in ["", "1700000000", "1700000000.12", "x.123456", "1.12345x"] {
            assert_eq!(wrong.parse::<MessageTs>(), Err(NotATs), "{wrong}");
        }
        let bound = MessageTs::parse_bound("1700000000.5").unwrap();
        assert_eq!(bound.to_string(), "1700000000.500000");
        assert_eq!(MessageTs::parse_bound("0"), Some(MessageTs(0)));
        assert_eq!(MessageTs::parse_bound("now"), None);
    }
}
