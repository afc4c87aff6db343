//! GitHub on a laptop: REST, GraphQL, webhooks, a runner, pages for people and
//! the sites that were deployed, over real git repositories.

pub mod git;

mod access;
mod checks;
mod diff;
mod events;
mod graphql;
mod html;
mod links;
mod node;
mod pages;
mod record;
mod rest;
mod runner;
mod seed;
mod site;
mod state;
mod webhook;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use self::access::Access;
use self::links::Links;
use self::state::{ACTIONS_BOT, Event, State, UserKind};
use self::webhook::Deliveries;
use crate::clock;
use crate::control::Control;

pub use self::state::{
    Change, CheckStatus, CheckStep, Checks, Conclusion, Config, DeployStep, DeploymentState,
    NewRepository, SeedCheck, SeedDeployment, SeedStatus, StatusState, Webhook, Workflow,
};

/// How many events may wait for the runner and the webhooks, and how many
/// changes for a slow listener; when there are more, the oldest are lost.
const QUEUE: usize = 4_096;

/// One simulated GitHub. Clones are handles of the same one.
#[derive(Clone)]
pub struct Github {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    links: Links,
    control: Control,
    deliveries: Deliveries,
    state: Mutex<State>,
    /// Held while a file is checked and then changed.
    writing: Mutex<()>,
    access: Mutex<Access>,
    changes: broadcast::Sender<Change>,
    events: broadcast::Sender<Event>,
    /// What happened before [`Github::run`] was called waits here for the
    /// runner and for the webhooks.
    waiting: Mutex<Option<Receivers>>,
}

struct Receivers {
    runner: broadcast::Receiver<Event>,
    webhook: broadcast::Receiver<Event>,
}

impl Github {
    /// A GitHub without repositories, with the users that its tokens speak for.
    pub fn new(config: Config) -> Self {
        let (events, runner) = broadcast::channel(QUEUE);
        let waiting = Receivers {
            runner,
            webhook: events.subscribe(),
        };
        let github = Self {
            shared: Arc::new(Shared {
                links: Links::new(&config.base_url),
                control: Control::new().with_rate_limit_answer(rest::rate_limit_answer),
                deliveries: Deliveries::default(),
                state: Mutex::default(),
                writing: Mutex::default(),
                access: Mutex::new(Access::new(&config.tokens)),
                changes: broadcast::Sender::new(QUEUE),
                events,
                waiting: Mutex::new(Some(waiting)),
                config,
            }),
        };
        github.state().add_user(
            ACTIONS_BOT,
            ACTIONS_BOT,
            UserKind::Bot,
            clock::now_in_seconds(),
        );
        for (_, login) in &github.config().tokens {
            github.add_user(login, login);
        }
        github
    }

    /// All its routes: REST at `/api/v3`, GraphQL at `/api/graphql`, the
    /// control API at `/control`, sites at `/sites`, and pages for people.
    pub fn router(&self) -> Router {
        let service = rest::router(self)
            .merge(graphql::router(self.clone()))
            .merge(site::router(self.clone()))
            .merge(pages::router(self.clone()))
            .fallback(rest::no_such_route);
        let control = self
            .control()
            .router()
            .merge(events::router(self.clone()))
            .merge(webhook::router(self.clone()));
        self.control()
            .wrap(service)
            .merge(Router::new().nest("/control", control))
    }

    /// The routes of its REST API, by the names that requests are counted under
    /// and that faults are set for: `GET /api/v3/user`.
    pub fn rest_routes() -> Vec<String> {
        rest::routes()
    }

    /// Runs workflows and delivers webhooks until `shutdown`. To be called
    /// once; what happened before waits for it.
    pub async fn run(&self, shutdown: CancellationToken) {
        let receivers = lock(&self.shared.waiting).take();
        let Some(receivers) = receivers else {
            tracing::error!("the simulated GitHub runs already; a second run does nothing");
            return;
        };
        tokio::join!(
            runner::run(self, receivers.runner, shutdown.clone()),
            webhook::run(self, receivers.webhook, shutdown),
        );
    }

    /// What watches, delays and faults its requests.
    pub fn control(&self) -> &Control {
        &self.shared.control
    }

    /// Hints of what changes from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }

    /// Changes how many requests, and how many GraphQL points, a token may
    /// spend in an hour; 5,000 if never called.
    pub fn set_hourly_limit(&self, limit: u64) {
        self.access().set_hourly_limit(limit);
    }

    /// How it was set up.
    pub(crate) fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The addresses of everything.
    pub(crate) fn links(&self) -> &Links {
        &self.shared.links
    }

    /// What webhooks have told.
    fn deliveries(&self) -> &Deliveries {
        &self.shared.deliveries
    }

    /// All that it knows, locked; not to be held across an await, nor while
    /// git is asked something that takes long.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared.state)
    }

    /// The tokens and their budgets, locked.
    pub(crate) fn access(&self) -> MutexGuard<'_, Access> {
        lock(&self.shared.access)
    }

    /// Does something that checks a repository's files and then changes them,
    /// with nobody else doing so at the same time.
    pub(crate) fn alone<T>(&self, change: impl FnOnce() -> T) -> T {
        let _guard = lock(&self.shared.writing);
        change()
    }

    /// Tells everyone who listens that something happened.
    fn announce(&self, event: Event) {
        let change = Change {
            repository: event.repository.clone(),
            kind: event.kind.word(),
        };
        // Nobody listening is no error: a hint is for those who are there.
        let _ = self.shared.changes.send(change);
        let _ = self.shared.events.send(event);
    }
}

/// Locks what is changed in whole steps only, so that what a panicked holder
/// left is fit to be used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
