//! Plays the workflows of a repository: after a push its checks, after a
//! deployment was created its steps, until the commit's files are what the
//! environment serves.
//!
//! A commit decides how it fares: a line `Simulate: fail lint` in its message
//! fails the check of that name, and `Simulate: fail rollout` fails a deployment
//! of it at the first step of that part.

mod usual;

use std::collections::BTreeSet;

use tokio::sync::broadcast;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Github,
    git::Sha,
    record::{Missing, NewDeploymentStatus},
    state::{
        ACTIONS_BOT, CheckRun, CheckStatus, CheckStep, Conclusion, DEPLOY_JOB, DeployStep,
        Deployment, DeploymentState, Event, EventKind, Suite, Trigger, Workflow,
    },
};

/// Plays workflows until `shutdown`; those that run then are given up.
pub(crate) async fn run(
    github: &Github,
    mut events: broadcast::Receiver<Event>,
    shutdown: CancellationToken,
) {
    let tasks = TaskTracker::new();
    loop {
        let event = tokio::select! {
            () = shutdown.cancelled() => break,
            event = events.recv() => event,
        };
        match event {
            Ok(event) => start(github, &tasks, &shutdown, event),
            Err(broadcast::error::RecvError::Lagged(lost)) => {
                tracing::error!(lost, "events came faster than workflows could be started");
            }
            Err(broadcast::error::RecvError::Closed) => break,
        }
    }
    tasks.close();
    tasks.wait().await;
}

/// Starts what an event calls for, in a task of its own.
fn start(github: &Github, tasks: &TaskTracker, shutdown: &CancellationToken, event: Event) {
    let Some(workflow) = github
        .state()
        .named(&event.repository)
        .map(|repository| repository.workflow.clone())
    else {
        return;
    };
    let job = Job {
        github: github.clone(),
        repository: event.repository,
    };
    let shutdown = shutdown.clone();
    match event.kind {
        EventKind::Push { after, .. } if !workflow.checks.run.is_empty() => {
            tasks.spawn(async move {
                let work = job.check(&after, &workflow.checks.run);
                job.report(shutdown.run_until_cancelled(work).await);
            });
        }
        EventKind::Deployment(deployment) if !workflow.deploy.is_empty() => {
            tasks.spawn(async move {
                let work = job.deploy(&deployment, &workflow);
                job.report(shutdown.run_until_cancelled(work).await);
            });
        }
        _ => {}
    }
}

/// A workflow at work in a repository.
struct Job {
    github: Github,
    repository: String,
}

impl Job {
    /// What a workflow works on may be removed under its hands.
    fn report(&self, ended: Option<Result<(), Missing>>) {
        if let Some(Err(error)) = ended {
            tracing::info!(repository = self.repository, %error, "a workflow was given up");
        }
    }

    /// Runs the checks of a commit: all are queued at once and then take their
    /// turns.
    async fn check(&self, sha: &Sha, steps: &[CheckStep]) -> Result<(), Missing> {
        let failing = simulated_failures(&self.message(sha));
        let mut queued = Vec::with_capacity(steps.len());
        for step in steps {
            let run = self
                .github
                .start_run(&self.repository, Trigger::Push, &step.name, sha)?;
            let check = self.queue(sha, Suite::Commit, &step.name, run)?;
            queued.push((step, check, run));
        }
        for (step, check, run) in queued {
            let fails = failing.contains(&step.name);
            self.check_once(step, check, run, fails).await?;
        }
        Ok(())
    }

    /// Records a check that waits for its turn.
    fn queue(&self, sha: &Sha, suite: Suite, name: &str, run: u64) -> Result<CheckRun, Missing> {
        let check = CheckRun {
            id: self.github.new_id(),
            sha: sha.clone(),
            suite,
            name: name.to_owned(),
            status: CheckStatus::Queued,
            started_at: Some(self.github.clock().now_in_seconds()),
            completed_at: None,
            summary: String::new(),
            run: Some(run),
        };
        self.move_check(&check)?;
        Ok(check)
    }

    async fn check_once(
        &self,
        step: &CheckStep,
        mut check: CheckRun,
        run: u64,
        fails: bool,
    ) -> Result<(), Missing> {
        self.begin(&mut check)?;
        for line in &step.log {
            self.github.write_log(&self.repository, run, line);
        }
        self.github.clock().sleep(step.takes).await;
        let (conclusion, summary) = if fails {
            let why = format!("{} failed, as the commit's message asks for", step.name);
            (Conclusion::Failure, why)
        } else {
            (Conclusion::Success, format!("{} passed", step.name))
        };
        self.github.write_log(&self.repository, run, &summary);
        check.summary = summary;
        self.end(check, conclusion)
    }

    /// A check's turn has come.
    fn begin(&self, check: &mut CheckRun) -> Result<(), Missing> {
        check.status = CheckStatus::InProgress;
        check.started_at = Some(self.github.clock().now_in_seconds());
        self.move_check(check)
    }

    fn end(&self, mut check: CheckRun, conclusion: Conclusion) -> Result<(), Missing> {
        check.status = CheckStatus::Completed(conclusion);
        check.completed_at = Some(self.github.clock().now_in_seconds());
        self.move_check(&check)
    }

    /// Records how far a check is, and its run with it.
    fn move_check(&self, check: &CheckRun) -> Result<(), Missing> {
        if let Some(run) = check.run {
            self.github.move_run(&self.repository, run, check.status);
        }
        self.github.put_check_run(&self.repository, check.clone())
    }

    /// Carries a deployment out in a run with one job, whose check run on the
    /// deployed commit ends as the run does.
    async fn deploy(&self, deployment: &Deployment, workflow: &Workflow) -> Result<(), Missing> {
        self.github.clock().sleep(workflow.pick_up).await;
        let sha = &deployment.sha;
        let title = format!("Deploy to {}", deployment.environment);
        let run = self
            .github
            .start_run(&self.repository, Trigger::Deployment, &title, sha)?;
        let mut job = self.queue(sha, Suite::Deployment(run), DEPLOY_JOB, run)?;
        job.summary = title;
        let ended = self
            .carry_out(deployment, &workflow.deploy, run, &mut job)
            .await;
        // A deployment that is taken away ends its run too.
        let conclusion = ended.as_ref().copied().unwrap_or(Conclusion::Cancelled);
        self.end(job, conclusion)?;
        ended.map(|_| ())
    }

    /// Goes through the steps of a deployment, unless somebody else ends it
    /// first; tells how its run ends.
    async fn carry_out(
        &self,
        deployment: &Deployment,
        steps: &[DeployStep],
        run: u64,
        job: &mut CheckRun,
    ) -> Result<Conclusion, Missing> {
        let failing = simulated_failures(&self.message(&deployment.sha));
        for step in steps {
            self.github.clock().sleep(step.takes).await;
            if self.is_over(deployment) {
                self.github
                    .write_log(&self.repository, run, "Stopped: the deployment has ended");
                break;
            }
            if job.status == CheckStatus::Queued {
                self.begin(job)?;
            }
            for line in &step.log {
                self.github.write_log(&self.repository, run, line);
            }
            let (state, description) = if failing.contains(&step.part) {
                (DeploymentState::Failure, &step.failure)
            } else {
                (step.state, &step.description)
            };
            self.github.write_log(&self.repository, run, description);
            self.tell(deployment, run, state, description)?;
            if state.is_final() {
                return Ok(match state {
                    DeploymentState::Success => Conclusion::Success,
                    _ => Conclusion::Failure,
                });
            }
        }
        Ok(Conclusion::Cancelled)
    }

    /// Writes a deployment status; a success comes after the commit's files can
    /// be seen.
    fn tell(
        &self,
        deployment: &Deployment,
        run: u64,
        state: DeploymentState,
        description: &str,
    ) -> Result<(), Missing> {
        let links = self.github.links();
        let environment = &deployment.environment;
        let mut environment_url = String::new();
        if state == DeploymentState::Success {
            self.github
                .publish(&self.repository, environment, &deployment.sha)?;
            environment_url = links.site(&self.repository, environment);
        }
        let status = NewDeploymentStatus {
            state,
            description: description.to_owned(),
            environment: None,
            log_url: links.run(&self.repository, run),
            environment_url,
            creator: ACTIONS_BOT.to_owned(),
            auto_inactive: true,
        };
        self.github
            .add_deployment_status(&self.repository, deployment.id, status)?;
        Ok(())
    }

    fn is_over(&self, deployment: &Deployment) -> bool {
        self.github
            .state()
            .named(&self.repository)
            .and_then(|repository| repository.deployment(deployment.id))
            .is_none_or(Deployment::is_over)
    }

    fn message(&self, sha: &Sha) -> String {
        let git = self
            .github
            .state()
            .named(&self.repository)
            .map(|repository| repository.git.clone());
        match git.map(|git| git.commit(sha)) {
            Some(Ok(Some(commit))) => commit.message,
            Some(Err(error)) => {
                tracing::error!(%sha, "cannot read a commit's message: {error:#}");
                String::new()
            }
            Some(Ok(None)) | None => String::new(),
        }
    }
}

/// What a commit's message asks to fail.
fn simulated_failures(message: &str) -> BTreeSet<String> {
    message
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Simulate:"))
        .filter_map(|wish| wish.trim().strip_prefix("fail "))
        .map(|name| name.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_fails() {
        let failing =
            |message: &str| -> Vec<String> { simulated_failures(message).into_iter().collect() };
        assert_eq!(failing("Add a page\n\nSimulate: fail lint\n"), ["lint"]);
        assert_eq!(
            failing("Simulate: fail rollout\r\n  Simulate:fail e2e tests "),
            ["e2e tests", "rollout"]
        );
        for message in [
            "",
            "fail lint",
            "Simulate: pass",
            "Do not Simulate: fail lint",
        ] {
            assert!(failing(message).is_empty(), "{message}");
        }
    }
}
