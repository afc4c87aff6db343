//! The Web API: `/api/{method}`, by GET or POST, with a form or a JSON body.
//!
//! Every method is a route of its own, so that the request log and the faults
//! of the control API know them by name.

mod answer;
mod args;
mod chat;
mod conversations;
mod metadata;
mod reactions;
mod respond;
mod users;
pub(super) mod views;
mod workspace;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use http::{HeaderMap, Method as HttpMethod, Uri, header};
use tokio::time::Instant;

use super::ids::{ChannelId, UserId};
use super::limit::Tier;
use super::state::State as Workspace;
use super::{Slack, rate_limited};
use crate::control::{Rules, Service};
pub(super) use answer::ApiError;
use answer::{Answer, render};
use args::Args;
pub(super) use respond::respond;

/// Which token a method wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// The bot's.
    Bot,
    /// The one that opens connections.
    App,
    /// None.
    Free,
}

/// One method of the Web API.
#[derive(Clone, Copy)]
struct Method {
    name: &'static str,
    token: Token,
    tier: Tier,
    run: fn(&Call) -> Answer,
}

/// A call that has passed the checks all methods have in common.
struct Call {
    slack: Slack,
    args: Args,
}

const METHODS: [Method; 30] = [
    free("api.test", workspace::api_test),
    Method {
        name: "apps.connections.open",
        token: Token::App,
        tier: Tier::Special,
        run: workspace::open_connection,
    },
    bot("auth.test", Tier::Special, workspace::auth_test),
    bot("bots.info", Tier::Three, workspace::bot_info),
    bot("team.info", Tier::Three, workspace::team_info),
    bot("chat.postMessage", Tier::PerChannel, chat::post_message),
    bot("chat.postEphemeral", Tier::Four, chat::post_ephemeral),
    bot("chat.update", Tier::Three, chat::update),
    bot("chat.delete", Tier::Three, chat::delete),
    bot("chat.getPermalink", Tier::Special, chat::permalink),
    bot("conversations.history", Tier::Three, conversations::history),
    bot("conversations.replies", Tier::Three, conversations::replies),
    bot("conversations.list", Tier::Two, conversations::list),
    bot("conversations.info", Tier::Three, conversations::info),
    bot("conversations.members", Tier::Four, conversations::members),
    bot("conversations.open", Tier::Three, conversations::open),
    bot("conversations.join", Tier::Three, conversations::join),
    bot("users.info", Tier::Four, users::info),
    bot("users.list", Tier::Two, users::list),
    bot("users.lookupByEmail", Tier::Three, users::lookup_by_email),
    bot("usergroups.list", Tier::Two, users::groups),
    bot("usergroups.users.list", Tier::Two, users::group_users),
    bot("reactions.add", Tier::Three, reactions::add),
    bot("reactions.get", Tier::Three, reactions::get),
    bot("reactions.remove", Tier::Two, reactions::remove),
    bot("views.open", Tier::Four, views::open),
    bot("views.push", Tier::Four, views::push),
    bot("views.update", Tier::Four, views::update),
    bot("views.publish", Tier::Four, views::publish),
    bot("users.conversations", Tier::Three, conversations::list_own),
];

const fn bot(name: &'static str, tier: Tier, run: fn(&Call) -> Answer) -> Method {
    Method {
        name,
        token: Token::Bot,
        tier,
        run,
    }
}

const fn free(name: &'static str, run: fn(&Call) -> Answer) -> Method {
    Method {
        name,
        token: Token::Free,
        tier: Tier::Special,
        run,
    }
}

/// The routes of all methods.
pub(super) fn router() -> Router<Slack> {
    let unknown = any(|| async { render(Err(ApiError::Refused("unknown_method")), &[]) });
    METHODS
        .into_iter()
        .fold(Router::new(), |router, method| {
            router.route(&format!("/api/{}", method.name), route(method))
        })
        .route("/api/{method}", unknown)
}

/// What can be asked of it, for its control.
pub(super) fn described() -> Service {
    let methods = METHODS.iter().map(|method| method.name);
    let mut routes: Vec<String> = methods.map(|name| format!("ANY /api/{name}")).collect();
    routes.push("ANY /api/{method}".to_owned());
    routes.push("POST /actions/{secret}".to_owned());
    Service {
        routes,
        refused: Some(refused),
    }
}

/// Any error by its name.
fn refused(name: &str) -> Response {
    axum::Json(serde_json::json!({"ok": false, "error": name})).into_response()
}

/// How its requests are treated: all may begin.
pub(super) fn rules() -> Rules {
    Rules {
        gate: Box::new(|_, _| Ok(Box::new(()))),
        rate_limited: Box::new(|_, seconds| rate_limited(seconds)),
    }
}

fn route(method: Method) -> MethodRouter<Slack> {
    any(
        move |State(slack): State<Slack>,
              http_method: HttpMethod,
              uri: Uri,
              headers: HeaderMap,
              body: Bytes| async move {
            let sent = Sent {
                http_method,
                uri,
                headers,
                body,
            };
            answer(method, slack, &sent)
        },
    )
}

/// A request as it came in.
struct Sent {
    http_method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

fn answer(method: Method, slack: Slack, sent: &Sent) -> Response {
    let args = match Args::read(&sent.http_method, &sent.uri, &sent.headers, &sent.body) {
        Ok(args) => args,
        Err(error) => return render(Err(ApiError::Refused(error)), &[]),
    };
    let warnings = args.warnings();
    let result = authorize(method, &slack, &args, &sent.headers)
        .and_then(|()| count(method, &slack, &args))
        .and_then(|()| (method.run)(&Call { slack, args }));
    render(result, &warnings).into_response()
}

fn authorize(
    method: Method,
    slack: &Slack,
    args: &Args,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    let config = slack.config();
    let (wanted, other) = match method.token {
        Token::Bot => (&config.bot_token, &config.app_token),
        Token::App => (&config.app_token, &config.bot_token),
        Token::Free => return Ok(()),
    };
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match bearer.map(str::to_owned).or_else(|| args.token()) {
        None => Err(ApiError::Refused("not_authed")),
        Some(token) if token == *wanted => Ok(()),
        Some(token) if token == *other => Err(ApiError::Refused("not_allowed_token_type")),
        Some(_) => Err(ApiError::Refused("invalid_auth")),
    }
}

/// Counts the call against the method's limit.
fn count(method: Method, slack: &Slack, args: &Args) -> Result<(), ApiError> {
    let mut state = slack.state();
    let mut key = method.name.to_owned();
    if method.tier == Tier::PerChannel {
        // A channel that does not exist is refused later and needs no count.
        let Some(channel) = known_channel(&state, &args.text("channel").unwrap_or_default()) else {
            return Ok(());
        };
        key = format!("{key} {channel}");
    }
    let counted = state.limits.take(key, method.tier, Instant::now());
    counted.map_err(ApiError::RateLimited)
}

/// The channel that a text names, by id or, as Slack still allows, by name.
fn known_channel(state: &Workspace, text: &str) -> Option<ChannelId> {
    let id = ChannelId::new(text);
    let name = text.strip_prefix('#').unwrap_or(text);
    let mut channels = state.channels.iter();
    channels
        .find(|channel| channel.id == id || (!name.is_empty() && channel.name == name))
        .map(|channel| channel.id.clone())
}

impl Call {
    /// The channel that the call names by id, if the app may see it.
    fn channel(&self, state: &Workspace) -> Result<ChannelId, ApiError> {
        let id = ChannelId::new(self.args.text("channel").unwrap_or_default());
        let channel = state.channel(&id);
        let hidden = channel.is_none_or(|channel| {
            channel.kind == super::workspace::Kind::Private
                && !channel.members.contains(&state.app.bot_user)
        });
        if hidden {
            return Err(ApiError::Refused("channel_not_found"));
        }
        Ok(id)
    }

    /// The person that an argument names by id.
    fn user(&self, state: &Workspace, name: &str) -> Result<UserId, ApiError> {
        let id = UserId::new(self.args.required(name)?);
        match state.user(&id) {
            Some(_) => Ok(id),
            None => Err(ApiError::Refused("user_not_found")),
        }
    }
}
