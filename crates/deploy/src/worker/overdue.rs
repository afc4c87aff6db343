//! Deployments that would never end: nobody picks them up, their workflow falls
//! silent, or GitHub does not let us read them any more. The first are ended on
//! GitHub with a status `error` whose words tell why; whoever reads that status
//! tells people the likely cause. The last end in the journal alone: where they
//! are on GitHub nobody here can know.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    error::github_sentence,
    github,
    model::{Deployment, DeploymentId, DeploymentState, Step},
};

/// How the words end by which our own statuses are known again.
const ENDED: &str = "ended by deploybot.";
const NOT_PICKED_UP: &str = "Nobody picked it up within ";
const SILENT: &str = "Its workflow said nothing for ";
const NOT_LET_GO: &str = "Nobody let it go on within ";

/// The status of a deployment that waits for people, or for the time that its
/// environment's rules make it wait.
const WAITING: &str = "waiting";
/// GitHub gives reviewers 30 days, and lets no environment wait for longer; then
/// it ends the workflow itself. A day more, so that its own word comes first.
const REVIEW: Duration = Duration::from_hours(31 * 24);

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
    /// It waited for a reviewer for this time.
    NotLetGo(Duration),
}

impl Overdue {
    /// Whether a deployment that has stood still for `quiet` is overdue.
    pub(super) fn of(deployment: &Deployment, quiet: Duration, limits: Limits) -> Option<Self> {
        let waits = |newest: &Step| newest.state == WAITING;
        let (limit, overdue) = match deployment.state {
            DeploymentState::Pending => (limits.pickup, Self::NotPickedUp(limits.pickup)),
            DeploymentState::Running if deployment.steps.last().is_some_and(waits) => {
                (REVIEW, Self::NotLetGo(REVIEW))
            }
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
        let (what, limit) = match self {
            Self::NotPickedUp(limit) => (NOT_PICKED_UP, limit),
            Self::Silent(limit) => (SILENT, limit),
            Self::NotLetGo(limit) => (NOT_LET_GO, limit),
        };
        format!("{what}{}; {ENDED}", humane(limit))
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
    } else if what.starts_with(NOT_LET_GO) {
        "Its environment waits for a reviewer, or for a time that its rules set. What was \
         waited for was not deployed."
    } else {
        return None;
    };
    Some(format!("{what}. {cause}"))
}

/// What people read of a deployment that could not be read for `limit`.
pub(super) fn unreadable_for(limit: Duration, error: &github::Error) -> String {
    format!(
        "deploybot could not read this deployment on GitHub for {}. {} How it ends is not known \
         here: look at what runs before deploying again.",
        humane(limit),
        github_sentence(error)
    )
}

/// A duration as people say it, in its largest whole unit.
fn humane(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0 => return format!("{} ms", duration.as_millis()),
        _ if seconds.is_multiple_of(86_400) && seconds > 86_400 => (seconds / 86_400, "day"),
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// For how long each deployment stands still, or cannot be read, by a clock of
/// our own that only runs forward: GitHub's clock and the machine's may differ by
/// minutes. Only time between two looks counts, of which each gave an answer:
/// while GitHub is away nobody can pick up a deployment, and its workflow can say
/// nothing. A new process begins anew, which delays an end and never hastens one.
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
    use crate::model::{Commit, Kind, Person, Step};

    const LIMITS: Limits = Limits {
        pickup: Duration::from_secs(60),
        silence: Duration::from_mins(30),
    };

    fn overdue(state: DeploymentState, seconds: u64) -> Option<Overdue> {
        Overdue::of(
            &deployment(state, &[]),
            Duration::from_secs(seconds),
            LIMITS,
        )
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
    fn one_that_waits_for_a_reviewer_may_wait_for_as_long_as_github_lets_it() {
        let waits = deployment(DeploymentState::Running, &["in_progress", "waiting"]);
        let day = Duration::from_hours(24);
        assert_eq!(Overdue::of(&waits, 30 * day, LIMITS), None);
        let late = Overdue::of(&waits, 31 * day, LIMITS);
        assert_eq!(late, Some(Overdue::NotLetGo(31 * day)));
        let went_on = deployment(DeploymentState::Running, &["waiting", "in_progress"]);
        let late = Overdue::of(&went_on, LIMITS.silence, LIMITS);
        assert_eq!(late, Some(Overdue::Silent(LIMITS.silence)));
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
                told(Overdue::NotLetGo(REVIEW)),
                unreadable_for(LIMITS.silence, &github::Error::NotFound),
            ]
            .join("\n"),
            @r"
        Nobody picked it up within 1 minute. Most likely no workflow runs on `deployment` at this commit, no runner is free, or GitHub Actions is switched off for the repository. Nothing was deployed, unless a runner still comes late.
        Its workflow said nothing for 30 minutes. Most likely the workflow was cancelled, its runner was lost, or it does not report its steps. It may have got anywhere: look at what runs before deploying again.
        Nobody let it go on within 31 days. Its environment waits for a reviewer, or for a time that its rules set. What was waited for was not deployed.
        deploybot could not read this deployment on GitHub for 30 minutes. GitHub does not know this, or deploybot may not see it: whoever runs deploybot has to see to its access. How it ends is not known here: look at what runs before deploying again.
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
        for overdue in [
            Overdue::NotPickedUp(longest),
            Overdue::Silent(longest),
            Overdue::NotLetGo(longest),
        ] {
            assert!(overdue.description().len() <= 140);
        }
    }

    #[test]
    fn durations_are_told_in_their_largest_whole_unit() {
        let told = [
            100,
            1_000,
            60_000,
            90_000,
            1_800_000,
            3_600_000,
            172_800_000,
        ]
        .map(|ms| humane(Duration::from_millis(ms)));
        let words = [
            "100 ms",
            "1 second",
            "1 minute",
            "90 seconds",
            "30 minutes",
            "1 hour",
            "2 days",
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
