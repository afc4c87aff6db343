//! Slack delivers an event until it is acknowledged, and sometimes once more.
//! This memory sees to it that an event is dealt with once: a second delivery
//! waits for the first, and takes over only when that one gave up.

use std::sync::{Mutex, MutexGuard};

use tokio::sync::watch;

use crate::{recent::Recent, slack::id::EventId};

/// How many events are remembered. Slack delivers again within minutes.
const MOST: usize = 10_000;

/// How far the handling of an event has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    UnderWay,
    Done,
}

/// The events that were delivered.
#[derive(Debug)]
pub(crate) struct Deliveries(Mutex<Recent<EventId, watch::Receiver<Progress>>>);

/// The right, and the duty, to deal with an event. Dropped without
/// [`Claim::done`], the next delivery gets it.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    deliveries: &'a Deliveries,
    event: EventId,
    progress: watch::Sender<Progress>,
}

impl Deliveries {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent::new(MOST)))
    }

    /// Waits until the event is dealt with, which gives nothing, or is to be
    /// dealt with by the caller.
    pub(crate) async fn claim(&self, event: &EventId) -> Option<Claim<'_>> {
        loop {
            let mut earlier = match self.first_or_earlier(event) {
                Ok(claim) => return Some(claim),
                Err(earlier) => earlier,
            };
            let done = earlier
                .wait_for(|progress| *progress == Progress::Done)
                .await;
            if done.is_ok() {
                return None;
            }
        }
    }

    fn first_or_earlier(&self, event: &EventId) -> Result<Claim<'_>, watch::Receiver<Progress>> {
        let mut known = self.known();
        if let Some(earlier) = known.get(event) {
            return Err(earlier.clone());
        }
        let (progress, watched) = watch::channel(Progress::UnderWay);
        known.insert(event.clone(), watched);
        Ok(Claim {
            deliveries: self,
            event: event.clone(),
            progress,
        })
    }

    fn known(&self) -> MutexGuard<'_, Recent<EventId, watch::Receiver<Progress>>> {
        self.0
            .lock()
            .expect("nothing panics while it holds the events")
    }
}

impl Claim<'_> {
    /// The event is dealt with.
    pub(crate) fn done(self) {
        self.progress.send_replace(Progress::Done);
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if *self.progress.borrow() == Progress::UnderWay {
            self.deliveries.known().remove(&self.event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_delivery_waits_for_the_first_and_does_nothing() {
        let deliveries = Deliveries::new();
        let event = EventId::from("Ev1");
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
        assert!(deliveries.claim(&EventId::from("Ev2")).await.is_some());
    }

    #[tokio::test]
    async fn a_second_delivery_takes_over_when_the_first_gives_up() {
        let deliveries = Deliveries::new();
        let event = EventId::from("Ev1");
        let first = deliveries.claim(&event).await.unwrap();
        let (second, ()) = tokio::join!(deliveries.claim(&event), async { drop(first) });
        second.unwrap().done();
        assert!(deliveries.claim(&event).await.is_none());
    }
}
