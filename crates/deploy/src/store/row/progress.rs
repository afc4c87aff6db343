//! How far a request has come, as JSON in the journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Error,
    deployment::{ChangesJson, ChecksJson, CommitJson, DeploymentJson, PersonJson},
    failure::{failure_value, read_failure},
    refusal::RefusalJson,
};
use crate::model::{Decided, Progress, RepositoryName};

#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum ProgressJson {
    Accepted,
    Refused {
        refusals: Vec<RefusalJson>,
    },
    Creating {
        decided: DecidedJson,
    },
    Running {
        decided: DecidedJson,
        deployment: DeploymentJson,
    },
    Succeeded {
        decided: DecidedJson,
        deployment: DeploymentJson,
    },
    Failed {
        decided: Option<DecidedJson>,
        deployment: Option<DeploymentJson>,
        /// In words; all that there is in what earlier versions wrote.
        failure: String,
        #[serde(default)]
        why: Value,
    },
    Cancelled {
        by: PersonJson,
    },
}

#[derive(Serialize, Deserialize)]
struct DecidedJson {
    /// None in entries of earlier versions: then it is the one that was asked.
    repository: Option<String>,
    environment: String,
    commit: CommitJson,
    checks: ChecksJson,
    changes: ChangesJson,
    replaces: Option<String>,
}

/// The one word of it that is a column of its own.
pub(in crate::store) const fn state_word(progress: &Progress) -> &'static str {
    match progress {
        Progress::Accepted => "accepted",
        Progress::Refused(_) => "refused",
        Progress::Creating(_) => "creating",
        Progress::Running(..) => "running",
        Progress::Succeeded(..) => "succeeded",
        Progress::Failed { .. } => "failed",
        Progress::Cancelled { .. } => "cancelled",
    }
}

/// The whole of it as the text of its column.
pub(in crate::store) fn progress_text(progress: &Progress) -> Result<String, Error> {
    serde_json::to_string(&ProgressJson::of(progress)?)
        .map_err(|error| Error::Unreadable(error.to_string()))
}

/// Reads the column of a request for `asked`.
pub(super) fn read(text: &str, asked: &RepositoryName) -> Result<Progress, Error> {
    serde_json::from_str::<ProgressJson>(text)
        .map_err(|error| Error::Unreadable(error.to_string()))?
        .read(asked)
}

impl ProgressJson {
    fn of(progress: &Progress) -> Result<Self, Error> {
        Ok(match progress {
            Progress::Accepted => Self::Accepted,
            Progress::Refused(refusals) => Self::Refused {
                refusals: refusals
                    .iter()
                    .map(RefusalJson::of)
                    .collect::<Result<_, Error>>()?,
            },
            Progress::Creating(decided) => Self::Creating {
                decided: decided.into(),
            },
            Progress::Running(decided, deployment) => Self::Running {
                decided: decided.into(),
                deployment: deployment.into(),
            },
            Progress::Succeeded(decided, deployment) => Self::Succeeded {
                decided: decided.into(),
                deployment: deployment.into(),
            },
            Progress::Failed {
                decided,
                deployment,
                failure,
            } => Self::Failed {
                decided: decided.as_ref().map(DecidedJson::from),
                deployment: deployment.as_ref().map(DeploymentJson::from),
                failure: failure.to_string(),
                why: failure_value(failure)?,
            },
            Progress::Cancelled { by } => Self::Cancelled { by: by.into() },
        })
    }

    fn read(self, asked: &RepositoryName) -> Result<Progress, Error> {
        Ok(match self {
            Self::Accepted => Progress::Accepted,
            Self::Refused { refusals } => Progress::Refused(
                refusals
                    .into_iter()
                    .map(TryInto::try_into)
                    .collect::<Result<_, Error>>()?,
            ),
            Self::Creating { decided } => Progress::Creating(decided.read(asked)?),
            Self::Running {
                decided,
                deployment,
            } => Progress::Running(decided.read(asked)?, deployment.try_into()?),
            Self::Succeeded {
                decided,
                deployment,
            } => Progress::Succeeded(decided.read(asked)?, deployment.try_into()?),
            Self::Failed {
                decided,
                deployment,
                failure,
                why,
            } => Progress::Failed {
                decided: decided.map(|decided| decided.read(asked)).transpose()?,
                deployment: deployment.map(TryInto::try_into).transpose()?,
                failure: read_failure(why, failure),
            },
            Self::Cancelled { by } => Progress::Cancelled { by: by.into() },
        })
    }
}

impl From<&Decided> for DecidedJson {
    fn from(decided: &Decided) -> Self {
        Self {
            repository: Some(decided.repository.to_string()),
            environment: decided.environment.to_string(),
            commit: (&decided.commit).into(),
            checks: (&decided.checks).into(),
            changes: (&decided.changes).into(),
            replaces: decided.replaces.as_ref().map(ToString::to_string),
        }
    }
}

impl DecidedJson {
    fn read(self, asked: &RepositoryName) -> Result<Decided, Error> {
        Ok(Decided {
            repository: match self.repository {
                Some(name) => RepositoryName::parse(&name, None)?,
                None => asked.clone(),
            },
            environment: self.environment.parse()?,
            commit: self.commit.try_into()?,
            checks: self.checks.into(),
            changes: self.changes.try_into()?,
            replaces: self.replaces.map(|sha| sha.parse()).transpose()?,
        })
    }
}
