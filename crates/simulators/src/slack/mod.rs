//! Slack: one workspace with one installed app, over Slack's own protocols.
//!
//! For the app there are the Web API under `/api`, Socket Mode or the Events API
//! over HTTP, interactivity and response URLs; see <https://docs.slack.dev>. What
//! the app may do is said by its scopes. For people there is a client API under
//! `/client`, which a page or a test uses in place of Slack's own client; some of
//! them may be strangers, whom a shared channel brings here from another
//! workspace (Slack Connect). Under `/control` one sees what went on and makes
//! things fail.
//!
//! Not simulated: several workspaces that the app is installed in, organizations
//! (Enterprise), scopes of people's own tokens, request URLs with TLS, files,
//! slash commands, scheduled messages, workflows, external menus, and the block
//! types that the `block` module leaves out.
//!
//! # People's client
//!
//! - `GET /client/workspace`: the team, its people and channels.
//! - `GET /client/messages?channel=C…&limit=200`: oldest first.
//! - `GET /client/events`: server-sent events `message`, `ephemeral`, `view`,
//!   `home`, and `resync` for a reader who was too slow.
//! - `POST`, `PUT`, `DELETE /client/messages`: write, edit, delete.
//! - `POST /client/actions`: press a button, choose from a menu.
//! - `POST /client/views/{view_id}/submit` and `…/close`.
//! - `POST /client/home`: open the app's home; `GET /client/home?user=U…`: the tab
//!   as the app has set it.
//!
//! # Control
//!
//! Beside what the [crate] tells of the control API (routes are named as
//! `POST /api/chat.postMessage`), Slack can
//!
//! ```sh
//! # announce the end of all connections, or, for `drop`, cut them without a word
//! disconnect() { curl -X POST $SLACK/control/disconnect -H 'content-type: application/json' -d "$1"; }
//! disconnect '{"reason": "warning", "close_after_ms": 10000}'
//! disconnect '{"reason": "drop"}'
//! # deliver an event again, so many times at once
//! curl -X POST $SLACK/control/redeliver -H 'content-type: application/json' -d '{"event_id": "Ev…", "times": 1}'
//! # tell each delivery with its times, forget those that are over
//! curl $SLACK/control/envelopes
//! curl -X DELETE $SLACK/control/envelopes
//! # refuse a call by the name of any of Slack's errors
//! curl -X POST $SLACK/control/faults -H 'content-type: application/json' -d '{"route": "POST /api/chat.postMessage", "kind": {"refusal": "not_in_channel"}}'
//! # limit calls as Slack does, or not; or all but the messages of a minute in all
//! # channels together
//! curl -X PUT $SLACK/control/rate_limits -H 'content-type: application/json' -d '{"enabled": false}'
//! curl -X PUT $SLACK/control/rate_limits -H 'content-type: application/json' -d '{"enabled": true, "workspace": false}'
//! # what the bot may do
//! curl $SLACK/control/scopes
//! curl -X PUT $SLACK/control/scopes -H 'content-type: application/json' -d '["chat:write", "users:read"]'
//! # share a channel with another workspace, and bring somebody of it here
//! curl -X POST $SLACK/control/shares -H 'content-type: application/json' -d '{"channel": "C0DEPLOYS", "team_id": "T0OTHER"}'
//! curl -X POST $SLACK/control/strangers -H 'content-type: application/json' -d '{"team_id": "T0OTHER", "name": "sora"}'
//! ```
//!
//! For an app that has to bear anything there is bad input:
//!
//! ```sh
//! # any event, and any interaction
//! curl -X POST $SLACK/control/events -H 'content-type: application/json' -d '{"event": {"type": "never_heard_of"}}'
//! curl -X POST $SLACK/control/events -H 'content-type: application/json' -d '{"interaction": {"type": "never_heard_of"}}'
//! # any message on all connections
//! curl -X POST $SLACK/control/frames -H 'content-type: application/json' -d '{"text": "{\"type\": "}'
//! curl -X POST $SLACK/control/frames -H 'content-type: application/json' -d '{"binary": [0, 255]}'
//! # connections that neither speak nor listen, and do not answer pings
//! curl -X POST $SLACK/control/silence -H 'content-type: application/json' -d '{"ms": 60000}'
//! ```
//!
//! Events and interactions go over HTTP once request URLs are set, each to the
//! next of them in turn; those for events have to answer Slack's challenge first.
//! Socket Mode is off then: its connections end with `link_disabled`. A
//! redelivery may name the URL that it goes to.
//!
//! ```sh
//! curl -X PUT $SLACK/control/request_urls -H 'content-type: application/json' -d '{"events": ["$APP/events"], "interactivity": ["$APP/interactions"]}'
//! curl $SLACK/control/request_urls
//! curl -X DELETE $SLACK/control/request_urls
//! ```

mod admin;
mod api;
mod block;
mod client;
mod config;
mod delivery;
mod event;
mod ids;
mod interaction;
mod limit;
mod message;
mod people;
mod recording;
mod request_url;
mod response_url;
mod scope;
mod socket;
mod state;
mod text;
mod user;
mod view;
mod workspace;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::{StatusCode, header};
use serde_json::{Value, json};
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use api::methods;
pub use config::{Config, NewChannel, NewUser};
pub use delivery::{Frame, Record, RequestUrls, Timing};
pub use ids::{ChannelId, MessageTs, NotATs, UserGroupId, UserId, ViewId};
pub use request_url::{NotVerified, signature};
pub use scope::{EVERY_SCOPE, of_event as scope_of_event};

use crate::clock;
use crate::control::Control;
use delivery::{Delivery, Order};
use limit::Limits;
use recording::Recording;
use request_url::Poster;
use scope::Scopes;
use state::{Change, State};
use user::User;
use workspace::App;

/// The user that the app's bot is.
const BOT_USER: &str = "U0BOT";

/// How many changes a slow reader may fall behind.
const CHANGES: usize = 1_024;

/// A simulated Slack. Clones share one workspace.
#[derive(Clone)]
pub struct Slack {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    control: Control,
    state: Mutex<State>,
    changes: broadcast::Sender<Change>,
    poster: Poster,
    recording: Recording,
    wake: Arc<Notify>,
    closing: CancellationToken,
}

impl Slack {
    /// A workspace with the app installed, no people and no channels.
    pub fn new(config: Config) -> Self {
        let wake = Arc::new(Notify::new());
        let (changes, _) = broadcast::channel(CHANGES);
        let now = clock::now();
        let app = App {
            base_url: config.base_url.trim_end_matches('/').to_owned(),
            team_id: "T0TEAM".to_owned(),
            team_name: config.team_name.clone(),
            app_id: "A0BOT".to_owned(),
            bot_id: "B0BOT".to_owned(),
            bot_user: UserId::new(BOT_USER),
            bot_name: config.bot_name.clone(),
            verification_token: "simulated-verification-token".to_owned(),
            installed: now,
        };
        let bot = User {
            id: app.bot_user.clone(),
            team_id: app.team_id.clone(),
            name: config.bot_name.clone(),
            real_name: config.bot_name.clone(),
            email: None,
            is_bot: true,
            tz: "UTC".to_owned(),
            locale: "en-US".to_owned(),
            joined: now,
        };
        let mut state = State::new(
            app,
            config.subscriptions.clone(),
            Scopes::new(config.scopes.clone()),
            Limits::new(config.rate_limits, config.messages_a_minute),
            Delivery::new(config.timing.clone(), Arc::clone(&wake)),
            changes.clone(),
        );
        state.users.push(bot);
        state.delivery.set_urls(config.request_urls.clone());
        Self {
            shared: Arc::new(Shared {
                poster: Poster::new(config.signing_secret.clone()),
                recording: Recording::default(),
                config,
                control: Control::of(api::described()),
                state: Mutex::new(state),
                changes,
                wake,
                closing: CancellationToken::new(),
            }),
        }
    }

    /// All that the simulator serves, to be mounted at the path of its base URL.
    pub fn router(&self) -> Router {
        let watched = api::router()
            .route("/actions/{secret}", post(api::respond))
            .with_state(self.clone());
        let rest = Router::new()
            .route("/link/", any(socket::open))
            .route("/icons/{file}", get(client::icon))
            .route("/archives/{channel}/{message}", get(client::permalink))
            .nest("/client", client::router())
            .with_state(self.clone());
        let control = admin::router(self).merge(self.shared.control.router());
        self.shared
            .control
            .wrap(watched, api::rules())
            .merge(rest)
            .nest("/control", control)
    }

    /// Sends what goes over HTTP, and again what the app did not acknowledge,
    /// until `shutdown`; then ends all connections. Without it events are sent
    /// once over connections, and never over HTTP.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut posts = JoinSet::new();
        while !shutdown.is_cancelled() {
            let next = self.pump();
            for posting in self.state().delivery.take_outgoing() {
                posts.spawn(self.clone().post(posting));
            }
            tokio::select! {
                () = self.shared.wake.notified() => {}
                () = shutdown.cancelled() => {}
                () = reached(next) => {}
                Some(ended) = posts.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a request to the app panicked");
                    }
                }
            }
        }
        self.shared.closing.cancel();
        posts.shutdown().await;
    }

    /// The request log, latency and faults of the Web API.
    pub fn control(&self) -> &Control {
        &self.shared.control
    }

    /// What became of each event and interaction, oldest first.
    pub fn deliveries(&self) -> Vec<Record> {
        self.state().delivery.records()
    }

    /// How many connections the app holds.
    pub fn connections(&self) -> usize {
        self.state().delivery.connection_count()
    }

    /// What the bot may do from now on, by Slack's names.
    pub fn set_scopes(&self, scopes: Vec<String>) {
        self.state().scopes = Scopes::new(scopes);
    }

    /// What the bot may do.
    pub fn scopes(&self) -> Vec<String> {
        self.state().scopes.granted().to_vec()
    }

    /// Sends the app an event, whatever it is and whether or not it has
    /// subscribed to it; gives the event's id.
    pub fn send_event(&self, event: &Value) -> String {
        self.state().send_any_event(event)
    }

    /// Sends the app an interaction, whatever it is, for whose answer nobody
    /// waits; gives the id under which [`Slack::deliveries`] tells of it.
    pub fn send_interaction(&self, payload: Value) -> String {
        let mut state = self.state();
        let id = state.next_id("In");
        drop(
            state
                .delivery
                .send_interaction(id.clone(), payload, Instant::now()),
        );
        id
    }

    /// Sends an event again although it may have been acknowledged, so many
    /// times at once: to the connections or request URLs in turn, or to this one
    /// URL of them. False when nobody knows the event or the URL.
    pub fn redeliver(&self, event_id: &str, times: u32, url: Option<&str>) -> bool {
        let now = Instant::now();
        self.state().delivery.redeliver(event_id, times, url, now)
    }

    /// Sends a message on all connections, whatever it is; tells on how many.
    pub fn send_frame(&self, frame: &Frame) -> usize {
        self.order(|| Order::Send(frame.clone()))
    }

    /// Has all open connections neither read nor write, nor answer pings, for so
    /// long; tells how many they are.
    pub fn fall_silent(&self, during: std::time::Duration) -> usize {
        self.order(|| Order::FallSilent(during))
    }

    fn order(&self, order: impl Fn() -> Order) -> usize {
        self.state().delivery.order_all(order)
    }

    fn poster(&self) -> &Poster {
        &self.shared.poster
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A request that panics loses its own change at most.
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers what is due and tells when there will be more.
    fn pump(&self) -> Option<Instant> {
        self.state().delivery.pump(Instant::now())
    }

    /// Delivers what is due and has [`Slack::run`] see to the rest.
    fn nudge(&self) {
        self.pump();
        self.shared.wake.notify_one();
    }

    fn closing(&self) -> CancellationToken {
        self.shared.closing.clone()
    }

    fn config(&self) -> &Config {
        &self.shared.config
    }
}

async fn reached(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// What Slack answers to one who asks too often.
fn rate_limited(seconds: u64) -> Response {
    let wait = [(header::RETRY_AFTER, seconds.to_string())];
    let body = axum::Json(json!({"ok": false, "error": "ratelimited"}));
    (StatusCode::TOO_MANY_REQUESTS, wait, body).into_response()
}
