//! Deployments that would never end: nobody picks them up, or their workflow
//! falls silent. They are ended on GitHub with a status `error` whose words
//! tell the two apart; whoever reads that status tells people the likely cause.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;

use crate::model::{Deployment, DeploymentId, DeploymentState};

/// How the words end by which our own statuses are known again.
const ENDED: &str = "ended by deploybot.";
const NOT_PICKED_UP: &str = "Nobody picked it up within ";
const SILENT: &str = "Its workflow said nothing for ";

/// How long a deployment may stand still.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Until a workflow picks it up.
    pub(crate) pickup: Duration,
    /// Between two words of its workflow.
    pub(crate) silence: Duration,
}

/// Why a deployment is ended from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overdue {
    /// Nobody picked it up in this time.
    NotPickedUp(Duration),
    /// Its workflow said nothing for this time.
    Silent(Duration),
}

impl Overdue {
    /// Whether a deployment that has stood still for `quiet` is overdue.
    pub(super) fn of(state: DeploymentState, quiet: Duration, limits: Limits) -> Option<Self> {
        let (limit, overdue) = match state {
            DeploymentState::Pending => (limits.pickup, Self::NotPickedUp(limits.pickup)),
            DeploymentState::Running | DeploymentState::Unknown => {
                (limits.silence, Self::Silent(limits.silence))
            }
            DeploymentState::Succeeded | DeploymentState::Failed | DeploymentState::Cancelled => {
                return None;
            }
        };
        (quiet >= limit).then_some(overdue)
    }

    /// What the status on GitHub says; within GitHub's 140 characters.
    pub(super) fn description(self) -> String {
        match self {
            Self::NotPickedUp(limit) => format!("{NOT_PICKED_UP}{}; {ENDED}", humane(limit)),
            Self::Silent(limit) => format!("{SILENT}{}; {ENDED}", humane(limit)),
        }
    }
}

/// What people read in place of a description that is ours: what happened, and
/// the likely cause.
pub(super) fn explained(description: &str) -> Option<String> {
    let what = description
        .strip_suffix(ENDED)?
        .trim_end()
        .strip_suffix(';')?;
    let cause = if what.starts_with(NOT_PICKED_UP) {
        "Most likely no workflow runs on `deployment` at this commit, no runner is free, or \
         GitHub Actions is switched off for the repository. Nothing was deployed, unless a \
         runner still comes late."
    } else if what.starts_with(SILENT) {
        "Most likely the workflow was cancelled, its runner was lost, or it does not report its \
         steps. It may have got anywhere: look at what runs before deploying again."
    } else {
        return None;
    };
    Some(format!("{what}. {cause}"))
}

/// A duration as people say it, in its largest whole unit.
fn humane(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0 => return format!("{} ms", duration.as_millis()),
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// Since when each deployment stands still, by a clock of our own that only
/// runs forward: GitHub's clock and the machine's may differ by minutes. A new
/// process begins anew, which delays an end and never hastens one.
#[derive(Debug, Default)]
pub(super) struct Stillness(HashMap<String, (Mark, Instant)>);

/// What changes when a deployment moves.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    state: DeploymentState,
    steps: usize,
    newest: Option<Timestamp>,
}

impl Stillness {
    /// How long a deployment has stood still, as seen now.
    pub(super) fn of(&mut self, deployment: &Deployment, now: Instant) -> Duration {
        let mark = Mark {
            state: deployment.state,
            steps: deployment.steps.len(),
            newest: deployment.steps.last().map(|step| step.at),
        };
        match self.0.get(&deployment.id.node) {
            Some((known, since)) if *known == mark => now.duration_since(*since),
            _ => {
                self.0.insert(deployment.id.node.clone(), (mark, now));
                Duration::ZERO
            }
        }
    }

    /// Forgets all but these.
    pub(super) fn keep<'a>(&mut self, ids: impl Iterator<Item = &'a DeploymentId>) {
        let kept: HashSet<&str> = ids.map(|id| id.node.as_str()).collect();
        self.0.retain(|node, _| kept.contains(node.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Commit, Kind, Person, Step};

    const LIMITS: Limits = Limits {
        pickup: Duration::from_secs(60),
        silence: Duration::from_mins(30),
    };

    fn overdue(state: DeploymentState, seconds: u64) -> Option<Overdue> {
        Overdue::of(state, Duration::from_secs(seconds), LIMITS)
    }

    fn deployment(state: DeploymentState, steps: &[&str]) -> Deployment {
        let at = Timestamp::UNIX_EPOCH;
        Deployment {
            id: DeploymentId {
                number: 1,
                node: "DE_1".to_owned(),
            },
            environment: "production".parse().unwrap(),
            commit: Commit {
                sha: "a".repeat(40).parse().unwrap(),
                headline: String::new(),
                author: String::new(),
                committed_at: at,
                url: String::new(),
            },
            state,
            live: false,
            kind: Kind::Deploy,
            requester: Person::default(),
            created_at: at,
            ended_at: None,
            steps: steps
                .iter()
                .map(|state| Step {
                    state: (*state).to_owned(),
                    description: String::new(),
                    at,
                    log_url: String::new(),
                })
                .collect(),
            request_id: None,
            replaces: None,
            log_url: String::new(),
            environment_url: String::new(),
        }
    }

    #[test]
    fn one_that_nobody_picks_up_has_the_shorter_time() {
        assert_eq!(overdue(DeploymentState::Pending, 59), None);
        let late = overdue(DeploymentState::Pending, 60);
        assert_eq!(late, Some(Overdue::NotPickedUp(LIMITS.pickup)));
    }

    #[test]
    fn one_that_is_at_work_may_be_silent_for_longer() {
        for state in [DeploymentState::Running, DeploymentState::Unknown] {
            assert_eq!(overdue(state, 29 * 60), None);
            let late = overdue(state, 30 * 60);
            assert_eq!(late, Some(Overdue::Silent(LIMITS.silence)));
        }
    }

    #[test]
    fn what_has_ended_is_never_overdue() {
        for state in [
            DeploymentState::Succeeded,
            DeploymentState::Failed,
            DeploymentState::Cancelled,
        ] {
            assert_eq!(overdue(state, u64::MAX), None);
        }
    }

    #[test]
    fn people_are_told_the_likely_cause() {
        let told = |overdue: Overdue| explained(&overdue.description()).unwrap();
        insta::assert_snapshot!(
            [
                told(Overdue::NotPickedUp(LIMITS.pickup)),
                told(Overdue::Silent(LIMITS.silence)),
            ]
            .join("\n"),
            @r"
        Nobody picked it up within 1 minute. Most likely no workflow runs on `deployment` at this commit, no runner is free, or GitHub Actions is switched off for the repository. Nothing was deployed, unless a runner still comes late.
        Its workflow said nothing for 30 minutes. Most likely the workflow was cancelled, its runner was lost, or it does not report its steps. It may have got anywhere: look at what runs before deploying again.
        "
        );
    }

    #[test]
    fn what_others_wrote_is_not_explained() {
        for text in [
            "",
            "boom",
            "Nobody picked it up within",
            "It was ended by deploybot.",
        ] {
            assert_eq!(explained(text), None, "{text}");
        }
    }

    #[test]
    fn what_github_is_told_fits_there() {
        let longest = Duration::from_secs(86_399);
        for overdue in [Overdue::NotPickedUp(longest), Overdue::Silent(longest)] {
            assert!(overdue.description().len() <= 140);
        }
    }

    #[test]
    fn durations_are_told_in_their_largest_whole_unit() {
        let told = [100, 1_000, 60_000, 90_000, 1_800_000, 3_600_000]
            .map(|ms| humane(Duration::from_millis(ms)));
        let words = [
            "100 ms",
            "1 second",
            "1 minute",
            "90 seconds",
            "30 minutes",
            "1 hour",
        ];
        assert_eq!(told, words);
    }

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
}
