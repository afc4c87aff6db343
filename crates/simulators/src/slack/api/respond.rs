//! Response URLs: where an app answers to an interaction.

use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::json;
use tokio::time::Instant;

use super::args::Args;
use super::chat::{Content, show_ephemeral};
use super::{ApiError, answer};
use crate::slack::Slack;
use crate::slack::message::{Author, Message};
use crate::slack::recording::TO_RESPONSE_URL;
use crate::slack::response_url::Origin;
use crate::slack::state::{Change, State};

/// Takes an answer: a new message, or another content for the message that the
/// interaction came from.
pub(in crate::slack) async fn respond(
    Extract(slack): Extract<Slack>,
    Path(secret): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let args = match Args::read(&method, &uri, &headers, &body) {
        Ok(args) => args,
        Err(error) => return answer::render(Err(ApiError::Refused(error)), &[]),
    };
    let mut state = slack.state();
    let origin = match state.response_urls.take(&secret, Instant::now()) {
        Ok(origin) => origin,
        Err(error) => {
            let body = axum::Json(json!({"ok": false, "error": error}));
            return (StatusCode::NOT_FOUND, body).into_response();
        }
    };
    let done = carry_out(&mut state, &origin, &args);
    drop(state);
    let refused = done.as_ref().err().map(ApiError::name);
    slack.record_call(TO_RESPONSE_URL, args.all(), &[], refused);
    match done {
        Ok(()) => "ok".into_response(),
        Err(error) => answer::render(Err(error), &[]),
    }
}

fn carry_out(state: &mut State, origin: &Origin, args: &Args) -> Result<(), ApiError> {
    if args.flag("delete_original") {
        delete(state, origin);
        return Ok(());
    }
    let content = Content::read(args)?;
    if content.is_empty() {
        return Err(ApiError::Refused("no_text"));
    }
    if args.flag("replace_original") {
        replace_original(state, origin, content);
    } else {
        add(state, origin, content, args);
    }
    Ok(())
}

fn delete(state: &mut State, origin: &Origin) {
    if !origin.ephemeral {
        state.delete(&origin.channel, origin.message);
        return;
    }
    let gone = json!({"type": "message", "ts": origin.message.to_string(), "text": ""});
    if let Some(channel) = state.channel_mut(&origin.channel) {
        channel.remove_ephemeral(&origin.user, origin.message);
    }
    state.tell(Change::Ephemeral {
        channel: origin.channel.clone(),
        user: origin.user.clone(),
        message: gone,
        change: "deleted",
    });
}

fn replace_original(state: &mut State, origin: &Origin, content: Content) {
    let channel = state.channel(&origin.channel);
    let seen = channel.and_then(|channel| channel.seen_by(&origin.user, origin.message));
    let Some(mut changed) = seen.map(|(message, _)| message.clone()) else {
        return;
    };
    content.put_into(&mut changed, state);
    if !origin.ephemeral {
        state.edit(&origin.channel, origin.message, |message| {
            *message = changed;
        });
        return;
    }
    let object = changed.object(&state.app, None, false);
    let channel = state.channel_mut(&origin.channel);
    if let Some(message) = channel.and_then(|it| it.seen_by_mut(&origin.user, origin.message)) {
        *message = changed;
    }
    state.tell(Change::Ephemeral {
        channel: origin.channel.clone(),
        user: origin.user.clone(),
        message: object,
        change: "edited",
    });
}

fn add(state: &mut State, origin: &Origin, content: Content, args: &Args) {
    let author = Author::Bot { disguise: None };
    let mut message = Message::new(state.next_ts(), author, String::new());
    content.put_into(&mut message, state);
    let given = args.text("thread_ts").and_then(|text| text.parse().ok());
    message.thread_ts = given.or(origin.thread);
    if args.text("response_type").as_deref() == Some("in_channel") {
        state.post(&origin.channel, message);
    } else {
        show_ephemeral(state, &origin.channel, &origin.user, message);
    }
}
