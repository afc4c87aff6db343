//! The settings of the sandbox, read once from flags or the environment.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, error::ErrorKind};
use tracing_subscriber::EnvFilter;

use crate::Options;

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything is served.
    pub listen: SocketAddr,
    /// Clones that are served in place of the seeded repositories.
    pub repositories: Vec<PathBuf>,
    /// Which events are logged, in the words of `tracing_subscriber`'s filter.
    pub log: String,
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
    name = "sandbox",
    version,
    about = "deploybot to try out: both services, with GitHub and Slack simulated, and a page to use them on."
)]
struct Flags {
    /// Address of the page and of both simulators
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:8080")]
    #[arg(value_name = "IP:PORT")]
    listen: String,

    /// A local clone to serve in place of the seeded repositories; it is never
    /// written to. Can be given more than once
    #[arg(long = "repo", value_name = "PATH")]
    repositories: Vec<PathBuf>,

    /// What to log: a level, or directives such as info,deploy=debug
    #[arg(long, env = "SANDBOX_LOG", default_value = "warn")]
    #[arg(value_name = "DIRECTIVES")]
    log: String,
}

impl Config {
    /// Reads the program's arguments, and the environment.
    ///
    /// # Errors
    /// When help is asked for, or a setting is unknown or makes no sense.
    pub fn from_args(args: impl IntoIterator<Item = OsString>) -> Result<Self, Stop> {
        let flags = Flags::try_parse_from(args).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Asked(error.to_string()),
            _ => Stop::Wrong(one_sentence(&error.to_string())),
        })?;
        refuse_unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
        let listen: SocketAddr = flags.listen.parse().map_err(|_| {
            Stop::Wrong(format!(
                "--listen (SANDBOX_LISTEN) is {:?}; write an IP address and a port, like 127.0.0.1:8080",
                flags.listen
            ))
        })?;
        if !listen.ip().is_loopback() {
            return Err(Stop::Wrong(format!(
                "--listen (SANDBOX_LISTEN) is {listen}; the sandbox is for this machine alone, so give a loopback address like 127.0.0.1:8080"
            )));
        }
        // One that names no level would leave out all that is logged.
        if EnvFilter::try_new(&flags.log).is_err() || flags.log.trim().is_empty() {
            return Err(Stop::Wrong(format!(
                "--log (SANDBOX_LOG) is {:?}; write a level (error, warn, info, debug, trace) or directives like info,deploy=debug",
                flags.log
            )));
        }
        Ok(Self {
            listen,
            repositories: flags.repositories,
            log: flags.log,
        })
    }

    /// What is to be started.
    pub fn options(&self) -> Options {
        Options {
            listen: self.listen,
            repositories: self.repositories.clone(),
            ..Options::default()
        }
    }
}

/// A variable that begins as ours do and is none of them is a slip: its
/// setting would stay at its default unseen.
fn refuse_unknown(mut names: impl Iterator<Item = String>) -> Result<(), Stop> {
    const SETTINGS: [&str; 2] = ["SANDBOX_LISTEN", "SANDBOX_LOG"];
    let is_unknown =
        |name: &String| name.starts_with("SANDBOX_") && !SETTINGS.contains(&name.as_str());
    match names.find(is_unknown) {
        Some(name) => Err(Stop::Wrong(format!(
            "There is no setting {name}; there are {}",
            SETTINGS.join(" and ")
        ))),
        None => Ok(()),
    }
}

/// clap says more than a sentence; its first line says what is wrong.
fn one_sentence(text: &str) -> String {
    let first = text.lines().next().unwrap_or(text);
    let sentence = first.strip_prefix("error: ").unwrap_or(first);
    format!("{sentence}; see --help")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(flags: &[&str]) -> Result<Config, Stop> {
        let args = std::iter::once("sandbox").chain(flags.iter().copied());
        Config::from_args(args.map(OsString::from))
    }

    #[test]
    fn a_variable_that_is_none_of_ours_is_told() {
        let names = ["PATH", "SANDBOX_LOG", "SANDBOX_PORT"].map(str::to_owned);
        let told = refuse_unknown(names.into_iter());
        let sentence = "There is no setting SANDBOX_PORT; there are SANDBOX_LISTEN and SANDBOX_LOG";
        assert_eq!(told, Err(Stop::Wrong(sentence.to_owned())));
        assert_eq!(refuse_unknown(std::iter::once("HOME".to_owned())), Ok(()));
    }

    fn wrong(flags: &[&str]) -> String {
        match read(flags) {
            Err(Stop::Wrong(sentence)) => sentence,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn without_repo_the_seeded_repositories_are_served() {
        let config = read(&["--listen", "127.0.0.1:8080"]).unwrap();
        assert!(config.repositories.is_empty());
    }

    #[test]
    fn repo_can_be_given_more_than_once() {
        let config = read(&["--repo", "one", "--repo", "two"]).unwrap();
        assert_eq!(
            config.repositories,
            [PathBuf::from("one"), PathBuf::from("two")]
        );
    }

    #[test]
    fn what_is_wrong_is_said_in_one_sentence() {
        insta::assert_snapshot!(wrong(&["--prot", "1"]), @"unexpected argument '--prot' found; see --help");
        insta::assert_snapshot!(
            wrong(&["--listen", "8080"]),
            @r#"--listen (SANDBOX_LISTEN) is "8080"; write an IP address and a port, like 127.0.0.1:8080"#
        );
        insta::assert_snapshot!(
            wrong(&["--listen", "0.0.0.0:8080"]),
            @"--listen (SANDBOX_LISTEN) is 0.0.0.0:8080; the sandbox is for this machine alone, so give a loopback address like 127.0.0.1:8080"
        );
        insta::assert_snapshot!(
            wrong(&["--log", "loud=very"]),
            @r#"--log (SANDBOX_LOG) is "loud=very"; write a level (error, warn, info, debug, trace) or directives like info,deploy=debug"#
        );
        insta::assert_snapshot!(
            wrong(&["--log", ""]),
            @r#"--log (SANDBOX_LOG) is ""; write a level (error, warn, info, debug, trace) or directives like info,deploy=debug"#
        );
    }
}
