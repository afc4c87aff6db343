//! Says what waits for one channel, one thing after the other.
//!
//! Slack can't be told to post a message only once. So a message is claimed in
//! the deploy service at the moment when it is posted, and recorded there after;
//! whoever may have posted it before, another process or this one in a call whose
//! answer was lost, it is looked for by its mark. While the deploy service is away
//! an answer is said all the same, for it mostly says that: it is looked for too.

mod edits;

use std::{sync::Arc, time::Duration};

use deploy_proto::v1::{self, claim_message_response::Outcome};
use tokio::{sync::Notify, time::Instant};

use super::{
    client::Sent,
    error::Error,
    id::{ChannelId, Place, Ts},
    outbox::{Lanes, Post, Posted},
    pace::Pace,
    waiting::{Course, Job, Next, Posting, Whose},
};
use crate::{backoff::Backoff, view};

/// How often something is tried that Slack refuses for a reason that is not known:
/// for some two minutes.
const MOST_REFUSALS: u32 = 10;

/// The lane of a channel.
pub(super) struct Lane {
    lanes: Arc<Lanes>,
    channel: ChannelId,
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

/// The right to post a message for a while; without an end where the deploy
/// service could not be asked.
struct Claim {
    until: Option<Instant>,
    claimants: i64,
}

impl Lane {
    pub(super) fn new(lanes: Arc<Lanes>, channel: ChannelId, more: Arc<Notify>) -> Self {
        let timing = &lanes.timing;
        Self {
            pace: Pace::new(
                timing.channel_burst,
                timing.channel_interval,
                Instant::now(),
            ),
            posts: Backoff::new(timing),
            edits: Backoff::new(timing),
            lanes,
            channel,
            more,
        }
    }

    pub(super) async fn run(mut self) {
        while let Some(job) = self.next().await {
            match job {
                Job::Post(posting) => self.post(posting).await,
                Job::Edit(editing) => self.edit(editing).await,
            }
        }
    }

    /// The next thing to say, when it may be said.
    async fn next(&self) -> Option<Job> {
        let closed = self.lanes.closed.clone();
        let next = async {
            loop {
                tokio::time::sleep_until(self.pace.ready_at()).await;
                let next = self
                    .lanes
                    .with(&self.channel, |row| row.next(Instant::now()));
                match next {
                    Some(Next::Job(job)) => return job,
                    Some(Next::At(then)) => tokio::select! {
                        () = tokio::time::sleep_until(then) => (),
                        () = self.more.notified() => (),
                    },
                    // The row is made right after its lane.
                    Some(Next::Nothing) | None => self.more.notified().await,
                }
            }
        };
        closed.run_until_cancelled(next).await
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
            Claimed::Yours(claim) => claim,
            Claimed::Posted(sent) => return Ok(There::recorded(sent)),
        };
        if posting.perhaps_there || posting.looked != Some(claim.claimants) && claim.claimants != 1
        {
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
        match self.lanes.slack.post(place, message, mark).await {
            Ok(sent) => Ok(There::unrecorded(Posted::Now(sent))),
            Err(error) => Err(self.not_posted(posting, error).await),
        }
    }

    async fn claim(&mut self, posting: &mut Posting) -> Result<Claimed, Setback> {
        let asked = Instant::now();
        let request = v1::ClaimMessageRequest {
            key: posting.post.mark.key(),
            claimant: posting.claimant.clone(),
            gone: posting
                .post
                .gone
                .as_ref()
                .map(Ts::to_string)
                .unwrap_or_default(),
        };
        match self.lanes.deploy.claim_message(request).await {
            Ok(Outcome::Claimed(claim)) => Ok(Claimed::Yours(Claim {
                until: Some(asked + span(claim.lasts)),
                claimants: claim.claimants,
            })),
            Ok(Outcome::Held(held)) => {
                let look = self.lanes.timing.held_look;
                Err(Setback::ThisOne(span(held.ends_in).clamp(look / 10, look)))
            }
            Ok(Outcome::Posted(v1::MessagePosted { channel, ts })) => Ok(Claimed::Posted(Sent {
                channel: channel.into(),
                ts: ts.into(),
            })),
            Err(error) => {
                let key = posting.post.mark.key();
                tracing::warn!(message.key = key, %error, "a message can't be claimed");
                if matches!(posting.course.whose, Whose::Feed(_)) && error.heals() {
                    return Err(Setback::ThisOne(posting.course.backoff.next()));
                }
                Ok(Claimed::Yours(Claim {
                    until: None,
                    claimants: 0,
                }))
            }
        }
    }

    /// Looks for a message that somebody may have posted.
    async fn look(&mut self, posting: &mut Posting) -> Result<Option<Sent>, Setback> {
        let Post {
            place,
            or_in,
            since,
            mark,
            gone,
            ..
        } = &posting.post;
        for place in std::iter::once(place).chain(or_in) {
            match self.lanes.slack.find(place, since, mark).await {
                Ok(Some(found)) if gone.as_ref() != Some(&found.ts) => return Ok(Some(found)),
                Ok(_) => {}
                // Nor could it be posted there.
                Err(Error::NotInChannel(_)) => {}
                Err(Error::RateLimited { retry_after }) => {
                    return Err(Setback::ThisOne(retry_after));
                }
                Err(Error::Uncertain(error)) => {
                    tracing::warn!(error, "Slack does not tell whether a message is there");
                    return Err(Setback::Everything(self.posts.next()));
                }
                Err(error) => {
                    log(&posting.course, &posting.post, &error);
                    return Err(Setback::ThisOne(posting.course.backoff.next()));
                }
            }
        }
        Ok(None)
    }

    /// A message of which that fails is found by its mark.
    async fn record(&self, posting: &Posting, sent: &Sent) {
        let mark = &posting.post.mark;
        let record = v1::RecordMessageRequest {
            key: mark.key(),
            channel: sent.channel.to_string(),
            ts: sent.ts.to_string(),
            request_id: mark.request().unwrap_or_default().to_owned(),
        };
        if let Err(error) = self.lanes.deploy.record_message(record).await {
            tracing::warn!(message.key = mark.key(), %error, "a message can't be recorded");
        }
    }

    async fn not_posted(&mut self, posting: &mut Posting, error: Error) -> Setback {
        match error {
            Error::RateLimited { retry_after } => Setback::Everything(retry_after),
            Error::Uncertain(error) => {
                tracing::warn!(error, "a message may be posted or not; looking for it");
                posting.perhaps_there = true;
                Setback::Everything(self.posts.next().max(self.lanes.timing.lost_answer))
            }
            Error::NotInChannel(_) => self.elsewhere(posting, error).await,
            error => refused(&mut posting.course, error),
        }
    }

    /// Where the bot can't write whoever asked is told alone, and why.
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

/// What became of the wish to post a message.
enum Claimed {
    Yours(Claim),
    Posted(Sent),
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

fn span(duration: Option<prost_types::Duration>) -> Duration {
    let duration = duration.and_then(|duration| duration.try_into().ok());
    duration.unwrap_or_default()
}
