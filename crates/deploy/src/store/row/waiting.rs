//! Why a request has not gone on yet, as JSON in the journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Error,
    failure::{obstacle_value, read_obstacle},
    timestamp,
};
use crate::model::{Waiting, WaitingReason};

#[derive(Serialize, Deserialize)]
struct WaitingJson {
    /// First, because statements look at how the text begins.
    reason: ReasonJson,
    until: Option<i64>,
    ahead: Option<u32>,
    detail: String,
    /// In words; all that there is in what earlier versions wrote.
    #[serde(default)]
    explanation: String,
    #[serde(default)]
    obstacle: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReasonJson {
    GithubUnavailable,
    RateLimit,
    CreateLimit,
    AnswerLost,
}

/// How the text begins of one whose answer was lost, for `LIKE`: it may have gone
/// out already.
pub(in crate::store) const ANSWER_LOST: &str = r#"{"reason":"answer_lost"%"#;

/// The text of its column.
pub(in crate::store) fn waiting_text(waiting: &Waiting) -> Result<String, Error> {
    let json = WaitingJson {
        reason: match waiting.reason {
            WaitingReason::GithubUnavailable => ReasonJson::GithubUnavailable,
            WaitingReason::RateLimit => ReasonJson::RateLimit,
            WaitingReason::CreateLimit => ReasonJson::CreateLimit,
            WaitingReason::AnswerLost => ReasonJson::AnswerLost,
        },
        until: waiting.until.map(|until| until.as_millisecond()),
        ahead: waiting.ahead,
        detail: waiting.detail.clone(),
        explanation: waiting.explanation(),
        obstacle: waiting
            .obstacle
            .as_ref()
            .map_or(Ok(Value::Null), obstacle_value)?,
    };
    serde_json::to_string(&json).map_err(|error| Error::Unreadable(error.to_string()))
}

/// Reads the column.
pub(super) fn read(text: &str) -> Result<Waiting, Error> {
    let json: WaitingJson =
        serde_json::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))?;
    Ok(Waiting {
        reason: match json.reason {
            ReasonJson::GithubUnavailable => WaitingReason::GithubUnavailable,
            ReasonJson::RateLimit => WaitingReason::RateLimit,
            ReasonJson::CreateLimit => WaitingReason::CreateLimit,
            ReasonJson::AnswerLost => WaitingReason::AnswerLost,
        },
        until: json.until.map(timestamp).transpose()?,
        ahead: json.ahead,
        detail: json.detail,
        obstacle: (!json.explanation.is_empty())
            .then(|| read_obstacle(json.obstacle, json.explanation)),
    })
}
