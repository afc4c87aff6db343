//! The changes that can be made to what the simulator knows. Each makes its
//! change whole, then tells it to the runner, the webhooks and the listeners.

mod deployment;

use jiff::Timestamp;

use super::Github;
use super::git::Sha;
use super::state::{
    CheckRun, CheckStatus, CommitStatus, Environment, Event, EventKind, LogLine, NewRepository,
    Repository, Run, State, StatusState, Trigger, UserKind,
};

pub(crate) use self::deployment::{NewDeployment, NewDeploymentStatus};

/// How many logs a repository keeps; the oldest go first.
const RUNS_KEPT: usize = 5_000;

/// There is no such thing to be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} {name}")]
pub struct Missing {
    what: &'static str,
    name: String,
}

fn missing(what: &'static str, name: &impl ToString) -> Missing {
    Missing {
        what,
        name: name.to_string(),
    }
}

/// A repository could not be added.
#[derive(Debug, thiserror::Error)]
pub enum AddRepositoryError {
    /// There is one of that name.
    #[error("there is a repository {0} already")]
    Exists(String),
    /// Its branches could not be read.
    #[error("the branches of {0} cannot be read")]
    Git(String, #[source] anyhow::Error),
}

/// A commit status to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewCommitStatus {
    /// The commit.
    pub(crate) sha: Sha,
    /// Whose word it is.
    pub(crate) context: String,
    /// What it says.
    pub(crate) state: StatusState,
    /// What it says in words.
    pub(crate) description: Option<String>,
    /// Where to read more.
    pub(crate) target_url: Option<String>,
    /// Login of its creator.
    pub(crate) creator: String,
}

impl Github {
    /// Adds a person, unless there is a user of that login.
    pub fn add_user(&self, login: &str, name: &str) {
        let now = self.clock().now_in_seconds();
        let mut state = self.state();
        state.add_user(login, name, UserKind::Person, now);
        if let Some(user) = state.users.get_mut(&login.to_lowercase()) {
            name.clone_into(&mut user.name);
        }
    }

    /// Adds a repository.
    ///
    /// # Errors
    ///
    /// When there is one of that name, or its branches cannot be read.
    pub fn add_repository(&self, new: NewRepository) -> Result<(), AddRepositoryError> {
        let full_name = format!("{}/{}", new.owner, new.name);
        let heads = new
            .git
            .branches()
            .map_err(|error| AddRepositoryError::Git(full_name.clone(), error))?
            .into_iter()
            .collect();
        let now = self.clock().now_in_seconds();
        let mut state = self.state();
        let key = full_name.to_lowercase();
        if state.repositories.contains_key(&key) {
            return Err(AddRepositoryError::Exists(full_name));
        }
        state.add_user(&new.owner, &new.owner, UserKind::Organization, now);
        let mut repository = Repository {
            id: state.next_id(),
            owner: new.owner,
            name: new.name,
            git: new.git,
            default_branch: new.default_branch,
            workflow: new.workflow,
            heads,
            environments: Vec::new(),
            deployments: Vec::new(),
            checks: std::collections::HashMap::default(),
            statuses: std::collections::HashMap::default(),
            published: std::collections::BTreeMap::default(),
            runs: std::collections::BTreeMap::default(),
            created_at: now,
            pushed_at: now,
        };
        for name in &new.environments {
            let id = state.next_id();
            repository.environment_or_new(name, id, now);
        }
        state.repositories.insert(key, repository);
        drop(state);
        self.happened(&full_name, EventKind::Repository);
        Ok(())
    }

    /// Tells that a commit has arrived: a branch, which git has moved already,
    /// is at `after` now.
    ///
    /// # Errors
    ///
    /// When there is no such repository.
    pub fn push(
        &self,
        full_name: &str,
        branch: &str,
        after: &Sha,
        pusher: &str,
    ) -> Result<(), Missing> {
        let mut state = self.state();
        let repository = state.named_or_missing(full_name)?;
        let before = repository.heads.insert(branch.to_owned(), after.clone());
        repository.pushed_at = self.clock().now_in_seconds();
        drop(state);
        let event = EventKind::Push {
            branch: branch.to_owned(),
            before,
            after: after.clone(),
            pusher: pusher.to_owned(),
        };
        self.happened(full_name, event);
        Ok(())
    }

    /// The environment of this name, made if it is not there; `change` may
    /// change its rules.
    pub(crate) fn put_environment(
        &self,
        full_name: &str,
        name: &str,
        change: impl FnOnce(&mut Environment),
    ) -> Result<Environment, Missing> {
        let now = self.clock().now_in_seconds();
        let mut state = self.state();
        let id = state.next_id();
        let repository = state.named_or_missing(full_name)?;
        let environment = repository.environment_or_new(name, id, now);
        change(environment);
        environment.updated_at = now;
        let environment = environment.clone();
        drop(state);
        self.happened(full_name, EventKind::Environment);
        Ok(environment)
    }

    /// Removes an environment; its deployments stay.
    pub(crate) fn delete_environment(&self, full_name: &str, name: &str) -> Result<(), Missing> {
        let mut state = self.state();
        let repository = state.named_or_missing(full_name)?;
        let gone = repository
            .environment(name)
            .map(|environment| environment.id)
            .ok_or_else(|| missing("environment", &name))?;
        repository.environments.retain(|known| known.id != gone);
        drop(state);
        self.happened(full_name, EventKind::Environment);
        Ok(())
    }

    /// Gives an environment another name, also in the deployments that went to
    /// it. GitHub has no route for it.
    ///
    /// # Errors
    ///
    /// When there is no such repository or environment.
    pub fn rename_environment(
        &self,
        full_name: &str,
        name: &str,
        new_name: &str,
    ) -> Result<(), Missing> {
        let mut state = self.state();
        let repository = state.named_or_missing(full_name)?;
        let known = repository
            .environments
            .iter_mut()
            .find(|environment| environment.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| missing("environment", &name))?;
        new_name.clone_into(&mut known.name);
        for deployment in &mut repository.deployments {
            if deployment.environment.eq_ignore_ascii_case(name) {
                new_name.clone_into(&mut deployment.environment);
            }
        }
        drop(state);
        self.happened(full_name, EventKind::Environment);
        Ok(())
    }

    /// Makes an environment serve the tree of a commit.
    pub(crate) fn publish(
        &self,
        full_name: &str,
        environment: &str,
        sha: &Sha,
    ) -> Result<(), Missing> {
        let mut state = self.state();
        let repository = state.named_or_missing(full_name)?;
        repository
            .published
            .insert(environment.to_owned(), sha.clone());
        Ok(())
    }

    /// Records a check run: a new one, or the next step of one that is there.
    /// Its id is [`Github::new_id`]'s.
    pub(crate) fn put_check_run(&self, full_name: &str, check: CheckRun) -> Result<(), Missing> {
        let mut state = self.state();
        let repository = state.named_or_missing(full_name)?;
        let checks = repository.checks.entry(check.sha.clone()).or_default();
        match checks.iter_mut().find(|known| known.id == check.id) {
            Some(known) => *known = check.clone(),
            None => checks.push(check.clone()),
        }
        drop(state);
        self.happened(full_name, EventKind::CheckRun(Box::new(check)));
        Ok(())
    }

    /// Adds a status to a commit.
    pub(crate) fn add_commit_status(
        &self,
        full_name: &str,
        new: NewCommitStatus,
    ) -> Result<CommitStatus, Missing> {
        let mut state = self.state();
        let id = state.next_id();
        let repository = state.named_or_missing(full_name)?;
        let status = CommitStatus {
            id,
            sha: new.sha,
            context: new.context,
            state: new.state,
            description: new.description,
            target_url: new.target_url,
            creator: new.creator,
            created_at: self.clock().now_in_seconds(),
        };
        let statuses = repository.statuses.entry(status.sha.clone()).or_default();
        statuses.push(status.clone());
        drop(state);
        self.happened(full_name, EventKind::Status(Box::new(status.clone())));
        Ok(status)
    }

    /// Starts a run, with an empty log; the answer is its id.
    pub(crate) fn start_run(
        &self,
        full_name: &str,
        trigger: Trigger,
        title: &str,
        sha: &Sha,
    ) -> Result<u64, Missing> {
        let now = self.clock().now_in_seconds();
        let mut state = self.state();
        let id = state.next_id();
        let repository = state.named_or_missing(full_name)?;
        let run = Run {
            id,
            trigger,
            status: CheckStatus::Queued,
            created_at: now,
            updated_at: now,
            title: title.to_owned(),
            sha: sha.clone(),
            log: Vec::new(),
        };
        repository.begin_run(run.clone());
        drop(state);
        self.happened(full_name, EventKind::WorkflowRun(Box::new(run)));
        Ok(id)
    }

    /// Moves a run on; one that is gone stays so.
    pub(crate) fn move_run(&self, full_name: &str, run: u64, status: CheckStatus) {
        let mut state = self.state();
        let run = state
            .named_mut(full_name)
            .and_then(|repository| repository.runs.get_mut(&run));
        let Some(run) = run else {
            return;
        };
        if run.status == status {
            return;
        }
        run.status = status;
        run.updated_at = self.clock().now_in_seconds();
        let told = Run {
            log: Vec::new(),
            ..run.clone()
        };
        drop(state);
        self.happened(full_name, EventKind::WorkflowRun(Box::new(told)));
    }

    /// Adds a line to a log; to one that is gone, nothing.
    pub(crate) fn write_log(&self, full_name: &str, run: u64, text: &str) {
        if let Some(repository) = self.state().named_mut(full_name) {
            repository.log_line(run, self.clock().now(), text.to_owned());
        }
    }

    /// An id that nothing else has.
    pub(crate) fn new_id(&self) -> u64 {
        self.state().next_id()
    }

    fn happened(&self, full_name: &str, kind: EventKind) {
        self.announce(Event {
            repository: full_name.to_owned(),
            kind,
        });
    }
}

impl State {
    /// A repository to be changed, by `owner/name` in any case.
    pub(super) fn named_or_missing(&mut self, full_name: &str) -> Result<&mut Repository, Missing> {
        self.named_mut(full_name)
            .ok_or_else(|| missing("repository", &full_name))
    }
}

impl Repository {
    /// The environment of this name, in any case, made if it is not there.
    pub(super) fn environment_or_new(
        &mut self,
        name: &str,
        id: u64,
        now: Timestamp,
    ) -> &mut Environment {
        let known = self
            .environments
            .iter()
            .position(|environment| environment.name.to_lowercase() == name.to_lowercase());
        let index = known.unwrap_or_else(|| {
            self.environments.push(Environment {
                id,
                name: name.to_owned(),
                created_at: now,
                updated_at: now,
                wait_timer: 0,
                prevent_self_review: false,
                reviewers: Vec::new(),
                branch_policy: None,
            });
            self.environments.len() - 1
        });
        &mut self.environments[index]
    }

    /// Adds a run; when there are too many, the oldest is forgotten.
    pub(super) fn begin_run(&mut self, run: Run) {
        self.runs.insert(run.id, run);
        if self.runs.len() > RUNS_KEPT {
            self.runs.pop_first();
        }
    }

    /// Adds a line to a log; to one that is gone, nothing.
    pub(super) fn log_line(&mut self, run: u64, at: Timestamp, text: String) {
        if let Some(run) = self.runs.get_mut(&run) {
            run.log.push(LogLine { at, text });
        }
    }
}
