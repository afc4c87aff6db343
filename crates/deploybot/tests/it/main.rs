//! The Slack interface as a whole, against the simulated Slack and a deploy
//! service that does what a test says.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail anywhere, its helpers included"
)]

mod answers;
mod bare;
mod busy;
mod commands;
mod connection;
mod deploy_service;
mod deploys;
mod dialog;
mod direct;
mod feed;
mod followers;
mod home;
mod languages;
mod limits;
mod outbox;
mod people;
mod process;
mod refused;
mod replicas;
mod request;
mod stage;
mod subscriptions;
mod waiting;
mod web;
mod web_refusals;
mod wire;
