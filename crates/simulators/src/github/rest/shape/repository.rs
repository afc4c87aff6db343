//! Repositories, in their three sizes, with their branches and references.

use serde_json::{Map, Value, json};

use super::{View, extend, node_id};
use crate::github::git::{Commit, Sha};
use crate::github::links::segment;
use crate::github::node::NodeKind;
use crate::github::state::{Repository, UserKind};

/// The addresses of a repository's parts, as GitHub names and templates them.
const ADDRESSES: [(&str, &str); 37] = [
    ("url", ""),
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    (
        "notifications_url",
        "/notifications{?since,all,participating}",
    ),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
];

impl View<'_> {
    /// A repository with all that is told of one that is asked for by name.
    pub(crate) fn repository(&self, repository: &Repository) -> Value {
        let mut shape = self.listed_repository(repository);
        let organization = self
            .state
            .user(&repository.owner)
            .is_some_and(|owner| owner.kind == UserKind::Organization);
        extend(
            &mut shape,
            json!({ "subscribers_count": 0, "network_count": 0 }),
        );
        if organization {
            extend(
                &mut shape,
                json!({ "organization": self.user(&repository.owner) }),
            );
        }
        shape
    }

    /// A repository in the list of one's own, and in webhooks.
    pub(crate) fn listed_repository(&self, repository: &Repository) -> Value {
        let mut shape = self.minimal_repository(repository);
        extend(&mut shape, counts_and_settings(repository));
        shape
    }

    /// A repository as part of another answer.
    pub(crate) fn minimal_repository(&self, repository: &Repository) -> Value {
        let full_name = repository.full_name();
        let html = self.links.html(&format!("/{full_name}"));
        let mut shape = json!({
            "id": repository.id,
            "node_id": node_id(NodeKind::Repository, repository, ""),
            "name": repository.name,
            "full_name": full_name,
            "owner": self.user(&repository.owner),
            "private": false,
            "html_url": html,
            "description": null,
            "fork": false,
            "git_url": format!("{html}.git"),
            "ssh_url": format!("{html}.git"),
            "clone_url": format!("{html}.git"),
            "svn_url": html,
            "mirror_url": null,
            "homepage": null,
            "created_at": repository.created_at,
            "updated_at": repository.pushed_at,
            "pushed_at": repository.pushed_at,
        });
        let addresses = ADDRESSES
            .iter()
            .map(|(name, below)| {
                let address = self.repository_url(repository, below);
                ((*name).to_owned(), Value::String(address))
            })
            .collect::<Map<_, _>>();
        extend(&mut shape, Value::Object(addresses));
        shape
    }

    /// A branch in a list.
    pub(crate) fn short_branch(&self, repository: &Repository, name: &str, head: &Sha) -> Value {
        json!({
            "name": name,
            "commit": {
                "sha": head.as_str(),
                "url": self.repository_url(repository, &format!("/commits/{head}")),
            },
            "protected": false,
        })
    }

    /// A branch with its newest commit.
    pub(crate) fn branch(&self, repository: &Repository, name: &str, head: &Commit) -> Value {
        let address = self.repository_url(repository, &format!("/branches/{}", segment(name)));
        let page = format!("/{}/tree/{}", repository.full_name(), segment(name));
        json!({
            "name": name,
            "commit": self.commit(repository, head),
            "_links": { "self": address, "html": self.links.html(&page) },
            "protected": false,
            "protection": {
                "enabled": false,
                "required_status_checks": {
                    "enforcement_level": "off",
                    "contexts": [],
                    "checks": [],
                },
            },
            "protection_url": format!("{address}/protection"),
        })
    }

    /// A reference, `refs/heads/main`.
    pub(crate) fn reference(&self, repository: &Repository, name: &str, sha: &Sha) -> Value {
        json!({
            "ref": name,
            "node_id": node_id(NodeKind::Ref, repository, name),
            "url": self.repository_url(repository, &format!("/git/{name}")),
            "object": {
                "sha": sha.as_str(),
                "type": "commit",
                "url": self.repository_url(repository, &format!("/git/commits/{sha}")),
            },
        })
    }
}

fn counts_and_settings(repository: &Repository) -> Value {
    json!({
        "size": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "watchers": 0,
        "forks_count": 0,
        "forks": 0,
        "open_issues_count": 0,
        "open_issues": 0,
        "language": null,
        "license": null,
        "topics": [],
        "default_branch": repository.default_branch,
        "visibility": "public",
        "archived": false,
        "disabled": false,
        "is_template": false,
        "has_issues": false,
        "has_projects": false,
        "has_wiki": false,
        "has_pages": false,
        "has_downloads": false,
        "has_discussions": false,
        "allow_forking": false,
        "web_commit_signoff_required": false,
        "permissions": {
            "admin": true,
            "maintain": true,
            "push": true,
            "triage": true,
            "pull": true,
        },
    })
}
