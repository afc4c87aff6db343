//! The Slack interface as a whole, against the simulated Slack and a deploy
//! service that does what a test says.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail anywhere, its helpers included"
)]

mod answers;
mod commands;
mod connection;
mod deploy_service;
mod deploys;
mod dialog;
mod feed;
mod limits;
mod process;
mod stage;
mod waiting;
mod wire;
