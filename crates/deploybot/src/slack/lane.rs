//! Says what waits for one channel, one thing after the other.
//!
//! Slack can't be told to post a message only once. So a message is claimed in
//! the deploy service at the moment when it is posted (`claiming`), and recorded
//! there after; whoever may have posted it before, another process or this one in a
//! call whose answer was lost, it is looked for by its mark (`looking`). While the
//! deploy service is away an answer is said all the same, for it mostly says that:
//! it is looked for too.

mod claiming;
mod edits;
mod looking;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{
    client::Sent,
    error::Error,
    id::{ChannelId, Place},
    lanes::Lanes,
    outbox::{Post, Posted},
    pace::Pace,
    turns::{self, Wish},
    waiting::{Course, Job, Kind, Outlook, Posting, Waiting, Whose},
};
use crate::{backoff::Backoff, view};

/// How often something is tried that Slack refuses for a reason that is not known:
/// for some two minutes.
const MOST_REFUSALS: u32 = 10;

/// The lane of a channel.
pub(super) struct Lane {
    lanes: Arc<Lanes>,
    channel: ChannelId,
    /// Of all lanes.
    number: u64,
    /// When it had its last turns at which Slack took something, or may have.
    posted: Instant,
    edited: Instant,
    more: Arc<Notify>,
    pace: Pace,
    posts: Backoff,
    edits: Backoff,
}

/// Why something is not said yet.
enum Setback {
    /// All of its kind have to wait so long.
    Everything(Duration),
    /// It alone has to wait so long.
    ThisOne(Duration),
    /// Slack refuses what it says.
    Content(Error),
    /// It will not be said.
    Never(Error),
}

impl Lane {
    pub(super) fn new(
        lanes: Arc<Lanes>,
        channel: ChannelId,
        number: u64,
        more: Arc<Notify>,
    ) -> Self {
        let timing = &lanes.timing;
        let now = Instant::now();
        Self {
            pace: Pace::new(timing.channel_burst, timing.channel_interval, now),
            posts: Backoff::new(timing),
            edits: Backoff::new(timing),
            lanes,
            channel,
            number,
            posted: turns::before_a_lane(now),
            edited: turns::before_a_lane(now),
            more,
        }
    }

    /// Says what there is until nothing is said there any more. A call takes much
    /// room, which is given back when it is over.
    pub(super) async fn run(mut self) {
        let closed = self.lanes.closed.clone();
        while let Some(Some(job)) = closed.run_until_cancelled(self.next()).await {
            match job {
                Job::Post(posting) => Box::pin(self.post(posting)).await,
                Job::Edit(editing) => Box::pin(self.edit(editing)).await,
            }
        }
    }

    /// The next thing to say, when it may be said; none when the lane ends.
    async fn next(&self) -> Option<Job> {
        loop {
            let now = Instant::now();
            let look = |row: &mut Waiting| (row.take_unwanted(now), row.outlook(now));
            let (unwanted, outlook) = self.lanes.with(&self.channel, look)?;
            if unwanted.is_some() {
                return unwanted;
            }
            // Most lanes are idle most of the time, and are to be small then.
            let Some(outlook) = outlook else {
                if self.is_over().await {
                    return None;
                }
                continue;
            };
            let Some(kind) = Box::pin(self.turn(outlook)).await else {
                continue;
            };
            let take = |row: &mut Waiting| row.take(kind, Instant::now());
            // It may have been let go of meanwhile.
            if let Some(job) = self.lanes.with(&self.channel, take)? {
                return Some(job);
            }
        }
    }

    /// Waits for more, and ends the lane when a new one would be no faster.
    async fn is_over(&self) -> bool {
        let held = self.lanes.with(&self.channel, |row| row.held_until());
        let rested = self.pace.rested_at();
        let rested = held.map_or(rested, |held| held.max(rested));
        tokio::select! {
            () = self.more.notified() => false,
            () = sleep_until(rested) => self.lanes.end_if_idle(&self.channel, Instant::now()),
        }
    }

    /// Waits for a turn of the channel, and then of one of the kinds that there is
    /// something of, of the first one rather; none where something else may be the
    /// case meanwhile.
    async fn turn(&self, outlook: Outlook) -> Option<Kind> {
        let [first, second] = outlook.kinds;
        let wish = |kind| Wish {
            spoke: match kind {
                Kind::Post => self.posted,
                Kind::Edit => self.edited,
            },
            lane: self.number,
        };
        let of = async |kind: Option<Kind>| match kind {
            Some(kind) => {
                sleep_until(self.pace.ready_at()).await;
                self.lanes.turns(kind).take(wish(kind)).await;
                Some(kind)
            }
            None => std::future::pending().await,
        };
        let later = async {
            match outlook.at {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            kind = of(first) => kind,
            kind = of(second) => kind,
            () = self.more.notified() => None,
            () = later => None,
        }
    }

    async fn post(&mut self, mut posting: Box<Posting>) {
        match self.try_to_post(&mut posting).await {
            Ok(There {
                posted,
                is_recorded,
            }) => {
                self.posts.reset();
                for answer in std::mem::take(&mut posting.answers) {
                    // Whoever waited may have gone in the meantime.
                    let _: Result<(), Result<Posted, Error>> = answer.send(Ok(posted.clone()));
                }
                // Nobody waits for that.
                if !is_recorded {
                    self.record(&posting, posted.sent()).await;
                }
            }
            Err(Setback::Never(error)) => {
                log(&posting.course, &posting.post, &error);
                for answer in posting.answers {
                    let _: Result<(), Result<Posted, Error>> = answer.send(Err(error.clone()));
                }
            }
            Err(Setback::Content(error)) => {
                tracing::error!(channel = %self.channel, %error, "a message can't be posted as it is");
                posting.post.message = view::said_plainly(&posting.post.message);
                posting.course.is_plain = true;
                self.post_again(posting);
            }
            Err(Setback::Everything(wait)) => {
                let until = Instant::now() + wait;
                self.lanes.with(&self.channel, |row| row.hold_posts(until));
                self.post_again(posting);
            }
            Err(Setback::ThisOne(wait)) => {
                posting.course.not_before = Instant::now() + wait;
                self.post_again(posting);
            }
        }
    }

    async fn try_to_post(&mut self, posting: &mut Posting) -> Result<There, Setback> {
        still_wanted(&posting.course)?;
        let claim = match self.claim(posting).await? {
            claiming::Claimed::Yours(claim) => claim,
            claiming::Claimed::Posted(sent) => return Ok(There::recorded(sent)),
        };
        if posting.may_be_there(claim.claimants) {
            if let Some(sent) = self.look(posting).await? {
                return Ok(There::unrecorded(Posted::Before(sent)));
            }
            posting.perhaps_there = false;
            posting.looked = Some(claim.claimants);
        }
        // It took long: another may have it now. Renewed it need not be looked for
        // again, unless another had it.
        if claim
            .until
            .is_some_and(|until| Instant::now() + self.lanes.timing.slack_call > until)
        {
            return Err(Setback::ThisOne(Duration::ZERO));
        }
        still_wanted(&posting.course)?;
        self.pace.take(Instant::now());
        let Post {
            place,
            message,
            mark,
            ..
        } = &posting.post;
        let posted = self.lanes.slack.post(place, message, mark).await;
        if !matches!(posted, Err(Error::RateLimited { .. } | Error::NotMade)) {
            self.posted = Instant::now();
        }
        match posted {
            Ok(sent) => Ok(There::unrecorded(Posted::Now(sent))),
            Err(error) => Err(self.not_posted(posting, error).await),
        }
    }

    async fn not_posted(&mut self, posting: &mut Posting, error: Error) -> Setback {
        match error {
            Error::RateLimited { retry_after } => self.limited(Kind::Post, retry_after),
            Error::NotMade => {
                tracing::warn!(channel = %self.channel, %error, "a message waits");
                Setback::Everything(self.posts.next())
            }
            Error::Uncertain(error) => {
                tracing::warn!(error, "a message may be posted or not; looking for it");
                posting.perhaps_there = true;
                Setback::Everything(self.posts.next().max(self.lanes.timing.lost_answer))
            }
            Error::NotInChannel(_) => self.elsewhere(posting, error).await,
            error => refused(&mut posting.course, error),
        }
    }

    /// The channel waits for as long as Slack asks; all others, if it is theirs too.
    fn limited(&self, kind: Kind, wait: Duration) -> Setback {
        let turns = self.lanes.turns(kind);
        turns.refused(&self.channel, wait, Instant::now());
        Setback::Everything(wait)
    }

    /// Where the bot can't write whoever asked is told alone, and why. It is the same
    /// message, under the same claim: another process that takes it over is refused
    /// in the channel too, and looks for it where this one may have posted it.
    async fn elsewhere(&mut self, posting: &mut Posting, error: Error) -> Setback {
        let Some(user) = posting.post.or_to.take() else {
            return Setback::Never(error);
        };
        log(&posting.course, &posting.post, &error);
        let channel = match self.lanes.slack.direct(&user).await {
            Ok(channel) => channel,
            Err(again @ (Error::RateLimited { .. } | Error::Uncertain(_))) => {
                tracing::warn!(%user, error = %again, "somebody can't be told alone yet");
                posting.post.or_to = Some(user);
                return Setback::ThisOne(match again {
                    Error::RateLimited { retry_after } => retry_after,
                    _ => posting.course.backoff.next(),
                });
            }
            Err(never) => {
                tracing::error!(%user, error = %never, "somebody can't be told alone");
                return Setback::Never(error);
            }
        };
        let place = &mut posting.post.place;
        posting.post.message = view::said_elsewhere(&posting.post.message, place.channel.as_str());
        *place = Place {
            channel,
            thread: None,
        };
        posting.looked = None;
        Setback::ThisOne(Duration::ZERO)
    }

    /// Perhaps in another channel from now on.
    fn post_again(&self, posting: Box<Posting>) {
        let channel = posting.post.place.channel.clone();
        let job = Job::Post(posting);
        if channel == self.channel {
            self.lanes.with(&channel, |row| row.put_back(job));
        } else {
            self.lanes.add(&channel, job);
        }
    }
}

/// A message that is posted.
struct There {
    posted: Posted,
    is_recorded: bool,
}

impl There {
    const fn recorded(sent: Sent) -> Self {
        Self {
            posted: Posted::Before(sent),
            is_recorded: true,
        }
    }

    const fn unrecorded(posted: Posted) -> Self {
        Self {
            posted,
            is_recorded: false,
        }
    }
}

fn still_wanted(course: &Course) -> Result<(), Setback> {
    if course.is_wanted(Instant::now()) {
        return Ok(());
    }
    Err(Setback::Never(Error::GivenUp(match course.whose {
        Whose::Answer { .. } => "Slack took it for too long",
        Whose::Feed(_) => "another process shows it",
    })))
}

/// What Slack refuses may be mended, by whoever runs the bot or by plainer words.
fn refused(course: &mut Course, error: Error) -> Setback {
    match error {
        Error::Content(_) if !course.is_plain => Setback::Content(error),
        Error::Unauthorized(_) => {
            tracing::error!(%error, "nothing can be said until somebody mends that; trying again");
            Setback::Everything(course.backoff.next())
        }
        Error::Unknown(_) if course.refusals < MOST_REFUSALS => {
            tracing::warn!(%error, "trying again");
            course.refusals += 1;
            Setback::ThisOne(course.backoff.next())
        }
        error => Setback::Never(error),
    }
}

fn log(course: &Course, post: &Post, error: &Error) {
    let (channel, key) = (&post.place.channel, post.mark.key());
    match (&course.whose, error) {
        // Another process says it.
        (Whose::Feed(_), Error::GivenUp(_)) => {}
        _ => tracing::error!(%channel, message.key = key, %error, "a message can't be said"),
    }
}
