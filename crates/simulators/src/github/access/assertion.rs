//! An App's assertion of who it is: a JSON web token, signed by it (RS256),
//! which lasts ten minutes at most. The sentences are GitHub's.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;

use crate::github::app::App;

/// How far ahead an assertion may end, in seconds.
const LONGEST: i64 = 10 * 60;

/// Why an assertion is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unbelieved {
    /// It is no token, of another algorithm, or signed by somebody else.
    Undecodable,
    /// It does not say whose it is.
    Issuer,
    /// There is no such App.
    Unknown,
    /// It does not say when it was made, or was made in the future.
    IssuedAt,
    /// It does not say when it ends, or has ended.
    Expired,
    /// It lasts too long.
    TooLong,
}

impl Unbelieved {
    /// GitHub's sentence for it.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Undecodable => "A JSON web token could not be decoded",
            Self::Issuer => "'Issuer' claim ('iss') must be an Integer",
            Self::Unknown => "Integration not found",
            Self::IssuedAt => {
                "'Issued at' claim ('iat') must be an Integer representing the time that the \
                 assertion was issued"
            }
            Self::Expired => {
                "'Expiration time' claim ('exp') must be a numeric value representing the future \
                 time at which the assertion expires"
            }
            Self::TooLong => "'Expiration time' claim ('exp') is too far in the future",
        }
    }
}

/// Whether a token is this App's own assertion, good now. The server's clock is
/// the measure: an App whose clock is fast has to set `iat` back, by a minute as
/// GitHub's documentation advises.
pub(super) fn check(token: &str, app: &App, now: Timestamp) -> Result<(), Unbelieved> {
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Unbelieved::Undecodable);
    };
    if object(header)?["alg"] != "RS256" {
        return Err(Unbelieved::Undecodable);
    }
    let read = object(claims)?;
    let issuer = read["iss"]
        .as_u64()
        .or_else(|| read["iss"].as_str()?.parse().ok())
        .ok_or(Unbelieved::Issuer)?;
    if issuer != app.id {
        return Err(Unbelieved::Unknown);
    }
    let signature = BASE64_URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| Unbelieved::Undecodable)?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &app.key)
        .verify(format!("{header}.{claims}").as_bytes(), &signature)
        .map_err(|_| Unbelieved::Undecodable)?;
    check_times(&read, now.as_second())
}

fn check_times(claims: &Value, now: i64) -> Result<(), Unbelieved> {
    claims["iat"]
        .as_i64()
        .filter(|issued| *issued <= now)
        .ok_or(Unbelieved::IssuedAt)?;
    let ends = claims["exp"]
        .as_i64()
        .filter(|ends| *ends > now)
        .ok_or(Unbelieved::Expired)?;
    if ends - now > LONGEST {
        return Err(Unbelieved::TooLong);
    }
    Ok(())
}

fn object(part: &str) -> Result<Value, Unbelieved> {
    BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .filter(Value::is_object)
        .ok_or(Unbelieved::Undecodable)
}
