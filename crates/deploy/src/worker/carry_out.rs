//! Carries out accepted requests, side by side: which of them, and when. They do
//! not wait for each other: one that GitHub keeps waiting, that the journal
//! cannot read or that panics holds up no other.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt as _;
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    AFTER_FAILURE, Worker, lease_of,
    queue::{Next, Queue},
};
use crate::{error::panic_message, model::RequestId, store};

/// How many are read from the journal at once.
const PAGE: usize = 200;
/// How often the journal is looked through for requests that were overlooked:
/// the feed tells of each, and it is known until it has gone on.
const OVERLOOKED: Duration = Duration::from_mins(1);

/// What moves the loop.
enum Event {
    /// There is something new in the journal.
    Grown,
    /// One request is done with, for now.
    Done(Result<(RequestId, Next), JoinError>),
    /// Something may have been overlooked.
    Look,
    /// The time of one has come that was put aside.
    Due,
    /// GitHub answers again.
    Back,
    /// Time to stop.
    Stop,
}

impl Worker {
    /// Carries out requests until the shutdown; then lets those under way come
    /// to where the journal can go on.
    pub(crate) async fn carry_out_requests(self) -> anyhow::Result<()> {
        let mut growth = self.store.growth();
        let mut tasks = JoinSet::new();
        let mut queue = Queue::default();
        // Up to where the feed has told of new requests.
        let mut heard = None;
        let mut looks = interval(OVERLOOKED);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let (due, is_away) = (queue.due(), queue.waits_for_github());
            let event = tokio::select! {
                () = self.shutdown.cancelled() => Event::Stop,
                Some(done) = tasks.join_next() => Event::Done(done),
                grown = growth.changed() => {
                    grown.expect("the store that sends is held right here");
                    Event::Grown
                }
                _ = looks.tick() => Event::Look,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Event::Due,
                () = self.github.available(), if is_away => Event::Back,
            };
            let read = match event {
                Event::Grown => self.hear(&mut queue, &mut heard).await,
                Event::Look => self.look_through(&mut queue, &mut heard).await,
                Event::Due => Ok(()),
                Event::Back => {
                    let spread = self.clock.real(self.pace.retry);
                    queue.github_is_back(|| Instant::now() + spread.mul_f64(rand::random()));
                    Ok(())
                }
                Event::Done(Ok((id, next))) => {
                    queue.end(id, next);
                    Ok(())
                }
                // Which request it was is not known any more: it stays under
                // way, so that the next process tries it and not this loop.
                Event::Done(Err(error)) => {
                    tracing::error!(%error, "a request was left");
                    Ok(())
                }
                Event::Stop => break,
            };
            if let Err(error) = read {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "cannot read the journal; trying on"
                );
                growth.mark_changed();
                self.waited(AFTER_FAILURE).await;
            }
            self.begin(&mut queue, &mut tasks);
        }
        while let Some(done) = tasks.join_next().await {
            if let Err(error) = done {
                tracing::error!(%error, "a request was left");
            }
        }
        Ok(())
    }

    /// Begins with what is ready.
    fn begin(&self, queue: &mut Queue, tasks: &mut JoinSet<(RequestId, Next)>) {
        while let Some(id) = queue.begin(Instant::now()) {
            let worker = self.clone();
            tasks.spawn(async move {
                let next = worker.carry_out_alone(&id).await;
                (id, next)
            });
        }
    }

    /// Takes note of the requests of which the feed has told since it was last
    /// heard: of those alone, however many others wait.
    async fn hear(&self, queue: &mut Queue, heard: &mut Option<i64>) -> Result<(), store::Error> {
        let Some(cursor) = heard else {
            return self.look_through(queue, heard).await;
        };
        loop {
            let entries = self.store.entries_after(*cursor, PAGE).await?;
            let is_all = entries.len() < PAGE;
            for entry in entries {
                *cursor = entry.cursor;
                if let store::Subject::Request(request) = entry.subject
                    && request.progress.waits()
                {
                    queue.add(request.asked.id);
                }
            }
            if is_all {
                return Ok(());
            }
        }
    }

    /// Takes note of all requests that wait in the journal.
    async fn look_through(
        &self,
        queue: &mut Queue,
        heard: &mut Option<i64>,
    ) -> Result<(), store::Error> {
        // From before, so that none is missed in between.
        let newest = self.store.newest_cursor().await?;
        let mut page = self.store.waiting(PAGE).await?;
        while let Some(last) = page.last()
            && queue.has_room()
        {
            let next = if page.len() < PAGE {
                Vec::new()
            } else {
                self.store.waiting_after(last, PAGE).await?
            };
            for request in std::mem::replace(&mut page, next) {
                queue.add(request.asked.id);
            }
        }
        *heard = Some(newest.max(heard.unwrap_or_default()));
        Ok(())
    }

    /// Carries a request out if no other process does.
    async fn carry_out_alone(&self, id: &RequestId) -> Next {
        let lease = lease_of(id);
        let beginning = self.beginning().await;
        if self.shutdown.is_cancelled() {
            return Next::Never;
        }
        let is_ours = self.leases.take(&lease).await;
        drop(beginning);
        match is_ours {
            Ok(true) => {
                let next = self.carry_out_or_pause(id).await;
                self.leases.give_back(&lease).await;
                next
            }
            Ok(false) => Next::At(Instant::now() + self.leases.beat()),
            Err(error) => self.pause_after(id, &error),
        }
    }

    /// Carries a request out so that no fault of ours reaches further than this
    /// request. A journal that fails is asked again, but not at once.
    async fn carry_out_or_pause(&self, id: &RequestId) -> Next {
        let carried = AssertUnwindSafe(Box::pin(self.carry_out(id)));
        let ended = match carried.catch_unwind().await {
            // Someone withdrew it, or another process has carried it on.
            Ok(Err(store::Error::OutOfOrder { step, .. })) => {
                tracing::info!(request.id = %id, step, "a request has gone on elsewhere");
                Ok(Next::Never)
            }
            Ok(Err(store::Error::Unreadable(what))) => {
                tracing::error!(request.id = %id, what, "the journal cannot be read");
                self.fail_by_our_fault(id).await.map(|()| Next::Never)
            }
            Ok(ended) => ended,
            Err(panic) => {
                let panic = panic_message(panic.as_ref());
                tracing::error!(request.id = %id, panic, "carrying out a request panicked");
                self.fail_by_our_fault(id).await.map(|()| Next::Never)
            }
        };
        ended.unwrap_or_else(|error| self.pause_after(id, &error))
    }

    fn pause_after(&self, id: &RequestId, error: &store::Error) -> Next {
        tracing::error!(
            request.id = %id,
            error = error as &dyn std::error::Error,
            "cannot go on with a request; it is tried again"
        );
        self.after(AFTER_FAILURE)
    }

    /// When so much time of the clock has passed.
    pub(super) fn after(&self, span: Duration) -> Next {
        Next::At(Instant::now() + self.clock.real(span))
    }
}
