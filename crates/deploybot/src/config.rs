//! The settings of the service: read once, from flags or the environment, and
//! checked before anything starts. Nothing else reads the environment.
//!
//! A setting that is wrong stops the start with one sentence that names it and
//! says what it should be. A secret may also be given as the path of a file
//! that holds it, by the same name with `_FILE`.

mod value;

use std::{ffi::OsString, fmt, net::SocketAddr, path::PathBuf, str::FromStr as _, time::Duration};

use clap::{CommandFactory as _, Parser, Subcommand, error::ErrorKind};
use secrecy::SecretString;
use url::Url;

use self::value::{address, secret, service_url, slack_token};

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
    /// The app's token, `xapp-…`: opens Socket Mode connections.
    pub slack_app_token: SecretString,
    /// Where health and readiness listen.
    pub admin_listen: SocketAddr,
    /// How long things are waited for; not a setting.
    pub timing: Timing,
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

/// How long things are waited for. The operator has no say in it; tests do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// How long a request that is only accepted stays unshown: mostly more is
    /// known within that time, and one message says it all.
    pub accepted_after: Duration,
    /// When a read is acknowledged to Slack although its reply is not out yet.
    pub read_acknowledged_after: Duration,
    /// How long the deploy service may take to journal a request before the
    /// person who waits is told so.
    pub journalled_within: Duration,
    /// How long the deploy service is asked to journal a request before the
    /// person who waits is told that it no longer is.
    pub journalled_at_last: Duration,
    /// Deadline of one call to Slack.
    pub slack_call: Duration,
    /// Deadline of one call to the deploy service.
    pub deploy_call: Duration,
    /// How many calls to one Slack channel may follow each other at once.
    pub channel_burst: u32,
    /// One more call to a channel is allowed after this time.
    pub channel_interval: Duration,
    /// First wait before something that failed is tried again.
    pub retry_first: Duration,
    /// Longest wait before something that failed is tried again.
    pub retry_most: Duration,
    /// How often the socket is pinged.
    pub ping_every: Duration,
    /// A socket that was silent for so long is dead.
    pub silent_for: Duration,
    /// How long work in progress may take to end at shutdown.
    pub drain: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            accepted_after: Duration::from_secs(1),
            read_acknowledged_after: Duration::from_millis(25),
            // Slack waits 3 seconds.
            journalled_within: Duration::from_secs(2),
            // About as long as Slack delivers again what is not acknowledged.
            journalled_at_last: Duration::from_secs(300),
            slack_call: Duration::from_secs(10),
            deploy_call: Duration::from_secs(10),
            channel_burst: 5,
            channel_interval: Duration::from_secs(1),
            retry_first: Duration::from_millis(250),
            retry_most: Duration::from_secs(30),
            ping_every: Duration::from_secs(10),
            silent_for: Duration::from_secs(30),
            drain: Duration::from_secs(10),
        }
    }
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

    /// The app's token for Socket Mode, xapp-…
    #[arg(long, env = "DEPLOYBOT_SLACK_APP_TOKEN", hide_env_values = true)]
    #[arg(global = true, value_name = "TOKEN")]
    slack_app_token: Option<String>,

    /// File that holds the app's token
    #[arg(long, env = "DEPLOYBOT_SLACK_APP_TOKEN_FILE")]
    #[arg(global = true, value_name = "PATH")]
    slack_app_token_file: Option<PathBuf>,

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
        Ok(Config {
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
            slack_bot_token: slack_token(
                "DEPLOYBOT_SLACK_BOT_TOKEN",
                "xoxb-",
                self.slack_bot_token,
                self.slack_bot_token_file,
            )?,
            slack_app_token: slack_token(
                "DEPLOYBOT_SLACK_APP_TOKEN",
                "xapp-",
                self.slack_app_token,
                self.slack_app_token_file,
            )?,
            admin_listen: address("DEPLOYBOT_ADMIN_LISTEN", &self.admin_listen)?,
            timing: Timing::default(),
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
            wrong(format!("{first}; `deploybot --help` lists what there is."))
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
        if !name.starts_with("DEPLOYBOT_")
            || settings.contains(&name.as_str())
            || is_from_kubernetes(&name, &value)
        {
            continue;
        }
        let nearest = settings
            .iter()
            .min_by_key(|setting| strsim::osa_distance(setting, &name))
            .expect("there are settings");
        return Err(wrong(format!(
            "There is no setting {name}: did you mean {nearest}?"
        )));
    }
    Ok(())
}

/// Kubernetes describes every service of a namespace to every container; one
/// that is called `deploybot`, or `deploybot-…`, gives variables that begin as
/// ours do.
fn is_from_kubernetes(name: &str, value: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
        || (name.ends_with("_PORT") && value.contains("://"))
}

impl fmt::Display for Config {
    /// The settings one by line, secrets only as being set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deploy_token = self.deploy_token.as_ref().map_or("not set", |_| "set");
        writeln!(f, "DEPLOYBOT_DEPLOY_URL={}", self.deploy_url)?;
        writeln!(f, "DEPLOYBOT_DEPLOY_TOKEN: {deploy_token}")?;
        writeln!(f, "DEPLOYBOT_SLACK_API_URL={}", self.slack_api_url)?;
        writeln!(f, "DEPLOYBOT_SLACK_BOT_TOKEN: set")?;
        writeln!(f, "DEPLOYBOT_SLACK_APP_TOKEN: set")?;
        write!(f, "DEPLOYBOT_ADMIN_LISTEN={}", self.admin_listen)
    }
}

#[cfg(test)]
mod tests;
