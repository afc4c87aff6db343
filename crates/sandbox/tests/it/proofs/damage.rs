//! A service whose answers are wrong: what shows that a check can fail.

use axum::{Router, body::Body, http::header, middleware, response::Response};
use http_body_util::BodyExt as _;
use serde_json::Value;

/// The same service, in whose JSON each number and each truth is a text.
pub(super) fn damaged(service: Router) -> Router {
    service.layer(middleware::map_response(async |answer: Response| {
        let (mut head, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let Ok(mut said) = serde_json::from_slice(&bytes) else {
            return Response::from_parts(head, Body::from(bytes));
        };
        put_into_words(&mut said);
        head.headers.remove(header::CONTENT_LENGTH);
        Response::from_parts(head, Body::from(said.to_string()))
    }))
}

fn put_into_words(said: &mut Value) {
    match said {
        Value::Object(fields) => fields.values_mut().for_each(put_into_words),
        Value::Array(items) => items.iter_mut().for_each(put_into_words),
        Value::Number(_) | Value::Bool(_) => *said = said.to_string().into(),
        Value::Null | Value::String(_) => {}
    }
}
