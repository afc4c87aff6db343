//! How Slack is called: not longer than a deadline, not while it wants a method left
//! alone, and not more often at once than there is memory for.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use slack_morphism::errors::SlackClientError;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout, timeout_at},
};

use crate::slack::error::{self, Error};

/// How many calls are made at once, each over a connection of its own, which takes
/// memory. What is not answered soon holds up nobody.
const AT_ONCE: usize = 64;
const SOON: Duration = Duration::from_secs(3);

/// These have a limit for each channel, and are called by the outbox alone, which
/// keeps to it.
const LIMITED_BY_CHANNEL: [&str; 2] = ["chat.postMessage", "chat.update"];

/// Needs no turn: it is seldom called, and without it nothing is heard.
const CONNECTION: &str = "apps.connections.open";

/// How long whoever had no turn waits before the next try.
const NO_TURN: Duration = Duration::from_secs(1);

/// The calls to Slack.
pub(super) struct Calls {
    deadline: Duration,
    /// Those of calls that are under way and not slow.
    turns: Semaphore,
    /// Until when Slack wants a method not to be called.
    holds: Mutex<HashMap<&'static str, Instant>>,
}

impl Calls {
    pub(super) fn new(deadline: Duration) -> Self {
        Self {
            deadline,
            turns: Semaphore::new(AT_ONCE),
            holds: Mutex::default(),
        }
    }

    /// Makes a call. It is over by the deadline, its wait for a turn included: whoever
    /// calls has looked before whether it may, and for how long.
    pub(super) async fn make<A>(
        &self,
        method: &'static str,
        call: impl Future<Output = Result<A, SlackClientError>>,
    ) -> Result<A, Error> {
        let begun = Instant::now();
        self.may_be_called(method)?;
        let turn = self.turn(method, begun).await?;
        // It may have been refused to another meanwhile.
        self.may_be_called(method)?;
        let call = answered_by(begun + self.deadline, method, call);
        tokio::pin!(call);
        let soon = timeout(SOON, &mut call).await;
        drop(turn);
        let answer = match soon {
            Ok(answer) => answer,
            Err(_) => call.await,
        };
        if let Err(Error::RateLimited { retry_after }) = &answer
            && !LIMITED_BY_CHANNEL.contains(&method)
        {
            self.holds().insert(method, Instant::now() + *retry_after);
        }
        answer
    }

    /// Waits for a turn, for half of the call's time: one that is sent when its time is
    /// nearly over would be done unseen.
    async fn turn(
        &self,
        method: &'static str,
        begun: Instant,
    ) -> Result<Option<SemaphorePermit<'_>>, Error> {
        if method == CONNECTION {
            return Ok(None);
        }
        let latest = begun + self.deadline / 2;
        match timeout_at(latest, self.turns.acquire()).await {
            // This process may have been stopped while it waited.
            Ok(Ok(turn)) if Instant::now() <= latest => Ok(Some(turn)),
            _ => {
                tracing::debug!(slack.method = method, "too many calls to Slack are slow");
                Err(not_made(method))
            }
        }
    }

    fn may_be_called(&self, method: &'static str) -> Result<(), Error> {
        let held_until = self.holds().get(method).copied();
        let now = Instant::now();
        match held_until.filter(|until| *until > now) {
            Some(until) => Err(Error::RateLimited {
                retry_after: until - now,
            }),
            None => Ok(()),
        }
    }

    fn holds(&self) -> MutexGuard<'_, HashMap<&'static str, Instant>> {
        self.holds
            .lock()
            .expect("nothing panics while it holds the waits")
    }
}

/// The outbox tells it from a refusal of Slack's; to all others it is a wait.
fn not_made(method: &str) -> Error {
    if LIMITED_BY_CHANNEL.contains(&method) {
        return Error::NotMade;
    }
    Error::RateLimited {
        retry_after: NO_TURN,
    }
}

async fn answered_by<A>(
    until: Instant,
    method: &'static str,
    call: impl Future<Output = Result<A, SlackClientError>>,
) -> Result<A, Error> {
    let answer = match timeout_at(until, call).await {
        Ok(answer) => answer.map_err(|error| error::meaning(method, &error)),
        Err(_) => Err(Error::Uncertain(format!(
            "{method} was not answered in time"
        ))),
    };
    if let Err(error) = &answer {
        tracing::debug!(slack.method = method, %error, "a call to Slack failed");
    }
    answer
}

#[cfg(test)]
impl Calls {
    /// As many as are made at once are under way.
    pub(super) async fn all_under_way(&self) -> SemaphorePermit<'_> {
        let all = u32::try_from(AT_ONCE).expect("it is a small number");
        self.turns
            .acquire_many(all)
            .await
            .expect("it is never closed")
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures::future::join_all;

    use super::*;

    const POST: &str = "chat.postMessage";

    const fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[tokio::test(start_paused = true)]
    async fn of_many_slow_calls_each_is_over_by_its_deadline_and_none_is_sent_late() {
        let calls = Calls::new(seconds(10));
        let sent = Mutex::new(Vec::new());
        let begun = Instant::now();
        let slow = || async {
            let call = async {
                sent.lock().unwrap().push(begun.elapsed().as_secs());
                pending().await
            };
            let answer: Result<(), _> = calls.make(POST, call).await;
            (answer.expect_err("nobody answers"), begun.elapsed())
        };
        let ends = join_all((0..200).map(|_| slow())).await;
        // Some at once, and as many when those are slow.
        let sent = sent.into_inner().unwrap();
        assert_eq!(sent, [vec![0; 64], vec![3; 64]].concat());
        let of = |at: Duration, is: fn(&Error) -> bool| {
            let ends = ends.iter();
            ends.filter(|(error, end)| end.as_secs() == at.as_secs() && is(error))
                .count()
        };
        let uncertain = of(seconds(10), |error| matches!(error, Error::Uncertain(_)));
        let not_made = of(seconds(5), |error| *error == Error::NotMade);
        assert_eq!((uncertain, not_made), (128, 72));
        // There is room again.
        assert_eq!(calls.make(POST, async { Ok(()) }).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_slack_refuses_to_one_the_next_in_the_row_does_not_ask() {
        const NAME: &str = "users.info";
        let calls = Calls::new(seconds(10));
        let all = calls.all_under_way().await;
        let next = calls.make(NAME, async { Ok(()) });
        let refusal = async {
            let until = Instant::now() + seconds(60);
            calls.holds().insert(NAME, until);
            drop(all);
        };
        let (next, ()) = tokio::join!(next, refusal);
        assert!(matches!(next, Err(Error::RateLimited { .. })), "{next:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_needs_no_turn() {
        let calls = Calls::new(seconds(10));
        let _all = calls.all_under_way().await;
        let begun = Instant::now();
        let opened = calls.make(CONNECTION, async { Ok(()) });
        assert_eq!(timeout(seconds(1), opened).await, Ok(Ok(())));
        assert_eq!(begun.elapsed(), Duration::ZERO);
        // What nobody takes for a refusal of Slack's, and what others wait for.
        let other = calls.make("views.open", async { Ok(()) }).await;
        let wait = Error::RateLimited {
            retry_after: seconds(1),
        };
        assert_eq!(other, Err(wait));
        assert_eq!(begun.elapsed(), seconds(5));
    }
}
