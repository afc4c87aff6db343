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
use crate::{
    model::{EnvironmentName, RepositoryName},
    store::{self, Database},
};

/// Where the journal is kept unless said otherwise.
const DATABASE: &str = "sqlite:deploy.db";
/// GitHub's own list of unresolved incidents.
const GITHUB_STATUS: &str = "https://www.githubstatus.com/api/v2/incidents/unresolved.json";

/// An address to listen on.
pub(super) fn address(setting: &str, text: &str) -> Result<SocketAddr, Stop> {
    text.parse().map_err(|_| {
        wrong(format!(
            "{setting} is `{text}`, which is no address: write IP:PORT, such as 127.0.0.1:50051."
        ))
    })
}

/// The URL of the journal's database, which may be in a file because it may
/// hold a password.
pub(super) fn database_url(value: Option<String>, file: Option<PathBuf>) -> Result<String, Stop> {
    let url = value_or_file("DEPLOY_DATABASE_URL", value, file)?;
    Ok(url.map_or_else(|| DATABASE.to_owned(), |url| url.trim().to_owned()))
}

/// `sqlite:FILE`, `sqlite://FILE` or `postgres://…`. The URL is not repeated in
/// a sentence: it may hold a password.
pub(super) fn database(url: &str) -> Result<Database, Stop> {
    const WRITE: &str = "write sqlite:FILE, such as sqlite:deploy.db, or \
                         postgres://USER@HOST/NAME.";
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(wrong(format!("DEPLOY_DATABASE_URL is no URL: {WRITE}")));
    };
    match scheme {
        "sqlite" => Ok(Database::Sqlite(sqlite_file(rest)?)),
        "postgres" | "postgresql" => postgres(url),
        _ => Err(wrong(format!(
            "DEPLOY_DATABASE_URL begins with `{scheme}:`, which is not supported: {WRITE}"
        ))),
    }
}

fn postgres(url: &str) -> Result<Database, Stop> {
    const WRITE: &str = "write postgres://USER:PASSWORD@HOST/NAME";
    let parsed = Url::parse(url).map_err(|_| {
        wrong(format!(
            "DEPLOY_DATABASE_URL begins as a Postgres URL, but is none: {WRITE}, with special \
             characters in the password percent-encoded."
        ))
    })?;
    if parsed.path().len() <= 1 {
        return Err(wrong(format!(
            "DEPLOY_DATABASE_URL names no database on its Postgres server: {WRITE}."
        )));
    }
    let database = Database::Postgres(SecretString::from(url));
    match database.check() {
        Ok(()) => Ok(database),
        Err(store::Error::Address { what }) => Err(wrong(format!(
            "DEPLOY_DATABASE_URL cannot be used: {what}."
        ))),
        Err(error) => Err(wrong(format!("DEPLOY_DATABASE_URL: {error}."))),
    }
}

/// What follows `sqlite:`. The folder must be there: SQLite makes the file, not
/// the folder.
fn sqlite_file(rest: &str) -> Result<PathBuf, Stop> {
    let file = rest.strip_prefix("//").unwrap_or(rest);
    if file.is_empty() || file.contains([':', '?']) {
        return Err(wrong(
            "DEPLOY_DATABASE_URL names no file, or one with `:` or `?` in its name: write \
             sqlite:FILE, such as sqlite:deploy.db.",
        ));
    }
    let file = PathBuf::from(file);
    if file.is_dir() {
        return Err(wrong(format!(
            "DEPLOY_DATABASE_URL names `{}`, which is a folder: name a file in it.",
            file.display()
        )));
    }
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
    http_url("DEPLOY_GITHUB_API_URL", text, "https://api.github.com")
}

/// Where GitHub tells of its incidents. An Enterprise Server has no such page.
pub(super) fn status_url(text: Option<&str>, api_url: &Url) -> Result<Option<Url>, Stop> {
    match text {
        Some("none") => Ok(None),
        Some(text) => http_url("DEPLOY_GITHUB_STATUS_URL", text, GITHUB_STATUS).map(Some),
        None if api_url.host_str() == Some("api.github.com") => {
            Ok(Some(Url::parse(GITHUB_STATUS).expect("it is a URL")))
        }
        None => Ok(None),
    }
}

fn http_url(setting: &str, text: &str, example: &str) -> Result<Url, Stop> {
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

/// A secret, as it is or in a file.
pub(super) fn secret(
    setting: &str,
    value: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<SecretString>, Stop> {
    let Some(value) = value_or_file(setting, value, file)? else {
        return Ok(None);
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

/// The private key of a GitHub App: PEM, whose line breaks a variable may hold
/// as `\n`.
pub(super) fn private_key(
    value: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<SecretString>, Stop> {
    const SETTING: &str = "DEPLOY_GITHUB_APP_PRIVATE_KEY";
    let Some(value) = value_or_file(SETTING, value, file)? else {
        return Ok(None);
    };
    let key = value.trim().replace("\\n", "\n");
    if !key.starts_with("-----BEGIN ") || !key.ends_with("-----") {
        return Err(wrong(format!(
            "{SETTING} is no PEM text: give all of the file that GitHub gave out, from \
             `-----BEGIN` to the last `-----`."
        )));
    }
    Ok(Some(SecretString::from(key)))
}

/// The number of a GitHub App.
pub(super) fn app_id(text: &str) -> Result<u64, Stop> {
    text.trim().parse().map_err(|_| {
        wrong(format!(
            "DEPLOY_GITHUB_APP_ID is `{text}`: write the number that the App's page shows."
        ))
    })
}

/// The client id of a GitHub App. GitHub's are letters, digits, dots and hyphens.
pub(super) fn client_id(text: &str) -> Result<String, Stop> {
    let id = text.trim();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if (1..=100).contains(&id.len()) && id.bytes().all(fits) {
        Ok(id.to_owned())
    } else {
        Err(wrong(format!(
            "DEPLOY_GITHUB_CLIENT_ID is `{text}`: write the client id that the App's page shows, \
             such as Iv1.0123456789abcdef."
        )))
    }
}

fn value_or_file(
    setting: &str,
    value: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<String>, Stop> {
    match (value, file) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(wrong(format!(
            "{setting} and {setting}_FILE are both set: leave one of them out."
        ))),
        (Some(value), None) => Ok(Some(value)),
        (None, Some(path)) => fs::read_to_string(&path).map(Some).map_err(|error| {
            let path = path.display();
            wrong(format!(
                "{setting}_FILE names `{path}`, which cannot be read: {error}."
            ))
        }),
    }
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
        if names.iter().any(|known| known.is_same(&name)) {
            return Err(wrong(format!(
                "DEPLOY_ENVIRONMENTS names `{name}` twice: leave one of them out."
            )));
        }
        names.push(name);
    }
    Ok(names)
}

/// A setting that is a duration, within bounds.
pub(super) struct Span {
    setting: &'static str,
    least: Duration,
    most: Duration,
    /// The bounds and an example, as people write them.
    words: &'static str,
}

/// Shorter, and reading alone uses up what GitHub allows in an hour; longer,
/// and people look at steps that are long over.
pub(super) const POLL_INTERVAL: Span = Span {
    setting: "DEPLOY_POLL_INTERVAL",
    least: Duration::from_secs(1),
    most: Duration::from_secs(60),
    words: "from 1s to 1m, such as 2s",
};

/// Shorter, and a workflow that GitHub starts as usual is taken for missing.
pub(super) const PICKUP_TIMEOUT: Span = Span {
    setting: "DEPLOY_PICKUP_TIMEOUT",
    least: Duration::from_secs(10),
    most: Duration::from_hours(24),
    words: "from 10s to 24h, such as 60s",
};

/// Shorter, and a rollout that takes its time is taken for dead.
pub(super) const SILENCE_TIMEOUT: Span = Span {
    setting: "DEPLOY_SILENCE_TIMEOUT",
    least: Duration::from_mins(1),
    most: Duration::from_hours(24),
    words: "from 1m to 24h, such as 30m",
};

/// 0 reads GitHub each time.
pub(super) const SNAPSHOT_AGE: Span = Span {
    setting: "DEPLOY_SNAPSHOT_AGE",
    least: Duration::ZERO,
    most: Duration::from_hours(1),
    words: "from 0s to 1h, such as 5m",
};

impl Span {
    /// Reads what people write.
    pub(super) fn read(&self, text: &str) -> Result<Duration, Stop> {
        jiff::SignedDuration::from_str(text)
            .ok()
            .and_then(|duration| Duration::try_from(duration).ok())
            .filter(|duration| (self.least..=self.most).contains(duration))
            .ok_or_else(|| {
                let Self { setting, words, .. } = self;
                wrong(format!("{setting} is `{text}`: write a duration {words}."))
            })
    }
}
