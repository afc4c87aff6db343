//! Commits, checks, changes and deployments as JSON in the journal.

use serde::{Deserialize, Serialize};

use super::{Error, kind, kind_word, timestamp};
use crate::model::{
    Author, Changes, Checks, ChecksState, Commit, Deployment, DeploymentId, DeploymentState,
    Person, Step,
};

#[derive(Serialize, Deserialize)]
pub(super) struct CommitJson {
    sha: String,
    headline: String,
    author: String,
    committed_at: i64,
    url: String,
}

impl From<&Commit> for CommitJson {
    fn from(commit: &Commit) -> Self {
        Self {
            sha: commit.sha.to_string(),
            headline: commit.headline.clone(),
            author: commit.author.clone(),
            committed_at: commit.committed_at.as_millisecond(),
            url: commit.url.clone(),
        }
    }
}

impl TryFrom<CommitJson> for Commit {
    type Error = Error;

    fn try_from(json: CommitJson) -> Result<Self, Error> {
        Ok(Self {
            sha: json.sha.parse()?,
            headline: json.headline,
            author: json.author,
            committed_at: timestamp(json.committed_at)?,
            url: json.url,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChecksStateJson {
    None,
    Pending,
    Success,
    Failure,
    Unreadable,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ChecksJson {
    state: ChecksStateJson,
    done: u32,
    total: u32,
    failed: Vec<String>,
}

impl From<&Checks> for ChecksJson {
    fn from(checks: &Checks) -> Self {
        Self {
            state: match checks.state {
                ChecksState::None => ChecksStateJson::None,
                ChecksState::Pending => ChecksStateJson::Pending,
                ChecksState::Success => ChecksStateJson::Success,
                ChecksState::Failure => ChecksStateJson::Failure,
                ChecksState::Unreadable => ChecksStateJson::Unreadable,
            },
            done: checks.done,
            total: checks.total,
            failed: checks.failed.clone(),
        }
    }
}

impl From<ChecksJson> for Checks {
    fn from(json: ChecksJson) -> Self {
        Self {
            state: match json.state {
                ChecksStateJson::None => ChecksState::None,
                ChecksStateJson::Pending => ChecksState::Pending,
                ChecksStateJson::Success => ChecksState::Success,
                ChecksStateJson::Failure => ChecksState::Failure,
                ChecksStateJson::Unreadable => ChecksState::Unreadable,
            },
            done: json.done,
            total: json.total,
            failed: json.failed,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct ChangesJson {
    base: Option<String>,
    head: String,
    ahead: u32,
    behind: u32,
    commits: Vec<CommitJson>,
    compare_url: String,
    /// Not there in entries of earlier versions.
    #[serde(default)]
    authors: Vec<AuthorJson>,
}

#[derive(Serialize, Deserialize)]
struct AuthorJson {
    /// Not there in entries of earlier versions.
    #[serde(default)]
    account: Option<u64>,
    login: String,
    email: String,
    name: String,
}

impl From<&Author> for AuthorJson {
    fn from(author: &Author) -> Self {
        Self {
            account: author.account,
            login: author.login.clone(),
            email: author.email.clone(),
            name: author.name.clone(),
        }
    }
}

impl From<AuthorJson> for Author {
    fn from(json: AuthorJson) -> Self {
        Self {
            account: json.account,
            login: json.login,
            email: json.email,
            name: json.name,
        }
    }
}

impl From<&Changes> for ChangesJson {
    fn from(changes: &Changes) -> Self {
        Self {
            base: changes.base.as_ref().map(ToString::to_string),
            head: changes.head.to_string(),
            ahead: changes.ahead,
            behind: changes.behind,
            commits: changes.commits.iter().map(CommitJson::from).collect(),
            compare_url: changes.compare_url.clone(),
            authors: changes.authors.iter().map(AuthorJson::from).collect(),
        }
    }
}

impl TryFrom<ChangesJson> for Changes {
    type Error = Error;

    fn try_from(json: ChangesJson) -> Result<Self, Error> {
        Ok(Self {
            base: json.base.map(|sha| sha.parse()).transpose()?,
            head: json.head.parse()?,
            ahead: json.ahead,
            behind: json.behind,
            commits: commits(json.commits)?,
            compare_url: json.compare_url,
            authors: json.authors.into_iter().map(Author::from).collect(),
        })
    }
}

/// Reads a list of commits.
pub(super) fn commits(json: Vec<CommitJson>) -> Result<Vec<Commit>, Error> {
    json.into_iter().map(Commit::try_from).collect()
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DeploymentStateJson {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct StepJson {
    state: String,
    description: String,
    at: i64,
    log_url: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PersonJson {
    slack: String,
    github: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct DeploymentJson {
    number: u64,
    node: String,
    environment: String,
    commit: CommitJson,
    state: DeploymentStateJson,
    live: bool,
    kind: String,
    requester: PersonJson,
    created_at: i64,
    ended_at: Option<i64>,
    steps: Vec<StepJson>,
    request_id: Option<String>,
    replaces: Option<String>,
    log_url: String,
    environment_url: String,
}

/// A deployment as text. What is live is told by all that went to its
/// environment, not by itself.
pub(in crate::store) fn deployment_text(deployment: &Deployment) -> Result<String, Error> {
    let json = DeploymentJson {
        live: false,
        ..deployment.into()
    };
    serde_json::to_string(&json).map_err(|error| Error::Unreadable(error.to_string()))
}

/// Reads a deployment.
pub(in crate::store) fn read_deployment(text: &str) -> Result<Deployment, Error> {
    serde_json::from_str::<DeploymentJson>(text)
        .map_err(|error| Error::Unreadable(error.to_string()))?
        .try_into()
}

/// The word for a state that is a column of its own.
pub(in crate::store) const fn deployment_word(state: DeploymentState) -> &'static str {
    match state {
        DeploymentState::Pending => "pending",
        DeploymentState::Running => "running",
        DeploymentState::Succeeded => "succeeded",
        DeploymentState::Failed => "failed",
        DeploymentState::Cancelled => "cancelled",
        DeploymentState::Unknown => "unknown",
    }
}

impl From<&Deployment> for DeploymentJson {
    fn from(deployment: &Deployment) -> Self {
        Self {
            number: deployment.id.number,
            node: deployment.id.node.clone(),
            environment: deployment.environment.to_string(),
            commit: (&deployment.commit).into(),
            state: deployment.state.into(),
            live: deployment.live,
            kind: kind_word(deployment.kind).to_owned(),
            requester: (&deployment.requester).into(),
            created_at: deployment.created_at.as_millisecond(),
            ended_at: deployment.ended_at.map(|at| at.as_millisecond()),
            steps: deployment.steps.iter().map(StepJson::from).collect(),
            request_id: deployment.request_id.as_ref().map(ToString::to_string),
            replaces: deployment.replaces.as_ref().map(ToString::to_string),
            log_url: deployment.log_url.clone(),
            environment_url: deployment.environment_url.clone(),
        }
    }
}

impl TryFrom<DeploymentJson> for Deployment {
    type Error = Error;

    fn try_from(json: DeploymentJson) -> Result<Self, Error> {
        let steps: Result<_, Error> = json.steps.into_iter().map(Step::try_from).collect();
        Ok(Self {
            id: DeploymentId {
                number: json.number,
                node: json.node,
            },
            environment: json.environment.parse()?,
            commit: json.commit.try_into()?,
            state: json.state.into(),
            live: json.live,
            kind: kind(&json.kind)?,
            requester: json.requester.into(),
            created_at: timestamp(json.created_at)?,
            ended_at: json.ended_at.map(timestamp).transpose()?,
            steps: steps?,
            request_id: json.request_id.map(|id| id.parse()).transpose()?,
            replaces: json.replaces.map(|sha| sha.parse()).transpose()?,
            log_url: json.log_url,
            environment_url: json.environment_url,
        })
    }
}

impl From<DeploymentState> for DeploymentStateJson {
    fn from(state: DeploymentState) -> Self {
        match state {
            DeploymentState::Pending => Self::Pending,
            DeploymentState::Running => Self::Running,
            DeploymentState::Succeeded => Self::Succeeded,
            DeploymentState::Failed => Self::Failed,
            DeploymentState::Cancelled => Self::Cancelled,
            DeploymentState::Unknown => Self::Unknown,
        }
    }
}

impl From<DeploymentStateJson> for DeploymentState {
    fn from(json: DeploymentStateJson) -> Self {
        match json {
            DeploymentStateJson::Pending => Self::Pending,
            DeploymentStateJson::Running => Self::Running,
            DeploymentStateJson::Succeeded => Self::Succeeded,
            DeploymentStateJson::Failed => Self::Failed,
            DeploymentStateJson::Cancelled => Self::Cancelled,
            DeploymentStateJson::Unknown => Self::Unknown,
        }
    }
}

impl From<&Step> for StepJson {
    fn from(step: &Step) -> Self {
        Self {
            state: step.state.clone(),
            description: step.description.clone(),
            at: step.at.as_millisecond(),
            log_url: step.log_url.clone(),
        }
    }
}

impl TryFrom<StepJson> for Step {
    type Error = Error;

    fn try_from(json: StepJson) -> Result<Self, Error> {
        Ok(Self {
            state: json.state,
            description: json.description,
            at: timestamp(json.at)?,
            log_url: json.log_url,
        })
    }
}

impl From<&Person> for PersonJson {
    fn from(person: &Person) -> Self {
        Self {
            slack: person.slack.clone(),
            github: person.github.clone(),
            name: person.name.clone(),
        }
    }
}

impl From<PersonJson> for Person {
    fn from(json: PersonJson) -> Self {
        Self {
            slack: json.slack,
            github: json.github,
            name: json.name,
        }
    }
}
