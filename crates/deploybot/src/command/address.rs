//! Addresses on GitHub, as people paste them instead of a name or a SHA.
//!
//! Which host is GitHub's is not known here, and a company may have its own;
//! the path alone tells, and whether the thing exists is for `deploy` to say.

use super::{CommitSha, RepositoryName};

/// What follows a repository in the addresses of its pages.
const PAGES: [&str; 14] = [
    "commit",
    "commits",
    "tree",
    "blob",
    "pull",
    "pulls",
    "issues",
    "actions",
    "compare",
    "releases",
    "deployments",
    "branches",
    "tags",
    "settings",
];

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A repository, or a page of it; `owner/name`.
    Repository(String),
    /// A commit of a repository.
    Commit {
        /// `owner/name`.
        repository: String,
        /// As the address has it.
        sha: String,
    },
    /// A pull request of a repository.
    PullRequest {
        /// `owner/name`.
        repository: String,
        /// Its number.
        number: String,
    },
}

impl Address {
    /// None where a word is no address of a repository.
    pub(super) fn read(word: &str) -> Option<Self> {
        let path = path(word)?.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        let page = segments
            .iter()
            .skip(2)
            .position(|segment| PAGES.contains(segment))
            .map_or(segments.len(), |at| at + 2);
        let repository = repository(&segments[..page])?;
        let page = &segments[page..];
        Some(match (commit(page), pull_request(page)) {
            (Some(sha), _) => Self::Commit { repository, sha },
            (None, Some(number)) => Self::PullRequest { repository, number },
            (None, None) => Self::Repository(repository),
        })
    }
}

/// What follows the host. Without `https://` only what has a dot is a host.
fn path(word: &str) -> Option<&str> {
    let lower = word.to_ascii_lowercase();
    let scheme = ["https://", "http://"]
        .iter()
        .find(|scheme| lower.starts_with(**scheme));
    let rest = &word[scheme.map_or(0, |scheme| scheme.len())..];
    let (host, path) = rest.split_once('/')?;
    let is_whole = path.trim_end_matches('/').contains('/');
    (is_whole && (scheme.is_some() || host.contains('.'))).then_some(path)
}

/// The last two of what stands before the kind of page.
fn repository(segments: &[&str]) -> Option<String> {
    let [.., owner, name] = segments else {
        return None;
    };
    let name = name.strip_suffix(".git").unwrap_or(name);
    let repository = format!("{owner}/{name}");
    RepositoryName::new(&repository).map(|_| repository)
}

/// `commit/<sha>`, `commits/<sha>`, `pull/41/commits/<sha>`.
fn commit(page: &[&str]) -> Option<String> {
    let sha = match page {
        ["commit" | "commits", sha, ..] | ["pull", _, "commits", sha, ..] => sha,
        _ => return None,
    };
    CommitSha::new(sha).is_ok().then(|| (*sha).to_owned())
}

/// `pull/41`, `pull/41/files`.
fn pull_request(page: &[&str]) -> Option<String> {
    let ["pull", number, ..] = page else {
        return None;
    };
    let is_number = !number.is_empty() && number.len() <= 10;
    (is_number && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| (*number).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_tells_what_it_leads_to() {
        let shown = |word: &str| match Address::read(word) {
            Some(Address::Repository(repository)) => repository,
            Some(Address::Commit { repository, sha }) => format!("{repository} {sha}"),
            Some(Address::PullRequest { repository, number }) => format!("{repository} #{number}"),
            None => "-".to_owned(),
        };
        for (word, expected) in [
            ("https://github.com/acme/people", "acme/people"),
            ("HTTPS://GitHub.com/acme/people.git/", "acme/people"),
            ("github.com/acme/people", "acme/people"),
            ("https://ghes:8443/acme/people/tree/main", "acme/people"),
            ("https://proxy.test/github/acme/people", "acme/people"),
            (
                "https://h/x/acme/people/commit/a1b2c3d",
                "acme/people a1b2c3d",
            ),
            (
                "https://h/acme/people/commit/a1b2c3d?w=1#d",
                "acme/people a1b2c3d",
            ),
            ("https://h/acme/people/pull/41", "acme/people #41"),
            ("https://h/acme/people/pull/41/files", "acme/people #41"),
            ("https://h/acme/people/pull/new", "acme/people"),
            (
                "https://h/acme/people/pull/41/commits/a1b2c3d",
                "acme/people a1b2c3d",
            ),
            ("https://h/acme/people/commits/main", "acme/people"),
            ("https://h/acme/commit", "acme/commit"),
            ("https://github.com/acme", "-"),
            ("https://github.com/acme/", "-"),
            ("https://github.com", "-"),
            ("https://h/a*b/people", "-"),
            ("acme/people", "-"),
            ("acme/people/commit/a1b2c3d", "-"),
            ("people.js/x", "-"),
            ("", "-"),
            ("https://", "-"),
        ] {
            assert_eq!(shown(word), expected, "{word}");
        }
    }
}
