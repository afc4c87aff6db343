//! Slack: one workspace with one installed app, over Slack's own protocols.
//!
//! For the app there are the Web API under `/api`, Socket Mode, interactivity
//! and response URLs; see <https://docs.slack.dev>. For people there is a client
//! API under `/client`, which a page or a test uses in place of Slack's own
//! client. Under `/control` one sees what went on and makes things fail.
//!
//! Not simulated: the Events API over HTTP (events come over Socket Mode),
//! several workspaces, Slack Connect, scopes (the app may do everything), files,
//! slash commands, scheduled messages, workflows, external menus, and the block
//! types that the `block` module leaves out.
//!
//! # People's client
//!
//! - `GET /client/workspace`: the team, its people and channels.
//! - `GET /client/messages?channel=C…&limit=200`: oldest first.
//! - `GET /client/events`: server-sent events `message`, `ephemeral`, `view`,
//!   and `resync` for a reader who was too slow.
//! - `POST`, `PUT`, `DELETE /client/messages`: write, edit, delete.
//! - `POST /client/actions`: press a button, choose from a menu.
//! - `POST /client/views/{view_id}/submit` and `…/close`.
//! - `POST /client/home`: open the app's home.
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
//! # deliver an event again
//! curl -X POST $SLACK/control/redeliver -H 'content-type: application/json' -d '{"event_id": "Ev…", "times": 1}'
//! # tell each delivery with its times, forget those that are over
//! curl $SLACK/control/envelopes
//! curl -X DELETE $SLACK/control/envelopes
//! # refuse a call by the name of any of Slack's errors
//! curl -X POST $SLACK/control/faults -H 'content-type: application/json' -d '{"route": "POST /api/chat.postMessage", "kind": {"refusal": "not_in_channel"}}'
//! # limit calls as Slack does, or not
//! curl -X PUT $SLACK/control/rate_limits -H 'content-type: application/json' -d '{"enabled": false}'
//! ```

mod admin;
mod api;
mod block;
mod client;
mod delivery;
mod event;
mod ids;
mod interaction;
mod limit;
mod message;
mod response_url;
mod socket;
mod state;
mod text;
mod view;
mod workspace;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::{StatusCode, header};
use serde_json::json;
use tokio::sync::{Notify, broadcast};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use delivery::{Record, Timing};
pub use ids::{ChannelId, MessageTs, NotATs, UserGroupId, UserId, ViewId};

use crate::clock;
use crate::control::Control;
use delivery::Delivery;
use limit::Limits;
use state::{Change, State};
use workspace::{App, Channel, Kind, User, UserGroup};

/// The user that the app's bot is.
const BOT_USER: &str = "U0BOT";

/// How many changes a slow reader may fall behind.
const CHANGES: usize = 1_024;

/// How a workspace is set up.
#[derive(Clone)]
pub struct Config {
    /// Where the simulator is reached, `http://127.0.0.1:8080/slack`, without a
    /// slash at the end.
    pub base_url: String,
    /// The token of the app's bot, `xoxb-…`.
    pub bot_token: String,
    /// The token with which the app opens connections, `xapp-…`.
    pub app_token: String,
    /// The name of the app and its bot, by which people mention it.
    pub bot_name: String,
    /// The name of the workspace.
    pub team_name: String,
    /// The events that the app hears of, by Slack's names.
    pub subscriptions: Vec<String>,
    /// Whether calls are limited as Slack limits them.
    pub rate_limits: bool,
    /// When events count as lost and are sent again.
    pub timing: Timing,
    /// How long a message can be edited; without end when there is none.
    pub edit_window: Option<Duration>,
}

impl Config {
    /// A workspace as Slack sets it up, with the app `deploybot`.
    pub fn new(
        base_url: impl Into<String>,
        bot_token: impl Into<String>,
        app_token: impl Into<String>,
    ) -> Self {
        let subscriptions = [
            "app_mention",
            "app_home_opened",
            "message.channels",
            "message.groups",
            "message.im",
        ];
        Self {
            base_url: base_url.into(),
            bot_token: bot_token.into(),
            app_token: app_token.into(),
            bot_name: "deploybot".to_owned(),
            team_name: "Simulated Workspace".to_owned(),
            subscriptions: subscriptions.map(str::to_owned).to_vec(),
            rate_limits: true,
            timing: Timing::default(),
            edit_window: None,
        }
    }
}

/// A person to add to the workspace.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name by which others mention them.
    pub name: String,
    /// The name that others read.
    pub real_name: String,
    /// The address by which an app finds them.
    pub email: Option<String>,
    /// Their time zone, `Asia/Seoul`.
    pub tz: String,
    /// Their language and country, `en-US`.
    pub locale: String,
}

/// A channel to add to the workspace.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// Its name, without `#`.
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// Whether people have to be invited.
    pub private: bool,
    /// The people in it.
    pub members: Vec<UserId>,
    /// Whether the app is in it.
    pub with_app: bool,
}

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
            Limits::new(config.rate_limits),
            Delivery::new(config.timing.clone(), Arc::clone(&wake)),
            changes.clone(),
        );
        state.users.push(bot);
        Self {
            shared: Arc::new(Shared {
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

    /// Sends again what the app did not acknowledge, until `shutdown`; then ends
    /// all connections. Without it events are sent once.
    pub async fn run(&self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let next = self.pump();
            tokio::select! {
                () = self.shared.wake.notified() => {}
                () = shutdown.cancelled() => {}
                () = reached(next) => {}
            }
        }
        self.shared.closing.cancel();
    }

    /// The request log, latency and faults of the Web API.
    pub fn control(&self) -> &Control {
        &self.shared.control
    }

    /// Adds a person and gives their id, which is made of their name.
    pub fn add_user(&self, user: NewUser) -> UserId {
        let mut state = self.state();
        let id = UserId::new(free_id("U0", &user.name, |id| {
            state.users.iter().any(|user| user.id.as_str() == id)
        }));
        state.users.push(User {
            id: id.clone(),
            name: user.name,
            real_name: user.real_name,
            email: user.email,
            is_bot: false,
            tz: user.tz,
            locale: user.locale,
            joined: clock::now(),
        });
        id
    }

    /// Adds a group of people and gives its id.
    pub fn add_user_group(&self, handle: &str, name: &str, users: Vec<UserId>) -> UserGroupId {
        let mut state = self.state();
        let id = UserGroupId::new(free_id("S0", handle, |id| {
            state
                .user_groups
                .iter()
                .any(|group| group.id.as_str() == id)
        }));
        state.user_groups.push(UserGroup {
            id: id.clone(),
            handle: handle.to_owned(),
            name: name.to_owned(),
            users,
            created: clock::now(),
        });
        id
    }

    /// Adds a channel and gives its id, which is made of its name.
    pub fn add_channel(&self, channel: NewChannel) -> ChannelId {
        let mut state = self.state();
        let id = ChannelId::new(free_id("C0", &channel.name, |id| {
            state
                .channels
                .iter()
                .any(|channel| channel.id.as_str() == id)
        }));
        let kind = if channel.private {
            Kind::Private
        } else {
            Kind::Public
        };
        let mut new = Channel::new(id.clone(), channel.name, kind, clock::now());
        new.topic = channel.topic;
        new.members.extend(channel.members);
        if channel.with_app {
            new.members.insert(state.app.bot_user.clone());
        }
        state.channels.push(new);
        id
    }

    /// Archives a channel: nobody writes in it any more. An unknown channel is
    /// left as it is.
    pub fn archive_channel(&self, id: &ChannelId) {
        if let Some(channel) = self.state().channel_mut(id) {
            channel.archived = true;
        }
    }

    /// What became of each event and interaction, oldest first.
    pub fn deliveries(&self) -> Vec<Record> {
        self.state().delivery.records()
    }

    /// How many connections the app holds.
    pub fn connections(&self) -> usize {
        self.state().delivery.connection_count()
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

/// An id made of a name, with a number behind it when somebody has it already.
fn free_id(prefix: &str, name: &str, taken: impl Fn(&str) -> bool) -> String {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let id = format!("{prefix}{}", letters.to_ascii_uppercase());
    if !taken(&id) {
        return id;
    }
    (2..)
        .map(|number| format!("{id}{number}"))
        .find(|id| !taken(id))
        .expect("there are more numbers than names")
}
