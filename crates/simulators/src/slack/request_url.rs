//! The Events API over HTTP: events as signed JSON, interactions as a signed
//! form with one field `payload`, to addresses that were verified when they
//! were set. See <https://docs.slack.dev/apis/events-api/using-http-request-urls>
//! and <https://docs.slack.dev/authentication/verifying-requests-from-slack>.

use std::time::Duration;

use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ring::hmac;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Slack;
use super::delivery::{Failure, Kind, Parcel, Posting, RequestUrls};
use crate::clock;

/// How much of an answer is read: a view has at most 250 KB.
const ANSWER_LIMIT: usize = 512 * 1024;

/// Why an address can't be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url} did not answer the challenge: {why}")]
pub struct NotVerified {
    /// The address.
    pub url: String,
    /// What it did instead.
    pub why: String,
}

/// What a request carries.
struct Body {
    content_type: &'static str,
    bytes: Bytes,
}

/// Sends requests to the app.
#[derive(Clone)]
pub(super) struct Poster {
    client: Client<HttpConnector, Full<Bytes>>,
    secret: String,
}

impl Poster {
    pub(super) fn new(secret: String) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            secret,
        }
    }

    /// Makes one attempt to deliver, and tells what the app answered: null when
    /// it only acknowledged.
    pub(super) async fn deliver(
        &self,
        posting: &Posting,
        within: Duration,
    ) -> Result<Value, Failure> {
        let headers = retry_headers(&posting.parcel);
        let body = body_of(&posting.parcel);
        let sending = self.send(&posting.url, headers, body);
        let failure = |reason, no_retry| Failure { reason, no_retry };
        match tokio::time::timeout(within, sending).await {
            Err(_) => Err(failure("http_timeout", false)),
            Ok(Err(error)) => {
                tracing::debug!("a request to the app failed: {error:#}");
                Err(failure("connection_failed", false))
            }
            // What is no JSON only acknowledges.
            Ok(Ok((status, _, answer))) if status.is_success() => {
                Ok(serde_json::from_slice(&answer).unwrap_or_default())
            }
            Ok(Ok((_, headers, _))) => {
                let asked = headers.get("x-slack-no-retry");
                Err(failure("http_error", asked.is_some_and(|it| it == "1")))
            }
        }
    }

    /// Asks an address for the word that it is given, as Slack does before it
    /// takes it.
    async fn verify(&self, url: &str, token: &str, within: Duration) -> Result<(), String> {
        let challenge = uuid::Uuid::new_v4().simple().to_string();
        let asked = json!({"token": token, "challenge": challenge, "type": "url_verification"});
        let body = Body {
            content_type: "application/json",
            bytes: asked.to_string().into(),
        };
        let answer = tokio::time::timeout(within, self.send(url, HeaderMap::new(), body)).await;
        let (status, _, answer) = answer
            .map_err(|_| format!("no answer within {within:?}"))?
            .map_err(|error| format!("{error:#}"))?;
        if status != StatusCode::OK {
            return Err(format!("status {}", status.as_u16()));
        }
        if says(&answer, &challenge) {
            Ok(())
        } else {
            Err("it did not say the challenge".to_owned())
        }
    }

    async fn send(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Body,
    ) -> anyhow::Result<(StatusCode, HeaderMap, Bytes)> {
        let timestamp = clock::now().as_second();
        let mut request = Request::post(url)
            .header(header::ACCEPT, "*/*")
            .header(header::CONTENT_TYPE, body.content_type)
            .header(
                header::USER_AGENT,
                "Slackbot 1.0 (+https://api.slack.com/robots)",
            )
            .header("x-slack-request-timestamp", timestamp)
            .header(
                "x-slack-signature",
                signature(&self.secret, timestamp, &body.bytes),
            )
            .body(Full::new(body.bytes))?;
        request.headers_mut().extend(headers);
        let response = self.client.request(request).await?;
        let (parts, answer) = response.into_parts();
        let answer = Limited::new(answer, ANSWER_LIMIT).collect().await;
        let answer = answer.map_err(|error| anyhow::anyhow!(error))?;
        Ok((parts.status, parts.headers, answer.to_bytes()))
    }
}

impl Slack {
    /// Sends events and interactions over HTTP from now on, once each address
    /// for events has answered the challenge; Socket Mode is off then, and its
    /// connections end with `link_disabled`. None switches back.
    ///
    /// [`Slack::run`] is what sends.
    ///
    /// # Errors
    /// When an address does not answer the challenge; then nothing changes.
    pub async fn set_request_urls(&self, urls: Option<RequestUrls>) -> Result<(), NotVerified> {
        let within = self.config().timing.acknowledge_within;
        let token = self.state().app.verification_token.clone();
        for url in urls.iter().flat_map(|urls| &urls.events) {
            let verified = self.poster().verify(url, &token, within).await;
            verified.map_err(|why| NotVerified {
                url: url.clone(),
                why,
            })?;
        }
        self.state().delivery.set_urls(urls);
        Ok(())
    }

    /// Where events and interactions go over HTTP; none in Socket Mode.
    pub fn request_urls(&self) -> Option<RequestUrls> {
        self.state().delivery.urls().cloned()
    }

    /// Makes one attempt over HTTP and writes down what came of it.
    pub(super) async fn post(self, posting: Posting) {
        let within = self.config().timing.acknowledge_within;
        let outcome = self.poster().deliver(&posting, within).await;
        let id = &posting.parcel.envelope_id;
        let mut state = self.state();
        match outcome {
            Ok(answer) => {
                state.delivery.acknowledge(id, answer);
            }
            Err(failure) => state.delivery.failed(id, failure, Instant::now()),
        }
    }
}

/// What an app checks: HMAC-SHA256 of `v0:{timestamp}:{body}` under the signing
/// secret, as it stands in `X-Slack-Signature`. The timestamp is that of
/// `X-Slack-Request-Timestamp`, in seconds since 1970.
pub fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signed = hmac::Context::with_key(&key);
    signed.update(format!("v0:{timestamp}:").as_bytes());
    signed.update(body);
    let hex: String = signed
        .sign()
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("v0={hex}")
}

fn body_of(parcel: &Parcel) -> Body {
    let payload = parcel.payload.to_string();
    match parcel.kind {
        Kind::EventsApi => Body {
            content_type: "application/json",
            bytes: payload.into(),
        },
        Kind::Interactive => Body {
            content_type: "application/x-www-form-urlencoded",
            bytes: url::form_urlencoded::Serializer::new(String::new())
                .append_pair("payload", &payload)
                .finish()
                .into(),
        },
    }
}

/// Which repetition it is and why; nothing on the first attempt.
fn retry_headers(parcel: &Parcel) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if parcel.retry > 0 {
        headers.insert("x-slack-retry-num", parcel.retry.into());
        let reason = http::HeaderValue::from_static(parcel.reason);
        headers.insert("x-slack-retry-reason", reason);
    }
    headers
}

/// An app may say the challenge as it is, as a form's field or in JSON.
fn says(answer: &[u8], challenge: &str) -> bool {
    let plain = answer.trim_ascii() == challenge.as_bytes();
    let form = url::form_urlencoded::parse(answer)
        .any(|(name, value)| name == "challenge" && value == challenge);
    let json: Value = serde_json::from_slice(answer).unwrap_or_default();
    plain || form || json["challenge"] == challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_signed_as_slacks_documentation_shows() {
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
                    &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA\
                    &user_name=roadrunner&command=%2Fwebhook-collect&text=\
                    &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
                    &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let secret = "8f742231b10e8888abcd99yyyzzz85a5";
        assert_eq!(
            signature(secret, 1_531_420_618, body.as_bytes()),
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        );
    }

    #[test]
    fn a_challenge_may_be_said_in_three_ways() {
        for answer in ["abc", "abc\n", "challenge=abc", r#"{"challenge": "abc"}"#] {
            assert!(says(answer.as_bytes(), "abc"), "{answer}");
        }
        for answer in [
            "",
            "abcd",
            "challenge=ab",
            r#"{"challenge": "ab"}"#,
            "\u{fffd}",
        ] {
            assert!(!says(answer.as_bytes(), "abc"), "{answer}");
        }
    }
}
