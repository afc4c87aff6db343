//! What the bot does about what people do in Slack: one file per command.
//!
//! A read answers where it was asked; what was mistyped or can't be answered is
//! told in the thread of the message that asked.

mod actions;
mod asking;
mod cancel;
mod deploy;
mod dialog;
mod help;
mod history;
mod home;
mod people;
mod status;
mod subscriptions;

use std::{sync::Arc, time::Duration};

use deploy_proto::v1;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    command::{self, Command},
    config::Timing,
    deliveries::Deliveries,
    deploy::Client as Deploy,
    people::People,
    slack::{
        client::{Client as Slack, Identity},
        event::{Event, Mention, Refused, Stranger},
        id::{ChannelId, Place, Ts, UserId},
        incoming::{Acknowledgement, Incoming},
        mark::Mark,
        outbox::{Outbox, Post, Posted},
    },
    view::{self, block::Message},
    words::Words,
};

pub(crate) use self::{dialog::Dialogs, home::Homes, subscriptions::UnderWay};

/// An answer that Slack does not take for so long is said when it does; nobody
/// waits for that.
const PATIENCE_FOR_AN_ANSWER: Duration = Duration::from_secs(3);
/// How long it is looked, when a button or a dialog is used, whether what it says
/// still holds. Slack waits 3 seconds for all of it, and while nobody can tell in time
/// it is taken to hold: what becomes of it is shown, and a command has no such look.
const PATIENCE_TO_LOOK: Duration = Duration::from_secs(1);

/// Reacts to people, with all that this needs.
pub(crate) struct Bot {
    pub(crate) slack: Arc<Slack>,
    pub(crate) people: People,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) deploy: Deploy,
    pub(crate) me: Identity,
    pub(crate) clock: Clock,
    pub(crate) timing: Timing,
    pub(crate) deliveries: Deliveries,
    pub(crate) dialogs: Dialogs,
    pub(crate) homes: Homes,
    pub(crate) subscribing: UnderWay,
    pub(crate) shutdown: CancellationToken,
}

/// What an answer is to.
struct Question<'a> {
    /// What the answer is marked with: it is said once.
    event: &'a str,
    /// The message that asked, or whose button did.
    since: &'a Ts,
    /// Who asked, and is told alone where the bot can't write.
    user: Option<&'a UserId>,
}

impl Question<'_> {
    /// The answer to it.
    fn post(&self, place: Place, message: Message) -> Post {
        Post {
            place,
            or_in: None,
            or_to: self.user.cloned(),
            message,
            mark: Mark::Answer(self.event.to_owned()),
            since: self.since.clone(),
            gone: None,
            term: None,
        }
    }
}

/// What is said to somebody who asked.
struct Answer {
    message: Message,
    place: Place,
}

impl Bot {
    /// Deals with one event, however often it is delivered.
    pub(crate) async fn handle(self: Arc<Self>, incoming: Incoming) {
        let Incoming {
            event,
            retry,
            acknowledgement,
        } = incoming;
        let claim = match event.delivery() {
            None => None,
            Some(delivery) => match self.deliveries.claim(&delivery).await {
                None => {
                    tracing::debug!(%delivery, retry, "delivered again, and dealt with");
                    return acknowledgement.give();
                }
                claim => claim,
            },
        };
        // Each takes no more room than it needs: many events are in work at once.
        let dealt_with = match self.own(event).await {
            Event::Mention(mention) => Box::pin(self.mentioned(&mention, acknowledgement)).await,
            Event::Press(press) => {
                Box::pin(actions::pressed(&self, &press, acknowledgement)).await;
                true
            }
            Event::Choice(choice) => {
                Box::pin(dialog::chosen(&self, &choice, acknowledgement)).await;
                true
            }
            Event::Submission(submitted) => {
                Box::pin(dialog::submitted(&self, &submitted, acknowledgement)).await
            }
            Event::Home(opened) => {
                Box::pin(home::opened(&self, &opened, acknowledgement)).await;
                true
            }
            Event::Stranger(stranger) => {
                Box::pin(self.refuse(&stranger, acknowledgement)).await;
                true
            }
        };
        if let Some(claim) = claim.filter(|_| dealt_with) {
            claim.done();
        }
    }

    /// Tells whether the mention is dealt with.
    async fn mentioned(&self, mention: &Mention, acknowledgement: Acknowledgement) -> bool {
        match command::parse(&mention.text, self.me.user.as_str()) {
            Ok(Command::Deploy {
                repository,
                environment,
                commit,
            }) => {
                let wanted = deploy::Wanted {
                    repository,
                    environment,
                    commit,
                };
                Box::pin(deploy::start(self, mention, &wanted, acknowledgement)).await
            }
            Ok(Command::Status { repository, limit }) => {
                let answer = status::answer(self, mention, &repository, limit);
                self.reply(mention, Box::pin(answer), acknowledgement).await
            }
            Ok(Command::History {
                repository,
                environment,
                limit,
            }) => {
                let answer =
                    history::answer(self, mention, &repository, environment.as_ref(), limit);
                self.reply(mention, Box::pin(answer), acknowledgement).await
            }
            Ok(Command::Link { login }) => {
                Box::pin(people::link(self, mention, &login, acknowledgement)).await
            }
            Ok(Command::Unlink) => Box::pin(people::unlink(self, mention, acknowledgement)).await,
            Ok(Command::Mute) => {
                Box::pin(people::set_mentions(self, mention, true, acknowledgement)).await
            }
            Ok(Command::Unmute) => {
                Box::pin(people::set_mentions(self, mention, false, acknowledgement)).await
            }
            Ok(Command::Subscribe {
                repository,
                environment,
                moments,
            }) => {
                let wanted = subscriptions::Wanted {
                    repository,
                    environment,
                    moments,
                };
                let subscribing = subscriptions::subscribe(self, mention, &wanted, acknowledgement);
                Box::pin(subscribing).await
            }
            Ok(Command::Unsubscribe {
                repository,
                environment,
            }) => {
                let wanted = subscriptions::Wanted {
                    repository,
                    environment,
                    moments: Vec::new(),
                };
                let unsubscribing =
                    subscriptions::unsubscribe(self, mention, &wanted, acknowledgement);
                Box::pin(unsubscribing).await
            }
            Ok(Command::Subscriptions) => {
                let answer = subscriptions::list(self, mention);
                self.reply(mention, Box::pin(answer), acknowledgement).await
            }
            Ok(Command::Help { topic }) => {
                let answer = help::answer(self, mention, topic);
                self.reply(mention, answer, acknowledgement).await
            }
            Err(error) => {
                let answer = async {
                    let words = self.people.words_of(&mention.user).await;
                    Answer {
                        message: view::parse_error(words, &error),
                        place: mention.side(),
                    }
                };
                self.reply(mention, answer, acknowledgement).await
            }
        }
    }

    /// What a colleague of another workspace did is as good as everybody's. Only a
    /// company with several workspaces has any; where Slack does not tell, nobody is
    /// taken for one.
    async fn own(&self, event: Event) -> Event {
        let Event::Stranger(stranger) = event else {
            return event;
        };
        let is_colleague = self.me.enterprise.is_some()
            && self.people.is_ours(&stranger.user, &self.me).await == Some(true);
        match is_colleague {
            true => *stranger.wanted,
            false => Event::Stranger(stranger),
        }
    }

    /// Says in the thread that somebody of another company has no say here;
    /// nothing is asked for them, and nothing told.
    async fn refuse(&self, stranger: &Stranger, acknowledgement: Acknowledgement) {
        tracing::warn!(user = %stranger.user, "somebody of another company is refused");
        let Some(refused) = stranger.refused() else {
            // The bot opens no modal for them, and shows them no home tab.
            return acknowledgement.give();
        };
        let message = view::stranger(self.people.otherwise());
        self.tell_refused(&refused, message, acknowledgement).await;
    }

    /// Says in the thread that a guest changes nothing.
    async fn refuse_guest(&self, refused: Refused, words: Words, acknowledgement: Acknowledgement) {
        tracing::warn!(answer = refused.answered, "a guest is refused");
        self.tell_refused(&refused, view::guest(words), acknowledgement)
            .await;
    }

    async fn tell_refused(
        &self,
        refused: &Refused,
        message: Message,
        acknowledgement: Acknowledgement,
    ) {
        let replying = async {
            let question = Question {
                event: refused.answered.as_str(),
                since: &refused.message,
                // They are none of ours.
                user: None,
            };
            let message = view::addressed(message, refused.named.as_ref().map(UserId::as_str));
            self.say(&question, refused.place.clone(), message).await;
        };
        let patience = self.timing.read_acknowledged_after;
        acknowledge_within(patience, replying, acknowledgement).await;
    }

    /// Says the answer, and acknowledges when it is said or has taken long.
    async fn reply(
        &self,
        mention: &Mention,
        answer: impl Future<Output = Answer>,
        acknowledgement: Acknowledgement,
    ) -> bool {
        let replying = async { self.answer(mention, answer.await).await };

        let patience = self.timing.read_acknowledged_after;
        acknowledge_within(patience, replying, acknowledgement).await;
        true
    }

    async fn answer(&self, mention: &Mention, answer: Answer) {
        let Answer { message, place } = answer;
        let question = Question {
            event: mention.id.as_str(),
            since: &mention.ts,
            user: Some(&mention.user),
        };
        self.say(&question, place, message).await;
    }

    /// Answers what was asked, once. Tells where that is; none where it can't be
    /// said, or not soon.
    async fn say(&self, question: &Question<'_>, place: Place, message: Message) -> Option<Posted> {
        let post = question.post(place, message);
        match tokio::time::timeout(PATIENCE_FOR_AN_ANSWER, self.outbox.post(post)).await {
            // The outbox has told why.
            Ok(posted) => posted.ok(),
            Err(_) => {
                tracing::warn!(
                    event.id = question.event,
                    "an answer waits until Slack takes it"
                );
                None
            }
        }
    }
}

/// Acknowledges when the work is done or, while it goes on, in time for Slack,
/// which waits 3 seconds.
async fn acknowledge_within(
    patience: Duration,
    work: impl Future<Output = ()>,
    acknowledgement: Acknowledgement,
) {
    tokio::pin!(work);
    let in_time = tokio::time::timeout(patience, &mut work).await;
    acknowledgement.give();
    if in_time.is_err() {
        work.await;
    }
}

/// When a message was written, by Slack's clock: its name is its time.
fn written_at(ts: &Ts) -> Option<prost_types::Timestamp> {
    let (seconds, micros) = ts.as_str().split_once('.')?;
    let micros: u32 = format!("{micros:0<6}").get(..6)?.parse().ok()?;
    Some(prost_types::Timestamp {
        seconds: seconds.parse().ok()?,
        nanos: i32::try_from(micros * 1_000).ok()?,
    })
}

/// The id that the deploy service knows by what a message asks for.
fn wish_id(mention: &Mention) -> String {
    format!("slack:{}:{}", mention.team, mention.id)
}

/// Where the answer to a request is shown, which was asked for by a message or
/// by a button of it.
fn reply_address(channel: &ChannelId, thread: Option<&Ts>, asked: &Ts) -> v1::ReplyAddress {
    v1::ReplyAddress {
        channel: channel.to_string(),
        thread_ts: thread.map(Ts::to_string).unwrap_or_default(),
        asked_ts: asked.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_messages_name_tells_when_it_was_written() {
        let at = |ts: &str| written_at(&Ts::from(ts)).map(|at| (at.seconds, at.nanos));
        assert_eq!(at("1795356120.123456"), Some((1_795_356_120, 123_456_000)));
        assert_eq!(at("7.5"), Some((7, 500_000_000)));
        for ts in ["", "7", "x.1", "7.x", ".", "7.-1"] {
            assert_eq!(at(ts), None, "{ts:?}");
        }
    }
}
