//! Node ids: the opaque strings by which GraphQL, and REST's `node_id`, name
//! anything there is. Ours say in themselves what they name.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// The kinds of things that have a node id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum NodeKind {
    /// Key: empty; the repository's own id says it.
    Repository,
    /// Key: the id.
    User,
    /// Key: the full SHA.
    Commit,
    /// Key: the full SHA.
    Tree,
    /// Key: the full SHA.
    Blob,
    /// Key: the qualified name, `refs/heads/main`.
    Ref,
    /// Key: the id.
    Deployment,
    /// Key: the id.
    DeploymentStatus,
    /// Key: the id.
    Environment,
    /// Key: the id.
    CheckRun,
    /// Key: the full SHA of its commit and, for a deployment's, its run.
    CheckSuite,
    /// Key: the id.
    WorkflowRun,
    /// Key: the id.
    StatusContext,
    /// Key: the id.
    App,
    /// Key: the id.
    ProtectionRule,
    /// Key: the full SHA.
    Tag,
    /// Key: the full SHA of its commit.
    StatusCheckRollup,
    /// Key: the full SHA of its commit.
    Status,
    /// Key: the full SHAs of both commits, `base...head`.
    Comparison,
}

const PREFIXES: [(NodeKind, &str); 19] = [
    (NodeKind::Repository, "R"),
    (NodeKind::User, "U"),
    (NodeKind::Commit, "C"),
    (NodeKind::Tree, "T"),
    (NodeKind::Blob, "B"),
    (NodeKind::Ref, "REF"),
    (NodeKind::Deployment, "DE"),
    (NodeKind::DeploymentStatus, "DES"),
    (NodeKind::Environment, "EN"),
    (NodeKind::CheckRun, "CR"),
    (NodeKind::CheckSuite, "CS"),
    (NodeKind::WorkflowRun, "WFR"),
    (NodeKind::StatusContext, "SC"),
    (NodeKind::App, "A"),
    (NodeKind::ProtectionRule, "GA"),
    (NodeKind::Tag, "TA"),
    (NodeKind::StatusCheckRollup, "SCR"),
    (NodeKind::Status, "S"),
    (NodeKind::Comparison, "CMP"),
];

/// What a node id names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct NodeId {
    /// What kind of thing.
    pub(crate) kind: NodeKind,
    /// The repository it is in; 0 for what is in none.
    pub(crate) repository: u64,
    /// Which one of its kind; see [`NodeKind`].
    pub(crate) key: String,
}

impl NodeId {
    /// The node id of the thing of this kind with this key in a repository.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "keys are numbers and SHAs; a borrow at every call would say nothing"
    )]
    pub(crate) fn new(kind: NodeKind, repository: u64, key: impl ToString) -> Self {
        Self {
            kind,
            repository,
            key: key.to_string(),
        }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = PREFIXES
            .iter()
            .find(|(kind, _)| *kind == self.kind)
            .map_or("N", |(_, prefix)| prefix);
        let rest = BASE64_URL_SAFE_NO_PAD.encode(format!("{}:{}", self.repository, self.key));
        write!(formatter, "{prefix}_{rest}")
    }
}

/// A text that is no node id of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a node id")]
pub(crate) struct NotANodeId;

impl FromStr for NodeId {
    type Err = NotANodeId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (prefix, rest) = text.split_once('_').ok_or(NotANodeId)?;
        let kind = PREFIXES
            .iter()
            .find(|(_, known)| *known == prefix)
            .map(|(kind, _)| *kind)
            .ok_or(NotANodeId)?;
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(rest)
            .map_err(|_| NotANodeId)?;
        let plain = String::from_utf8(bytes).map_err(|_| NotANodeId)?;
        let (repository, key) = plain.split_once(':').ok_or(NotANodeId)?;
        let repository = repository.parse().map_err(|_| NotANodeId)?;
        Ok(Self::new(kind, repository, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_id_names_what_it_was_made_of() {
        for (kind, _) in PREFIXES {
            let id = NodeId::new(kind, 7, "refs/heads/a_b:c");
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "DE", "DE_", "XX_Nzox", "DE_!!", "DE_Nw", "DE_eDox"] {
            assert_eq!(text.parse::<NodeId>(), Err(NotANodeId), "{text}");
        }
    }
}
