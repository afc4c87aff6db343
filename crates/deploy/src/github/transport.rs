//! One call over the wire, sent once: octocrab with all that it does by itself
//! turned off. It has no credentials of its own; each call brings them.

use std::{
    error::Error as StdError,
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request};
use http_body_util::{BodyExt as _, Limited};
use octocrab::Octocrab;
use serde_json::Value;

use super::error::{self, Error, Unavailable};
use crate::error::whole_chain;

/// A connection is made in this time, or GitHub is taken for unreachable.
const CONNECT: Duration = Duration::from_secs(5);

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) enum Call<'a> {
    /// Reads a resource.
    Get(&'a Uri),
    /// Asks GraphQL, which changes nothing.
    Query(&'a Uri, &'a Value),
    /// Makes something.
    Post(&'a Uri, &'a Value),
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

#[derive(Clone)]
pub(crate) struct Transport(Octocrab);

impl Transport {
    /// Makes one; inside a Tokio runtime, where its connections live.
    pub(crate) fn new(origin: &str) -> Result<Self, Error> {
        Self::accepting(origin, "application/vnd.github+json")
    }

    /// The same, whose answers are to be of another type.
    pub(crate) fn accepting(origin: &str, accept: &'static str) -> Result<Self, Error> {
        let octocrab = Octocrab::builder()
            // Every address is given whole: octocrab would join paths by their
            // first letters, and put GraphQL of an Enterprise Server in the
            // wrong place.
            .base_uri(origin)
            .and_then(|builder| {
                builder
                    .add_header(header::ACCEPT, accept.to_owned())
                    .set_connect_timeout(Some(CONNECT))
                    .build()
            })
            .map_err(|_error| Error::Misconfigured("the GitHub client can't be built"))?;
        Ok(Self(octocrab))
    }

    /// Sends a call. It follows no redirect, so that the authorization gets to
    /// no other host. An answer larger than `largest` bytes is none.
    pub(crate) async fn send(
        &self,
        operation: &'static str,
        call: &Call<'_>,
        authorization: Option<&HeaderValue>,
        largest: usize,
    ) -> Result<Reply, Unavailable> {
        let started = Instant::now();
        let (method, uri, body) = match call {
            Call::Get(uri) => (Method::GET, uri, None),
            Call::Query(uri, body) | Call::Post(uri, body) => (Method::POST, uri, Some(body)),
        };
        let mut request = request::Builder::new().method(method).uri((*uri).clone());
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = self.0.build_request(request, body);
        let request = request.map_err(|error| not_answered(&error))?;
        let reply = self.0.execute(request).await;
        let (parts, body) = reply.map_err(|error| not_answered(&error))?.into_parts();
        let body = Limited::new(body, largest)
            .collect()
            .await
            .map_err(|error| Unavailable::Broken(error::cut_short(&whole_chain(error.as_ref()))))?;
        tracing::debug!(
            github.operation = operation,
            http.status = parts.status.as_u16(),
            duration_ms = started.elapsed().as_millis(),
            "GitHub answered"
        );
        Ok(Reply {
            status: parts.status,
            headers: parts.headers,
            body: body.to_bytes().to_vec(),
        })
    }
}

/// Tells a request that was never sent from one that was and got no answer.
fn not_answered(error: &octocrab::Error) -> Unavailable {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(http) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            let text = error::cut_short(&whole_chain(http));
            return if http.is_connect() {
                Unavailable::NotConnected(text)
            } else {
                Unavailable::Broken(text)
            };
        }
        cause = error.source();
    }
    Unavailable::Broken(error::cut_short(&error.to_string()))
}
