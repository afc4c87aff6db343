//! GitHub's own scalars, and the errors that carry GitHub's `type`.

use async_graphql::{
    Error, ErrorExtensions as _, InputType, InputValueError, InputValueResult, Scalar, ScalarType,
    Value,
};
use jiff::{Timestamp, tz::Offset};

use crate::github::git::{Sha, Signature};

/// An error with the word by which GitHub tells clients its kind.
pub(super) fn error(kind: &str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("type", kind))
}

/// What git cannot tell is the simulator's own trouble; a client learns no more.
pub(super) fn trouble(cause: impl std::fmt::Display) -> Error {
    tracing::error!("cannot answer a query: {cause:#}");
    error(
        "INTERNAL",
        "Something went wrong while executing your query.",
    )
}

/// A point in time, as `2026-11-22T14:15:00Z`.
#[derive(Clone, Copy)]
pub(super) struct DateTime(pub(super) Timestamp);

#[Scalar(name = "DateTime")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        parse_time(value).map(Self)
    }

    fn to_value(&self) -> Value {
        let whole = Timestamp::from_second(self.0.as_second()).unwrap_or(self.0);
        Value::String(whole.to_string())
    }
}

/// A point in time as a commit has it, with the offset from UTC of its place.
#[derive(Clone, Copy)]
pub(super) struct GitTimestamp {
    pub(super) at: Timestamp,
    offset_seconds: i32,
}

impl From<&Signature> for GitTimestamp {
    fn from(signature: &Signature) -> Self {
        Self {
            at: signature.at,
            offset_seconds: signature.offset_seconds,
        }
    }
}

#[Scalar(name = "GitTimestamp")]
impl ScalarType for GitTimestamp {
    fn parse(value: Value) -> InputValueResult<Self> {
        let at = parse_time(value)?;
        Ok(Self {
            at,
            offset_seconds: 0,
        })
    }

    fn to_value(&self) -> Value {
        let text = match Offset::from_seconds(self.offset_seconds) {
            Ok(offset) if !offset.is_zero() => self.at.display_with_offset(offset).to_string(),
            _ => self.at.to_string(),
        };
        Value::String(text)
    }
}

fn parse_time<T: ScalarType + InputType>(value: Value) -> Result<Timestamp, InputValueError<T>> {
    match value {
        Value::String(text) => text.parse().map_err(InputValueError::custom),
        other => Err(InputValueError::expected_type(other)),
    }
}

/// The name of a git object.
#[derive(Clone)]
pub(super) struct GitObjectId(pub(super) Sha);

#[Scalar(name = "GitObjectID")]
impl ScalarType for GitObjectId {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text.parse()?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An address.
#[derive(Clone)]
pub(super) struct Uri(pub(super) String);

#[Scalar(name = "URI")]
impl ScalarType for Uri {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Uri {
    /// The address without scheme and host.
    pub(super) fn path(&self) -> Self {
        let path = url::Url::parse(&self.0).map(|url| url.path().to_owned());
        Self(path.unwrap_or_else(|_| self.0.clone()))
    }
}
