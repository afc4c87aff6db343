//! The time of day as a parameter, so that whoever decides by time can be
//! tested with a time of the test's choice, and what takes a day be seen in
//! minutes. Processes that share a journal go by its clock: what one writes down
//! the others compare with their own time.

use std::{
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// What a clock may be wrong by and is left alone: a reading of the journal's is
/// no more exact, and time does not jump for nothing.
const NEAR: Duration = Duration::from_secs(1);

/// What a clock was set to, and when.
type Setting = (Instant, Timestamp);

/// Tells what time it is, and lets time pass.
#[derive(Clone)]
pub struct Clock {
    told: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What it was set to last, where it may be set, and when: from there it runs
    /// on by itself, whatever becomes of the machine's.
    set: Option<Arc<Mutex<Option<Setting>>>>,
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
            set: Some(Arc::default()),
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
            set: None,
            speed,
            start: Instant::now(),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        let set = self.set.as_ref().and_then(|set| *locked(set));
        let Some((at, then)) = set else {
            return (self.told)();
        };
        let past = at.elapsed() * self.speed.get();
        then.saturating_add(past).unwrap_or(Timestamp::MAX)
    }

    /// Sets it to what the journal's clock told in answer to who asked so long
    /// ago, if it may be set; by how much it was late, where it was wrong by more
    /// than the answer can be.
    pub(crate) fn set(&self, now: Timestamp, asked: Duration) -> Option<SignedDuration> {
        let set = self.set.as_ref()?;
        let known = self.now();
        let by = now.duration_since(known);
        let is_wrong = by.unsigned_abs() > NEAR + asked;
        let mut set = locked(set);
        if is_wrong || set.is_none() {
            *set = Some((Instant::now(), if is_wrong { now } else { known }));
        }
        is_wrong.then_some(by)
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

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_journal_sets_a_clock_that_is_wrong_however_often_it_is_cloned() {
        let time = Arc::new(AtomicI64::new(1_000));
        let told = Arc::clone(&time);
        let clock = Clock::new(move || at(told.load(Ordering::Relaxed))).set_by_the_journal();
        let same = clock.clone();
        let at_once = Duration::ZERO;
        assert_eq!(clock.set(at(1_001), at_once), None, "it is near enough");
        assert_eq!(same.now(), at(1_000));
        let fast = SignedDuration::from_mins(-10);
        assert_eq!(clock.set(at(400), at_once), Some(fast));
        assert_eq!(same.now(), at(400));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(same.now(), at(460));
        time.store(5_000, Ordering::Relaxed);
        assert_eq!(same.now(), at(460), "somebody set the machine's");
        let slow = Duration::from_secs(2);
        assert_eq!(clock.set(at(463), slow), None, "it may be right");
        let late = SignedDuration::from_secs(3);
        assert_eq!(clock.set(at(463), at_once), Some(late));
        assert_eq!(same.now(), at(463));
    }

    #[test]
    fn a_clock_of_ones_own_choice_is_left_alone() {
        let clock = Clock::new(|| at(1_000));
        assert_eq!(clock.set(at(400), Duration::ZERO), None);
        assert_eq!(clock.now(), at(1_000));
    }
}
