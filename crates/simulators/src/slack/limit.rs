//! How often an app may ask. Slack allows each method so many calls a minute,
//! `chat.postMessage` about one a second and channel and several hundred a minute in
//! the whole workspace, and lets short bursts pass.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// How many messages one channel takes in a burst.
const POST_BURST: f64 = 20.0;
/// How many messages a workspace takes of an app in a minute, in all channels. Slack
/// names no number but "several hundred".
pub(super) const MESSAGES_A_MINUTE: u32 = 300;
/// What they are counted under.
const ALL_CHANNELS: &str = "chat.postMessage";

/// How often a method may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    /// 20 a minute.
    Two,
    /// 50 a minute.
    Three,
    /// 100 a minute.
    Four,
    /// One a second in each channel, and no more than the workspace takes.
    PerChannel,
    /// Often; Slack names no number.
    Special,
}

/// How many calls may come at once, and how many a second after that.
#[derive(Debug, Clone, Copy)]
struct Rate {
    burst: f64,
    per_second: f64,
}

impl Rate {
    fn per_minute(calls: f64) -> Self {
        Self {
            burst: calls,
            per_second: calls / 60.0,
        }
    }
}

impl Tier {
    fn rate(self) -> Option<Rate> {
        match self {
            Self::Two => Some(Rate::per_minute(20.0)),
            Self::Three => Some(Rate::per_minute(50.0)),
            Self::Four => Some(Rate::per_minute(100.0)),
            Self::PerChannel => Some(Rate {
                burst: POST_BURST,
                per_second: 1.0,
            }),
            Self::Special => None,
        }
    }
}

/// Counts calls and says when there were too many.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) enabled: bool,
    /// Whether messages are counted in the whole workspace too.
    pub(super) workspace: bool,
    messages_a_minute: u32,
    buckets: HashMap<String, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Limits {
    pub(super) fn new(enabled: bool, messages_a_minute: Option<u32>) -> Self {
        Self {
            enabled,
            workspace: messages_a_minute.is_some(),
            messages_a_minute: messages_a_minute.unwrap_or(MESSAGES_A_MINUTE),
            buckets: HashMap::new(),
        }
    }

    /// Counts a call; the error is how long to wait before the next.
    pub(super) fn take(&mut self, key: String, tier: Tier, now: Instant) -> Result<(), Duration> {
        let Some(rate) = tier.rate().filter(|_| self.enabled) else {
            return Ok(());
        };
        let mut wanted = vec![(key, rate)];
        if tier == Tier::PerChannel && self.workspace {
            let all = Rate::per_minute(f64::from(self.messages_a_minute));
            wanted.push((ALL_CHANNELS.to_owned(), all));
        }
        let mut wait = Duration::ZERO;
        for (key, rate) in &wanted {
            let bucket = self.buckets.entry(key.clone()).or_insert(Bucket {
                left: rate.burst,
                at: now,
            });
            wait = wait.max(bucket.wait(*rate, now));
        }
        // What is refused counts nowhere.
        if !wait.is_zero() {
            return Err(wait);
        }
        for (key, _) in &wanted {
            if let Some(bucket) = self.buckets.get_mut(key) {
                bucket.left -= 1.0;
            }
        }
        Ok(())
    }
}

impl Bucket {
    /// Fills it for the time that has passed; how long until it has one more.
    fn wait(&mut self, rate: Rate, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * rate.per_second).min(rate.burst);
        self.at = now;
        let missing = (1.0 - self.left).max(0.0);
        Duration::from_secs_f64(missing / rate.per_second)
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
        let mut limits = Limits::new(true, None);
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
        let mut limits = Limits::new(true, None);
        let now = Instant::now();
        for _ in 0..50 {
            assert_eq!(take(&mut limits, "chat.update", Tier::Three, now), Ok(()));
        }
        assert!(take(&mut limits, "chat.update", Tier::Three, now).is_err());
        assert_eq!(take(&mut limits, "chat.delete", Tier::Three, now), Ok(()));
    }

    #[test]
    fn a_workspace_takes_so_many_messages_a_minute_over_all_channels() {
        let mut limits = Limits::new(true, Some(MESSAGES_A_MINUTE));
        let start = Instant::now();
        let mut post = |channel: u32, now| {
            take(
                &mut limits,
                &format!("post C{channel}"),
                Tier::PerChannel,
                now,
            )
        };
        for number in 0..300 {
            assert_eq!(post(number % 30, start), Ok(()));
        }
        let wait = Duration::from_millis(200);
        assert_eq!(post(31, start), Err(wait));
        assert_eq!(post(32, start), Err(wait), "whichever channel it is");
        assert_eq!(post(31, start + wait), Ok(()));
        // A channel's own limit is still its own.
        limits.workspace = false;
        assert_eq!(
            take(&mut limits, "post C32", Tier::PerChannel, start),
            Ok(())
        );
    }

    #[test]
    fn what_one_limit_refuses_does_not_count_for_the_other() {
        let mut limits = Limits::new(true, Some(30));
        let now = Instant::now();
        let mut post = |channel: &str| take(&mut limits, channel, Tier::PerChannel, now);
        for _ in 0..20 {
            assert_eq!(post("C1"), Ok(()));
        }
        for _ in 0..20 {
            assert!(post("C1").is_err());
        }
        for _ in 0..10 {
            assert_eq!(post("C2"), Ok(()));
        }
        assert!(post("C3").is_err());
    }

    #[test]
    fn switched_off_it_counts_nothing() {
        let mut limits = Limits::new(false, Some(1));
        let now = Instant::now();
        for _ in 0..1_000 {
            assert_eq!(take(&mut limits, "chat.update", Tier::Three, now), Ok(()));
        }
    }
}
