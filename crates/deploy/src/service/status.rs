//! What runs where.

use super::{
    Service, StatusAsk,
    reads::{followed_at, unless_failed},
};
use crate::{
    error::Error,
    github,
    model::{Deployment, RepositoryName, RepositoryStatus, Snapshot, Stale},
    rules,
    store::Kept,
};

impl Service {
    /// The newest commits of the default branch and what each environment runs.
    pub(crate) async fn status(&self, ask: StatusAsk) -> Result<Snapshot<RepositoryStatus>, Error> {
        let StatusAsk { repository, limit } = ask;
        let text = limit.to_string();
        let read = async |github: github::Client| {
            let (status, said) = github.status(&repository, limit).await?;
            rules::keep(&self.store, &repository, &said).await;
            Ok(status)
        };
        let with = |status: RepositoryStatus, since: &[Deployment]| status.with(since);
        let read = self.through_journal(&repository, &text, with, read);
        match read.await {
            Ok(status) => Ok(status),
            Err(error) => match self.kept_status(&repository, limit, &error).await {
                Some(status) => Ok(status),
                None => Err(self.read_failed(&repository, error).await),
            },
        }
    }

    /// What was kept of a repository for whoever asked for more commits, or for
    /// fewer, while GitHub cannot be asked.
    pub(super) async fn kept_status(
        &self,
        repository: &RepositoryName,
        limit: u8,
        error: &github::Error,
    ) -> Option<Snapshot<RepositoryStatus>> {
        let stale = self.why_stale(error)?;
        let kept = self.store.newest_status(repository).await;
        let (ask, kept) =
            unless_failed(repository, "tell a status that was kept", kept).flatten()?;
        let Kept { value, since, .. } = kept;
        let up_to_date = value.clone().with(&since);
        let followed_at = up_to_date
            .as_ref()
            .and_then(|_| followed_at(&since, value.as_of, self.now()));
        let mut value = up_to_date.unwrap_or(value);
        // A branch that had fewer commits than were asked for is told as a whole.
        let told = value.commits.len();
        let is_cut_short = ask.parse().is_ok_and(|asked: usize| told >= asked);
        let is_partial = is_cut_short && told < limit.into();
        value.commits.truncate(limit.into());
        Some(Snapshot {
            value,
            stale: Some(Stale {
                is_partial,
                followed_at,
                ..stale
            }),
        })
    }
}
