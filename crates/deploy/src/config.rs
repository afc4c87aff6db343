//! The settings of the service: read once, from flags or the environment, and
//! checked before anything starts. Nothing else reads the environment.
//!
//! A setting that is wrong stops the start with one sentence that names it and
//! says what it should be. A secret may also be given as the path of a file
//! that holds it, by the same name with `_FILE`.

use std::{ffi::OsString, fmt, fs, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use clap::{Parser, Subcommand, error::ErrorKind};
use secrecy::SecretString;
use url::Url;

use crate::model::{EnvironmentName, RepositoryName};

/// The settings of the service.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where gRPC listens.
    pub listen: SocketAddr,
    /// Where health and readiness listen.
    pub admin_listen: SocketAddr,
    /// The SQLite file that holds the journal; made when it is not there.
    pub database: PathBuf,
    /// Base of GitHub's REST API.
    pub github_api_url: Url,
    /// Token for GitHub.
    pub github_token: SecretString,
    /// The owner that a bare repository name takes.
    pub github_owner: Option<String>,
    /// Bearer token that clients must send; none only on loopback.
    pub auth_token: Option<SecretString>,
    /// Environments of a repository for which GitHub knows none.
    pub environments: Vec<EnvironmentName>,
    /// How often running deployments are read from GitHub.
    pub poll_interval: Duration,
}

/// What the program was asked to do.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Serve, or only check the settings.
    pub action: Action,
    /// How to log.
    pub log: Log,
    /// The settings.
    pub config: Config,
}

/// The subcommands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Subcommand)]
pub enum Action {
    /// Serve until told to stop (the default)
    #[default]
    Serve,
    /// Check the settings, say what they are, and end
    CheckConfig,
}

/// How to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Which events, in the words of `tracing_subscriber`'s filter.
    pub filter: String,
    /// In which form.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Why there are no settings to go on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Help or version was asked for; the text to print.
    Asked(String),
    /// Something is wrong; one sentence for the person who set it.
    Wrong(String),
}

/// The flags as they come in; `Config` is what they mean.
#[derive(Parser)]
#[command(
    name = "deploy",
    version,
    about = "Deploys commits of GitHub repositories, and tells what runs where.",
    disable_help_subcommand = true
)]
struct Flags {
    #[command(subcommand)]
    action: Option<Action>,

    /// Address of gRPC
    #[arg(long, env = "DEPLOY_LISTEN", default_value = "127.0.0.1:50051")]
    #[arg(global = true, value_name = "IP:PORT")]
    listen: String,

    /// Address of health and readiness
    #[arg(long, env = "DEPLOY_ADMIN_LISTEN", default_value = "127.0.0.1:9091")]
    #[arg(global = true, value_name = "IP:PORT")]
    admin_listen: String,

    /// The journal's database
    #[arg(long, env = "DEPLOY_DATABASE_URL", default_value = "sqlite:deploy.db")]
    #[arg(global = true, value_name = "URL", hide_env_values = true)]
    database_url: String,

    /// Base URL of GitHub's REST API; for GitHub Enterprise Server
    /// https://HOST/api/v3
    #[arg(
        long,
        env = "DEPLOY_GITHUB_API_URL",
        default_value = "https://api.github.com"
    )]
    #[arg(global = true, value_name = "URL")]
    github_api_url: String,

    /// Token for GitHub
    #[arg(long, env = "DEPLOY_GITHUB_TOKEN", hide_env_values = true)]
    #[arg(global = true, value_name = "TOKEN")]
    github_token: Option<String>,

    /// File that holds the token for GitHub
    #[arg(long, env = "DEPLOY_GITHUB_TOKEN_FILE")]
    #[arg(global = true, value_name = "PATH")]
    github_token_file: Option<PathBuf>,

    /// Owner of repositories that are named without one
    #[arg(long, env = "DEPLOY_GITHUB_OWNER")]
    #[arg(global = true, value_name = "OWNER")]
    github_owner: Option<String>,

    /// Bearer token that clients must send; required unless gRPC listens on
    /// loopback
    #[arg(long, env = "DEPLOY_AUTH_TOKEN", hide_env_values = true)]
    #[arg(global = true, value_name = "TOKEN")]
    auth_token: Option<String>,

    /// File that holds the bearer token
    #[arg(long, env = "DEPLOY_AUTH_TOKEN_FILE")]
    #[arg(global = true, value_name = "PATH")]
    auth_token_file: Option<PathBuf>,

    /// Environments of a repository for which GitHub knows none, separated by
    /// commas
    #[arg(
        long,
        env = "DEPLOY_ENVIRONMENTS",
        default_value = "production,staging"
    )]
    #[arg(global = true, value_name = "NAMES")]
    environments: String,

    /// How often running deployments are read from GitHub
    #[arg(long, env = "DEPLOY_POLL_INTERVAL", default_value = "2s")]
    #[arg(global = true, value_name = "DURATION")]
    poll_interval: String,

    /// Which events to log
    #[arg(long, env = "DEPLOY_LOG", default_value = "info")]
    #[arg(global = true, value_name = "FILTER")]
    log: String,

    /// Form of the log: text or json
    #[arg(long, env = "DEPLOY_LOG_FORMAT", default_value = "text")]
    #[arg(global = true, value_name = "FORMAT")]
    log_format: String,
}

impl Config {
    /// Reads the program's arguments (the first is the program's own name),
    /// and the environment for those that are not given.
    ///
    /// # Errors
    /// [`Stop`], with what to print.
    pub fn from_args<I, T>(args: I) -> Result<Invocation, Stop>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let flags = Flags::try_parse_from(args).map_err(|error| stop(&error))?;
        let (action, log) = (flags.action.unwrap_or_default(), flags.log()?);
        let config = flags.config()?;
        Ok(Invocation {
            action,
            log,
            config,
        })
    }
}

impl Flags {
    fn log(&self) -> Result<Log, Stop> {
        tracing_subscriber::EnvFilter::from_str(&self.log).map_err(|_| {
            wrong("DEPLOY_LOG is no log filter: write a level such as `info`, or `info,sqlx=warn`.")
        })?;
        let format = match self.log_format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => {
                return Err(wrong(format!(
                    "DEPLOY_LOG_FORMAT is `{other}`: write `text` or `json`."
                )));
            }
        };
        Ok(Log {
            filter: self.log.clone(),
            format,
        })
    }

    fn config(self) -> Result<Config, Stop> {
        let listen = address("DEPLOY_LISTEN", &self.listen)?;
        let github_token = secret(
            "DEPLOY_GITHUB_TOKEN",
            self.github_token,
            self.github_token_file,
        )?;
        let auth_token = secret("DEPLOY_AUTH_TOKEN", self.auth_token, self.auth_token_file)?;
        if auth_token.is_none() && !listen.ip().is_loopback() {
            return Err(wrong(format!(
                "DEPLOY_AUTH_TOKEN is not set, and gRPC on {listen} can be reached from other \
                 machines: set it, or let DEPLOY_LISTEN be a loopback address."
            )));
        }
        Ok(Config {
            listen,
            admin_listen: address("DEPLOY_ADMIN_LISTEN", &self.admin_listen)?,
            database: sqlite_file(&self.database_url)?,
            github_api_url: api_url(&self.github_api_url)?,
            github_token: github_token.ok_or_else(|| {
                wrong(
                    "DEPLOY_GITHUB_TOKEN is not set: give a token for GitHub, \
                     or its file in DEPLOY_GITHUB_TOKEN_FILE.",
                )
            })?,
            github_owner: self.github_owner.map(owner).transpose()?,
            auth_token,
            environments: environments(&self.environments)?,
            poll_interval: poll_interval(&self.poll_interval)?,
        })
    }
}

/// What clap has to say, in one sentence; its usage text would hide it.
fn stop(error: &clap::Error) -> Stop {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Asked(error.to_string()),
        _ => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            let first = first.strip_prefix("error: ").unwrap_or(first);
            wrong(format!("{first}; `deploy --help` lists what there is."))
        }
    }
}

fn wrong(sentence: impl Into<String>) -> Stop {
    Stop::Wrong(sentence.into())
}

fn address(setting: &str, text: &str) -> Result<SocketAddr, Stop> {
    text.parse().map_err(|_| {
        wrong(format!(
            "{setting} is `{text}`, which is no address: write IP:PORT, such as 127.0.0.1:50051."
        ))
    })
}

/// The file of `sqlite:FILE` or `sqlite://FILE`. The URL itself is not
/// repeated in the sentence: that of another database may hold a password.
fn sqlite_file(url: &str) -> Result<PathBuf, Stop> {
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
    Ok(PathBuf::from(file))
}

fn api_url(text: &str) -> Result<Url, Stop> {
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

fn secret(
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

fn owner(text: String) -> Result<String, Stop> {
    match RepositoryName::parse("any", Some(&text)) {
        Ok(_) => Ok(text),
        Err(_) => Err(wrong(format!(
            "DEPLOY_GITHUB_OWNER is `{text}`, which is no name of a GitHub user or organization."
        ))),
    }
}

fn environments(text: &str) -> Result<Vec<EnvironmentName>, Stop> {
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

fn poll_interval(text: &str) -> Result<Duration, Stop> {
    // The looks for a deployment whose answer was lost are spaced by it too:
    // shorter, and GitHub may still be at work on it when they end; longer, and
    // the environment stays taken for long.
    let (least, most) = (Duration::from_secs(1), Duration::from_secs(10));
    jiff::SignedDuration::from_str(text)
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| (least..=most).contains(duration))
        .ok_or_else(|| {
            wrong(format!(
                "DEPLOY_POLL_INTERVAL is `{text}`: write a duration from 1s to 10s, such as 2s."
            ))
        })
}

impl fmt::Display for Config {
    /// The settings one by line, secrets only as being set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environments.iter().map(ToString::to_string).collect();
        let auth = self.auth_token.as_ref().map_or("not set", |_| "set");
        writeln!(f, "DEPLOY_LISTEN={}", self.listen)?;
        writeln!(f, "DEPLOY_ADMIN_LISTEN={}", self.admin_listen)?;
        writeln!(f, "DEPLOY_DATABASE_URL=sqlite:{}", self.database.display())?;
        writeln!(f, "DEPLOY_GITHUB_API_URL={}", self.github_api_url)?;
        writeln!(f, "DEPLOY_GITHUB_TOKEN: set")?;
        match &self.github_owner {
            Some(owner) => writeln!(f, "DEPLOY_GITHUB_OWNER={owner}")?,
            None => writeln!(f, "DEPLOY_GITHUB_OWNER: not set")?,
        }
        writeln!(f, "DEPLOY_AUTH_TOKEN: {auth}")?;
        writeln!(f, "DEPLOY_ENVIRONMENTS={}", names.join(","))?;
        write!(f, "DEPLOY_POLL_INTERVAL={:?}", self.poll_interval)
    }
}

#[cfg(test)]
mod tests;
