//! Shows entries and knows which of them are shown. Each request that something
//! is told of is shown by a task of its own, which always takes the newest state.

use std::{collections::HashMap, sync::Arc};

use deploy_proto::v1;
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
};

use super::{
    Arrival, Feed,
    line::Line,
    show::{Outcome, Show, Shown, Told},
};
use crate::{recent::Recent, term::Term};

/// How many requests are being shown at once, and how many entries wait for that.
/// What is beyond is told again when half of it is shown.
const MOST_BUSY: usize = 1_000;
const MOST_ENTRIES: usize = 10_000;

/// Of how many requests it is remembered how they are shown.
const MOST_REMEMBERED: usize = 10_000;

/// A request that is being shown.
struct Busy {
    newest: watch::Sender<Told>,
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
        let is_half_done = self.busy.len() <= MOST_BUSY / 2 && self.line.len() <= MOST_ENTRIES / 2;
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
            Arrival::Entry(cursor, request) if !stops => {
                if let Some(term) = self.term.clone() {
                    self.entry(&term, cursor, request);
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

    fn entry(&mut self, term: &Arc<Term>, cursor: i64, request: Option<Box<v1::Request>>) {
        let is_full = self.busy.len() >= MOST_BUSY || self.line.len() >= MOST_ENTRIES;
        self.has_missed |= is_full;
        if self.has_missed {
            return;
        }
        self.line.arrived(cursor);
        let Some(request) = request.filter(|request| is_shown_in_slack(request)) else {
            return self.done(&[cursor]);
        };
        let id = request.request_id.clone();
        let told = Told {
            cursor,
            request: *request,
        };
        if let Some(busy) = self.busy.get_mut(&id) {
            busy.cursors.push(cursor);
            busy.newest.send_replace(told);
        } else {
            let shown = self.remembered.get(&id).cloned().unwrap_or_default();
            self.show(term, id, told, shown, vec![cursor]);
        }
    }

    fn show(&mut self, term: &Arc<Term>, id: String, told: Told, shown: Shown, cursors: Vec<i64>) {
        let (newest, to_show) = watch::channel(told);
        let show = Show::new(Arc::clone(&self.feed), Arc::clone(term), to_show, shown);
        let task = self.shows.spawn(show.run()).id();
        self.busy.insert(
            id,
            Busy {
                newest,
                cursors,
                task,
            },
        );
    }

    fn ended(&mut self, ended: Result<Outcome, JoinError>) {
        match ended {
            Ok(outcome) => self.shown(outcome),
            Err(error) => self.failed(&error),
        }
    }

    fn shown(&mut self, outcome: Outcome) {
        let Outcome { id, up_to, shown } = outcome;
        self.remembered.insert(id.clone(), shown.clone());
        let Some(Busy {
            newest, cursors, ..
        }) = self.busy.remove(&id)
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
                self.show(&term, id, told, shown, rest);
            }
            _ => self.done(&cursors),
        }
    }

    /// A defect; the same entry would meet it again.
    fn failed(&mut self, error: &JoinError) {
        let id = self
            .busy
            .iter()
            .find(|(_, busy)| busy.task == error.id())
            .map(|(id, _)| id.clone());
        let Some((id, busy)) = id.and_then(|id| self.busy.remove_entry(&id)) else {
            return;
        };
        tracing::error!(request.id = id, %error, "a request can't be shown; skipped");
        self.done(&busy.cursors);
    }

    fn done(&mut self, cursors: &[i64]) {
        if let Some(cursor) = self.line.done(cursors) {
            self.shown_up_to.send_replace(Some(cursor));
        }
    }
}

/// What other interfaces asked for has no place in Slack.
fn is_shown_in_slack(request: &v1::Request) -> bool {
    request
        .reply
        .as_ref()
        .is_some_and(|reply| !reply.channel.is_empty())
}
