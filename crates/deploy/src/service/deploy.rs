//! Requests to deploy: accepted here, carried out by the worker; and the
//! message that shows them.

use super::{ReplyAsk, Service};
use crate::{
    error::Error,
    model::{NewRequest, Request},
    store::Acceptance,
};

impl Service {
    /// Accepts a request. The same id again is the same request.
    pub(crate) async fn start(&self, asked: NewRequest) -> Result<Request, Error> {
        let (store, now) = (self.store.clone(), self.now());
        let accepted = self
            .carried_through(async move { Ok(store.accept(&asked, now).await?) })
            .await?;
        match accepted {
            Acceptance::New(request) => {
                let asked = &request.asked;
                tracing::info!(
                    request.id = %asked.id,
                    repository = %asked.repository,
                    environment = %asked.environment,
                    commit = %asked.commit,
                    "accepted a request to deploy",
                );
                Ok(request)
            }
            Acceptance::Repeated(request) => Ok(request),
            Acceptance::IdTaken(other) => Err(Error::invalid(
                "request_id",
                format!(
                    "A request with this id asked to deploy `{}` of {} to {}: \
                     another request needs another id.",
                    other.asked.commit, other.asked.repository, other.asked.environment
                ),
            )),
        }
    }

    /// Records the message that shows a request.
    pub(crate) async fn record_reply(&self, ask: ReplyAsk) -> Result<(), Error> {
        let store = self.store.clone();
        self.carried_through(async move {
            let ReplyAsk {
                request,
                channel,
                message_ts,
            } = ask;
            if store.record_reply(&request, &channel, &message_ts).await? {
                Ok(())
            } else {
                Err(Error::UnknownRequest(request))
            }
        })
        .await
    }
}
