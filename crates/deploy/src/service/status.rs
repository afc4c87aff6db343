//! What runs where.

mod known;

use jiff::Timestamp;

use super::{
    Service, StatusAsk,
    reads::{Followed, followed, or_newer, unless_failed, widest},
};
use crate::{
    error::Error,
    gate, github,
    model::{
        Deployment, EnvironmentName, RepositoryName, RepositoryStatus, Request, Snapshot, Stale,
    },
    rules, store,
};

/// What is told of a repository.
#[derive(Debug)]
pub(crate) struct Standing {
    /// As it was asked for.
    pub(crate) repository: RepositoryName,
    /// What runs where; else why nothing is known of it but what waits.
    pub(crate) status: Result<Snapshot<RepositoryStatus>, Stale>,
    /// What says that it waits there.
    pub(crate) waiting: Vec<Request>,
}

impl Service {
    /// The status of a repository, or what else is known of it while GitHub cannot
    /// be asked, with what waits there.
    pub(crate) async fn standing(&self, ask: StatusAsk) -> Result<Standing, Error> {
        let repository = ask.repository.clone();
        let status = self.status_or_known(ask).await;
        let waiting = self.waiting_in(&repository, status.as_ref().ok()).await;
        let status = match status {
            Ok(status) => Ok(status),
            Err(error) => {
                let stale = self.why_untold(&error).filter(|_| !waiting.is_empty());
                Err(Stale {
                    is_partial: true,
                    ..stale.ok_or(error)?
                })
            }
        };
        Ok(Standing {
            repository,
            status,
            waiting,
        })
    }

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
            Ok(held) => {
                let kept = match &held.stale {
                    Some(stale) => self.widest_status(&repository, limit, stale).await,
                    None => None,
                };
                Ok(or_newer(held, kept))
            }
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

    /// What waits to go out of a repository, by the name that it was asked for and
    /// the one that it has now, those first that were accepted first; nothing where
    /// the journal does not tell. Each names its environment as the status does, which
    /// may be another name than that by which it was asked for.
    pub(super) async fn waiting_in(
        &self,
        asked: &RepositoryName,
        status: Option<&Snapshot<RepositoryStatus>>,
    ) -> Vec<Request> {
        let present = status.map(|status| &status.value.repository);
        let renamed = present.filter(|present| !present.is_same(asked));
        let mut waiting = Vec::new();
        for name in [asked].into_iter().chain(renamed) {
            let there = self.store.waiting_in(name).await;
            let there = unless_failed(name, "tell what waits", there);
            also_waiting(&mut waiting, there.unwrap_or_default());
        }
        let known: Vec<_> = status.into_iter().flat_map(named_by).cloned().collect();
        let knows_all = status.is_some_and(|status| !status.value.branch.is_empty());
        for one in &mut waiting {
            let asked = &one.asked.environment;
            let meant = gate::resolve_environment(asked, &known);
            // Of what the journal alone tells there may be more.
            let meant = meant.filter(|meant| knows_all || meant.is_same(asked));
            if let Some(meant) = meant {
                one.asked.environment = meant.clone();
            }
        }
        waiting
    }

    /// What was kept for others who asked for as many commits, or for others.
    async fn widest_status(
        &self,
        repository: &RepositoryName,
        limit: u8,
        stale: &Stale,
    ) -> Option<Snapshot<RepositoryStatus>> {
        let asks = self.store.status_asks(repository).await;
        let asks = unless_failed(repository, "tell what was kept", asks)?;
        let asks = asks.into_iter();
        let numbered = asks.filter_map(|ask| Some((ask.parse().ok()?, ask)));
        let read =
            |ask: String| async move { self.status_for(repository, &ask, limit, stale).await };
        widest(numbered.collect(), limit, read).await
    }

    /// What was kept for an ask, cut to as many commits as are asked for now. What can't
    /// be brought up to date is told as a part.
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
            is_up_to_date,
        } = followed(kept, with, self.now());
        // A branch that had fewer commits than were asked for is told as a whole.
        let told = value.commits.len();
        let is_cut_short = ask.parse().is_ok_and(|asked: usize| told >= asked);
        let has_all = !is_cut_short || told >= limit.into();
        value.commits.truncate(limit.into());
        Some(Snapshot {
            value,
            stale: Some(Stale {
                is_partial: !(is_up_to_date && has_all),
                followed_at,
                ..stale.clone()
            }),
        })
    }
}

/// The environments that a status names, also those of which it knows nothing else.
fn named_by(status: &Snapshot<RepositoryStatus>) -> impl Iterator<Item = &EnvironmentName> {
    let told = status.value.environments.iter().map(|one| &one.name);
    let missing = status.stale.iter().flat_map(|stale| &stale.missing);
    told.chain(missing)
}

/// Adds what waits too, each once.
pub(super) fn also_waiting(waiting: &mut Vec<Request>, others: Vec<Request>) {
    for other in others {
        if !waiting.iter().any(|known| known.asked.id == other.asked.id) {
            waiting.push(other);
        }
    }
    let turn =
        |one: &Request| -> (Timestamp, String) { (one.accepted_at, one.asked.id.to_string()) };
    waiting.sort_by_key(turn);
    waiting.truncate(store::WAITING);
}
