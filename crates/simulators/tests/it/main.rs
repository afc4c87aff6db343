//! The simulators from outside: over HTTP, as their clients see them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

mod control_answers;
mod control_docs;
mod control_faults;
mod deployment_checks;
mod device_flow;
mod github_app;
mod graphql_client;
mod graphql_commits;
mod graphql_deployments;
mod graphql_read;
mod graphql_refuse;
mod rest_access;
mod rest_changes;
mod rest_checks;
mod rest_client;
mod rest_deployments;
mod rest_limits;
mod rest_pages;
mod rest_read;
mod rest_write;
mod runner_workflow;
mod slack_bad_input;
mod slack_client;
mod slack_http;
mod slack_interaction;
mod slack_messages;
mod slack_scopes;
mod slack_socket;
mod slack_strangers;
mod slack_support;
mod slack_web_api;
mod webhook_delivery;
mod webhook_faults;
