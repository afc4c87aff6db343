//! The deploy service, over gRPC: every call with a deadline, every error by
//! what can be done about it.

mod error;

use std::{sync::Arc, time::Duration};

use deploy_proto::v1::{self, deploy_service_client::DeployServiceClient};
use secrecy::{ExposeSecret as _, SecretString};
use tonic::{
    Request, Status, Streaming,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, ClientTlsConfig, Endpoint},
};

use crate::config::Config;

pub(crate) use self::error::{About, Error, meaning};

/// The name under which the feed is followed.
const SUBSCRIBER: &str = "slack";

/// The client. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    service: DeployServiceClient<InterceptedService<Channel, Bearer>>,
    deadline: Duration,
    claim_deadline: Duration,
    /// This process, as the deploy service tells its replicas apart.
    replica: Arc<str>,
}

impl Client {
    /// Connects when it is first used, and again whenever the connection is lost.
    ///
    /// # Errors
    /// When the address or the token can't be used at all.
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let mut endpoint = Endpoint::from_shared(config.deploy_url.to_string())?
            .connect_timeout(config.timing.deploy_call)
            // A connection that died unseen is found out and replaced.
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true);
        if config.deploy_url.scheme() == "https" {
            endpoint = endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?;
        }
        let bearer = Bearer::new(config.deploy_token.as_ref())?;
        Ok(Self {
            service: DeployServiceClient::with_interceptor(endpoint.connect_lazy(), bearer),
            deadline: config.timing.deploy_call,
            claim_deadline: config.timing.claim_call,
            replica: format!("{:032x}", rand::random::<u128>()).into(),
        })
    }

    pub(crate) async fn status(
        &self,
        request: v1::GetStatusRequest,
    ) -> Result<v1::GetStatusResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.get_status(request).await
        })
        .await
    }

    pub(crate) async fn history(
        &self,
        request: v1::ListHistoryRequest,
    ) -> Result<v1::ListHistoryResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.list_history(request).await
        })
        .await
    }

    pub(crate) async fn environments(
        &self,
        repository: &str,
    ) -> Result<v1::ListEnvironmentsResponse, Error> {
        let mut service = self.service.clone();
        let request = v1::ListEnvironmentsRequest {
            repository: repository.to_owned(),
        };
        self.within(request, |request| async move {
            service.list_environments(request).await
        })
        .await
    }

    pub(crate) async fn preview(
        &self,
        request: v1::PreviewDeploymentRequest,
    ) -> Result<v1::PreviewDeploymentResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.preview_deployment(request).await
        })
        .await
    }

    pub(crate) async fn overview(
        &self,
        request: v1::GetOverviewRequest,
    ) -> Result<v1::GetOverviewResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.get_overview(request).await
        })
        .await
    }

    /// Asks for a deployment; the same request id asks for the same one.
    pub(crate) async fn start(
        &self,
        request: v1::StartDeploymentRequest,
    ) -> Result<v1::Request, Error> {
        let mut service = self.service.clone();
        let response = self
            .within(request, |request| async move {
                service.start_deployment(request).await
            })
            .await?;
        response
            .request
            .ok_or_else(|| Error::Broken("StartDeployment without a request".to_owned()))
    }

    /// Withdraws a request; once or several times is the same.
    pub(crate) async fn cancel(
        &self,
        request: v1::CancelDeploymentRequest,
    ) -> Result<v1::Request, Error> {
        let mut service = self.service.clone();
        let response = self
            .within(request, |request| async move {
                service.cancel_deployment(request).await
            })
            .await?;
        response
            .request
            .ok_or_else(|| Error::Broken("CancelDeployment without a request".to_owned()))
    }

    /// Begins to prove who somebody is on GitHub; the same id begins the same link.
    pub(crate) async fn start_link(
        &self,
        request: v1::StartLinkRequest,
    ) -> Result<v1::Link, Error> {
        let mut service = self.service.clone();
        let response = self
            .within(request, |request| async move {
                service.start_link(request).await
            })
            .await?;
        response
            .link
            .ok_or_else(|| Error::Broken("StartLink without a link".to_owned()))
    }

    /// Forgets which GitHub account somebody has; the same id forgets once.
    pub(crate) async fn remove_link(
        &self,
        request: v1::RemoveLinkRequest,
    ) -> Result<v1::RemoveLinkResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.remove_link(request).await
        })
        .await
    }

    /// Sets whether somebody is mentioned when their commits are live.
    pub(crate) async fn set_mentions(
        &self,
        request: v1::SetMentionsRequest,
    ) -> Result<v1::SetMentionsResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.set_mentions(request).await
        })
        .await
    }

    /// What is known of people.
    pub(crate) async fn find_people(
        &self,
        request: v1::FindPeopleRequest,
    ) -> Result<Vec<v1::KnownPerson>, Error> {
        let mut service = self.service.clone();
        let response = self
            .within(request, |request| async move {
                service.find_people(request).await
            })
            .await?;
        Ok(response.people)
    }

    /// Lets a channel follow an environment; the same id does so once.
    pub(crate) async fn subscribe(
        &self,
        request: v1::SubscribeRequest,
    ) -> Result<v1::SubscribeResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.subscribe(request).await
        })
        .await
    }

    /// Ends what a channel follows; the same id does so once.
    pub(crate) async fn unsubscribe(
        &self,
        request: v1::UnsubscribeRequest,
    ) -> Result<v1::UnsubscribeResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.unsubscribe(request).await
        })
        .await
    }

    /// What a channel follows.
    pub(crate) async fn subscriptions(
        &self,
        request: v1::ListSubscriptionsRequest,
    ) -> Result<v1::ListSubscriptionsResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.list_subscriptions(request).await
        })
        .await
    }

    /// Follows the feed from the last acknowledged cursor on.
    pub(crate) async fn watch(&self) -> Result<Streaming<v1::WatchResponse>, Error> {
        let mut service = self.service.clone();
        let request = v1::WatchRequest {
            subscriber: SUBSCRIBER.to_owned(),
            replica: self.replica.to_string(),
        };
        // The stream has no deadline, its beginning has.
        let opening = service.watch(Request::new(request));
        match tokio::time::timeout(self.deadline, opening).await {
            Ok(answer) => Ok(answer.map_err(|status| meaning(&status))?.into_inner()),
            Err(_) => Err(too_slow(self.deadline)),
        }
    }

    /// Says that all up to and with a cursor is shown.
    pub(crate) async fn acknowledge(&self, cursor: i64) -> Result<(), Error> {
        let mut service = self.service.clone();
        let request = v1::AckRequest {
            subscriber: SUBSCRIBER.to_owned(),
            cursor,
        };
        self.within(request, |request| async move { service.ack(request).await })
            .await?;
        Ok(())
    }

    /// Claims a message that is about to be posted.
    pub(crate) async fn claim_message(
        &self,
        request: v1::ClaimMessageRequest,
    ) -> Result<v1::claim_message_response::Outcome, Error> {
        let mut service = self.service.clone();
        let claimed = self.within_time(self.claim_deadline, request, |request| async move {
            service.claim_message(request).await
        });
        let outcome = claimed.await?.outcome;
        outcome.ok_or_else(|| Error::Broken("ClaimMessage without an outcome".to_owned()))
    }

    /// Records a message that is posted.
    pub(crate) async fn record_message(
        &self,
        request: v1::RecordMessageRequest,
    ) -> Result<(), Error> {
        let mut service = self.service.clone();
        self.within_time(self.claim_deadline, request, |request| async move {
            service.record_message(request).await
        })
        .await?;
        Ok(())
    }

    /// This process, as the deploy service tells its replicas apart.
    pub(crate) fn replica(&self) -> &str {
        &self.replica
    }

    async fn within<Q, A, F>(
        &self,
        request: Q,
        call: impl FnOnce(Request<Q>) -> F,
    ) -> Result<A, Error>
    where
        F: Future<Output = Result<tonic::Response<A>, Status>>,
    {
        self.within_time(self.deadline, request, call).await
    }

    async fn within_time<Q, A, F>(
        &self,
        deadline: Duration,
        request: Q,
        call: impl FnOnce(Request<Q>) -> F,
    ) -> Result<A, Error>
    where
        F: Future<Output = Result<tonic::Response<A>, Status>>,
    {
        let mut request = Request::new(request);
        request.set_timeout(deadline);
        match tokio::time::timeout(deadline, call(request)).await {
            Ok(Ok(answer)) => Ok(answer.into_inner()),
            Ok(Err(status)) => Err(meaning(&status)),
            Err(_) => Err(too_slow(deadline)),
        }
    }
}

fn too_slow(deadline: Duration) -> Error {
    Error::TooSlow(format!("nothing within {deadline:?}"))
}

/// Adds the bearer token to every call.
#[derive(Clone)]
struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    fn new(token: Option<&SecretString>) -> anyhow::Result<Self> {
        let Some(token) = token else {
            return Ok(Self(None));
        };
        let mut value: MetadataValue<Ascii> =
            format!("Bearer {}", token.expose_secret())
                .parse()
                .map_err(|_| anyhow::anyhow!("DEPLOYBOT_DEPLOY_TOKEN can't be sent in a header"))?;
        // It is not shown when the headers are.
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", value.clone());
        }
        Ok(request)
    }
}
