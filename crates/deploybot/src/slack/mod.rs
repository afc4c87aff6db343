//! All that knows Slack: its Web API, Socket Mode, Block Kit and its limits.
//! Nothing else in this crate uses the Slack library.

pub(crate) mod client;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod id;
pub(crate) mod incoming;
mod lane;
mod lanes;
pub(crate) mod mark;
pub(crate) mod order;
pub(crate) mod outbox;
mod pace;
pub(crate) mod socket;
mod turns;
mod waiting;
pub(crate) mod web;

mod blocks;

/// What the libraries log: addresses with what was asked for in them, among it
/// people's e-mail addresses and the tickets of connections.
pub(crate) const LOG_FILTER: &str = "slack_morphism=off,tungstenite=off,tokio_tungstenite=off";
