//! When the last check of a suite ends, which ends the suite.

use std::collections::{HashMap, HashSet};

use crate::github::{
    git::Sha,
    state::{Event, EventKind, Suite},
};

/// The checks that are under way, by repository, commit and suite.
#[derive(Default)]
pub(super) struct Suites(HashMap<(String, Sha, Suite), HashSet<u64>>);

impl Suites {
    /// Takes note of an event, and tells whether it ends the last check of a
    /// suite. What is known by now may be ahead of the event.
    pub(super) fn ends(&mut self, event: &Event) -> bool {
        let EventKind::CheckRun(run) = &event.kind else {
            return false;
        };
        let key = (event.repository.clone(), run.sha.clone(), run.suite);
        let open = self.0.entry(key.clone()).or_default();
        if run.status.conclusion().is_none() {
            open.insert(run.id);
            return false;
        }
        open.remove(&run.id);
        let ends = open.is_empty();
        if ends {
            self.0.remove(&key);
        }
        ends
    }
}
