//! How far a request has come, as JSON in the journal.

use serde::{Deserialize, Serialize};

use super::{
    Error,
    deployment::{ChangesJson, ChecksJson, CommitJson, DeploymentJson},
    refusal::RefusalJson,
};
use crate::model::{Decided, Progress};

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
        failure: String,
    },
}

#[derive(Serialize, Deserialize)]
struct DecidedJson {
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
    }
}

/// The whole of it as the text of its column.
pub(in crate::store) fn progress_text(progress: &Progress) -> Result<String, Error> {
    serde_json::to_string(&ProgressJson::from(progress))
        .map_err(|error| Error::Unreadable(error.to_string()))
}

/// Reads the column.
pub(super) fn read(text: &str) -> Result<Progress, Error> {
    serde_json::from_str::<ProgressJson>(text)
        .map_err(|error| Error::Unreadable(error.to_string()))?
        .try_into()
}

impl From<&Progress> for ProgressJson {
    fn from(progress: &Progress) -> Self {
        match progress {
            Progress::Accepted => Self::Accepted,
            Progress::Refused(refusals) => Self::Refused {
                refusals: refusals.iter().map(RefusalJson::from).collect(),
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
                failure: failure.clone(),
            },
        }
    }
}

impl TryFrom<ProgressJson> for Progress {
    type Error = Error;

    fn try_from(json: ProgressJson) -> Result<Self, Error> {
        Ok(match json {
            ProgressJson::Accepted => Self::Accepted,
            ProgressJson::Refused { refusals } => Self::Refused(
                refusals
                    .into_iter()
                    .map(TryInto::try_into)
                    .collect::<Result<_, Error>>()?,
            ),
            ProgressJson::Creating { decided } => Self::Creating(decided.try_into()?),
            ProgressJson::Running {
                decided,
                deployment,
            } => Self::Running(decided.try_into()?, deployment.try_into()?),
            ProgressJson::Succeeded {
                decided,
                deployment,
            } => Self::Succeeded(decided.try_into()?, deployment.try_into()?),
            ProgressJson::Failed {
                decided,
                deployment,
                failure,
            } => Self::Failed {
                decided: decided.map(TryInto::try_into).transpose()?,
                deployment: deployment.map(TryInto::try_into).transpose()?,
                failure,
            },
        })
    }
}

impl From<&Decided> for DecidedJson {
    fn from(decided: &Decided) -> Self {
        Self {
            environment: decided.environment.to_string(),
            commit: (&decided.commit).into(),
            checks: (&decided.checks).into(),
            changes: (&decided.changes).into(),
            replaces: decided.replaces.as_ref().map(ToString::to_string),
        }
    }
}

impl TryFrom<DecidedJson> for Decided {
    type Error = Error;

    fn try_from(json: DecidedJson) -> Result<Self, Error> {
        Ok(Self {
            environment: json.environment.parse()?,
            commit: json.commit.try_into()?,
            checks: json.checks.into(),
            changes: json.changes.try_into()?,
            replaces: json.replaces.map(|sha| sha.parse()).transpose()?,
        })
    }
}
