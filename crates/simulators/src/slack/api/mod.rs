//! The Web API: `/api/{method}`, by GET or POST, with a form or a JSON body.
//!
//! Every method is a route of its own, so that the request log and the faults
//! of the control API know them by name.

mod answer;
mod args;
mod chat;
mod conversations;
mod metadata;
mod method;
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
use super::scope::Needs;
use super::state::State as Workspace;
use super::user::Shown;
use super::{Slack, rate_limited};
use crate::control::{Rules, Service};
pub(super) use answer::ApiError;
use answer::render;
use args::Args;
pub use method::methods;
use method::{METHODS, Method, Token};
pub(super) use respond::respond;

/// A call that has passed the checks all methods have in common.
struct Call {
    slack: Slack,
    args: Args,
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
    let call = Call { slack, args };
    // What a channel is may change by the call itself.
    let takes = takes(method, &call);
    let result = authorize(method, &call, sent)
        .and_then(|()| permit(&takes, &call))
        .and_then(|()| count(method, &call))
        .and_then(|()| (method.run)(&call));
    let refused = result.as_ref().err().map(ApiError::name);
    call.slack
        .record_call(method.name, call.args.all(), &takes.certain(), refused);
    let scopes = told_scopes(method, &call.slack);
    (scopes, render(result, &warnings)).into_response()
}

/// What Slack tells about scopes with each answer: those that were granted, and
/// those of which the method takes one or more.
fn told_scopes(method: Method, slack: &Slack) -> [(&'static str, String); 2] {
    let granted = match method.token {
        Token::App => "connections:write".to_owned(),
        Token::Bot | Token::Free => slack.state().scopes.told(),
    };
    [
        ("x-oauth-scopes", granted),
        ("x-accepted-oauth-scopes", method.needs.all().join(",")),
    ]
}

fn authorize(method: Method, call: &Call, sent: &Sent) -> Result<(), ApiError> {
    let config = call.slack.config();
    let in_arguments = call.args.token();
    let (wanted, other, in_arguments) = match method.token {
        Token::Bot => (&config.bot_token, &config.app_token, in_arguments),
        // It comes in the header of a POST, and in no other way.
        Token::App if sent.http_method != HttpMethod::POST => {
            return Err(ApiError::Refused("insecure_request"));
        }
        Token::App => (&config.app_token, &config.bot_token, None),
        Token::Free => return Ok(()),
    };
    let bearer = sent
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match bearer.map(str::to_owned).or(in_arguments) {
        None => Err(ApiError::Refused("not_authed")),
        Some(token) if token == *wanted => Ok(()),
        Some(token) if token == *other => Err(ApiError::Refused("not_allowed_token_type")),
        Some(_) => Err(ApiError::Refused("invalid_auth")),
    }
}

/// The scopes that one call takes.
enum Takes {
    /// Each of these.
    All(Vec<&'static str>),
    /// One of these: what it is about nobody knows.
    Any(Vec<&'static str>),
}

impl Takes {
    /// Those without which it is refused for certain.
    fn certain(&self) -> Vec<&'static str> {
        match self {
            Self::All(scopes) => scopes.clone(),
            Self::Any(_) => Vec::new(),
        }
    }
}

fn takes(method: Method, call: &Call) -> Takes {
    let needs = method.needs;
    match needs {
        Needs::Nothing => Takes::All(Vec::new()),
        Needs::One(scope) if scope == "chat:write" && call.is_disguised() => {
            Takes::All(vec![scope, "chat:write.customize"])
        }
        Needs::One(scope) => Takes::All(vec![scope]),
        Needs::Channels => {
            let wanted = conversations::types(&call.args);
            let kinds = wanted.split(',').map(str::trim);
            Takes::All(kinds.filter_map(|kind| needs.for_type(kind)).collect())
        }
        // Of a channel that nobody knows Slack can't tell the kind.
        Needs::History | Needs::Channel => {
            let id = ChannelId::new(call.args.text("channel").unwrap_or_default());
            let state = call.slack.state();
            let scope = state.channel(&id).and_then(|it| needs.for_kind(&it.kind));
            scope.map_or_else(|| Takes::Any(needs.all()), |scope| Takes::All(vec![scope]))
        }
    }
}

/// Refuses the call unless the bot was granted what it takes.
fn permit(takes: &Takes, call: &Call) -> Result<(), ApiError> {
    let state = call.slack.state();
    let permitted = match takes {
        Takes::All(scopes) => state.scopes.want_all(scopes),
        Takes::Any(scopes) => state.scopes.want_any(scopes),
    };
    permitted.map_err(ApiError::MissingScope)
}

/// Counts the call against the method's limit.
fn count(method: Method, call: &Call) -> Result<(), ApiError> {
    let mut state = call.slack.state();
    let mut key = method.name.to_owned();
    if method.tier == Tier::PerChannel {
        let named = call.args.text("channel").unwrap_or_default();
        // A channel that does not exist is refused later and needs no count.
        let Some(channel) = known_channel(&state, &named) else {
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
    /// Whether the bot would speak under another name or icon.
    fn is_disguised(&self) -> bool {
        let names = ["username", "icon_emoji", "icon_url"];
        names.iter().any(|name| self.args.text(name).is_some())
    }

    /// Which fields of people the caller gets to see.
    fn shown(&self, state: &Workspace) -> Shown {
        Shown {
            email: state.scopes.hold("users:read.email"),
            locale: self.args.flag("include_locale"),
        }
    }

    /// The channel that the call names by id, if the app may see it.
    fn channel(&self, state: &Workspace) -> Result<ChannelId, ApiError> {
        let id = ChannelId::new(self.args.text("channel").unwrap_or_default());
        let channel = state.channel(&id);
        let hidden = channel.is_none_or(|channel| {
            channel.is_private() && !channel.members.contains(&state.app.bot_user)
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
