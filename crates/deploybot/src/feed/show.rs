//! Shows one request: its message, posted once and then edited, and for a
//! failure one more that its requester is told by.

use std::sync::Arc;

use deploy_proto::v1::{self, Reason, RequestState};
use tokio::sync::watch;

use super::{Feed, Told};
use crate::{
    backoff::Backoff,
    deploy,
    slack::{
        error::Error,
        id::{ChannelId, Place, Ts},
        mark::Mark,
        outbox::{Edit, Post, Posted, There},
    },
    view::{self, block::Message},
};

/// By how many seconds the deploy service's clock may be ahead of Slack's.
const CLOCKS_DIFFER: i64 = 600;

/// How a request is shown so far, as this process knows.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    message: Option<Ts>,
    /// What that message says.
    said: Option<Message>,
    /// The deploy service knows that message.
    recorded: bool,
    /// A post of it was tried, and may have succeeded unseen.
    tried: bool,
    /// Its requester was told that it failed.
    failure_told: bool,
    /// It was seen here before it failed, so that no other process told of it.
    seen_alive: bool,
}

/// How showing a request ended.
pub(super) struct Outcome {
    pub(super) id: String,
    /// The entry up to which it is shown; none when the service stops first.
    pub(super) up_to: Option<i64>,
    pub(super) shown: Shown,
}

/// Shows the newest state of one request.
pub(super) struct Show {
    pub(super) feed: Arc<Feed>,
    pub(super) newest: watch::Receiver<Told>,
    pub(super) shown: Shown,
}

/// Why something is not shown.
#[derive(Debug, thiserror::Error)]
enum Hindrance {
    #[error(transparent)]
    Slack(#[from] Error),
    #[error(transparent)]
    Deploy(#[from] deploy::Error),
}

impl Hindrance {
    fn heals(&self) -> bool {
        match self {
            Self::Slack(error) => error.heals(),
            Self::Deploy(error) => error.heals(),
        }
    }
}

impl Show {
    pub(super) async fn run(mut self) -> Outcome {
        let mut backoff = Backoff::new(&self.feed.timing);
        loop {
            let told = self.newest.borrow_and_update().clone();
            let id = told.request.request_id.clone();
            if self.may_wait(&told.request) && self.newer_within_patience().await {
                continue;
            }
            match self.show(&told.request).await {
                Ok(()) => return self.outcome(id, Some(told.cursor)),
                Err(error) if !error.heals() => {
                    tracing::error!(request.id = id, %error, "a request can't be shown; skipped");
                    return self.outcome(id, Some(told.cursor));
                }
                Err(error) => {
                    tracing::warn!(request.id = id, %error, "a request is not shown yet; trying again");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(backoff.next()) => (),
                () = self.feed.shutdown.cancelled() => return self.outcome(id, None),
            }
        }
    }

    fn outcome(self, id: String, up_to: Option<i64>) -> Outcome {
        Outcome {
            id,
            up_to,
            shown: self.shown,
        }
    }

    /// That it was accepted is said only when nothing more is known soon.
    fn may_wait(&self, request: &v1::Request) -> bool {
        request.state() == RequestState::Accepted
            && self.shown.message.is_none()
            && request.message_ts.is_empty()
    }

    async fn newer_within_patience(&mut self) -> bool {
        let changed = self.newest.changed();
        let patience = self.feed.timing.accepted_after;
        // The sender lives as long as this task is known.
        matches!(tokio::time::timeout(patience, changed).await, Ok(Ok(())))
    }

    async fn show(&mut self, request: &v1::Request) -> Result<(), Hindrance> {
        if request.state() != RequestState::Failed {
            self.shown.seen_alive = true;
        }
        if !request.message_ts.is_empty() {
            self.shown
                .message
                .get_or_insert_with(|| Ts::from(request.message_ts.as_str()));
            self.shown.recorded = true;
        }
        let message = view::request(request, self.feed.clock.now());
        match self.shown.message.clone() {
            None => self.post(request, message).await?,
            Some(ts) => self.edit(request, ts, message).await?,
        }
        self.record(request).await?;
        self.tell_failure(request).await
    }

    async fn post(&mut self, request: &v1::Request, message: Message) -> Result<(), Hindrance> {
        let asked = place(request);
        let place = if is_refused_for_its_form(request) {
            side(request)
        } else {
            asked.clone()
        };
        let certainly_new = self.feed.started.was_here(&request.request_id) && !self.shown.tried;
        self.shown.tried = true;
        let posted = self
            .feed
            .outbox
            .post(Post {
                or_in: (place != asked).then_some(asked),
                place,
                message: message.clone(),
                mark: Mark::Request(request.request_id.clone()),
                since: since(request),
                there: if certainly_new {
                    There::No
                } else {
                    There::Perhaps
                },
            })
            .await?;
        self.shown.message = Some(posted.ts().clone());
        match posted {
            Posted::Now(_) => self.shown.said = Some(message),
            Posted::Before(ts) => self.edit(request, ts, message).await?,
        }
        Ok(())
    }

    async fn edit(
        &mut self,
        request: &v1::Request,
        ts: Ts,
        message: Message,
    ) -> Result<(), Hindrance> {
        if self.shown.said.as_ref() == Some(&message) {
            return Ok(());
        }
        let edit = Edit {
            channel: place(request).channel,
            ts,
            message: message.clone(),
            mark: Mark::Request(request.request_id.clone()),
        };
        match self.feed.outbox.edit(edit).await {
            Err(error @ Error::MessageGone(_)) => {
                tracing::warn!(request.id = request.request_id, %error, "somebody deleted the message");
            }
            outcome => outcome?,
        }
        self.shown.said = Some(message);
        Ok(())
    }

    async fn record(&mut self, request: &v1::Request) -> Result<(), Hindrance> {
        let Some(message) = self.shown.message.as_ref().filter(|_| !self.shown.recorded) else {
            return Ok(());
        };
        let record = v1::RecordReplyRequest {
            request_id: request.request_id.clone(),
            channel: place(request).channel.to_string(),
            message_ts: message.to_string(),
        };
        self.feed.deploy.record_reply(record).await?;
        self.shown.recorded = true;
        Ok(())
    }

    /// An edit notifies nobody; a mention in a new message does.
    async fn tell_failure(&mut self, request: &v1::Request) -> Result<(), Hindrance> {
        if request.state() != RequestState::Failed || self.shown.failure_told {
            return Ok(());
        }
        let there = if self.shown.seen_alive {
            There::No
        } else {
            There::Perhaps
        };
        // Whatever comes of it, the next try looks first.
        self.shown.seen_alive = false;
        let message = view::request_failure(request);
        let mark = Mark::Failure(request.request_id.clone());
        let place = place(request);
        let post = Post {
            place,
            or_in: None,
            message,
            mark,
            since: since(request),
            there,
        };
        self.feed.outbox.post(post).await?;
        self.shown.failure_told = true;
        Ok(())
    }
}

/// A typo is nobody's business but the asker's.
fn is_refused_for_its_form(request: &v1::Request) -> bool {
    let is_of_form = |refusal: &v1::Refusal| {
        matches!(
            refusal.reason(),
            Reason::UnknownRepository
                | Reason::UnknownEnvironment
                | Reason::UnknownCommit
                | Reason::AmbiguousCommit
        )
    };
    request.state() == RequestState::Refused
        && !request.refusals.is_empty()
        && request.refusals.iter().all(is_of_form)
}

/// Where it was asked.
fn place(request: &v1::Request) -> Place {
    let reply = request.reply.clone().unwrap_or_default();
    Place {
        channel: ChannelId::from(reply.channel),
        thread: ts(reply.thread_ts),
    }
}

/// The thread of the message that asked.
fn side(request: &v1::Request) -> Place {
    let reply = request.reply.clone().unwrap_or_default();
    let thread = ts(reply.thread_ts).or_else(|| ts(reply.asked_ts));
    Place {
        channel: ChannelId::from(reply.channel),
        thread,
    }
}

/// Its messages are newer than what asked for it, and than the moment when it
/// was accepted: the later of the two, for the button that was pressed may stand
/// below a message of last week. The second is told by another clock than
/// Slack's.
fn since(request: &v1::Request) -> Ts {
    let asked = ts(request.reply.clone().unwrap_or_default().asked_ts);
    let accepted = request.accepted_at.as_ref().map(|at| {
        let seconds = at.seconds.saturating_sub(CLOCKS_DIFFER).max(0);
        Ts::from(format!("{seconds}.000000"))
    });
    let later = |asked: Ts, accepted: Ts| {
        if seconds(&accepted) > seconds(&asked) {
            accepted
        } else {
            asked
        }
    };
    match (asked, accepted) {
        (Some(asked), Some(accepted)) => later(asked, accepted),
        (asked, accepted) => asked.or(accepted).unwrap_or_else(|| Ts::from("0")),
    }
}

/// A message's ts begins with the second in which it was posted.
fn seconds(ts: &Ts) -> u64 {
    let whole = ts.as_str().split('.').next().unwrap_or_default();
    whole.parse().unwrap_or_default()
}

fn ts(text: String) -> Option<Ts> {
    (!text.is_empty()).then(|| Ts::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_not_older_than_what_asked_for_it_nor_than_its_acceptance() {
        let since = |asked: &str, accepted: Option<i64>| {
            let request = v1::Request {
                reply: Some(v1::ReplyAddress {
                    asked_ts: asked.to_owned(),
                    ..Default::default()
                }),
                accepted_at: accepted.map(|seconds| prost_types::Timestamp { seconds, nanos: 0 }),
                ..Default::default()
            };
            super::since(&request).to_string()
        };
        assert_eq!(since("5000.000100", Some(5001)), "5000.000100");
        assert_eq!(since("5000.000100", Some(9000)), "8400.000000");
        assert_eq!(since("", Some(9000)), "8400.000000");
        assert_eq!(since("5000.000100", None), "5000.000100");
        assert_eq!(since("", Some(3)), "0.000000");
        assert_eq!(since("", None), "0");
    }
}
