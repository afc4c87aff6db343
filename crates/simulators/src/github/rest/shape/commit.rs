//! Commits, what they changed, and how two of them compare.

use serde_json::{Value, json};

use super::{View, extend, node_id};
use crate::github::diff::{Change, FileDiff};
use crate::github::git::{Commit, Comparison, Sha, Signature};
use crate::github::links;
use crate::github::node::NodeKind;
use crate::github::state::Repository;

/// Two commits and how they lie to each other, read before anything is locked.
pub(crate) struct Compared {
    /// How each was called.
    pub(crate) names: (String, String),
    /// The one that is compared with.
    pub(crate) base: Commit,
    /// The newest that both have.
    pub(crate) merge_base: Commit,
    /// How they lie to each other.
    pub(crate) comparison: Comparison,
    /// Of the commits that the head has more, those of this page, oldest first.
    pub(crate) commits: Vec<Commit>,
    /// What they change, on the first page.
    pub(crate) files: Vec<FileDiff>,
}

impl View<'_> {
    /// A commit without what it changed.
    pub(crate) fn commit(&self, repository: &Repository, commit: &Commit) -> Value {
        let sha = &commit.sha;
        let url = self.repository_url(repository, &format!("/commits/{sha}"));
        let full_name = repository.full_name();
        let mut commented = self.plain_commit(repository, commit);
        commented["comment_count"] = json!(0);
        json!({
            "sha": sha.as_str(),
            "node_id": node_id(NodeKind::Commit, repository, sha),
            "url": url,
            "html_url": self.links.commit(&full_name, sha.as_str()),
            "comments_url": format!("{url}/comments"),
            "commit": commented,
            "author": self.user_of(&commit.author.name, &commit.author.email),
            "committer": self.user_of(&commit.committer.name, &commit.committer.email),
            "parents": self.parents(repository, commit),
        })
    }

    /// A commit with what it changed.
    pub(crate) fn commit_with_files(
        &self,
        repository: &Repository,
        commit: &Commit,
        files: &[FileDiff],
    ) -> Value {
        let additions: u64 = files.iter().map(|file| file.additions).sum();
        let deletions: u64 = files.iter().map(|file| file.deletions).sum();
        let mut shape = self.commit(repository, commit);
        extend(
            &mut shape,
            json!({
                "stats": {
                    "total": additions + deletions,
                    "additions": additions,
                    "deletions": deletions,
                },
                "files": self.files(repository, &commit.sha, files),
            }),
        );
        shape
    }

    /// A commit as git knows it, as the answer to a change of a file.
    pub(crate) fn git_commit(&self, repository: &Repository, commit: &Commit) -> Value {
        let sha = &commit.sha;
        let mut shape = self.plain_commit(repository, commit);
        extend(
            &mut shape,
            json!({
                "sha": sha.as_str(),
                "node_id": node_id(NodeKind::Commit, repository, sha),
                "html_url": self.links.commit(&repository.full_name(), sha.as_str()),
                "parents": self.parents(repository, commit),
            }),
        );
        shape
    }

    /// A commit as part of a check suite or a push.
    pub(crate) fn simple_commit(&self, commit: &Commit) -> Value {
        let person = |who: &Signature| json!({ "name": who.name, "email": who.email });
        json!({
            "id": commit.sha.as_str(),
            "tree_id": commit.tree.as_str(),
            "message": commit.message,
            "timestamp": commit.committer.at,
            "author": person(&commit.author),
            "committer": person(&commit.committer),
        })
    }

    /// How two commits compare.
    pub(crate) fn comparison(&self, repository: &Repository, compared: &Compared) -> Value {
        let (base, head) = &compared.names;
        let names = format!("{}...{}", links::segment(base), links::segment(head));
        let html = self.links.compare(&repository.full_name(), base, head);
        let comparison = &compared.comparison;
        let commits = compared.commits.iter();
        let head_sha = comparison
            .ahead_commits
            .first()
            .unwrap_or(&compared.merge_base.sha);
        json!({
            "url": self.repository_url(repository, &format!("/compare/{names}")),
            "html_url": html,
            "permalink_url": html,
            "diff_url": format!("{html}.diff"),
            "patch_url": format!("{html}.patch"),
            "base_commit": self.commit(repository, &compared.base),
            "merge_base_commit": self.commit(repository, &compared.merge_base),
            "status": match (comparison.ahead, comparison.behind) {
                (0, 0) => "identical",
                (_, 0) => "ahead",
                (0, _) => "behind",
                (_, _) => "diverged",
            },
            "ahead_by": comparison.ahead,
            "behind_by": comparison.behind,
            "total_commits": comparison.ahead,
            "commits": commits
                .map(|commit| self.commit(repository, commit))
                .collect::<Vec<_>>(),
            "files": self.files(repository, head_sha, &compared.files),
        })
    }

    fn plain_commit(&self, repository: &Repository, commit: &Commit) -> Value {
        let url =
            |kind: &str, sha: &Sha| self.repository_url(repository, &format!("/git/{kind}/{sha}"));
        json!({
            "url": url("commits", &commit.sha),
            "author": signature(&commit.author),
            "committer": signature(&commit.committer),
            "message": commit.message,
            "tree": {
                "sha": commit.tree.as_str(),
                "url": url("trees", &commit.tree),
            },
            "verification": {
                "verified": false,
                "reason": "unsigned",
                "signature": null,
                "payload": null,
                "verified_at": null,
            },
        })
    }

    fn parents(&self, repository: &Repository, commit: &Commit) -> Vec<Value> {
        let full_name = repository.full_name();
        commit
            .parents
            .iter()
            .map(|sha| {
                json!({
                    "sha": sha.as_str(),
                    "url": self.repository_url(repository, &format!("/commits/{sha}")),
                    "html_url": self.links.commit(&full_name, sha.as_str()),
                })
            })
            .collect()
    }

    fn files(&self, repository: &Repository, sha: &Sha, files: &[FileDiff]) -> Vec<Value> {
        files
            .iter()
            .map(|file| self.file(repository, sha, file))
            .collect()
    }

    fn file(&self, repository: &Repository, sha: &Sha, file: &FileDiff) -> Value {
        let full_name = repository.full_name();
        let path = links::path(&file.path);
        let mut shape = json!({
            "sha": file.blob.as_str(),
            "filename": file.path,
            "status": match file.change {
                Change::Added => "added",
                Change::Removed => "removed",
                Change::Modified => "modified",
            },
            "additions": file.additions,
            "deletions": file.deletions,
            "changes": file.additions + file.deletions,
            "blob_url": self.links.html(&format!("/{full_name}/blob/{sha}/{path}")),
            "raw_url": self.links.html(&format!("/{full_name}/raw/{sha}/{path}")),
            "contents_url":
                self.repository_url(repository, &format!("/contents/{path}?ref={sha}")),
        });
        if let Some(patch) = &file.patch {
            extend(&mut shape, json!({ "patch": patch }));
        }
        shape
    }
}

fn signature(who: &Signature) -> Value {
    json!({ "name": who.name, "email": who.email, "date": who.at })
}
