//! Hints of what changes, as a stream of server-sent events: a page or a test
//! that listens need not ask again and again.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures::{Stream, StreamExt, future};
use serde::{Deserialize, Serialize};
use tokio_stream::wrappers::BroadcastStream;

use super::Github;

/// How often an idle stream shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The routes of the control API that only GitHub has: `/events`, `/limit`.
pub(crate) fn router(github: Github) -> Router {
    Router::new()
        .route("/events", get(events))
        .route("/limit", get(read_limit).put(write_limit))
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

/// What a token may spend in an hour, as the control API reads and tells it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    hourly: u64,
}

async fn read_limit(State(github): State<Github>) -> Json<Limit> {
    let hourly = github.access().hourly_limit();
    Json(Limit { hourly })
}

async fn write_limit(State(github): State<Github>, Json(limit): Json<Limit>) -> StatusCode {
    github.set_hourly_limit(limit.hourly);
    StatusCode::NO_CONTENT
}
