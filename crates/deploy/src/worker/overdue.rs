//! Deployments that would never end: nobody picks them up, their workflow falls
//! silent, or GitHub does not let us read them any more. The first are ended on
//! GitHub with a status `error` whose words tell why; whoever reads that status
//! tells people the likely cause. The last end in the journal alone: where they
//! are on GitHub nobody here can know.

use std::time::Duration;

use crate::model::{Deployment, DeploymentState, Overdue, Step};

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

/// Whether a deployment that has stood still for `quiet` is overdue, and how.
pub(super) fn overdue(deployment: &Deployment, quiet: Duration, limits: Limits) -> Option<Overdue> {
    let waits = |newest: &Step| newest.state == WAITING;
    let (limit, overdue) = match deployment.state {
        DeploymentState::Pending => (limits.pickup, Overdue::NotPickedUp(limits.pickup)),
        DeploymentState::Running if deployment.steps.last().is_some_and(waits) => {
            (REVIEW, Overdue::NotLetGo(REVIEW))
        }
        DeploymentState::Running | DeploymentState::Unknown => {
            (limits.silence, Overdue::Silent(limits.silence))
        }
        DeploymentState::Succeeded | DeploymentState::Failed | DeploymentState::Cancelled => {
            return None;
        }
    };
    (quiet >= limit).then_some(overdue)
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

    fn after(state: DeploymentState, seconds: u64) -> Option<Overdue> {
        overdue(
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
        assert_eq!(after(DeploymentState::Pending, 59), None);
        let late = after(DeploymentState::Pending, 60);
        assert_eq!(late, Some(Overdue::NotPickedUp(LIMITS.pickup)));
    }

    #[test]
    fn one_that_is_at_work_may_be_silent_for_longer() {
        for state in [DeploymentState::Running, DeploymentState::Unknown] {
            assert_eq!(after(state, 29 * 60), None);
            let late = after(state, 30 * 60);
            assert_eq!(late, Some(Overdue::Silent(LIMITS.silence)));
        }
    }

    #[test]
    fn one_that_waits_for_a_reviewer_may_wait_for_as_long_as_github_lets_it() {
        let waits = deployment(DeploymentState::Running, &["in_progress", "waiting"]);
        let day = Duration::from_hours(24);
        assert_eq!(overdue(&waits, 30 * day, LIMITS), None);
        let late = overdue(&waits, 31 * day, LIMITS);
        assert_eq!(late, Some(Overdue::NotLetGo(31 * day)));
        let went_on = deployment(DeploymentState::Running, &["waiting", "in_progress"]);
        let late = overdue(&went_on, LIMITS.silence, LIMITS);
        assert_eq!(late, Some(Overdue::Silent(LIMITS.silence)));
    }

    #[test]
    fn what_has_ended_is_never_overdue() {
        for state in [
            DeploymentState::Succeeded,
            DeploymentState::Failed,
            DeploymentState::Cancelled,
        ] {
            assert_eq!(after(state, u64::MAX), None);
        }
    }
}
