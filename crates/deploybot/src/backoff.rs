//! Waits that grow between tries, with jitter, so that many who wait for the
//! same thing don't all come back at once.

use std::time::Duration;

use rand::Rng as _;

use crate::config::Timing;

/// The waits of one thing that is tried again and again.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    most: Duration,
    tries: u32,
}

impl Backoff {
    pub(crate) fn new(timing: &Timing) -> Self {
        Self {
            first: timing.retry_first,
            most: timing.retry_most,
            tries: 0,
        }
    }

    /// The next wait: between half and the whole of a time that doubles.
    pub(crate) fn next(&mut self) -> Duration {
        let whole = self
            .first
            .saturating_mul(1 << self.tries.min(16))
            .min(self.most);
        self.tries += 1;
        with_jitter(whole)
    }

    /// As long a wait as any, where trying again soon is not wanted.
    pub(crate) fn longest(&self) -> Duration {
        with_jitter(self.most)
    }

    /// It worked: the next wait is the first again.
    pub(crate) fn reset(&mut self) {
        self.tries = 0;
    }
}

fn with_jitter(whole: Duration) -> Duration {
    whole.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_most_and_begin_again() {
        let timing = Timing {
            retry_first: Duration::from_millis(100),
            retry_most: Duration::from_secs(1),
            ..Timing::default()
        };
        let mut backoff = Backoff::new(&timing);
        for whole in [100, 200, 400, 800, 1000, 1000] {
            let wait = backoff.next().as_millis();
            assert!((whole / 2..=whole).contains(&wait), "{wait} of {whole}");
        }
        for _ in 0..100 {
            backoff.next();
        }
        backoff.reset();
        let longest = backoff.longest().as_millis();
        assert!((500..=1000).contains(&longest), "{longest}");
        assert!(backoff.next().as_millis() <= 100);
    }
}
