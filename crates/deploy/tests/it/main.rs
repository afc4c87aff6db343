//! Scenarios of the deploy service: the real service over gRPC, a real journal,
//! and GitHub simulated or answered by a stub.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends by panicking, and so do its helpers"
)]

mod app_refused;
mod asking;
mod between;
mod commands;
mod deploying;
mod edges;
mod elsewhere;
mod ending;
mod faults;
mod following;
mod foreign;
mod github_answers;
mod github_app;
mod github_app_server;
mod github_ends;
mod github_facts;
mod github_faults;
mod github_finds;
mod github_holes;
mod github_limits;
mod github_outage;
mod github_reads;
mod github_secrets;
mod github_simulator;
mod github_stub;
mod invalid;
mod isolation;
mod kept_answers;
mod line;
mod order;
mod outage;
mod outage_reads;
mod overview;
mod patience;
mod people;
mod program;
mod rebuilding;
mod reliability;
mod service;
mod together;
mod watching;
mod webhooks;
mod webhooks_faults;
mod webhooks_github;
mod webhooks_world;
mod wishes;
mod world;
