//! The person's side: what Slack's own client would do, over plain JSON. It
//! asks for no password, so it belongs on loopback.

mod action;
mod form;
mod page;

use std::convert::Infallible;

use axum::extract::{Query, State as Extract};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::Slack;
use super::event;
use super::ids::{ChannelId, MessageTs, UserId};
use super::message::Author;
use super::state::{Change, State};
use super::text::{Names, from_typed};
use super::workspace::Kind;
pub(super) use page::{icon, permalink};

/// How many messages a reader gets who asks for no number.
const MESSAGES: usize = 200;

/// What a client is answered: `ok`, or a name for what is wrong.
type Answer = Result<Json<Value>, Refusal>;

/// What a client asked for can't be done.
struct Refusal(&'static str);

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> axum::response::Response {
        Json(json!({"ok": false, "error": self.0})).into_response()
    }
}

/// The routes of the client API.
pub(super) fn router() -> Router<Slack> {
    Router::new()
        .route("/workspace", get(workspace))
        .route(
            "/messages",
            get(messages).post(write).put(edit).delete(delete),
        )
        .route("/events", get(events))
        .route("/actions", post(action::act))
        .route("/home", get(home).post(open_home))
        .route("/views", get(form::shown))
        .route("/views/{view_id}/submit", post(form::submit))
        .route("/views/{view_id}/close", post(form::close))
}

async fn workspace(Extract(slack): Extract<Slack>) -> Json<Value> {
    let state = slack.state();
    let channels: Vec<Value> = state
        .channels
        .iter()
        .filter(|channel| !matches!(channel.kind, Kind::Direct(_)))
        .map(|channel| {
            json!({"id": channel.id.as_str(), "name": channel.name, "topic": channel.topic})
        })
        .collect();
    let users: Vec<Value> = state
        .users
        .iter()
        .map(|user| {
            json!({
                "id": user.id.as_str(), "name": user.name, "real_name": user.real_name,
                "is_bot": user.is_bot, "tz": user.tz, "locale": user.locale,
            })
        })
        .collect();
    Json(json!({
        "team": {"id": state.app.team_id, "name": state.app.team_name},
        "me_bot": state.app.bot_user.as_str(),
        "channels": channels,
        "users": users,
    }))
}

#[derive(Deserialize)]
struct Reading {
    channel: String,
    limit: Option<usize>,
}

async fn messages(Extract(slack): Extract<Slack>, Query(reading): Query<Reading>) -> Answer {
    let state = slack.state();
    let channel = state.channel(&ChannelId::new(reading.channel));
    let channel = channel.ok_or(Refusal("channel_not_found"))?;
    let limit = reading.limit.unwrap_or(MESSAGES);
    let mut newest: Vec<Value> = channel
        .messages()
        .rev()
        .take(limit)
        .map(|message| channel.object(message, &state.app, true))
        .collect();
    newest.reverse();
    Ok(Json(json!({"messages": newest})))
}

#[derive(Deserialize)]
struct Writing {
    user: String,
    channel: String,
    #[serde(default)]
    text: String,
    /// The thread that a new message goes to.
    thread_ts: Option<String>,
    /// The message that is edited or deleted.
    ts: Option<String>,
    #[serde(default)]
    raw: bool,
}

impl Writing {
    /// The person, if there is one, and the channel, if one can write in it.
    fn place(&self, state: &State) -> Result<(UserId, ChannelId), Refusal> {
        let user = person(state, &self.user)?;
        let id = ChannelId::new(self.channel.clone());
        match state.channel(&id) {
            None => Err(Refusal("channel_not_found")),
            Some(channel) if channel.archived => Err(Refusal("is_archived")),
            Some(_) => Ok((user, id)),
        }
    }

    /// The text as it goes over the wire.
    fn wire(&self, state: &State) -> Result<String, Refusal> {
        if self.text.trim().is_empty() {
            Err(Refusal("no_text"))
        } else if self.raw {
            Ok(self.text.clone())
        } else {
            Ok(typed(state, &self.text))
        }
    }

    /// The person's own message that is edited or deleted.
    fn own_message(&self, state: &State) -> Result<(ChannelId, MessageTs), Refusal> {
        let (user, channel) = self.place(state)?;
        let missing = Refusal("message_not_found");
        let Some(ts) = self.ts.as_ref().and_then(|ts| ts.parse().ok()) else {
            return Err(missing);
        };
        let message = state
            .channel(&channel)
            .and_then(|channel| channel.message(ts));
        match message.map(|message| &message.author) {
            Some(Author::Person { user: author, .. }) if *author == user => Ok((channel, ts)),
            Some(_) => Err(Refusal("cant_update_message")),
            None => Err(missing),
        }
    }
}

fn typed(state: &State, text: &str) -> String {
    let names = Names {
        user: &|name| {
            let users = state.users.iter();
            let user = users
                .clone()
                .find(|user| user.name.eq_ignore_ascii_case(name));
            user.map(|user| user.id.clone())
        },
        channel: &|name| {
            let mut channels = state.channels.iter();
            let channel = channels.find(|channel| channel.name == name);
            channel.map(|channel| channel.id.clone())
        },
    };
    from_typed(text, &names)
}

async fn write(Extract(slack): Extract<Slack>, Json(writing): Json<Writing>) -> Answer {
    let mut state = slack.state();
    let (user, channel) = writing.place(&state)?;
    let wire = writing.wire(&state)?;
    let mut message = state.written(&user, wire);
    if let Some(thread) = &writing.thread_ts {
        let thread = thread.parse().map_err(|_| Refusal("thread_not_found"))?;
        let parent = state
            .channel(&channel)
            .and_then(|channel| channel.message(thread));
        let parent = parent.ok_or(Refusal("thread_not_found"))?;
        message.thread_ts = Some(parent.thread_ts.unwrap_or(thread));
    }
    let ts = message.ts.to_string();
    state.post(&channel, message);
    Ok(Json(json!({"ok": true, "ts": ts})))
}

async fn edit(Extract(slack): Extract<Slack>, Json(writing): Json<Writing>) -> Answer {
    let mut state = slack.state();
    let (channel, ts) = writing.own_message(&state)?;
    let wire = writing.wire(&state)?;
    let author = UserId::new(writing.user);
    let new = state.written(&author, wire);
    state.edit(&channel, ts, |message| {
        message.text = new.text;
        message.blocks = new.blocks;
        message.edited = Some((author, new.ts));
    });
    Ok(Json(json!({"ok": true, "ts": ts.to_string()})))
}

async fn delete(Extract(slack): Extract<Slack>, Json(writing): Json<Writing>) -> Answer {
    let mut state = slack.state();
    let (channel, ts) = writing.own_message(&state)?;
    state.delete(&channel, ts);
    Ok(Json(json!({"ok": true})))
}

#[derive(Deserialize)]
struct Opening {
    user: String,
}

/// The home tab as the app has set it; null while it has not.
async fn home(Extract(slack): Extract<Slack>, Query(opening): Query<Opening>) -> Answer {
    let state = slack.state();
    let user = person(&state, &opening.user)?;
    let view = state.views.home(&user).map(|view| view.object(&state.app));
    Ok(Json(json!({"ok": true, "view": view})))
}

async fn open_home(Extract(slack): Extract<Slack>, Json(opening): Json<Opening>) -> Answer {
    let mut state = slack.state();
    let user = person(&state, &opening.user)?;
    let channel = state.direct(&user);
    let at = state.next_ts();
    let view = state.views.home(&user).map(|view| view.object(&state.app));
    let event = state
        .channel(&channel)
        .map(|channel| event::app_home_opened(&user, channel, view.clone(), at));
    if let Some(event) = event {
        state.send_event(&event);
    }
    Ok(Json(json!({"ok": true, "view": view})))
}

/// The person with an id; the bot is none.
fn person(state: &State, id: &str) -> Result<UserId, Refusal> {
    let id = UserId::new(id);
    match state.user(&id) {
        Some(user) if !user.is_bot => Ok(id),
        _ => Err(Refusal("user_not_found")),
    }
}

async fn events(
    Extract(slack): Extract<Slack>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = told(slack.shared.changes.subscribe());
    let events = changes
        .map(|(name, data)| Ok(Event::default().event(name).data(data.to_string())))
        .take_until(slack.closing().cancelled_owned());
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// The names and data of the events that a reader gets. One who was too slow is
/// told to read everything again.
fn told(changes: broadcast::Receiver<Change>) -> impl Stream<Item = (&'static str, Value)> {
    BroadcastStream::new(changes).map(|change| match change {
        Ok(Change::Message {
            channel,
            change,
            message,
        }) => (
            "message",
            json!({"channel": channel.as_str(), "change": change, "message": message}),
        ),
        Ok(Change::Ephemeral {
            channel,
            user,
            message,
            change,
        }) => (
            "ephemeral",
            json!({
                "channel": channel.as_str(), "user": user.as_str(),
                "change": change, "message": message,
            }),
        ),
        Ok(Change::View { user, view }) => ("view", json!({"user": user.as_str(), "view": view})),
        Ok(Change::Home { user, view }) => ("home", json!({"user": user.as_str(), "view": view})),
        Err(BroadcastStreamRecvError::Lagged(missed)) => ("resync", json!({"missed": missed})),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_reader_is_told_to_read_everything_again() {
        let (changes, receiver) = broadcast::channel(2);
        for user in ["U1", "U2", "U3"] {
            let user = UserId::new(user);
            changes.send(Change::View { user, view: None }).unwrap();
        }
        drop(changes);
        let told: Vec<(&str, Value)> = told(receiver).collect().await;
        let view = |user: &str| ("view", json!({"user": user, "view": null}));
        assert_eq!(
            told,
            [("resync", json!({"missed": 1})), view("U2"), view("U3")]
        );
    }
}
