//! The feed as a subscriber follows it.

use std::collections::VecDeque;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{AckAsk, Service};
use crate::{
    error::Error,
    store::{Entry, Store},
};

/// How many entries are read from the journal at once, and held at most.
const PAGE: usize = 50;

impl Service {
    /// The feed after the subscriber's last acknowledged entry, without end
    /// until `stop`.
    pub(crate) async fn watch(
        &self,
        subscriber: &str,
        stop: CancellationToken,
    ) -> Result<Feed, Error> {
        Ok(Feed {
            growth: self.store.growth(),
            cursor: self.store.acknowledged(subscriber).await?,
            store: self.store.clone(),
            page: VecDeque::new(),
            stop,
        })
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

/// A place in the feed that moves on as entries are taken. It holds one page
/// at most, however slow its reader is.
pub(crate) struct Feed {
    store: Store,
    growth: watch::Receiver<i64>,
    cursor: i64,
    page: VecDeque<Entry>,
    stop: CancellationToken,
}

impl Feed {
    /// The next entry, as soon as there is one; none when it is time to stop.
    pub(crate) async fn next(&mut self) -> Result<Option<Entry>, Error> {
        let stop = self.stop.clone();
        stop.run_until_cancelled(self.next_entry())
            .await
            .transpose()
    }

    async fn next_entry(&mut self) -> Result<Entry, Error> {
        loop {
            if let Some(entry) = self.page.pop_front() {
                self.cursor = entry.cursor;
                return Ok(entry);
            }
            // Seen before it is read, so that what comes in meanwhile wakes us.
            self.growth.mark_unchanged();
            self.page = self.store.entries_after(self.cursor, PAGE).await?.into();
            if self.page.is_empty() {
                self.growth
                    .changed()
                    .await
                    .expect("the store that sends is held right here");
            }
        }
    }
}
