//! The usual workflows: three checks, and a deployment that builds an image and
//! rolls it out.

use std::time::Duration;

use crate::github::state::{CheckStep, Checks, DeployStep, DeploymentState, Workflow};

impl Workflow {
    /// Checks and a deployment that take some milliseconds, for tests.
    pub fn quick() -> Self {
        Self::paced(Duration::from_millis(1))
    }

    /// Checks that take some six seconds and a deployment that takes some ten,
    /// for people who watch.
    pub fn lifelike() -> Self {
        Self::paced(Duration::from_millis(500))
    }

    /// The usual workflow; a beat is what its shortest steps take.
    fn paced(beat: Duration) -> Self {
        let check = |name: &str, beats: u32, log: &[&str]| CheckStep {
            name: name.to_owned(),
            takes: beat * beats,
            log: owned(log),
        };
        Self {
            checks: Checks {
                derived: false,
                run: vec![
                    check("build", 5, &["Compiling", "Built the image"]),
                    check("test", 4, &["Running the tests", "All tests have run"]),
                    check("lint", 3, &["Reading every file"]),
                ],
            },
            pick_up: beat,
            deploy: usual_deploy(beat),
        }
    }
}

fn usual_deploy(beat: Duration) -> Vec<DeployStep> {
    let step = |part: &str, beats: u32, state, description: &str, log: &[&str]| DeployStep {
        part: part.to_owned(),
        failure: match part {
            "rollout" => "ImagePullBackOff in 3 of 3 pods".to_owned(),
            _ => format!("The step {part} failed"),
        },
        takes: beat * beats,
        state,
        description: description.to_owned(),
        log: owned(log),
    };
    let going = DeploymentState::InProgress;
    vec![
        step(
            "queue",
            1,
            DeploymentState::Queued,
            "waiting for a runner",
            &[],
        ),
        step(
            "image",
            4,
            going,
            "built",
            &["Building the image", "Pushed the image"],
        ),
        step(
            "rollout",
            4,
            going,
            "rolling out: 1 of 3 pods ready",
            &["Applying the manifests"],
        ),
        step("rollout", 4, going, "rolling out: 2 of 3 pods ready", &[]),
        step("rollout", 4, going, "rolling out: 3 of 3 pods ready", &[]),
        step(
            "rollout",
            2,
            DeploymentState::Success,
            "live in 3 of 3 pods",
            &["Rolled out"],
        ),
    ]
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_workflows_end_in_success() {
        for workflow in [Workflow::quick(), Workflow::lifelike()] {
            let last = workflow.deploy.last().unwrap();
            assert_eq!(last.state, DeploymentState::Success);
            assert!(workflow.deploy.iter().any(|step| step.part == "rollout"));
        }
        let total = |steps: &mut dyn Iterator<Item = Duration>| steps.sum::<Duration>().as_secs();
        let lifelike = Workflow::lifelike();
        let deploy = total(&mut lifelike.deploy.iter().map(|step| step.takes));
        let checks = total(&mut lifelike.checks.run.iter().map(|step| step.takes));
        assert_eq!((deploy, checks), (9, 6));
    }
}
