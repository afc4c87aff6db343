//! The way to GitHub and back: token, deadlines, and what is tried again.

use std::{
    error::Error as StdError,
    fmt,
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Limited};
use jiff::SignedDuration;
use octocrab::Octocrab;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    address::Addresses,
    envelope::{self, Answer},
    error::{self, Error, Unavailable},
};
use crate::{Clock, error::whole_chain, model::EnvironmentName};

/// How often a read is tried again after its first attempt.
const RETRIES: u32 = 2;
/// The longest that a read waits for GitHub to be ready again; a wait that is
/// longer is the caller's business.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// No answer that we ask for comes near it.
const LARGEST_ANSWER: usize = 32 << 20;
/// Where GitHub is and how it is asked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `https://api.github.com`, or `https://host/api/v3` of an Enterprise
    /// Server.
    pub api_url: Url,
    /// The token that every call carries.
    pub token: SecretString,
    /// Environments of a repository for which GitHub knows none.
    pub default_environments: Vec<EnvironmentName>,
    /// The owner that people leave out when they name a repository.
    pub default_owner: Option<String>,
    /// The time that a read may take, its retries included.
    pub read_deadline: Duration,
    /// The time that creating a deployment may take; on a large repository
    /// GitHub needs more than ten seconds.
    pub create_deadline: Duration,
    /// The mean wait before the first retry; it doubles with the second.
    pub backoff: Duration,
}

impl Config {
    /// The ordinary settings.
    pub fn new(api_url: Url, token: SecretString) -> Self {
        Self {
            api_url,
            token,
            default_environments: Vec::new(),
            default_owner: None,
            read_deadline: Duration::from_secs(10),
            create_deadline: Duration::from_secs(30),
            backoff: Duration::from_millis(250),
        }
    }
}

/// Asks GitHub, and creates deployments there.
#[derive(Clone)]
pub struct Client {
    octocrab: Octocrab,
    addresses: Addresses,
    pub(crate) clock: Clock,
    pub(crate) default_environments: Vec<EnvironmentName>,
    pub(crate) default_owner: Option<String>,
    read_deadline: Duration,
    create_deadline: Duration,
    backoff: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.addresses.rest)
            .finish_non_exhaustive()
    }
}

/// An answer as it came.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// What is sent.
enum Call<'a> {
    Get,
    Post(&'a Value),
}

impl Client {
    /// Makes a client; inside a Tokio runtime, where its connections live.
    ///
    /// # Errors
    /// When the address or the token can't be used.
    pub fn new(config: Config, clock: Clock) -> Result<Self, Error> {
        let addresses = Addresses::of(&config.api_url)?;
        let bearer = format!("Bearer {}", config.token.expose_secret());
        HeaderValue::from_str(&bearer).map_err(|_invalid| {
            Error::Misconfigured("the GitHub token holds characters that no token has")
        })?;
        let octocrab = Octocrab::builder()
            .personal_token(config.token)
            // Every address is given whole: octocrab would join paths by their
            // first letters, and put GraphQL of an Enterprise Server in the
            // wrong place.
            .base_uri(addresses.origin.as_str())
            .and_then(|builder| {
                builder
                    .add_header(header::ACCEPT, "application/vnd.github+json".to_owned())
                    .set_connect_timeout(Some(Duration::from_secs(5)))
                    .build()
            })
            .map_err(|_error| Error::Misconfigured("the GitHub client can't be built"))?;
        Ok(Self {
            octocrab,
            addresses,
            clock,
            default_environments: config.default_environments,
            default_owner: config.default_owner,
            read_deadline: config.read_deadline,
            create_deadline: config.create_deadline,
            backoff: config.backoff,
        })
    }

    /// Asks a GraphQL query, which changes nothing and may be tried again.
    pub(crate) async fn query<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        query: &str,
        variables: Map<String, Value>,
    ) -> Result<Answer<T>, Error> {
        let body = json!({ "query": query, "variables": variables });
        let read = |reply: Reply| envelope::read(&reply.body, &reply.headers, self.clock.now());
        let graphql = self.addresses.graphql.clone();
        let answer: Answer<T> = self
            .tried_again(operation, &graphql, &Call::Post(&body), read)
            .await?;
        if let Some(limit) = &answer.rate_limit {
            tracing::debug!(
                github.operation = operation,
                github.cost = limit.cost,
                github.remaining = limit.remaining,
                github.reset_at = limit.reset_at.map(tracing::field::display),
                "asked GitHub"
            );
        }
        Ok(answer)
    }

    /// Reads a REST resource; `segments` are the parts of its path, unescaped.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        segments: &[&str],
        parameters: &str,
    ) -> Result<T, Error> {
        let uri = self.addresses.rest(segments, parameters)?;
        let read = |reply: Reply| {
            serde_json::from_slice(&reply.body)
                .map_err(|error| Error::Unreadable(error::cut_short(&error.to_string())))
        };
        self.tried_again(operation, &uri, &Call::Get, read).await
    }

    /// Posts once. Whatever the status, the answer is returned as it is: what
    /// follows from it depends on what was posted.
    pub(crate) async fn post(
        &self,
        operation: &'static str,
        segments: &[&str],
        body: &Value,
    ) -> Result<Reply, Error> {
        let uri = self.addresses.rest(segments, "")?;
        within(
            self.create_deadline,
            self.send(operation, &uri, &Call::Post(body)),
        )
        .await
    }

    /// Sends a call that changes nothing, at most [`RETRIES`] times more where
    /// GitHub was not available, and all that within one deadline.
    async fn tried_again<T>(
        &self,
        operation: &'static str,
        uri: &Uri,
        call: &Call<'_>,
        read: impl Fn(Reply) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let attempts = async {
            let mut retry = 0;
            loop {
                let outcome = match self.send(operation, uri, call).await {
                    Ok(reply) if reply.status.is_success() => read(reply),
                    Ok(reply) => Err(self.error_of(&reply)),
                    Err(error) => Err(error),
                };
                let error = match outcome {
                    Ok(value) => return Ok(value),
                    Err(error) => error,
                };
                let wait = (retry < RETRIES)
                    .then(|| self.wait_before_retry(&error, retry))
                    .flatten();
                let Some(wait) = wait else { return Err(error) };
                tracing::debug!(
                    github.operation = operation,
                    wait_ms = wait.as_millis(),
                    error = %error,
                    "ask GitHub again"
                );
                tokio::time::sleep(wait).await;
                retry += 1;
            }
        };
        within(self.read_deadline, attempts).await
    }

    /// How long to wait before another attempt; none when there should be none.
    fn wait_before_retry(&self, error: &Error, retry: u32) -> Option<Duration> {
        // Jitter keeps replicas that failed together from coming back together.
        let backoff = self
            .backoff
            .mul_f64(f64::from(1 << retry) * rand::random_range(0.5..1.5));
        let wait = match error {
            Error::Unavailable(Unavailable::Status { retry_after, .. }) => {
                backoff.max(retry_after.unwrap_or_default())
            }
            Error::Unavailable(Unavailable::NotConnected(_) | Unavailable::Broken(_)) => backoff,
            Error::RateLimited { retry_at } => {
                let left = retry_at
                    .duration_since(self.clock.now())
                    .max(SignedDuration::ZERO);
                backoff + Duration::try_from(left).ok()?
            }
            _ => return None,
        };
        (wait <= LONGEST_WAIT).then_some(wait)
    }

    /// What follows from an answer that is not 2xx.
    pub(crate) fn error_of(&self, reply: &Reply) -> Error {
        error::of_response(reply.status, &reply.headers, &reply.body, self.clock.now())
    }

    async fn send(
        &self,
        operation: &'static str,
        uri: &Uri,
        call: &Call<'_>,
    ) -> Result<Reply, Error> {
        let started = Instant::now();
        let reply = match call {
            Call::Get => self.octocrab._get(uri.clone()).await,
            Call::Post(body) => self.octocrab._post(uri.clone(), Some(body)).await,
        };
        let reply = reply.map_err(|error| Error::Unavailable(not_answered(&error)))?;
        let (parts, body) = reply.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER)
            .collect()
            .await
            .map_err(|error| {
                Error::Unavailable(Unavailable::Broken(error::cut_short(&whole_chain(
                    error.as_ref(),
                ))))
            })?;
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

/// Ends a call that takes too long.
async fn within<T>(
    deadline: Duration,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::time::timeout(deadline, call)
        .await
        .unwrap_or_else(|_elapsed| Err(Error::Unavailable(Unavailable::TimedOut(deadline))))
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
