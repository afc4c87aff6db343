//! From what channels follow to the contract's messages.

use deploy_proto::v1;

use super::{
    convert::{all, time},
    convert_failure::failure,
};
use crate::{
    model::{Follower, Moment, Moments, Subscription},
    store::{Elsewhere, Subscribed, Unsubscribed},
};

impl From<Elsewhere> for v1::ElsewhereDeployment {
    fn from(elsewhere: Elsewhere) -> Self {
        Self {
            repository: elsewhere.repository.to_string(),
            deployment: Some(elsewhere.deployment.into()),
            why: elsewhere.failure.as_ref().and_then(failure),
            failure: elsewhere
                .failure
                .map(|failure| failure.to_string())
                .unwrap_or_default(),
        }
    }
}

impl From<Follower> for v1::Follower {
    fn from(follower: Follower) -> Self {
        Self {
            channel: follower.channel,
            moments: moments(&follower.moments),
            subscriber: follower.subscriber,
        }
    }
}

impl From<Subscription> for v1::Subscription {
    fn from(subscription: Subscription) -> Self {
        let (requester, since) = subscription.asked.unzip();
        Self {
            repository: subscription.repository.to_string(),
            environment: subscription.environment.to_string(),
            moments: moments(&subscription.moments),
            requester: requester.map(Into::into),
            since: since.map(time),
        }
    }
}

impl From<Subscribed> for v1::SubscribeResponse {
    fn from(subscribed: Subscribed) -> Self {
        Self {
            subscription: Some(subscribed.subscription.into()),
            replaced: subscribed.replaced.map(Into::into),
            outdated: subscribed.outdated,
        }
    }
}

impl From<Unsubscribed> for v1::UnsubscribeResponse {
    fn from(unsubscribed: Unsubscribed) -> Self {
        Self {
            ended: all(unsubscribed.ended),
            kept: all(unsubscribed.kept),
            outdated: unsubscribed.outdated,
        }
    }
}

fn moments(moments: &Moments) -> Vec<i32> {
    let moment = |moment: &Moment| match moment {
        Moment::Started => v1::Moment::Started,
        Moment::Succeeded => v1::Moment::Succeeded,
        Moment::Failed => v1::Moment::Failed,
    };
    moments.iter().map(|one| moment(one).into()).collect()
}
