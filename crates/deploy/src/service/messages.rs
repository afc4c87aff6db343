//! What interfaces post: each message is claimed by one of their replicas and
//! recorded when it is posted.

use std::time::Duration;

use super::Service;
use crate::{
    error::Error,
    store::{Claimed, MessageClaim, MessageRecord},
};

/// How long a claim lasts: longer than a call that posts a message takes at most.
pub(crate) const CLAIM: Duration = Duration::from_secs(15);

impl Service {
    /// Claims a message for who is about to post it.
    pub(crate) async fn claim_message(&self, claim: MessageClaim) -> Result<Claimed, Error> {
        let store = self.store.clone();
        self.carried_through(async move { Ok(store.claim_message(&claim, CLAIM).await?) })
            .await
    }

    /// Records a message that is posted.
    pub(crate) async fn record_message(&self, record: MessageRecord) -> Result<(), Error> {
        let store = self.store.clone();
        self.carried_through(async move { Ok(store.record_message(&record).await?) })
            .await
    }
}
