//! What a request is, seen from outside: its route, and who sent it.

use axum::RequestPartsExt;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, MatchedPath, NestedPath, OriginalUri, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header, request};
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;

/// The largest GraphQL request that is looked into for its operation's name.
const GRAPHQL_BODY_LIMIT: usize = 1 << 20;

/// What is to be known about a request before it is carried out.
#[derive(Clone)]
pub(super) struct Seen {
    /// The method and the declared path.
    pub(super) route: String,
    /// The path and query as sent.
    pub(super) path: String,
    /// What the client says it is.
    pub(super) user_agent: String,
}

/// Looks at a request, and hands it on as it was; the error is the answer to
/// one that is too large to be looked at.
pub(super) async fn look_at(request: Request) -> Result<(Seen, Request), Response> {
    let (mut parts, body) = request.into_parts();
    let mut route = route_of(&mut parts).await;
    let mut body = body;
    if route.starts_with("POST ") && route.ends_with("/graphql") {
        let bytes = read_limited(body).await?;
        if let Some(name) = operation_name(&bytes) {
            route = format!("{route} {name}");
        }
        body = Body::from(bytes);
    }
    let seen = Seen {
        route,
        path: path_of(&parts),
        user_agent: text_of(&parts.headers, header::USER_AGENT),
    };
    Ok((seen, Request::from_parts(parts, body)))
}

async fn route_of(parts: &mut request::Parts) -> String {
    let matched = parts.extract::<Option<MatchedPath>>().await;
    let nested = NestedPath::from_request_parts(parts, &()).await.ok();
    let method = &parts.method;
    let Ok(Some(matched)) = matched else {
        return format!("{method} (no such route)");
    };
    let prefix = nested.as_ref().map_or("", NestedPath::as_str);
    let path = matched.as_str();
    format!("{method} {}", path.strip_prefix(prefix).unwrap_or(path))
}

fn path_of(parts: &request::Parts) -> String {
    let uri = parts
        .extensions
        .get::<OriginalUri>()
        .map_or(&parts.uri, |original| &original.0);
    uri.path_and_query()
        .map_or_else(|| uri.path().to_owned(), |whole| whole.as_str().to_owned())
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers
        .get(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
}

async fn read_limited(body: Body) -> Result<Bytes, Response> {
    Limited::new(body, GRAPHQL_BODY_LIMIT)
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())
}

/// The name of a GraphQL request's operation: the one asked for, or the first
/// one in the document.
fn operation_name(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(default, rename = "operationName")]
        operation_name: Option<String>,
        query: String,
    }
    let envelope: Envelope = serde_json::from_slice(body).ok()?;
    envelope
        .operation_name
        .filter(|name| !name.is_empty())
        .or_else(|| first_operation(&envelope.query))
}

fn first_operation(document: &str) -> Option<String> {
    let mut words = document
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .flat_map(str::split_whitespace);
    words.find(|word| matches!(*word, "query" | "mutation" | "subscription"))?;
    let name: String = words
        .next()?
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}
