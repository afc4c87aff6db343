//! What GitHub said of a repository, as JSON in the journal.

use serde::{Deserialize, Serialize};

use super::{
    Error,
    deployment::{ChecksJson, CommitJson, DeploymentJson},
    timestamp,
};
use crate::model::{
    Deployment, EnvironmentHistory, EnvironmentStatus, History, Line, LiveCommit, RepositoryName,
    RepositoryStatus,
};

#[derive(Serialize, Deserialize)]
struct StatusJson {
    repository: String,
    branch: String,
    commits: Vec<(CommitJson, ChecksJson)>,
    environments: Vec<EnvironmentJson>,
    has_default_environments: bool,
    /// Each commit with the places of its parents.
    line: Vec<(String, Vec<Option<usize>>)>,
    as_of: i64,
    url: String,
}

#[derive(Serialize, Deserialize)]
struct EnvironmentJson {
    name: String,
    live: Option<LiveJson>,
    running: Option<DeploymentJson>,
    overtaken: Vec<DeploymentJson>,
}

#[derive(Serialize, Deserialize)]
struct LiveJson {
    commit: CommitJson,
    since: i64,
    behind: Option<u32>,
    /// When its deployment was created, and that one's number.
    place: (i64, u64),
    environment_url: String,
}

#[derive(Serialize, Deserialize)]
struct HistoryJson {
    repository: String,
    environments: Vec<EnvironmentHistoryJson>,
    has_default_environments: bool,
    as_of: i64,
}

#[derive(Serialize, Deserialize)]
struct EnvironmentHistoryJson {
    environment: String,
    deployments: Vec<DeploymentJson>,
    more: bool,
}

/// A status as text.
pub(in crate::store) fn status_text(status: &RepositoryStatus) -> Result<String, Error> {
    text(&StatusJson {
        repository: status.repository.to_string(),
        branch: status.branch.clone(),
        commits: status
            .commits
            .iter()
            .map(|(commit, checks)| (commit.into(), checks.into()))
            .collect(),
        environments: status.environments.iter().map(Into::into).collect(),
        has_default_environments: status.has_default_environments,
        line: status
            .line
            .places()
            .map(|(sha, parents)| (sha.to_string(), parents.to_vec()))
            .collect(),
        as_of: status.as_of.as_millisecond(),
        url: status.url.clone(),
    })
}

/// Reads a status.
pub(in crate::store) fn read_status(text: &str) -> Result<RepositoryStatus, Error> {
    let json: StatusJson = read(text)?;
    let commits = json
        .commits
        .into_iter()
        .map(|(commit, checks)| Ok((commit.try_into()?, checks.into())));
    let environments = json.environments.into_iter().map(TryInto::try_into);
    Ok(RepositoryStatus {
        repository: RepositoryName::parse(&json.repository, None)?,
        branch: json.branch,
        commits: commits.collect::<Result<_, Error>>()?,
        environments: environments.collect::<Result<_, Error>>()?,
        has_default_environments: json.has_default_environments,
        line: line(json.line)?,
        as_of: timestamp(json.as_of)?,
        url: json.url,
    })
}

/// A history as text.
pub(in crate::store) fn history_text(history: &History) -> Result<String, Error> {
    text(&HistoryJson {
        repository: history.repository.to_string(),
        environments: history.environments.iter().map(Into::into).collect(),
        has_default_environments: history.has_default_environments,
        as_of: history.as_of.as_millisecond(),
    })
}

/// Reads a history.
pub(in crate::store) fn read_history(text: &str) -> Result<History, Error> {
    let json: HistoryJson = read(text)?;
    let environments = json.environments.into_iter().map(TryInto::try_into);
    Ok(History {
        repository: RepositoryName::parse(&json.repository, None)?,
        environments: environments.collect::<Result<_, Error>>()?,
        has_default_environments: json.has_default_environments,
        as_of: timestamp(json.as_of)?,
    })
}

fn line(json: Vec<(String, Vec<Option<usize>>)>) -> Result<Line, Error> {
    let commits = json
        .into_iter()
        .map(|(sha, parents)| Ok((sha.parse()?, parents)));
    let commits = commits.collect::<Result<_, Error>>()?;
    Line::from_places(commits)
        .ok_or_else(|| Error::Unreadable("a place beyond the branch".to_owned()))
}

fn text(json: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(json).map_err(|error| Error::Unreadable(error.to_string()))
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))
}

impl From<&EnvironmentStatus> for EnvironmentJson {
    fn from(environment: &EnvironmentStatus) -> Self {
        Self {
            name: environment.name.to_string(),
            live: environment.live.as_ref().map(Into::into),
            running: environment.running.as_ref().map(Into::into),
            overtaken: environment.overtaken.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<EnvironmentJson> for EnvironmentStatus {
    type Error = Error;

    fn try_from(json: EnvironmentJson) -> Result<Self, Error> {
        Ok(Self {
            name: json.name.parse()?,
            live: json.live.map(TryInto::try_into).transpose()?,
            running: json.running.map(TryInto::try_into).transpose()?,
            overtaken: json
                .overtaken
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, Error>>()?,
        })
    }
}

impl From<&LiveCommit> for LiveJson {
    fn from(live: &LiveCommit) -> Self {
        Self {
            commit: (&live.commit).into(),
            since: live.since.as_millisecond(),
            behind: live.behind,
            place: (live.place.0.as_millisecond(), live.place.1),
            environment_url: live.environment_url.clone(),
        }
    }
}

impl TryFrom<LiveJson> for LiveCommit {
    type Error = Error;

    fn try_from(json: LiveJson) -> Result<Self, Error> {
        Ok(Self {
            commit: json.commit.try_into()?,
            since: timestamp(json.since)?,
            behind: json.behind,
            place: (timestamp(json.place.0)?, json.place.1),
            environment_url: json.environment_url,
        })
    }
}

impl From<&EnvironmentHistory> for EnvironmentHistoryJson {
    fn from(history: &EnvironmentHistory) -> Self {
        Self {
            environment: history.environment.to_string(),
            deployments: history.deployments.iter().map(Into::into).collect(),
            more: history.more,
        }
    }
}

impl TryFrom<EnvironmentHistoryJson> for EnvironmentHistory {
    type Error = Error;

    fn try_from(json: EnvironmentHistoryJson) -> Result<Self, Error> {
        let deployments = json.deployments.into_iter().map(Deployment::try_from);
        Ok(Self {
            environment: json.environment.parse()?,
            deployments: deployments.collect::<Result<_, Error>>()?,
            more: json.more,
        })
    }
}
