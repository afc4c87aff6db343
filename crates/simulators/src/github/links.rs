//! The addresses of everything: each points back to the simulator itself.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays readable in a path segment; the rest is percent-encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'+')
    .remove(b'@');

/// The base address that the simulator was told, and all that hangs below it.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    base: String,
}

impl Links {
    /// Links below a base address without a slash at its end.
    pub(crate) fn new(base_url: &str) -> Self {
        Self {
            base: base_url.trim_end_matches('/').to_owned(),
        }
    }

    /// A page for people: `path` begins with a slash, or is empty for the base.
    pub(crate) fn html(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A REST address: `path` begins with a slash, or is empty for the root.
    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}/api/v3{path}", self.base)
    }

    /// The page of a commit.
    pub(crate) fn commit(&self, full_name: &str, sha: &str) -> String {
        self.html(&format!("/{full_name}/commit/{sha}"))
    }

    /// The page of a comparison.
    pub(crate) fn compare(&self, full_name: &str, base: &str, head: &str) -> String {
        let (base, head) = (segment(base), segment(head));
        self.html(&format!("/{full_name}/compare/{base}...{head}"))
    }

    /// The page of a run: its log.
    pub(crate) fn run(&self, full_name: &str, run: u64) -> String {
        self.html(&format!("/{full_name}/actions/runs/{run}"))
    }

    /// Where an environment serves what was deployed to it.
    pub(crate) fn site(&self, full_name: &str, environment: &str) -> String {
        self.html(&format!("/sites/{full_name}/{}/", segment(environment)))
    }

    /// A picture that stands for a user.
    pub(crate) fn avatar(&self, login: &str) -> String {
        self.html(&format!("/avatars/{}", segment(login)))
    }
}

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A path of several segments, its slashes kept.
pub(crate) fn path(text: &str) -> String {
    text.split('/').map(segment).collect::<Vec<_>>().join("/")
}
