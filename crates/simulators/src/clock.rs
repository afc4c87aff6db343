//! The simulators' clock. The simulated GitHub lives by a [`Clock`] that can be
//! given to it, made faster and set wrong; the simulated Slack lives in real
//! time.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A clock that goes as fast as is wanted, and is as wrong as is wanted. Clones
/// are the same clock.
#[derive(Clone)]
pub struct Clock {
    source: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    setting: Arc<Mutex<Setting>>,
}

#[derive(Clone, Copy)]
struct Setting {
    speed: NonZeroU32,
    shift: SignedDuration,
    /// What the source told when the speed was set.
    source_then: Timestamp,
    /// What the clock told then, without its shift.
    told_then: Timestamp,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(now)
    }
}

impl Clock {
    /// A clock that tells what `source` tells until it is made faster or
    /// shifted.
    pub fn new(source: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let start = source();
        Self {
            source: Arc::new(source),
            setting: Arc::new(Mutex::new(Setting {
                speed: NonZeroU32::MIN,
                shift: SignedDuration::ZERO,
                source_then: start,
                told_then: start,
            })),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        let setting = *self.setting();
        plus(setting.unshifted((self.source)()), setting.shift)
    }

    /// What time it is, cut to whole seconds, as GitHub records it.
    pub(crate) fn now_in_seconds(&self) -> Timestamp {
        Timestamp::from_second(self.now().as_second())
            .expect("a time within jiff's range is so without its fraction")
    }

    /// Makes the clock go this many times as fast as its source from now on.
    /// What the simulated GitHub waits for by itself (the steps of its runner,
    /// the delay of a webhook) is over that many times as soon; latency and
    /// other faults last as long as they say, as callers wait in real time.
    pub fn set_speed(&self, speed: NonZeroU32) {
        let source_now = (self.source)();
        let mut setting = self.setting();
        *setting = Setting {
            speed,
            shift: setting.shift,
            source_then: source_now,
            told_then: setting.unshifted(source_now),
        };
    }

    /// How many times as fast as its source the clock goes.
    pub fn speed(&self) -> NonZeroU32 {
        self.setting().speed
    }

    /// Sets the clock fast by this much, or slow when it is negative; the next
    /// shift replaces it.
    pub fn set_shift(&self, shift: SignedDuration) {
        self.setting().shift = shift;
    }

    /// By how much the clock is fast.
    pub fn shift(&self) -> SignedDuration {
        self.setting().shift
    }

    /// Waits until this much time of the clock has passed, told by the machine
    /// and the clock's speed.
    pub(crate) async fn sleep(&self, duration: Duration) {
        let speed = self.speed().get();
        tokio::time::sleep(duration / speed).await;
    }

    fn setting(&self) -> MutexGuard<'_, Setting> {
        // It is changed in whole steps only.
        self.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Setting {
    fn unshifted(&self, source_now: Timestamp) -> Timestamp {
        let passed = source_now.duration_since(self.source_then);
        let factor = i32::try_from(self.speed.get()).unwrap_or(i32::MAX);
        let told = passed.checked_mul(factor).unwrap_or(SignedDuration::MAX);
        plus(self.told_then, told)
    }
}

fn plus(time: Timestamp, duration: SignedDuration) -> Timestamp {
    time.checked_add(duration).unwrap_or(Timestamp::MAX)
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Clock({})", self.now())
    }
}

/// The time now, from the machine's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulators' only look at the machine's clock"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn a_clock_goes_faster_from_when_it_is_told_so_and_can_be_wrong() {
        let source = Arc::new(AtomicI64::new(1_000));
        let read = Arc::clone(&source);
        let clock =
            Clock::new(move || Timestamp::from_second(read.load(Ordering::SeqCst)).unwrap());
        let tells = |at: i64| {
            source.store(at, Ordering::SeqCst);
            clock.now().as_second()
        };
        assert_eq!(tells(1_010), 1_010);
        clock.set_speed(NonZeroU32::new(60).unwrap());
        assert_eq!(tells(1_011), 1_070);
        clock.set_shift(SignedDuration::from_mins(-10));
        assert_eq!(tells(1_012), 1_130 - 600);
        clock.set_speed(NonZeroU32::MIN);
        assert_eq!(tells(1_013), 1_131 - 600);
        clock.set_shift(SignedDuration::ZERO);
        assert_eq!(tells(1_013), 1_131);
    }
}
