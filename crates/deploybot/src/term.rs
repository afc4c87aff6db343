//! The term of this process: as long as it is the one of all replicas that shows
//! what the feed tells. The deploy service gives it to one at a time and says
//! again and again that it lasts. Who hears that no more had better show nothing:
//! it may have been asleep, and another may have shown something newer.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::Instant;

/// A term, which ends when the feed breaks off or falls silent.
#[derive(Debug)]
pub(crate) struct Term {
    begun: Instant,
    /// How long it lasts after it was last said to.
    lasts: Duration,
    heard: Mutex<Heard>,
}

#[derive(Debug)]
struct Heard {
    /// A heartbeat that was not late as far as is known: when it came, and for
    /// how long the term had lasted by its words.
    on_time: (Instant, Duration),
    /// When the newest heartbeat was sent.
    sent: Instant,
    is_over: bool,
}

impl Term {
    /// Begins with the first heartbeat.
    pub(crate) fn begin(lasted: Duration, lasts: Duration, now: Instant) -> Self {
        Self {
            begun: now,
            lasts,
            heard: Mutex::new(Heard {
                on_time: (now, lasted),
                sent: now,
                is_over: false,
            }),
        }
    }

    /// A heartbeat has come. One that lay unread while this process was asleep
    /// counts from when it was sent, which the others tell.
    pub(crate) fn heard(&self, lasted: Duration, now: Instant) {
        let mut heard = self.lock();
        let (at, then) = heard.on_time;
        let due = at + lasted.saturating_sub(then);
        if now <= due {
            heard.on_time = (now, lasted);
        }
        heard.sent = heard.sent.max(due.min(now));
    }

    /// The feed has broken off.
    pub(crate) fn end(&self) {
        self.lock().is_over = true;
    }

    /// Whether it lasts.
    pub(crate) fn holds(&self, now: Instant) -> bool {
        let heard = self.lock();
        !heard.is_over && now < heard.sent + self.lasts
    }

    /// When it began.
    pub(crate) fn begun(&self) -> Instant {
        self.begun
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard
            .lock()
            .expect("nothing panics while it holds what was heard")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_term_lasts_while_it_is_said_to() {
        let begin = Instant::now();
        let term = Term::begin(Duration::ZERO, seconds(10), begin);
        assert!(term.holds(begin + seconds(9)));
        assert!(!term.holds(begin + seconds(10)));
        term.heard(seconds(5), begin + seconds(5));
        assert!(term.holds(begin + seconds(14)));
        assert!(!term.holds(begin + seconds(15)));
        term.end();
        assert!(!term.holds(begin + seconds(6)));
    }

    #[test]
    fn what_lay_unread_while_the_process_was_asleep_counts_from_when_it_was_sent() {
        let begin = Instant::now();
        let term = Term::begin(Duration::ZERO, seconds(10), begin);
        term.heard(seconds(5), begin + seconds(5));
        let awake = begin + seconds(40);
        for lasted in [10, 15] {
            term.heard(seconds(lasted), awake);
        }
        assert!(!term.holds(awake), "it is said to have lasted until 25");
        term.heard(seconds(40), awake);
        assert!(term.holds(awake));
    }

    #[test]
    fn a_first_word_that_came_late_is_no_measure_for_the_others() {
        let begin = Instant::now();
        let late = begin + seconds(4);
        let term = Term::begin(Duration::ZERO, seconds(10), late);
        for beat in [5, 10, 15] {
            term.heard(seconds(beat), begin + seconds(beat));
        }
        assert!(term.holds(begin + seconds(24)));
        assert!(!term.holds(begin + seconds(25)));
        term.heard(seconds(20), begin + seconds(29));
        assert!(!term.holds(begin + seconds(30)), "it was sent at 20");
    }
}
