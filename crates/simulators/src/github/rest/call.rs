//! One REST request from its first byte to its answer: who asks, whether they
//! may, what they ask, and the headers that every answer has.

use std::collections::BTreeMap;

use axum::RequestExt;
use axum::body::{Body, Bytes};
use axum::extract::{RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;

use super::fields::Fields;
use super::page::Page;
use super::refusal::Refusal;
use super::shape::View;
use super::{Door, Route, respond};
use crate::github::Github;
use crate::github::access::{Budget, Caller, Resource};
use crate::github::git::{self, Resolved, Sha};
use crate::github::state::{Repository, State};

/// The largest body that is read.
pub(super) const BODY_LIMIT: usize = 10 << 20;

/// A request that may be served.
pub(super) struct Call {
    pub(super) github: Github,
    pub(super) caller: Caller,
    /// The path's parameters, decoded.
    parameters: BTreeMap<String, String>,
    pub(super) query: Vec<(String, String)>,
    body: Bytes,
    accept: String,
    /// The headers as they came.
    pub(super) headers: HeaderMap,
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
            .filter(|repository| self.github.sees(repository))
            .ok_or_else(Refusal::not_found)
    }

    /// The repositories that the caller may see, in what is known now.
    pub(super) fn seen<'a>(&'a self, state: &'a State) -> impl Iterator<Item = &'a Repository> {
        let all = state.repositories.values();
        all.filter(|repository| self.github.sees(repository))
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

/// Serves one request by its route.
pub(super) async fn serve(github: Github, request: Request, route: &'static Route) -> Response {
    let headers = request.headers().clone();
    let method = request.method().clone();
    let (budget, outcome) = match admit(&github, &headers, route.door) {
        Err((budget, refusal)) => (budget, Err(refusal)),
        Ok((caller, budget)) => {
            let seen = github.seen_by(&caller);
            let outcome = hear_and_answer(seen, caller, request, route.handler).await;
            (Some(budget), outcome)
        }
    };
    let mut response = match outcome {
        Ok(answer) => render(answer),
        Err(refusal) => respond::refused(&refusal, route.page),
    };
    if let Some(budget) = budget {
        budget.write_headers(response.headers_mut());
    }
    if method == Method::GET && response.status() == StatusCode::OK {
        response = respond::conditional(&github, &headers, response).await;
    }
    respond::finish(response)
}

/// The caller and what is left to them, this request counted.
fn admit(
    github: &Github,
    headers: &HeaderMap,
    door: Door,
) -> Result<(Caller, Budget), (Option<Budget>, Refusal)> {
    let now = github.clock().now();
    let caller = match door {
        Door::Token => github.caller(headers).ok_or_else(|| {
            if headers.contains_key(header::AUTHORIZATION) {
                Refusal::bad_credentials()
            } else {
                Refusal::requires_authentication()
            }
        }),
        Door::App => github
            .access()
            .asserted(headers, now)
            .map_err(Refusal::unbelieved),
    };
    let caller = caller.map_err(|refusal| (None, refusal))?;
    let spent = github.access().spend(&caller, Resource::Core, 1, now);
    match spent {
        Ok(budget) => Ok((caller, budget)),
        Err(budget) => Err((Some(budget), Refusal::rate_limited(&caller.who))),
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
    let headers = request.headers().clone();
    let accept = respond::header_text(&headers, header::ACCEPT);
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
        headers,
        address,
    })
}

fn render(answer: Answer) -> Response {
    let mut response = match answer.content {
        Content::Json(value) => respond::json(&value),
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
