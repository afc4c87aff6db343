//! All that knows Slack: its Web API, Socket Mode, Block Kit and its limits.
//! Nothing else in this crate uses the Slack library.

pub(crate) mod client;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod id;
pub(crate) mod incoming;
mod lane;
pub(crate) mod mark;
pub(crate) mod outbox;
mod pace;
pub(crate) mod socket;
mod waiting;
pub(crate) mod web;

mod blocks;
