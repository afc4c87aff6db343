//! Requests withdrawn before they go out.

use super::{CancelAsk, Service};
use crate::{error::Error, model::Request};

impl Service {
    /// Withdraws a request, unless GitHub is already asked for its deployment;
    /// the request as it stands then.
    pub(crate) async fn cancel(&self, ask: CancelAsk) -> Result<Request, Error> {
        let (store, now) = (self.store.clone(), self.now());
        let CancelAsk { request, by } = ask;
        self.carried_through(async move {
            store
                .cancel(&request, &by, now)
                .await?
                .ok_or(Error::UnknownRequest(request))
        })
        .await
    }
}
