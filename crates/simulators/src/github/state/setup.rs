//! How a simulated GitHub is set up: its configuration, its repositories with
//! their workflows, and their past.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{CheckStatus, DeploymentState};
use crate::github::git::{self, Sha};

/// How the simulator is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where clients reach it, without a slash at the end:
    /// `http://127.0.0.1:8080/github`.
    pub base_url: String,
    /// Each token that is accepted and the login of the user it speaks for.
    pub tokens: Vec<(String, String)>,
    /// Where events are delivered, if anywhere.
    pub webhook: Option<Webhook>,
}

/// A receiver of events.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where events are posted.
    pub url: String,
    /// What they are signed with.
    pub secret: String,
}

/// A repository to be added.
pub struct NewRepository {
    /// Login of its owner, which becomes an organization if it is no user.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Its commits.
    pub git: git::Repository,
    /// The branch that others are measured against.
    pub default_branch: String,
    /// Names of its environments.
    pub environments: Vec<String>,
    /// What happens after a push and after a deployment was created.
    pub workflow: Workflow,
}

/// What a repository's simulated workflows do.
#[derive(Debug, Clone, Default)]
pub struct Workflow {
    /// What checks its commits have.
    pub checks: Checks,
    /// How long a new deployment waits before its first step.
    pub pick_up: Duration,
    /// The steps of a deployment, in order; with none, nobody picks it up.
    pub deploy: Vec<DeployStep>,
}

/// What checks a repository's commits have.
#[derive(Debug, Clone, Default)]
pub struct Checks {
    /// Commits that have no recorded check get some by their SHA, mostly
    /// green, without anything being stored.
    pub derived: bool,
    /// The checks that a push starts on its newest commit, in order.
    pub run: Vec<CheckStep>,
}

/// One check that a push starts.
#[derive(Debug, Clone)]
pub struct CheckStep {
    /// Its name: `build`.
    pub name: String,
    /// How long it runs once its turn has come.
    pub takes: Duration,
    /// The lines of its log.
    pub log: Vec<String>,
}

/// One step of a deployment: it waits, then writes a deployment status.
#[derive(Debug, Clone)]
pub struct DeployStep {
    /// The part of a deploy that it belongs to: `rollout`. A commit whose
    /// message has a line `Simulate: fail rollout` fails at the first step of
    /// that part.
    pub part: String,
    /// What the status says when it fails there.
    pub failure: String,
    /// How long it takes.
    pub takes: Duration,
    /// The state that it writes.
    pub state: DeploymentState,
    /// What the status says.
    pub description: String,
    /// The lines that it adds to the log.
    pub log: Vec<String>,
}

/// A deployment of the past, to be seeded.
#[derive(Debug, Clone)]
pub struct SeedDeployment {
    /// What it deployed.
    pub sha: Sha,
    /// Where to.
    pub environment: String,
    /// Login of who made it.
    pub creator: String,
    /// What its creator attached.
    pub payload: Value,
    /// What its creator said about it.
    pub description: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its statuses, oldest first. A `success` publishes the commit's tree.
    pub statuses: Vec<SeedStatus>,
}

/// A deployment status of the past, to be seeded.
#[derive(Debug, Clone)]
pub struct SeedStatus {
    /// Where the deployment stood with it.
    pub state: DeploymentState,
    /// What it said.
    pub description: String,
    /// When it was written.
    pub at: Timestamp,
}

/// A check of the past, to be seeded.
#[derive(Debug, Clone)]
pub struct SeedCheck {
    /// The commit.
    pub sha: Sha,
    /// Its name.
    pub name: String,
    /// How far it is, or how it ended.
    pub status: CheckStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it has.
    pub completed_at: Option<Timestamp>,
}
