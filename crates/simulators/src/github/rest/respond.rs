//! The headers that answers have, and the answers that no route gives.

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;

use super::refusal::Refusal;
use crate::github::Github;
use crate::github::access::Resource;

const JSON: &str = "application/json; charset=utf-8";

/// An answer of JSON.
pub(super) fn json(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, JSON)], value.to_string()).into_response()
}

/// An answer that says no on a route that has this page of documentation.
pub(super) fn refused(refusal: &Refusal, page: &str) -> Response {
    (refusal.status, json(&refusal.body(page))).into_response()
}

/// An answer that says no to what is no matter of a route.
pub(super) fn refused_anywhere(refusal: &Refusal) -> Response {
    finish(refused(refusal, ""))
}

/// Gives the answer its ETag; a caller who has it already gets 304, for free.
pub(super) async fn conditional(
    github: &Github,
    headers: &HeaderMap,
    response: Response,
) -> Response {
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
    if let Some(caller) = github.caller(headers) {
        let now = github.clock().now();
        let mut access = github.access();
        access.refund(&caller, Resource::Core, now);
        access
            .budget(&caller, Resource::Core, now)
            .write_headers(&mut parts.headers);
    }
    Response::from_parts(parts, Body::empty())
}

fn strong(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The headers that every answer has.
pub(super) fn finish(mut response: Response) -> Response {
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

/// A header as a text; empty when there is none.
pub(super) fn header_text(headers: &HeaderMap, name: HeaderName) -> String {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}
