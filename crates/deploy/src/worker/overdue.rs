//! Deployments that would never end: nobody picks them up, their workflow falls
//! silent, or GitHub does not let us read them any more. The first are ended on
//! GitHub with a status `error` whose words tell why; whoever reads that status
//! tells people the likely cause. The last end in the journal alone: where they
//! are on GitHub nobody here can know.

use std::time::Duration;

use crate::{
    error::github_sentence,
    github,
    model::{Deployment, DeploymentState, Step},
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

#[cfg(test)]
pub(super) mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{Commit, DeploymentId, Kind, Person, Step};

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

    pub(in crate::worker) fn deployment(state: DeploymentState, steps: &[&str]) -> Deployment {
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
}
