//! Which requests this process asked for itself, at their first delivery: no
//! message can show them yet, so that none is looked for.

use std::sync::Mutex;

use crate::recent::Recent;

/// How many are remembered; of older ones a message is looked for in vain.
const MOST: usize = 10_000;

/// The requests that began here.
#[derive(Debug)]
pub(crate) struct Started(Mutex<Recent<String, ()>>);

impl Started {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent::new(MOST)))
    }

    /// Before the deploy service is asked: its feed may be faster than its
    /// answer.
    pub(crate) fn here(&self, request: &str) {
        self.locked().insert(request.to_owned(), ());
    }

    pub(crate) fn was_here(&self, request: &str) -> bool {
        self.locked().get(&request.to_owned()).is_some()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Recent<String, ()>> {
        self.0
            .lock()
            .expect("nothing panics while it holds the requests")
    }
}
