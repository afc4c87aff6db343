//! The contract's service: reads each call, lets the service answer within the
//! caller's time, and turns the answer into the contract's words.

use std::pin::Pin;

use deploy_proto::v1::{self, deploy_service_server::DeployService};
use futures::{Stream, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, metadata::MetadataMap};

use super::{deadline::Deadline, read};
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
            Ok(Box::pin(self.service.status(ask)).await?.into())
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
        let subscriber = read::watch(request.get_ref())?;
        let feed = self
            .service
            .watch(&subscriber, self.shutdown.clone())
            .await?;
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
}

/// The feed as a stream. It reads on only when the caller takes the next entry,
/// and ends with the first error.
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
            Ok(Some(entry)) => Some((Ok(entry.into()), Some(feed))),
            Ok(None) => None,
            Err(error) => Some((Err(error.into()), None)),
        }
    })
}
