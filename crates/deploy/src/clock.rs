//! The time of day as a parameter, so that whoever decides by time can be
//! tested with a time of the test's choice, and what takes a day be seen in
//! minutes.

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

/// Tells what time it is, and lets time pass.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// How many times as fast as the machine's it goes.
    speed: NonZeroU32,
    start: Instant,
}

impl Clock {
    /// The clock of the machine.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// A clock that tells what `now` tells.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self::faster(now, NonZeroU32::MIN)
    }

    /// A clock that tells what `now` tells, which goes so many times as fast as
    /// the machine's: what the worker waits for is over that much sooner.
    pub fn faster(now: impl Fn() -> Timestamp + Send + Sync + 'static, speed: NonZeroU32) -> Self {
        Self {
            now: Arc::new(now),
            speed,
            start: Instant::now(),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// A moment to measure spans from, which nobody can set back.
    pub(crate) fn instant(&self) -> Instant {
        self.start + self.start.elapsed() * self.speed.get()
    }

    /// What a span of this clock takes by the machine's.
    pub(crate) fn real(&self, span: Duration) -> Duration {
        span / self.speed.get()
    }

    /// Waits until so much time of this clock has passed.
    pub(crate) async fn sleep(&self, span: Duration) {
        tokio::time::sleep(self.real(span)).await;
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
