//! Whose turn it is at a method of Slack's, of all lanes.
//!
//! Besides the pace of each channel Slack limits what an app says in the whole
//! workspace, and what it edits there. It names no number for the first, and it
//! refuses in the same words as for a channel. So nobody waits here until Slack
//! refuses. From then on the lanes take turns for some minutes, at a pace that Slack
//! takes for certain. The one that has said something longest ago goes first: a
//! flood in one channel does not delay another. A lane that is opened is taken for one
//! that has been silent for a while, and not for ever: it passes those that speak all
//! the time, and however many are opened, those that have waited for longer go first.
//!
//! A refusal is taken for its channel's own, which waits for itself. Where a second
//! channel is refused before the first may go on, the limit is everybody's, and all
//! wait for as long as Slack asks.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{id::ChannelId, pace::Pace};

/// For how long after a refusal there are turns.
const PACED: Duration = Duration::from_mins(5);

/// For how long a lane that is opened is taken to have been silent.
const SILENT: Duration = Duration::from_secs(10);

/// The turns at one method.
pub(super) struct Turns {
    /// Between two of them.
    interval: Duration,
    row: Mutex<Row>,
    /// Somebody had their turn, or does not want it any more, or all have to wait.
    changed: Notify,
}

/// Who wants a turn: of two lanes the one that has said something longer ago, and
/// then the older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wish {
    pub(super) spoke: Instant,
    pub(super) lane: u64,
}

/// When a lane that is opened now is taken to have spoken.
pub(super) fn before_a_lane(now: Instant) -> Instant {
    now.checked_sub(SILENT).unwrap_or(now)
}

struct Row {
    wishes: BTreeSet<Wish>,
    /// There are turns, until then.
    paced: Option<(Pace, Instant)>,
    /// The log has told that all have to wait, while there are turns.
    told: bool,
    /// The channel that was refused last, and until when.
    refused: Option<(ChannelId, Instant)>,
    /// Until when all wait.
    held: Instant,
}

/// What somebody who wants a turn finds.
#[derive(Debug, PartialEq, Eq)]
enum Look {
    Yours,
    /// Theirs then, if nothing changes.
    At(Instant),
    /// Another is first.
    Another,
}

impl Turns {
    pub(super) fn new(interval: Duration, now: Instant) -> Self {
        Self {
            interval,
            row: Mutex::new(Row {
                wishes: BTreeSet::new(),
                paced: None,
                told: false,
                refused: None,
                held: now,
            }),
            changed: Notify::new(),
        }
    }

    /// Waits for a turn and takes it.
    pub(super) async fn take(&self, wish: Wish) {
        self.row().wishes.insert(wish);
        let _wanted = Wanted { turns: self, wish };
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let look = self.row().look(wish, Instant::now());
            match look {
                Look::Yours => return,
                Look::At(then) => tokio::select! {
                    () = sleep_until(then) => (),
                    () = &mut changed => (),
                },
                Look::Another => changed.await,
            }
        }
    }

    /// Slack has refused a call for a channel, and says how long to wait.
    pub(super) fn refused(&self, channel: &ChannelId, wait: Duration, now: Instant) {
        let is_news = self.row().refused(channel, wait, self.interval, now);
        self.changed.notify_waiters();
        if is_news {
            tracing::warn!(
                %channel,
                wait_s = wait.as_secs(),
                "Slack takes no more for now in all channels together; what is to be said waits in turn"
            );
        }
    }

    fn row(&self) -> MutexGuard<'_, Row> {
        self.row
            .lock()
            .expect("nothing panics while it holds the turns")
    }
}

impl Row {
    fn look(&mut self, wish: Wish, now: Instant) -> Look {
        if now < self.held {
            return Look::At(self.held);
        }
        let Some((pace, until)) = &mut self.paced else {
            return Look::Yours;
        };
        if now >= *until {
            (self.paced, self.told) = (None, false);
            return Look::Yours;
        }
        if self.wishes.first() != Some(&wish) {
            return Look::Another;
        }
        if now < pace.ready_at() {
            return Look::At(pace.ready_at());
        }
        pace.take(now);
        Look::Yours
    }

    /// Tells whether all have to wait, once while there are turns.
    fn refused(
        &mut self,
        channel: &ChannelId,
        wait: Duration,
        interval: Duration,
        now: Instant,
    ) -> bool {
        let is_everybodys = self
            .refused
            .as_ref()
            .is_some_and(|(first, until)| first != channel && now < *until);
        let is_news = is_everybodys && !self.told;
        self.told |= is_everybodys;
        if is_everybodys {
            self.held = self.held.max(now + wait);
        }
        self.refused = Some((channel.clone(), now + wait));
        let pace = self.paced.take().map(|(pace, _)| pace);
        let pace = pace.unwrap_or_else(|| Pace::new(1, interval, now));
        self.paced = Some((pace, self.held.max(now) + PACED));
        is_news
    }
}

/// A wish, until its turn has come or it is given up.
struct Wanted<'a> {
    turns: &'a Turns,
    wish: Wish,
}

impl Drop for Wanted<'_> {
    fn drop(&mut self) {
        self.turns.row().wishes.remove(&self.wish);
        self.turns.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
