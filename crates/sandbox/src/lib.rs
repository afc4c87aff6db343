//! All of deploybot in one process, to try it out and to test it whole: both
//! services as they are, simulators of GitHub and Slack, and a page to use them
//! on. The services are told nothing but addresses, keys and tokens; GitHub tells
//! deploy by webhooks what happens, as it would a team.
//!
//! On one port: `/` the page, `/github` and `/slack` the simulators.

pub mod config;
mod guard;
mod pace;
mod page;
mod running;
mod seed;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context as _;
use deploy::store::Database;
use jiff::Timestamp;
use simulators::github::{self, Github};
use simulators::slack::{self, Slack};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use page::{FirstDay, PageConfig, PagePerson};
use running::Parts;
use seed::{Cast, people};

pub use pace::Pace;
pub use running::Running;
pub use seed::OWNER;

/// A token of the bot's own user on the simulated GitHub, for other programs.
/// It opens nothing else; deploy is the App and has no use for it.
pub const GITHUB_TOKEN: &str = "sandbox-deploybot";
/// The number of the App that deploy is on the simulated GitHub, where it is
/// installed for [`OWNER`]. It signs with [`github::SAMPLE_APP_KEY`].
pub const GITHUB_APP_ID: u64 = 7;
/// The client id of the same App, to which people prove which account is theirs.
pub const GITHUB_CLIENT_ID: &str = "Iv1.sandbox";
/// The bot's token in the simulated Slack.
pub const SLACK_BOT_TOKEN: &str = "xoxb-sandbox";
/// The app's token in the simulated Slack.
pub const SLACK_APP_TOKEN: &str = "xapp-sandbox";

/// The events that the app hears of in the simulated Slack: those of its manifest.
pub const SLACK_EVENTS: [&str; 3] = ["app_home_opened", "app_mention", "message.im"];

/// What is to be started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is served; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Clones to serve in place of the seeded repositories.
    pub repositories: Vec<PathBuf>,
    /// How fast the simulated workflows go.
    pub pace: Pace,
    /// Whether deploy and deploybot run in this process. If not, nobody answers
    /// until they are started elsewhere with [`Running`]'s addresses.
    pub services: bool,
    /// Where deploy keeps its journal; none: in a file that goes with this run.
    pub journal: Option<Database>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            repositories: Vec::new(),
            pace: Pace::default(),
            services: true,
            journal: None,
        }
    }
}

/// Why the sandbox could not be started, where it matters which.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A path that cannot be served; one sentence.
    #[error("{0}")]
    Unfit(String),
    /// The address cannot be listened on; one sentence.
    #[error("{0}")]
    Address(String),
}

/// Starts everything.
pub struct Sandbox;

impl Sandbox {
    /// Starts everything and answers once requests are served.
    ///
    /// # Errors
    /// [`StartError`] for what its user can change, anything else otherwise.
    pub async fn start(options: Options) -> anyhow::Result<Running> {
        let listener = listen(options.listen).await?;
        let url = url_of(listener.local_addr().context("cannot tell the port")?)?;
        let folder = TempDir::with_prefix("deploybot-sandbox-")
            .context("cannot make a folder for this run")?;
        let github = Github::new(github::Config {
            base_url: format!("{url}github"),
            tokens: tokens(),
            webhook: None,
        });
        let slack = Slack::new(slack::Config {
            subscriptions: SLACK_EVENTS.map(str::to_owned).to_vec(),
            ..slack::Config::new(format!("{url}slack"), SLACK_BOT_TOKEN, SLACK_APP_TOKEN)
        });
        github.register_app(github::App::sample(GITHUB_APP_ID, seed::BOT));
        github.install_app(OWNER, None);
        github.set_device_flow(github::DeviceFlow::of(GITHUB_CLIENT_ID));
        let cast = seed::cast(&github, &slack);
        let repositories = repositories(&options, &github, &cast, &folder).await?;
        let seeded = options.repositories.is_empty();
        let page = page::router(page_config(&cast, &repositories, seeded));

        let mut running = Running {
            url,
            github,
            slack,
            repositories,
            stop_services: CancellationToken::new(),
            stop_simulators: CancellationToken::new(),
            services: Parts::new(),
            simulators: Parts::new(),
            folder,
        };
        running.start_simulators(listener, page);
        if options.services {
            let file = running.folder.path().join("deploy.db");
            let journal = options.journal.unwrap_or(Database::Sqlite(file));
            running.start_services(journal).await?;
        }
        Ok(running)
    }
}

/// What the page has to know. The first day takes place in a seeded repository.
fn page_config(cast: &Cast, repositories: &[String], seeded: bool) -> PageConfig {
    let people = seed::person::EVERYONE.map(|person| PagePerson {
        name: person.name.to_owned(),
        slack: cast.slack[person.login].clone(),
        github: person.login.to_owned(),
        token: person.token(),
    });
    let first_day = seeded.then(|| FirstDay {
        repository: format!("{OWNER}/{}", people::STORY.name),
        file: people::PAGE,
        marker: people::MARKER,
        environment: "production",
    });
    PageConfig {
        channel: cast.channel.clone(),
        people: people.to_vec(),
        repositories: repositories.to_vec(),
        first_day,
    }
}

/// The tokens that the simulated GitHub accepts, each with whom it speaks for.
fn tokens() -> Vec<(String, String)> {
    let people = seed::person::EVERYONE.map(|person| (person.token(), person.login.to_owned()));
    let bot = (GITHUB_TOKEN.to_owned(), seed::BOT.to_owned());
    std::iter::once(bot).chain(people).collect()
}

/// Adds the repositories, away from the threads that serve: git waits for the
/// disk.
async fn repositories(
    options: &Options,
    github: &Github,
    cast: &Cast,
    folder: &TempDir,
) -> anyhow::Result<Vec<String>> {
    let (github, cast, workflow) = (github.clone(), cast.clone(), options.pace.workflow());
    let clones = options.repositories.clone();
    let folder = folder.path().join("repositories");
    let now = now();
    let made = tokio::task::spawn_blocking(move || {
        std::fs::create_dir(&folder).context("cannot make a folder for repositories")?;
        if clones.is_empty() {
            seed::stories(&github, &cast, &folder, &workflow, now)
        } else {
            seed::clones(&github, &clones, &folder, &workflow)
        }
    });
    made.await
        .context("making the repositories panicked")?
        .map_err(|error| match error.downcast_ref::<seed::Unfit>() {
            Some(unfit) => StartError::Unfit(unfit.to_string()).into(),
            None => error,
        })
}

/// The one place that reads the clock: the seeded past ends here.
#[expect(
    clippy::disallowed_methods,
    reason = "the seeded past is told from the time of the start"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| {
        StartError::Address(match error.kind() {
            ErrorKind::AddrInUse => format!(
                "{address} is taken by another program; choose another port with --listen {} or SANDBOX_LISTEN",
                SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(8080))
            ),
            _ => format!("cannot listen on {address} ({error}); choose another address with --listen or SANDBOX_LISTEN"),
        })
    })
}

fn url_of(address: SocketAddr) -> anyhow::Result<Url> {
    Url::parse(&format!("http://{address}/")).context("cannot write the address")
}
