//! Slack delivers an event until it is acknowledged, and sometimes once more; and
//! who has overheard a request can send it again, as long as its signature is
//! good. This memory sees to it that an event is dealt with once: a second
//! delivery waits for the first, and takes over only when that one gave up.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;

use crate::{recent::Recent, slack::id::DeliveryId};

/// How many events are remembered: those of the five minutes for which a
/// signature is good and in which Slack delivers again, at 200 a second.
const MOST: usize = 60_000;

/// How far the handling of an event has come. What is done is remembered long,
/// so that it takes no more room than the word.
#[derive(Debug)]
enum Progress {
    /// Closed when the claim ends.
    UnderWay(watch::Receiver<()>),
    Done,
}

/// The events that were delivered.
#[derive(Debug)]
pub(crate) struct Deliveries(Mutex<Recent<Arc<str>, Progress>>);

/// The right, and the duty, to deal with an event. Dropped without
/// [`Claim::done`], the next delivery gets it.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    deliveries: &'a Deliveries,
    delivery: Arc<str>,
    is_done: bool,
    /// Dropped, it wakes those who wait.
    _under_way: watch::Sender<()>,
}

impl Deliveries {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent::new(MOST)))
    }

    /// Waits until the event is dealt with, which gives nothing, or is to be
    /// dealt with by the caller.
    pub(crate) async fn claim(&self, delivery: &DeliveryId) -> Option<Claim<'_>> {
        let delivery: Arc<str> = delivery.as_str().into();
        loop {
            let mut earlier = match self.look(&delivery) {
                Look::First(claim) => return Some(claim),
                Look::Done => return None,
                Look::UnderWay(earlier) => earlier,
            };
            // Nothing is ever sent: it ends with the claim.
            let _: Result<(), watch::error::RecvError> = earlier.changed().await;
        }
    }

    fn look(&self, delivery: &Arc<str>) -> Look<'_> {
        let mut known = self.known();
        match known.get(delivery) {
            Some(Progress::Done) => Look::Done,
            Some(Progress::UnderWay(earlier)) => Look::UnderWay(earlier.clone()),
            None => {
                let (under_way, watched) = watch::channel(());
                known.insert(Arc::clone(delivery), Progress::UnderWay(watched));
                Look::First(Claim {
                    deliveries: self,
                    delivery: Arc::clone(delivery),
                    is_done: false,
                    _under_way: under_way,
                })
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Recent<Arc<str>, Progress>> {
        self.0
            .lock()
            .expect("nothing panics while it holds the events")
    }
}

/// What a delivery finds.
enum Look<'a> {
    First(Claim<'a>),
    UnderWay(watch::Receiver<()>),
    Done,
}

impl Claim<'_> {
    /// The event is dealt with.
    pub(crate) fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut known = self.deliveries.known();
        if self.is_done {
            known.insert(Arc::clone(&self.delivery), Progress::Done);
        } else {
            known.remove(&self.delivery);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_delivery_waits_for_the_first_and_does_nothing() {
        let deliveries = Deliveries::new();
        let event = DeliveryId::from("Ev1");
        let first = deliveries.claim(&event).await.unwrap();
        let second = deliveries.claim(&event);
        tokio::pin!(second);
        tokio::select! {
            biased;
            claim = &mut second => panic!("did not wait: {claim:?}"),
            () = tokio::task::yield_now() => (),
        }
        first.done();
        assert!(second.await.is_none());
        assert!(deliveries.claim(&event).await.is_none());
        assert!(deliveries.claim(&DeliveryId::from("Ev2")).await.is_some());
    }

    #[tokio::test]
    async fn of_an_event_that_is_done_no_more_than_a_word_is_kept() {
        let deliveries = Deliveries::new();
        let event = DeliveryId::from("Ev1");
        deliveries.claim(&event).await.unwrap().done();
        let known = deliveries.known();
        assert!(matches!(
            known.get(&Arc::from(event.as_str())),
            Some(Progress::Done)
        ));
        assert!(size_of::<Progress>() <= 2 * size_of::<usize>());
    }

    #[tokio::test]
    async fn a_second_delivery_takes_over_when_the_first_gives_up() {
        let deliveries = Deliveries::new();
        let event = DeliveryId::from("Ev1");
        let first = deliveries.claim(&event).await.unwrap();
        let (second, ()) = tokio::join!(deliveries.claim(&event), async { drop(first) });
        second.unwrap().done();
        assert!(deliveries.claim(&event).await.is_none());
    }
}
