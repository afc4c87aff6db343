//! Shows one thing that the feed tells of. A request has a message, posted once and
//! then edited, and one more that its requester is told by where it failed, somebody
//! else withdrew it, or it was refused after a wait.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use deploy_proto::v1::{self, RequestState};
use prost_types::Timestamp;
use tokio::{sync::watch, time::Instant};

use super::{
    Feed,
    end::end_to_tell,
    followers::Followed,
    place::{has_waited, is_refused_for_its_form, place, side, since, ts},
};
use crate::{
    slack::{
        client::Sent,
        error::Error,
        id::{Ts, UserId},
        mark::Mark,
        outbox::{Edit, Post, Posted},
    },
    term::Term,
    view::{self, block::Message},
    words::Words,
};

/// How something is shown so far, as this process knows. It is kept long after
/// it has ended, so that it holds no text.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    state: StateShown,
    /// Its requester was told how it ended, where an edit is not enough.
    end_told: bool,
    /// The authors of what is live were mentioned.
    authors_told: bool,
}

/// The message that shows how a request stands.
#[derive(Debug, Clone, Default)]
pub(super) struct StateShown {
    pub(super) message: Option<Sent>,
    /// The digest of what that message says.
    pub(super) said: Option<u64>,
    /// It was posted before this term.
    pub(super) is_inherited: bool,
}

/// What is to be shown, as an entry tells it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) cursor: i64,
    /// When that happened which the entry tells of.
    pub(super) at: Option<Timestamp>,
    pub(super) part: Part,
}

/// What is shown by itself, so that nothing else waits for it.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// A request, where it was asked for.
    Request(Arc<v1::Request>),
    /// A deployment, in a channel that follows it.
    Followed(Followed),
    /// A link that has ended, where it was asked for.
    Link(Arc<v1::Link>),
}

impl Part {
    /// What tells it apart from all others.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Request(request) => Mark::Request(request.request_id.clone()).key(),
            Self::Followed(followed) => followed.mark().key(),
            Self::Link(link) => Mark::Link(link.link_id.clone()).key(),
        }
    }
}

/// How showing something ended.
pub(super) struct Outcome {
    pub(super) key: String,
    /// The entry up to which it is shown.
    pub(super) up_to: i64,
    pub(super) shown: Shown,
}

/// Shows the newest state of one thing.
pub(super) struct Show {
    newest: watch::Receiver<Told>,
    showing: Showing,
    shown: Shown,
}

/// What showing needs.
pub(super) struct Showing {
    pub(super) feed: Arc<Feed>,
    pub(super) term: Arc<Term>,
}

impl Show {
    pub(super) fn new(
        feed: Arc<Feed>,
        term: Arc<Term>,
        newest: watch::Receiver<Told>,
        shown: Shown,
    ) -> Self {
        Self {
            newest,
            showing: Showing { feed, term },
            shown,
        }
    }

    /// Shows it as it stands, and again when there is something newer, also while
    /// it waits to be shown. It ends when the newest is shown, or can't be.
    pub(super) async fn run(mut self) -> Outcome {
        let Self {
            newest,
            showing,
            shown,
        } = &mut self;
        let (key, up_to) = loop {
            let told = newest.borrow_and_update().clone();
            let shows_it = showing.show(&told, shown);
            tokio::select! {
                is_shown = shows_it => if is_shown {
                    break (told.part.key(), told.cursor);
                },
                // The sender lives as long as this task is known.
                _ = newest.changed() => (),
            }
        };
        Outcome {
            key,
            up_to,
            shown: self.shown,
        }
    }
}

impl Showing {
    /// Shows it, and once more where somebody else may have shown something older
    /// meanwhile; whether it is shown or can't be.
    async fn show(&self, told: &Told, shown: &mut Shown) -> bool {
        if matches!(&told.part, Part::Request(request) if may_wait(request, shown)) {
            tokio::time::sleep(self.feed.timing.accepted_after).await;
        }
        if !self.show_once(told, shown).await {
            // It is the turn of another, or a moment passes before it is ours again.
            tokio::time::sleep(self.feed.timing.held_look).await;
            return false;
        }
        let settled = self.term.begun() + self.feed.timing.takeover;
        let state = &mut shown.state;
        if !state.is_inherited || state.said.is_none() || Instant::now() >= settled {
            return true;
        }
        tokio::time::sleep_until(settled).await;
        shown.state.said = None;
        self.show_once(told, shown).await
    }

    async fn show_once(&self, told: &Told, shown: &mut Shown) -> bool {
        match &told.part {
            Part::Request(request) => self.show_request(request, told.at, shown).await,
            Part::Followed(followed) => self.show_followed(followed, &mut shown.state).await,
            Part::Link(link) => self.show_link(link, &mut shown.end_told).await,
        }
    }

    /// Each message is tried whatever becomes of the other: whoever asked hears of
    /// its end also when its message can't be edited.
    async fn show_request(
        &self,
        request: &v1::Request,
        at: Option<Timestamp>,
        shown: &mut Shown,
    ) -> bool {
        let Shown {
            state,
            end_told,
            authors_told,
        } = shown;
        let words = self.feed.people.words_for(request).await;
        if let (None, Some(ts)) = (&state.message, ts(request.message_ts.clone())) {
            let channel = place(request).channel;
            state.message = Some(Sent { channel, ts });
            state.is_inherited = true;
        }
        // What is first said now needs no second message.
        let has_waited = state.message.is_some() && has_waited(request, at);
        let outcomes = tokio::join!(
            self.show_state(request, words, state),
            self.tell_end(request, words, has_waited, end_told)
        );
        let shown = state.message.as_ref();
        let authors = self.tell_authors(request, words, shown, authors_told);
        let outcomes = [outcomes.0, outcomes.1, authors.await];
        for error in outcomes.into_iter().filter_map(Result::err) {
            if matches!(error, Error::GivenUp(_)) {
                return false;
            }
            tracing::error!(request.id = request.request_id, %error, "a request can't be shown; skipped");
        }
        true
    }

    async fn show_state(
        &self,
        request: &v1::Request,
        words: Words,
        state: &mut StateShown,
    ) -> Result<(), Error> {
        let message = view::request(words, request, self.feed.clock.now());
        let mut gone = None;
        if let Some(sent) = state.message.clone() {
            match self.edit(request, &sent, &message, state).await {
                Err(error @ (Error::MessageGone(_) | Error::NotInChannel(_))) => {
                    tracing::warn!(request.id = request.request_id, %error, "the message can't be edited any more; it is posted anew");
                    *state = StateShown::default();
                    gone = Some(sent.ts);
                }
                outcome => return outcome,
            }
        }
        self.post(request, message, gone, state).await
    }

    async fn post(
        &self,
        request: &v1::Request,
        message: Message,
        gone: Option<Ts>,
        state: &mut StateShown,
    ) -> Result<(), Error> {
        let asked = place(request);
        let place = if is_refused_for_its_form(request) {
            side(request)
        } else {
            asked.clone()
        };
        let post = Post {
            or_in: (place != asked).then_some(asked),
            place,
            or_to: requester(request),
            message: message.clone(),
            mark: Mark::Request(request.request_id.clone()),
            since: since(request),
            gone,
            term: Some(Arc::clone(&self.term)),
        };
        match self.feed.outbox.post(post).await? {
            Posted::Now(sent) => {
                state.message = Some(sent);
                state.said = Some(digest(&message));
                Ok(())
            }
            Posted::Before(sent) => {
                state.message = Some(sent.clone());
                state.is_inherited = true;
                self.edit(request, &sent, &message, state).await
            }
        }
    }

    async fn edit(
        &self,
        request: &v1::Request,
        sent: &Sent,
        message: &Message,
        state: &mut StateShown,
    ) -> Result<(), Error> {
        let said = digest(message);
        if state.said == Some(said) {
            return Ok(());
        }
        let asked_in = place(request).channel;
        let message = if sent.channel == asked_in {
            message.clone()
        } else {
            view::said_elsewhere(message, asked_in.as_str())
        };
        let edit = Edit {
            sent: sent.clone(),
            message,
            mark: Mark::Request(request.request_id.clone()),
            term: Some(Arc::clone(&self.term)),
        };
        // Until it is known to say this, it says one thing or the other.
        state.said = None;
        self.feed.outbox.edit(edit).await?;
        state.said = Some(said);
        Ok(())
    }

    /// An edit notifies nobody; a mention in a new message does.
    async fn tell_end(
        &self,
        request: &v1::Request,
        words: Words,
        has_waited: bool,
        end_told: &mut bool,
    ) -> Result<(), Error> {
        let now = self.feed.clock.now();
        let Some(end) = end_to_tell(words, request, has_waited, now).filter(|_| !*end_told) else {
            return Ok(());
        };
        let post = Post {
            place: end.place,
            or_in: None,
            or_to: requester(request),
            message: end.message,
            mark: end.mark,
            since: since(request),
            gone: None,
            term: Some(Arc::clone(&self.term)),
        };
        self.feed.outbox.post(post).await?;
        *end_told = true;
        Ok(())
    }
}

/// That it was accepted is said only when nothing more is known soon.
fn may_wait(request: &v1::Request, shown: &Shown) -> bool {
    request.state() == RequestState::Accepted
        && request.waiting.is_none()
        && shown.state.message.is_none()
        && request.message_ts.is_empty()
}

/// Who asked, where Slack knows them.
fn requester(request: &v1::Request) -> Option<UserId> {
    let slack = &request.requester.as_ref()?.slack;
    (!slack.is_empty()).then(|| UserId::from(slack.as_str()))
}

/// Two messages of one digest say the same.
pub(super) fn digest(message: &Message) -> u64 {
    let mut hasher = DefaultHasher::new();
    message.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    const WORDS: Words = Words::new(Language::English);

    #[test]
    fn what_is_kept_of_a_request_is_small_whatever_was_said() {
        let message = Sent {
            channel: "C0123456789".into(),
            ts: "1700000000.000100".into(),
        };
        // Destructured, so that a new field is looked at here.
        let StateShown {
            message,
            said,
            is_inherited: _,
        } = StateShown {
            message: Some(message),
            said: Some(digest(&view::taken(WORDS))),
            ..StateShown::default()
        };
        let on_the_heap = message.map_or(0, |it| it.channel.as_str().len() + it.ts.as_str().len());
        assert!(said.is_some());
        assert!(size_of::<Shown>() + on_the_heap <= 112);
    }

    #[test]
    fn a_digest_tells_messages_apart_by_all_that_they_say() {
        let mut other = view::taken(WORDS);
        assert_eq!(digest(&other), digest(&view::taken(WORDS)));
        other.blocks.pop();
        assert_ne!(digest(&other), digest(&view::taken(WORDS)));
    }
}
