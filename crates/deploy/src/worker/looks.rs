//! How soon GitHub is looked at after a hint: at once on an ordinary day; on one
//! so busy that looking alone would use up what GitHub allows, a little later,
//! so that one look serves many hints.

use std::time::Duration;

use tokio::time::Instant;

/// So many looks may come one after another at once.
const BURST: f64 = 60.0;
/// What looks may take of an hour's budget; a look costs a point.
const SHARE: f64 = 0.05;
/// The same while the hour's points are used fast.
const BUSY_SHARE: f64 = 0.02;
/// There is no use in looking more often, whatever GitHub allows.
const GAP: Duration = Duration::from_secs(1);

/// Looks that may be taken, saved up over time.
#[derive(Debug)]
pub(super) struct Looks {
    saved: f64,
    counted: Instant,
    last: Option<Instant>,
}

impl Looks {
    /// All of them.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            saved: BURST,
            counted: now,
            last: None,
        }
    }

    /// How long to wait before the next look, given what GitHub allows in an
    /// hour, none where it has no limit, and whether that is being used fast.
    pub(super) fn wait(&mut self, now: Instant, hourly: Option<u64>, is_busy: bool) -> Duration {
        let gap = self.last.map_or(Duration::ZERO, |last| {
            GAP.saturating_sub(now.duration_since(last))
        });
        let Some(hourly) = hourly else {
            return gap;
        };
        #[expect(clippy::cast_precision_loss, reason = "a budget is far below 2^52")]
        let hourly = hourly as f64;
        let a_second = hourly * if is_busy { BUSY_SHARE } else { SHARE } / 3_600.0;
        let past = now.duration_since(self.counted).as_secs_f64();
        self.saved = (self.saved + past * a_second).min(BURST);
        self.counted = now;
        if self.saved >= 1.0 || a_second <= 0.0 {
            return gap;
        }
        gap.max(Duration::from_secs_f64((1.0 - self.saved) / a_second))
    }

    /// Counts a look.
    pub(super) fn taken(&mut self, now: Instant) {
        self.saved = (self.saved - 1.0).max(0.0);
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many looks a stream of hints that never ends leads to in an hour.
    fn in_an_hour(hourly: Option<u64>, is_busy: bool) -> u32 {
        let start = Instant::now();
        let (mut now, mut looks, mut count) = (start, Looks::new(start), 0);
        while now.duration_since(start) < Duration::from_secs(3_600) {
            let wait = looks.wait(now, hourly, is_busy);
            if wait.is_zero() {
                looks.taken(now);
                count += 1;
            }
            now += wait.max(Duration::from_millis(1));
        }
        count
    }

    #[test]
    fn hints_without_end_take_a_twentieth_of_what_github_allows_and_a_fiftieth_on_a_busy_day() {
        for (hourly, is_busy, part) in [
            (5_000, false, 20),
            (12_500, false, 20),
            (5_000, true, 50),
            (12_500, true, 50),
        ] {
            let allowed = u32::try_from(hourly / part).unwrap() + 60;
            let looks = in_an_hour(Some(hourly), is_busy);
            assert!(
                (allowed - 2..=allowed + 2).contains(&looks),
                "{looks} of {hourly}"
            );
        }
    }

    #[test]
    fn without_a_limit_the_gap_is_all() {
        assert_eq!(in_an_hour(None, true), 3_600);
    }

    #[test]
    fn a_single_hint_is_followed_at_once() {
        let now = Instant::now();
        assert_eq!(Looks::new(now).wait(now, Some(5_000), true), Duration::ZERO);
    }
}
