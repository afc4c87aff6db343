//! Who asks GitHub the same at the same time: one does, and the others wait for what
//! comes of it. Where that one goes without a word, because its caller has no more
//! time, one of those who waited asks in its place.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::github;

/// What is being asked, and where it will be told what came of it.
type Asked = HashMap<String, watch::Receiver<Option<Outcome>>>;

/// What came of asking; none: GitHub answered.
type Outcome = Option<github::Error>;

/// What is being asked. A clone is the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Asking(Arc<Mutex<Asked>>);

/// Whose turn it is to ask.
#[derive(Debug)]
pub(super) enum Place {
    /// The caller's.
    Ours(Turn),
    /// Another had it and has its answer, which is there now.
    Answered,
    /// Another had it, and this is why there is no answer.
    Failed(github::Error),
}

/// The right to ask. When it is dropped without an outcome another has it.
#[derive(Debug)]
pub(super) struct Turn {
    asking: Asking,
    what: String,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Asking {
    /// The turn to ask this, or what came of it where another had it.
    pub(super) async fn turn(&self, what: &str) -> Place {
        loop {
            let mut other = match self.asked().entry(what.to_owned()) {
                Entry::Occupied(other) => other.get().clone(),
                Entry::Vacant(free) => {
                    let (outcome, told) = watch::channel(None);
                    free.insert(told);
                    return Place::Ours(Turn {
                        asking: self.clone(),
                        what: what.to_owned(),
                        outcome,
                    });
                }
            };
            let outcome = other.wait_for(Option::is_some).await;
            match outcome.ok().and_then(|outcome| outcome.clone()) {
                Some(None) => return Place::Answered,
                Some(Some(error)) => return Place::Failed(error),
                // It has gone.
                None => {}
            }
        }
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Tells those who wait what came of it.
    pub(super) fn ended(self, outcome: Outcome) {
        self.outcome.send_replace(Some(outcome));
    }
}

impl Drop for Turn {
    /// Before those who wait are woken, so that one of them finds it free.
    fn drop(&mut self) {
        self.asking.asked().remove(&self.what);
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, poll};

    use super::*;

    async fn ours(asking: &Asking, what: &str) -> Turn {
        match asking.turn(what).await {
            Place::Ours(turn) => turn,
            other => panic!("nobody else asks: {other:?}"),
        }
    }

    #[tokio::test]
    async fn one_asks_and_the_others_hear_what_came_of_it() {
        let asking = Asking::default();
        for outcome in [None, Some(github::Error::Unauthorized)] {
            let first = ours(&asking, "a").await;
            ours(&asking, "b").await.ended(None);
            let mut others = [(); 3].map(|()| Box::pin(asking.turn("a")));
            for other in &mut others {
                assert!(poll!(other).is_pending());
            }
            let failed = outcome.is_some();
            first.ended(outcome);
            for other in others {
                let place = other.await;
                assert_eq!(matches!(place, Place::Failed(_)), failed, "{place:?}");
                assert_eq!(matches!(place, Place::Answered), !failed, "{place:?}");
            }
        }
        drop(ours(&asking, "a").await);
        assert!(asking.asked().is_empty(), "nothing is left behind");
    }

    #[tokio::test]
    async fn of_those_who_wait_one_asks_when_the_first_has_gone() {
        let asking = Asking::default();
        let first = ours(&asking, "a").await;
        let mut others: Vec<_> = (0..3).map(|_| asking.turn("a").boxed()).collect();
        for other in &mut others {
            assert!(poll!(other).is_pending());
        }
        drop(first);
        let mut turns = Vec::new();
        let mut waiting = Vec::new();
        for mut other in others {
            match poll!(&mut other) {
                std::task::Poll::Ready(Place::Ours(turn)) => turns.push(turn),
                std::task::Poll::Ready(place) => panic!("there was no answer: {place:?}"),
                std::task::Poll::Pending => waiting.push(other),
            }
        }
        assert_eq!((turns.len(), waiting.len()), (1, 2));
        turns.remove(0).ended(None);
        for other in waiting {
            assert!(matches!(other.await, Place::Answered));
        }
    }
}
