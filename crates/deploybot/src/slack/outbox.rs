//! What the bot says in Slack.
//!
//! Each channel has a lane of its own (`lanes`), so that none delays another:
//! about one call a second with a small burst, as Slack allows. New messages and
//! edits take turns; of the states of one message only the newest matters. Nothing
//! is given up while Slack is away: an answer waits for two hours, what the feed
//! tells for as long as this process shows it.
//!
//! What waits is bounded: at most 1,000 answers, of which the oldest goes first,
//! and of the feed no more than the 1,000 entries that are in work there.

use std::sync::Arc;

use tokio::{sync::oneshot, time::Instant};

use super::{
    client::{Client, Sent},
    error::Error,
    id::{ChannelId, Place, Ts, UserId},
    lanes::Lanes,
    mark::Mark,
    order::Order,
    waiting::{Editing, Job, Posting},
};
use crate::{config::Timing, deploy, term::Term, view::block::Message};

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
pub(crate) struct Outbox {
    lanes: Arc<Lanes>,
    order: Order,
}

impl Outbox {
    /// `order` knows what people have asked.
    pub(crate) fn new(
        slack: Arc<Client>,
        deploy: deploy::Client,
        timing: Timing,
        order: Order,
    ) -> Self {
        Self {
            lanes: Arc::new(Lanes::new(slack, deploy, timing)),
            order,
        }
    }

    /// Posts a message once, of all replicas and whoever dies when, and tells
    /// which it is.
    ///
    /// # Errors
    /// When Slack refuses it for good, or it is not to be said any more.
    pub(crate) async fn post(&self, post: Post) -> Result<Posted, Error> {
        let (answer, answered) = oneshot::channel();
        let (number, course) = self.lanes.course(post.term.clone());
        let turn = self.order.turn(&post);
        let posting = Posting {
            post,
            answers: vec![answer],
            course,
            claimant: format!("{}:{number}", self.lanes.deploy.replica()),
            perhaps_there: false,
            looked: None,
        };
        self.lanes.add_in_turn(turn, Box::new(posting));
        answered.await.unwrap_or(Err(NOT_SAID))
    }

    /// Shows a newer state of a message; returns when it, or one that is newer
    /// still, is shown.
    ///
    /// # Errors
    /// When Slack refuses it for good, or it is not to be said any more.
    pub(crate) async fn edit(&self, edit: Edit) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        let (_, course) = self.lanes.course(edit.term.clone());
        let channel = edit.sent.channel.clone();
        let editing = Editing {
            edit,
            answers: vec![answer],
            course,
        };
        self.lanes.add(&channel, Job::Edit(Box::new(editing)));
        answered.await.unwrap_or(Err(NOT_SAID))
    }

    /// The channel in which somebody is told something alone.
    ///
    /// # Errors
    /// When Slack gives none.
    pub(crate) async fn direct(&self, user: &UserId) -> Result<ChannelId, Error> {
        self.lanes.slack.direct(user).await
    }

    /// Lets go of what the feed told in a term that is over.
    pub(crate) fn forget_what_is_over(&self) {
        self.lanes.forget_what_is_over(Instant::now());
    }

    /// Ends the lanes; what still waits is not said.
    pub(crate) async fn close(&self) {
        self.lanes.close().await;
    }
}

/// It was taken out of the row: there was no room, or the service stops.
const NOT_SAID: Error = Error::GivenUp("too much waits, or the service stops");
