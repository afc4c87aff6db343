//! What is delivered, what a connection is told to do with it, and what became
//! of it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// When an event counts as lost, and when it is sent again.
#[derive(Debug, Clone)]
pub struct Timing {
    /// How long the app may take to acknowledge; 3 s at Slack.
    pub acknowledge_within: Duration,
    /// How long to wait before each repetition; at once, a minute, five minutes
    /// at Slack.
    pub repeat_after: Vec<Duration>,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            acknowledge_within: Duration::from_secs(3),
            repeat_after: [0, 60, 300].map(Duration::from_secs).to_vec(),
        }
    }
}

/// What a connection is told to do.
#[derive(Debug)]
pub(in crate::slack) enum Order {
    /// Pass this on to the app.
    Deliver(Parcel),
    /// Announce the end of the connection, then end it.
    Disconnect {
        /// The reason in Slack's words.
        reason: String,
        /// How long after the announcement.
        after: Duration,
    },
    /// End the connection without a word.
    Cut,
    /// Send this, whatever it is.
    Send(Frame),
    /// For so long neither read nor write, nor answer a ping.
    FallSilent(Duration),
}

/// One message of a web socket, for an app that must bear anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    /// A text message, which need be no JSON.
    Text(String),
    /// A binary message; Slack sends none.
    Binary(Vec<u8>),
}

/// One attempt to deliver over HTTP.
#[derive(Debug)]
pub(in crate::slack) struct Posting {
    pub(in crate::slack) url: String,
    pub(in crate::slack) parcel: Parcel,
}

/// Why an attempt over HTTP failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::slack) struct Failure {
    /// In Slack's words: `http_timeout`, `http_error`, `connection_failed`.
    pub(in crate::slack) reason: &'static str,
    /// The app asked not to be tried again.
    pub(in crate::slack) no_retry: bool,
}

/// One attempt to deliver.
#[derive(Debug, Clone)]
pub(in crate::slack) struct Parcel {
    pub(in crate::slack) envelope_id: String,
    pub(in crate::slack) kind: Kind,
    pub(in crate::slack) payload: Arc<Value>,
    /// 0 for the first attempt.
    pub(in crate::slack) retry: u32,
    /// Why the attempt before failed; empty for the first.
    pub(in crate::slack) reason: &'static str,
}

/// What an envelope carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::slack) enum Kind {
    /// Something happened; sent again until acknowledged.
    EventsApi,
    /// A person did something and waits for the answer; sent once.
    Interactive,
}

/// What became of a delivery, as the control API tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The event's id, the same in each attempt; of an interaction the id of
    /// its envelope.
    pub event_id: String,
    pub(super) kind: Kind,
    /// What it is: `app_mention`, `message`, `block_actions`, …
    pub event_type: String,
    /// When it happened.
    pub created_at: Timestamp,
    /// When it was first sent: handed to a connection, or posted.
    pub sent_at: Option<Timestamp>,
    /// When the app acknowledged it.
    pub acked_at: Option<Timestamp>,
    /// How often it was sent.
    pub attempts: u32,
    /// Where each attempt went: a connection's number, or an address.
    pub ways: Vec<String>,
    /// Why the last attempt that failed did, in Slack's words.
    pub last_failure: Option<&'static str>,
    /// `waiting`, `sent`, `acknowledged` or `given_up`.
    pub state: &'static str,
}
