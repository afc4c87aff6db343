//! GitHub on a laptop: REST, GraphQL, webhooks, a runner, pages for people and
//! the sites that were deployed, over real git repositories.

pub mod git;

mod access;
mod admin;
mod app;
mod checks;
mod device;
mod diff;
mod graphql;
mod html;
mod links;
mod node;
mod pages;
mod record;
mod rest;
mod runner;
mod seed;
mod service;
mod site;
mod state;
mod webhook;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::response::Response;
use axum::{Router, middleware};
use futures::future;
use http::HeaderMap;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use self::access::{Access, Caller};
use self::app::Sight;
use self::device::Devices;
use self::links::Links;
use self::state::{ACTIONS_BOT, Event, Repository, State, UserKind};
use self::webhook::Webhooks;
use crate::clock::Clock;
use crate::control::Control;

pub use self::access::{Limits, SecondaryLimits};
pub use self::app::{App, NotAKey, SAMPLE_APP_KEY};
pub use self::device::DeviceFlow;
pub use self::webhook::{Delivery, UnknownEvent, WebhookFault, WebhookFaultKind};

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
    /// What this handle shows.
    sight: Sight,
}

struct Shared {
    config: Config,
    clock: Clock,
    links: Links,
    control: Control,
    webhooks: Webhooks,
    state: Mutex<State>,
    /// Held while a file is checked and then changed.
    writing: Mutex<()>,
    access: Mutex<Access>,
    devices: Mutex<Devices>,
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
        Self::with_clock(config, Clock::default())
    }

    /// The same, living by this clock: the times that it writes and tells, its
    /// limits, its tokens, and what its runner waits for.
    pub fn with_clock(config: Config, clock: Clock) -> Self {
        let (events, runner) = broadcast::channel(QUEUE);
        let waiting = Receivers {
            runner,
            webhook: events.subscribe(),
        };
        let github = Self {
            shared: Arc::new(Shared {
                links: Links::new(&config.base_url),
                control: Control::of(service::described()),
                webhooks: Webhooks::to(config.webhook.clone()),
                state: Mutex::default(),
                writing: Mutex::default(),
                access: Mutex::new(Access::new(&config.tokens)),
                devices: Mutex::default(),
                changes: broadcast::Sender::new(QUEUE),
                events,
                waiting: Mutex::new(Some(waiting)),
                clock,
                config,
            }),
            sight: Sight::All,
        };
        let now = github.clock().now_in_seconds();
        github
            .state()
            .add_user(ACTIONS_BOT, ACTIONS_BOT, UserKind::Bot, now);
        for (_, login) in &github.shared.config.tokens {
            github.add_user(login, login);
        }
        github
    }

    /// All its routes: REST at `/api/v3`, GraphQL at `/api/graphql`, the
    /// control API at `/control`, sites at `/sites`, the device flow at `/login`, and pages for people.
    pub fn router(&self) -> Router {
        let control = self
            .control()
            .router()
            .merge(admin::router(self.clone()))
            .merge(device::control(self.clone()))
            .merge(webhook::router(self.clone()));
        let clock = self.clock().clone();
        let dated = move |response: Response| future::ready(service::dated(&clock, response));
        self.control()
            .wrap(service::router(self), service::rules(self))
            .layer(middleware::map_response(dated))
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

    /// The clock that it lives by.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Changes how much each caller may ask; GitHub's numbers if never called.
    pub fn set_limits(&self, limits: Limits) {
        self.access().set_limits(limits);
    }

    /// How much each caller may ask.
    pub fn limits(&self) -> Limits {
        self.access().limits()
    }

    /// Changes how many REST requests, and how many GraphQL points, a token or
    /// an installation may spend in an hour; its other limits stay.
    pub fn set_hourly_limit(&self, limit: u64) {
        let mut access = self.access();
        let secondary = access.limits().secondary;
        access.set_limits(Limits {
            secondary,
            ..Limits::hourly(limit)
        });
    }

    /// Whom a request speaks for, if it carries a token that is accepted.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        let mut caller = self.access().caller(headers, self.clock().now())?;
        if caller.installation().is_some() {
            let state = self.state();
            let seen = state
                .repositories
                .values()
                .filter(|it| caller.sight.sees(&it.owner, &it.name));
            caller.repositories = u64::try_from(seen.count()).unwrap_or(u64::MAX);
        }
        Some(caller)
    }

    /// A handle that shows what a caller may see.
    pub(crate) fn seen_by(&self, caller: &Caller) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            sight: caller.sight.clone(),
        }
    }

    /// Whether this handle shows a repository.
    pub(crate) fn sees(&self, repository: &Repository) -> bool {
        self.sight.sees(&repository.owner, &repository.name)
    }

    /// The addresses of everything.
    pub(crate) fn links(&self) -> &Links {
        &self.shared.links
    }

    /// Where its events are told, and what was.
    fn webhooks(&self) -> &Webhooks {
        &self.shared.webhooks
    }

    /// All that it knows, locked; not to be held across an await, nor while
    /// git is asked something that takes long.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared.state)
    }

    /// The tokens, the App and the limits, locked; never while the state is.
    pub(crate) fn access(&self) -> MutexGuard<'_, Access> {
        lock(&self.shared.access)
    }

    /// The device flow and its codes, locked; never while anything else is.
    fn devices(&self) -> MutexGuard<'_, Devices> {
        lock(&self.shared.devices)
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
