//! The device flow, by which a program learns on whose behalf it may act: it gets a
//! code, its user enters that on a page here and agrees or not, and the program
//! asks until it hears which. By GitHub's documentation of "Device flow" for Apps.
//!
//! Who sits before the page is chosen on it: nobody logs in to the simulator.

mod page;

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Json, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::{HeaderMap, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::Github;

/// What GitHub calls this kind of grant.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What is added to the interval of who asks too often, in seconds.
const SLOWER: u64 = 5;
/// How many codes are known at once; the oldest goes first.
const KNOWN: usize = 1_000;
/// What user codes are made of: letters that make no words.
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";

/// An App's device flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFlow {
    /// The client id by which the App is known.
    pub client_id: String,
    /// Whether it is switched on in the App's settings.
    pub enabled: bool,
    /// How long to wait between two questions; GitHub's is 5 seconds.
    pub interval: Duration,
    /// How long a code is valid; GitHub's is for 15 minutes.
    pub lifetime: Duration,
}

impl DeviceFlow {
    /// As GitHub has it, of the App that has this client id.
    pub fn of(client_id: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            enabled: true,
            interval: Duration::from_secs(5),
            lifetime: Duration::from_secs(900),
        }
    }
}

/// The flow, if an App has one, and the codes that are given out.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    flow: Option<DeviceFlow>,
    /// By device code.
    given: HashMap<String, Given>,
}

/// A code that is given out.
#[derive(Debug, Clone)]
struct Given {
    number: u64,
    user_code: String,
    ends: Timestamp,
    /// In seconds.
    interval: u64,
    asked: Option<Timestamp>,
    verdict: Option<Verdict>,
}

/// What its user said.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// They agreed, and are this user.
    Agreed(String),
    /// They cancelled.
    Refused,
}

/// What comes of a question.
enum Told {
    /// A refusal in GitHub's words.
    Refused(&'static str, &'static str, Option<u64>),
    /// The login that a token is to speak for.
    Agreed(String),
}

impl Github {
    /// Gives the App a device flow, or changes it.
    pub fn set_device_flow(&self, flow: DeviceFlow) {
        self.devices().flow = Some(flow);
    }

    /// What the user of a code does on the page: agrees, as the user of a login.
    /// False where no such code waits, or there is no such user.
    pub fn authorize_device(&self, user_code: &str, login: &str) -> bool {
        let login = self.state().user(login).map(|user| user.login.clone());
        login.is_some_and(|login| self.decide(user_code, Verdict::Agreed(login)))
    }

    /// The same where they cancel.
    pub fn refuse_device(&self, user_code: &str) -> bool {
        self.decide(user_code, Verdict::Refused)
    }

    fn decide(&self, user_code: &str, verdict: Verdict) -> bool {
        let now = self.clock().now();
        let typed = plain(user_code);
        let mut devices = self.devices();
        let waiting = devices.given.values_mut().find(|given| {
            plain(&given.user_code) == typed && given.ends > now && given.verdict.is_none()
        });
        let Some(given) = waiting else {
            return false;
        };
        given.verdict = Some(verdict);
        true
    }
}

/// A code as it is compared: people leave out the hyphen, and write it small.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_uppercase()
}

impl Devices {
    /// Gives out a code, if `client_id` is an App's that may have one.
    fn begin(&mut self, client_id: &str, now: Timestamp) -> Result<(String, Given), Told> {
        let flow = self.flow.clone().filter(|flow| flow.client_id == client_id);
        let Some(flow) = flow else {
            return Err(Told::Refused("Not Found", "", None));
        };
        if !flow.enabled {
            return Err(DISABLED);
        }
        self.given.retain(|_, given| given.ends > now);
        if self.given.len() >= KNOWN
            && let Some(oldest) = self.given.iter().min_by_key(|(_, given)| given.number)
        {
            let oldest = oldest.0.clone();
            self.given.remove(&oldest);
        }
        let lifetime = SignedDuration::try_from(flow.lifetime).unwrap_or(SignedDuration::MAX);
        let given = Given {
            number: self
                .given
                .values()
                .map(|given| given.number + 1)
                .max()
                .unwrap_or(0),
            user_code: self.new_user_code(),
            ends: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
            interval: flow.interval.as_secs(),
            asked: None,
            verdict: None,
        };
        let secret = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|it| it.simple().to_string());
        let code = secret.concat()[..40].to_owned();
        self.given.insert(code.clone(), given.clone());
        Ok((code, given))
    }

    fn new_user_code(&self) -> String {
        let letter = |byte: &u8| LETTERS[usize::from(*byte) % LETTERS.len()] as char;
        loop {
            let bytes = uuid::Uuid::new_v4().into_bytes();
            let letters: String = bytes[..8].iter().map(letter).collect();
            let code = format!("{}-{}", &letters[..4], &letters[4..]);
            if self.given.values().all(|given| given.user_code != code) {
                return code;
            }
        }
    }

    /// What has become of a code; one that its user agreed to is used up by that.
    fn ask(&mut self, asked: &HashMap<String, String>, now: Timestamp) -> Told {
        let field = |name: &str| asked.get(name).map_or("", String::as_str);
        let Some(flow) = self.flow.as_ref() else {
            return WRONG_CLIENT;
        };
        if flow.client_id != field("client_id") {
            return WRONG_CLIENT;
        }
        if !flow.enabled {
            return DISABLED;
        }
        if field("grant_type") != GRANT {
            return Told::Refused(
                "unsupported_grant_type",
                "The grant type is not supported.",
                None,
            );
        }
        let code = field("device_code").to_owned();
        let Some(given) = self.given.get_mut(&code) else {
            return Told::Refused(
                "incorrect_device_code",
                "The device_code provided is not valid.",
                None,
            );
        };
        if given.ends <= now {
            return Told::Refused("expired_token", "This 'device_code' has expired.", None);
        }
        let since = given
            .asked
            .map(|asked| now.duration_since(asked).as_millis());
        given.asked = Some(now);
        let least = i128::from(given.interval) * 1_000;
        if since.is_some_and(|since| since < least) {
            given.interval += SLOWER;
            return Told::Refused(
                "slow_down",
                "Too many requests have been made in the same timeframe.",
                Some(given.interval),
            );
        }
        match given.verdict.clone() {
            None => Told::Refused(
                "authorization_pending",
                "The authorization request is still pending.",
                None,
            ),
            Some(Verdict::Refused) => Told::Refused(
                "access_denied",
                "The authorization request was denied.",
                None,
            ),
            Some(Verdict::Agreed(login)) => {
                self.given.remove(&code);
                Told::Agreed(login)
            }
        }
    }
}

const DISABLED: Told = Told::Refused(
    "device_flow_disabled",
    "Device Flow must be explicitly enabled for this App",
    None,
);
const WRONG_CLIENT: Told = Told::Refused(
    "incorrect_client_credentials",
    "The client_id and/or client_secret passed are incorrect.",
    None,
);

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
