//! The service that holds all deploy logic: what can be asked, what goes on by
//! itself, and the journal beside GitHub, which is the record.
//!
//! A deploy goes so: `grpc` reads the call; `service` writes the request into
//! the [`store`] and answers *accepted*; the `worker` collects the facts from
//! [`github`], lets the [`gate`] decide, takes the run slot, creates the
//! deployment, and follows it to its end. Each step is an entry of the feed.

mod admin;
mod clock;
pub mod config;
mod error;
pub mod gate;
pub mod github;
mod grpc;
mod listeners;
pub mod model;
pub mod rebuild;
mod rules;
mod service;
pub mod store;
pub mod telemetry;
pub mod web;
mod worker;

use std::{convert::Infallible, time::Duration};

use anyhow::{Context as _, anyhow};
use secrecy::SecretString;
use tokio::{
    net::TcpListener,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

pub use clock::Clock;
pub use config::Config;
pub use error::whole_chain;
pub use listeners::Listeners;

use model::RepositoryHints;
use service::Service;
use store::{Database, Store};
use web::{Patience, hints::gathering};
use worker::{Limits, Pace, Worker};

/// How long what is under way may take to end.
const DRAIN: Duration = Duration::from_secs(10);
/// How often the clock is set by the journal's.
const SET_CLOCK: Duration = Duration::from_mins(1);
/// How long to wait for another process to let go of the journal: a little
/// longer than that one may drain.
const OWNERSHIP: Duration = Duration::from_secs(12);

type Parts = JoinSet<(&'static str, anyhow::Result<()>)>;

/// What time it is, and how long to wait before trying again: parameters, so
/// that a test need not wait for minutes.
#[derive(Debug, Clone)]
pub struct Timing {
    /// Tells the time of day.
    pub clock: Clock,
    /// How long to wait before the first retry, and before the second look for
    /// a deployment whose answer was lost. Both then double: five looks take
    /// some thirty seconds, after which GitHub is not at work on it any more.
    pub retry: Duration,
    /// How long another process waits after this one has died before it goes on
    /// in its place.
    pub lease: Duration,
    /// How long it waits if this one died while it asked GitHub for a deployment:
    /// longer than that can take, so that two never ask at the same time.
    pub asking: Duration,
    /// How many deployments GitHub takes: 80 a minute and 500 an hour.
    pub creations: store::Limits,
    /// How often it is looked whether what is old is due to be removed from the
    /// journal, which it is once an hour.
    pub prune: Duration,
    /// How often the history of a repository that channels follow is read, of any
    /// of them: each is read in every tenth turn, and with webhooks in every 150th.
    pub histories: Duration,
}

impl Default for Timing {
    /// Those of a real service.
    fn default() -> Self {
        Self {
            clock: Clock::system(),
            retry: Duration::from_secs(2),
            lease: Duration::from_secs(15),
            asking: Duration::from_secs(45),
            creations: store::Limits::default(),
            prune: Duration::from_mins(5),
            histories: Duration::from_secs(6),
        }
    }
}

/// Opens the journal and serves: [`open_journal`] and [`serve`] for who has
/// bound the sockets already.
///
/// # Errors
/// As those two.
pub async fn run(
    config: Config,
    listeners: Listeners,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let store = open_journal(&config).await?;
    serve(config, store, listeners, Timing::default(), shutdown).await
}

/// Opens the journal; waits a little where another process still has it.
///
/// # Errors
/// When it can't be opened.
pub async fn open_journal(config: &Config) -> anyhow::Result<Store> {
    Store::open(&config.database, OWNERSHIP)
        .await
        .with_context(|| format!("cannot open the journal {}", config.database))
}

/// Brings the journal's tables up to date; what was done, as a sentence.
///
/// # Errors
/// When they can't be.
pub async fn migrate(journal: &Database) -> anyhow::Result<String> {
    let applied = Store::migrate(journal, OWNERSHIP)
        .await
        .with_context(|| format!("cannot bring the journal {journal} up to date"))?;
    let versions: Vec<String> = applied.iter().map(ToString::to_string).collect();
    Ok(match versions.as_slice() {
        [] => format!("The journal {journal} is up to date; nothing was to do."),
        [one] => format!("The journal {journal} was brought to version {one}."),
        all => format!(
            "The journal {journal} was brought up to date: versions {} were applied.",
            all.join(", ")
        ),
    })
}

/// Serves until `shutdown` is cancelled and what is under way has ended, or 10
/// seconds after.
///
/// # Errors
/// When a part ends although nobody asked it to.
pub async fn serve(
    config: Config,
    store: Store,
    listeners: Listeners,
    timing: Timing,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    // Our own: when a part fails, the others stop without the caller's doing.
    let stop = shutdown.child_token();
    let mut parts = Parts::new();
    set_clock(&timing.clock, &store).await;
    start(&config, listeners, &store, timing, &stop, &mut parts)?;

    let outcome = tokio::select! {
        // First, because parts end by themselves once it is time to stop.
        biased;
        () = shutdown.cancelled() => Ok(()),
        Some(ended) = parts.join_next() => {
            let (part, ended) = ended.context("a part panicked")?;
            Err(ended.err().unwrap_or_else(|| anyhow!("it had nothing left to do"))
                .context(format!("{part} ended early")))
        }
    };
    stop.cancel();
    tracing::info!("draining");
    if timeout(DRAIN, drained(&mut parts)).await.is_err() {
        let drain_ms = DRAIN.as_millis();
        tracing::warn!(
            drain_ms,
            "not all calls have ended in time; they are cut off"
        );
        parts.shutdown().await;
    }
    store.close().await;
    outcome
}

/// Sets the clock by the journal's.
async fn set_clock(clock: &Clock, store: &Store) {
    let asked = Instant::now();
    match store.now().await {
        Ok(now) => {
            if let Some(late) = clock.set(now, asked.elapsed()) {
                let late_ms = i64::try_from(late.as_millis()).unwrap_or(i64::MAX);
                tracing::warn!(
                    late_ms,
                    "the clock is another than the journal's; set by that"
                );
            }
        }
        Err(error) => tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the journal does not tell its time; the clock is not set by it"
        ),
    }
}

/// Sets the clock again and again.
async fn keep_time(clock: Clock, store: Store) -> Infallible {
    loop {
        sleep(SET_CLOCK).await;
        set_clock(&clock, &store).await;
    }
}

/// Starts the parts of the service.
fn start(
    config: &Config,
    listeners: Listeners,
    store: &Store,
    Timing {
        clock,
        retry,
        lease,
        asking,
        creations,
        prune,
        histories,
    }: Timing,
    stop: &CancellationToken,
    parts: &mut Parts,
) -> anyhow::Result<()> {
    let github = github_client(config, clock.clone())?;
    let service = Service::new(
        store.clone(),
        github.clone(),
        clock.clone(),
        config.github_owner.clone(),
        config.snapshot_age,
    );
    let pace = Pace {
        limits: Limits {
            pickup: config.pickup_timeout,
            silence: config.silence_timeout,
        },
        poll: config.poll_interval,
        retry,
        lease,
        asking,
        creations,
        prune,
        histories,
        has_webhooks: config.webhook_secret.is_some(),
    };
    let worker = Worker::new(store.clone(), &github, clock.clone(), pace, stop.clone());

    let keeping = keep_time(clock.clone(), store.clone());
    let keeping = stop.clone().run_until_cancelled_owned(keeping);
    parts.spawn(async {
        let _stopped: Option<Infallible> = keeping.await;
        ("keeping the time", Ok(()))
    });
    if let (Some(listener), Some(secret)) = (listeners.web, &config.webhook_secret) {
        receive_webhooks(listener, secret.clone(), store, clock, stop, parts);
    }
    let (auth, store, stop) = (config.auth_token.clone(), store.clone(), stop.clone());
    let admin = admin::serve(listeners.admin, store.clone(), github.clone(), stop.clone());
    let grpc = grpc::serve(listeners.grpc, service, store, auth, stop.clone());
    let (carrying, leasing, pruning) = (worker.clone(), worker.clone(), worker.clone());
    let (linking, reading) = (worker.clone(), worker.clone());
    let following = worker;
    parts.spawn(async { ("gRPC", grpc.await) });
    parts.spawn(async {
        let watched = github.run(stop).await;
        ("GitHub", watched.context("GitHub cannot be used"))
    });
    parts.spawn(async { ("the admin listener", admin.await) });
    parts.spawn(async {
        leasing.keep_leases().await;
        ("renewing leases", Ok(()))
    });
    parts.spawn(async {
        pruning.prune().await;
        ("removing what is old", Ok(()))
    });
    parts.spawn(async {
        linking.follow_links().await;
        ("following links", Ok(()))
    });
    parts.spawn(async {
        reading.read_histories().await;
        ("reading histories", Ok(()))
    });
    parts.spawn(async { ("carrying out requests", carrying.carry_out_requests().await) });
    parts.spawn(async {
        (
            "following deployments",
            following.follow_deployments().await,
        )
    });
    Ok(())
}

/// A client of GitHub with these settings.
fn github_client(config: &Config, clock: Clock) -> anyhow::Result<github::Client> {
    let github = github::Config {
        default_environments: config.environments.clone(),
        default_owner: config.github_owner.clone(),
        client_id: config.github_client_id.clone(),
        status_url: config.github_status_url.clone(),
        ..github::Config::new(
            config.github_api_url.clone(),
            config.github_credentials.clone(),
        )
    };
    github::Client::new(github, clock).context("cannot use GitHub")
}

/// Starts what receives webhooks and writes down what they hint at.
fn receive_webhooks(
    listener: TcpListener,
    secret: SecretString,
    store: &Store,
    clock: Clock,
    stop: &CancellationToken,
    parts: &mut Parts,
) {
    let (hints, gatherer) = gathering();
    let stop = stop.clone();
    parts.spawn(async move {
        web::serve(listener, &secret, hints, Patience::default(), stop).await;
        ("webhooks", Ok(()))
    });
    let store = store.clone();
    let write = move |hints: Vec<RepositoryHints>| {
        let (store, now) = (store.clone(), clock.now());
        async move { store.hinted(&hints, now).await.map(|_new| ()) }
    };
    parts.spawn(async move {
        gatherer.run(web::hints::Pace::default(), write).await;
        ("gathering hints", Ok(()))
    });
}

/// Waits until every part has ended.
async fn drained(parts: &mut Parts) {
    while let Some(ended) = parts.join_next().await {
        match ended {
            Ok((_, Ok(()))) => {}
            Ok((part, Err(error))) => {
                tracing::error!(
                    error = whole_chain(error.as_ref()),
                    "{part} ended with an error"
                );
            }
            Err(error) => tracing::error!(%error, "a part panicked"),
        }
    }
}
