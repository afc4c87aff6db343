//! Scenarios of the deploy service: the real service over gRPC, a real journal,
//! and GitHub simulated or answered by a stub.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends by panicking, and so do its helpers"
)]

mod asking;
mod between;
mod deploying;
mod edges;
mod faults;
mod github_faults;
mod github_holes;
mod github_reads;
mod github_simulator;
mod github_stub;
mod invalid;
mod isolation;
mod patience;
mod program;
mod service;
mod world;
