//! Why something ended without success, and what stood in the way, as JSON in the
//! journal. Beside each stands its sentence: that is all that there is in what
//! earlier versions wrote, and all that is understood of what a later one did.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Error, timestamp};
use crate::model::{Failure, Obstacle, Overdue};

#[derive(Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
enum FailureJson {
    WorkflowSaid {
        text: String,
    },
    NoReason,
    Inactive,
    NotPickedUp {
        limit_ms: u64,
        not_ended: Option<ObstacleJson>,
    },
    Silent {
        limit_ms: u64,
        not_ended: Option<ObstacleJson>,
    },
    NotLetGo {
        limit_ms: u64,
        not_ended: Option<ObstacleJson>,
    },
    Unreadable {
        limit_ms: u64,
        obstacle: ObstacleJson,
    },
    Deleted,
    Defect,
    DefectWhileAsking,
    AnswerLost {
        obstacle: ObstacleJson,
    },
    Obstacle {
        obstacle: ObstacleJson,
    },
    GivenUp {
        limit_ms: u64,
        obstacle: ObstacleJson,
    },
    Waited {
        asked: i64,
        limit_ms: u64,
    },
    Down {
        asked: i64,
        since: i64,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "obstacle", rename_all = "snake_case")]
enum ObstacleJson {
    NotAnswering {
        since: Option<i64>,
    },
    RateLimit {
        until: i64,
    },
    AppNotAccepted,
    TokenNotAccepted,
    NotInstalled {
        owner: String,
    },
    Hidden,
    Refused,
    NotSetUp,
    Unreadable,
    /// Of which no more is known than its sentence, within something else.
    Told {
        sentence: String,
    },
}

/// What stands beside the sentence of a failure; null where that is all.
pub(super) fn failure_value(failure: &Failure) -> Result<Value, Error> {
    FailureJson::of(failure).map_or(Ok(Value::Null), |json| written(&json))
}

/// Reads it, and the sentence beside it.
pub(super) fn read_failure(why: Value, sentence: String) -> Failure {
    known(why, FailureJson::read).unwrap_or(Failure::Told(sentence))
}

/// As the text of a column, which is empty where the sentence is all.
pub(in crate::store) fn failure_text(failure: &Failure) -> Result<String, Error> {
    Ok(match failure_value(failure)? {
        Value::Null => String::new(),
        json => json.to_string(),
    })
}

/// Reads that column, and the sentence of another; none where there is none.
pub(in crate::store) fn read_failure_text(why: &str, sentence: String) -> Option<Failure> {
    let why = serde_json::from_str(why).unwrap_or(Value::Null);
    (!sentence.is_empty()).then(|| read_failure(why, sentence))
}

/// What stands beside the sentence of an obstacle; null where that is all.
pub(super) fn obstacle_value(obstacle: &Obstacle) -> Result<Value, Error> {
    match obstacle {
        Obstacle::Told(_) => Ok(Value::Null),
        obstacle => written(&ObstacleJson::from(obstacle)),
    }
}

/// Reads it, and the sentence beside it.
pub(super) fn read_obstacle(json: Value, sentence: String) -> Obstacle {
    known(json, ObstacleJson::read).unwrap_or(Obstacle::Told(sentence))
}

fn written(json: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(json).map_err(|error| Error::Unreadable(error.to_string()))
}

/// None where this version does not know what another wrote.
fn known<J: DeserializeOwned, T>(
    json: Value,
    read: impl FnOnce(J) -> Result<T, Error>,
) -> Option<T> {
    let json: Option<J> = serde_json::from_value(json).ok()?;
    json.and_then(|json| read(json).ok())
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl FailureJson {
    /// None where there is but a sentence.
    fn of(failure: &Failure) -> Option<Self> {
        Some(match failure {
            Failure::WorkflowSaid(text) => Self::WorkflowSaid { text: text.clone() },
            Failure::NoReason => Self::NoReason,
            Failure::Inactive => Self::Inactive,
            Failure::Overdue { overdue, not_ended } => {
                Self::of_overdue(*overdue, not_ended.as_ref())
            }
            Failure::Unreadable { limit, obstacle } => Self::Unreadable {
                limit_ms: milliseconds(*limit),
                obstacle: obstacle.into(),
            },
            Failure::Deleted => Self::Deleted,
            Failure::Defect => Self::Defect,
            Failure::DefectWhileAsking => Self::DefectWhileAsking,
            Failure::AnswerLost(obstacle) => Self::AnswerLost {
                obstacle: obstacle.into(),
            },
            Failure::Obstacle(obstacle) => Self::Obstacle {
                obstacle: obstacle.into(),
            },
            Failure::GivenUp { obstacle, limit } => Self::GivenUp {
                limit_ms: milliseconds(*limit),
                obstacle: obstacle.into(),
            },
            Failure::Waited { asked, limit } => Self::Waited {
                asked: asked.as_millisecond(),
                limit_ms: milliseconds(*limit),
            },
            Failure::Down { asked, since } => Self::Down {
                asked: asked.as_millisecond(),
                since: since.as_millisecond(),
            },
            Failure::Told(_) => return None,
        })
    }

    fn of_overdue(overdue: Overdue, not_ended: Option<&Obstacle>) -> Self {
        let not_ended = not_ended.map(Into::into);
        match overdue {
            Overdue::NotPickedUp(limit) => Self::NotPickedUp {
                limit_ms: milliseconds(limit),
                not_ended,
            },
            Overdue::Silent(limit) => Self::Silent {
                limit_ms: milliseconds(limit),
                not_ended,
            },
            Overdue::NotLetGo(limit) => Self::NotLetGo {
                limit_ms: milliseconds(limit),
                not_ended,
            },
        }
    }

    fn read(self) -> Result<Failure, Error> {
        let overdue = |limit_ms, kind: fn(Duration) -> Overdue, not_ended: Option<ObstacleJson>| {
            Ok::<_, Error>(Failure::Overdue {
                overdue: kind(Duration::from_millis(limit_ms)),
                not_ended: not_ended.map(ObstacleJson::read).transpose()?,
            })
        };
        Ok(match self {
            Self::WorkflowSaid { text } => Failure::WorkflowSaid(text),
            Self::NoReason => Failure::NoReason,
            Self::Inactive => Failure::Inactive,
            Self::NotPickedUp {
                limit_ms,
                not_ended,
            } => overdue(limit_ms, Overdue::NotPickedUp, not_ended)?,
            Self::Silent {
                limit_ms,
                not_ended,
            } => overdue(limit_ms, Overdue::Silent, not_ended)?,
            Self::NotLetGo {
                limit_ms,
                not_ended,
            } => overdue(limit_ms, Overdue::NotLetGo, not_ended)?,
            Self::Unreadable { limit_ms, obstacle } => Failure::Unreadable {
                limit: Duration::from_millis(limit_ms),
                obstacle: obstacle.read()?,
            },
            Self::Deleted => Failure::Deleted,
            Self::Defect => Failure::Defect,
            Self::DefectWhileAsking => Failure::DefectWhileAsking,
            Self::AnswerLost { obstacle } => Failure::AnswerLost(obstacle.read()?),
            Self::Obstacle { obstacle } => Failure::Obstacle(obstacle.read()?),
            Self::GivenUp { limit_ms, obstacle } => Failure::GivenUp {
                obstacle: obstacle.read()?,
                limit: Duration::from_millis(limit_ms),
            },
            Self::Waited { asked, limit_ms } => Failure::Waited {
                asked: timestamp(asked)?,
                limit: Duration::from_millis(limit_ms),
            },
            Self::Down { asked, since } => Failure::Down {
                asked: timestamp(asked)?,
                since: timestamp(since)?,
            },
        })
    }
}

impl From<&Obstacle> for ObstacleJson {
    fn from(obstacle: &Obstacle) -> Self {
        match obstacle {
            Obstacle::NotAnswering { since } => Self::NotAnswering {
                since: since.map(jiff::Timestamp::as_millisecond),
            },
            Obstacle::RateLimit { until } => Self::RateLimit {
                until: until.as_millisecond(),
            },
            Obstacle::AppNotAccepted => Self::AppNotAccepted,
            Obstacle::TokenNotAccepted => Self::TokenNotAccepted,
            Obstacle::NotInstalled { owner } => Self::NotInstalled {
                owner: owner.clone(),
            },
            Obstacle::Hidden => Self::Hidden,
            Obstacle::Refused => Self::Refused,
            Obstacle::NotSetUp => Self::NotSetUp,
            Obstacle::Unreadable => Self::Unreadable,
            Obstacle::Told(sentence) => Self::Told {
                sentence: sentence.clone(),
            },
        }
    }
}

impl ObstacleJson {
    fn read(self) -> Result<Obstacle, Error> {
        Ok(match self {
            Self::NotAnswering { since } => Obstacle::NotAnswering {
                since: since.map(timestamp).transpose()?,
            },
            Self::RateLimit { until } => Obstacle::RateLimit {
                until: timestamp(until)?,
            },
            Self::AppNotAccepted => Obstacle::AppNotAccepted,
            Self::TokenNotAccepted => Obstacle::TokenNotAccepted,
            Self::NotInstalled { owner } => Obstacle::NotInstalled { owner },
            Self::Hidden => Obstacle::Hidden,
            Self::Refused => Obstacle::Refused,
            Self::NotSetUp => Obstacle::NotSetUp,
            Self::Unreadable => Obstacle::Unreadable,
            Self::Told { sentence } => Obstacle::Told(sentence),
        })
    }
}
