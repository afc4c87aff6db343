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

mod answer;
mod others;

use std::time::Duration;

use jiff::Timestamp;

pub(super) use self::{
    answer::Answer,
    others::{is_whole, or_newer, widest},
};
use super::{Service, asking::Place};
use crate::{
    github,
    model::{Deployment, RepositoryName, Snapshot, Stale, StaleReason},
    store::{self, Kept},
};

/// How long GitHub is asked anew for what is young: most of what it answers takes
/// less.
const PATIENCE: Duration = Duration::from_secs(2);

/// An answer that was kept, and with it what the journal has followed since.
pub(super) struct Followed<T> {
    /// Brought up to date; as it was kept where that is not possible.
    pub(super) value: T,
    /// When what was added to it moved last, where that is newer.
    pub(super) followed_at: Option<Timestamp>,
    /// Whether it could be brought up to date.
    pub(super) is_up_to_date: bool,
}

/// An answer that was kept, and whether it may be given.
struct Held<T> {
    answer: Followed<T>,
    worth: Worth,
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
                answer,
                worth: Worth::Current,
            }) => {
                let Followed { value, .. } = answer;
                let as_of = answer.followed_at.unwrap_or_else(|| value.as_of());
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
            (Some(Held { answer, .. }), Some(stale)) => Ok(Snapshot {
                value: answer.value,
                stale: Some(Stale {
                    is_partial: !answer.is_up_to_date,
                    followed_at: answer.followed_at,
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
        let kept = unless_failed(repository, "tell what was kept", kept).flatten()?;
        let (outdated, as_of, now) = (kept.outdated, kept.value.as_of(), self.now());
        let answer = followed(kept, with, now);
        let is_known = !outdated && answer.is_up_to_date;
        let is_young = is_known && is_young(as_of, now, self.oldest(repository, T::OLDER));
        let worth = match (is_young, self.github.has_answered_since(as_of)) {
            (true, true) => Worth::Current,
            (true, false) => Worth::Unvouched,
            (false, _) => Worth::Old,
        };
        Some(Held { answer, worth })
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
        why_stale(error, self.github.incident(), self.now())
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

/// Brings what was kept up to date by `with`.
pub(super) fn followed<T: Answer>(
    kept: Kept<T>,
    with: impl Fn(T, &[Deployment]) -> Option<T>,
    now: Timestamp,
) -> Followed<T> {
    let Kept { value, since, .. } = kept;
    let up_to_date = since.and_then(|since| Some((with(value.clone(), &since)?, since)));
    match up_to_date {
        Some((up_to_date, since)) => Followed {
            followed_at: followed_at(&since, value.as_of(), now),
            value: up_to_date,
            is_up_to_date: true,
        },
        None => Followed {
            value,
            followed_at: None,
            is_up_to_date: false,
        },
    }
}

/// When these deployments moved last, where that is after an answer was read. By
/// GitHub's clock it may be later than it is by ours.
fn followed_at(since: &[Deployment], as_of: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let newest = since.iter().map(Deployment::moved_at).max()?.min(now);
    (newest > as_of).then_some(newest)
}

/// A time from the future is no age: the clock was set back since.
fn is_young(as_of: Timestamp, now: Timestamp, age: Duration) -> bool {
    Duration::try_from(now.duration_since(as_of)).is_ok_and(|past| past < age)
}

fn why_stale(error: &github::Error, incident: Option<String>, now: Timestamp) -> Option<Stale> {
    let (reason, retry_at, incident) = match error {
        github::Error::Unavailable(github::Unavailable::AppNotAccepted) => {
            (StaleReason::AppNotAccepted, None, String::new())
        }
        github::Error::Unavailable(unavailable) => (
            StaleReason::GithubUnavailable,
            next_try(unavailable, now),
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

/// When GitHub is tried again by itself, or says that it may be; none where that is
/// left to who asks.
fn next_try(unavailable: &github::Unavailable, now: Timestamp) -> Option<Timestamp> {
    match unavailable {
        github::Unavailable::CircuitOpen { retry_after, .. }
        | github::Unavailable::Status {
            retry_after: Some(retry_after),
            ..
        } => now.checked_add(*retry_after).ok(),
        _ => None,
    }
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
        let why_stale = |error: &github::Error| why_stale(error, incident(), at(60));
        let stale = why_stale(&limited).unwrap();
        assert_eq!(stale.reason, StaleReason::RateLimit);
        assert_eq!((stale.retry_at, stale.incident.as_str()), (Some(at(7)), ""));
        let timed_out = github::Unavailable::TimedOut(Duration::from_secs(1));
        let stale = why_stale(&github::Error::Unavailable(timed_out)).unwrap();
        assert_eq!(stale.reason, StaleReason::GithubUnavailable);
        assert_eq!(stale.incident, "Degraded");
        assert_eq!(stale.retry_at, None, "nobody knows when it is tried again");
        let left_alone = github::Unavailable::CircuitOpen {
            since: at(7),
            retry_after: Duration::from_secs(9),
        };
        let stale = why_stale(&github::Error::Unavailable(left_alone)).unwrap();
        assert_eq!(stale.retry_at, Some(at(69)));
        let told = github::Unavailable::Status {
            status: 503,
            retry_after: Some(Duration::from_secs(30)),
        };
        let stale = why_stale(&github::Error::Unavailable(told)).unwrap();
        assert_eq!(stale.retry_at, Some(at(90)), "GitHub says it");
        let refused = github::Unavailable::AppNotAccepted;
        let stale = why_stale(&github::Error::Unavailable(refused)).unwrap();
        assert_eq!(stale.reason, StaleReason::AppNotAccepted);
        assert_eq!(stale.incident, "", "it is no fault of GitHub's");
        assert_eq!(why_stale(&github::Error::Unauthorized), None);
        assert_eq!(why_stale(&github::Error::NotFound), None);
    }
}
