//! What waits to be said in Slack.
//!
//! Each channel has a lane of its own, so that none delays another: about one
//! call a second with a small burst, as Slack allows. New messages and edits
//! take turns; of the states of one message only the newest matters. Nothing is
//! given up while Slack is away: an answer waits for two hours, what the feed
//! tells for as long as this process shows it.
//!
//! What waits is bounded: at most 1,000 answers, of which the oldest goes first,
//! and of the feed no more than the 1,000 entries that are in work there.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    client::{Client, Sent},
    error::Error,
    id::{ChannelId, Place, Ts, UserId},
    lane::Lane,
    mark::Mark,
    waiting::{Course, Editing, Job, Posting, Waiting, Whose},
};
use crate::{backoff::Backoff, config::Timing, deploy, term::Term, view::block::Message};

/// How many answers wait, in all channels together.
const MOST_ANSWERS: usize = 1_000;

/// A new message.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) place: Place,
    /// Another place where it is, if an earlier state of it was posted there.
    pub(crate) or_in: Option<Place>,
    /// Who is told alone if the bot can't write in that place.
    pub(crate) or_to: Option<UserId>,
    pub(crate) message: Message,
    pub(crate) mark: Mark,
    /// A message that it can't be older than: what asked for it.
    pub(crate) since: Ts,
    /// A message of that mark that somebody deleted.
    pub(crate) gone: Option<Ts>,
    /// The term of the feed that tells it; none: it is an answer.
    pub(crate) term: Option<Arc<Term>>,
}

/// A message that is in Slack now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Posted {
    /// With the words given.
    Now(Sent),
    /// It was there already, perhaps with other words.
    Before(Sent),
}

impl Posted {
    /// The message.
    pub(crate) const fn sent(&self) -> &Sent {
        let (Self::Now(sent) | Self::Before(sent)) = self;
        sent
    }
}

/// A newer state of a message.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    pub(crate) sent: Sent,
    pub(crate) message: Message,
    pub(crate) mark: Mark,
    /// The term of the feed that tells it; none: it is an answer.
    pub(crate) term: Option<Arc<Term>>,
}

/// Says things in Slack, in good order. What was given to it is said also when
/// nobody waits for that any more.
pub(crate) struct Outbox(Arc<Lanes>);

impl Outbox {
    pub(crate) fn new(slack: Arc<Client>, deploy: deploy::Client, timing: Timing) -> Self {
        Self(Arc::new(Lanes {
            slack,
            deploy,
            timing,
            channels: Mutex::default(),
            jobs: AtomicU64::default(),
            tasks: TaskTracker::new(),
            closed: CancellationToken::new(),
        }))
    }

    /// Posts a message once, of all replicas and whoever dies when, and tells
    /// which it is.
    ///
    /// # Errors
    /// When Slack refuses it for good, or it is not to be said any more.
    pub(crate) async fn post(&self, post: Post) -> Result<Posted, Error> {
        let (answer, answered) = oneshot::channel();
        let (number, course) = self.0.course(post.term.clone());
        let channel = post.place.channel.clone();
        let posting = Posting {
            post,
            answers: vec![answer],
            course,
            claimant: format!("{}:{number}", self.0.deploy.replica()),
            perhaps_there: false,
            looked: None,
        };
        self.0.add(&channel, Job::Post(Box::new(posting)));
        answered.await.unwrap_or(Err(NOT_SAID))
    }

    /// Shows a newer state of a message; returns when it, or one that is newer
    /// still, is shown.
    ///
    /// # Errors
    /// When Slack refuses it for good, or it is not to be said any more.
    pub(crate) async fn edit(&self, edit: Edit) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        let (_, course) = self.0.course(edit.term.clone());
        let channel = edit.sent.channel.clone();
        let editing = Editing {
            edit,
            answers: vec![answer],
            course,
        };
        self.0.add(&channel, Job::Edit(Box::new(editing)));
        answered.await.unwrap_or(Err(NOT_SAID))
    }

    /// The channel in which somebody is told something alone.
    ///
    /// # Errors
    /// When Slack gives none.
    pub(crate) async fn direct(&self, user: &UserId) -> Result<ChannelId, Error> {
        self.0.slack.direct(user).await
    }

    /// Lets go of what the feed told in a term that is over.
    pub(crate) fn forget_what_is_over(&self) {
        let now = Instant::now();
        for channel in self.0.channels().values_mut() {
            channel.waiting.forget_what_is_over(now);
        }
    }

    /// Ends the lanes; what still waits is not said.
    pub(crate) async fn close(&self) {
        self.0.closed.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.channels().clear();
    }
}

/// It was taken out of the row: there was no room, or the service stops.
const NOT_SAID: Error = Error::GivenUp("too much waits, or the service stops");

/// The lanes of all channels, and what they need.
pub(super) struct Lanes {
    pub(super) slack: Arc<Client>,
    pub(super) deploy: deploy::Client,
    pub(super) timing: Timing,
    /// As many as there are channels in which the bot was spoken to.
    channels: Mutex<HashMap<ChannelId, Channel>>,
    /// How many jobs there have been.
    jobs: AtomicU64,
    tasks: TaskTracker,
    pub(super) closed: CancellationToken,
}

/// What waits in a channel.
pub(super) struct Channel {
    pub(super) waiting: Waiting,
    /// Tells the lane that there is more.
    more: Arc<Notify>,
}

impl Lanes {
    /// Puts it into the row of a channel.
    pub(super) fn add(self: &Arc<Self>, channel: &ChannelId, job: Job) {
        let mut channels = self.channels();
        if self.closed.is_cancelled() {
            // Whoever waits for it is told so.
            return;
        }
        if !channels.contains_key(channel) {
            channels.insert(channel.clone(), self.open(channel));
        }
        let there = channels.get_mut(channel).expect("it is there now");
        there.waiting.add(job);
        there.more.notify_one();
        while let Some(oldest) = one_too_many(&channels) {
            let mut rows = channels.values_mut();
            // Whoever waits for it is told so.
            let removed = rows.find_map(|row| row.waiting.remove_answer(oldest));
            drop(removed);
            tracing::error!(
                most = MOST_ANSWERS,
                "too many answers wait for Slack; the oldest is given up"
            );
        }
    }

    /// Looks at what waits in a channel.
    pub(super) fn with<T>(
        &self,
        channel: &ChannelId,
        look: impl FnOnce(&mut Waiting) -> T,
    ) -> Option<T> {
        Some(look(&mut self.channels().get_mut(channel)?.waiting))
    }

    fn open(self: &Arc<Self>, channel: &ChannelId) -> Channel {
        let more = Arc::new(Notify::new());
        let lane = Lane::new(Arc::clone(self), channel.clone(), Arc::clone(&more));
        self.tasks.spawn(lane.run());
        Channel {
            waiting: Waiting::new(Instant::now()),
            more,
        }
    }

    fn course(&self, term: Option<Arc<Term>>) -> (u64, Course) {
        let now = Instant::now();
        let number = self.jobs.fetch_add(1, Ordering::Relaxed);
        let whose = match term {
            Some(term) => Whose::Feed(term),
            None => Whose::Answer {
                until: now + self.timing.answer_kept,
                number,
            },
        };
        (number, Course::new(whose, Backoff::new(&self.timing), now))
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<ChannelId, Channel>> {
        self.channels
            .lock()
            .expect("nothing panics while it holds the lanes")
    }
}

/// The oldest answer, if there are too many.
fn one_too_many(channels: &HashMap<ChannelId, Channel>) -> Option<u64> {
    let answers = || channels.values().flat_map(|row| row.waiting.answers());
    if answers().count() > MOST_ANSWERS {
        answers().min()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{super::waiting::tests::answer, *};

    #[test]
    fn of_too_many_answers_the_oldest_of_all_channels_is_given_up() {
        let now = Instant::now();
        let mut channels: HashMap<ChannelId, Channel> = HashMap::new();
        for number in 0..=1_000 {
            let channel = ChannelId::from(format!("C{}", number % 7));
            let row = channels.entry(channel).or_insert_with(|| Channel {
                waiting: Waiting::new(now),
                more: Arc::default(),
            });
            // The newest first, so that no order helps.
            let job = answer(&number.to_string(), 2_000 - number, now);
            row.waiting.add(job);
        }
        assert_eq!(one_too_many(&channels), Some(1_000));
        let mut rows = channels.values_mut();
        let oldest = rows.find_map(|row| row.waiting.remove_answer(1_000));
        assert!(oldest.is_some());
        assert_eq!(one_too_many(&channels), None);
    }
}
