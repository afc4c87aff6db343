//! The contract's service: reads each call, lets the service answer within the
//! caller's time, and turns the answer into the contract's words.

use std::pin::Pin;

use deploy_proto::v1::{self, deploy_service_server::DeployService};
use futures::{Stream, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, metadata::MetadataMap};

use super::{convert, deadline::Deadline, people, read, read_subscription};
use crate::{
    error::Error,
    service::{Feed, Service},
};

/// Serves the contract.
#[derive(Clone)]
pub(super) struct Api {
    service: Service,
    shutdown: CancellationToken,
}

impl Api {
    /// Serves until `shutdown`, at which streams end.
    pub(super) fn new(service: Service, shutdown: CancellationToken) -> Self {
        Self { service, shutdown }
    }

    fn owner(&self) -> Option<&str> {
        self.service.default_owner()
    }
}

/// Answers a call within the time that its caller gave.
async fn answer<T>(
    metadata: &MetadataMap,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<Response<T>, Status> {
    let answer = Deadline::of_call(metadata).within(work).await?;
    Ok(Response::new(answer))
}

#[tonic::async_trait]
impl DeployService for Api {
    async fn get_status(
        &self,
        request: Request<v1::GetStatusRequest>,
    ) -> Result<Response<v1::GetStatusResponse>, Status> {
        answer(request.metadata(), async {
            let ask = read::status(request.get_ref(), self.owner())?;
            Ok(Box::pin(self.service.standing(ask)).await?.into())
        })
        .await
    }

    async fn list_history(
        &self,
        request: Request<v1::ListHistoryRequest>,
    ) -> Result<Response<v1::ListHistoryResponse>, Status> {
        answer(request.metadata(), async {
            let ask = read::history(request.get_ref(), self.owner())?;
            Ok(Box::pin(self.service.history(ask)).await?.into())
        })
        .await
    }

    async fn start_deployment(
        &self,
        request: Request<v1::StartDeploymentRequest>,
    ) -> Result<Response<v1::StartDeploymentResponse>, Status> {
        let (metadata, _, message) = request.into_parts();
        answer(&metadata, async {
            let asked = read::start(message, self.owner())?;
            let request = self.service.start(asked).await?;
            Ok(v1::StartDeploymentResponse {
                request: Some(request.into()),
            })
        })
        .await
    }

    async fn cancel_deployment(
        &self,
        request: Request<v1::CancelDeploymentRequest>,
    ) -> Result<Response<v1::CancelDeploymentResponse>, Status> {
        let (metadata, _, message) = request.into_parts();
        answer(&metadata, async {
            let request = self.service.cancel(read::cancel(message)?).await?;
            Ok(v1::CancelDeploymentResponse {
                request: Some(request.into()),
            })
        })
        .await
    }

    async fn preview_deployment(
        &self,
        request: Request<v1::PreviewDeploymentRequest>,
    ) -> Result<Response<v1::PreviewDeploymentResponse>, Status> {
        let (metadata, _, message) = request.into_parts();
        answer(&metadata, async {
            let ask = read::preview(message, self.owner())?;
            Ok(self.service.preview(ask).await?.into())
        })
        .await
    }

    async fn list_environments(
        &self,
        request: Request<v1::ListEnvironmentsRequest>,
    ) -> Result<Response<v1::ListEnvironmentsResponse>, Status> {
        answer(request.metadata(), async {
            let repository = read::environments(request.get_ref(), self.owner())?;
            Ok(Box::pin(self.service.environments(repository))
                .await?
                .into())
        })
        .await
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<v1::WatchResponse, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<v1::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let deadline = Deadline::of_stream(request.metadata());
        let ask = read::watch(request.get_ref())?;
        let feed = self.service.watch(&ask, self.shutdown.clone());
        Ok(Response::new(Box::pin(entries(feed, deadline))))
    }

    async fn ack(
        &self,
        request: Request<v1::AckRequest>,
    ) -> Result<Response<v1::AckResponse>, Status> {
        answer(request.metadata(), async {
            self.service.ack(read::ack(request.get_ref())?).await?;
            Ok(v1::AckResponse {})
        })
        .await
    }

    async fn record_reply(
        &self,
        request: Request<v1::RecordReplyRequest>,
    ) -> Result<Response<v1::RecordReplyResponse>, Status> {
        answer(request.metadata(), async {
            let ask = read::record_reply(request.get_ref())?;
            self.service.record_reply(ask).await?;
            Ok(v1::RecordReplyResponse {})
        })
        .await
    }

    async fn claim_message(
        &self,
        request: Request<v1::ClaimMessageRequest>,
    ) -> Result<Response<v1::ClaimMessageResponse>, Status> {
        answer(request.metadata(), async {
            let claim = read::claim_message(request.get_ref())?;
            Ok(self.service.claim_message(claim).await?.into())
        })
        .await
    }

    async fn record_message(
        &self,
        request: Request<v1::RecordMessageRequest>,
    ) -> Result<Response<v1::RecordMessageResponse>, Status> {
        answer(request.metadata(), async {
            let record = read::record_message(request.get_ref())?;
            self.service.record_message(record).await?;
            Ok(v1::RecordMessageResponse {})
        })
        .await
    }

    async fn start_link(
        &self,
        request: Request<v1::StartLinkRequest>,
    ) -> Result<Response<v1::StartLinkResponse>, Status> {
        let (metadata, _, message) = request.into_parts();
        answer(&metadata, async {
            let asked = people::start_link(message)?;
            let link = self.service.start_link(asked.clone()).await?;
            let link = link.map_or_else(|| people::not_set_up(asked), Into::into);
            Ok(v1::StartLinkResponse { link: Some(link) })
        })
        .await
    }

    async fn remove_link(
        &self,
        request: Request<v1::RemoveLinkRequest>,
    ) -> Result<Response<v1::RemoveLinkResponse>, Status> {
        let (metadata, _, message) = request.into_parts();
        answer(&metadata, async {
            let (change, slack) = people::remove_link(message)?;
            Ok(self.service.remove_link(change, slack).await?.into())
        })
        .await
    }

    async fn set_mentions(
        &self,
        request: Request<v1::SetMentionsRequest>,
    ) -> Result<Response<v1::SetMentionsResponse>, Status> {
        let (metadata, _, message) = request.into_parts();
        answer(&metadata, async {
            let (change, slack, muted) = people::set_mentions(message)?;
            let holds = self.service.set_mentions(change, slack, muted).await?;
            Ok(v1::SetMentionsResponse { outdated: !holds })
        })
        .await
    }

    async fn find_people(
        &self,
        request: Request<v1::FindPeopleRequest>,
    ) -> Result<Response<v1::FindPeopleResponse>, Status> {
        let (metadata, _, message) = request.into_parts();
        answer(&metadata, async {
            let ask = people::find_people(message)?;
            let people = self.service.find_people(&ask).await?;
            Ok(v1::FindPeopleResponse {
                people: convert::all(people),
            })
        })
        .await
    }

    async fn subscribe(
        &self,
        request: Request<v1::SubscribeRequest>,
    ) -> Result<Response<v1::SubscribeResponse>, Status> {
        let (metadata, _, message) = request.into_parts();
        answer(&metadata, async {
            let ask = read_subscription::subscribe(message, self.owner())?;
            Ok(Box::pin(self.service.subscribe(ask)).await?.into())
        })
        .await
    }

    async fn unsubscribe(
        &self,
        request: Request<v1::UnsubscribeRequest>,
    ) -> Result<Response<v1::UnsubscribeResponse>, Status> {
        answer(request.metadata(), async {
            let ask = read_subscription::unsubscribe(request.get_ref(), self.owner())?;
            Ok(self.service.unsubscribe(ask).await?.into())
        })
        .await
    }

    async fn list_subscriptions(
        &self,
        request: Request<v1::ListSubscriptionsRequest>,
    ) -> Result<Response<v1::ListSubscriptionsResponse>, Status> {
        answer(request.metadata(), async {
            let channel = read_subscription::list(request.get_ref())?;
            let subscriptions = self.service.subscriptions(&channel).await?;
            Ok(v1::ListSubscriptionsResponse {
                subscriptions: convert::all(subscriptions),
            })
        })
        .await
    }

    async fn get_overview(
        &self,
        request: Request<v1::GetOverviewRequest>,
    ) -> Result<Response<v1::GetOverviewResponse>, Status> {
        let (metadata, _, message) = request.into_parts();
        answer(&metadata, async {
            let slack = read::overview(message)?;
            Ok(Box::pin(self.service.overview(&slack)).await?.into())
        })
        .await
    }
}

/// The feed as a stream. It reads on only when the caller takes the next entry,
/// and ends with the first error, or when another stream is served.
fn entries(
    feed: Feed,
    deadline: Option<Deadline>,
) -> impl Stream<Item = Result<v1::WatchResponse, Status>> + Send {
    stream::unfold(Some(feed), move |feed| async move {
        let mut feed = feed?;
        let next = match deadline {
            Some(deadline) => deadline.within(feed.next()).await,
            None => feed.next().await,
        };
        match next {
            Ok(Some(told)) => Some((Ok(told.into()), Some(feed))),
            Ok(None) => None,
            Err(error) => Some((Err(error.into()), None)),
        }
    })
}
