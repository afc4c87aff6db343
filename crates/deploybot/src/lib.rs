//! The Slack interface of deploybot: listens to what people say, asks the
//! deploy service, and shows in the channel what it answers and what goes on.
//!
//! A mention goes so: `slack` reads it from the socket, `command` reads its
//! words, `handlers` ask the deploy service through `deploy`, `view` puts the
//! answer into words, and the outbox of `slack` says them. What becomes of a
//! request comes back over the `feed`, which edits its message in place.

mod admin;
mod backoff;
mod clock;
mod command;
pub mod config;
mod deliveries;
mod deploy;
mod feed;
mod handlers;
mod recent;
mod slack;
mod started;
mod suggest;
pub mod telemetry;
mod view;

pub use config::Config;

use std::sync::Arc;

use anyhow::Context as _;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    admin::Connections,
    backoff::Backoff,
    clock::Clock,
    deliveries::Deliveries,
    feed::Feed,
    handlers::{Bot, Dialogs},
    slack::{
        client::{Client as Slack, Identity},
        error::Error,
        outbox::Outbox,
        socket::Socket,
    },
    started::Started,
};

/// The sockets that the service serves on; whoever starts it binds them.
#[derive(Debug)]
pub struct Listeners {
    /// For `/healthz` and `/readyz`.
    pub admin: TcpListener,
}

impl Listeners {
    /// Binds the address of the settings.
    ///
    /// # Errors
    /// When it is taken or not allowed; says which setting it is.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let address = config.admin_listen;
        let admin = TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on {address}: free it, or set DEPLOYBOT_ADMIN_LISTEN to another")
        })?;
        Ok(Self { admin })
    }
}

/// Serves until `shutdown`; what is in work then is brought to its end, within
/// the time of [`config::Timing::drain`].
///
/// # Errors
/// When it can't begin: a setting can't be used, or Slack refuses the token.
pub async fn run(
    config: Config,
    listeners: Listeners,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let (open, slack) = watch::channel(0);
    let (following, deploy) = watch::channel(false);
    let admin = admin::router(Connections { slack, deploy });
    let drain = config.timing.drain;
    let stopped = shutdown.clone();
    tokio::select! {
        served = axum::serve(listeners.admin, admin) => served.context("cannot serve /healthz"),
        ended = Box::pin(work(config, open, following, shutdown)) => ended,
        () = async { stopped.cancelled().await; tokio::time::sleep(drain).await } => {
            tracing::warn!("not all work ended in time; what was not shown will be at the next start");
            Ok(())
        }
    }
}

async fn work(
    config: Config,
    open: watch::Sender<usize>,
    following: watch::Sender<bool>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let slack = Slack::new(&config).context("cannot read the machine's root certificates")?;
    let slack = Arc::new(slack);
    let deploy = deploy::Client::new(&config)
        .context("cannot use the address or token of the deploy service")?;
    let Some(me) = who_am_i(&slack, &config, &shutdown).await? else {
        return Ok(());
    };
    tracing::info!(
        slack.user = me.user.as_str(),
        slack.team = me.team.as_str(),
        "known to Slack"
    );
    let (timing, clock) = (config.timing, Clock::system());
    let outbox = Arc::new(Outbox::new(Arc::clone(&slack), timing.clone()));
    let started = Arc::new(Started::new());
    let tasks = TaskTracker::new();
    let bot = Arc::new(Bot {
        slack: Arc::clone(&slack),
        outbox: Arc::clone(&outbox),
        deploy: deploy.clone(),
        me: me.clone(),
        clock: clock.clone(),
        timing: timing.clone(),
        started: Arc::clone(&started),
        deliveries: Deliveries::new(),
        dialogs: Dialogs::new(),
        shutdown: shutdown.clone(),
    });
    let socket = Socket {
        slack,
        me,
        timing: timing.clone(),
        tasks: tasks.clone(),
        shutdown: shutdown.clone(),
        open,
    };
    let feed = Feed {
        deploy,
        outbox: Arc::clone(&outbox),
        started,
        clock,
        timing,
        shutdown,
        following,
    };
    tokio::join!(
        socket.listen(move |incoming| Arc::clone(&bot).handle(incoming)),
        feed.follow()
    );
    tasks.close();
    tasks.wait().await;
    outbox.close().await;
    Ok(())
}

/// Asks Slack until it answers; none when the service is stopped before.
async fn who_am_i(
    slack: &Slack,
    config: &Config,
    shutdown: &CancellationToken,
) -> anyhow::Result<Option<Identity>> {
    let mut backoff = Backoff::new(&config.timing);
    loop {
        let wait = match slack.identity().await {
            Ok(me) => return Ok(Some(me)),
            Err(Error::RateLimited { retry_after }) => retry_after,
            Err(error @ Error::Uncertain(_)) => {
                tracing::warn!(%error, "cannot reach Slack; trying again");
                backoff.next()
            }
            Err(error) => {
                return Err(error).context("cannot begin: see DEPLOYBOT_SLACK_BOT_TOKEN");
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => (),
            () = shutdown.cancelled() => return Ok(None),
        }
    }
}
