//! What runs where in the repositories that somebody has to do with.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use jiff::SignedDuration;
use tokio::time::timeout;

use super::{Service, StatusAsk, environments::USUAL, status::also_waiting};
use crate::{
    error::Error,
    github,
    model::{RepositoryName, RepositoryStatus, Request, Snapshot, Stale},
};

/// How long ago somebody may have had something deployed to be shown it: as long
/// as the journal keeps it.
const LATELY: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many repositories are told of.
const MOST: u8 = 10;
/// How many are asked of GitHub at once, where what it said last does not do.
const AT_ONCE: usize = 5;
/// How long one of them may take, and after that what is kept of it, and what waits:
/// the whole is told within twice as long.
const PATIENCE: Duration = Duration::from_secs(3);
const PATIENCE_FOR_KEPT: Duration = Duration::from_secs(1);

/// What runs where.
#[derive(Debug)]
pub(crate) struct Overview {
    /// Newest deploy first, at most 10.
    pub(crate) repositories: Vec<RepositoryOverview>,
    /// They are the person's own; else everybody's.
    pub(crate) own: bool,
    /// That GitHub does not answer, where there is none to tell it of.
    pub(crate) stale: Option<Stale>,
}

/// One repository.
#[derive(Debug)]
pub(crate) struct RepositoryOverview {
    /// As it was asked for.
    pub(crate) repository: RepositoryName,
    /// None when it could not be read. Without the name of its branch it is what
    /// is known of its deployments, and nothing else.
    pub(crate) status: Option<Snapshot<RepositoryStatus>>,
    /// Why it could not, where waiting is all that helps.
    pub(crate) untold: Option<Stale>,
    /// GitHub knows none of that name, or does not show it.
    pub(crate) unknown: bool,
    /// What says that it waits there.
    pub(crate) waiting: Vec<Request>,
}

impl Service {
    /// What runs where in the repositories of a person, by Slack user id, or in
    /// those of everybody where they have none. One that can't be read, or not
    /// soon, is told so and holds up no other.
    pub(crate) async fn overview(&self, slack: &str) -> Result<Overview, Error> {
        let since = self
            .now()
            .saturating_sub(LATELY)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let own = match slack {
            // What was asked for by nobody whom Slack knows is nobody's own.
            "" => Vec::new(),
            slack => self.store.repositories_of(slack, since, MOST).await?,
        };
        let is_own = !own.is_empty();
        let names = match is_own {
            true => own,
            false => self.store.repositories_of_all(since, MOST).await?,
        };
        // Nothing is asked of GitHub then: what others have noticed is told.
        let away = self.github.away().filter(|_| names.is_empty());
        let stale = away.and_then(|error| self.why_stale(&error));
        let read = stream::iter(names).map(|repository| self.repository_overview(repository));
        let read = read.buffered(AT_ONCE).collect::<Vec<_>>().await;
        Ok(Overview {
            repositories: each_once(read),
            own: is_own,
            stale,
        })
    }

    async fn repository_overview(&self, repository: RepositoryName) -> RepositoryOverview {
        let ask = StatusAsk {
            repository: repository.clone(),
            limit: USUAL,
        };
        let (mut untold, mut unknown) = (None, false);
        let status = match timeout(PATIENCE, Box::pin(self.status_or_known(ask))).await {
            Ok(Ok(status)) => Some(status),
            Ok(Err(error)) => {
                tracing::warn!(%repository, error = &error as &dyn std::error::Error, "nothing is known of a repository");
                untold = self.why_untold(&error);
                unknown = matches!(error, Error::UnknownRepository { .. });
                None
            }
            Err(_) => {
                tracing::warn!(%repository, patience = ?PATIENCE, "a repository takes long to read; what was kept of it is told");
                let slow = github::Error::Unavailable(github::Unavailable::TimedOut(PATIENCE));
                let known = self.kept_or_known(&repository, &slow);
                let known = timeout(PATIENCE_FOR_KEPT, Box::pin(known)).await;
                let known = known.ok().flatten();
                untold = self.why_stale(&slow).filter(|_| known.is_none());
                known
            }
        };
        let waiting = self.waiting_in(&repository, status.as_ref());
        let waiting = timeout(PATIENCE_FOR_KEPT, waiting).await;
        RepositoryOverview {
            repository,
            status,
            untold,
            unknown,
            waiting: waiting.unwrap_or_default(),
        }
    }

    async fn kept_or_known(
        &self,
        repository: &RepositoryName,
        error: &github::Error,
    ) -> Option<Snapshot<RepositoryStatus>> {
        match self.kept_status(repository, USUAL, error).await {
            Some(kept) => Some(kept),
            None => self.known_status(repository, error).await,
        }
    }
}

/// One that has another name since it was deployed is there under both, and GitHub
/// tells the same of either. What waits does so under the name that it was asked for
/// by.
fn each_once(read: Vec<RepositoryOverview>) -> Vec<RepositoryOverview> {
    let mut each: Vec<RepositoryOverview> = Vec::new();
    for one in read {
        let mut known = each.iter_mut();
        match known.find(|known| known.name().is_same(one.name())) {
            Some(known) => also_waiting(&mut known.waiting, one.waiting),
            None => each.push(one),
        }
    }
    each
}

impl RepositoryOverview {
    /// As GitHub spells it, where it was read.
    fn name(&self) -> &RepositoryName {
        let known = self.status.as_ref().map(|status| &status.value.repository);
        known.unwrap_or(&self.repository)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Line, NewRequest, Person, Progress, ReplyAddress};

    fn asked(name: &str) -> RepositoryName {
        RepositoryName::parse(name, None).unwrap()
    }

    /// One that GitHub knows by a name.
    fn known(name: &str, by: &str) -> RepositoryOverview {
        let value = RepositoryStatus {
            repository: asked(by),
            branch: "main".to_owned(),
            commits: Vec::new(),
            environments: Vec::new(),
            has_default_environments: false,
            line: Line::new(Vec::new()),
            as_of: jiff::Timestamp::UNIX_EPOCH,
            url: String::new(),
        };
        RepositoryOverview {
            repository: asked(name),
            status: Some(Snapshot { value, stale: None }),
            untold: None,
            unknown: false,
            waiting: Vec::new(),
        }
    }

    #[test]
    fn a_repository_is_told_of_once_by_whichever_of_its_names() {
        let unread = |name: &str| RepositoryOverview {
            repository: asked(name),
            status: None,
            untold: None,
            unknown: false,
            waiting: Vec::new(),
        };
        let told = each_once(vec![
            known("acme/people", "acme/People"),
            known("acme/staff", "acme/people"),
            unread("acme/api"),
            known("acme/web", "acme/web"),
            unread("ACME/web"),
        ]);
        let told: Vec<_> = told.iter().map(|one| one.repository.to_string()).collect();
        assert_eq!(told, ["acme/people", "acme/api", "acme/web"]);
    }

    #[test]
    fn what_waits_under_a_name_of_before_is_told_too() {
        let waits = |id: &str, second| Request {
            asked: NewRequest {
                id: id.parse().unwrap(),
                repository: asked("acme/people"),
                environment: "production".parse().unwrap(),
                commit: "a1b2c3d".parse().unwrap(),
                kind: Kind::Deploy,
                requester: Person::default(),
                reply: ReplyAddress::default(),
                expected_live: None,
            },
            accepted_at: jiff::Timestamp::from_second(second).unwrap(),
            progress: Progress::Accepted,
            waiting: None,
            message_ts: None,
        };
        let with = |name, waiting: Vec<Request>| RepositoryOverview {
            waiting,
            ..known(name, "acme/people")
        };
        let told = each_once(vec![
            with("acme/people", vec![waits("r2", 2), waits("r3", 3)]),
            with("acme/staff", vec![waits("r1", 1), waits("r2", 2)]),
        ]);
        let [told] = told.try_into().unwrap();
        let ids = told.waiting.iter().map(|one| one.asked.id.to_string());
        assert_eq!(ids.collect::<Vec<_>>(), ["r1", "r2", "r3"]);
        let crowd = (0..20).map(|number| waits(&format!("r{number}"), number));
        let mut waiting = Vec::new();
        also_waiting(&mut waiting, crowd.collect());
        assert_eq!(waiting.len(), 10);
    }
}
