//! Who asks GitHub the same at the same time: one does, and the others wait
//! until that one has its answer, or has given up.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

type Asked = HashMap<String, watch::Receiver<()>>;

/// What is being asked. A clone is the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Asking(Arc<Mutex<Asked>>);

/// The right to ask; the others go on when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    asking: Asking,
    what: String,
    _ended: watch::Sender<()>,
}

impl Asking {
    /// The turn to ask this; none when another had it, whose answer, if it got
    /// one, is there now.
    pub(super) async fn turn(&self, what: String) -> Option<Turn> {
        let mut ended = match self.asked().entry(what.clone()) {
            Entry::Occupied(other) => other.get().clone(),
            Entry::Vacant(free) => {
                let (sender, ended) = watch::channel(());
                free.insert(ended);
                return Some(Turn {
                    asking: self.clone(),
                    what,
                    _ended: sender,
                });
            }
        };
        // Nothing is ever sent: it is an error once the sender is gone.
        while ended.changed().await.is_ok() {}
        None
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.asking.asked().remove(&self.what);
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;

    use super::*;

    #[tokio::test]
    async fn one_asks_and_the_others_go_on_when_it_is_done() {
        let asking = Asking::default();
        let first = asking.turn("a".to_owned()).await;
        assert!(first.is_some());
        assert!(asking.turn("b".to_owned()).await.is_some());
        let mut others = [(); 3].map(|()| Box::pin(asking.turn("a".to_owned())));
        for other in &mut others {
            assert!(poll!(other).is_pending());
        }
        drop(first);
        for other in others {
            assert!(other.await.is_none());
        }
        assert!(asking.turn("a".to_owned()).await.is_some());
        assert!(asking.asked().is_empty(), "nothing is left behind");
    }
}
