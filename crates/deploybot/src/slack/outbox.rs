//! What waits to be said in Slack.
//!
//! Each channel has a lane of its own, so that none delays another: about one
//! call a second with a small burst, as Slack allows. New messages and edits
//! take turns; of the edits of one message only the newest matters. Slack can't
//! be told to post a message only once, so a post whose answer was lost is
//! looked for by its mark before it is tried again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    client::Client,
    error::Error,
    id::{ChannelId, Place, Ts},
    mark::Mark,
    pace::Pace,
    waiting::{Editing, Job, Posting, Waiting},
};
use crate::{backoff::Backoff, config::Timing, view::block::Message};

/// How many messages of a channel wait in its lane; those beyond wait outside.
const MOST_WAITING: usize = 100;

/// How often something whose outcome is unknown is tried before whoever wants
/// it hears of it.
const MOST_TRIES: u32 = 5;

/// A new message.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) place: Place,
    /// Another place where it is, if an earlier state of it was posted there.
    pub(crate) or_in: Option<Place>,
    pub(crate) message: Message,
    pub(crate) mark: Mark,
    /// A message that it can't be older than: what asked for it.
    pub(crate) since: Ts,
    /// Whether it may be there already.
    pub(crate) there: There,
}

/// Whether a message may have been posted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum There {
    /// Certainly not.
    No,
    /// By a process that died, or in a call whose answer was lost.
    Perhaps,
}

/// A message that is in Slack now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Posted {
    /// With the words given.
    Now(Ts),
    /// It was there already, perhaps with other words.
    Before(Ts),
}

impl Posted {
    /// Which message it is.
    pub(crate) fn ts(&self) -> &Ts {
        match self {
            Self::Now(ts) | Self::Before(ts) => ts,
        }
    }
}

/// A newer state of a message.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    pub(crate) channel: ChannelId,
    pub(crate) ts: Ts,
    pub(crate) message: Message,
    pub(crate) mark: Mark,
}

/// Says things in Slack, in good order.
pub(crate) struct Outbox {
    slack: Arc<Client>,
    timing: Timing,
    /// As many as there are channels in which the bot was spoken to.
    lanes: Mutex<HashMap<ChannelId, mpsc::Sender<Job>>>,
    tasks: TaskTracker,
    closed: CancellationToken,
}

impl Outbox {
    pub(crate) fn new(slack: Arc<Client>, timing: Timing) -> Self {
        Self {
            slack,
            timing,
            lanes: Mutex::default(),
            tasks: TaskTracker::new(),
            closed: CancellationToken::new(),
        }
    }

    /// Posts a message once, and tells which it is.
    ///
    /// # Errors
    /// When Slack refuses it, or when after some tries nobody can tell whether
    /// it is there.
    pub(crate) async fn post(&self, post: Post) -> Result<Posted, Error> {
        let (answer, answered) = oneshot::channel();
        let channel = post.place.channel.clone();
        self.send(
            &channel,
            Job::Post(Posting {
                post,
                tries: 0,
                answer,
            }),
        )
        .await;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Shows a newer state of a message; returns when it, or one that is newer
    /// still, is shown.
    ///
    /// # Errors
    /// When Slack refuses it, or after some tries without an answer.
    pub(crate) async fn edit(&self, edit: Edit) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        let channel = edit.channel.clone();
        self.send(
            &channel,
            Job::Edit(Editing {
                edit,
                tries: 0,
                answers: vec![answer],
            }),
        )
        .await;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Ends the lanes; what still waits is not said.
    pub(crate) async fn close(&self) {
        self.closed.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn send(&self, channel: &ChannelId, job: Job) {
        // A lane ends only when the outbox is closed; the job is dropped then,
        // and whoever waits for its answer is told so.
        let _: Result<(), mpsc::error::SendError<Job>> = self.lane(channel).send(job).await;
    }

    fn lane(&self, channel: &ChannelId) -> mpsc::Sender<Job> {
        let mut lanes = self
            .lanes
            .lock()
            .expect("nothing panics while it holds the lanes");
        lanes
            .entry(channel.clone())
            .or_insert_with(|| self.open_lane())
            .clone()
    }

    fn open_lane(&self) -> mpsc::Sender<Job> {
        let (sender, jobs) = mpsc::channel(MOST_WAITING);
        let lane = Lane {
            slack: Arc::clone(&self.slack),
            pace: Pace::new(
                self.timing.channel_burst,
                self.timing.channel_interval,
                Instant::now(),
            ),
            backoff: Backoff::new(&self.timing),
            jobs,
            waiting: Waiting::default(),
            closed: self.closed.clone(),
        };
        self.tasks.spawn(lane.run());
        sender
    }
}

fn stopped() -> Error {
    Error::Uncertain("the service stops".to_owned())
}

/// Says what waits for one channel.
struct Lane {
    slack: Arc<Client>,
    pace: Pace,
    backoff: Backoff,
    jobs: mpsc::Receiver<Job>,
    waiting: Waiting,
    closed: CancellationToken,
}

impl Lane {
    async fn run(mut self) {
        while let Some(job) = self.next().await {
            match job {
                Job::Post(posting) => self.post(posting).await,
                Job::Edit(editing) => self.edit(editing).await,
            }
        }
    }

    /// The next thing to say, when it may be said.
    async fn next(&mut self) -> Option<Job> {
        loop {
            let waiting = self.waiting.len();
            tokio::select! {
                biased;
                () = self.closed.cancelled() => return None,
                job = self.jobs.recv(), if waiting < MOST_WAITING => self.waiting.add(job?),
                () = tokio::time::sleep_until(self.pace.ready_at()), if waiting > 0 => {
                    self.pace.take(Instant::now());
                    return self.waiting.next();
                }
            }
        }
    }

    async fn post(&mut self, mut posting: Posting) {
        // Nobody waits for it any more.
        if posting.answer.is_closed() {
            return;
        }
        match self.post_once(&mut posting.post).await {
            Err(Error::RateLimited { retry_after }) => {
                self.hold(retry_after);
                self.waiting.put_back(Job::Post(posting));
            }
            Err(Error::Uncertain(_)) if posting.tries < MOST_TRIES => {
                posting.post.there = There::Perhaps;
                posting.tries += 1;
                let wait = self.backoff.next();
                self.hold(wait);
                self.waiting.put_back(Job::Post(posting));
            }
            outcome => {
                self.backoff.reset();
                // Whoever waited may have gone in the meantime.
                let _: Result<(), Result<Posted, Error>> = posting.answer.send(outcome);
            }
        }
    }

    async fn post_once(&self, post: &mut Post) -> Result<Posted, Error> {
        if post.there == There::Perhaps {
            for place in std::iter::once(&post.place).chain(&post.or_in) {
                if let Some(ts) = self.slack.find(place, &post.since, &post.mark).await? {
                    return Ok(Posted::Before(ts));
                }
            }
            post.there = There::No;
        }
        self.slack
            .post(&post.place, &post.message, &post.mark)
            .await
            .map(Posted::Now)
    }

    async fn edit(&mut self, mut editing: Editing) {
        let Edit {
            channel,
            ts,
            message,
            mark,
        } = &editing.edit;
        match self.slack.update(channel, ts, message, mark).await {
            Err(Error::RateLimited { retry_after }) => {
                self.hold(retry_after);
                self.waiting.put_back(Job::Edit(editing));
            }
            Err(Error::Uncertain(_)) if editing.tries < MOST_TRIES => {
                editing.tries += 1;
                let wait = self.backoff.next();
                self.hold(wait);
                self.waiting.put_back(Job::Edit(editing));
            }
            outcome => {
                self.backoff.reset();
                for answer in editing.answers {
                    // Whoever waited may have gone in the meantime.
                    let _: Result<(), Result<(), Error>> = answer.send(outcome.clone());
                }
            }
        }
    }

    fn hold(&mut self, wait: Duration) {
        self.pace.hold_until(Instant::now() + wait);
    }
}
