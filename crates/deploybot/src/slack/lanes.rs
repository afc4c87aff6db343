//! The lanes of all channels in which something is to be said, each a row and a
//! task that says what is in it. One in which nothing is said any more ends.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    client::Client,
    id::{ChannelId, Place, UserId},
    lane::Lane,
    order::{IN_ORDER, Turn},
    outbox::Post,
    turns::Turns,
    waiting::{Course, Job, Kind, Posting, Waiting, Whose},
};
use crate::{
    backoff::Backoff,
    config::Timing,
    deploy,
    term::Term,
    view::{self, block::Message},
};

/// How many answers wait, in all channels together.
const MOST_ANSWERS: usize = 1_000;

/// What Slack takes once it has refused: of new messages "several hundred a minute"
/// in a workspace (<https://docs.slack.dev/apis/web-api/rate-limits>), of edits 50.
const BETWEEN_POSTS: Duration = Duration::from_millis(250);
const BETWEEN_EDITS: Duration = Duration::from_millis(1_200);

/// All lanes, and what they need.
pub(super) struct Lanes {
    pub(super) slack: Arc<Client>,
    pub(super) deploy: deploy::Client,
    pub(super) timing: Timing,
    channels: Mutex<HashMap<ChannelId, Channel>>,
    posts: Turns,
    edits: Turns,
    /// How many jobs and lanes there have been.
    numbers: AtomicU64,
    tasks: TaskTracker,
    pub(super) closed: CancellationToken,
}

/// What waits in a channel.
struct Channel {
    waiting: Waiting,
    /// Tells the lane that there is more.
    more: Arc<Notify>,
}

/// What somebody is told alone whose answer waits for an earlier one.
struct Word {
    place: Place,
    user: UserId,
    message: Message,
}

impl Word {
    /// None where nobody can be told.
    fn of(post: &Post) -> Option<Self> {
        let Post { place, since, .. } = post;
        Some(Self {
            place: Place {
                channel: place.channel.clone(),
                // Slack shows it in no thread that would begin with it.
                thread: place.thread.clone().filter(|thread| thread != since),
            },
            user: post.or_to.clone()?,
            message: view::still_at_an_earlier_question(post.message.words),
        })
    }
}

impl Lanes {
    pub(super) fn new(slack: Arc<Client>, deploy: deploy::Client, timing: Timing) -> Self {
        let now = Instant::now();
        Self {
            slack,
            deploy,
            timing,
            channels: Mutex::default(),
            posts: Turns::new(BETWEEN_POSTS, now),
            edits: Turns::new(BETWEEN_EDITS, now),
            numbers: AtomicU64::default(),
            tasks: TaskTracker::new(),
            closed: CancellationToken::new(),
        }
    }

    /// Puts a new message into the row of its channel, when it is its turn.
    pub(super) fn add_in_turn(self: &Arc<Self>, turn: Option<Turn>, posting: Box<Posting>) {
        let lanes = Arc::clone(self);
        let add = move |posting: Box<Posting>| {
            let channel = posting.post.place.channel.clone();
            lanes.add(&channel, Job::Post(posting));
        };
        let Some(turn) = turn else {
            return add(posting);
        };
        if turn.is_now() {
            add(posting);
            return drop(turn);
        }
        let lanes = Arc::clone(self);
        let word = Word::of(&posting.post);
        self.tasks.spawn(async move {
            let waiting = lanes.wait_in_turn(&turn, word);
            lanes.closed.run_until_cancelled(waiting).await;
            add(posting);
            drop(turn);
        });
    }

    /// Waits until it is its turn; who waits long is told that they do, before they
    /// are answered.
    async fn wait_in_turn(&self, turn: &Turn, word: Option<Word>) {
        let silently = self.timing.read_acknowledged_after;
        if turn.wait(silently).await {
            return;
        }
        let rest = IN_ORDER.saturating_sub(silently);
        let word = word.filter(|_| turn.is_first_to_tell());
        let telling = timeout(rest, self.tell_that_they_wait(word));
        let (is_now, _) = tokio::join!(turn.wait(rest), telling);
        if !is_now {
            turn.give_up();
        }
    }

    async fn tell_that_they_wait(&self, word: Option<Word>) {
        let Some(Word {
            place,
            user,
            message,
        }) = word
        else {
            return;
        };
        if let Err(error) = self.slack.tell(&place, &user, &message).await {
            tracing::warn!(%error, "somebody is not told that they wait");
        }
    }

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

    /// Takes a lane out of which nothing waits; whether that is so.
    pub(super) fn end_if_idle(&self, channel: &ChannelId, now: Instant) -> bool {
        let mut channels = self.channels();
        let is_idle = channels
            .get(channel)
            .is_none_or(|there| there.waiting.is_idle(now));
        if is_idle {
            channels.remove(channel);
        }
        is_idle
    }

    /// The turns at what says it.
    pub(super) const fn turns(&self, kind: Kind) -> &Turns {
        match kind {
            Kind::Post => &self.posts,
            Kind::Edit => &self.edits,
        }
    }

    /// Lets go of what the feed told in a term that is over.
    pub(super) fn forget_what_is_over(&self, now: Instant) {
        for channel in self.channels().values_mut() {
            channel.waiting.forget_what_is_over(now);
        }
    }

    /// Ends all of them.
    pub(super) async fn close(&self) {
        self.closed.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.channels().clear();
    }

    /// What becomes of something to say, and its number.
    pub(super) fn course(&self, term: Option<Arc<Term>>) -> (u64, Course) {
        let now = Instant::now();
        let number = self.number();
        let whose = match term {
            Some(term) => Whose::Feed(term),
            None => Whose::Answer {
                until: now + self.timing.answer_kept,
                number,
            },
        };
        (number, Course::new(whose, Backoff::new(&self.timing), now))
    }

    fn open(self: &Arc<Self>, channel: &ChannelId) -> Channel {
        let more = Arc::new(Notify::new());
        let number = self.number();
        let lane = Lane::new(Arc::clone(self), channel.clone(), number, Arc::clone(&more));
        self.tasks.spawn(lane.run());
        Channel {
            waiting: Waiting::new(Instant::now()),
            more,
        }
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
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
    use super::{
        super::{
            turns::Wish,
            waiting::tests::{answer, edit},
        },
        *,
    };
    use crate::config::Config;

    fn lanes() -> Arc<Lanes> {
        let tokens = ["--slack-bot-token", "xoxb-1", "--slack-app-token", "xapp-1"];
        let args = ["deploybot"].into_iter().chain(tokens);
        let config = Config::from_args(args).expect("settings").config;
        let slack = Client::new(&config).expect("a client");
        let deploy = deploy::Client::new(&config).expect("a client");
        Arc::new(Lanes::new(Arc::new(slack), deploy, config.timing))
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_ends_when_nothing_is_said_in_it_any_more() {
        let lanes = lanes();
        let (busy, quiet) = (ChannelId::from("C1"), ChannelId::from("C2"));
        let later = Instant::now() + Duration::from_secs(60);
        // It is too late to say it.
        tokio::time::advance(Duration::from_secs(120)).await;
        lanes.add(&quiet, answer("a", 1, later - Duration::from_secs(60)));
        lanes.add(&busy, answer("b", 2, Instant::now()));
        lanes.with(&busy, |row| {
            row.hold_posts(later + Duration::from_secs(3_600));
        });
        while lanes.with(&quiet, |_| ()).is_some() {
            tokio::task::yield_now().await;
        }
        assert!(lanes.with(&busy, |_| ()).is_some());
        // There is room for it again.
        lanes.add(&quiet, answer("c", 3, Instant::now()));
        assert!(lanes.with(&quiet, |_| ()).is_some());
        lanes.close().await;
    }

    #[tokio::test]
    async fn a_lane_that_waits_takes_little_room() {
        let lanes = lanes();
        let lane = Lane::new(Arc::clone(&lanes), "C1".into(), 0, Arc::default());
        assert!(size_of_val(&lane.run()) <= 1_200);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_sent_because_others_are_slow_waits_and_is_no_refusal() {
        let lanes = lanes();
        let _all = lanes.slack.all_under_way().await;
        let begun = Instant::now();
        let channels = ["C1", "C2"].map(ChannelId::from);
        for channel in &channels {
            lanes.add(channel, edit("1.0", 1, begun));
        }
        let waits = |channel| lanes.with(channel, |row| row.held_until() > Instant::now());
        for channel in &channels {
            // It is tried for half of its time, and then it is in the row again.
            while waits(channel) != Some(true) {
                assert!(begun.elapsed() < lanes.timing.slack_call);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        let now = Instant::now();
        let wish = |lane| lanes.edits.take(Wish { spoke: now, lane });
        tokio::join!(wish(8), wish(9));
        assert_eq!(now.elapsed(), Duration::ZERO, "there are no turns");
        lanes.close().await;
    }

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
