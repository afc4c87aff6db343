//! Checks and statuses of a commit.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{View, node_id};
use crate::github::checks;
use crate::github::git::{Commit, Sha};
use crate::github::node::{NodeId, NodeKind};
use crate::github::state::{
    ACTIONS_BOT, CheckRun, CheckStatus, CommitStatus, Repository, StatusState, Suite,
};

/// The numeric id of the app whose checks they are.
const APP_ID: u64 = 1;

impl View<'_> {
    /// A check run.
    pub(crate) fn check_run(&self, repository: &Repository, check: &CheckRun) -> Value {
        let url = self.repository_url(repository, &format!("/check-runs/{}", check.id));
        let full_name = repository.full_name();
        let page = match check.run {
            Some(run) => self.links.run(&full_name, run),
            None => self.links.commit(&full_name, check.sha.as_str()),
        };
        json!({
            "id": check.id,
            "name": check.name,
            "node_id": node_id(NodeKind::CheckRun, repository, check.id),
            "head_sha": check.sha.as_str(),
            "external_id": "",
            "url": url,
            "html_url": page,
            "details_url": page,
            "status": check.status.word(),
            "conclusion": check.status.conclusion().map(|conclusion| conclusion.word()),
            "started_at": check.started_at,
            "completed_at": check.completed_at,
            "output": {
                "title": null,
                "summary": (!check.summary.is_empty()).then_some(&check.summary),
                "text": null,
                "annotations_count": 0,
                "annotations_url": format!("{url}/annotations"),
            },
            "check_suite": { "id": checks::suite_id(&check.sha, check.suite) },
            "app": self.app(),
            "pull_requests": [],
        })
    }

    /// A suite of a commit with its check runs, of which there is at least one.
    pub(crate) fn check_suite(
        &self,
        repository: &Repository,
        commit: &Commit,
        suite: Suite,
        runs: &[CheckRun],
    ) -> Value {
        let sha = &commit.sha;
        let id = checks::suite_id(sha, suite);
        let key = checks::suite_key(sha, suite);
        let url = self.repository_url(repository, &format!("/check-suites/{id}"));
        let folded = checks::fold(runs);
        let times = |time: fn(&CheckRun) -> Option<Timestamp>| runs.iter().filter_map(time);
        json!({
            "id": id,
            "node_id": node_id(NodeKind::CheckSuite, repository, key),
            "head_branch": head_branch(repository, sha),
            "head_sha": sha.as_str(),
            "status": folded.word(),
            "conclusion": folded.conclusion().map(|conclusion| conclusion.word()),
            "url": url,
            "before": commit.parents.first().map(Sha::as_str),
            "after": sha.as_str(),
            "pull_requests": [],
            "app": self.app(),
            "repository": self.minimal_repository(repository),
            "created_at": times(|run| run.started_at).min(),
            "updated_at": times(|run| run.completed_at.or(run.started_at)).max(),
            "head_commit": self.simple_commit(commit),
            "latest_check_runs_count": runs.len(),
            "check_runs_url": format!("{url}/check-runs"),
            "rerequestable": false,
            "runs_rerequestable": false,
        })
    }

    /// A commit status.
    pub(crate) fn status(&self, repository: &Repository, status: &CommitStatus) -> Value {
        let mut shape = self.simple_status(repository, status);
        shape["creator"] = self.user(&status.creator);
        shape
    }

    /// All statuses of a commit folded into one; only those of one page are
    /// shown.
    pub(crate) fn combined_status(
        &self,
        repository: &Repository,
        sha: &Sha,
        statuses: &[&CommitStatus],
        shown: &[&CommitStatus],
    ) -> Value {
        let commit_url = self.repository_url(repository, &format!("/commits/{sha}"));
        json!({
            "state": combined_word(statuses),
            "statuses": shown
                .iter()
                .map(|status| self.simple_status(repository, status))
                .collect::<Vec<_>>(),
            "sha": sha.as_str(),
            "total_count": statuses.len(),
            "repository": self.minimal_repository(repository),
            "url": format!("{commit_url}/status"),
            "commit_url": commit_url,
        })
    }

    fn simple_status(&self, repository: &Repository, status: &CommitStatus) -> Value {
        let sha = &status.sha;
        json!({
            "id": status.id,
            "node_id": node_id(NodeKind::StatusContext, repository, status.id),
            "url": self.repository_url(repository, &format!("/statuses/{sha}")),
            "avatar_url": self.links.avatar(&status.creator),
            "state": status.state.word(),
            "context": status.context,
            "description": status.description,
            "target_url": status.target_url,
            "created_at": status.created_at,
            "updated_at": status.created_at,
        })
    }

    /// The app that checks and deployment statuses of workflows come from.
    fn app(&self) -> Value {
        let since = self
            .state
            .user(ACTIONS_BOT)
            .map_or(Timestamp::UNIX_EPOCH, |bot| bot.created_at);
        let html_url = self.links.html("/apps/github-actions");
        json!({
            "id": APP_ID,
            "slug": "github-actions",
            "node_id": NodeId::new(NodeKind::App, 0, APP_ID).to_string(),
            "owner": self.user(ACTIONS_BOT),
            "name": "GitHub Actions",
            "description": "Simulated workflows",
            "external_url": html_url,
            "html_url": html_url,
            "created_at": since,
            "updated_at": since,
            "permissions": {
                "checks": "write",
                "contents": "read",
                "deployments": "write",
                "metadata": "read",
            },
            "events": ["deployment", "push"],
        })
    }
}

fn head_branch<'a>(repository: &'a Repository, sha: &Sha) -> Option<&'a str> {
    repository
        .heads
        .iter()
        .find(|(_, head)| *head == sha)
        .map(|(branch, _)| branch.as_str())
}

/// GitHub folds so: a commit without statuses is pending.
fn combined_word(statuses: &[&CommitStatus]) -> &'static str {
    let any = |wanted: &[StatusState]| statuses.iter().any(|status| wanted.contains(&status.state));
    if any(&[StatusState::Error, StatusState::Failure]) {
        "failure"
    } else if statuses.is_empty() || any(&[StatusState::Pending]) {
        "pending"
    } else {
        "success"
    }
}

impl CheckStatus {
    /// It has ended well enough.
    pub(crate) fn is_good(self) -> bool {
        use crate::github::state::Conclusion::{Neutral, Skipped, Success};
        matches!(self, Self::Completed(Success | Neutral | Skipped))
    }
}
