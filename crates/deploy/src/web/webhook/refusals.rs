//! What the log says of webhooks that are unsigned or forged: one line a minute
//! at most, because anybody can send as many as they like.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::Outcome;

/// How long the log is silent after a line.
const SILENCE: Duration = Duration::from_secs(60);

/// Those since the last line.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    untold: u64,
    told_at: Option<Instant>,
}

impl Refusals {
    /// Counts one, and tells how many there were when it is time to.
    pub(super) fn tell(&self, outcome: Outcome, now: Instant) {
        tracing::debug!(%outcome, "a webhook came");
        let refused = {
            let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            count.one_more(now)
        };
        if let Some(refused) = refused {
            tracing::warn!(
                refused,
                newest = %outcome,
                "webhooks were refused; as many since the last such line"
            );
        }
    }
}

impl Count {
    fn one_more(&mut self, now: Instant) -> Option<u64> {
        self.untold += 1;
        let is_time = self.told_at.is_none_or(|told| now >= told + SILENCE);
        is_time.then(|| {
            self.told_at = Some(now);
            std::mem::take(&mut self.untold)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_once_a_minute_and_whole() {
        let mut count = Count::default();
        let start = Instant::now();
        assert_eq!(count.one_more(start), Some(1));
        for _ in 0..1000 {
            assert_eq!(count.one_more(start + SILENCE / 2), None);
        }
        assert_eq!(count.one_more(start + SILENCE), Some(1001));
        assert_eq!(count.one_more(start + SILENCE), None);
    }
}
