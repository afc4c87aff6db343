//! What runs where.

use super::{
    Service, StatusAsk,
    reads::{Followed, followed, is_whole, unless_failed, widest},
};
use crate::{
    error::Error,
    github,
    model::{Deployment, RepositoryName, RepositoryStatus, Snapshot, Stale},
    rules,
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
            // Somebody may have asked for more since that was read.
            Ok(Snapshot {
                value,
                stale: Some(stale),
            }) => {
                let newer = self.widest_status(&repository, limit, &stale).await;
                let newer = newer.filter(|it| is_whole(it) && it.value.as_of > value.as_of);
                Ok(newer.unwrap_or(Snapshot {
                    value,
                    stale: Some(stale),
                }))
            }
            Ok(current) => Ok(current),
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
        self.widest_status(repository, limit, &stale).await
    }

    /// What was kept for whoever asked for as many commits, the newest of that;
    /// else the one with most.
    async fn widest_status(
        &self,
        repository: &RepositoryName,
        limit: u8,
        stale: &Stale,
    ) -> Option<Snapshot<RepositoryStatus>> {
        let asks = self.store.status_asks(repository).await;
        let asks = unless_failed(repository, "tell what was kept", asks)?;
        // A branch that has fewer commits than were asked for is in it as a whole.
        let newest = self.status_for(repository, asks.first()?, limit, stale);
        let newest = newest.await;
        if newest.as_ref().is_some_and(is_whole) {
            return newest;
        }
        let asks = asks.iter();
        let numbered = asks.filter_map(|ask| Some((ask.parse::<u8>().ok()?, ask)));
        let ask = widest(numbered, limit)?;
        self.status_for(repository, ask, limit, stale)
            .await
            .or(newest)
    }

    /// What was kept for an ask, cut to as many commits as are asked for now.
    async fn status_for(
        &self,
        repository: &RepositoryName,
        ask: &str,
        limit: u8,
        stale: &Stale,
    ) -> Option<Snapshot<RepositoryStatus>> {
        let kept = self.store.status_snapshot(repository, ask).await;
        let kept = unless_failed(repository, "tell a status that was kept", kept).flatten()?;
        let with = |status: RepositoryStatus, since: &[Deployment]| status.with(since);
        let Followed {
            mut value,
            followed_at,
            ..
        } = followed(kept, with, self.now());
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
                ..stale.clone()
            }),
        })
    }
}
