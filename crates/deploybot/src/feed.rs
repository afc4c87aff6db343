//! Follows the feed of the deploy service and shows in Slack what it tells.
//!
//! Of all replicas one shows it at a time, for a [`Term`]; the streams of the
//! others are open and silent. A reader keeps the stream open; a cursor is
//! acknowledged when it and all before it are shown. Who begins a term is told
//! once more what was not acknowledged, and goes on from there.

mod authors;
mod end;
mod follower;
mod followers;
mod line;
mod link;
mod place;
mod show;

use std::{sync::Arc, time::Duration};

use deploy_proto::v1;
use prost_types::Timestamp;
use tokio::{
    sync::{Notify, mpsc, watch},
    time::Instant,
};
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;

use self::follower::Follower;
use crate::{
    backoff::Backoff, clock::Clock, config::Timing, deploy, people::People, slack::outbox::Outbox,
    term::Term,
};

/// How long the deploy service may take to hear at shutdown what was shown last.
const LAST_TRY: Duration = Duration::from_secs(2);

/// What following the feed needs.
pub(crate) struct Feed {
    pub(crate) deploy: deploy::Client,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) people: People,
    pub(crate) clock: Clock,
    pub(crate) timing: Timing,
    pub(crate) shutdown: CancellationToken,
    /// Whether the stream is open, served or not.
    pub(crate) following: watch::Sender<bool>,
    /// Has the stream opened anew.
    pub(crate) again: Notify,
}

/// What the reader hands over.
enum Arrival {
    /// A term begins, with what is not acknowledged yet.
    Begun(Arc<Term>),
    /// An entry of the feed.
    Entry(Box<Entry>),
    /// The term is over.
    Over,
}

/// An entry of the feed.
struct Entry {
    cursor: i64,
    /// When it happened.
    at: Option<Timestamp>,
    subject: Subject,
    followers: Vec<v1::Follower>,
}

/// What an entry is about.
enum Subject {
    Request(Arc<v1::Request>),
    Elsewhere(Arc<v1::ElsewhereDeployment>),
    Link(Arc<v1::Link>),
    /// Something that a later version of the deploy service tells of.
    Unknown,
}

impl From<v1::WatchResponse> for Entry {
    fn from(told: v1::WatchResponse) -> Self {
        let subject = match (told.request, told.elsewhere, told.link) {
            (Some(request), ..) => Subject::Request(Arc::new(request)),
            (_, Some(elsewhere), _) => Subject::Elsewhere(Arc::new(elsewhere)),
            (.., Some(link)) => Subject::Link(Arc::new(link)),
            (None, None, None) => Subject::Unknown,
        };
        Self {
            cursor: told.cursor,
            at: told.at,
            subject,
            followers: told.followers,
        }
    }
}

impl Feed {
    /// Follows until shutdown; what is being shown then is shown to its end,
    /// or left for the next start.
    pub(crate) async fn follow(self) {
        let feed = Arc::new(self);
        let (arrivals, arrived) = mpsc::channel(16);
        let (shown_up_to, to_acknowledge) = watch::channel(None);
        let all_is_shown = CancellationToken::new();
        let follower = Follower::new(Arc::clone(&feed), arrived, shown_up_to);
        let following = async {
            follower.run().await;
            all_is_shown.cancel();
        };
        // The term lasts until what is being shown is shown.
        let reading = all_is_shown.run_until_cancelled(feed.read(arrivals));
        let acknowledging = async {
            let all_is_shown = all_is_shown.cancelled();
            tokio::select! {
                () = feed.acknowledge(to_acknowledge) => (),
                () = async { all_is_shown.await; tokio::time::sleep(LAST_TRY).await } => {
                    tracing::warn!("the feed is not acknowledged to its end; it is told again");
                }
            }
        };
        tokio::join!(reading, following, acknowledging);
        feed.following.send_replace(false);
    }

    /// Keeps the stream open and hands over what it brings.
    async fn read(&self, arrivals: mpsc::Sender<Arrival>) {
        let mut backoff = Backoff::new(&self.timing);
        loop {
            let outcome = self.read_stream(&arrivals, &mut backoff).await;
            self.following.send_replace(false);
            hand_over(&arrivals, Arrival::Over).await;
            if let Err(error) = outcome {
                tracing::warn!(%error, "the feed can't be followed; trying again");
            }
            tokio::time::sleep(backoff.next()).await;
        }
    }

    /// Ends when the stream does.
    async fn read_stream(
        &self,
        arrivals: &mpsc::Sender<Arrival>,
        backoff: &mut Backoff,
    ) -> Result<(), deploy::Error> {
        let mut stream = self.deploy.watch().await?;
        self.following.send_replace(true);
        let mut term = Ending(None);
        loop {
            let silent = tokio::time::sleep(self.timing.served * 3);
            let told = tokio::select! {
                told = stream.next() => told,
                () = self.again.notified() => None,
                // One that is not served is silent, and may be for ever.
                () = silent, if term.0.is_some() => {
                    tracing::warn!("the feed has fallen silent; following it anew");
                    None
                }
            };
            let Some(told) = told else { return Ok(()) };
            let told = told.map_err(|status| deploy::meaning(&status))?;
            let Some(served_for) = told.served_for else {
                let entry = Box::new(Entry::from(told));
                hand_over(arrivals, Arrival::Entry(entry)).await;
                continue;
            };
            let (served_for, now) = (served_for.try_into().unwrap_or_default(), Instant::now());
            if let Some(term) = &term.0 {
                term.heard(served_for, now);
                continue;
            }
            backoff.reset();
            tracing::info!("showing what the feed tells");
            let begun = term
                .0
                .insert(Arc::new(Term::begin(served_for, self.timing.served, now)));
            hand_over(arrivals, Arrival::Begun(Arc::clone(begun))).await;
        }
    }

    /// Acknowledges the newest cursor that may be, again and again until it is; at
    /// shutdown once more at once. What is not acknowledged then is told again at
    /// the next start.
    async fn acknowledge(&self, mut shown_up_to: watch::Receiver<Option<i64>>) {
        let mut backoff = Backoff::new(&self.timing);
        while shown_up_to.changed().await.is_ok() {
            loop {
                let Some(cursor) = *shown_up_to.borrow_and_update() else {
                    break;
                };
                let is_last = self.shutdown.is_cancelled();
                match self.deploy.acknowledge(cursor).await {
                    Ok(()) => break backoff.reset(),
                    Err(error) if !error.heals() => {
                        // The journal is another one; its stream begins anew.
                        break tracing::error!(feed.cursor = cursor, %error, "cannot acknowledge the feed");
                    }
                    Err(error) if is_last => {
                        break tracing::warn!(feed.cursor = cursor, %error, "cannot acknowledge the feed before the end");
                    }
                    Err(error) => {
                        tracing::warn!(feed.cursor = cursor, %error, "cannot acknowledge the feed; trying again");
                    }
                }
                let pause = tokio::time::sleep(backoff.next());
                self.shutdown.run_until_cancelled(pause).await;
            }
        }
    }
}

/// The follower takes all, for as long as it runs.
async fn hand_over(arrivals: &mpsc::Sender<Arrival>, arrival: Arrival) {
    let _: Result<_, _> = arrivals.send(arrival).await;
}

/// Ends a term when the stream ends, however that ends.
struct Ending(Option<Arc<Term>>);

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(term) = &self.0 {
            term.end();
        }
    }
}
