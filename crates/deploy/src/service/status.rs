//! What runs where.

use super::{Service, StatusAsk};
use crate::{
    error::Error,
    model::{Deployment, RepositoryStatus, Snapshot},
};

impl Service {
    /// The newest commits of the default branch and what each environment runs.
    pub(crate) async fn status(&self, ask: StatusAsk) -> Result<Snapshot<RepositoryStatus>, Error> {
        let StatusAsk { repository, limit } = ask;
        let text = limit.to_string();
        let read = self.github.status(&repository, limit);
        let with = |status: RepositoryStatus, since: &[Deployment]| status.with(since);
        let read = self.through_journal(&repository, &text, with, read);
        match read.await {
            Ok(status) => Ok(status),
            Err(error) => Err(self.read_failed(&repository, error).await),
        }
    }
}
