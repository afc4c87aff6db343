//! The value of one setting: what it may be, and the sentence for what it may
//! not. Secrets are never repeated.

use std::{fs, net::SocketAddr, path::PathBuf};

use secrecy::SecretString;
use url::Url;

use super::{Stop, wrong};
use crate::{people::Table, words::Language};

/// An IP address and port to listen on.
pub(super) fn address(setting: &str, text: &str) -> Result<SocketAddr, Stop> {
    text.parse().map_err(|_| {
        wrong(format!(
            "{setting} is `{text}`, which is no address: write IP:PORT, such as 127.0.0.1:9092."
        ))
    })
}

/// A language that the bot speaks.
pub(super) fn language(setting: &str, code: &str) -> Result<Language, Stop> {
    Language::from_code(code)
        .ok_or_else(|| wrong(format!("{setting} is `{code}`: write `en` or `ko`.")))
}

/// The text itself is not repeated: what is wrong with it may be a password.
pub(super) fn service_url(setting: &str, example: &str, text: &str) -> Result<Url, Stop> {
    let bad = |why: &str| wrong(format!("{setting} {why}: write a URL such as {example}."));
    let url = Url::parse(text).map_err(|_| bad("is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(bad("is no http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("holds a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("has a query or a fragment"));
    }
    Ok(url)
}

pub(super) fn secret(
    setting: &str,
    value: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<String>, Stop> {
    let value = match (value, file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(wrong(format!(
                "{setting} and {setting}_FILE are both set: leave one of them out."
            )));
        }
        (Some(value), None) => value,
        (None, Some(path)) => fs::read_to_string(&path).map_err(|error| {
            let path = path.display();
            wrong(format!(
                "{setting}_FILE names `{path}`, which cannot be read: {error}."
            ))
        })?,
    };
    let value = value.trim();
    if value.is_empty() {
        return Err(wrong(format!(
            "{setting} is empty: give it a value, or leave it out."
        )));
    }
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong(format!(
            "{setting} holds a space or a character that a token does not have."
        )));
    }
    Ok(Some(value.to_owned()))
}

/// Who is who, as a file says; nobody where none is named.
pub(super) fn people(setting: &str, file: Option<PathBuf>) -> Result<Table, Stop> {
    let Some(path) = file else {
        return Ok(Table::default());
    };
    let at = path.display();
    let text = fs::read_to_string(&path).map_err(|error| {
        wrong(format!(
            "{setting} names `{at}`, which cannot be read: {error}."
        ))
    })?;
    Table::read(&text).map_err(|error| {
        wrong(format!(
            "{setting} names `{at}`, which does not say who is who: {error}."
        ))
    })
}

/// How many Socket Mode connections: Slack lets an app have 10, of all its
/// processes together.
pub(super) fn connections(setting: &str, text: &str) -> Result<usize, Stop> {
    match text.parse() {
        Ok(number @ 1..=10) => Ok(number),
        _ => Err(wrong(format!(
            "{setting} is `{text}`: write a number from 1 to 10, of which Slack lets an app \
             have 10 over all its processes."
        ))),
    }
}

/// Slack's tokens say by their first letters what they are for; the two are
/// easily swapped.
pub(super) fn slack_token(
    setting: &str,
    prefix: &str,
    value: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<SecretString>, Stop> {
    match secret(setting, value, file)? {
        Some(token) if !token.starts_with(prefix) => Err(wrong(format!(
            "{setting} does not begin with {prefix}: it holds another kind of token."
        ))),
        token => Ok(token.map(SecretString::from)),
    }
}

/// Slack shows it beside the tokens, and it is easily taken for one.
pub(super) fn signing_secret(
    setting: &str,
    value: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<SecretString>, Stop> {
    match secret(setting, value, file)? {
        Some(secret) if secret.starts_with("xox") || secret.starts_with("xapp-") => {
            Err(wrong(format!(
                "{setting} holds a token: give the signing secret, which your Slack app shows \
                 under Basic Information."
            )))
        }
        secret => Ok(secret.map(SecretString::from)),
    }
}
