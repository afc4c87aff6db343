//! The settings of the service: read once, from flags or the environment, and
//! checked before anything starts. Nothing else reads the environment.
//!
//! A setting that is wrong stops the start with one sentence that names it and
//! says what it should be. A secret may also be given as the path of a file
//! that holds it, by the same name with `_FILE`.

mod flags;
mod setting;

use std::{ffi::OsString, fmt, net::SocketAddr, time::Duration};

use clap::{CommandFactory as _, Parser as _, error::ErrorKind};
use jiff::SignedDuration;
use secrecy::SecretString;
use url::Url;

use crate::{
    github::Credentials,
    model::{EnvironmentName, RepositoryName, closest},
    store::Database,
};
use flags::Flags;

/// What the name of every variable of ours begins with.
const PREFIX: &str = "DEPLOY_";

/// The settings of the service.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where gRPC listens.
    pub listen: SocketAddr,
    /// Where health and readiness listen.
    pub admin_listen: SocketAddr,
    /// Where webhooks are received, if they are signed with a secret of ours.
    pub web_listen: SocketAddr,
    /// The journal's database.
    pub database: Database,
    /// Base of GitHub's REST API.
    pub github_api_url: Url,
    /// What GitHub knows us by.
    pub github_credentials: Credentials,
    /// Client id of the GitHub App to which people prove which account is theirs.
    pub github_client_id: Option<String>,
    /// Where GitHub tells of its incidents, if anywhere.
    pub github_status_url: Option<Url>,
    /// The secret with which GitHub signs its webhooks; without it they are off.
    pub webhook_secret: Option<SecretString>,
    /// The owner that a bare repository name takes.
    pub github_owner: Option<String>,
    /// Bearer token that clients must send; none only on loopback.
    pub auth_token: Option<SecretString>,
    /// Environments of a repository for which GitHub knows none.
    pub environments: Vec<EnvironmentName>,
    /// How often running deployments are read from GitHub.
    pub poll_interval: Duration,
    /// How long a deployment may wait for a workflow to pick it up.
    pub pickup_timeout: Duration,
    /// How long the workflow of a deployment may say nothing.
    pub silence_timeout: Duration,
    /// How old an answer from the journal may be that no hint has outdated, on an
    /// ordinary day.
    pub snapshot_age: Duration,
}

/// What the program was asked to do.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Serve, or do something else.
    pub action: Action,
    /// How to log.
    pub log: Log,
}

/// The subcommands, each with the settings that it needs.
#[derive(Debug, Clone)]
pub enum Action {
    /// Serve until told to stop.
    Serve(Box<Config>),
    /// Check the settings, say what they are, and end.
    CheckConfig(Box<Config>),
    /// Bring the tables of the journal in this database up to date, and end.
    Migrate(Database),
    /// Make the journal anew from the deployments of these repositories, or of
    /// all where none is named, and end.
    Rebuild(Box<Config>, Vec<RepositoryName>),
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
        let log = flags.log()?;
        let action = flags.action()?;
        Ok(Invocation { action, log })
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
        let set = |secret: &Option<SecretString>| secret.as_ref().map_or("not set", |_| "set");
        writeln!(f, "DEPLOY_LISTEN={}", self.listen)?;
        writeln!(f, "DEPLOY_ADMIN_LISTEN={}", self.admin_listen)?;
        writeln!(f, "DEPLOY_WEB_LISTEN={}", self.web_listen)?;
        match &self.database {
            Database::Sqlite(file) => {
                writeln!(f, "DEPLOY_DATABASE_URL=sqlite:{}", file.display())?;
            }
            // It may hold a password.
            Database::Postgres(_) => writeln!(f, "DEPLOY_DATABASE_URL: set, postgres")?,
        }
        writeln!(f, "DEPLOY_GITHUB_API_URL={}", self.github_api_url)?;
        match &self.github_credentials {
            Credentials::Token(_) => writeln!(f, "DEPLOY_GITHUB_TOKEN: set")?,
            Credentials::App { id, .. } => {
                writeln!(f, "DEPLOY_GITHUB_APP_ID={id}")?;
                writeln!(f, "DEPLOY_GITHUB_APP_PRIVATE_KEY: set")?;
            }
        }
        match &self.github_client_id {
            Some(id) => writeln!(f, "DEPLOY_GITHUB_CLIENT_ID={id}")?,
            None => writeln!(f, "DEPLOY_GITHUB_CLIENT_ID: not set")?,
        }
        let webhooks = set(&self.webhook_secret);
        writeln!(f, "DEPLOY_GITHUB_WEBHOOK_SECRET: {webhooks}")?;
        match &self.github_status_url {
            Some(url) => writeln!(f, "DEPLOY_GITHUB_STATUS_URL={url}")?,
            None => writeln!(f, "DEPLOY_GITHUB_STATUS_URL=none")?,
        }
        match &self.github_owner {
            Some(owner) => writeln!(f, "DEPLOY_GITHUB_OWNER={owner}")?,
            None => writeln!(f, "DEPLOY_GITHUB_OWNER: not set")?,
        }
        writeln!(f, "DEPLOY_AUTH_TOKEN: {}", set(&self.auth_token))?;
        writeln!(f, "DEPLOY_ENVIRONMENTS={}", names.join(","))?;
        for (setting, duration) in [
            ("POLL_INTERVAL", self.poll_interval),
            ("PICKUP_TIMEOUT", self.pickup_timeout),
            ("SILENCE_TIMEOUT", self.silence_timeout),
        ] {
            writeln!(f, "{PREFIX}{setting}={}", written(duration))?;
        }
        write!(f, "DEPLOY_SNAPSHOT_AGE={}", written(self.snapshot_age))
    }
}

/// A duration as it may stand in a setting, such as `30m`.
fn written(duration: Duration) -> String {
    SignedDuration::try_from(duration)
        .map_or_else(|_| format!("{duration:?}"), |span| format!("{span:#}"))
}

#[cfg(test)]
mod tests;
