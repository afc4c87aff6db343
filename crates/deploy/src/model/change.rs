//! A change of what somebody wants, as it comes in.

use jiff::{SignedDuration, Timestamp};

use super::RequestId;

/// How far ahead of ours the clock may be by which something is asked for.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Which change it is, and when it was asked for. A repeat of it has its id; of two
/// changes of one thing the one that was asked for later holds, whichever comes
/// first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The caller's id.
    pub id: RequestId,
    /// By the clock of where it was asked for; none: when it comes in.
    pub asked_at: Option<Timestamp>,
}

impl Change {
    /// When it was asked for, where it comes in now.
    pub fn asked_by(&self, now: Timestamp) -> Timestamp {
        asked_by(self.asked_at, now)
    }
}

/// When something was asked for that comes in now. Two wishes are told apart by the
/// clock of where they were made, also while ours is slow: else the one that comes in
/// last would hold. What lies further ahead is no later than that: nothing else could
/// be changed until then.
pub(super) fn asked_by(asked_at: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let latest = now.checked_add(AHEAD).unwrap_or(now);
    asked_at.map_or(now, |at| at.min(latest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_was_asked_for_later_than_in_five_minutes() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let asked_by = |asked_at| {
            let id = "r1".parse().unwrap();
            Change { id, asked_at }.asked_by(at(100))
        };
        assert_eq!(asked_by(None), at(100));
        assert_eq!(asked_by(Some(at(99))), at(99));
        assert_eq!(asked_by(Some(at(130))), at(130), "our clock may be slow");
        assert_eq!(asked_by(Some(at(400))), at(400));
        assert_eq!(asked_by(Some(at(401))), at(400));
        assert_eq!(super::asked_by(None, Timestamp::MAX), Timestamp::MAX);
        let last = Some(Timestamp::MAX);
        assert_eq!(super::asked_by(last, Timestamp::MAX), Timestamp::MAX);
    }
}
