//! The repositories of a world: the same commits in each, with their checks.

use jiff::Timestamp;
use simulators::github::{
    CheckStatus, Conclusion, Github, NewRepository, SeedCheck, Workflow,
    git::{Repository, Sha, Signature},
};
use tempfile::TempDir;

/// The commits of each repository, oldest first: message and failed check.
const COMMITS: [(&str, Option<&str>); 5] = [
    ("Initial pages", None),
    ("Show avatars <!channel>", None),
    ("Try the new font", Some("lint")),
    ("Bump the framework\n\nSimulate: fail rollout", None),
    ("Add Minji to the team page", None),
];
/// Positions in it.
pub(crate) const OLDEST: usize = 0;
pub(crate) const GREEN: usize = 1;
pub(crate) const RED: usize = 2;
pub(crate) const FAILS: usize = 3;
pub(crate) const NEWEST: usize = 4;

pub(super) fn usual() -> Vec<String> {
    ["production", "staging"].map(str::to_owned).to_vec()
}

pub(super) fn add_repository(
    github: &Github,
    folder: &TempDir,
    repository: &str,
    workflow: Workflow,
    environments: &[String],
) -> Vec<Sha> {
    let (owner, name) = repository.split_once('/').unwrap();
    let git = Repository::init(&folder.path().join(repository), "main").unwrap();
    let start = Timestamp::from_second(1_700_000_000).unwrap().as_second();
    let mut commits = Vec::new();
    for (number, (message, _)) in COMMITS.iter().enumerate() {
        let at = Timestamp::from_second(start + number as i64 * 60).unwrap();
        let author = Signature {
            name: "minji".to_owned(),
            email: "minji@acme.test".to_owned(),
            at,
            offset_seconds: 0,
        };
        let file = (
            "index.html".to_owned(),
            Some(format!("{number}").into_bytes()),
        );
        commits.push(
            git.commit_files("main", &[file], message, &author, &author)
                .unwrap(),
        );
    }
    github
        .add_repository(NewRepository {
            owner: owner.to_owned(),
            name: name.to_owned(),
            git,
            default_branch: "main".to_owned(),
            environments: environments.to_vec(),
            workflow,
        })
        .unwrap();
    for (sha, (_, failed)) in commits.iter().zip(COMMITS) {
        for check in ["build", "lint"] {
            let conclusion = match failed {
                Some(name) if name == check => Conclusion::Failure,
                _ => Conclusion::Success,
            };
            let at = Timestamp::from_second(start + 600).unwrap();
            let check = SeedCheck {
                sha: sha.clone(),
                name: check.to_owned(),
                status: CheckStatus::Completed(conclusion),
                started_at: at,
                completed_at: Some(at),
            };
            github.seed_check(repository, check).unwrap();
        }
    }
    commits
}
