//! Reads of GitHub, through the journal: an answer that was kept is given again
//! as long as it is young and nothing hints that it has changed, so that asking
//! twice costs nothing; and when GitHub does not answer, it is given with a
//! word on why it could not be renewed. What deployments have come to since is
//! not asked for either: the journal follows them, and the answer is brought up
//! to date with what it knows.
//!
//! An answer from before an outage was missed is asked for anew, for nobody may
//! have told of what changed meanwhile: while GitHub is away that fails at once,
//! and the answer is given as an old one. Where GitHub hangs it is not waited for
//! long: before it was missed, the same answer would have been given at once.
//!
//! How old is young is a setting for ordinary days. On one so busy that GitHub's
//! budget would not last, an answer may be older: a hint outdates it anyway, and
//! only where a webhook was lost does it tell for longer what was.

use std::time::Duration;

use jiff::Timestamp;

use super::{Service, asking::Place};
use crate::{
    github,
    model::{
        Deployment, DeploymentState, History, RepositoryName, RepositoryStatus, Snapshot, Stale,
        StaleReason,
    },
    store::{self, Kept, Store},
};

/// How long GitHub is asked anew for what is young: most of what it answers takes
/// less.
const PATIENCE: Duration = Duration::from_secs(2);

/// An answer of GitHub about a repository that the journal can keep.
pub(super) trait Answer: Clone {
    /// What it is called, where it is told apart from others.
    const NAME: &str;
    /// How many times as old as on an ordinary day it may be on a busy one.
    const OLDER: u32;

    /// The repository, as GitHub spells it.
    fn repository(&self) -> &RepositoryName;

    /// When GitHub was read.
    fn as_of(&self) -> Timestamp;

    /// The same with another time.
    fn told_as_of(self, as_of: Timestamp) -> Self;

    /// The deployments in it that have not ended, as far as they stand in an
    /// environment.
    fn running(&self) -> Vec<&Deployment>;

    /// What was kept for this ask: a text that tells differently asked ones
    /// apart.
    async fn kept(
        store: &Store,
        repository: &RepositoryName,
        ask: &str,
    ) -> Result<Option<Kept<Self>>, store::Error>;

    /// Keeps it; `hint` is the newest one from before GitHub was asked.
    async fn keep(&self, store: &Store, ask: &str, hint: i64) -> Result<(), store::Error>;
}

impl Answer for RepositoryStatus {
    const NAME: &str = "status";
    /// A quarter of an hour instead of the usual 5 minutes: deploys are decided by
    /// it.
    const OLDER: u32 = 3;

    fn repository(&self) -> &RepositoryName {
        &self.repository
    }

    fn as_of(&self) -> Timestamp {
        self.as_of
    }

    fn told_as_of(self, as_of: Timestamp) -> Self {
        Self { as_of, ..self }
    }

    fn running(&self) -> Vec<&Deployment> {
        let environments = self.environments.iter();
        environments
            .filter_map(|one| one.running.as_ref())
            .collect()
    }

    async fn kept(
        store: &Store,
        repository: &RepositoryName,
        ask: &str,
    ) -> Result<Option<Kept<Self>>, store::Error> {
        store.status_snapshot(repository, ask).await
    }

    async fn keep(&self, store: &Store, ask: &str, hint: i64) -> Result<(), store::Error> {
        store.keep_status(&self.repository, ask, hint, self).await
    }
}

impl Answer for History {
    const NAME: &str = "history";
    /// An hour instead of the usual 5 minutes.
    const OLDER: u32 = 12;

    fn repository(&self) -> &RepositoryName {
        &self.repository
    }

    fn as_of(&self) -> Timestamp {
        self.as_of
    }

    fn told_as_of(self, as_of: Timestamp) -> Self {
        Self { as_of, ..self }
    }

    /// What is older than what is live does not stand in the environment.
    fn running(&self) -> Vec<&Deployment> {
        let stands = |one: &&Deployment| one.state != DeploymentState::Succeeded;
        let environments = self.environments.iter();
        let newest = environments.flat_map(|one| one.deployments.iter().take_while(stands));
        newest.filter(|one| !one.state.has_ended()).collect()
    }

    async fn kept(
        store: &Store,
        repository: &RepositoryName,
        ask: &str,
    ) -> Result<Option<Kept<Self>>, store::Error> {
        store.history_snapshot(repository, ask).await
    }

    async fn keep(&self, store: &Store, ask: &str, hint: i64) -> Result<(), store::Error> {
        store.keep_history(&self.repository, ask, hint, self).await
    }
}

/// An answer that was kept.
struct Held<T> {
    /// Brought up to date, as far as that is possible.
    value: T,
    worth: Worth,
    /// When what was added to it moved last, where that is newer.
    followed_at: Option<Timestamp>,
}

/// What an answer that was kept is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// It may be given instead of asking GitHub.
    Current,
    /// It could be, had GitHub not been missed since.
    Unvouched,
    /// It may be given where GitHub gives no answer.
    Old,
}

impl Service {
    /// Gives what was kept, brought up to date by `with`, or what `read` answers,
    /// and keeps that. While one asks GitHub, others who ask the same wait for
    /// what comes of it. A journal that can't be read or written keeps nobody from
    /// asking GitHub.
    pub(super) async fn through_journal<T: Answer, R: Future<Output = Result<T, github::Error>>>(
        &self,
        repository: &RepositoryName,
        ask: &str,
        with: impl Fn(T, &[Deployment]) -> Option<T>,
        read: impl FnOnce(github::Client) -> R,
    ) -> Result<Snapshot<T>, github::Error> {
        let mut held = self.held(repository, ask, &with).await;
        let worth = |held: &Option<Held<T>>| held.as_ref().map_or(Worth::Old, |one| one.worth);
        let mut turn = None;
        // There is no waiting for an answer that will not be given again.
        if worth(&held) != Worth::Current && !self.snapshot_age.is_zero() {
            let what = format!("{} {repository} {ask}", T::NAME).to_lowercase();
            match self.asking.turn(&what).await {
                Place::Ours(ours) => turn = Some(ours),
                Place::Answered => held = self.held(repository, ask, &with).await,
                Place::Failed(error) => return self.or_held(held, error),
            }
        }
        let held = match held {
            Some(Held {
                value,
                worth: Worth::Current,
                followed_at,
            }) => {
                let as_of = followed_at.unwrap_or_else(|| value.as_of());
                return Ok(current(value.told_as_of(as_of)));
            }
            held => held,
        };
        let github = match worth(&held) {
            Worth::Current | Worth::Old => self.github.clone(),
            Worth::Unvouched => self.github.within(PATIENCE),
        };
        let renewed = self.renewed(repository, ask, read(github)).await;
        if let Some(turn) = turn {
            turn.ended(renewed.as_ref().err().cloned());
        }
        renewed
            .map(current)
            .or_else(|error| self.or_held(held, error))
    }

    /// What was kept before, where GitHub gives no answer and waiting is all that
    /// helps.
    fn or_held<T>(
        &self,
        held: Option<Held<T>>,
        error: github::Error,
    ) -> Result<Snapshot<T>, github::Error> {
        match (held, self.why_stale(&error)) {
            (
                Some(Held {
                    value, followed_at, ..
                }),
                Some(stale),
            ) => Ok(Snapshot {
                value,
                stale: Some(Stale {
                    followed_at,
                    ..stale
                }),
            }),
            _ => Err(error),
        }
    }

    /// What was kept, and whether it may be given.
    async fn held<T: Answer>(
        &self,
        repository: &RepositoryName,
        ask: &str,
        with: impl Fn(T, &[Deployment]) -> Option<T>,
    ) -> Option<Held<T>> {
        let kept = T::kept(&self.store, repository, ask).await;
        let Kept {
            value,
            outdated,
            since,
        } = unless_failed(repository, "tell what was kept", kept).flatten()?;
        let (as_of, now) = (value.as_of(), self.now());
        let up_to_date = with(value.clone(), &since);
        let is_known = !outdated && up_to_date.is_some();
        let is_young = is_known && is_young(as_of, now, self.oldest(repository, T::OLDER));
        let worth = match (is_young, self.github.has_answered_since(as_of)) {
            (true, true) => Worth::Current,
            (true, false) => Worth::Unvouched,
            (false, _) => Worth::Old,
        };
        Some(Held {
            worth,
            followed_at: up_to_date
                .as_ref()
                .and_then(|_| followed_at(&since, as_of, now)),
            value: up_to_date.unwrap_or(value),
        })
    }

    /// How old an answer may be that nothing has outdated.
    fn oldest(&self, repository: &RepositoryName, older: u32) -> Duration {
        if self.github.uses_points_fast(repository) {
            self.snapshot_age.saturating_mul(older)
        } else {
            self.snapshot_age
        }
    }

    /// What `read` answers, which is kept.
    async fn renewed<T: Answer>(
        &self,
        repository: &RepositoryName,
        ask: &str,
        read: impl Future<Output = Result<T, github::Error>>,
    ) -> Result<T, github::Error> {
        let hint = self.store.hint_of(repository).await;
        let hint = unless_failed(repository, "tell its newest hint", hint);
        let answer = Box::pin(read).await?;
        // Only under the name that hints will come under: one that a
        // repository had before would never be outdated.
        self.adopt(&answer).await;
        if let Some(hint) = hint.filter(|_| answer.repository().is_same(repository)) {
            let kept = answer.keep(&self.store, ask, hint).await;
            unless_failed(repository, "keep what was read", kept);
        }
        Ok(answer)
    }

    /// Why an answer could not be renewed, if waiting is all that helps.
    pub(super) fn why_stale(&self, error: &github::Error) -> Option<Stale> {
        why_stale(error, self.github.incident())
    }

    /// Lets the worker follow what runs, where it is not ours.
    async fn adopt(&self, answer: &impl Answer) {
        let (repository, running) = (answer.repository(), answer.running());
        if !running.is_empty() {
            let adopted = self.store.adopt(repository, &running, answer.as_of());
            unless_failed(repository, "adopt what runs", adopted.await);
        }
    }
}

const fn current<T>(value: T) -> Snapshot<T> {
    Snapshot { value, stale: None }
}

/// What the journal gave; its failure is told in the log, with what it was to do.
pub(super) fn unless_failed<T>(
    repository: &RepositoryName,
    task: &'static str,
    outcome: Result<T, store::Error>,
) -> Option<T> {
    outcome
        .inspect_err(|error| {
            tracing::warn!(
                %repository,
                task,
                error = error as &dyn std::error::Error,
                "the journal failed; the read goes on without it"
            );
        })
        .ok()
}

/// When these deployments moved last, where that is after an answer was read. By
/// GitHub's clock it may be later than it is by ours.
pub(super) fn followed_at(
    since: &[Deployment],
    as_of: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let newest = since.iter().map(Deployment::moved_at).max()?.min(now);
    (newest > as_of).then_some(newest)
}

/// A time from the future is no age: the clock was set back since.
fn is_young(as_of: Timestamp, now: Timestamp, age: Duration) -> bool {
    Duration::try_from(now.duration_since(as_of)).is_ok_and(|past| past < age)
}

fn why_stale(error: &github::Error, incident: Option<String>) -> Option<Stale> {
    let (reason, retry_at, incident) = match error {
        github::Error::Unavailable(github::Unavailable::AppNotAccepted) => {
            (StaleReason::AppNotAccepted, None, String::new())
        }
        github::Error::Unavailable(_) => (
            StaleReason::GithubUnavailable,
            None,
            incident.unwrap_or_default(),
        ),
        github::Error::RateLimited { retry_at } => {
            (StaleReason::RateLimit, Some(*retry_at), String::new())
        }
        _ => return None,
    };
    Some(Stale {
        reason,
        retry_at,
        incident,
        is_partial: false,
        followed_at: None,
        missing: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_answer_is_young_for_its_time_and_never_from_the_future() {
        let minute = Duration::from_secs(60);
        assert!(is_young(at(100), at(100), minute));
        assert!(is_young(at(100), at(159), minute));
        assert!(!is_young(at(100), at(160), minute));
        assert!(!is_young(at(100), at(99), minute));
        assert!(!is_young(at(100), at(100), Duration::ZERO));
    }

    #[test]
    fn only_what_passes_by_waiting_is_answered_with_something_old() {
        let incident = || Some("Degraded".to_owned());
        let limited = github::Error::RateLimited { retry_at: at(7) };
        let stale = why_stale(&limited, incident()).unwrap();
        assert_eq!(stale.reason, StaleReason::RateLimit);
        assert_eq!((stale.retry_at, stale.incident.as_str()), (Some(at(7)), ""));
        let timed_out = github::Unavailable::TimedOut(Duration::from_secs(1));
        let stale = why_stale(&github::Error::Unavailable(timed_out), incident()).unwrap();
        assert_eq!(stale.reason, StaleReason::GithubUnavailable);
        assert_eq!(stale.incident, "Degraded");
        let refused = github::Unavailable::AppNotAccepted;
        let stale = why_stale(&github::Error::Unavailable(refused), incident()).unwrap();
        assert_eq!(stale.reason, StaleReason::AppNotAccepted);
        assert_eq!(stale.incident, "", "it is no fault of GitHub's");
        assert_eq!(why_stale(&github::Error::Unauthorized, incident()), None);
        assert_eq!(why_stale(&github::Error::NotFound, incident()), None);
    }
}
