//! Which entries of the feed are dealt with: only a cursor before which nothing
//! is left over may be acknowledged. No more is kept than what is left over, so that
//! one entry that takes for ever does not fill the line.

use std::collections::BTreeMap;

/// The entries that came and are not dealt with, in their order.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Cursors, and how much of each is to be dealt with yet.
    left: BTreeMap<i64, usize>,
    /// The newest that came, and the newest that may be acknowledged.
    newest: Option<i64>,
    told: Option<i64>,
}

impl Line {
    pub(super) fn len(&self) -> usize {
        self.left.len()
    }

    /// All that is not acknowledged will come again.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// One came, of which there are so many things to show.
    pub(super) fn arrived(&mut self, cursor: i64, parts: usize) {
        // Whatever is before the first was acknowledged.
        self.told.get_or_insert(cursor - 1);
        self.newest = self.newest.max(Some(cursor));
        if parts > 0 {
            self.left.insert(cursor, parts);
        }
    }

    /// One thing of each of these entries is dealt with; tells the cursor that may
    /// be acknowledged now, if that moved.
    pub(super) fn done(&mut self, cursors: &[i64]) -> Option<i64> {
        for cursor in cursors {
            if let Some(parts) = self.left.get_mut(cursor) {
                *parts -= 1;
                if *parts == 0 {
                    self.left.remove(cursor);
                }
            }
        }
        let first = self.left.first_key_value();
        // All before the first that is left over came, or was never told.
        let up_to = first.map(|(first, _)| first - 1).or(self.newest);
        if up_to <= self.told {
            return None;
        }
        self.told = up_to;
        up_to
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_done_early_waits_for_what_came_before() {
        let mut line = Line::default();
        for cursor in [3, 5, 9] {
            line.arrived(cursor, 1);
        }
        assert_eq!(line.done(&[5]), None);
        // Up to the next that is left over nothing is.
        assert_eq!(line.done(&[3]), Some(8));
        assert_eq!(line.done(&[3, 4]), None);
        assert_eq!(line.done(&[9]), Some(9));
        assert_eq!(line.len(), 0);
    }

    #[test]
    fn what_has_several_parts_is_done_when_all_of_them_are() {
        let mut line = Line::default();
        line.arrived(1, 3);
        line.arrived(2, 1);
        assert_eq!(line.done(&[1]), None);
        assert_eq!(line.done(&[2, 1]), None);
        assert_eq!(line.done(&[1]), Some(2));
    }

    #[test]
    fn after_a_new_beginning_old_cursors_count_for_nothing() {
        let mut line = Line::default();
        line.arrived(1, 1);
        line.arrived(2, 1);
        line.clear();
        assert_eq!(line.done(&[1]), None);
        line.arrived(1, 1);
        line.arrived(2, 1);
        assert_eq!(line.done(&[2]), None);
        assert_eq!(line.done(&[1]), Some(2));
    }

    #[test]
    fn behind_one_that_takes_for_ever_nothing_is_kept() {
        let mut line = Line::default();
        for cursor in 1..=100_000 {
            line.arrived(cursor, 1);
            if cursor > 1 {
                assert_eq!(line.done(&[cursor]), None);
            }
            assert_eq!(line.len(), 1);
        }
        assert_eq!(line.done(&[1]), Some(100_000));
    }

    proptest! {
        #[test]
        fn in_any_order_all_is_acknowledged_and_nothing_too_early(
            order in Just((0..20_i64).collect::<Vec<_>>()).prop_shuffle()
        ) {
            let mut line = Line::default();
            (0..20).for_each(|cursor| line.arrived(cursor, 1));
            let mut done = Vec::new();
            let mut acknowledged = -1;
            for cursor in order {
                done.push(cursor);
                if let Some(up_to) = line.done(&[cursor]) {
                    prop_assert!(up_to > acknowledged);
                    prop_assert!((0..=up_to).all(|before| done.contains(&before)));
                    acknowledged = up_to;
                }
            }
            prop_assert_eq!(acknowledged, 19);
        }
    }
}
