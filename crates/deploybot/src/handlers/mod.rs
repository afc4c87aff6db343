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
mod status;

use std::{sync::Arc, time::Duration};

use deploy_proto::v1;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    command::{self, Command},
    config::Timing,
    deliveries::Deliveries,
    deploy::Client as Deploy,
    slack::{
        client::{Client as Slack, Identity},
        error::Error,
        event::{Event, Mention},
        id::{ChannelId, Place, Ts, UserId},
        mark::Mark,
        outbox::{Outbox, Post, There},
        socket::{Acknowledgement, Incoming},
    },
    started::Started,
    view::{self, block::Message},
};

pub(crate) use self::dialog::Dialogs;

/// A name is only for show; what is asked does not wait long for it.
const PATIENCE_FOR_A_NAME: Duration = Duration::from_millis(500);

/// An answer that Slack does not take for so long is of no use any more.
const PATIENCE_FOR_AN_ANSWER: Duration = Duration::from_secs(60);

/// Reacts to people, with all that this needs.
pub(crate) struct Bot {
    pub(crate) slack: Arc<Slack>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) deploy: Deploy,
    pub(crate) me: Identity,
    pub(crate) clock: Clock,
    pub(crate) timing: Timing,
    pub(crate) started: Arc<Started>,
    pub(crate) deliveries: Deliveries,
    pub(crate) dialogs: Dialogs,
    pub(crate) shutdown: CancellationToken,
}

/// What is said to somebody who asked.
struct Answer {
    message: Message,
    place: Place,
}

impl Bot {
    /// Deals with one event.
    pub(crate) async fn handle(self: Arc<Self>, incoming: Incoming) {
        let Incoming {
            event,
            retry,
            acknowledgement,
        } = incoming;
        match event {
            Event::Mention(mention) => self.mentioned(&mention, retry, acknowledgement).await,
            Event::Press(press) => actions::pressed(&self, &press, acknowledgement).await,
            Event::Choice(choice) => dialog::chosen(&self, &choice, acknowledgement).await,
            Event::Submission(submitted) => {
                dialog::submitted(&self, &submitted, acknowledgement).await;
            }
        }
    }

    async fn mentioned(&self, mention: &Mention, retry: u32, acknowledgement: Acknowledgement) {
        let Some(claim) = self.deliveries.claim(&mention.id).await else {
            tracing::debug!(event.id = %mention.id, "delivered again, and dealt with");
            return acknowledgement.give();
        };
        let dealt_with = match command::parse(&mention.text, self.me.user.as_str()) {
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
                deploy::start(self, mention, &wanted, retry, acknowledgement).await
            }
            Ok(Command::Status { repository, limit }) => {
                let answer = status::answer(self, mention, &repository, limit);
                self.reply(mention, retry, answer, acknowledgement).await
            }
            Ok(Command::History {
                repository,
                environment,
                limit,
            }) => {
                let answer =
                    history::answer(self, mention, &repository, environment.as_ref(), limit);
                self.reply(mention, retry, answer, acknowledgement).await
            }
            Ok(Command::Help { topic }) => {
                let answer = help::answer(mention, topic);
                self.reply(mention, retry, async { answer }, acknowledgement)
                    .await
            }
            Err(error) => {
                let said = Answer {
                    message: view::parse_error(&error),
                    place: mention.side(),
                };
                self.reply(mention, retry, async { said }, acknowledgement)
                    .await
            }
        };
        if dealt_with {
            claim.done();
        }
    }

    /// Says the answer, and acknowledges when it is said or has taken long.
    async fn reply(
        &self,
        mention: &Mention,
        retry: u32,
        answer: impl Future<Output = Answer>,
        acknowledgement: Acknowledgement,
    ) -> bool {
        let replying = async {
            let Answer { message, place } = answer.await;
            if let Err(error) = self.say(mention, retry, place, message).await {
                tracing::error!(channel = %mention.channel, %error, "an answer can't be said");
            }
        };
        let patience = self.timing.read_acknowledged_after;
        acknowledge_within(patience, replying, acknowledgement).await;
        true
    }

    /// Answers an event, once.
    async fn say(
        &self,
        mention: &Mention,
        retry: u32,
        place: Place,
        message: Message,
    ) -> Result<Ts, Error> {
        self.post(
            place,
            message,
            mention.id.as_str(),
            &mention.ts,
            there(retry),
        )
        .await
    }

    async fn post(
        &self,
        place: Place,
        message: Message,
        event: &str,
        since: &Ts,
        there: There,
    ) -> Result<Ts, Error> {
        let mark = Mark::Answer(event.to_owned());
        let post = Post {
            place,
            or_in: None,
            message,
            mark,
            since: since.clone(),
            there,
        };
        match tokio::time::timeout(PATIENCE_FOR_AN_ANSWER, self.outbox.post(post)).await {
            Ok(posted) => posted.map(|posted| posted.ts().clone()),
            Err(_) => Err(Error::Uncertain(
                "the channel takes nothing for too long".to_owned(),
            )),
        }
    }

    /// Someone as the deploy service knows people.
    async fn person(&self, user: &UserId) -> v1::Person {
        let name = match tokio::time::timeout(PATIENCE_FOR_A_NAME, self.slack.name_of(user)).await {
            Ok(Ok(name)) => name,
            Ok(Err(error)) => {
                tracing::warn!(%user, %error, "the name of somebody can't be read; it is left out");
                String::new()
            }
            Err(_) => {
                tracing::warn!(%user, "the name of somebody takes too long; it is left out");
                String::new()
            }
        };
        v1::Person {
            slack: user.to_string(),
            github: String::new(),
            name,
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

/// Where the answer to a request is shown, which was asked for by a message or
/// by a button of it.
fn reply_address(channel: &ChannelId, thread: Option<&Ts>, asked: &Ts) -> v1::ReplyAddress {
    v1::ReplyAddress {
        channel: channel.to_string(),
        thread_ts: thread.map(Ts::to_string).unwrap_or_default(),
        asked_ts: asked.to_string(),
    }
}

/// Only a process that an event was delivered to before may have answered it.
fn there(retry: u32) -> There {
    match retry {
        0 => There::No,
        _ => There::Perhaps,
    }
}
