//! Follows the feed of the deploy service and shows in Slack what it tells.
//!
//! A reader keeps the stream open; each request that something is told of is
//! shown by a task of its own, which always takes the newest state; a cursor is
//! acknowledged when it and all before it are shown. A bot that starts again is
//! told once more what was not acknowledged, and goes on from there.

mod line;
mod place;
mod show;

use std::{collections::HashMap, sync::Arc};

use deploy_proto::v1;
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
};
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;

use self::{
    line::Line,
    show::{Outcome, Show, Shown},
};
use crate::{
    backoff::Backoff, clock::Clock, config::Timing, deploy, recent::Recent, slack::outbox::Outbox,
    started::Started,
};

/// How many entries are in work at once; more wait in the stream.
const MOST_IN_WORK: usize = 1_000;

/// Of how many requests it is remembered how they are shown.
const MOST_REMEMBERED: usize = 10_000;

/// What following the feed needs.
pub(crate) struct Feed {
    pub(crate) deploy: deploy::Client,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) started: Arc<Started>,
    pub(crate) clock: Clock,
    pub(crate) timing: Timing,
    pub(crate) shutdown: CancellationToken,
    /// Whether the stream is open.
    pub(crate) following: watch::Sender<bool>,
}

impl Feed {
    /// Follows until shutdown; what is being shown then is shown to its end,
    /// or left for the next start.
    pub(crate) async fn follow(self) {
        let feed = Arc::new(self);
        let (arrivals, arrived) = mpsc::channel(16);
        let (shown_up_to, to_acknowledge) = watch::channel(None);
        let follower = Follower {
            feed: Arc::clone(&feed),
            arrived,
            shown_up_to,
            line: Line::default(),
            busy: HashMap::new(),
            shows: JoinSet::new(),
            remembered: Recent::new(MOST_REMEMBERED),
        };
        tokio::join!(
            feed.read(arrivals),
            follower.run(),
            feed.acknowledge(to_acknowledge)
        );
    }

    /// Keeps the stream open and hands over what it brings.
    async fn read(&self, arrivals: mpsc::Sender<Arrival>) {
        let mut backoff = Backoff::new(&self.timing);
        while !self.shutdown.is_cancelled() {
            let reading = async {
                let outcome = self.read_stream(&arrivals, &mut backoff).await;
                self.following.send_replace(false);
                if let Err(error) = outcome {
                    tracing::warn!(%error, "the feed can't be followed; trying again");
                }
                tokio::time::sleep(backoff.next()).await;
            };
            tokio::select! {
                () = reading => (),
                () = self.shutdown.cancelled() => (),
            }
        }
        self.following.send_replace(false);
    }

    /// Ends when the stream does.
    async fn read_stream(
        &self,
        arrivals: &mpsc::Sender<Arrival>,
        backoff: &mut Backoff,
    ) -> Result<(), deploy::Error> {
        let mut stream = self.deploy.watch().await?;
        backoff.reset();
        tracing::info!("following the feed");
        self.following.send_replace(true);
        // The follower ends after the reader, so that it takes all this.
        let _: Result<_, _> = arrivals.send(Arrival::Opened).await;
        while let Some(entry) = stream.next().await {
            let entry = entry.map_err(|status| deploy::meaning(&status))?;
            let (cursor, request) = (entry.cursor, entry.request.map(Box::new));
            let _: Result<_, _> = arrivals.send(Arrival::Entry(cursor, request)).await;
        }
        Ok(())
    }

    /// Acknowledges the newest cursor that may be, again and again until it is.
    async fn acknowledge(&self, mut shown_up_to: watch::Receiver<Option<i64>>) {
        let mut backoff = Backoff::new(&self.timing);
        while shown_up_to.changed().await.is_ok() {
            loop {
                let Some(cursor) = *shown_up_to.borrow_and_update() else {
                    break;
                };
                match self.deploy.acknowledge(cursor).await {
                    Ok(()) => break backoff.reset(),
                    Err(error) if !error.heals() => {
                        // The journal is another one; its stream begins anew.
                        break tracing::error!(feed.cursor = cursor, %error, "cannot acknowledge the feed");
                    }
                    Err(error) => {
                        tracing::warn!(feed.cursor = cursor, %error, "cannot acknowledge the feed; trying again");
                    }
                }
                tokio::select! {
                    () = tokio::time::sleep(backoff.next()) => (),
                    // It will be told once more at the next start.
                    () = self.shutdown.cancelled() => return,
                }
            }
        }
    }
}

/// What the reader hands over.
enum Arrival {
    /// The stream begins, with what is not acknowledged yet.
    Opened,
    /// An entry of the feed.
    Entry(i64, Option<Box<v1::Request>>),
}

/// A request as an entry tells it.
#[derive(Debug, Clone)]
struct Told {
    cursor: i64,
    request: v1::Request,
}

/// A request that is being shown.
struct Busy {
    newest: watch::Sender<Told>,
    /// The entries that are dealt with when it is shown.
    cursors: Vec<i64>,
    task: tokio::task::Id,
}

/// Shows entries and knows which of them are shown.
struct Follower {
    feed: Arc<Feed>,
    arrived: mpsc::Receiver<Arrival>,
    shown_up_to: watch::Sender<Option<i64>>,
    line: Line,
    busy: HashMap<String, Busy>,
    shows: JoinSet<Outcome>,
    remembered: Recent<String, Shown>,
}

impl Follower {
    async fn run(mut self) {
        loop {
            tokio::select! {
                arrival = self.arrived.recv(), if self.line.len() < MOST_IN_WORK => match arrival {
                    Some(Arrival::Opened) => self.line.clear(),
                    Some(Arrival::Entry(cursor, request)) => self.take(cursor, request),
                    None => break,
                },
                Some(ended) = self.shows.join_next(), if !self.shows.is_empty() => self.ended(ended),
            }
        }
        while let Some(ended) = self.shows.join_next().await {
            self.ended(ended);
        }
    }

    fn take(&mut self, cursor: i64, request: Option<Box<v1::Request>>) {
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
            self.show(id, told, shown, vec![cursor]);
        }
    }

    fn show(&mut self, id: String, told: Told, shown: Shown, cursors: Vec<i64>) {
        let (newest, to_show) = watch::channel(told);
        let show = Show {
            feed: Arc::clone(&self.feed),
            newest: to_show,
            shown,
        };
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
        // Not shown: the service stops, and the next start is told again.
        let Some(up_to) = up_to else { return };
        let told = newest.borrow().clone();
        if told.cursor == up_to {
            self.done(&cursors);
        } else {
            // Something newer came after the last look.
            let (dealt_with, rest): (Vec<_>, Vec<_>) =
                cursors.into_iter().partition(|cursor| *cursor <= up_to);
            self.done(&dealt_with);
            self.show(id, told, shown, rest);
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
