//! Shows entries and knows which of them are shown. Each thing that an entry is
//! about is shown by a task of its own, which always takes the newest state: a
//! request where it was asked for, and a deployment in each channel that follows
//! it.

use std::{collections::HashMap, sync::Arc};

use deploy_proto::v1;
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
};

use super::{
    Arrival, Entry, Feed, Subject,
    followers::{Followed, followed},
    line::Line,
    link::is_told_in_slack,
    show::{Outcome, Part, Show, Shown, Told},
};
use crate::{recent::Recent, slack::id::ChannelId, term::Term};

/// How many requests are being shown at once, and how many entries are to be dealt
/// with by that.
/// What is beyond is told again when half of it is shown.
const MOST_BUSY: usize = 1_000;
const MOST_ENTRIES: usize = 10_000;

/// How many deployments wait to be told to a channel that follows them, and to all
/// such channels. What is beyond is not told there, so that it delays nobody else.
const MOST_OF_A_CHANNEL: usize = 200;
const MOST_FOLLOWED: usize = 2_000;

/// Of how many things it is remembered how they are shown.
const MOST_REMEMBERED: usize = 10_000;

/// Something that is being shown.
struct Busy {
    newest: watch::Sender<Told>,
    /// The channel that follows it; none: it is shown where it was asked for.
    follower: Option<ChannelId>,
    /// The entries that are dealt with when it is shown.
    cursors: Vec<i64>,
    task: tokio::task::Id,
}

/// Shows what the feed tells.
pub(super) struct Follower {
    feed: Arc<Feed>,
    arrived: mpsc::Receiver<Arrival>,
    shown_up_to: watch::Sender<Option<i64>>,
    /// Set while this process is the one that shows it.
    term: Option<Arc<Term>>,
    line: Line,
    /// There was no room for an entry, so that those after it count for nothing.
    has_missed: bool,
    busy: HashMap<String, Busy>,
    shows: JoinSet<Outcome>,
    remembered: Recent<String, Shown>,
}

impl Follower {
    pub(super) fn new(
        feed: Arc<Feed>,
        arrived: mpsc::Receiver<Arrival>,
        shown_up_to: watch::Sender<Option<i64>>,
    ) -> Self {
        Self {
            feed,
            arrived,
            shown_up_to,
            term: None,
            line: Line::default(),
            has_missed: false,
            busy: HashMap::new(),
            shows: JoinSet::new(),
            remembered: Recent::new(MOST_REMEMBERED),
        }
    }

    /// Shows what is told until shutdown, and to its end what is being shown then.
    pub(super) async fn run(mut self) {
        let shutdown = self.feed.shutdown.clone();
        loop {
            tokio::select! {
                biased;
                Some(ended) = self.shows.join_next(), if !self.shows.is_empty() => self.ended(ended),
                () = shutdown.cancelled(), if self.shows.is_empty() => return,
                arrival = self.arrived.recv() => {
                    let Some(arrival) = arrival else { return };
                    self.take(arrival, shutdown.is_cancelled()).await;
                }
            }
            self.catch_up();
        }
    }

    /// Has told again what there was no room for, once there is.
    fn catch_up(&mut self) {
        let is_half_done = self.asked() <= MOST_BUSY / 2 && self.line.len() <= MOST_ENTRIES / 2;
        if self.has_missed && is_half_done {
            self.has_missed = false;
            self.term = None;
            self.feed.again.notify_one();
        }
    }

    /// From shutdown on nothing new is begun.
    async fn take(&mut self, arrival: Arrival, stops: bool) {
        match arrival {
            Arrival::Over => self.forget().await,
            Arrival::Begun(term) if !stops => self.term = Some(term),
            Arrival::Entry(entry) if !stops => {
                if let Some(term) = self.term.clone() {
                    self.entry(&term, &entry);
                }
            }
            Arrival::Begun(_) | Arrival::Entry(..) => {}
        }
    }

    /// Another process may show it now: what is not acknowledged is told again to
    /// whoever does, and what is known here of the others grows old.
    async fn forget(&mut self) {
        self.term = None;
        self.shows.shutdown().await;
        self.busy.clear();
        self.line.clear();
        self.has_missed = false;
        self.remembered = Recent::new(MOST_REMEMBERED);
        self.feed.outbox.forget_what_is_over();
    }

    fn entry(&mut self, term: &Arc<Term>, entry: &Entry) {
        let is_full = self.asked() >= MOST_BUSY || self.line.len() >= MOST_ENTRIES;
        self.has_missed |= is_full;
        if self.has_missed {
            return;
        }
        let mut parts: Vec<_> = own_part(&entry.subject).into_iter().collect();
        parts.extend(followed(entry).into_iter().map(Part::Followed));
        parts.retain(|part| self.has_room(part));
        self.line.arrived(entry.cursor, parts.len());
        if parts.is_empty() {
            return self.done(&[]);
        }
        for part in parts {
            let (cursor, at) = (entry.cursor, entry.at);
            self.take_part(term, Told { cursor, at, part });
        }
    }

    /// Shows a part of an entry, after what is being shown of it.
    fn take_part(&mut self, term: &Arc<Term>, told: Told) {
        let (key, cursor) = (told.part.key(), told.cursor);
        if let Some(busy) = self.busy.get_mut(&key) {
            busy.cursors.push(cursor);
            busy.newest.send_replace(told);
        } else {
            let shown = self.remembered.get(&key).cloned().unwrap_or_default();
            self.show(term, key, told, shown, vec![cursor]);
        }
    }

    fn show(&mut self, term: &Arc<Term>, key: String, told: Told, shown: Shown, cursors: Vec<i64>) {
        let follower = match &told.part {
            Part::Followed(followed) => Some(followed.channel.clone()),
            Part::Request(_) | Part::Link(_) => None,
        };
        let (newest, to_show) = watch::channel(told);
        let show = Show::new(Arc::clone(&self.feed), Arc::clone(term), to_show, shown);
        let task = self.shows.spawn(show.run()).id();
        self.busy.insert(
            key,
            Busy {
                newest,
                follower,
                cursors,
                task,
            },
        );
    }

    /// How much is being shown where it was asked for.
    fn asked(&self) -> usize {
        let busy = self.busy.values();
        busy.filter(|busy| busy.follower.is_none()).count()
    }

    /// Whether a channel that follows something waits for too much already.
    fn has_room(&self, part: &Part) -> bool {
        let Part::Followed(Followed { channel, .. }) = part else {
            return true;
        };
        if self.busy.contains_key(&part.key()) {
            return true;
        }
        let followers = || self.busy.values().filter_map(|busy| busy.follower.as_ref());
        let has_room = followers().count() < MOST_FOLLOWED
            && followers().filter(|one| *one == channel).count() < MOST_OF_A_CHANNEL;
        if !has_room {
            tracing::error!(
                %channel,
                message.key = part.key(),
                "a channel follows more than Slack takes; this is not told there"
            );
        }
        has_room
    }

    fn ended(&mut self, ended: Result<Outcome, JoinError>) {
        match ended {
            Ok(outcome) => self.shown(outcome),
            Err(error) => self.failed(&error),
        }
    }

    fn shown(&mut self, outcome: Outcome) {
        let Outcome { key, up_to, shown } = outcome;
        self.remembered.insert(key.clone(), shown.clone());
        let Some(Busy {
            newest, cursors, ..
        }) = self.busy.remove(&key)
        else {
            return;
        };
        let told = newest.borrow().clone();
        match self.term.clone() {
            // Something newer came after the last look.
            Some(term) if told.cursor != up_to => {
                let (dealt_with, rest): (Vec<_>, Vec<_>) =
                    cursors.into_iter().partition(|cursor| *cursor <= up_to);
                self.done(&dealt_with);
                self.show(&term, key, told, shown, rest);
            }
            _ => self.done(&cursors),
        }
    }

    /// A defect; the same entry would meet it again.
    fn failed(&mut self, error: &JoinError) {
        let key = self
            .busy
            .iter()
            .find(|(_, busy)| busy.task == error.id())
            .map(|(key, _)| key.clone());
        let Some((key, busy)) = key.and_then(|key| self.busy.remove_entry(&key)) else {
            return;
        };
        tracing::error!(message.key = key, %error, "something can't be shown; skipped");
        self.done(&busy.cursors);
    }

    fn done(&mut self, cursors: &[i64]) {
        if let Some(cursor) = self.line.done(cursors) {
            self.shown_up_to.send_replace(Some(cursor));
        }
    }
}

/// What is shown of it where it was asked for. What other interfaces asked for has
/// no place in Slack.
fn own_part(subject: &Subject) -> Option<Part> {
    let is_shown_in_slack = |request: &v1::Request| {
        let reply = request.reply.as_ref();
        reply.is_some_and(|reply| !reply.channel.is_empty())
    };
    match subject {
        Subject::Request(request) => {
            is_shown_in_slack(request).then(|| Part::Request(Arc::clone(request)))
        }
        Subject::Link(link) => is_told_in_slack(link).then(|| Part::Link(Arc::clone(link))),
        Subject::Elsewhere(_) | Subject::Unknown => None,
    }
}
