//! One call after another: what is asked, what is tried again, and what an answer
//! tells of the budget.

use std::time::Duration;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{
    super::{
        budget::{Resource, Told},
        envelope::{self, Answer, RateLimit},
        error::{self, Error, Unavailable},
        line::{Caller, Deadline, NotAnswered},
        transport::{Call, Reply},
    },
    Client,
};

/// How often a read is tried again after its first attempt.
const RETRIES: u32 = 2;
/// The longest that a read waits for GitHub to be ready again; a wait that is
/// longer is the caller's business.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// A probe that takes longer has failed.
const PROBE: Duration = Duration::from_secs(5);

impl Client {
    /// Asks a GraphQL query, which changes nothing and may be tried again, with
    /// the credentials for an owner's repositories.
    pub(crate) async fn query<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        owner: &str,
        query: &str,
        variables: Map<String, Value>,
    ) -> Result<Answer<T>, Error> {
        let body = json!({ "query": query, "variables": variables });
        let account = self.auth().account(owner);
        let read = |reply: Reply| {
            let now = self.now();
            let answer: Result<Answer<T>, Error> = envelope::read(&reply.body, &reply.headers, now);
            match &answer {
                Err(Error::RateLimited { retry_at }) => {
                    account.limited(&reply.headers, *retry_at);
                }
                Err(_) => {}
                Ok(answer) => {
                    let told = answer.rate_limit.as_ref();
                    let told = told.and_then(|limit| told_in(operation, limit, &reply, now));
                    if let Some(told) = told {
                        account.told(Resource::Graphql, told, now);
                    }
                }
            }
            answer
        };
        let graphql = &self.line().addresses.graphql;
        let call = Call::Query(graphql, &body);
        self.tried_again(operation, owner, &call, read).await
    }

    /// Reads a REST resource; `segments` are the parts of its path, unescaped.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        owner: &str,
        segments: &[&str],
        parameters: &str,
    ) -> Result<T, Error> {
        let uri = self.line().addresses.rest(segments, parameters)?;
        let read = |reply: Reply| {
            serde_json::from_slice(&reply.body)
                .map_err(|error| Error::Unreadable(error::cut_short(&error.to_string())))
        };
        self.tried_again(operation, owner, &Call::Get(&uri), read)
            .await
    }

    /// Asks how much may be spent, once: the call that costs nothing, and that
    /// GitHub answers soon where it answers at all.
    pub(crate) async fn rate_limit(&self) -> Result<(), Error> {
        let uri = self.line().addresses.rest(&["rate_limit"], "")?;
        let deadline = Deadline::after(self.read_deadline.min(PROBE));
        let call = Call::Get(&uri);
        let sent = self.send("rate limit", "", &call, deadline);
        sent.await.map_err(NotAnswered::into_error)?;
        Ok(())
    }

    /// Posts once, whatever comes of it: the answer is returned as it is, for
    /// what follows from it depends on what was posted.
    pub(crate) async fn post(
        &self,
        operation: &'static str,
        owner: &str,
        segments: &[&str],
        body: &Value,
    ) -> Result<Reply, NotAnswered> {
        let uri = self.line().addresses.rest(segments, "");
        let uri = uri.map_err(NotAnswered::NotSent)?;
        let deadline = Deadline::after(self.shared.create_deadline);
        self.send(operation, owner, &Call::Post(&uri, body), deadline)
            .await
    }

    /// Sends a call that changes nothing, at most [`RETRIES`] times more where
    /// GitHub was not available, and all that within one deadline.
    async fn tried_again<T>(
        &self,
        operation: &'static str,
        owner: &str,
        call: &Call<'_>,
        read: impl Fn(Reply) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let deadline = Deadline::after(self.read_deadline);
        let mut retry = 0;
        loop {
            let outcome = match self.send(operation, owner, call, deadline).await {
                Ok(reply) if reply.status.is_success() => read(reply),
                Ok(reply) => Err(self.error_of(&reply)),
                Err(failure) => Err(failure.into_error()),
            };
            let error = match outcome {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let wait = (retry < RETRIES)
                .then(|| self.wait_before_retry(&error, retry))
                .flatten();
            let Some(wait) = wait else {
                tell_of_no_answer(operation, &error);
                return Err(error);
            };
            tracing::debug!(
                github.operation = operation,
                wait_ms = wait.as_millis(),
                error = %error,
                "ask GitHub again"
            );
            deadline.bounds(tokio::time::sleep(wait)).await?;
            retry += 1;
        }
    }

    /// How long to wait before another attempt; none when there should be none.
    fn wait_before_retry(&self, error: &Error, retry: u32) -> Option<Duration> {
        // Jitter keeps replicas that failed together from coming back together.
        let backoff = self
            .shared
            .backoff
            .mul_f64(f64::from(1 << retry) * rand::random_range(0.5..1.5));
        let wait = match error {
            Error::Unavailable(Unavailable::Status { retry_after, .. }) => {
                backoff.max(retry_after.unwrap_or_default())
            }
            Error::Unavailable(Unavailable::NotConnected(_) | Unavailable::Broken(_)) => backoff,
            // It may be the page of a proxy that has gone by then; or for good.
            Error::Unreadable(_) if retry == 0 => backoff,
            Error::RateLimited { retry_at } => {
                let left = retry_at
                    .duration_since(self.now())
                    .max(SignedDuration::ZERO);
                backoff + Duration::try_from(left).ok()?
            }
            _ => return None,
        };
        (wait <= LONGEST_WAIT).then_some(wait)
    }

    /// What follows from an answer that is not 2xx.
    pub(crate) fn error_of(&self, reply: &Reply) -> Error {
        error::of_response(reply, self.now())
    }

    /// Sends a call once, and once more with other credentials where GitHub did
    /// not accept ours: what was answered 401 was not carried out.
    async fn send(
        &self,
        operation: &'static str,
        owner: &str,
        call: &Call<'_>,
        deadline: Deadline,
    ) -> Result<Reply, NotAnswered> {
        let auth = self.auth();
        let account = auth.account(owner);
        let mut is_renewed = false;
        loop {
            let authorization = auth.authorization(owner, deadline).await;
            let authorization = authorization.map_err(NotAnswered::NotSent)?;
            let caller = Caller {
                account: &account,
                authorization: &authorization,
                priority: self.priority,
            };
            let sent = self.line().send(operation, &caller, call, deadline);
            let reply = Box::pin(sent).await?;
            let is_refused = reply.status == StatusCode::UNAUTHORIZED;
            if is_renewed || !is_refused || !auth.is_renewed_after(owner, &authorization) {
                return Ok(reply);
            }
            is_renewed = true;
        }
    }
}

/// Tells in the log that a call got no answer. What stands in the way of all calls
/// was told when it began.
fn tell_of_no_answer(operation: &'static str, error: &Error) {
    let Error::Unavailable(why) = error else {
        return;
    };
    if why.is_one_calls() {
        tracing::warn!(github.operation = operation, error = %why, "GitHub gave no answer");
    }
}

/// What an answer tells of its budget in its body, where a proxy may have left
/// out the headers.
fn told_in(
    operation: &'static str,
    limit: &RateLimit,
    reply: &Reply,
    now: Timestamp,
) -> Option<Told> {
    tracing::debug!(
        github.operation = operation,
        github.cost = limit.cost,
        github.remaining = limit.remaining,
        github.reset_at = limit.reset_at.map(tracing::field::display),
        "asked GitHub"
    );
    Some(Told {
        limit: None,
        remaining: limit.remaining?,
        reset_at: error::by_our_clock(limit.reset_at?, &reply.headers, now),
    })
}
