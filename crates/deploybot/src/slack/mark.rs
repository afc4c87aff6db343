//! What makes a message of the bot one that can be found again: Slack keeps it
//! with the message and shows it to nobody.

use std::collections::HashMap;

use serde::Deserialize;
use slack_morphism::prelude as slack;

/// What a message carries unseen, so that it can be found again: which kind of
/// message it is, and of what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Mark {
    /// The message that shows a request.
    Request(String),
    /// The message that tells its requester of a failure, or of a refusal after a wait.
    Failure(String),
    /// The message that tells its requester that somebody else withdrew it.
    Cancellation(String),
    /// The message that mentions the authors of what is live.
    Authors(String),
    /// The message that tells how a link to a GitHub account ended.
    Link(String),
    /// The answer to an event.
    Answer(String),
    /// The message that shows a request in a channel that follows it:
    /// `<channel>:<request id>`.
    Follow(String),
    /// The message that shows a deployment made elsewhere in a channel that
    /// follows it: `<channel>:<number>`.
    Elsewhere(String),
    /// The message that tells somebody that a channel follows in vain:
    /// `<channel>:<user>`, or `<channel>:<number>` of the deployment at which that
    /// was ended.
    InVain(String),
}

impl Mark {
    fn kind(&self) -> &'static str {
        match self {
            Self::Request(_) => "deploybot_request",
            Self::Failure(_) => "deploybot_failure",
            Self::Cancellation(_) => "deploybot_cancellation",
            Self::Authors(_) => "deploybot_authors",
            Self::Link(_) => "deploybot_link",
            Self::Answer(_) => "deploybot_answer",
            Self::Follow(_) => "deploybot_follow",
            Self::Elsewhere(_) => "deploybot_elsewhere",
            Self::InVain(_) => "deploybot_in_vain",
        }
    }

    /// Its name in the deploy service, where messages are claimed: the same in
    /// all replicas, and of no other message.
    pub(crate) fn key(&self) -> String {
        let (_, id) = self.field();
        let kind = match self {
            Self::Request(_) => "request",
            Self::Failure(_) => "failure",
            Self::Cancellation(_) => "cancellation",
            Self::Authors(_) => "authors",
            Self::Link(_) => "link",
            Self::Answer(_) => "answer",
            Self::Follow(_) => "follow",
            Self::Elsewhere(_) => "elsewhere",
            Self::InVain(_) => "in-vain",
        };
        format!("{kind}:{id}")
    }

    /// The request that the message shows, if it shows one.
    pub(super) fn request(&self) -> Option<&str> {
        match self {
            Self::Request(id) => Some(id),
            _ => None,
        }
    }

    fn field(&self) -> (&'static str, &str) {
        match self {
            Self::Request(id) | Self::Failure(id) | Self::Cancellation(id) | Self::Authors(id) => {
                ("request_id", id)
            }
            Self::Link(id) => ("link_id", id),
            Self::Answer(id) => ("event_id", id),
            Self::Follow(id) | Self::Elsewhere(id) | Self::InVain(id) => ("channel_and_id", id),
        }
    }

    /// As it goes with a message.
    pub(super) fn metadata(&self) -> slack::SlackMessageMetadata {
        let (name, id) = self.field();
        slack::SlackMessageMetadata::new(self.kind().to_owned())
            .with_event_payload(HashMap::from([(name.to_owned(), id.to_owned())]))
    }

    /// Whether a message carries it.
    pub(super) fn is_on(&self, metadata: Option<&Metadata>) -> bool {
        let (name, id) = self.field();
        metadata.is_some_and(|metadata| {
            metadata.event_type == self.kind()
                && metadata
                    .event_payload
                    .get(name)
                    .and_then(|value| value.as_str())
                    == Some(id)
        })
    }
}

/// Any app's; the library reads only payloads whose values are all text.
#[derive(Deserialize)]
pub(super) struct Metadata {
    event_type: String,
    #[serde(default)]
    event_payload: serde_json::Map<String, serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_only_on_its_own_message() {
        let metadata: Metadata = serde_json::from_value(serde_json::json!({
            "event_type": "deploybot_request",
            "event_payload": {"request_id": "slack:T:Ev1", "more": 1},
        }))
        .unwrap();
        let is_on = |mark: Mark| mark.is_on(Some(&metadata));
        assert!(is_on(Mark::Request("slack:T:Ev1".to_owned())));
        assert!(!is_on(Mark::Request("slack:T:Ev2".to_owned())));
        assert!(!is_on(Mark::Failure("slack:T:Ev1".to_owned())));
        assert!(!is_on(Mark::Cancellation("slack:T:Ev1".to_owned())));
        assert!(!Mark::Request("slack:T:Ev1".to_owned()).is_on(None));
    }
}
