//! Shows one request: its message, posted once and then edited, and one more that
//! its requester is told by where it failed or somebody else withdrew it.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use deploy_proto::v1::{self, RequestState};
use tokio::sync::watch;

use super::{
    Feed, Told,
    place::{is_refused_for_its_form, place, side, since, ts},
};
use crate::{
    backoff::Backoff,
    deploy,
    slack::{
        error::Error,
        id::{Place, Ts},
        mark::Mark,
        outbox::{Edit, Post, Posted, There},
    },
    view::{self, block::Message},
};

/// How often a request is tried that Slack refuses to show for a reason that is
/// not known: for some two minutes.
const MOST_TRIES: u32 = 10;

/// How a request is shown so far, as this process knows. It is kept long after
/// the request has ended, so that it holds no text.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    message: Option<Ts>,
    /// The digest of what that message says.
    said: Option<u64>,
    /// The deploy service knows that message.
    recorded: bool,
    /// A post of it was tried, and may have succeeded unseen.
    tried: bool,
    /// Its requester was told how it ended, where an edit is not enough.
    end_told: bool,
    /// It was seen here before it ended so, so that no other process told of it.
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

    fn may_pass(&self) -> bool {
        matches!(self, Self::Slack(Error::Unknown(_)))
    }
}

/// Whether a request that is not shown is to be tried again, after so many tries
/// of which nothing is known to heal.
fn may_do_better(hindrances: &[Hindrance], refusals: u32) -> bool {
    hindrances.iter().any(Hindrance::heals)
        || (refusals < MOST_TRIES && hindrances.iter().any(Hindrance::may_pass))
}

impl Show {
    pub(super) async fn run(mut self) -> Outcome {
        let mut backoff = Backoff::new(&self.feed.timing);
        let mut refusals = 0;
        loop {
            let told = self.newest.borrow_and_update().clone();
            let id = told.request.request_id.clone();
            if self.may_wait(&told.request) && self.newer_within_patience().await {
                continue;
            }
            let hindrances = self.show(&told.request).await;
            if hindrances.is_empty() {
                return self.outcome(id, Some(told.cursor));
            }
            refusals = match hindrances.iter().any(Hindrance::heals) {
                true => 0,
                false => refusals + 1,
            };
            let again = may_do_better(&hindrances, refusals);
            for error in hindrances {
                if again {
                    tracing::warn!(request.id = id, %error, "a request is not shown yet; trying again");
                } else {
                    tracing::error!(request.id = id, %error, "a request can't be shown; skipped");
                }
            }
            if !again {
                return self.outcome(id, Some(told.cursor));
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
            && request.waiting.is_none()
            && self.shown.message.is_none()
            && request.message_ts.is_empty()
    }

    async fn newer_within_patience(&mut self) -> bool {
        let changed = self.newest.changed();
        let patience = self.feed.timing.accepted_after;
        // The sender lives as long as this task is known.
        matches!(tokio::time::timeout(patience, changed).await, Ok(Ok(())))
    }

    /// Each part is tried whatever became of the others: whoever asked hears of
    /// its end also when its message can't be edited.
    async fn show(&mut self, request: &v1::Request) -> Vec<Hindrance> {
        let end = end_to_tell(request);
        self.shown.seen_alive |= end.is_none();
        if let Some(recorded) = ts(request.message_ts.clone()) {
            let message = self.shown.message.get_or_insert_with(|| recorded.clone());
            self.shown.recorded |= *message == recorded;
        }
        let outcomes = [
            self.show_state(request).await,
            self.tell_end(request, end).await,
            self.record(request).await,
        ];
        outcomes.into_iter().filter_map(Result::err).collect()
    }

    async fn show_state(&mut self, request: &v1::Request) -> Result<(), Hindrance> {
        let message = view::request(request, self.feed.clock.now());
        if let Some(ts) = self.shown.message.clone() {
            match self.edit(request, ts, &message).await {
                Err(error @ Error::MessageGone(_)) => {
                    tracing::warn!(request.id = request.request_id, %error, "somebody deleted the message; it is posted anew");
                    self.shown.message = None;
                    self.shown.said = None;
                    self.shown.recorded = false;
                }
                outcome => return Ok(outcome?),
            }
        }
        Ok(self.post(request, message).await?)
    }

    async fn post(&mut self, request: &v1::Request, message: Message) -> Result<(), Error> {
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
            Posted::Now(_) => {
                self.shown.said = Some(digest(&message));
                Ok(())
            }
            Posted::Before(ts) => self.edit(request, ts, &message).await,
        }
    }

    async fn edit(
        &mut self,
        request: &v1::Request,
        ts: Ts,
        message: &Message,
    ) -> Result<(), Error> {
        let said = digest(message);
        if self.shown.said == Some(said) {
            return Ok(());
        }
        let edit = Edit {
            channel: place(request).channel,
            ts,
            message: message.clone(),
            mark: Mark::Request(request.request_id.clone()),
        };
        self.feed.outbox.edit(edit).await?;
        self.shown.said = Some(said);
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
    async fn tell_end(
        &mut self,
        request: &v1::Request,
        end: Option<EndToTell>,
    ) -> Result<(), Hindrance> {
        let Some(end) = end.filter(|_| !self.shown.end_told) else {
            return Ok(());
        };
        let there = if self.shown.seen_alive {
            There::No
        } else {
            There::Perhaps
        };
        // Whatever comes of it, the next try looks first.
        self.shown.seen_alive = false;
        let EndToTell {
            message,
            place,
            mark,
        } = end;
        let post = Post {
            place,
            or_in: None,
            message,
            mark,
            since: since(request),
            there,
        };
        self.feed.outbox.post(post).await?;
        self.shown.end_told = true;
        Ok(())
    }
}

/// How a request ended, as its requester is told by a message of its own.
struct EndToTell {
    message: Message,
    place: Place,
    mark: Mark,
}

/// A failure is for all to see; that somebody else withdrew it is told beside the
/// message that asked.
fn end_to_tell(request: &v1::Request) -> Option<EndToTell> {
    let id = request.request_id.clone();
    match request.state() {
        RequestState::Failed => Some(EndToTell {
            message: view::request_failure(request),
            place: place(request),
            mark: Mark::Failure(id),
        }),
        RequestState::Cancelled => Some(EndToTell {
            message: view::request_cancelled(request)?,
            place: side(request),
            mark: Mark::Cancellation(id),
        }),
        _ => None,
    }
}

/// Two messages of one digest say the same.
fn digest(message: &Message) -> u64 {
    let mut hasher = DefaultHasher::new();
    message.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_request_is_small_whatever_was_said() {
        // Destructured, so that a new field is looked at here.
        let Shown {
            message,
            said,
            recorded: _,
            tried: _,
            end_told: _,
            seen_alive: _,
        } = Shown {
            message: Some(Ts::from("1700000000.000100")),
            said: Some(digest(&view::taken())),
            ..Shown::default()
        };
        let on_the_heap = message.map_or(0, |ts| ts.as_str().len());
        assert!(said.is_some());
        assert!(size_of::<Shown>() + on_the_heap <= 80);
    }

    #[test]
    fn a_digest_tells_messages_apart_by_all_that_they_say() {
        let mut other = view::taken();
        assert_eq!(digest(&other), digest(&view::taken()));
        other.blocks.pop();
        assert_ne!(digest(&other), digest(&view::taken()));
    }

    #[test]
    fn what_is_not_known_is_tried_for_a_while_and_what_is_known_not_or_always() {
        let slack = |error: fn(String) -> Error| Hindrance::Slack(error(String::new()));
        let refused = || slack(Error::Refused);
        let is_tried = |hindrances: &[Hindrance]| {
            (1..=100)
                .take_while(|refusals| may_do_better(hindrances, *refusals))
                .count()
        };
        assert_eq!(is_tried(&[refused()]), 0);
        assert_eq!(is_tried(&[slack(Error::NotInChannel)]), 0);
        assert_eq!(is_tried(&[slack(Error::Unknown)]), 9);
        assert_eq!(is_tried(&[refused(), slack(Error::Unknown)]), 9);
        assert_eq!(is_tried(&[refused(), slack(Error::Uncertain)]), 100);
    }
}
