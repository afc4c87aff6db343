//! How often an app may ask. Slack allows each method so many calls a minute,
//! `chat.postMessage` about one a second and channel, and lets short bursts
//! pass.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// How many messages one channel takes in a burst.
const POST_BURST: f64 = 20.0;

/// How often a method may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    /// 20 a minute.
    Two,
    /// 50 a minute.
    Three,
    /// 100 a minute.
    Four,
    /// One a second in each channel.
    PerChannel,
    /// Often; Slack names no number.
    Special,
}

impl Tier {
    /// How many calls may come at once, and how many a second after that.
    fn bucket(self) -> Option<(f64, f64)> {
        let per_minute = |calls: f64| Some((calls, calls / 60.0));
        match self {
            Self::Two => per_minute(20.0),
            Self::Three => per_minute(50.0),
            Self::Four => per_minute(100.0),
            Self::PerChannel => Some((POST_BURST, 1.0)),
            Self::Special => None,
        }
    }
}

/// Counts calls and says when there were too many.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) enabled: bool,
    buckets: HashMap<String, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Limits {
    pub(super) fn new(enabled: bool) -> Self {
        Self {
            enabled,
            buckets: HashMap::new(),
        }
    }

    /// Counts a call; the error is how long to wait before the next.
    pub(super) fn take(&mut self, key: String, tier: Tier, now: Instant) -> Result<(), Duration> {
        let Some((burst, per_second)) = tier.bucket().filter(|_| self.enabled) else {
            return Ok(());
        };
        let bucket = self.buckets.entry(key).or_insert(Bucket {
            left: burst,
            at: now,
        });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + passed * per_second).min(burst);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - bucket.left) / per_second))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(limits: &mut Limits, key: &str, tier: Tier, now: Instant) -> Result<(), Duration> {
        limits.take(key.to_owned(), tier, now)
    }

    #[test]
    fn a_burst_passes_and_then_one_a_second() {
        let mut limits = Limits::new(true);
        let start = Instant::now();
        for _ in 0..20 {
            assert_eq!(
                take(&mut limits, "post C1", Tier::PerChannel, start),
                Ok(())
            );
        }
        let wait = take(&mut limits, "post C1", Tier::PerChannel, start).unwrap_err();
        assert_eq!(wait, Duration::from_secs(1));
        let later = start + wait;
        assert_eq!(
            take(&mut limits, "post C1", Tier::PerChannel, later),
            Ok(())
        );
        assert!(take(&mut limits, "post C1", Tier::PerChannel, later).is_err());
    }

    #[test]
    fn each_channel_and_method_counts_by_itself() {
        let mut limits = Limits::new(true);
        let now = Instant::now();
        for _ in 0..50 {
            assert_eq!(take(&mut limits, "chat.update", Tier::Three, now), Ok(()));
        }
        assert!(take(&mut limits, "chat.update", Tier::Three, now).is_err());
        assert_eq!(take(&mut limits, "chat.delete", Tier::Three, now), Ok(()));
    }

    #[test]
    fn switched_off_it_counts_nothing() {
        let mut limits = Limits::new(false);
        let now = Instant::now();
        for _ in 0..1_000 {
            assert_eq!(take(&mut limits, "chat.update", Tier::Three, now), Ok(()));
        }
    }
}
