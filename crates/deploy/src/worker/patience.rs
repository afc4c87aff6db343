//! How long to try again, and how to wait in between.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    error::{may_pass, until},
    github,
};

/// How long after it was accepted a request is tried again at most. Later its
/// requester has gone on, and would be surprised by it.
pub(super) const GIVE_UP: SignedDuration = SignedDuration::from_mins(10);
/// The longest wait between two attempts, if GitHub does not ask for more.
const LONGEST: Duration = Duration::from_secs(30);

/// The patience with one request: waits that grow, and an end.
#[derive(Debug)]
pub(super) struct Patience {
    end: Timestamp,
    next: Duration,
}

impl Patience {
    /// For a request accepted then; the first wait takes about `retry`.
    pub(super) fn new(accepted_at: Timestamp, retry: Duration) -> Self {
        Self {
            end: accepted_at
                .saturating_add(GIVE_UP)
                .unwrap_or(Timestamp::MAX),
            next: retry,
        }
    }

    /// Whether it is too late to try at all.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now > self.end
    }

    /// How long to wait after this error; none when trying again is no use any
    /// more.
    pub(super) fn wait(&mut self, error: &github::Error, now: Timestamp) -> Option<Duration> {
        if !may_pass(error) {
            return None;
        }
        // Jitter: requests that failed together do not come back together.
        let own = self.next.mul_f64(rand::random_range(0.5..1.5));
        self.next = (self.next * 2).min(LONGEST);
        let wait = match error {
            github::Error::RateLimited { retry_at } => until(*retry_at, now).max(own),
            _ => own,
        };
        let over = now.checked_add(wait).is_ok_and(|then| then <= self.end);
        over.then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Duration = Duration::from_secs(2);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn limited(retry_at: i64) -> github::Error {
        github::Error::RateLimited {
            retry_at: at(retry_at),
        }
    }

    #[test]
    fn waits_grow_to_a_limit() {
        let mut patience = Patience::new(at(0), RETRY);
        for longest in [3, 6, 12, 24, 45, 45, 45] {
            let wait = patience.wait(&limited(0), at(0)).unwrap();
            assert!(wait <= Duration::from_secs(longest), "{wait:?} > {longest}");
            assert!(
                wait >= Duration::from_secs(longest) / 3,
                "{wait:?} < {longest}/3"
            );
        }
    }

    #[test]
    fn what_github_asks_for_is_waited() {
        let wait = Patience::new(at(0), RETRY).wait(&limited(300), at(0));
        assert_eq!(wait, Some(Duration::from_secs(300)));
    }

    #[test]
    fn it_ends_ten_minutes_after_the_request_was_accepted() {
        let mut patience = Patience::new(at(0), RETRY);
        assert_eq!(patience.wait(&limited(601), at(0)), None);
        assert_eq!(patience.wait(&limited(0), at(600)), None);
        assert!(!patience.is_over(at(600)));
        assert!(patience.is_over(at(601)));
    }

    #[test]
    fn what_does_not_pass_is_not_waited_for() {
        let mut patience = Patience::new(at(0), RETRY);
        assert_eq!(patience.wait(&github::Error::Unauthorized, at(0)), None);
    }
}
