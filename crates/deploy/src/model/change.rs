//! A change of what somebody wants, as it comes in.

use jiff::Timestamp;

use super::RequestId;

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
    /// When it was asked for, where it comes in now. What a fast clock calls later
    /// than now is now: else nothing could be changed until then.
    pub fn asked_by(&self, now: Timestamp) -> Timestamp {
        self.asked_at.map_or(now, |at| at.min(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_was_asked_for_later_than_now() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let asked_by = |asked_at| {
            let id = "r1".parse().unwrap();
            Change { id, asked_at }.asked_by(at(100))
        };
        assert_eq!(asked_by(None), at(100));
        assert_eq!(asked_by(Some(at(99))), at(99));
        assert_eq!(asked_by(Some(at(101))), at(100));
    }
}
