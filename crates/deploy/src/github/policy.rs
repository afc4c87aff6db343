//! A repository's own rules, as GitHub gives the file at its default branch.

use serde::Deserialize;

use crate::model::{Policy, PolicyError, PolicyFile};

/// What is called `.github/deploy.yml`; none where nothing is.
#[derive(Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum PolicyNode {
    /// A file.
    #[serde(rename_all = "camelCase")]
    Blob {
        /// None where it is no text.
        text: Option<String>,
        is_truncated: bool,
        byte_size: usize,
    },
    /// A folder, or what else git has.
    #[serde(other)]
    Other,
}

/// Reads the rules.
pub(super) fn read(node: Option<&PolicyNode>) -> Result<Policy, PolicyError> {
    Policy::read(match node {
        None => PolicyFile::Missing,
        Some(PolicyNode::Other) => PolicyFile::Folder,
        Some(PolicyNode::Blob {
            text: Some(text),
            is_truncated: false,
            ..
        }) => PolicyFile::Text(text),
        Some(PolicyNode::Blob { byte_size, .. }) => PolicyFile::Unreadable { bytes: *byte_size },
    })
}
