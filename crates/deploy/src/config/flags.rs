//! The flags and variables as they come in, and the settings that they mean.

use std::{net::SocketAddr, path::PathBuf, str::FromStr as _, time::Duration};

use clap::{Parser, Subcommand};

use super::{
    Action, Config, Log, LogFormat, Stop,
    setting::{
        PICKUP_TIMEOUT, POLL_INTERVAL, SILENCE_TIMEOUT, SNAPSHOT_AGE, address, api_url, app_id,
        client_id, database, database_url, environments, owner, private_key, secret, status_url,
    },
    wrong,
};
use crate::{github::Credentials, model::RepositoryName, store::Database};

/// The subcommands as they come in.
#[derive(Debug, Clone, Subcommand)]
pub(super) enum Command {
    /// Serve until told to stop (the default)
    Serve,
    /// Check the settings, say what they are, and end
    CheckConfig,
    /// Bring the journal's tables up to date, and end
    Migrate,
    /// Make the journal anew from GitHub's deployments, and end. Cut off, it
    /// goes on where it was when it is called again
    Rebuild {
        /// Only of these; left out, all that the credentials can see
        #[arg(value_name = "OWNER/NAME")]
        repositories: Vec<String>,
    },
}

/// The flags as they come in; `Config` is what they mean.
#[derive(Parser)]
#[command(
    name = "deploy",
    version,
    about = "Deploys commits of GitHub repositories, and tells what runs where.",
    disable_help_subcommand = true
)]
pub(super) struct Flags {
    #[command(subcommand)]
    action: Option<Command>,

    /// Address of gRPC
    #[arg(long, env = "DEPLOY_LISTEN", default_value = "127.0.0.1:50051")]
    #[arg(global = true, value_name = "IP:PORT")]
    listen: String,

    /// Address of health and readiness
    #[arg(long, env = "DEPLOY_ADMIN_LISTEN", default_value = "127.0.0.1:9091")]
    #[arg(global = true, value_name = "IP:PORT")]
    admin_listen: String,

    /// Address of GitHub's webhooks; listened on when a webhook secret is set
    #[arg(long, env = "DEPLOY_WEB_LISTEN", default_value = "127.0.0.1:8081")]
    #[arg(global = true, value_name = "IP:PORT")]
    web_listen: String,

    /// The journal's database: sqlite:FILE or postgres://USER@HOST/NAME. Left
    /// out: sqlite:deploy.db
    #[arg(long, env = "DEPLOY_DATABASE_URL", hide_env_values = true)]
    #[arg(global = true, value_name = "URL")]
    database_url: Option<String>,

    /// File that holds the URL of the journal's database
    #[arg(long, env = "DEPLOY_DATABASE_URL_FILE")]
    #[arg(global = true, value_name = "PATH")]
    database_url_file: Option<PathBuf>,

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

    /// Id of the GitHub App, in place of a token
    #[arg(long, env = "DEPLOY_GITHUB_APP_ID")]
    #[arg(global = true, value_name = "NUMBER")]
    github_app_id: Option<String>,

    /// Private key of the GitHub App, as the PEM text that GitHub gives out
    #[arg(long, env = "DEPLOY_GITHUB_APP_PRIVATE_KEY", hide_env_values = true)]
    #[arg(global = true, value_name = "PEM", allow_hyphen_values = true)]
    github_app_private_key: Option<String>,

    /// File that holds the private key of the GitHub App
    #[arg(long, env = "DEPLOY_GITHUB_APP_PRIVATE_KEY_FILE")]
    #[arg(global = true, value_name = "PATH")]
    github_app_private_key_file: Option<PathBuf>,

    /// Client id of a GitHub App whose device flow is enabled: to it people prove
    /// which GitHub account is theirs; without it nobody can
    #[arg(long, env = "DEPLOY_GITHUB_CLIENT_ID")]
    #[arg(global = true, value_name = "ID")]
    github_client_id: Option<String>,

    /// Secret with which GitHub signs its webhooks; without it, webhooks are
    /// off and polling does the work
    #[arg(long, env = "DEPLOY_GITHUB_WEBHOOK_SECRET", hide_env_values = true)]
    #[arg(global = true, value_name = "SECRET")]
    github_webhook_secret: Option<String>,

    /// File that holds the webhook secret
    #[arg(long, env = "DEPLOY_GITHUB_WEBHOOK_SECRET_FILE")]
    #[arg(global = true, value_name = "PATH")]
    github_webhook_secret_file: Option<PathBuf>,

    /// Where GitHub tells of its incidents (Statuspage's list of unresolved
    /// ones); `none` for nowhere. Left out: GitHub's own page where the API is
    /// api.github.com, else nowhere
    #[arg(long, env = "DEPLOY_GITHUB_STATUS_URL")]
    #[arg(global = true, value_name = "URL")]
    github_status_url: Option<String>,

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

    /// How often running deployments are read from GitHub although nothing
    /// hints that they have moved. Left out: 15s with webhooks, 2s without
    #[arg(long, env = "DEPLOY_POLL_INTERVAL")]
    #[arg(global = true, value_name = "DURATION")]
    poll_interval: Option<String>,

    /// How long a deployment may wait for a workflow to pick it up
    #[arg(long, env = "DEPLOY_PICKUP_TIMEOUT", default_value = "60s")]
    #[arg(global = true, value_name = "DURATION")]
    pickup_timeout: String,

    /// How long the workflow of a deployment may say nothing
    #[arg(long, env = "DEPLOY_SILENCE_TIMEOUT", default_value = "30m")]
    #[arg(global = true, value_name = "DURATION")]
    silence_timeout: String,

    /// How old an answer from the journal may be that no webhook has outdated;
    /// when GitHub's hourly budget is being used up fast, a status may be 3
    /// times and a history 12 times as old. Left out: 5m with webhooks, 0s
    /// without
    #[arg(long, env = "DEPLOY_SNAPSHOT_AGE")]
    #[arg(global = true, value_name = "DURATION")]
    snapshot_age: Option<String>,

    /// Which events to log
    #[arg(long, env = "DEPLOY_LOG", default_value = "info")]
    #[arg(global = true, value_name = "FILTER")]
    log: String,

    /// Form of the log: text or json
    #[arg(long, env = "DEPLOY_LOG_FORMAT", default_value = "text")]
    #[arg(global = true, value_name = "FORMAT")]
    log_format: String,
}

impl Flags {
    pub(super) fn log(&self) -> Result<Log, Stop> {
        let filter = tracing_subscriber::EnvFilter::from_str(&self.log);
        // One that names no level would leave out all that is logged.
        if filter.is_err() || self.log.trim().is_empty() {
            return Err(wrong(
                "DEPLOY_LOG is no log filter: write a level such as `info`, or `info,sqlx=warn`.",
            ));
        }
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

    /// What to do, and with what.
    pub(super) fn action(self) -> Result<Action, Stop> {
        Ok(match self.action.clone().unwrap_or(Command::Serve) {
            Command::Serve => Action::Serve(Box::new(self.config()?)),
            Command::CheckConfig => Action::CheckConfig(Box::new(self.config()?)),
            // It may run where nothing else is known, the credentials least of all.
            Command::Migrate => Action::Migrate(self.database()?),
            Command::Rebuild { repositories } => {
                let named = repositories.iter().map(|name| self.repository(name));
                let named = named.collect::<Result<_, _>>()?;
                Action::Rebuild(Box::new(self.config()?), named)
            }
        })
    }

    /// A repository, which may leave out the owner that is set.
    fn repository(&self, name: &str) -> Result<RepositoryName, Stop> {
        let owner = self.github_owner.as_deref();
        RepositoryName::parse(name, owner).map_err(|invalid| match owner {
            None if !name.contains('/') => wrong(format!(
                "`{name}` names no owner: write OWNER/NAME, or set DEPLOY_GITHUB_OWNER."
            )),
            _ => wrong(format!("`{name}`: {invalid}")),
        })
    }

    fn database(&self) -> Result<Database, Stop> {
        let url = database_url(self.database_url.clone(), self.database_url_file.clone())?;
        database(&url)
    }

    fn config(self) -> Result<Config, Stop> {
        let listen = address("DEPLOY_LISTEN", &self.listen)?;
        let admin_listen = address("DEPLOY_ADMIN_LISTEN", &self.admin_listen)?;
        let web_listen = address("DEPLOY_WEB_LISTEN", &self.web_listen)?;
        apart(&[
            ("DEPLOY_LISTEN", listen),
            ("DEPLOY_ADMIN_LISTEN", admin_listen),
            ("DEPLOY_WEB_LISTEN", web_listen),
        ])?;
        let auth_token = secret(
            "DEPLOY_AUTH_TOKEN",
            self.auth_token.clone(),
            self.auth_token_file.clone(),
        )?;
        if auth_token.is_none() && !listen.ip().is_loopback() {
            return Err(wrong(format!(
                "DEPLOY_AUTH_TOKEN is not set, and gRPC on {listen} can be reached from other \
                 machines: set it, or let DEPLOY_LISTEN be a loopback address."
            )));
        }
        let webhook_secret = secret(
            "DEPLOY_GITHUB_WEBHOOK_SECRET",
            self.github_webhook_secret.clone(),
            self.github_webhook_secret_file.clone(),
        )?;
        let github_api_url = api_url(&self.github_api_url)?;
        Ok(Config {
            listen,
            admin_listen,
            web_listen,
            database: self.database()?,
            github_status_url: status_url(self.github_status_url.as_deref(), &github_api_url)?,
            github_api_url,
            github_credentials: self.credentials()?,
            github_client_id: self
                .github_client_id
                .as_deref()
                .map(client_id)
                .transpose()?,
            github_owner: self.github_owner.map(owner).transpose()?,
            auth_token,
            environments: environments(&self.environments)?,
            poll_interval: match (&self.poll_interval, &webhook_secret) {
                (Some(text), _) => POLL_INTERVAL.read(text)?,
                (None, Some(_)) => Duration::from_secs(15),
                (None, None) => Duration::from_secs(2),
            },
            pickup_timeout: PICKUP_TIMEOUT.read(&self.pickup_timeout)?,
            silence_timeout: SILENCE_TIMEOUT.read(&self.silence_timeout)?,
            snapshot_age: match (&self.snapshot_age, &webhook_secret) {
                (Some(text), _) => SNAPSHOT_AGE.read(text)?,
                (None, Some(_)) => Duration::from_mins(5),
                (None, None) => Duration::ZERO,
            },
            webhook_secret,
        })
    }

    /// Either a token or an App, and that one whole.
    fn credentials(&self) -> Result<Credentials, Stop> {
        let token = secret(
            "DEPLOY_GITHUB_TOKEN",
            self.github_token.clone(),
            self.github_token_file.clone(),
        )?;
        let key = private_key(
            self.github_app_private_key.clone(),
            self.github_app_private_key_file.clone(),
        )?;
        match (token, &self.github_app_id, key) {
            (Some(token), None, None) => Ok(Credentials::Token(token)),
            (None, Some(id), Some(private_key)) => Ok(Credentials::App {
                id: app_id(id)?,
                private_key,
            }),
            (None, None, None) => Err(wrong(
                "DEPLOY_GITHUB_TOKEN is not set: give a token for GitHub, or its file in \
                 DEPLOY_GITHUB_TOKEN_FILE, or a GitHub App in DEPLOY_GITHUB_APP_ID and \
                 DEPLOY_GITHUB_APP_PRIVATE_KEY.",
            )),
            (Some(_), ..) => Err(wrong(
                "DEPLOY_GITHUB_TOKEN and a GitHub App are both set: leave one of them out.",
            )),
            (None, Some(_), None) => Err(wrong(
                "DEPLOY_GITHUB_APP_PRIVATE_KEY is not set, but DEPLOY_GITHUB_APP_ID is: an App \
                 signs with its key.",
            )),
            (None, None, Some(_)) => Err(wrong(
                "DEPLOY_GITHUB_APP_ID is not set, but DEPLOY_GITHUB_APP_PRIVATE_KEY is: give the \
                 number that the App's page shows.",
            )),
        }
    }
}

/// Addresses that must not be the same.
fn apart(listeners: &[(&str, SocketAddr)]) -> Result<(), Stop> {
    for (at, (name, address)) in listeners.iter().enumerate() {
        let other = listeners[..at].iter().find(|(_, other)| other == address);
        if let Some((other, _)) = other.filter(|_| address.port() != 0) {
            return Err(wrong(format!(
                "{other} and {name} are both {address}: give one of them another port."
            )));
        }
    }
    Ok(())
}
