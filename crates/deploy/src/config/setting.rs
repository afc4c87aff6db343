//! What each setting may be, and the one sentence about what it may not.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr as _,
    time::Duration,
};

use secrecy::SecretString;
use url::Url;

use super::{Stop, wrong};
use crate::model::{EnvironmentName, RepositoryName};

/// An address to listen on.
pub(super) fn address(setting: &str, text: &str) -> Result<SocketAddr, Stop> {
    text.parse().map_err(|_| {
        wrong(format!(
            "{setting} is `{text}`, which is no address: write IP:PORT, such as 127.0.0.1:50051."
        ))
    })
}

/// The file of `sqlite:FILE` or `sqlite://FILE`, whose folder must be there:
/// SQLite makes the file, not the folder. The URL itself is not
/// repeated in the sentence: that of another database may hold a password.
pub(super) fn sqlite_file(url: &str) -> Result<PathBuf, Stop> {
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(wrong(
            "DEPLOY_DATABASE_URL is no URL: write sqlite:FILE, such as sqlite:deploy.db.",
        ));
    };
    if scheme != "sqlite" {
        return Err(wrong(format!(
            "DEPLOY_DATABASE_URL begins with `{scheme}:`, which is not supported: \
             write sqlite:FILE, such as sqlite:deploy.db."
        )));
    }
    let file = rest.strip_prefix("//").unwrap_or(rest);
    if file.is_empty() || file.contains([':', '?']) {
        return Err(wrong(
            "DEPLOY_DATABASE_URL names no file: write sqlite:FILE, such as sqlite:deploy.db.",
        ));
    }
    let file = PathBuf::from(file);
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(wrong(format!(
            "DEPLOY_DATABASE_URL names a file in `{}`, which is no folder: make it first.",
            folder.display()
        )));
    }
    Ok(file)
}

/// The base of GitHub's REST API.
pub(super) fn api_url(text: &str) -> Result<Url, Stop> {
    let bad = |why: &str| {
        wrong(format!(
            "DEPLOY_GITHUB_API_URL {why}: write a URL such as https://api.github.com."
        ))
    };
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

/// A secret, as it is or in a file.
pub(super) fn secret(
    setting: &str,
    value: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<SecretString>, Stop> {
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
    Ok(Some(SecretString::from(value)))
}

/// The owner of repositories that are named without one.
pub(super) fn owner(text: String) -> Result<String, Stop> {
    match RepositoryName::parse("any", Some(&text)) {
        Ok(_) => Ok(text),
        Err(_) => Err(wrong(format!(
            "DEPLOY_GITHUB_OWNER is `{text}`, which is no name of a GitHub user or organization."
        ))),
    }
}

/// Names separated by commas.
pub(super) fn environments(text: &str) -> Result<Vec<EnvironmentName>, Stop> {
    let mut names: Vec<EnvironmentName> = Vec::new();
    for part in text.split(',').map(str::trim) {
        let name = part.parse().map_err(|_| {
            wrong(format!(
                "DEPLOY_ENVIRONMENTS is `{text}`: write names separated by commas, \
                 such as production,staging."
            ))
        })?;
        if names.contains(&name) {
            return Err(wrong(format!(
                "DEPLOY_ENVIRONMENTS names `{name}` twice: leave one of them out."
            )));
        }
        names.push(name);
    }
    Ok(names)
}

/// How often running deployments are read.
pub(super) fn poll_interval(text: &str) -> Result<Duration, Stop> {
    // Shorter, and reading alone uses up what GitHub allows in an hour; longer,
    // and people look at steps that are long over.
    let (least, most) = (Duration::from_secs(1), Duration::from_secs(60));
    jiff::SignedDuration::from_str(text)
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| (least..=most).contains(duration))
        .ok_or_else(|| {
            wrong(format!(
                "DEPLOY_POLL_INTERVAL is `{text}`: write a duration from 1s to 1m, such as 2s."
            ))
        })
}
