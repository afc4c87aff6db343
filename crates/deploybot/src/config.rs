//! The settings of the service: read once, from flags or the environment, and
//! checked before anything starts. Nothing else reads the environment.
//!
//! A setting that is wrong stops the start with one sentence that names it and
//! says what it should be. A secret may also be given as the path of a file
//! that holds it, by the same name with `_FILE`.

mod timing;
mod unknown;
mod value;

use std::{ffi::OsString, fmt, net::SocketAddr, path::PathBuf, str::FromStr as _};

use clap::{Parser, Subcommand, error::ErrorKind};
use secrecy::SecretString;
use url::Url;

pub use self::timing::Timing;

use self::{
    unknown::refuse_unknown,
    value::{
        address, connections, language, people, secret, service_url, signing_secret, slack_token,
    },
};

use crate::{people::Table, words::Language};

/// The settings of the service.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the deploy service answers gRPC.
    pub deploy_url: Url,
    /// Bearer token that the deploy service asks for, if it does.
    pub deploy_token: Option<SecretString>,
    /// Base of Slack's Web API.
    pub slack_api_url: Url,
    /// The bot's token, `xoxb-…`.
    pub slack_bot_token: SecretString,
    /// How events come over connections that the bot opens, if they do. At
    /// least one of the two ways is there.
    pub socket_mode: Option<SocketMode>,
    /// How events come as requests of Slack, if they do.
    pub events_api: Option<EventsApi>,
    /// In which people are spoken to whose own language is not known or not spoken.
    pub language: Language,
    /// What the operator says of who is who.
    pub people: Table,
    /// Where health and readiness listen.
    pub admin_listen: SocketAddr,
    /// How long things are waited for; not a setting.
    pub timing: Timing,
}

/// Socket Mode: the bot opens connections, and Slack sends events over them.
#[derive(Debug, Clone)]
pub struct SocketMode {
    /// The app's token, `xapp-…`: opens connections.
    pub app_token: SecretString,
    /// How many connections are kept, 1 to 10.
    pub connections: usize,
}

/// The Events API: Slack sends events and interactions as requests.
#[derive(Debug, Clone)]
pub struct EventsApi {
    /// What Slack signs its requests with.
    pub signing_secret: SecretString,
    /// Where they are listened for.
    pub listen: SocketAddr,
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
    name = "deploybot",
    version,
    about = "The Slack interface of deploybot: listens to mentions, asks the deploy service, answers in the channel.",
    disable_help_subcommand = true
)]
struct Flags {
    #[command(subcommand)]
    action: Option<Action>,

    /// Where the deploy service answers gRPC
    #[arg(
        long,
        env = "DEPLOYBOT_DEPLOY_URL",
        default_value = "http://127.0.0.1:50051"
    )]
    #[arg(global = true, value_name = "URL")]
    deploy_url: String,

    /// Bearer token that the deploy service asks for
    #[arg(long, env = "DEPLOYBOT_DEPLOY_TOKEN", hide_env_values = true)]
    #[arg(global = true, value_name = "TOKEN")]
    deploy_token: Option<String>,

    /// File that holds the bearer token
    #[arg(long, env = "DEPLOYBOT_DEPLOY_TOKEN_FILE")]
    #[arg(global = true, value_name = "PATH")]
    deploy_token_file: Option<PathBuf>,

    /// Base URL of Slack's Web API
    #[arg(
        long,
        env = "DEPLOYBOT_SLACK_API_URL",
        default_value = "https://slack.com/api"
    )]
    #[arg(global = true, value_name = "URL")]
    slack_api_url: String,

    /// The bot's token, xoxb-…
    #[arg(long, env = "DEPLOYBOT_SLACK_BOT_TOKEN", hide_env_values = true)]
    #[arg(global = true, value_name = "TOKEN")]
    slack_bot_token: Option<String>,

    /// File that holds the bot's token
    #[arg(long, env = "DEPLOYBOT_SLACK_BOT_TOKEN_FILE")]
    #[arg(global = true, value_name = "PATH")]
    slack_bot_token_file: Option<PathBuf>,

    /// The app's token, xapp-…: events come over Socket Mode
    #[arg(long, env = "DEPLOYBOT_SLACK_APP_TOKEN", hide_env_values = true)]
    #[arg(global = true, value_name = "TOKEN")]
    slack_app_token: Option<String>,

    /// File that holds the app's token
    #[arg(long, env = "DEPLOYBOT_SLACK_APP_TOKEN_FILE")]
    #[arg(global = true, value_name = "PATH")]
    slack_app_token_file: Option<PathBuf>,

    /// How many Socket Mode connections are kept, 1 to 10
    #[arg(long, env = "DEPLOYBOT_SLACK_CONNECTIONS", default_value = "2")]
    #[arg(global = true, value_name = "NUMBER")]
    slack_connections: String,

    /// The app's signing secret: events come over HTTP
    #[arg(long, env = "DEPLOYBOT_SLACK_SIGNING_SECRET", hide_env_values = true)]
    #[arg(global = true, value_name = "SECRET")]
    slack_signing_secret: Option<String>,

    /// File that holds the signing secret
    #[arg(long, env = "DEPLOYBOT_SLACK_SIGNING_SECRET_FILE")]
    #[arg(global = true, value_name = "PATH")]
    slack_signing_secret_file: Option<PathBuf>,

    /// Address of POST /slack/events and /slack/interactions, with the signing
    /// secret
    #[arg(long, env = "DEPLOYBOT_LISTEN", default_value = "127.0.0.1:8082")]
    #[arg(global = true, value_name = "IP:PORT")]
    listen: String,

    /// Language for those whose own is not known or not spoken: en or ko
    #[arg(long, env = "DEPLOYBOT_LANGUAGE", default_value = "en")]
    #[arg(global = true, value_name = "CODE")]
    language: String,

    /// File that says who is who: a JSON object of GitHub logins, each with a Slack
    /// user id
    #[arg(long, env = "DEPLOYBOT_PEOPLE_FILE")]
    #[arg(global = true, value_name = "PATH")]
    people_file: Option<PathBuf>,

    /// Address of health and readiness
    #[arg(long, env = "DEPLOYBOT_ADMIN_LISTEN", default_value = "127.0.0.1:9092")]
    #[arg(global = true, value_name = "IP:PORT")]
    admin_listen: String,

    /// Which events to log
    #[arg(long, env = "DEPLOYBOT_LOG", default_value = "info")]
    #[arg(global = true, value_name = "FILTER")]
    log: String,

    /// Form of the log: text or json
    #[arg(long, env = "DEPLOYBOT_LOG_FORMAT", default_value = "text")]
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
        let filter = tracing_subscriber::EnvFilter::from_str(&self.log);
        // One that names no level would leave out all but errors.
        if filter.is_err() || self.log.trim().is_empty() {
            return Err(wrong(
                "DEPLOYBOT_LOG is no log filter: write a level such as `info`, or `info,deploybot=debug`.",
            ));
        }
        let format = match self.log_format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => {
                return Err(wrong(format!(
                    "DEPLOYBOT_LOG_FORMAT is `{other}`: write `text` or `json`."
                )));
            }
        };
        Ok(Log {
            filter: self.log.clone(),
            format,
        })
    }

    fn config(self) -> Result<Config, Stop> {
        let slack_bot_token = slack_token(
            "DEPLOYBOT_SLACK_BOT_TOKEN",
            "xoxb-",
            self.slack_bot_token.clone(),
            self.slack_bot_token_file.clone(),
        )?
        .ok_or_else(no_bot_token)?;
        let (socket_mode, events_api) = (self.socket_mode()?, self.events_api()?);
        let admin_listen = address("DEPLOYBOT_ADMIN_LISTEN", &self.admin_listen)?;
        let is_taken = |api: &EventsApi| api.listen == admin_listen && admin_listen.port() != 0;
        if events_api.as_ref().is_some_and(is_taken) {
            return Err(wrong(format!(
                "DEPLOYBOT_LISTEN and DEPLOYBOT_ADMIN_LISTEN are both {admin_listen}: \
                 give each an address of its own."
            )));
        }
        let config = Config {
            deploy_url: service_url(
                "DEPLOYBOT_DEPLOY_URL",
                "http://127.0.0.1:50051",
                &self.deploy_url,
            )?,
            deploy_token: secret(
                "DEPLOYBOT_DEPLOY_TOKEN",
                self.deploy_token,
                self.deploy_token_file,
            )?
            .map(SecretString::from),
            slack_api_url: service_url(
                "DEPLOYBOT_SLACK_API_URL",
                "https://slack.com/api",
                &self.slack_api_url,
            )?,
            slack_bot_token,
            socket_mode,
            events_api,
            language: language("DEPLOYBOT_LANGUAGE", &self.language)?,
            people: people("DEPLOYBOT_PEOPLE_FILE", self.people_file)?,
            admin_listen,
            timing: Timing::default(),
        };
        if config.socket_mode.is_none() && config.events_api.is_none() {
            return Err(no_transport());
        }
        Ok(config)
    }

    fn socket_mode(&self) -> Result<Option<SocketMode>, Stop> {
        let connections = connections("DEPLOYBOT_SLACK_CONNECTIONS", &self.slack_connections)?;
        let token = slack_token(
            "DEPLOYBOT_SLACK_APP_TOKEN",
            "xapp-",
            self.slack_app_token.clone(),
            self.slack_app_token_file.clone(),
        )?;
        Ok(token.map(|app_token| SocketMode {
            app_token,
            connections,
        }))
    }

    fn events_api(&self) -> Result<Option<EventsApi>, Stop> {
        let listen = address("DEPLOYBOT_LISTEN", &self.listen)?;
        let secret = signing_secret(
            "DEPLOYBOT_SLACK_SIGNING_SECRET",
            self.slack_signing_secret.clone(),
            self.slack_signing_secret_file.clone(),
        )?;
        Ok(secret.map(|signing_secret| EventsApi {
            signing_secret,
            listen,
        }))
    }
}

fn no_bot_token() -> Stop {
    wrong(
        "DEPLOYBOT_SLACK_BOT_TOKEN is not set: give your Slack app's token that begins with \
         xoxb-, or its file in DEPLOYBOT_SLACK_BOT_TOKEN_FILE.",
    )
}

fn no_transport() -> Stop {
    wrong(
        "Neither DEPLOYBOT_SLACK_APP_TOKEN nor DEPLOYBOT_SLACK_SIGNING_SECRET is set, so that \
         nothing would be heard: give your Slack app's token that begins with xapp- for Socket \
         Mode, or its signing secret for events over HTTP.",
    )
}

/// What clap has to say, in one sentence; its usage text would hide it.
fn stop(error: &clap::Error) -> Stop {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Asked(error.to_string()),
        _ => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            let first = first.strip_prefix("error: ").unwrap_or(first);
            wrong(format!("{first}; `deploybot --help` lists what there is."))
        }
    }
}

fn wrong(sentence: impl Into<String>) -> Stop {
    Stop::Wrong(sentence.into())
}

impl fmt::Display for Config {
    /// The settings one by line, secrets only as being set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deploy_token = self.deploy_token.as_ref().map_or("not set", |_| "set");
        writeln!(f, "DEPLOYBOT_DEPLOY_URL={}", self.deploy_url)?;
        writeln!(f, "DEPLOYBOT_DEPLOY_TOKEN: {deploy_token}")?;
        writeln!(f, "DEPLOYBOT_SLACK_API_URL={}", self.slack_api_url)?;
        writeln!(f, "DEPLOYBOT_SLACK_BOT_TOKEN: set")?;
        match &self.socket_mode {
            Some(SocketMode { connections, .. }) => {
                writeln!(f, "DEPLOYBOT_SLACK_APP_TOKEN: set")?;
                writeln!(f, "DEPLOYBOT_SLACK_CONNECTIONS={connections}")?;
            }
            None => writeln!(f, "DEPLOYBOT_SLACK_APP_TOKEN: not set; no Socket Mode")?,
        }
        match &self.events_api {
            Some(EventsApi { listen, .. }) => {
                writeln!(f, "DEPLOYBOT_SLACK_SIGNING_SECRET: set")?;
                writeln!(f, "DEPLOYBOT_LISTEN={listen}")?;
            }
            None => writeln!(
                f,
                "DEPLOYBOT_SLACK_SIGNING_SECRET: not set; no events over HTTP"
            )?,
        }
        writeln!(f, "DEPLOYBOT_LANGUAGE={}", self.language)?;
        match self.people.len() {
            0 => writeln!(f, "DEPLOYBOT_PEOPLE_FILE: nobody is named")?,
            named => writeln!(f, "DEPLOYBOT_PEOPLE_FILE: {named} named")?,
        }
        write!(f, "DEPLOYBOT_ADMIN_LISTEN={}", self.admin_listen)
    }
}

#[cfg(test)]
mod tests;
