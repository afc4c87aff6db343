//! For how long each deployment stands still, or cannot be read, by a clock of
//! our own that only runs forward: GitHub's clock and the machine's may differ by
//! minutes. Only time between two looks counts, of which each gave an answer:
//! while GitHub is away nobody can pick up a deployment, and its workflow can say
//! nothing. A new process begins anew, which delays an end and never hastens one.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;

use crate::model::{Deployment, DeploymentId, DeploymentState};

/// How long each has stood still, by its node id.
#[derive(Debug, Default)]
pub(super) struct Stillness(HashMap<String, Standing>);

#[derive(Debug, Default)]
struct Standing {
    /// As it was seen last.
    mark: Option<Mark>,
    /// How long it has stood so.
    still: Duration,
    /// How long it could not be read, if it could not since it was seen last.
    unreadable: Option<Duration>,
    /// What the last look gave, and when.
    last: Look,
}

/// What a look at a deployment gave.
#[derive(Debug, Default, Clone, Copy)]
enum Look {
    /// No answer, or there was no look yet.
    #[default]
    None,
    /// The deployment.
    Seen(Instant),
    /// Why it cannot be read.
    Unreadable(Instant),
}

/// What changes when a deployment moves.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    state: DeploymentState,
    steps: usize,
    newest: Option<Timestamp>,
}

impl Stillness {
    /// A deployment is seen: how long it has stood still.
    pub(super) fn of(&mut self, deployment: &Deployment, now: Instant) -> Duration {
        let mark = Some(Mark {
            state: deployment.state,
            steps: deployment.steps.len(),
            newest: deployment.steps.last().map(|step| step.at),
        });
        let standing = self.standing(&deployment.id);
        if standing.mark != mark {
            (standing.mark, standing.still) = (mark, Duration::ZERO);
        } else if let Look::Seen(last) = standing.last {
            standing.still += now.duration_since(last);
        }
        standing.unreadable = None;
        standing.last = Look::Seen(now);
        standing.still
    }

    /// A deployment cannot be read, and waiting does not help: how long that has
    /// been so. None the first time.
    pub(super) fn unreadable(&mut self, id: &DeploymentId, now: Instant) -> Option<Duration> {
        let standing = self.standing(id);
        let past = match standing.last {
            Look::Unreadable(last) => now.duration_since(last),
            Look::None | Look::Seen(_) => Duration::ZERO,
        };
        let known = standing.unreadable.map(|known| known + past);
        standing.unreadable = Some(known.unwrap_or_default());
        standing.last = Look::Unreadable(now);
        known
    }

    /// Whether a deployment could not be read when GitHub told of it last.
    pub(super) fn is_unreadable(&self, id: &DeploymentId) -> bool {
        let standing = self.0.get(&id.node);
        standing.is_some_and(|one| one.unreadable.is_some())
    }

    /// GitHub did not answer about a deployment.
    pub(super) fn unanswered(&mut self, id: &DeploymentId) {
        self.standing(id).last = Look::None;
    }

    /// Forgets all but these.
    pub(super) fn keep<'a>(&mut self, ids: impl Iterator<Item = &'a DeploymentId>) {
        let kept: HashSet<&str> = ids.map(|id| id.node.as_str()).collect();
        self.0.retain(|node, _| kept.contains(node.as_str()));
    }

    fn standing(&mut self, id: &DeploymentId) -> &mut Standing {
        self.0.entry(id.node.clone()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::overdue::tests::deployment;

    #[test]
    fn a_deployment_that_moves_does_not_stand_still() {
        let mut stillness = Stillness::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let pending = deployment(DeploymentState::Pending, &[]);
        let running = deployment(DeploymentState::Running, &["in_progress"]);
        let moved = deployment(DeploymentState::Running, &["in_progress", "in_progress"]);
        let seen = [
            (&pending, 0, 0),
            (&pending, 5, 5),
            (&running, 7, 0),
            (&running, 9, 2),
            (&moved, 10, 0),
        ];
        for (deployment, at, still) in seen {
            let told = stillness.of(deployment, after(at));
            assert_eq!(told, Duration::from_secs(still), "{at}");
        }
        stillness.keep(std::iter::once(&moved.id));
        assert_eq!(stillness.of(&moved, after(12)), Duration::from_secs(2));
        stillness.keep(std::iter::empty());
        assert_eq!(stillness.of(&moved, after(20)), Duration::ZERO);
    }

    #[test]
    fn time_without_an_answer_does_not_count() {
        let mut stillness = Stillness::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let seconds = Duration::from_secs;
        let pending = deployment(DeploymentState::Pending, &[]);
        stillness.of(&pending, after(0));
        assert_eq!(stillness.of(&pending, after(10)), seconds(10));
        stillness.unanswered(&pending.id);
        assert_eq!(stillness.of(&pending, after(400)), seconds(10));
        assert_eq!(stillness.of(&pending, after(405)), seconds(15));
        // Nor does time in which it could not be read, though GitHub answered.
        assert_eq!(stillness.unreadable(&pending.id, after(410)), None);
        assert!(stillness.is_unreadable(&pending.id));
        assert_eq!(stillness.of(&pending, after(500)), seconds(15));
        assert!(!stillness.is_unreadable(&pending.id));
    }

    #[test]
    fn what_cannot_be_read_is_counted_from_look_to_look() {
        let mut stillness = Stillness::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let seconds = Duration::from_secs;
        let pending = deployment(DeploymentState::Pending, &[]);
        let id = &pending.id;
        assert_eq!(stillness.unreadable(id, after(0)), None);
        assert_eq!(stillness.unreadable(id, after(5)), Some(seconds(5)));
        stillness.unanswered(id);
        assert!(stillness.is_unreadable(id));
        assert_eq!(stillness.unreadable(id, after(905)), Some(seconds(5)));
        assert_eq!(stillness.unreadable(id, after(915)), Some(seconds(15)));
        stillness.of(&pending, after(920));
        assert_eq!(stillness.unreadable(id, after(925)), None);
    }
}
