//! The feed as a subscriber follows it. Of all its streams one is served at a
//! time, over all processes, which a lease sees to; the others wait for it.

use std::{collections::VecDeque, time::Duration};

use tokio::{
    runtime::Handle,
    sync::watch,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{AckAsk, Service, WatchAsk};
use crate::{
    error::Error,
    store::{Entry, Lease, Store},
};

/// How many entries are read from the journal at once, and held at most.
const PAGE: usize = 50;
/// How long nobody else is served after a stream was last seen to be: as long as
/// a process that died unseen holds up the others.
const SERVED: Duration = Duration::from_secs(15);
/// How often a stream that is served says so; often enough for one heartbeat to
/// be lost.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often one that waits looks whether it is its turn.
const LOOK: Duration = Duration::from_secs(1);

impl Service {
    /// The feed after the subscriber's last acknowledged entry, once no other
    /// stream of it is served, without end until `stop`.
    pub(crate) fn watch(&self, ask: &WatchAsk, stop: CancellationToken) -> Feed {
        let stream = uuid::Uuid::new_v4();
        let replica = ask.replica.as_ref();
        let kin = replica.map_or_else(String::new, |replica| format!("{replica}/"));
        Feed {
            place: Place {
                growth: self.store.growth(),
                store: self.store.clone(),
                subscriber: ask.subscriber.clone(),
                holder: format!("{kin}{stream}"),
                kin,
                cursor: 0,
                page: VecDeque::new(),
            },
            turn: None,
            tasks: self.tasks.clone(),
            stop,
        }
    }

    /// Acknowledges the feed for a subscriber.
    pub(crate) async fn ack(&self, ask: AckAsk) -> Result<(), Error> {
        let newest = self.store.newest_cursor().await?;
        if ask.cursor > newest {
            return Err(Error::invalid(
                "cursor",
                format!("It is {}; the newest entry is {newest}.", ask.cursor),
            ));
        }
        let store = self.store.clone();
        self.carried_through(async move {
            store.acknowledge(&ask.subscriber, ask.cursor).await?;
            Ok(())
        })
        .await
    }
}

/// What a stream tells.
#[derive(Debug)]
pub(crate) enum Told {
    /// An entry of the feed.
    Entry(Box<Entry>),
    /// That it is the one that is served, and for how long it has been.
    Served(Duration),
}

/// A place in the feed that moves on as entries are taken. It holds one page
/// at most, however slow its reader is. Dropped, it lets another be served.
pub(crate) struct Feed {
    place: Place,
    /// Set while this is the stream that is served.
    turn: Option<Turn>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// The right to be served.
struct Turn {
    lease: Lease,
    since: Instant,
    next_beat: Instant,
}

/// Where in the feed a stream is.
struct Place {
    store: Store,
    growth: watch::Receiver<i64>,
    subscriber: String,
    /// This stream, as the others know it.
    holder: String,
    /// How the streams of the same replica begin; empty where it has no name.
    kin: String,
    cursor: i64,
    page: VecDeque<Entry>,
}

impl Feed {
    /// What comes next, as soon as there is something; none when it is time to
    /// stop, or another stream is served.
    pub(crate) async fn next(&mut self) -> Result<Option<Told>, Error> {
        let stop = self.stop.clone();
        let next = stop.run_until_cancelled(self.next_told()).await;
        next.transpose().map(Option::flatten)
    }

    async fn next_told(&mut self) -> Result<Option<Told>, Error> {
        let Self { place, turn, .. } = self;
        let Some(turn) = turn else {
            let begun = place.wait_for_turn().await?;
            let since = begun.since;
            *turn = Some(begun);
            return Ok(Some(Told::Served(since.elapsed())));
        };
        tokio::select! {
            // What is not its turn any more is told nothing.
            biased;
            () = sleep_until(turn.next_beat) => {}
            entry = place.next_entry() => return Ok(Some(Told::Entry(Box::new(entry?)))),
        }
        // Told as it was before the lease was made to last: it lasts longer.
        let served = turn.since.elapsed();
        turn.next_beat = Instant::now() + HEARTBEAT;
        let lost = place.store.renew(&[&turn.lease], SERVED).await?;
        Ok(lost.is_empty().then_some(Told::Served(served)))
    }
}

impl Place {
    /// Waits until no other stream is served, and goes to where that one was.
    async fn wait_for_turn(&mut self) -> Result<Turn, Error> {
        let name = format!("watch:{}", self.subscriber);
        loop {
            let since = Instant::now();
            let lease = self
                .store
                .acquire_from(&name, &self.holder, &self.kin, SERVED);
            if let Some(lease) = lease.await? {
                self.cursor = self.store.acknowledged(&self.subscriber).await?;
                return Ok(Turn {
                    lease,
                    since,
                    next_beat: since + HEARTBEAT,
                });
            }
            sleep(LOOK).await;
        }
    }

    async fn next_entry(&mut self) -> Result<Entry, Error> {
        loop {
            if let Some(entry) = self.page.pop_front() {
                self.cursor = entry.cursor;
                return Ok(entry);
            }
            // Seen before it is read, so that what comes in meanwhile wakes us.
            self.growth.mark_unchanged();
            let entries = self.store.followed_entries_after(self.cursor, PAGE);
            self.page = entries.await?.into();
            if self.page.is_empty() {
                self.growth
                    .changed()
                    .await
                    .expect("the store that sends is held right here");
            }
        }
    }
}

impl Drop for Feed {
    /// Whoever waits need not wait for the lease to run out.
    fn drop(&mut self) {
        let (Some(turn), Ok(runtime)) = (self.turn.take(), Handle::try_current()) else {
            return;
        };
        let store = self.place.store.clone();
        let release = async move {
            if let Err(error) = store.release(turn.lease).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(
                    error,
                    "the turn of a stream cannot be given back; it runs out by itself"
                );
            }
        };
        self.tasks.spawn_on(release, &runtime);
    }
}
