//! What is said about a commit: check runs, statuses, and the runs behind them.

use jiff::Timestamp;

use crate::github::git::Sha;

/// One check of one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckRun {
    /// The numeric id.
    pub(crate) id: u64,
    /// The commit.
    pub(crate) sha: Sha,
    /// Which suite of the commit it is in.
    pub(crate) suite: Suite,
    /// Its name: `build`.
    pub(crate) name: String,
    /// How far it is.
    pub(crate) status: CheckStatus,
    /// When it began to run.
    pub(crate) started_at: Option<Timestamp>,
    /// When it ended.
    pub(crate) completed_at: Option<Timestamp>,
    /// One line about it; may be empty.
    pub(crate) summary: String,
    /// The run whose log tells more; none for a derived check.
    pub(crate) run: Option<u64>,
}

/// One of the suites that the checks of a commit are in. On GitHub each run of
/// a workflow has its own; here all that a push starts share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Suite {
    /// That of the commit's own checks, those that pushes start or that are
    /// derived.
    Commit,
    /// That of the run of this id, which carries out a deployment.
    Deployment(u64),
}

impl Suite {
    /// The event that started what is in it.
    pub(crate) fn trigger(self) -> Trigger {
        match self {
            Self::Commit => Trigger::Push,
            Self::Deployment(_) => Trigger::Deployment,
        }
    }
}

/// The event that starts a run of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Trigger {
    /// A branch moved.
    Push,
    /// A deployment was created.
    Deployment,
}

impl Trigger {
    /// GitHub's word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Deployment => "deployment",
        }
    }
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckStatus {
    /// Its turn has not come.
    Queued,
    /// It runs.
    InProgress,
    /// It ended, so.
    Completed(Conclusion),
}

impl CheckStatus {
    /// REST's word for it; GraphQL's is the same in upper case.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Completed(_) => "completed",
        }
    }

    /// How it ended, if it has.
    pub fn conclusion(self) -> Option<Conclusion> {
        match self {
            Self::Completed(conclusion) => Some(conclusion),
            Self::Queued | Self::InProgress => None,
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Conclusion {
    /// Somebody has to do something.
    ActionRequired,
    /// Somebody stopped it.
    Cancelled,
    /// It found a fault.
    Failure,
    /// It has no opinion.
    Neutral,
    /// It did not apply.
    Skipped,
    /// It was given up as too old.
    Stale,
    /// It is content.
    Success,
    /// It took too long.
    TimedOut,
}

impl Conclusion {
    /// REST's word for it; GraphQL's is the same in upper case.
    pub fn word(self) -> &'static str {
        match self {
            Self::ActionRequired => "action_required",
            Self::Cancelled => "cancelled",
            Self::Failure => "failure",
            Self::Neutral => "neutral",
            Self::Skipped => "skipped",
            Self::Stale => "stale",
            Self::Success => "success",
            Self::TimedOut => "timed_out",
        }
    }
}

/// One status of a commit, in the older form that is no check run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitStatus {
    /// The numeric id.
    pub(crate) id: u64,
    /// The commit.
    pub(crate) sha: Sha,
    /// Whose word it is: `ci/lint`.
    pub(crate) context: String,
    /// What it says.
    pub(crate) state: StatusState,
    /// What it says in words.
    pub(crate) description: Option<String>,
    /// Where to read more.
    pub(crate) target_url: Option<String>,
    /// Login of its creator.
    pub(crate) creator: String,
    /// When it was written.
    pub(crate) created_at: Timestamp,
}

/// What a commit status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusState {
    /// It could not be told.
    Error,
    /// Bad.
    Failure,
    /// Not yet known.
    Pending,
    /// Good.
    Success,
}

impl StatusState {
    /// REST's word for it; GraphQL's is the same in upper case.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Failure => "failure",
            Self::Pending => "pending",
            Self::Success => "success",
        }
    }

    /// The state that a word of REST means.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Error, Self::Failure, Self::Pending, Self::Success]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// One run of a workflow: its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// The numeric id, the last part of its page's address.
    pub(crate) id: u64,
    /// The event that started it.
    pub(crate) trigger: Trigger,
    /// How far it is.
    pub(crate) status: CheckStatus,
    /// When it was started.
    pub(crate) created_at: Timestamp,
    /// When it last moved on.
    pub(crate) updated_at: Timestamp,
    /// What ran: `build` or `Deploy to production`.
    pub(crate) title: String,
    /// The commit.
    pub(crate) sha: Sha,
    /// Oldest first.
    pub(crate) log: Vec<LogLine>,
}

impl Run {
    /// The suite that its checks are in.
    pub(crate) fn suite(&self) -> Suite {
        match self.trigger {
            Trigger::Push => Suite::Commit,
            Trigger::Deployment => Suite::Deployment(self.id),
        }
    }
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogLine {
    /// When it was written.
    pub(crate) at: Timestamp,
    /// What it says.
    pub(crate) text: String,
}
