//! Why a deployment ended without success: a clause that is read after a colon,
//! and what more there is to it, such as the likely cause and what to do.

use deploy_proto::v1::{Failure, FailureReason};
use jiff::Timestamp;

use super::{
    block::Mrkdwn,
    obstacle,
    text::{SENTENCE, prose},
    time,
};
use crate::words::Words;

/// Lines shown of what more a workflow says, each of so many characters.
const CAUSES: usize = 3;
const CAUSE: usize = 300;

/// Why, in the reader's language.
pub(super) struct Why {
    /// Without a full stop; empty where nobody says why.
    pub(super) clause: Mrkdwn,
    /// Sentences, each a line of its own.
    pub(super) more: Vec<Mrkdwn>,
}

impl Why {
    /// `said` is what the service says of it itself, which is shown where there
    /// are no words for it here. `asked_at` is when it was asked for, where it
    /// was.
    pub(super) fn of(
        words: Words,
        failure: Option<&Failure>,
        said: &str,
        asked_at: Option<Timestamp>,
    ) -> Self {
        failure
            .and_then(|failure| known(words, failure, asked_at))
            .unwrap_or_else(|| split(said))
    }
}

/// None for what a later version of the service knows, or lacks what it needs.
fn known(words: Words, failure: &Failure, asked_at: Option<Timestamp>) -> Option<Why> {
    let limit = || {
        let limit = failure.limit.as_ref()?;
        let limit = std::time::Duration::try_from(*limit).ok()?;
        Some(time::wait(words, limit))
    };
    let way = obstacle::sentences(words, failure.obstacle.as_ref(), "");
    let (clause, more) = match failure.reason() {
        FailureReason::WorkflowSaid => return Some(split(&failure.detail)),
        FailureReason::NoReason => (words.failure_no_reason(), vec![]),
        FailureReason::Inactive => (words.failure_inactive(), vec![]),
        FailureReason::NotPickedUp => (
            words.failure_not_picked_up(limit()?),
            vec![words.failure_not_picked_up_cause(), not_ended(words, way)],
        ),
        FailureReason::Silent => (
            words.failure_silent(limit()?),
            vec![words.failure_silent_cause(), not_ended(words, way)],
        ),
        FailureReason::NotLetGo => (
            words.failure_not_let_go(limit()?),
            vec![words.failure_not_let_go_cause(), not_ended(words, way)],
        ),
        FailureReason::Unreadable => (
            words.failure_unreadable(limit()?),
            vec![way, words.failure_end_unknown()],
        ),
        FailureReason::Deleted => (words.failure_deleted(), vec![]),
        FailureReason::Defect => (
            words.failure_defect(),
            vec![words.failure_nothing_deployed()],
        ),
        FailureReason::DefectWhileAsking => {
            (words.failure_defect(), vec![words.failure_perhaps_made()])
        }
        FailureReason::AnswerLost => (
            words.failure_made_unknown(),
            vec![way, words.failure_look_at_history()],
        ),
        FailureReason::Obstacle if way.is_empty() => return None,
        FailureReason::Obstacle => (way, vec![]),
        FailureReason::WaitedTooLong => {
            let clause = match (way.is_empty(), asked_at) {
                (false, _) => way,
                (true, Some(asked_at)) => words.failure_waited(time::date(words, asked_at)),
                (true, None) => return None,
            };
            (clause, vec![words.failure_waits_at_most(limit()?)])
        }
        FailureReason::Down => {
            let since = time::moment(failure.since.as_ref()).map(|at| time::date(words, at));
            let asked_at = asked_at.map(|at| time::date(words, at));
            let again = asked_at.map(|at| words.failure_asked_at(at));
            (words.failure_down(since?), Vec::from_iter(again))
        }
        FailureReason::Unspecified => return None,
    };
    Some(Why {
        clause: without_full_stop(&clause),
        more: more.into_iter().filter(|line| !line.is_empty()).collect(),
    })
}

/// Why what stood still too long was not ended; nothing where it was.
fn not_ended(words: Words, way: Mrkdwn) -> Mrkdwn {
    match way.is_empty() {
        true => way,
        false => words.failure_not_ended(way),
    }
}

/// Text from outside: its first sentence, and what more there is to it.
fn split(text: &str) -> Why {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let begins_another = |at: &usize| first[at + 2..].starts_with(char::is_uppercase);
    let end = first
        .match_indices(". ")
        .map(|(at, _)| at)
        .find(begins_another);
    let (clause, more) = end.map_or((first, None), |at| (&first[..at], Some(&first[at + 2..])));
    let more = more.into_iter().chain(lines).take(CAUSES);
    Why {
        clause: prose(clause.trim_end_matches(['.', ':']), SENTENCE),
        more: more.map(|cause| prose(cause, CAUSE)).collect(),
    }
}

fn without_full_stop(clause: &Mrkdwn) -> Mrkdwn {
    Mrkdwn::ours(clause.as_str().trim_end_matches('.'))
}
