//! What the log says of requests that were refused: one line a minute at most,
//! because anybody can send as many as they like.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long the log is silent after a line.
const SILENCE: Duration = Duration::from_secs(60);

/// Those since the last line.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    untold: u64,
    told_at: Option<Instant>,
}

impl Refusals {
    /// Counts one; tells how many there were since it last told so, when it is
    /// time for a line in the log.
    pub fn one_more(&self, now: Instant) -> Option<u64> {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count.untold += 1;
        let is_time = count.told_at.is_none_or(|told| now >= told + SILENCE);
        is_time.then(|| {
            count.told_at = Some(now);
            std::mem::take(&mut count.untold)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_once_a_minute_and_whole() {
        let refusals = Refusals::default();
        let start = Instant::now();
        assert_eq!(refusals.one_more(start), Some(1));
        for _ in 0..1000 {
            assert_eq!(refusals.one_more(start + SILENCE / 2), None);
        }
        assert_eq!(refusals.one_more(start + SILENCE), Some(1001));
        assert_eq!(refusals.one_more(start + SILENCE), None);
    }
}
