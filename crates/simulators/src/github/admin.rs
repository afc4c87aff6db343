//! The part of the control API that is GitHub's own: hints of what changes, as
//! a stream of server-sent events, so that a page or a test that listens need
//! not ask again and again; the limits, the clock and the App.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::Router;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{delete, get, put};
use futures::{Stream, StreamExt, future};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio_stream::wrappers::BroadcastStream;

use super::{Github, Limits};

/// How often an idle stream shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Those routes.
pub(crate) fn router(github: Github) -> Router {
    Router::new()
        .route("/events", get(events))
        .route("/limits", get(read_limits).put(write_limits))
        .route("/clock", get(read_clock).put(write_clock))
        .route("/app", get(read_app))
        .route("/app/token_lifetime", put(write_token_lifetime))
        .route("/app/tokens", delete(expire_tokens))
        .with_state(github)
}

/// Every change from now on. A listener that is too slow loses some; the next
/// hint it gets is as good a reason to look again.
async fn events(
    State(github): State<Github>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = BroadcastStream::new(github.changes())
        .filter_map(|change| future::ready(change.ok()))
        .filter_map(|change| future::ready(Event::default().json_data(change).ok()))
        .map(Ok);
    Sse::new(changes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

async fn read_limits(State(github): State<Github>) -> Json<Limits> {
    Json(github.limits())
}

async fn write_limits(State(github): State<Github>, Json(limits): Json<Limits>) -> StatusCode {
    github.set_limits(limits);
    StatusCode::NO_CONTENT
}

/// The clock as the control API reads it; what is left out goes right.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wish {
    /// By how many seconds it is fast; negative when it is slow.
    shift_seconds: i32,
    /// How many times as fast as the machine's it goes.
    speed: NonZeroU32,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            shift_seconds: 0,
            speed: NonZeroU32::MIN,
        }
    }
}

/// The clock as the control API tells it.
#[derive(Serialize)]
struct Told {
    now: Timestamp,
    shift_seconds: i64,
    speed: NonZeroU32,
}

async fn read_clock(State(github): State<Github>) -> Json<Told> {
    let clock = github.clock();
    Json(Told {
        now: clock.now(),
        shift_seconds: clock.shift().as_secs(),
        speed: clock.speed(),
    })
}

async fn write_clock(State(github): State<Github>, Json(wish): Json<Wish>) -> StatusCode {
    let clock = github.clock();
    clock.set_shift(SignedDuration::from_secs(wish.shift_seconds.into()));
    clock.set_speed(wish.speed);
    StatusCode::NO_CONTENT
}

/// The App as the control API tells it.
#[derive(Serialize)]
struct ToldApp {
    id: u64,
    slug: String,
    token_lifetime_seconds: u64,
    /// The number of each owner's installation.
    installations: BTreeMap<String, u64>,
}

async fn read_app(State(github): State<Github>) -> Result<Json<ToldApp>, StatusCode> {
    let access = github.access();
    let app = access.app().ok_or(StatusCode::NOT_FOUND)?;
    let installed = access.installations().iter();
    Ok(Json(ToldApp {
        id: app.id,
        slug: app.slug.clone(),
        token_lifetime_seconds: access.token_lifetime().as_secs(),
        installations: installed.map(|one| (one.owner.clone(), one.id)).collect(),
    }))
}

/// How long tokens last that are given out from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifetime {
    seconds: u32,
}

async fn write_token_lifetime(
    State(github): State<Github>,
    Json(lifetime): Json<Lifetime>,
) -> StatusCode {
    github.set_token_lifetime(Duration::from_secs(lifetime.seconds.into()));
    StatusCode::NO_CONTENT
}

async fn expire_tokens(State(github): State<Github>) -> StatusCode {
    github.expire_tokens();
    StatusCode::NO_CONTENT
}
