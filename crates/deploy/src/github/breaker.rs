//! The circuit breaker before GitHub: while GitHub does not answer nothing is
//! sent, so that an outage costs callers no time and GitHub no load.
//!
//! A failure is that GitHub can't be reached, does not answer in time, or
//! answers 5xx. A refusal or a limit is an answer like any other.
//!
//! Calls that fail never open it by themselves: all of them may be about one
//! repository that is too large for GitHub. After some in a row it is
//! suspicious: calls still pass, and a probe is due at once, a cheap call that
//! is about no repository. When that fails too it opens; when it is answered,
//! failures are counted anew. While it is open nothing passes but probes, with
//! growing pauses, and any answer closes it.
//!
//! Probes are sent by who watches over the client, in `outage`. A client that
//! nobody watches over never stops sending: each of its calls fails by itself,
//! at its deadline.
//!
//! So it stays closed while GraphQL alone is down and REST answers. Each query
//! then fails at its deadline: no more of them are under way than an `account`
//! has places, a read that is kept is answered from the journal after that wait, or a
//! shorter one where it is young, and requests are tried at pauses that grow. There is
//! one probe for every five failures at most.

use std::time::Duration;

use jiff::Timestamp;
use tokio::{sync::watch, time::Instant};

use super::error::Unavailable;

/// So many failures in a row are no accident.
const FAILURES: u32 = 5;
/// The mean pause before the second probe; it doubles with each that fails.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The mean pause never grows beyond.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What a call is for the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Ordinary,
    /// Tells whether GitHub answers anything at all.
    Probe,
}

/// How calls fare.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// They are sent; so many in a row have failed. When as many had failed last
    /// that it was no accident is kept, and since when none was held back.
    Closed {
        failures: u32,
        missed_at: Option<Timestamp>,
        back_at: Timestamp,
    },
    /// They are sent; a probe is to tell whether only they fail.
    Suspicious {
        since: Timestamp,
        back_at: Timestamp,
        probe_at: Instant,
    },
    /// None is sent but probes.
    Open {
        since: Timestamp,
        probe_at: Instant,
        pause: Duration,
    },
}

impl State {
    fn new(at: Timestamp) -> Self {
        Self::Closed {
            failures: 0,
            missed_at: None,
            back_at: at,
        }
    }

    /// Whether a call may be sent.
    fn pass(&self, role: Role, now: Instant) -> Result<(), Unavailable> {
        match (self, role) {
            (Self::Closed { .. } | Self::Suspicious { .. }, _) | (_, Role::Probe) => Ok(()),
            (
                Self::Open {
                    since, probe_at, ..
                },
                Role::Ordinary,
            ) => Err(Unavailable::CircuitOpen {
                since: *since,
                retry_after: probe_at.saturating_duration_since(now),
            }),
        }
    }

    /// GitHub answered, whoever asked.
    fn answered(self, at: Timestamp) -> Self {
        let (missed_at, back_at) = match self {
            Self::Closed {
                missed_at, back_at, ..
            } => (missed_at, back_at),
            Self::Suspicious { since, back_at, .. } => (Some(since), back_at),
            Self::Open { since, .. } => (Some(since), at),
        };
        Self::Closed {
            failures: 0,
            missed_at,
            back_at,
        }
    }

    /// As that of [`Breaker`].
    fn has_answered_since(&self, at: Timestamp) -> bool {
        match self {
            Self::Closed {
                failures: 0,
                missed_at,
                ..
            } => missed_at.is_none_or(|missed_at| missed_at < at),
            Self::Closed { .. } | Self::Suspicious { .. } | Self::Open { .. } => false,
        }
    }

    /// A call failed. `jitter`, between 0.5 and 1.5, keeps processes that lost
    /// GitHub together from coming back together.
    fn failed(self, role: Role, at: Timestamp, now: Instant, jitter: f64) -> Self {
        let open = |since, pause: Duration| Self::Open {
            since,
            probe_at: now + pause.mul_f64(jitter),
            pause,
        };
        match (self, role) {
            (
                Self::Closed {
                    failures,
                    missed_at,
                    back_at,
                },
                _,
            ) if failures + 1 < FAILURES => Self::Closed {
                failures: failures + 1,
                missed_at,
                back_at,
            },
            (Self::Closed { back_at, .. }, _) => Self::Suspicious {
                since: at,
                back_at,
                probe_at: now,
            },
            (Self::Suspicious { since, .. }, Role::Probe) => open(since, FIRST_PAUSE),
            (Self::Open { since, pause, .. }, Role::Probe) => {
                open(since, (pause * 2).min(LONGEST_PAUSE))
            }
            (state, Role::Ordinary) => state,
        }
    }

    /// A probe is about to be sent. Should it not be, because a limit forbids
    /// it, the next is due a pause later.
    fn probing(self, now: Instant) -> Self {
        match self {
            Self::Closed { .. } => self,
            Self::Suspicious { since, back_at, .. } => Self::Suspicious {
                since,
                back_at,
                probe_at: now + FIRST_PAUSE,
            },
            Self::Open { since, pause, .. } => Self::Open {
                since,
                probe_at: now + pause,
                pause,
            },
        }
    }

    /// When the next probe is due.
    fn probe_at(&self) -> Option<Instant> {
        match self {
            Self::Closed { .. } => None,
            Self::Suspicious { probe_at, .. } | Self::Open { probe_at, .. } => Some(*probe_at),
        }
    }

    fn open_since(&self) -> Option<Timestamp> {
        match self {
            Self::Closed { .. } | Self::Suspicious { .. } => None,
            Self::Open { since, .. } => Some(*since),
        }
    }

    fn back_at(&self) -> Option<Timestamp> {
        match self {
            Self::Closed { back_at, .. } | Self::Suspicious { back_at, .. } => Some(*back_at),
            Self::Open { .. } => None,
        }
    }
}

/// Lets calls pass, and learns from how they end.
#[derive(Debug)]
pub(crate) struct Breaker(watch::Sender<State>);

impl Breaker {
    /// One that lets all pass, from this time on.
    pub(crate) fn new(at: Timestamp) -> Self {
        Self(watch::Sender::new(State::new(at)))
    }

    /// Lets a call pass, or tells since when GitHub does not answer.
    pub(crate) fn pass(&self, role: Role) -> Result<(), Unavailable> {
        self.0.borrow().pass(role, Instant::now())
    }

    /// GitHub answered a call; `at` is now by the clock.
    pub(crate) fn answered(&self, at: Timestamp) {
        let since = self.open_since();
        self.change(|state| state.answered(at));
        if let Some(since) = since {
            tracing::info!(%since, "GitHub answers again");
        }
    }

    /// It did not; `at` is now by the clock.
    pub(crate) fn failed(&self, role: Role, at: Timestamp) {
        let was_open = self.open_since().is_some();
        let jitter = rand::random_range(0.5..1.5);
        self.change(|state| state.failed(role, at, Instant::now(), jitter));
        if !was_open && self.open_since().is_some() {
            tracing::warn!(
                "GitHub does not answer; nothing is sent to it until a probe is answered"
            );
        }
    }

    /// Since when GitHub does not answer; none while it does.
    pub(crate) fn open_since(&self) -> Option<Timestamp> {
        self.0.borrow().open_since()
    }

    /// Since when calls are sent: since GitHub was back, or was first asked. None
    /// while it does not answer.
    pub(crate) fn back_at(&self) -> Option<Timestamp> {
        self.0.borrow().back_at()
    }

    /// Whether GitHub has not been missed since a time, as far as calls tell.
    pub(crate) fn has_answered_since(&self, at: Timestamp) -> bool {
        self.0.borrow().has_answered_since(at)
    }

    /// Waits until GitHub answers.
    pub(crate) async fn closed(&self) {
        self.is_at(|state| state.open_since().is_none()).await;
    }

    /// Waits until GitHub does not answer.
    pub(crate) async fn opened(&self) {
        self.is_at(|state| state.open_since().is_some()).await;
    }

    /// Waits until a probe is due, which the caller then sends.
    pub(crate) async fn probe_due(&self) {
        let mut states = self.0.subscribe();
        loop {
            let probe_at = states.borrow_and_update().probe_at();
            let due = async {
                match probe_at {
                    Some(probe_at) => tokio::time::sleep_until(probe_at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => break,
                changed = states.changed() => {
                    changed.expect("the sender is borrowed right here");
                }
            }
        }
        self.change(|state| state.probing(Instant::now()));
    }

    async fn is_at(&self, wanted: impl FnMut(&State) -> bool) {
        let mut states = self.0.subscribe();
        states
            .wait_for(wanted)
            .await
            .expect("the sender is borrowed right here");
    }

    /// Changes the state, and wakes who waits for another one.
    fn change(&self, step: impl FnOnce(State) -> State) {
        self.0.send_if_modified(|state| {
            let next = step(state.clone());
            let is_new = *state != next;
            *state = next;
            is_new
        });
    }
}

#[cfg(test)]
mod tests;
