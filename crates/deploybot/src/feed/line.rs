//! Which entries of the feed are dealt with: only a cursor before which nothing
//! is left over may be acknowledged.

use std::collections::BTreeMap;

/// The entries that came and are not acknowledged, in their order.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Cursors, and how much of each is to be dealt with yet.
    entries: BTreeMap<i64, usize>,
}

impl Line {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All that is not acknowledged will come again.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    /// One came, of which there are so many things to show.
    pub(super) fn arrived(&mut self, cursor: i64, parts: usize) {
        self.entries.insert(cursor, parts);
    }

    /// One thing of each of these entries is dealt with; tells the cursor that may
    /// be acknowledged now, if that moved.
    pub(super) fn done(&mut self, cursors: &[i64]) -> Option<i64> {
        for cursor in cursors {
            if let Some(parts) = self.entries.get_mut(cursor) {
                *parts = parts.saturating_sub(1);
            }
        }
        let mut last = None;
        while let Some(first) = self.entries.first_entry().filter(|first| *first.get() == 0) {
            last = Some(first.remove_entry().0);
        }
        last
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
        assert_eq!(line.done(&[3]), Some(5));
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
