//! One REST request from its first byte to its answer: who asks, whether they
//! may, what they ask, and the headers that every answer has.

use std::collections::BTreeMap;

use axum::RequestExt;
use axum::body::{Body, Bytes};
use axum::extract::{RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;

use super::fields::Fields;
use super::page::Page;
use super::refusal::Refusal;
use super::shape::View;
use crate::clock;
use crate::github::Github;
use crate::github::access::{Budget, Caller, Resource};
use crate::github::git::{self, Resolved, Sha};
use crate::github::state::{Repository, State};

/// The largest body that is read.
pub(super) const BODY_LIMIT: usize = 10 << 20;

const JSON: &str = "application/json; charset=utf-8";

/// A request that may be served.
pub(super) struct Call {
    pub(super) github: Github,
    pub(super) caller: Caller,
    /// The path's parameters, decoded.
    parameters: BTreeMap<String, String>,
    pub(super) query: Vec<(String, String)>,
    body: Bytes,
    accept: String,
    /// The address without the query.
    address: String,
}

/// What answers one route. It may block: git reads from the disk.
pub(super) type Handler = fn(&Call) -> Result<Answer, Refusal>;

/// The answer to a request that was served.
pub(super) struct Answer {
    status: StatusCode,
    content: Content,
    link: Option<String>,
}

enum Content {
    Json(Value),
    Bytes(&'static str, Vec<u8>),
    Nothing,
}

impl Answer {
    /// 200 with JSON.
    pub(super) fn ok(value: Value) -> Self {
        Self::with_status(StatusCode::OK, value)
    }

    /// 201 with JSON.
    pub(super) fn created(value: Value) -> Self {
        Self::with_status(StatusCode::CREATED, value)
    }

    /// 202 with JSON.
    pub(super) fn accepted(value: Value) -> Self {
        Self::with_status(StatusCode::ACCEPTED, value)
    }

    /// 204.
    pub(super) fn nothing() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            content: Content::Nothing,
            link: None,
        }
    }

    /// 200 with bytes of this content type.
    pub(super) fn bytes(content_type: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            status: StatusCode::OK,
            content: Content::Bytes(content_type, bytes),
            link: None,
        }
    }

    fn with_status(status: StatusCode, value: Value) -> Self {
        Self {
            status,
            content: Content::Json(value),
            link: None,
        }
    }

    /// The same, with the `Link` header of a page among this many items.
    pub(super) fn paged(mut self, call: &Call, items: usize) -> Self {
        self.link = call.page().link(&call.address, &call.query, items);
        self
    }
}

/// A repository that a request is about: its name as written first, and its
/// commits.
pub(super) struct Found {
    pub(super) full_name: String,
    pub(super) default_branch: String,
    pub(super) git: git::Repository,
}

impl Call {
    /// A parameter of the route's path.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A parameter of the path that is a number; anything else names nothing.
    pub(super) fn id(&self, name: &str) -> Result<u64, Refusal> {
        self.parameter(name)
            .parse()
            .map_err(|_| Refusal::not_found())
    }

    /// A parameter of the query that is not empty.
    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The page that is asked for.
    pub(super) fn page(&self) -> Page {
        Page::of(&self.query)
    }

    /// The fields of the body.
    pub(super) fn fields(&self) -> Result<Fields, Refusal> {
        Fields::parse(&self.body)
    }

    /// A media type such as `raw` or `sha` is asked for.
    pub(super) fn accepts(&self, kind: &str) -> bool {
        self.accept
            .split([',', ';', '.', '+', '/', ' '])
            .any(|word| word == kind)
    }

    /// The repository that the path names.
    pub(super) fn found(&self) -> Result<Found, Refusal> {
        let state = self.github.state();
        let repository = self.repository(&state)?;
        Ok(Found {
            full_name: repository.full_name(),
            default_branch: repository.default_branch.clone(),
            git: repository.git.clone(),
        })
    }

    /// The repository that the path names, in what is known now.
    pub(super) fn repository<'a>(&self, state: &'a State) -> Result<&'a Repository, Refusal> {
        state
            .repository(self.parameter("owner"), self.parameter("repo"))
            .ok_or_else(Refusal::not_found)
    }

    /// What is shown of a state.
    pub(super) fn view<'a>(&'a self, state: &'a State) -> View<'a> {
        View::new(self.github.links(), state)
    }
}

impl Found {
    /// The commit that a branch, a tag, or a SHA, whole or abbreviated, stands
    /// for, if there is exactly one.
    pub(super) fn resolve(&self, name: &str) -> Result<Option<Sha>, Refusal> {
        Ok(match self.git.resolve(name)? {
            Resolved::Commit(sha) => Some(sha),
            Resolved::Other { .. } | Resolved::Ambiguous(_) | Resolved::Missing => None,
        })
    }

    /// A commit that has to be there.
    pub(super) fn commit(&self, sha: &Sha) -> Result<git::Commit, Refusal> {
        self.git
            .commit(sha)?
            .ok_or_else(|| Refusal::no_commit(sha.as_str()))
    }
}

/// Serves one request with its route's handler; `page` is the route's
/// documentation.
pub(super) async fn serve(
    github: Github,
    request: Request,
    page: &'static str,
    handler: Handler,
) -> Response {
    let headers = request.headers().clone();
    let method = request.method().clone();
    let (budget, outcome) = match admit(&github, &headers) {
        Err((budget, refusal)) => (budget, Err(refusal)),
        Ok((caller, budget)) => {
            let outcome = hear_and_answer(github.clone(), caller, request, handler).await;
            (Some(budget), outcome)
        }
    };
    let mut response = match outcome {
        Ok(answer) => render(answer),
        Err(refusal) => (refusal.status, json_body(&refusal.body(page))).into_response(),
    };
    if let Some(budget) = budget {
        budget.write_headers(response.headers_mut());
    }
    if method == Method::GET && response.status() == StatusCode::OK {
        response = conditional(&github, &headers, response).await;
    }
    finish(response)
}

/// The caller and what is left to them, this request counted.
fn admit(
    github: &Github,
    headers: &HeaderMap,
) -> Result<(Caller, Budget), (Option<Budget>, Refusal)> {
    let mut access = github.access();
    let Some(caller) = access.caller(headers) else {
        let refusal = if headers.contains_key(header::AUTHORIZATION) {
            Refusal::bad_credentials()
        } else {
            Refusal::requires_authentication()
        };
        return Err((None, refusal));
    };
    match access.spend(&caller.token, Resource::Core, 1, clock::now()) {
        Ok(budget) => Ok((caller, budget)),
        Err(budget) => {
            let refusal = Refusal::rate_limited(&format!("user {}", caller.login));
            Err((Some(budget), refusal))
        }
    }
}

async fn hear_and_answer(
    github: Github,
    caller: Caller,
    request: Request,
    handler: Handler,
) -> Result<Answer, Refusal> {
    let call = hear(github, caller, request).await?;
    tokio::task::spawn_blocking(move || handler(&call))
        .await
        .unwrap_or_else(|error| Err(anyhow::Error::new(error).into()))
}

async fn hear(github: Github, caller: Caller, mut request: Request) -> Result<Call, Refusal> {
    let parameters = request
        .extract_parts::<RawPathParams>()
        .await
        .map_err(|_| Refusal::not_found())?
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let query = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let address = github.links().html(request.uri().path());
    let accept = header_text(request.headers(), header::ACCEPT);
    let body = Limited::new(request.into_body(), BODY_LIMIT)
        .collect()
        .await
        .map_err(|_| Refusal::too_large())?
        .to_bytes();
    Ok(Call {
        github,
        caller,
        parameters,
        query,
        body,
        accept,
        address,
    })
}

fn render(answer: Answer) -> Response {
    let mut response = match answer.content {
        Content::Json(value) => json_body(&value),
        Content::Bytes(content_type, bytes) => {
            ([(header::CONTENT_TYPE, content_type)], bytes).into_response()
        }
        Content::Nothing => Body::empty().into_response(),
    };
    *response.status_mut() = answer.status;
    if let Some(link) = answer.link.and_then(|link| link.parse().ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

fn json_body(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, JSON)], value.to_string()).into_response()
}

/// Gives the answer its ETag; a caller who has it already gets 304, for free.
async fn conditional(github: &Github, headers: &HeaderMap, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        // A body that was made in memory does not fail; if it did, there would
        // be nothing to send.
        Err(_) => Bytes::new(),
    };
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let tag = format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(digest));
    let known = header_text(headers, header::IF_NONE_MATCH);
    let same = known.trim() == "*" || known.split(',').any(|one| strong(one) == strong(&tag));
    if let Ok(tag) = tag.parse() {
        parts.headers.insert(header::ETAG, tag);
    }
    if !same {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    let mut access = github.access();
    if let Some(caller) = access.caller(headers) {
        let now = clock::now();
        access.refund(&caller.token, Resource::Core, 1, now);
        access
            .budget(&caller.token, Resource::Core, now)
            .write_headers(&mut parts.headers);
    }
    Response::from_parts(parts, Body::empty())
}

fn strong(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The headers that every answer has.
fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-github-media-type", "github.v3; format=json"),
        ("x-github-api-version-selected", "2022-11-28"),
        ("x-content-type-options", "nosniff"),
        ("vary", "Accept, Authorization"),
    ] {
        let name = HeaderName::from_static(name);
        headers.insert(name, HeaderValue::from_static(value));
    }
    let id = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
    if let Ok(id) = id.parse() {
        headers.insert(HeaderName::from_static("x-github-request-id"), id);
    }
    response
}

fn header_text(headers: &HeaderMap, name: HeaderName) -> String {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// The answer to a path that is no route.
pub(super) fn refuse_route() -> Response {
    let refusal = Refusal::no_such_route();
    finish((refusal.status, json_body(&refusal.body(""))).into_response())
}

/// The answer to a caller that a fault has made ask too often.
pub(super) fn refuse_rate(seconds: u64) -> Response {
    let refusal = Refusal::rate_limited("user");
    let now = clock::now_in_seconds();
    let wait = i64::try_from(seconds).unwrap_or(i64::MAX);
    let budget = Budget {
        resource: Resource::Core,
        limit: 5_000,
        used: 5_000,
        reset: now
            .checked_add(jiff::SignedDuration::from_secs(wait))
            .unwrap_or(now),
    };
    let mut response = (refusal.status, json_body(&refusal.body(""))).into_response();
    budget.write_headers(response.headers_mut());
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    finish(response)
}
