//! What channels are told of deployments that were not asked for in them: one
//! message for each, posted when the first moment that the channel follows comes,
//! and edited from then on. Nobody is mentioned in it.
//!
//! A channel in which the bot can't write, or that takes nothing for hours, holds
//! up nobody: whoever asked that it follows is told alone, once, and the feed goes
//! on without it. Where the channel is archived or hidden it follows no more.

use std::sync::Arc;

use deploy_proto::v1::{self, DeploymentState, Moment, RequestState};
use tokio::time::timeout;

use super::{
    Entry, Subject,
    place::{before, since},
    show::{Showing, StateShown, digest},
};
use crate::{
    slack::{
        error::Error,
        id::{ChannelId, Place, Ts, UserId},
        mark::Mark,
        outbox::{Edit, Post, Posted},
    },
    view::{self, block::Message},
    words::Words,
};

/// A deployment, for one of the channels that follow it.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    /// The channel.
    pub(super) channel: ChannelId,
    /// Who asked that it follows; none where a repository's file alone says so.
    subscriber: Option<UserId>,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Request(Arc<v1::Request>),
    Elsewhere(Arc<v1::ElsewhereDeployment>),
}

/// What an entry is for the channels that follow it.
pub(super) fn followed(entry: &Entry) -> Vec<Followed> {
    let (what, moment) = match &entry.subject {
        Subject::Request(request) => (What::Request(Arc::clone(request)), of_request(request)),
        Subject::Elsewhere(elsewhere) => (
            What::Elsewhere(Arc::clone(elsewhere)),
            Some(of_elsewhere(elsewhere)),
        ),
        Subject::Link(_) | Subject::Unknown => return Vec::new(),
    };
    let Some(moment) = moment else {
        return Vec::new();
    };
    // What has ended has begun.
    let is_told = |one: &&v1::Follower| {
        let mut moments = one.moments();
        moments.any(|followed| followed == moment || followed == Moment::Started)
    };
    let of = |one: &v1::Follower| Followed {
        channel: ChannelId::from(one.channel.as_str()),
        subscriber: (!one.subscriber.is_empty()).then(|| UserId::from(one.subscriber.as_str())),
        what: what.clone(),
    };
    entry.followers.iter().filter(is_told).map(of).collect()
}

/// How far a request has come that a deployment was made for.
fn of_request(request: &v1::Request) -> Option<Moment> {
    request.deployment.as_ref()?;
    match request.state() {
        RequestState::Running => Some(Moment::Started),
        RequestState::Succeeded => Some(Moment::Succeeded),
        RequestState::Failed => Some(Moment::Failed),
        _ => None,
    }
}

/// One that was given up has ended too, whatever GitHub says of it.
fn of_elsewhere(elsewhere: &v1::ElsewhereDeployment) -> Moment {
    let state = elsewhere.deployment.as_ref().map(v1::Deployment::state);
    match state.unwrap_or_default() {
        DeploymentState::Succeeded => Moment::Succeeded,
        DeploymentState::Failed | DeploymentState::Cancelled => Moment::Failed,
        _ if !elsewhere.failure.is_empty() => Moment::Failed,
        _ => Moment::Started,
    }
}

impl Followed {
    /// Which message it is, of all.
    pub(super) fn mark(&self) -> Mark {
        let channel = &self.channel;
        match &self.what {
            What::Request(request) => Mark::Follow(format!("{channel}:{}", request.request_id)),
            What::Elsewhere(elsewhere) => {
                let number = elsewhere.deployment.as_ref().map_or(0, |one| one.id);
                Mark::Elsewhere(format!("{channel}:{number}"))
            }
        }
    }

    /// No message of it is older.
    fn since(&self) -> Ts {
        match &self.what {
            What::Request(request) => since(request),
            What::Elsewhere(elsewhere) => {
                let made = elsewhere.deployment.as_ref();
                before(made.and_then(|made| made.created_at.as_ref()))
            }
        }
    }

    fn message(&self, words: Words) -> Message {
        match &self.what {
            What::Request(request) => view::followed_request(words, request),
            What::Elsewhere(elsewhere) => {
                view::followed_elsewhere(words, elsewhere, of_elsewhere(elsewhere))
            }
        }
    }
}

impl Showing {
    /// Shows it as it stands; whether it is shown or can't be.
    pub(super) async fn show_followed(&self, followed: &Followed, shown: &mut StateShown) -> bool {
        let showing = self.try_to_show_followed(followed, shown);
        let Ok(outcome) = timeout(self.feed.timing.answer_kept, showing).await else {
            tracing::error!(
                channel = %followed.channel,
                message.key = followed.mark().key(),
                "a channel takes nothing for too long; what it follows is not told there"
            );
            return true;
        };
        match outcome {
            Ok(()) => true,
            Err(Error::GivenUp(_)) => false,
            Err(error) if error.is_of_a_lost_channel() => {
                tracing::error!(
                    channel = %followed.channel,
                    %error,
                    "a channel that follows deployments is archived or hidden: it follows them \
                     no more"
                );
                self.end_following(followed).await
            }
            Err(Error::NotInChannel(why)) => {
                tracing::error!(
                    channel = %followed.channel,
                    why,
                    "deploybot can't write in a channel that follows deployments: invite it, or \
                     let somebody end what the channel follows"
                );
                self.tell_in_vain(followed).await;
                true
            }
            // Somebody does not want it there.
            Err(Error::MessageGone(_)) => true,
            Err(error) => {
                tracing::error!(
                    channel = %followed.channel,
                    message.key = followed.mark().key(),
                    %error,
                    "what a channel follows can't be told there; skipped"
                );
                true
            }
        }
    }

    async fn try_to_show_followed(
        &self,
        followed: &Followed,
        shown: &mut StateShown,
    ) -> Result<(), Error> {
        let message = followed.message(self.words_of(followed.subscriber.as_ref()).await);
        if shown.message.is_none() {
            let post = Post {
                place: Place {
                    channel: followed.channel.clone(),
                    thread: None,
                },
                or_in: None,
                or_to: None,
                message: message.clone(),
                mark: followed.mark(),
                since: followed.since(),
                gone: None,
                term: Some(Arc::clone(&self.term)),
            };
            match self.feed.outbox.post(post).await? {
                Posted::Now(sent) => {
                    shown.message = Some(sent);
                    shown.said = Some(digest(&message));
                }
                Posted::Before(sent) => {
                    shown.message = Some(sent);
                    shown.is_inherited = true;
                }
            }
        }
        let said = digest(&message);
        let Some(sent) = shown.message.clone().filter(|_| shown.said != Some(said)) else {
            return Ok(());
        };
        // Until it is known to say this, it says one thing or the other.
        shown.said = None;
        let edit = Edit {
            sent,
            message,
            mark: followed.mark(),
            term: Some(Arc::clone(&self.term)),
        };
        self.feed.outbox.edit(edit).await?;
        shown.said = Some(said);
        Ok(())
    }

    async fn words_of(&self, subscriber: Option<&UserId>) -> Words {
        match subscriber {
            Some(subscriber) => self.feed.people.words_of(subscriber).await,
            None => self.feed.people.otherwise(),
        }
    }

    /// Nobody can say `unsubscribe` in such a channel. Who asked that it follows is told
    /// before that is ended, because nothing leads to them after it: where one of both
    /// fails, it is done at the next deployment. False where this is not to be told by
    /// us any more.
    async fn end_following(&self, followed: &Followed) -> bool {
        let Some(subscriber) = &followed.subscriber else {
            return true;
        };
        let (repository, deployment) = match &followed.what {
            What::Request(request) => (&request.repository, &request.deployment),
            What::Elsewhere(elsewhere) => (&elsewhere.repository, &elsewhere.deployment),
        };
        let Some(deployment) = deployment else {
            return true;
        };
        let place = format!("{}:{}", followed.channel, deployment.id);
        let words = self.words_of(Some(subscriber)).await;
        let message = view::follows_no_more(
            words,
            followed.channel.as_str(),
            repository,
            &deployment.environment,
        );
        let mark = Mark::InVain(place.clone());
        match self.tell_alone(followed, subscriber, message, mark).await {
            Ok(()) => {}
            Err(Error::GivenUp(_)) => return false,
            Err(_) => return true,
        }
        let request = v1::UnsubscribeRequest {
            channel: followed.channel.to_string(),
            repository: repository.clone(),
            environment: deployment.environment.clone(),
            request_id: format!("lost:{place}"),
            // What was asked for since then holds. GitHub tells whole seconds.
            asked_at: deployment.created_at.map(|made| prost_types::Timestamp {
                seconds: made.seconds.saturating_add(1),
                ..made
            }),
        };
        if let Err(error) = self.feed.deploy.unsubscribe(request).await {
            tracing::warn!(%error, "what a lost channel follows can't be ended yet");
        }
        true
    }

    /// Once, however much the channel would have been told.
    async fn tell_in_vain(&self, followed: &Followed) {
        let Some(subscriber) = &followed.subscriber else {
            return;
        };
        let words = self.words_of(Some(subscriber)).await;
        let message = view::follows_in_vain(words, followed.channel.as_str());
        let mark = Mark::InVain(format!("{}:{subscriber}", followed.channel));
        // At the next deployment, where it fails.
        let _told = self.tell_alone(followed, subscriber, message, mark).await;
    }

    async fn tell_alone(
        &self,
        followed: &Followed,
        subscriber: &UserId,
        message: Message,
        mark: Mark,
    ) -> Result<(), Error> {
        let said = match self.feed.outbox.direct(subscriber).await {
            Ok(channel) => {
                let post = Post {
                    place: Place {
                        channel,
                        thread: None,
                    },
                    or_in: None,
                    or_to: None,
                    message,
                    mark,
                    since: followed.since(),
                    gone: None,
                    term: Some(Arc::clone(&self.term)),
                };
                self.feed.outbox.post(post).await.map(|_posted| ())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &said {
            tracing::warn!(user = %subscriber, %error, "somebody can't be told that a channel follows in vain");
        }
        said
    }
}
