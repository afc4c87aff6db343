//! The time of day as a parameter, so that whoever decides by time can be
//! tested with a time of the test's choice, and what takes a day be seen in
//! minutes. Processes that share a journal go by its clock: what one writes down
//! the others compare with their own time.

use std::{
    fmt,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// What a clock may be wrong by and is left alone: a reading of the journal's is
/// no more exact, and time does not jump for nothing.
const NEAR: SignedDuration = SignedDuration::from_secs(1);

/// Tells what time it is, and lets time pass.
#[derive(Clone)]
pub struct Clock {
    told: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// By how many milliseconds what is told is late, where that may be set.
    late: Option<Arc<AtomicI64>>,
    /// How many times as fast as the machine's it goes.
    speed: NonZeroU32,
    start: Instant,
}

impl Clock {
    /// The clock of the machine, which the journal's sets right.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn system() -> Self {
        Self::new(Timestamp::now).set_by_the_journal()
    }

    /// The same clock, which the journal's sets right.
    #[must_use]
    pub fn set_by_the_journal(self) -> Self {
        Self {
            late: Some(Arc::default()),
            ..self
        }
    }

    /// A clock that tells what `now` tells.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self::faster(now, NonZeroU32::MIN)
    }

    /// A clock that tells what `now` tells, which goes so many times as fast as
    /// the machine's: what the worker waits for is over that much sooner.
    pub fn faster(now: impl Fn() -> Timestamp + Send + Sync + 'static, speed: NonZeroU32) -> Self {
        Self {
            told: Arc::new(now),
            late: None,
            speed,
            start: Instant::now(),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        let told = (self.told)();
        match &self.late {
            None => told,
            Some(late) => later(told, late.load(Ordering::Relaxed)),
        }
    }

    /// Sets it to what the journal's clock tells at this moment, if it may be set
    /// and is wrong; by how much it was late, where it was set.
    pub(crate) fn set(&self, now: Timestamp) -> Option<SignedDuration> {
        let late = self.late.as_ref()?;
        let by = now.duration_since(self.now());
        if by.abs() <= NEAR {
            return None;
        }
        let told = (self.told)();
        let is_late = i64::try_from(now.duration_since(told).as_millis()).unwrap_or_default();
        late.store(is_late, Ordering::Relaxed);
        Some(by)
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

fn later(then: Timestamp, milliseconds: i64) -> Timestamp {
    let by = SignedDuration::from_millis(milliseconds);
    then.saturating_add(by).unwrap_or(then)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_journal_sets_a_clock_that_is_wrong_however_often_it_is_cloned() {
        let time = Arc::new(AtomicI64::new(1_000));
        let told = Arc::clone(&time);
        let clock = Clock::new(move || at(told.load(Ordering::Relaxed))).set_by_the_journal();
        let same = clock.clone();
        assert_eq!(clock.set(at(1_001)), None, "it is near enough");
        assert_eq!(same.now(), at(1_000));
        let fast = SignedDuration::from_mins(-10);
        assert_eq!(clock.set(at(400)), Some(fast));
        assert_eq!(same.now(), at(400));
        time.store(1_060, Ordering::Relaxed);
        assert_eq!(same.now(), at(460));
        assert_eq!(clock.set(at(460)), None);
        assert_eq!(clock.set(at(1_060)), Some(-fast), "somebody set it right");
        assert_eq!(same.now(), at(1_060));
    }

    #[test]
    fn a_clock_of_ones_own_choice_is_left_alone() {
        let clock = Clock::new(|| at(1_000));
        assert_eq!(clock.set(at(400)), None);
        assert_eq!(clock.now(), at(1_000));
    }
}
