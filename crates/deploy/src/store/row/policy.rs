//! Why a repository's own rules could not be read, as JSON in the journal, beside
//! its sentence.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Error;
use crate::model::{PolicyError, PolicyProblem, PolicyTaker};

#[derive(Serialize, Deserialize)]
struct PolicyJson {
    /// Line and column, from 1; null for the file as a whole.
    at: Option<(usize, usize)>,
    #[serde(flatten)]
    problem: ProblemJson,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
enum ProblemJson {
    Folder,
    TooLong { most_kib: u16 },
    NotText,
    Syntax { text: String },
    SeveralDocuments,
    Anchor,
    Tag,
    TooDeep,
    KeyNotText,
    Twice { text: String },
    UnknownKey { text: String, known: String },
    FileWithoutKeys,
    EnvironmentsWithoutKeys,
    EnvironmentWithoutKeys,
    BadEnvironment { text: String },
    NoChannel,
    BadChannel { text: String },
}

/// What stands beside the sentence; null where that is all.
pub(super) fn policy_value(error: &PolicyError) -> Result<Value, Error> {
    let Some(problem) = ProblemJson::of(error.problem.clone()) else {
        return Ok(Value::Null);
    };
    let at = error.at;
    serde_json::to_value(PolicyJson { at, problem })
        .map_err(|error| Error::Unreadable(error.to_string()))
}

/// Reads it, and the sentence beside it, which is all where this version does not
/// know what another wrote.
pub(super) fn read_policy(json: Value, sentence: String) -> PolicyError {
    let json: Option<PolicyJson> = serde_json::from_value(json).ok().flatten();
    match json {
        Some(PolicyJson { at, problem }) => PolicyError {
            at,
            problem: problem.read(),
        },
        None => PolicyError {
            at: None,
            problem: PolicyProblem::Told(sentence),
        },
    }
}

impl ProblemJson {
    /// None where there is no more than a sentence.
    fn of(problem: PolicyProblem) -> Option<Self> {
        Some(match problem {
            PolicyProblem::Folder => Self::Folder,
            PolicyProblem::TooLong { most_kib } => Self::TooLong { most_kib },
            PolicyProblem::NotText => Self::NotText,
            PolicyProblem::Syntax(text) => Self::Syntax { text },
            PolicyProblem::SeveralDocuments => Self::SeveralDocuments,
            PolicyProblem::Anchor => Self::Anchor,
            PolicyProblem::Tag => Self::Tag,
            PolicyProblem::TooDeep => Self::TooDeep,
            PolicyProblem::KeyNotText => Self::KeyNotText,
            PolicyProblem::Twice(text) => Self::Twice { text },
            PolicyProblem::UnknownKey { key: text, known } => Self::UnknownKey { text, known },
            PolicyProblem::NoKeys(PolicyTaker::File) => Self::FileWithoutKeys,
            PolicyProblem::NoKeys(PolicyTaker::Environments) => Self::EnvironmentsWithoutKeys,
            PolicyProblem::NoKeys(PolicyTaker::Environment) => Self::EnvironmentWithoutKeys,
            PolicyProblem::BadEnvironment(text) => Self::BadEnvironment { text },
            PolicyProblem::NoChannel => Self::NoChannel,
            PolicyProblem::BadChannel(text) => Self::BadChannel { text },
            PolicyProblem::Told(_) => return None,
        })
    }

    fn read(self) -> PolicyProblem {
        match self {
            Self::Folder => PolicyProblem::Folder,
            Self::TooLong { most_kib } => PolicyProblem::TooLong { most_kib },
            Self::NotText => PolicyProblem::NotText,
            Self::Syntax { text } => PolicyProblem::Syntax(text),
            Self::SeveralDocuments => PolicyProblem::SeveralDocuments,
            Self::Anchor => PolicyProblem::Anchor,
            Self::Tag => PolicyProblem::Tag,
            Self::TooDeep => PolicyProblem::TooDeep,
            Self::KeyNotText => PolicyProblem::KeyNotText,
            Self::Twice { text } => PolicyProblem::Twice(text),
            Self::UnknownKey { text: key, known } => PolicyProblem::UnknownKey { key, known },
            Self::FileWithoutKeys => PolicyProblem::NoKeys(PolicyTaker::File),
            Self::EnvironmentsWithoutKeys => PolicyProblem::NoKeys(PolicyTaker::Environments),
            Self::EnvironmentWithoutKeys => PolicyProblem::NoKeys(PolicyTaker::Environment),
            Self::BadEnvironment { text } => PolicyProblem::BadEnvironment(text),
            Self::NoChannel => PolicyProblem::NoChannel,
            Self::BadChannel { text } => PolicyProblem::BadChannel(text),
        }
    }
}
