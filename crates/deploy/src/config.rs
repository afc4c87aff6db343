//! The settings of the service: read once, from flags or the environment, and
//! checked before anything starts. Nothing else reads the environment.
//!
//! A setting that is wrong stops the start with one sentence that names it and
//! says what it should be. A secret may also be given as the path of a file
//! that holds it, by the same name with `_FILE`.

mod setting;

use std::{ffi::OsString, fmt, net::SocketAddr, path::PathBuf, str::FromStr as _, time::Duration};

use clap::{CommandFactory as _, Parser, Subcommand, error::ErrorKind};
use secrecy::SecretString;
use url::Url;

use crate::model::{EnvironmentName, closest};
use setting::{address, api_url, environments, owner, poll_interval, secret, sqlite_file};

/// What the name of every variable of ours begins with.
const PREFIX: &str = "DEPLOY_";

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
        refuse_unknown(std::env::vars_os().filter_map(|(name, value)| {
            // A name that is no text is none of ours; a value may be any.
            Some((
                name.into_string().ok()?,
                value.to_string_lossy().into_owned(),
            ))
        }))?;
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
        let admin_listen = address("DEPLOY_ADMIN_LISTEN", &self.admin_listen)?;
        if listen == admin_listen && listen.port() != 0 {
            return Err(wrong(format!(
                "DEPLOY_LISTEN and DEPLOY_ADMIN_LISTEN are both {listen}: give one of them \
                 another port."
            )));
        }
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
            admin_listen,
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

/// A variable that begins as ours do and is none of them is a slip: its
/// setting would stay at its default unseen.
fn refuse_unknown(variables: impl Iterator<Item = (String, String)>) -> Result<(), Stop> {
    let command = Flags::command();
    let settings: Vec<&str> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env()?.to_str())
        .collect();
    for (name, value) in variables {
        let Some(own) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if settings.contains(&name.as_str()) || is_from_kubernetes(&name, &value) {
            continue;
        }
        let known = settings.iter().map(|name| name.trim_start_matches(PREFIX));
        let meant = closest(own, known).first().map_or_else(
            || "`deploy --help` lists what there is.".to_owned(),
            |nearest| format!("did you mean {PREFIX}{nearest}?"),
        );
        return Err(wrong(format!("There is no setting {name}: {meant}")));
    }
    Ok(())
}

/// Kubernetes describes every service of a namespace to every container; one
/// that is called `deploy`, or `deploy-…`, gives variables that begin as ours
/// do.
fn is_from_kubernetes(name: &str, value: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
        || (name.ends_with("_PORT") && value.contains("://"))
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
