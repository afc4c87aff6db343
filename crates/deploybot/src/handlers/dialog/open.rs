//! The dialogs that are open, as far as this process has filled them.

use std::sync::{Mutex, MutexGuard};

use crate::{recent::Recent, slack::id::ViewId};

/// How many open dialogs are remembered.
const MOST: usize = 1_000;

/// Whose turn it is in each open dialog: an answer about an environment that is
/// no longer chosen is not shown.
pub(crate) struct Dialogs(Mutex<Recent<ViewId, Open>>);

#[derive(Clone, Copy)]
struct Open {
    turn: u64,
    /// What was shown last, or is being shown, has a field.
    has_field: bool,
}

impl Dialogs {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent::new(MOST)))
    }

    pub(super) fn take_turn(&self, view: &ViewId) -> u64 {
        let mut dialogs = self.dialogs();
        let next = match dialogs.get(view) {
            None => Open {
                turn: 0,
                has_field: true,
            },
            Some(last) => Open {
                turn: last.turn + 1,
                ..*last
            },
        };
        dialogs.insert(view.clone(), next);
        next.turn
    }

    /// Whether it is still that turn, in which something is to be shown that has a
    /// field or has none.
    pub(super) fn shows(&self, view: &ViewId, turn: u64, has_field: bool) -> bool {
        let mut dialogs = self.dialogs();
        let is_turn = dialogs.get(view).is_some_and(|open| open.turn == turn);
        if is_turn {
            dialogs.insert(view.clone(), Open { turn, has_field });
        }
        is_turn
    }

    /// Whether what is shown has a field, as far as this process knows.
    pub(super) fn has_field(&self, view: &ViewId) -> bool {
        self.dialogs().get(view).is_none_or(|open| open.has_field)
    }

    fn dialogs(&self) -> MutexGuard<'_, Recent<ViewId, Open>> {
        self.0
            .lock()
            .expect("nothing panics while it holds the dialogs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_choice_is_shown() {
        let dialogs = Dialogs::new();
        let view = ViewId::from("V1");
        let first = dialogs.take_turn(&view);
        let second = dialogs.take_turn(&view);
        assert!(!dialogs.shows(&view, first, true));
        assert!(dialogs.shows(&view, second, true));
    }

    #[test]
    fn what_is_shown_last_tells_whether_there_is_a_field() {
        let dialogs = Dialogs::new();
        let view = ViewId::from("V1");
        assert!(dialogs.has_field(&view), "nobody knows");
        let first = dialogs.take_turn(&view);
        dialogs.shows(&view, first, false);
        let second = dialogs.take_turn(&view);
        assert!(!dialogs.has_field(&view), "nothing else is shown yet");
        dialogs.shows(&view, first, true);
        assert!(!dialogs.has_field(&view), "it is too late for that");
        dialogs.shows(&view, second, true);
        assert!(dialogs.has_field(&view));
    }
}
