//! Makes the journal anew from GitHub's deployments alone: each is kept with its
//! statuses, and of those that deploybot made the request too, as its payload
//! tells it. What the journal knows already stays.
//!
//! It goes repository by repository and page by page, and each page is written
//! together with the place where it ended, so that one that is cut off goes on
//! there. On Postgres it may run beside the service.

mod report;
mod request;

use std::{collections::HashSet, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

pub use report::{Told, to_stderr};

use crate::{
    Clock, Config,
    error::{until, whole_chain},
    github::{self, Client, ListedPage},
    github_client,
    model::RepositoryName,
    set_clock,
    store::{self, Rebuild, RebuiltPage, Store},
};

/// How many deployments are read at once, and then after GitHub failed to give
/// so many: a page of large payloads is more than it can answer.
const AT_ONCE: [u8; 3] = [100, 10, 1];
/// How often the smallest page is tried before the repository is left.
const TRIES: usize = 5;
/// The wait before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
/// It never grows beyond.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long GitHub is waited for.
const OUTAGE: Duration = Duration::from_mins(15);
/// What the process holds that rebuilds.
const REBUILDING: &str = "rebuild";
/// How long another waits after this one died.
const LEASE: Duration = Duration::from_secs(30);

/// How to tell how far it has come.
type Tell<'a> = &'a mut (dyn FnMut(Told<'_>) + Send);

/// A rebuild under way.
struct Rebuilder<'a> {
    store: &'a Store,
    github: Client,
    clock: Clock,
    tell: Tell<'a>,
}

/// Why a repository could not be read.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("cannot read {0} from GitHub")]
    Github(RepositoryName, #[source] github::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// GitHub compares names without regard to case.
fn each_once(mut named: Vec<RepositoryName>) -> Vec<RepositoryName> {
    let mut seen = HashSet::new();
    named.retain(|name| seen.insert(name.to_string().to_lowercase()));
    named
}

/// Rebuilds the journal of these repositories, or where none is named of all
/// that the credentials can see; what was done, as a sentence.
///
/// # Errors
/// When the journal is another process's, GitHub does not let us, or the
/// shutdown comes before the end. Called again it goes on where it was.
pub async fn run(
    config: &Config,
    named: Vec<RepositoryName>,
    clock: Clock,
    shutdown: CancellationToken,
    tell: Tell<'_>,
) -> anyhow::Result<String> {
    let journal = &config.database;
    let store = Store::open(journal, Duration::ZERO)
        .await
        .map_err(|error| match error {
            store::Error::InUse => anyhow!(
                "the service has the journal {journal} open, and a SQLite file belongs to one \
                 process at a time: stop the service, rebuild, and start it again. On Postgres a \
                 rebuild runs beside it"
            ),
            error => {
                anyhow::Error::new(error).context(format!("cannot open the journal {journal}"))
            }
        })?;
    set_clock(&clock, &store).await;
    let github = github_client(config, clock.clone())?;
    let watching = github.clone().run(shutdown.child_token());
    let mut rebuilder = Rebuilder {
        store: &store,
        github,
        clock,
        tell,
    };
    let outcome = tokio::select! {
        biased;
        () = shutdown.cancelled() => {
            Err(anyhow!("it was told to stop; `deploy rebuild` goes on where it was"))
        }
        Err(error) = watching => Err(error.into()),
        done = rebuilder.alone(named) => done,
    };
    store.close().await;
    Ok(format!("The journal {journal} {}", outcome?))
}

impl Rebuilder<'_> {
    /// Rebuilds as the only process that does.
    async fn alone(&mut self, named: Vec<RepositoryName>) -> anyhow::Result<String> {
        let holder = uuid::Uuid::new_v4().to_string();
        let store = self.store;
        let mut lease = store.acquire(REBUILDING, &holder, LEASE).await?;
        if lease.is_none() {
            (self.tell)(Told::Says(
                "Another rebuild is under way, or died just now: waiting for half a minute.",
            ));
            sleep(LEASE).await;
            lease = store.acquire(REBUILDING, &holder, LEASE).await?;
        }
        let lease = lease.context("another rebuild is under way: wait until it has ended")?;
        let renewing = async {
            loop {
                sleep(LEASE / 3).await;
                match store.renew(&[&lease], LEASE).await {
                    Ok(lost) if lost.is_empty() => {}
                    Ok(_) => return anyhow!("another process has begun to rebuild"),
                    Err(error) => tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a lease cannot be renewed; trying on"
                    ),
                }
            }
        };
        let outcome = tokio::select! {
            lost = renewing => Err(lost),
            done = self.all(named) => done,
        };
        store.release(lease).await?;
        outcome
    }

    /// Rebuilds all repositories; one that cannot be read keeps no other.
    async fn all(&mut self, named: Vec<RepositoryName>) -> anyhow::Result<String> {
        let repositories = if named.is_empty() {
            self.visible().await?
        } else {
            each_once(named)
        };
        if repositories.is_empty() {
            bail!(
                "the credentials can see no repository: name those that are meant, or set \
                 DEPLOY_GITHUB_OWNER"
            );
        }
        let begun = self.store.begin_rebuild(&repositories, self.clock.now());
        let rebuilds = begun.await?;
        let (mut deployments, mut left) = (0, Vec::new());
        for (place, rebuild) in (1..).zip(&rebuilds) {
            match self.one(rebuild, place, rebuilds.len()).await {
                Ok(count) => deployments += count,
                Err(Error::Store(error)) => return Err(error.into()),
                Err(error @ Error::Github(..)) => {
                    (self.tell)(Told::Says(&whole_chain(&error)));
                    left.push(rebuild.repository.to_string());
                }
            }
        }
        if !left.is_empty() {
            bail!(
                "{} of {} repositories could not be read: {}. `deploy rebuild` goes on with them",
                left.len(),
                rebuilds.len(),
                left.join(", ")
            );
        }
        self.store.end_rebuild(&repositories).await?;
        Ok(done(deployments, repositories.len()))
    }

    async fn visible(&mut self) -> anyhow::Result<Vec<RepositoryName>> {
        loop {
            match self.github.visible_repositories().await {
                Ok(repositories) => return Ok(repositories),
                Err(error) if self.limited(&error).await => {}
                Err(error) => return Err(error).context("cannot list the repositories"),
            }
        }
    }

    /// Rebuilds a repository; how many deployments it has.
    async fn one(
        &mut self,
        rebuild: &Rebuild,
        place: usize,
        repositories: usize,
    ) -> Result<u64, Error> {
        let asked = &rebuild.repository;
        let (mut after, mut deployments) = (rebuild.page.clone(), rebuild.deployments);
        let mut is_done = rebuild.is_done;
        while !is_done {
            let read_at = self.clock.now();
            let page = self.page(asked, after.as_deref()).await?;
            let total = page.total.map(u64::from);
            deployments += page.deployments.len() as u64;
            is_done = page.next.is_none();
            let repository = page.repository;
            let page = RebuiltPage {
                deployments: page
                    .deployments
                    .into_iter()
                    .map(|listed| {
                        let request = request::of(&repository, &listed);
                        (listed.deployment, request)
                    })
                    .collect(),
                repository,
                next: page.next,
                read_at,
            };
            let written = self.store.rebuilt(asked, after.as_deref(), &page).await?;
            if !written {
                return Err(store::Error::Unreadable(format!(
                    "the rebuild of {asked} has gone on elsewhere"
                ))
                .into());
            }
            after = page.next;
            (self.tell)(Told::Read {
                repository: asked,
                place,
                repositories,
                deployments,
                total,
                is_done,
            });
        }
        Ok(deployments)
    }

    /// Reads a page, a smaller one where GitHub cannot give a large one.
    async fn page(
        &mut self,
        repository: &RepositoryName,
        after: Option<&str>,
    ) -> Result<ListedPage, Error> {
        let failed = |error| Error::Github(repository.clone(), error);
        let mut tries = 0;
        loop {
            let size = AT_ONCE[tries.min(AT_ONCE.len() - 1)];
            let error = match self.github.list_deployments(repository, after, size).await {
                Ok(page) => return Ok(page),
                Err(error) => error,
            };
            if self.limited(&error).await {
                continue;
            }
            let may_pass = matches!(
                error,
                github::Error::Unavailable(_) | github::Error::Unreadable(_)
            );
            tries += 1;
            if !may_pass || tries == AT_ONCE.len() + TRIES {
                return Err(failed(error));
            }
            tracing::debug!(%repository, size, error = whole_chain(&error), "trying a page again");
            if self.github.unavailable_since().is_some() {
                (self.tell)(Told::Says("GitHub does not answer; waiting until it does."));
                let back = tokio::time::timeout(OUTAGE, self.github.available());
                if back.await.is_err() {
                    return Err(failed(error));
                }
                tries = 0;
            }
            sleep(pause_after(tries)).await;
        }
    }

    /// Waits where GitHub limits us; false where it is something else.
    async fn limited(&mut self, error: &github::Error) -> bool {
        let github::Error::RateLimited { retry_at } = error else {
            return false;
        };
        let at = retry_at.strftime("%H:%M:%S UTC");
        let sentence = format!("GitHub limits the rate of calls; going on at {at}.");
        (self.tell)(Told::Says(&sentence));
        sleep(until(*retry_at, self.clock.now()).max(PAUSE)).await;
        true
    }
}

/// How long to wait after so many tries since GitHub was away last.
fn pause_after(tries: usize) -> Duration {
    let doublings = tries.saturating_sub(1).min(10);
    (PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
}

/// What was done, behind the name of the journal.
fn done(deployments: u64, repositories: usize) -> String {
    let plural = |one: bool| if one { "" } else { "s" };
    format!(
        "has the {deployments} deployment{} of {repositories} repositor{}.",
        plural(deployments == 1),
        if repositories == 1 { "y" } else { "ies" },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_a_limit_and_begin_anew_after_an_outage() {
        let paused = [1, 2, 3, 7, 8, usize::MAX].map(|tries| pause_after(tries).as_millis());
        assert_eq!(paused, [500, 1_000, 2_000, 30_000, 30_000, 30_000]);
        assert_eq!(pause_after(0), PAUSE);
    }
}
