//! Which channels follow what, and deployments that others made.

use std::collections::BTreeMap;

use deploy_proto::v1::{self, *};
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status};

use super::{Answer, Scripted};

/// What is followed and what was asked.
#[derive(Default)]
pub(crate) struct Subscriptions {
    /// By channel, repository and environment.
    kept: BTreeMap<[String; 3], Subscription>,
    /// Made by others, by their names in the feed.
    pub(super) elsewhere: BTreeMap<String, ElsewhereDeployment>,
    pub(crate) asked: Vec<SubscribeRequest>,
    pub(crate) ended: Vec<UnsubscribeRequest>,
    /// Something newer holds than what is to be followed.
    pub(crate) has_newer: bool,
    /// What any of it is answered with instead, next first.
    pub(crate) refuse: Vec<Status>,
    /// What changes something waits for this before it is journalled.
    pub(crate) hold: Option<CancellationToken>,
}

impl Subscriptions {
    /// Somebody has let a channel follow production of people.
    pub(crate) fn follows(&mut self, channel: &str, subscriber: &str, moments: &[Moment]) {
        let subscription = Subscription {
            repository: "acme/people".to_owned(),
            environment: "production".to_owned(),
            moments: moments.iter().map(|one| (*one).into()).collect(),
            requester: Some(Person {
                slack: subscriber.to_owned(),
                ..Person::default()
            }),
            since: None,
        };
        self.kept
            .insert(place(channel, &subscription), subscription);
    }

    /// What a channel follows.
    pub(crate) fn of(&self, channel: &str) -> Vec<Subscription> {
        let kept = self.kept.iter();
        kept.filter(|([known, ..], _)| known == channel)
            .map(|(_, one)| one.clone())
            .collect()
    }

    /// Who follows what an entry is about, but where it was asked for.
    pub(super) fn followers(
        &self,
        request: Option<&v1::Request>,
        elsewhere: Option<&ElsewhereDeployment>,
    ) -> Vec<Follower> {
        let environment = |made: &ElsewhereDeployment| {
            let deployment = made.deployment.as_ref();
            deployment
                .map_or("", |one| one.environment.as_str())
                .to_owned()
        };
        let (about, own) = match (request, elsewhere) {
            (Some(request), _) => {
                let reply = request.reply.as_ref();
                let own = reply.map_or("", |reply| reply.channel.as_str());
                (
                    (request.repository.clone(), request.environment.clone()),
                    own,
                )
            }
            (None, Some(made)) => ((made.repository.clone(), environment(made)), ""),
            (None, None) => return Vec::new(),
        };
        let kept = self.kept.iter();
        let is_about = |one: &Subscription| {
            (one.repository.as_str(), one.environment.as_str()) == (&about.0, &about.1)
        };
        kept.filter(|([channel, ..], one)| channel != own && is_about(one))
            .map(|([channel, ..], one)| Follower {
                channel: channel.clone(),
                moments: one.moments.clone(),
                subscriber: one.requester.clone().unwrap_or_default().slack,
            })
            .collect()
    }

    fn refusal(&mut self) -> Result<(), Status> {
        match self.refuse.is_empty() {
            true => Ok(()),
            false => Err(self.refuse.remove(0)),
        }
    }
}

fn place(channel: &str, one: &Subscription) -> [String; 3] {
    [channel, &one.repository, &one.environment].map(str::to_owned)
}

fn whole_name(repository: &str) -> String {
    match repository.contains('/') {
        true => repository.to_owned(),
        false => format!("acme/{repository}"),
    }
}

impl Scripted {
    pub(super) async fn follow(&self, request: SubscribeRequest) -> Answer<SubscribeResponse> {
        let hold = {
            let subscriptions = &mut self.state().subscriptions;
            subscriptions.asked.push(request.clone());
            subscriptions.refusal()?;
            subscriptions.hold.clone()
        };
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
        let ends = [Moment::Succeeded, Moment::Failed].map(i32::from);
        let wanted = Subscription {
            repository: whole_name(&request.repository),
            environment: match request.environment.as_str() {
                "" => "production".to_owned(),
                named => named.to_owned(),
            },
            moments: match request.moments.is_empty() {
                true => ends.to_vec(),
                false => request.moments,
            },
            requester: request.requester,
            since: None,
        };
        let subscriptions = &mut self.state().subscriptions;
        if subscriptions.has_newer {
            return Ok(Response::new(SubscribeResponse {
                subscription: Some(wanted),
                replaced: None,
                outdated: true,
            }));
        }
        let kept = &mut subscriptions.kept;
        let before = kept.insert(place(&request.channel, &wanted), wanted.clone());
        Ok(Response::new(SubscribeResponse {
            replaced: before.filter(|before| before.moments != wanted.moments),
            subscription: Some(wanted),
            outdated: false,
        }))
    }

    pub(super) async fn end_following(
        &self,
        request: UnsubscribeRequest,
    ) -> Answer<UnsubscribeResponse> {
        let hold = {
            let subscriptions = &mut self.state().subscriptions;
            subscriptions.ended.push(request.clone());
            subscriptions.refusal()?;
            subscriptions.hold.clone()
        };
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
        let repository = whole_name(&request.repository);
        let is_meant = |[channel, known, environment]: &[String; 3]| {
            let is_there = request.environment.is_empty() || *environment == request.environment;
            *channel == request.channel && *known == repository && is_there
        };
        let kept = &mut self.state().subscriptions.kept;
        let ended = kept.extract_if(.., |place, _| is_meant(place));
        let ended = ended.map(|(_, one)| one).collect();
        Ok(Response::new(UnsubscribeResponse {
            outdated: false,
            ended,
            kept: Vec::new(),
        }))
    }

    pub(super) fn list_followed(
        &self,
        request: &ListSubscriptionsRequest,
    ) -> Answer<ListSubscriptionsResponse> {
        let subscriptions = &mut self.state().subscriptions;
        subscriptions.refusal()?;
        Ok(Response::new(ListSubscriptionsResponse {
            subscriptions: subscriptions.of(&request.channel),
        }))
    }

    /// Others have made a deployment, or it has gone on, and the feed tells of it.
    pub(crate) fn others_deploy(&self, deployment: Deployment, failure: &str) {
        let name = format!("elsewhere:{}", deployment.id);
        let made = ElsewhereDeployment {
            repository: "acme/people".to_owned(),
            deployment: Some(deployment),
            failure: failure.to_owned(),
            why: None,
        };
        let mut state = self.state();
        state.subscriptions.elsewhere.insert(name.clone(), made);
        drop(state);
        self.append(&name);
    }
}
