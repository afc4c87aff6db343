//! The shapes of GitHub's answers: one builder each. All addresses in them
//! point back to the simulator.

pub(crate) mod app;
mod check;
pub(crate) mod commit;
pub(crate) mod content;
mod deployment;
mod repository;
mod user;

use serde_json::Value;

use crate::github::links::Links;
use crate::github::node::{NodeId, NodeKind};
use crate::github::state::{Repository, State};

/// What answers are built from.
pub(crate) struct View<'a> {
    /// The addresses of everything.
    pub(crate) links: &'a Links,
    /// What is known.
    pub(crate) state: &'a State,
}

impl<'a> View<'a> {
    /// Builds answers from what is known now.
    pub(crate) fn new(links: &'a Links, state: &'a State) -> Self {
        Self { links, state }
    }

    /// The REST address of a repository, or of what is below it.
    pub(crate) fn repository_url(&self, repository: &Repository, below: &str) -> String {
        self.links
            .api(&format!("/repos/{}{below}", repository.full_name()))
    }
}

/// Adds the fields of one object to another.
fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

fn node_id(kind: NodeKind, repository: &Repository, key: impl ToString) -> String {
    NodeId::new(kind, repository.id, key).to_string()
}
