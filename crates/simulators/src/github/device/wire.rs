//! The device flow on the wire: its routes for programs, which answer with a form
//! or with JSON, and its part of the control API.

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Json, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{DeviceFlow, Told, page};
use crate::github::Github;

/// Its routes for programs and for people, by their methods and paths.
pub(crate) const ROUTES: [&str; 4] = [
    "POST /login/device/code",
    "POST /login/oauth/access_token",
    "GET /login/device",
    "POST /login/device",
];

/// Those routes.
pub(crate) fn router(github: Github) -> Router {
    Router::new()
        .route("/login/device/code", post(begin))
        .route("/login/oauth/access_token", post(ask))
        .route("/login/device", get(page::form).post(page::submitted))
        .with_state(github)
}

async fn begin(State(github): State<Github>, headers: HeaderMap, body: Bytes) -> Response {
    let asked = fields(&headers, &body);
    let client_id = asked.get("client_id").map_or("", String::as_str);
    let now = github.clock().now();
    let begun = github.devices().begin(client_id, now);
    let begun = match begun {
        Ok(begun) => begun,
        Err(Told::Refused("Not Found", ..)) => {
            return written(
                &headers,
                StatusCode::NOT_FOUND,
                &json!({"error": "Not Found"}),
            );
        }
        Err(told) => return refused(&headers, &told),
    };
    let (device_code, given) = begun;
    let lasts = given.ends.duration_since(now).as_secs();
    let answer = json!({
        "device_code": device_code,
        "user_code": given.user_code,
        "verification_uri": github.links().html("/login/device"),
        "expires_in": lasts,
        "interval": given.interval,
    });
    written(&headers, StatusCode::OK, &answer)
}

async fn ask(State(github): State<Github>, headers: HeaderMap, body: Bytes) -> Response {
    let asked = fields(&headers, &body);
    let told = github.devices().ask(&asked, github.clock().now());
    let Told::Agreed(login) = &told else {
        return refused(&headers, &told);
    };
    let token = github.access().speak_for(login);
    // An App's users grant what the App may do; there are no scopes.
    let answer = json!({"access_token": token, "token_type": "bearer", "scope": ""});
    written(&headers, StatusCode::OK, &answer)
}

/// GitHub refuses with status 200.
fn refused(headers: &HeaderMap, told: &Told) -> Response {
    let Told::Refused(error, description, interval) = told else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut answer = json!({
        "error": error,
        "error_description": description,
        "error_uri": "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow",
    });
    if let Some(interval) = interval {
        answer["interval"] = json!(interval);
    }
    written(headers, StatusCode::OK, &answer)
}

/// As JSON for who asks for that, and else as a form.
fn written(headers: &HeaderMap, status: StatusCode, answer: &Value) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("json")) {
        return (status, Json(answer.clone())).into_response();
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in answer.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => form.append_pair(name, text),
            other => form.append_pair(name, &other.to_string()),
        };
    }
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    (status, [(header::CONTENT_TYPE, kind)], form.finish()).into_response()
}

/// The fields of a body, which is JSON or a form.
fn fields(headers: &HeaderMap, body: &[u8]) -> HashMap<String, String> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    if kind.is_some_and(|kind| kind.contains("json")) {
        let body: HashMap<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        let texts = body.into_iter().filter_map(|(name, value)| {
            let text = value.as_str()?.to_owned();
            Some((name, text))
        });
        return texts.collect();
    }
    form_urlencoded::parse(body).into_owned().collect()
}

/// The part of the control API that is about it.
pub(crate) fn control(github: Github) -> Router {
    Router::new()
        .route("/device", put(write_flow))
        .route("/device/{user_code}", put(authorize).delete(refuse))
        .with_state(github)
}

/// The flow as the control API reads it; what is left out is GitHub's.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    client_id: String,
    #[serde(default = "yes")]
    enabled: bool,
    interval_seconds: Option<u32>,
    lifetime_seconds: Option<u32>,
}

const fn yes() -> bool {
    true
}

async fn write_flow(State(github): State<Github>, Json(wish): Json<Wish>) -> StatusCode {
    let usual = DeviceFlow::of(&wish.client_id);
    let seconds = |wish: Option<u32>| wish.map(|it| Duration::from_secs(it.into()));
    github.set_device_flow(DeviceFlow {
        enabled: wish.enabled,
        interval: seconds(wish.interval_seconds).unwrap_or(usual.interval),
        lifetime: seconds(wish.lifetime_seconds).unwrap_or(usual.lifetime),
        ..usual
    });
    StatusCode::NO_CONTENT
}

/// As whom somebody agrees.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Who {
    login: String,
}

async fn authorize(
    State(github): State<Github>,
    Path(user_code): Path<String>,
    Json(who): Json<Who>,
) -> StatusCode {
    if github.authorize_device(&user_code, &who.login) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn refuse(State(github): State<Github>, Path(user_code): Path<String>) -> StatusCode {
    if github.refuse_device(&user_code) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}
