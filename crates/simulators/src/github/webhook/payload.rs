//! What a webhook says: each event in GitHub's form, with the same shapes that
//! REST answers with.

use anyhow::Result;
use serde_json::{Value, json};

use super::found::{Changed, Found};
use crate::github::{
    Github, checks,
    git::{Commit, Sha, Signature},
    node::{NodeId, NodeKind},
    rest::shape::View,
    state::{
        ACTIONS_BOT, CheckRun, CheckStatus, CommitStatus, Deployment, DeploymentState,
        DeploymentStatus, Event, EventKind, Repository, Run, Suite, Trigger,
    },
};

/// The SHA that stands for no commit.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// What a check suite does not say as part of a check run.
const NOT_IN_A_CHECK_RUN: [&str; 5] = [
    "check_runs_url",
    "head_commit",
    "latest_check_runs_count",
    "rerequestable",
    "runs_rerequestable",
];

/// What a repository does not say as part of a workflow run.
const NOT_IN_A_RUN: [&str; 9] = [
    "clone_url",
    "created_at",
    "git_url",
    "homepage",
    "mirror_url",
    "pushed_at",
    "ssh_url",
    "svn_url",
    "updated_at",
];

/// An event to be delivered.
pub(super) struct Hook {
    /// Its name.
    pub(super) event: &'static str,
    /// What happened in it.
    pub(super) action: Option<&'static str>,
    /// All that it says.
    pub(super) payload: Value,
}

/// What an event is told as; some are told as nothing.
pub(super) fn of(github: &Github, event: &Event, suite_ends: bool) -> Result<Vec<Hook>> {
    let Some(git) = github
        .state()
        .named(&event.repository)
        .map(|repository| repository.git.clone())
    else {
        return Ok(Vec::new());
    };
    let owner = event.repository.split('/').next().unwrap_or_default();
    let installation = github.installation_of(owner);
    // Commits are read before the state is locked.
    let found = Found {
        suite_ends,
        ..Found::read(&git, &event.kind)?
    };
    let state = github.state();
    let Some(repository) = state.named(&event.repository) else {
        return Ok(Vec::new());
    };
    let teller = Teller {
        view: View::new(github.links(), &state),
        repository,
        installation,
    };
    Ok(teller.tell(&event.kind, &found))
}

/// Tells of what happens in one repository.
struct Teller<'a> {
    view: View<'a>,
    repository: &'a Repository,
    /// The App's installation that hears of it, if there is one.
    installation: Option<u64>,
}

impl Teller<'_> {
    fn tell(&self, event: &EventKind, found: &Found) -> Vec<Hook> {
        match event {
            EventKind::Push {
                branch,
                before,
                after,
                pusher,
            } => {
                let payload = self.push(branch, before.as_ref(), after, pusher, found);
                vec![self.hook("push", None, pusher, payload)]
            }
            EventKind::CheckRun(run) => self.check_run(run, found),
            EventKind::Status(status) => {
                let payload = self.status(status, found.commit.as_ref());
                vec![self.hook("status", None, &status.creator, payload)]
            }
            EventKind::Deployment(deployment) => vec![self.deployment(deployment)],
            // GitHub tells nobody of `inactive`.
            EventKind::DeploymentStatus(_, status) if status.state == DeploymentState::Inactive => {
                Vec::new()
            }
            EventKind::DeploymentStatus(deployment, status) => {
                vec![self.deployment_status(deployment, status)]
            }
            EventKind::WorkflowRun(run) => vec![self.workflow_run(run, found.commit.as_ref())],
            EventKind::Environment | EventKind::Repository => Vec::new(),
        }
    }

    /// Adds what every event says.
    fn hook(
        &self,
        event: &'static str,
        action: Option<&'static str>,
        sender: &str,
        mut payload: Value,
    ) -> Hook {
        if let Some(action) = action {
            payload["action"] = json!(action);
        }
        let mut repository = self.view.listed_repository(self.repository);
        repository["custom_properties"] = json!({});
        payload["repository"] = repository;
        payload["sender"] = self.view.user(sender);
        if let Some(id) = self.installation {
            payload["installation"] = json!({ "id": id, "node_id": format!("IN_{id}") });
        }
        Hook {
            event,
            action,
            payload,
        }
    }

    fn deployment(&self, deployment: &Deployment) -> Hook {
        let payload = json!({
            "deployment": self.view.deployment(self.repository, deployment),
            "workflow": null,
            "workflow_run": null,
        });
        self.hook("deployment", Some("created"), &deployment.creator, payload)
    }

    fn deployment_status(&self, deployment: &Deployment, status: &DeploymentStatus) -> Hook {
        let view = &self.view;
        let payload = json!({
            "deployment_status": view.deployment_status(self.repository, deployment, status),
            "deployment": view.deployment(self.repository, deployment),
        });
        self.hook(
            "deployment_status",
            Some("created"),
            &status.creator,
            payload,
        )
    }

    /// A check run is told when it is created and when it has ended.
    fn check_run(&self, run: &CheckRun, found: &Found) -> Vec<Hook> {
        let action = match run.status {
            CheckStatus::Queued => "created",
            CheckStatus::InProgress => return Vec::new(),
            CheckStatus::Completed(_) => "completed",
        };
        let mut shape = self.view.check_run(self.repository, run);
        let commit = found.commit.as_ref();
        let suite = commit.map(|commit| self.suite(commit, run.suite));
        shape["check_suite"] = without(suite.clone().unwrap_or_default(), &NOT_IN_A_CHECK_RUN);
        let payload = json!({ "check_run": shape });
        let mut hooks = vec![self.hook("check_run", Some(action), ACTIONS_BOT, payload)];
        if found.suite_ends {
            let payload = json!({ "check_suite": suite });
            hooks.push(self.hook("check_suite", Some("completed"), ACTIONS_BOT, payload));
        }
        hooks
    }

    fn suite(&self, commit: &Commit, suite: Suite) -> Value {
        let runs = checks::of(self.repository, &commit.sha, commit.committer.at);
        let runs = checks::in_suite(runs, suite);
        let shape = self.view.check_suite(self.repository, commit, suite, &runs);
        without(shape, &["repository"])
    }

    fn status(&self, status: &CommitStatus, commit: Option<&Commit>) -> Value {
        let branches = self
            .repository
            .heads
            .iter()
            .filter(|(_, sha)| **sha == status.sha);
        json!({
            "id": status.id,
            "sha": status.sha.as_str(),
            "name": self.repository.full_name(),
            "target_url": status.target_url,
            "avatar_url": self.view.links.avatar(&status.creator),
            "context": status.context,
            "description": status.description,
            "state": status.state.word(),
            "commit": commit.map(|commit| self.view.commit(self.repository, commit)),
            "branches": branches
                .map(|(name, sha)| self.view.short_branch(self.repository, name, sha))
                .collect::<Vec<_>>(),
            "created_at": status.created_at,
            "updated_at": status.created_at,
        })
    }

    fn push(
        &self,
        branch: &str,
        before: Option<&Sha>,
        after: &Sha,
        pusher: &str,
        found: &Found,
    ) -> Value {
        let full_name = self.repository.full_name();
        let links = self.view.links;
        let compare = match before {
            Some(before) => {
                links.compare(&full_name, &before.as_str()[..12], &after.as_str()[..12])
            }
            None => links.commit(&full_name, after.as_str()),
        };
        let email = self.view.state.user(pusher).map(|user| user.email.as_str());
        json!({
            "ref": format!("refs/heads/{branch}"),
            "before": before.map_or(NO_COMMIT, Sha::as_str),
            "after": after.as_str(),
            "created": before.is_none(),
            "deleted": false,
            "forced": found.forced,
            "base_ref": null,
            "compare": compare,
            "commits": found
                .pushed
                .iter()
                .map(|(commit, changed)| self.pushed_commit(commit, changed))
                .collect::<Vec<_>>(),
            "head_commit": found.commit.as_ref().map(|head| {
                let known = found.pushed.iter().find(|(commit, _)| commit.sha == head.sha);
                let none = Changed::default();
                self.pushed_commit(head, known.map_or(&none, |(_, changed)| changed))
            }),
            "pusher": { "name": pusher, "email": email },
        })
    }

    fn pushed_commit(&self, commit: &Commit, changed: &Changed) -> Value {
        let person = |who: &Signature| {
            let user = self.view.state.user_of(&who.name, &who.email);
            json!({
                "name": who.name,
                "email": who.email,
                "date": who.at,
                "username": user.map(|user| user.login.as_str()),
            })
        };
        let full_name = self.repository.full_name();
        json!({
            "id": commit.sha.as_str(),
            "tree_id": commit.tree.as_str(),
            "distinct": true,
            "message": commit.message,
            "timestamp": commit.committer.at,
            "url": self.view.links.commit(&full_name, commit.sha.as_str()),
            "author": person(&commit.author),
            "committer": person(&commit.committer),
            "added": changed.paths("added"),
            "removed": changed.paths("removed"),
            "modified": changed.paths("modified"),
        })
    }

    fn workflow_run(&self, run: &Run, commit: Option<&Commit>) -> Hook {
        let (action, sender) = match run.status {
            CheckStatus::Queued => ("requested", ACTIONS_BOT),
            CheckStatus::InProgress => ("in_progress", ACTIONS_BOT),
            CheckStatus::Completed(_) => ("completed", ACTIONS_BOT),
        };
        let payload = json!({
            "workflow_run": self.run_shape(run, commit),
            "workflow": self.workflow_shape(run),
        });
        self.hook("workflow_run", Some(action), sender, payload)
    }

    fn run_shape(&self, run: &Run, commit: Option<&Commit>) -> Value {
        let url = self
            .view
            .repository_url(self.repository, &format!("/actions/runs/{}", run.id));
        let suite = checks::suite_id(&run.sha, run.suite());
        let suite_url = self
            .view
            .repository_url(self.repository, &format!("/check-suites/{suite}"));
        let heads = &self.repository.heads;
        let branch = heads
            .iter()
            .find(|(_, sha)| **sha == run.sha)
            .map(|(name, _)| name);
        let actor = self.view.user(ACTIONS_BOT);
        let repository = self.view.minimal_repository(self.repository);
        let repository = without(repository, &NOT_IN_A_RUN);
        let suite_key = checks::suite_key(&run.sha, run.suite());
        let suite_node = NodeId::new(NodeKind::CheckSuite, self.repository.id, suite_key);
        let node = NodeId::new(NodeKind::WorkflowRun, self.repository.id, run.id);
        json!({
            "id": run.id,
            "name": run.title,
            "node_id": node.to_string(),
            "head_branch": branch,
            "head_sha": run.sha.as_str(),
            "path": workflow_path(run),
            "display_title": commit.map(Commit::headline),
            "run_number": run.id,
            "run_attempt": 1,
            "event": run.trigger.word(),
            "status": run.status.word(),
            "conclusion": run.status.conclusion().map(|conclusion| conclusion.word()),
            "workflow_id": workflow_id(run),
            "check_suite_id": suite,
            "check_suite_node_id": suite_node.to_string(),
            "url": url,
            "html_url": self.view.links.run(&self.repository.full_name(), run.id),
            "pull_requests": [],
            "created_at": run.created_at,
            "updated_at": run.updated_at,
            "run_started_at": run.created_at,
            "actor": actor,
            "triggering_actor": actor,
            "jobs_url": format!("{url}/jobs"),
            "logs_url": format!("{url}/logs"),
            "check_suite_url": suite_url,
            "artifacts_url": format!("{url}/artifacts"),
            "cancel_url": format!("{url}/cancel"),
            "rerun_url": format!("{url}/rerun"),
            "previous_attempt_url": null,
            "workflow_url": self.workflow_url(run),
            "head_commit": commit.map(|commit| self.view.simple_commit(commit)),
            "repository": repository,
            "head_repository": repository,
        })
    }

    fn workflow_shape(&self, run: &Run) -> Value {
        let full_name = self.repository.full_name();
        let path = workflow_path(run);
        let created_at = self.repository.created_at;
        json!({
            "id": workflow_id(run),
            "node_id": format!("W_{}", workflow_id(run)),
            "name": run.title,
            "path": path,
            "state": "active",
            "created_at": created_at,
            "updated_at": created_at,
            "url": self.workflow_url(run),
            "html_url": self.view.links.html(&format!("/{full_name}/blob/{}/{path}", self.repository.default_branch)),
            "badge_url": self.view.links.html(&format!("/{full_name}/workflows/{}/badge.svg", run.trigger.word())),
        })
    }

    fn workflow_url(&self, run: &Run) -> String {
        let below = format!("/actions/workflows/{}", workflow_id(run));
        self.view.repository_url(self.repository, &below)
    }
}

/// An object without some of its fields.
fn without(mut object: Value, names: &[&str]) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.retain(|name, _| !names.contains(&name.as_str()));
    }
    object
}

/// The two workflows of a repository.
fn workflow_id(run: &Run) -> u64 {
    match run.trigger {
        Trigger::Push => 1,
        Trigger::Deployment => 2,
    }
}

fn workflow_path(run: &Run) -> &'static str {
    match run.trigger {
        Trigger::Push => ".github/workflows/build.yml",
        Trigger::Deployment => ".github/workflows/deploy.yml",
    }
}
