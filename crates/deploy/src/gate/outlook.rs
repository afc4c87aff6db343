//! What the last status lets expect of the gate, before there are facts.

use crate::model::{ChecksState, CommitRef, EnvironmentName, RepositoryStatus};

/// Whether nothing that the last status told speaks against a deploy, so that it
/// may wait for its turn without being looked at before. Checks that ran then do
/// not, where something has happened since: when the turn comes they have ended.
/// It decides nothing: the facts do, when the turn has come.
pub fn speaks_for(
    status: &RepositoryStatus,
    is_outdated: bool,
    environment: &EnvironmentName,
    commit: &CommitRef,
) -> bool {
    let commits = status.commits.iter();
    let mut meant = commits.filter(|(one, _)| commit.matches(&one.sha));
    let (Some((commit, checks)), None) = (meant.next(), meant.next()) else {
        return false;
    };
    let mut environments = status.environments.iter();
    let Some(environment) = environments.find(|one| one.name.is_same(environment)) else {
        return false;
    };
    let live = environment.live.as_ref().map(|live| &live.commit.sha);
    let may_be_green = match checks.state {
        ChecksState::Success => true,
        ChecksState::Pending => is_outdated,
        ChecksState::Failure | ChecksState::None | ChecksState::Unreadable => false,
    };
    may_be_green && environment.running.is_none() && live != Some(&commit.sha)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        gate::tests::{checks, commit, deployment, name},
        model::{DeploymentState, EnvironmentStatus, Line, LiveCommit, RepositoryName},
    };

    /// A status in which commit 2 is ready for production, where commit 1 is live.
    fn status() -> RepositoryStatus {
        let live = LiveCommit {
            commit: commit(1),
            since: Timestamp::UNIX_EPOCH,
            behind: Some(1),
            place: deployment(1, DeploymentState::Succeeded).place(),
            environment_url: String::new(),
        };
        RepositoryStatus {
            repository: RepositoryName::parse("acme/people", None).unwrap(),
            branch: "main".to_owned(),
            commits: [
                (3, ChecksState::Pending),
                (2, ChecksState::Success),
                (1, ChecksState::Success),
            ]
            .map(|(n, state)| (commit(n), checks(state)))
            .into(),
            environments: vec![EnvironmentStatus {
                name: name("production"),
                live: Some(live),
                running: None,
                overtaken: Vec::new(),
            }],
            has_default_environments: false,
            line: Line::new(Vec::new()),
            as_of: Timestamp::UNIX_EPOCH,
            url: String::new(),
        }
    }

    #[test]
    fn a_status_speaks_only_for_what_it_shows_to_be_ready() {
        let speaks = |status: &RepositoryStatus, environment: &str, commit: String| {
            speaks_for(status, false, &name(environment), &commit.parse().unwrap())
        };
        let whole = |n: u8| format!("{n:040x}");
        let shown = status();
        assert!(speaks(&shown, "production", whole(2)));
        assert!(speaks(&shown, "Production", whole(2)));
        assert!(!speaks(&shown, "production", whole(1)), "it is live");
        assert!(!speaks(&shown, "production", whole(3)), "its checks run");
        assert!(!speaks(&shown, "production", whole(4)), "it is not shown");
        assert!(
            !speaks(&shown, "production", "0000".to_owned()),
            "it is many"
        );
        assert!(!speaks(&shown, "prodution", whole(2)));
        let later = |n: u8| {
            let commit = whole(n).parse().unwrap();
            speaks_for(&shown, true, &name("production"), &commit)
        };
        assert!(later(3), "they may have ended");
        assert!(!later(1));
        let mut busy = status();
        busy.environments[0].running = Some(deployment(3, DeploymentState::Running));
        assert!(!speaks(&busy, "production", whole(2)), "another goes out");
    }
}
