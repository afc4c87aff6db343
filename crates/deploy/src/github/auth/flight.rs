//! Work that many wait for and that is done once: whoever comes while it goes
//! on waits for the same. It goes on as long as anyone waits.

use std::sync::{Mutex, PoisonError};

use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared, WeakShared},
};

type Work<T> = BoxFuture<'static, T>;

pub(super) struct Flight<T: Clone>(Mutex<Option<WeakShared<Work<T>>>>);

impl<T: Clone> Flight<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Waits for the work that goes on, or begins it.
    pub(super) async fn join(&self, begin: impl FnOnce() -> Work<T>) -> T {
        let work = {
            let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let going_on = current.as_ref().and_then(WeakShared::upgrade);
            // One that has ended answers nobody who comes later.
            match going_on.filter(|work: &Shared<Work<T>>| work.peek().is_none()) {
                Some(work) => work,
                None => {
                    let work = begin().shared();
                    *current = work.downgrade();
                    work
                }
            }
        };
        work.await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn who_comes_while_it_goes_on_waits_for_the_same() {
        let (flight, begun) = (Flight::new(), AtomicU32::new(0));
        let done = Arc::new(Notify::new());
        let begin = || {
            let nth = begun.fetch_add(1, Ordering::Relaxed);
            let done = Arc::clone(&done);
            async move {
                done.notified().await;
                nth
            }
            .boxed()
        };
        let all = futures::future::join_all((0..50).map(|_| flight.join(begin)));
        let (all, ()) = tokio::join!(all, async { done.notify_one() });
        assert_eq!(all, vec![0; 50]);
        done.notify_one();
        assert_eq!(flight.join(begin).await, 1, "what has ended is done anew");
    }

    #[tokio::test]
    async fn what_nobody_waits_for_ends_and_what_someone_waits_for_goes_on() {
        let flight = Flight::new();
        let done = Arc::new(Notify::new());
        let begin = |nth: u32| {
            let done = Arc::clone(&done);
            move || {
                async move {
                    done.notified().await;
                    nth
                }
                .boxed()
            }
        };
        let mut first = Box::pin(flight.join(begin(1)));
        assert!(futures::poll!(first.as_mut()).is_pending());
        let mut second = Box::pin(flight.join(begin(2)));
        assert!(futures::poll!(second.as_mut()).is_pending());
        drop(first);
        done.notify_one();
        assert_eq!(second.await, 1);

        let mut given_up = Box::pin(flight.join(begin(3)));
        assert!(futures::poll!(given_up.as_mut()).is_pending());
        drop(given_up);
        done.notify_one();
        assert_eq!(flight.join(begin(4)).await, 4);
    }
}
