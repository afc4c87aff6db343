//! How fast things go: as people can follow, or as fast as a test wants it.

use std::time::Duration;

use simulators::github::Workflow;

/// The beat of the simulator's lifelike workflow.
const LIFELIKE: Duration = Duration::from_millis(500);

/// How fast the simulated workflows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// About what the shortest step of a workflow takes.
    pub beat: Duration,
}

impl Default for Pace {
    /// Slow enough to be watched: checks take some six seconds, a deployment
    /// some ten.
    fn default() -> Self {
        Self { beat: LIFELIKE }
    }
}

impl Pace {
    /// The lifelike workflow at this pace.
    pub(crate) fn workflow(self) -> Workflow {
        let times = self.beat.as_secs_f64() / LIFELIKE.as_secs_f64();
        let mut workflow = Workflow::lifelike();
        workflow.pick_up = workflow.pick_up.mul_f64(times);
        for check in &mut workflow.checks.run {
            check.takes = check.takes.mul_f64(times);
        }
        for step in &mut workflow.deploy {
            step.takes = step.takes.mul_f64(times);
        }
        workflow
    }
}
