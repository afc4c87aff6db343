//! How fast calls may follow each other.

use std::time::Duration;

use tokio::time::Instant;

/// When the next call may be made: one each interval, and a few at once after
/// a quiet time.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    /// How far calls may run ahead of their time.
    credit: Duration,
    /// When a steady row of calls would make its next one.
    due: Instant,
}

impl Pace {
    pub(super) fn new(burst: u32, interval: Duration, now: Instant) -> Self {
        let credit = interval * burst.saturating_sub(1);
        Self {
            interval,
            credit,
            due: now,
        }
    }

    pub(super) fn ready_at(&self) -> Instant {
        self.due.checked_sub(self.credit).unwrap_or(self.due)
    }

    /// When nothing is left to be waited for, as if there had never been a call.
    pub(super) const fn rested_at(&self) -> Instant {
        self.due
    }

    pub(super) fn take(&mut self, now: Instant) {
        self.due = self.due.max(now) + self.interval;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When calls that are made as soon as they may be are made, in seconds.
    fn made_at(pace: &mut Pace, calls: u32, begin: Instant) -> Vec<u64> {
        let mut now = begin;
        (0..calls)
            .map(|_| {
                now = now.max(pace.ready_at());
                pace.take(now);
                (now - begin).as_secs()
            })
            .collect()
    }

    #[test]
    fn a_burst_goes_at_once_and_then_one_each_second() {
        let begin = Instant::now();
        let mut pace = Pace::new(3, Duration::from_secs(1), begin);
        assert_eq!(made_at(&mut pace, 5, begin), [0, 0, 0, 1, 2]);
        let after_a_quiet_time = begin + Duration::from_secs(60);
        assert_eq!(made_at(&mut pace, 4, after_a_quiet_time), [0, 0, 0, 1]);
    }
}
