//! Why GitHub refused to make a deployment, as JSON in the journal, beside its
//! sentence.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Error;
use crate::model::{Objection, RepositoryName};

#[derive(Serialize, Deserialize)]
#[serde(tag = "objection", rename_all = "snake_case")]
enum ObjectionJson {
    Merged,
    NotAccepted,
    NotPermitted { repository: String },
    Hidden { repository: String },
    Checks { sha: String },
    MergeConflict { sha: String },
    Conflict,
    CommitGone { sha: String },
    Invalid { fields: Vec<String> },
    Moved { repository: String },
    Status { status: u16 },
}

/// What stands beside the sentence; null where that is all.
pub(super) fn objection_value(objection: &Objection) -> Result<Value, Error> {
    let of = |repository: &RepositoryName| repository.to_string();
    let json = match objection {
        Objection::Merged => ObjectionJson::Merged,
        Objection::NotAccepted => ObjectionJson::NotAccepted,
        Objection::NotPermitted(repository) => ObjectionJson::NotPermitted {
            repository: of(repository),
        },
        Objection::Hidden(repository) => ObjectionJson::Hidden {
            repository: of(repository),
        },
        Objection::Checks(sha) => ObjectionJson::Checks {
            sha: sha.to_string(),
        },
        Objection::MergeConflict(sha) => ObjectionJson::MergeConflict {
            sha: sha.to_string(),
        },
        Objection::Conflict => ObjectionJson::Conflict,
        Objection::CommitGone(sha) => ObjectionJson::CommitGone {
            sha: sha.to_string(),
        },
        Objection::Invalid { fields } => ObjectionJson::Invalid {
            fields: fields.clone(),
        },
        Objection::Moved(repository) => ObjectionJson::Moved {
            repository: of(repository),
        },
        Objection::Status(status) => ObjectionJson::Status { status: *status },
        Objection::Told(_) => return Ok(Value::Null),
    };
    serde_json::to_value(json).map_err(|error| Error::Unreadable(error.to_string()))
}

/// Reads it, and the sentence beside it, which is all where this version does not
/// know what another wrote.
pub(super) fn read_objection(json: Value, sentence: String) -> Objection {
    let json: Option<ObjectionJson> = serde_json::from_value(json).ok().flatten();
    let read = json.and_then(|json| json.read().ok());
    read.unwrap_or(Objection::Told(sentence))
}

impl ObjectionJson {
    fn read(self) -> Result<Objection, Error> {
        let name = |repository: String| RepositoryName::parse(&repository, None);
        Ok(match self {
            Self::Merged => Objection::Merged,
            Self::NotAccepted => Objection::NotAccepted,
            Self::NotPermitted { repository } => Objection::NotPermitted(name(repository)?),
            Self::Hidden { repository } => Objection::Hidden(name(repository)?),
            Self::Checks { sha } => Objection::Checks(sha.parse()?),
            Self::MergeConflict { sha } => Objection::MergeConflict(sha.parse()?),
            Self::Conflict => Objection::Conflict,
            Self::CommitGone { sha } => Objection::CommitGone(sha.parse()?),
            Self::Invalid { fields } => Objection::Invalid { fields },
            Self::Moved { repository } => Objection::Moved(name(repository)?),
            Self::Status { status } => Objection::Status(status),
        })
    }
}
