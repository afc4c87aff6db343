//! The Slack interface of deploybot: listens to what people say, asks the
//! deploy service, and shows in the channel what it answers and what goes on.
//!
//! A mention goes so: `slack` takes it in, over a socket or HTTP, `command` reads its
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
mod people;
mod recent;
mod slack;
mod suggest;
pub mod telemetry;
mod term;
mod view;
mod words;

pub use config::Config;
pub use people::Table;
pub use words::Language;

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use futures::future::OptionFuture;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    admin::Connections,
    backoff::Backoff,
    clock::Clock,
    deliveries::Deliveries,
    feed::Feed,
    handlers::{Bot, Dialogs, Homes, UnderWay},
    people::People,
    slack::{
        client::{Client as Slack, Identity},
        error::Error,
        incoming::Intake,
        order::Order,
        outbox::Outbox,
        socket::Sockets,
        web::Web,
    },
};

/// The sockets that the service serves on; whoever starts it binds them.
#[derive(Debug)]
pub struct Listeners {
    /// For `/healthz` and `/readyz`.
    pub admin: TcpListener,
    /// For what Slack sends as requests, where the settings have it so.
    pub events: Option<TcpListener>,
}

impl Listeners {
    /// Binds the addresses of the settings.
    ///
    /// # Errors
    /// When one is taken or not allowed; says which setting it is.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let admin = bind(config.admin_listen, "DEPLOYBOT_ADMIN_LISTEN").await?;
        let events = match &config.events_api {
            Some(settings) => Some(bind(settings.listen, "DEPLOYBOT_LISTEN").await?),
            None => None,
        };
        Ok(Self { admin, events })
    }
}

async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: free it, or set {setting} to another")
    })
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
    anyhow::ensure!(
        config.socket_mode.is_some() || config.events_api.is_some(),
        "cannot begin: there is no way for events to come in"
    );
    anyhow::ensure!(
        config.events_api.is_some() == listeners.events.is_some(),
        "cannot begin: settings and listeners do not agree whether events come over HTTP"
    );
    let tell = Tell {
        open: watch::Sender::new(0),
        listening: watch::Sender::new(false),
        following: watch::Sender::new(false),
    };
    let admin = admin::router(Connections {
        sockets: config.socket_mode.as_ref().map(|_| tell.open.subscribe()),
        requests: config
            .events_api
            .as_ref()
            .map(|_| tell.listening.subscribe()),
        deploy: tell.following.subscribe(),
    });
    let drain = config.timing.drain;
    let stopped = shutdown.clone();
    tokio::select! {
        served = axum::serve(listeners.admin, admin) => served.context("cannot serve /healthz"),
        ended = Box::pin(work(config, listeners.events, tell, shutdown)) => ended,
        () = async { stopped.cancelled().await; tokio::time::sleep(drain).await } => {
            tracing::warn!("not all work ended in time; what was not shown will be at the next start");
            Ok(())
        }
    }
}

/// What readiness is told.
struct Tell {
    open: watch::Sender<usize>,
    listening: watch::Sender<bool>,
    following: watch::Sender<bool>,
}

async fn work(
    config: Config,
    events: Option<TcpListener>,
    tell: Tell,
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
    let order = Order::default();
    let outbox = Outbox::new(
        Arc::clone(&slack),
        deploy.clone(),
        timing.clone(),
        order.clone(),
    );
    let outbox = Arc::new(outbox);
    let people = People::new(
        Arc::clone(&slack),
        me.clone(),
        config.people,
        config.language,
    );
    let tasks = TaskTracker::new();
    let bot = Arc::new(Bot {
        slack: Arc::clone(&slack),
        people: people.clone(),
        outbox: Arc::clone(&outbox),
        deploy: deploy.clone(),
        me: me.clone(),
        clock: clock.clone(),
        timing: timing.clone(),
        deliveries: Deliveries::new(),
        dialogs: Dialogs::new(),
        homes: Homes::default(),
        subscribing: UnderWay::default(),
        shutdown: shutdown.clone(),
    });
    let intake = Intake::new(me, order, &timing, tasks.clone(), move |incoming| {
        Arc::clone(&bot).handle(incoming)
    });
    let intake = Arc::new(intake);
    let sockets = config.socket_mode.map(|settings| Sockets {
        slack,
        settings,
        intake: Arc::clone(&intake),
        timing: timing.clone(),
        tasks: tasks.clone(),
        shutdown: shutdown.clone(),
        open: tell.open,
    });
    let web = config.events_api.zip(events);
    let web = web.map(|(settings, listener)| Web {
        listener,
        settings,
        intake,
        timing: timing.clone(),
        shutdown: shutdown.clone(),
        listening: tell.listening,
    });
    let feed = Feed {
        deploy,
        outbox: Arc::clone(&outbox),
        people,
        clock,
        timing,
        shutdown,
        following: tell.following,
        again: Notify::new(),
    };
    let listening = OptionFuture::from(sockets.map(Sockets::listen));
    let serving = OptionFuture::from(web.map(Web::listen));
    tokio::join!(listening, serving, feed.follow());
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
