//! What the deploy service answers in these tests: one repository, `people`,
//! with a commit that is live in staging and one that is live in production.

use deploy_proto::v1::*;

pub(crate) const NEW: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334";
pub(crate) const OLD: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a000998877";

pub(crate) fn commit(sha: &str, headline: &str) -> Commit {
    Commit {
        sha: sha.to_owned(),
        headline: headline.to_owned(),
        author: "minji".to_owned(),
        committed_at: None,
        url: format!("https://github.test/acme/people/commit/{sha}"),
    }
}

fn passed() -> Checks {
    Checks {
        state: ChecksState::Success.into(),
        done: 3,
        total: 3,
        failed: Vec::new(),
    }
}

fn environment(name: &str, sha: &str) -> EnvironmentStatus {
    EnvironmentStatus {
        name: name.to_owned(),
        live: Some(LiveCommit {
            commit: Some(commit(sha, "Something")),
            since: None,
            behind: Some(0),
            environment_url: String::new(),
        }),
        running: None,
    }
}

fn environments() -> Vec<EnvironmentStatus> {
    vec![environment("production", OLD), environment("staging", NEW)]
}

pub(crate) fn status() -> GetStatusResponse {
    let of = |sha: &str, headline: &str, live_in: &str| CommitStatus {
        commit: Some(commit(sha, headline)),
        checks: Some(passed()),
        live_in: vec![live_in.to_owned()],
    };
    GetStatusResponse {
        repository: "acme/people".to_owned(),
        branch: "main".to_owned(),
        commits: vec![
            of(NEW, "Add Minji to the team page", "staging"),
            of(OLD, "Show avatars (#41)", "production"),
        ],
        environments: environments(),
        as_of: None,
        url: "https://github.test/acme/people".to_owned(),
        stale: None,
        waiting: Vec::new(),
    }
}

pub(crate) fn environments_of_people() -> ListEnvironmentsResponse {
    ListEnvironmentsResponse {
        repository: "acme/people".to_owned(),
        environments: environments(),
    }
}

pub(crate) fn history() -> ListHistoryResponse {
    ListHistoryResponse {
        repository: "acme/people".to_owned(),
        environments: vec![EnvironmentHistory {
            environment: "production".to_owned(),
            deployments: vec![deployment(DeploymentState::Succeeded)],
            more: false,
        }],
        as_of: None,
        stale: None,
    }
}

pub(crate) fn deployment(state: DeploymentState) -> Deployment {
    Deployment {
        id: 7,
        environment: "production".to_owned(),
        commit: Some(commit(NEW, "Add Minji to the team page")),
        state: state.into(),
        kind: DeploymentKind::Deploy.into(),
        replaces: OLD.to_owned(),
        ..Default::default()
    }
}

pub(crate) fn preview(environment: &str) -> PreviewDeploymentResponse {
    PreviewDeploymentResponse {
        refusals: Vec::new(),
        commit: Some(commit(NEW, "Add Minji to the team page")),
        changes: Some(Changes {
            base: OLD.to_owned(),
            head: NEW.to_owned(),
            ahead: 1,
            behind: 0,
            commits: vec![commit(NEW, "Add Minji to the team page")],
            compare_url: String::new(),
            authors: Vec::new(),
        }),
        checks: Some(passed()),
        environment: environment.to_owned(),
    }
}

pub(crate) fn refusal(reason: Reason, candidates: &[&str]) -> Refusal {
    Refusal {
        reason: reason.into(),
        candidates: candidates.iter().map(|&name| name.to_owned()).collect(),
        ..Default::default()
    }
}
