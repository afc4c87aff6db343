//! How long to try again, and how to wait in between.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    error::{may_pass, until},
    github,
    model::Request,
};

/// How long after somebody was last told of it a request may be begun that has
/// not said that it waits. Later its requester has gone on, and would be
/// surprised.
const SURPRISE: SignedDuration = SignedDuration::from_mins(10);
/// How long after it was accepted a request is tried again at most. All the
/// while its message says that it waits, and for what.
pub(super) const GIVE_UP: SignedDuration = SignedDuration::from_hours(12);
/// The longest wait between two attempts, if GitHub does not ask for more.
const LONGEST: Duration = Duration::from_secs(30);

/// Why it is too late to begin with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooLate {
    /// It said nothing for so long that its requester has gone on.
    Silent,
    /// It has waited, and said so, for as long as a request waits.
    Waited,
}

/// Whether it is too late to begin with a request of which somebody was last
/// told at this time.
pub(super) fn is_too_late(
    request: &Request,
    told_at: Timestamp,
    now: Timestamp,
) -> Option<TooLate> {
    if request.waiting.is_some() {
        return (now > later(request.accepted_at, GIVE_UP)).then_some(TooLate::Waited);
    }
    (now > later(told_at, SURPRISE)).then_some(TooLate::Silent)
}

/// The patience with one request: waits that grow, and an end.
#[derive(Debug)]
pub(super) struct Patience {
    end: Timestamp,
    next: Duration,
}

impl Patience {
    /// That begins at this time; the first wait takes about `retry`.
    pub(super) fn new(begin: Timestamp, retry: Duration) -> Self {
        Self {
            end: later(begin, GIVE_UP),
            next: retry,
        }
    }

    /// How long to wait after this error; none when trying again is no use any
    /// more.
    pub(super) fn wait(&mut self, error: &github::Error, now: Timestamp) -> Option<Duration> {
        if !may_pass(error) {
            return None;
        }
        self.wait_whatever(error, now)
    }

    /// The same where trying again is of use after any error.
    pub(super) fn wait_whatever(
        &mut self,
        error: &github::Error,
        now: Timestamp,
    ) -> Option<Duration> {
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

/// So much after a time.
pub(super) fn later(then: Timestamp, by: SignedDuration) -> Timestamp {
    then.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{
        Kind, NewRequest, Person, Progress, ReplyAddress, RepositoryName, Waiting, WaitingReason,
    };

    const RETRY: Duration = Duration::from_secs(2);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// That has not gone on yet.
    pub(in crate::worker) fn request(accepted_at: Timestamp) -> Request {
        Request {
            asked: NewRequest {
                id: "r1".parse().unwrap(),
                repository: RepositoryName::parse("acme/people", None).unwrap(),
                environment: "production".parse().unwrap(),
                commit: "a1b2c3d".parse().unwrap(),
                kind: Kind::Deploy,
                requester: Person::default(),
                reply: ReplyAddress::default(),
                expected_live: None,
            },
            accepted_at,
            progress: Progress::Accepted,
            waiting: None,
            message_ts: None,
        }
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
    fn it_ends_after_half_a_day() {
        let mut patience = Patience::new(at(0), RETRY);
        let hours = 12 * 3600;
        assert_eq!(patience.wait(&limited(hours + 1), at(0)), None);
        assert_eq!(patience.wait(&limited(0), at(hours)), None);
        assert!(patience.wait(&limited(hours), at(0)).is_some());
    }

    #[test]
    fn who_was_told_of_the_wait_is_not_surprised_after_ten_minutes() {
        let mut request = request(at(0));
        assert_eq!(is_too_late(&request, at(0), at(600)), None);
        assert_eq!(is_too_late(&request, at(0), at(601)), Some(TooLate::Silent));
        // It waited in line for hours, and was told when its turn came.
        let turn = 5 * 3_600;
        assert_eq!(is_too_late(&request, at(turn), at(turn + 600)), None);
        let surprised = is_too_late(&request, at(turn), at(turn + 601));
        assert_eq!(surprised, Some(TooLate::Silent));
        request.waiting = Some(Waiting {
            reason: WaitingReason::CreateLimit,
            until: None,
            ahead: None,
            detail: String::new(),
            obstacle: None,
        });
        assert_eq!(is_too_late(&request, at(0), at(601)), None);
        let half_a_day = 12 * 3_600;
        assert_eq!(is_too_late(&request, at(0), at(half_a_day)), None);
        let waited = is_too_late(&request, at(0), at(half_a_day + 1));
        assert_eq!(waited, Some(TooLate::Waited));
    }

    #[test]
    fn what_does_not_pass_is_not_waited_for() {
        let mut patience = Patience::new(at(0), RETRY);
        assert_eq!(patience.wait(&github::Error::Unauthorized, at(0)), None);
    }
}
