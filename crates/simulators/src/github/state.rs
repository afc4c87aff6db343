//! What the simulated GitHub knows: its users and repositories with their
//! environments, deployments, checks and statuses. The commits themselves are
//! in git repositories; see [`git`].

mod check;
mod deployment;
mod event;
mod setup;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::git::{self, Sha};

pub(crate) use self::check::{CheckRun, CommitStatus, LogLine, Run, Suite, Trigger};
pub use self::check::{CheckStatus, Conclusion, StatusState};
pub use self::deployment::DeploymentState;
pub(crate) use self::deployment::{Deployment, DeploymentStatus};
pub use self::event::Change;
pub(crate) use self::event::{Event, EventKind};
pub use self::setup::{
    CheckStep, Checks, Config, DeployStep, NewRepository, SeedCheck, SeedDeployment, SeedStatus,
    Webhook, Workflow,
};

/// Login of the program that runs workflows.
pub(crate) const ACTIONS_BOT: &str = "github-actions[bot]";

/// Name of the one job of the workflow that carries out deployments.
pub(crate) const DEPLOY_JOB: &str = "deploy";

/// All that the simulator knows.
#[derive(Default)]
pub(crate) struct State {
    /// By lower-case login.
    pub(crate) users: BTreeMap<String, User>,
    /// By lower-case `owner/name`.
    pub(crate) repositories: BTreeMap<String, Repository>,
    last_id: u64,
}

impl State {
    /// An id that nothing else has.
    pub(crate) fn next_id(&mut self) -> u64 {
        const BASE: u64 = 1_000_000;
        self.last_id += 1;
        BASE + self.last_id
    }

    /// A repository by owner and name, in any case.
    pub(crate) fn repository(&self, owner: &str, name: &str) -> Option<&Repository> {
        self.repositories.get(&key(owner, name))
    }

    /// A repository by `owner/name`, in any case.
    pub(crate) fn named(&self, full_name: &str) -> Option<&Repository> {
        self.repositories.get(&full_name.to_lowercase())
    }

    /// A repository by `owner/name`, in any case, to be changed.
    pub(crate) fn named_mut(&mut self, full_name: &str) -> Option<&mut Repository> {
        self.repositories.get_mut(&full_name.to_lowercase())
    }

    /// A repository by its id.
    pub(crate) fn repository_by_id(&self, id: u64) -> Option<&Repository> {
        self.repositories.values().find(|found| found.id == id)
    }

    /// A user by login, in any case.
    pub(crate) fn user(&self, login: &str) -> Option<&User> {
        self.users.get(&login.to_lowercase())
    }

    /// The user who made a commit, told by the address or name in it.
    pub(crate) fn user_of(&self, name: &str, email: &str) -> Option<&User> {
        let people = || {
            self.users
                .values()
                .filter(|user| user.kind != UserKind::Organization)
        };
        people()
            .find(|user| user.email.eq_ignore_ascii_case(email))
            .or_else(|| people().find(|user| user.name == name || user.login == name))
    }

    /// Adds a user unless there is one of that login.
    pub(crate) fn add_user(&mut self, login: &str, name: &str, kind: UserKind, at: Timestamp) {
        let id = self.next_id();
        self.users
            .entry(login.to_lowercase())
            .or_insert_with(|| User {
                id,
                login: login.to_owned(),
                name: name.to_owned(),
                email: format!("{login}@users.noreply.example"),
                kind,
                created_at: at,
            });
    }
}

fn key(owner: &str, name: &str) -> String {
    format!("{owner}/{name}").to_lowercase()
}

/// Someone who can own, push or deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// The numeric id.
    pub(crate) id: u64,
    /// The login, as first written.
    pub(crate) login: String,
    /// The name to show.
    pub(crate) name: String,
    /// The address that commits of theirs carry.
    pub(crate) email: String,
    /// What they are.
    pub(crate) kind: UserKind,
    /// When they were added.
    pub(crate) created_at: Timestamp,
}

/// What a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserKind {
    /// A person.
    Person,
    /// A program.
    Bot,
    /// An owner of repositories with no login of its own.
    Organization,
}

/// A repository and all that belongs to it.
pub(crate) struct Repository {
    /// The numeric id.
    pub(crate) id: u64,
    /// Login of its owner.
    pub(crate) owner: String,
    /// Its name.
    pub(crate) name: String,
    /// Its commits.
    pub(crate) git: git::Repository,
    /// Name of its default branch.
    pub(crate) default_branch: String,
    /// What its workflows do.
    pub(crate) workflow: Workflow,
    /// Where each branch was when its last push was told.
    pub(crate) heads: BTreeMap<String, Sha>,
    /// In the order in which they were made.
    pub(crate) environments: Vec<Environment>,
    /// Oldest first.
    pub(crate) deployments: Vec<Deployment>,
    /// Recorded check runs of a commit, oldest first.
    pub(crate) checks: HashMap<Sha, Vec<CheckRun>>,
    /// Statuses of a commit, oldest first.
    pub(crate) statuses: HashMap<Sha, Vec<CommitStatus>>,
    /// What each environment serves, by the environment's name.
    pub(crate) published: BTreeMap<String, Sha>,
    /// Logs by run id.
    pub(crate) runs: BTreeMap<u64, Run>,
    /// When it was added.
    pub(crate) created_at: Timestamp,
    /// When a branch last moved.
    pub(crate) pushed_at: Timestamp,
}

impl Repository {
    /// `owner/name` as first written.
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// An environment by name, in any case.
    pub(crate) fn environment(&self, name: &str) -> Option<&Environment> {
        let name = name.to_lowercase();
        self.environments
            .iter()
            .find(|environment| environment.name.to_lowercase() == name)
    }

    /// A deployment by id.
    pub(crate) fn deployment(&self, id: u64) -> Option<&Deployment> {
        self.deployments.iter().find(|found| found.id == id)
    }

    /// A deployment by id, to be changed.
    pub(crate) fn deployment_mut(&mut self, id: u64) -> Option<&mut Deployment> {
        self.deployments.iter_mut().find(|found| found.id == id)
    }

    /// The statuses of a commit that count: the newest of each context, in the
    /// order in which the contexts first came.
    pub(crate) fn newest_statuses(&self, sha: &Sha) -> Vec<&CommitStatus> {
        let mut newest: Vec<&CommitStatus> = Vec::new();
        for status in self.statuses.get(sha).into_iter().flatten() {
            match newest
                .iter_mut()
                .find(|seen| seen.context == status.context)
            {
                Some(seen) => *seen = status,
                None => newest.push(status),
            }
        }
        newest
    }
}

/// A place to deploy to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Environment {
    /// The numeric id.
    pub(crate) id: u64,
    /// Its name as first written; names that differ in case only are the same.
    pub(crate) name: String,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When its rules were last changed.
    pub(crate) updated_at: Timestamp,
    /// Minutes that a workflow job has to wait; 0 for none.
    pub(crate) wait_timer: u32,
    /// Who starts a job may not approve it.
    pub(crate) prevent_self_review: bool,
    /// Logins of those who may approve a job.
    pub(crate) reviewers: Vec<String>,
    /// Which branches may deploy.
    pub(crate) branch_policy: Option<BranchPolicy>,
}

/// Which branches may deploy to an environment: one of the two is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BranchPolicy {
    /// The protected ones.
    pub(crate) protected_branches: bool,
    /// Those that match patterns of its own.
    pub(crate) custom_branch_policies: bool,
}
