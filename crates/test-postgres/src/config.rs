//! What the environment says about it.

use clap::Parser;
use url::Url;

/// The settings; all of them come from the environment.
#[derive(Debug, Parser)]
pub(crate) struct Config {
    /// A Postgres where databases may be created.
    #[arg(long, env = "TEST_DATABASE_URL", hide_env_values = true)]
    pub(crate) url: Option<Url>,
    /// Where programs are searched.
    #[arg(long, env = "PATH", default_value = "")]
    pub(crate) search: String,
}

impl Config {
    /// Reads them.
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        Ok(Self::try_parse_from(["test-postgres"])?)
    }
}
