//! The line to GitHub: what every call passes, whoever's it is. It waits for
//! its turn, is held when the budget is short or GitHub does not answer, ends
//! at its deadline, and tells all three how it went.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, timeout_at};

use super::{
    account::Account,
    address::Addresses,
    breaker::{Breaker, Role},
    budget::{Priority, Resource},
    error::{self, Error, Unavailable},
    transport::{Call, Reply, Transport},
};
use crate::Clock;

/// No answer that we ask for comes near it, in bytes.
const LARGEST_ANSWER: usize = 32 << 20;

pub(crate) struct Line {
    pub(crate) transport: Transport,
    pub(crate) addresses: Addresses,
    pub(crate) clock: Clock,
    pub(crate) breaker: Breaker,
    /// How many seconds GitHub's clock is ahead of ours.
    ahead: AtomicI64,
}

/// Who asks, and how urgently.
pub(crate) struct Caller<'a> {
    pub(crate) account: &'a Account,
    pub(crate) authorization: &'a HeaderValue,
    pub(crate) priority: Priority,
}

/// The time by which a call has to be answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    after: Duration,
}

/// Why there is no answer to a call, by what may have come of it.
#[derive(Debug)]
pub(crate) enum NotAnswered {
    /// It was not sent: it may be sent again.
    NotSent(Error),
    /// GitHub may have carried it out.
    Unknown(Error),
}

impl Deadline {
    pub(crate) fn after(after: Duration) -> Self {
        Self {
            at: Instant::now() + after,
            after,
        }
    }

    /// Ends what takes too long.
    pub(crate) async fn bounds<T>(self, work: impl Future<Output = T>) -> Result<T, Error> {
        let elapsed = |_elapsed| Error::Unavailable(Unavailable::TimedOut(self.after));
        timeout_at(self.at, work).await.map_err(elapsed)
    }
}

impl NotAnswered {
    /// The error, for a call of which it does not matter what came of it.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::NotSent(error) | Self::Unknown(error) => error,
        }
    }
}

impl Call<'_> {
    fn resource(&self) -> Resource {
        match self {
            Self::Get(_) | Self::Post(..) => Resource::Rest,
            Self::Query(..) => Resource::Graphql,
        }
    }

    /// What it counts for a secondary limit.
    fn points(&self) -> u64 {
        match self {
            Self::Get(_) | Self::Query(..) => 1,
            Self::Post(..) => 5,
        }
    }
}

impl Line {
    pub(crate) fn new(addresses: Addresses, clock: Clock) -> Result<Self, Error> {
        Ok(Self {
            transport: Transport::new(&addresses.origin)?,
            addresses,
            breaker: Breaker::new(clock.now()),
            clock,
            ahead: AtomicI64::new(0),
        })
    }

    /// Sends a call once. Any answer is an answer, whatever its status.
    pub(crate) async fn send(
        &self,
        operation: &'static str,
        caller: &Caller<'_>,
        call: &Call<'_>,
        deadline: Deadline,
    ) -> Result<Reply, NotAnswered> {
        let (account, priority) = (caller.account, caller.priority);
        let turn = deadline.bounds(account.turn(priority)).await;
        let _turn = turn.map_err(NotAnswered::NotSent)?;
        let resource = call.resource();
        let role = match priority {
            Priority::Probe => Role::Probe,
            Priority::Deploy | Priority::Follow | Priority::Read => Role::Ordinary,
        };
        let passed = self.breaker.pass(role);
        passed.map_err(|open| NotAnswered::NotSent(Error::Unavailable(open)))?;
        let _admission = account
            .admit(resource, call.points(), priority, self.clock.now())
            .map_err(|retry_at| NotAnswered::NotSent(Error::RateLimited { retry_at }))?;
        let sent = self
            .transport
            .send(operation, call, Some(caller.authorization), LARGEST_ANSWER);
        let failed = || self.breaker.failed(role, self.clock.now());
        match deadline.bounds(sent).await {
            Ok(Ok(reply)) => {
                if reply.status.is_server_error() {
                    failed();
                } else {
                    self.breaker.answered(self.clock.now());
                }
                self.learn(operation, account, resource, &reply);
                Ok(reply)
            }
            Ok(Err(unavailable)) => {
                failed();
                let error = Error::Unavailable(unavailable);
                Err(match &error {
                    Error::Unavailable(Unavailable::NotConnected(_)) => NotAnswered::NotSent(error),
                    _ => NotAnswered::Unknown(error),
                })
            }
            Err(timed_out) => {
                failed();
                Err(NotAnswered::Unknown(timed_out))
            }
        }
    }

    /// What GitHub's clock says now, as far as its answers have told.
    pub(crate) fn github_now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.seconds_ahead());
        let now = self.clock.now();
        now.checked_add(ahead).unwrap_or(now)
    }

    /// How many seconds GitHub's clock is ahead of ours.
    pub(crate) fn seconds_ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Learns what an answer tells beside what was asked.
    fn learn(&self, operation: &'static str, account: &Account, resource: Resource, reply: &Reply) {
        let now = self.clock.now();
        if let Some(date) = error::date(&reply.headers) {
            let ahead = date.duration_since(now).as_secs();
            self.ahead.store(ahead, Ordering::Relaxed);
        }
        account.answered(resource, &reply.headers, now);
        if reply.status.is_success() {
            return;
        }
        match error::of_response(reply, now) {
            Error::RateLimited { retry_at } => account.limited(&reply.headers, retry_at),
            // People are told what follows from it, in words of ours.
            error @ Error::Refused { .. } => {
                tracing::warn!(github.operation = operation, %error, "GitHub refused a call");
            }
            _ => {}
        }
    }
}
