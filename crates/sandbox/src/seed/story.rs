//! How a repository came to be: its commits as edits, the checks they had, and
//! what was deployed when. All times are minutes before the start, so that the
//! past is always recent.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use jiff::{SignedDuration, Timestamp};
use simulators::github::{
    CheckStatus, Conclusion, DeploymentState, Github, SeedCheck, SeedDeployment, SeedStatus,
    git::{self, Sha, Signature},
};

use super::Cast;
use super::person::Person;

/// The branch of all stories.
pub(crate) const BRANCH: &str = "main";

/// A repository with a past.
pub(crate) struct Story {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its environments.
    pub(crate) environments: &'static [&'static str],
    /// Its commits, oldest first.
    pub(crate) commits: &'static [Commit],
    /// What was deployed, oldest first.
    pub(crate) deployments: &'static [Deployment],
    /// A commit that is pushed at the start, so that its checks run by then.
    pub(crate) arrives: Option<&'static Commit>,
}

/// One commit.
pub(crate) struct Commit {
    /// Minutes before the start at which it was merged.
    pub(crate) ago: i64,
    /// Who wrote it.
    pub(crate) by: &'static Person,
    /// Its message.
    pub(crate) message: &'static str,
    /// What it changes.
    pub(crate) edits: &'static [Edit],
    /// The check that failed, if one did.
    pub(crate) failed: Option<&'static str>,
}

/// A change of a file.
pub(crate) enum Edit {
    /// Writes a file: path, text.
    Write(&'static str, &'static str),
    /// Replaces a part, which is there once: path, old, new.
    Replace(&'static str, &'static str, &'static str),
}

/// One deployment.
pub(crate) struct Deployment {
    /// Minutes before the start at which it was asked for.
    pub(crate) ago: i64,
    /// Who asked.
    pub(crate) by: &'static Person,
    /// Where it went.
    pub(crate) environment: &'static str,
    /// The number in the message of the commit: 12 for `Add … (#12)`.
    pub(crate) number: u32,
    /// What came of it.
    pub(crate) outcome: Outcome,
}

/// What came of a deployment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It went out.
    Success,
    /// It went out, and took newer commits away.
    Rollback,
    /// It failed; what the last status said.
    Failure(&'static str),
}

/// The names of the checks, in the order in which they run.
pub(crate) const CHECKS: [&str; 3] = ["build", "test", "lint"];

/// Writes the commits of a story into a repository.
pub(crate) fn commit(
    story: &Story,
    git: &git::Repository,
    now: Timestamp,
) -> anyhow::Result<Vec<Sha>> {
    let mut files = BTreeMap::new();
    let all = story.commits.iter().chain(story.arrives);
    all.map(|commit| {
        commit
            .write(git, &mut files, now)
            .with_context(|| format!("cannot write {:?} of {}", commit.message, story.name))
    })
    .collect()
}

impl Commit {
    fn write(
        &self,
        git: &git::Repository,
        files: &mut BTreeMap<&'static str, String>,
        now: Timestamp,
    ) -> anyhow::Result<Sha> {
        let mut changes = Vec::new();
        for edit in self.edits {
            let path = edit.apply(files)?;
            changes.push((path.to_owned(), Some(files[path].clone().into_bytes())));
        }
        let merged = minutes_before(now, self.ago);
        let author = Signature {
            name: self.by.name.to_owned(),
            email: self.by.email(),
            at: minutes_before(merged, 25),
            offset_seconds: self.by.hours_east * 3600,
        };
        let merger = Signature {
            name: "GitHub".to_owned(),
            email: "noreply@github.example".to_owned(),
            at: merged,
            offset_seconds: 0,
        };
        git.commit_files(BRANCH, &changes, self.message, &author, &merger)
    }
}

impl Edit {
    fn apply(&self, files: &mut BTreeMap<&'static str, String>) -> anyhow::Result<&'static str> {
        match *self {
            Self::Write(path, text) => {
                files.insert(path, text.to_owned());
                Ok(path)
            }
            Self::Replace(path, old, new) => {
                let text = files
                    .get_mut(path)
                    .with_context(|| format!("{path} is not there"))?;
                ensure!(
                    text.matches(old).count() == 1,
                    "{path} does not have {old:?} once"
                );
                *text = text.replacen(old, new, 1);
                Ok(path)
            }
        }
    }
}

/// Tells the simulator which checks and deployments there were.
pub(crate) fn recall(
    story: &Story,
    full_name: &str,
    commits: &[Sha],
    github: &Github,
    cast: &Cast,
    now: Timestamp,
) -> anyhow::Result<()> {
    for (commit, sha) in story.commits.iter().zip(commits) {
        for check in checks(commit, sha, now) {
            github.seed_check(full_name, check)?;
        }
    }
    for (place, deployment) in story.deployments.iter().enumerate() {
        let seed = past_deployment(story, place, deployment, commits, cast, now)?;
        github.seed_deployment(full_name, seed)?;
    }
    Ok(())
}

/// The checks of a commit, one after another, half a minute each.
fn checks(commit: &Commit, sha: &Sha, now: Timestamp) -> Vec<SeedCheck> {
    let merged = minutes_before(now, commit.ago);
    (0..)
        .zip(CHECKS)
        .map(|(place, name)| {
            let conclusion = if commit.failed == Some(name) {
                Conclusion::Failure
            } else {
                Conclusion::Success
            };
            SeedCheck {
                sha: sha.clone(),
                name: name.to_owned(),
                status: CheckStatus::Completed(conclusion),
                started_at: seconds_after(merged, 5 + 30 * place),
                completed_at: Some(seconds_after(merged, 32 + 30 * place)),
            }
        })
        .collect()
}

fn past_deployment(
    story: &Story,
    place: usize,
    deployment: &Deployment,
    commits: &[Sha],
    cast: &Cast,
    now: Timestamp,
) -> anyhow::Result<SeedDeployment> {
    let sha = story.commit_numbered(deployment.number, commits)?;
    let before = story.deployments[..place].iter().rev();
    let replaced = before
        .filter(|older| older.environment == deployment.environment && older.succeeded())
        .map(|older| story.commit_numbered(older.number, commits))
        .next()
        .transpose()?;
    let kind = if deployment.outcome == Outcome::Rollback {
        "rollback"
    } else {
        "deploy"
    };
    let slack = &cast.slack[deployment.by.login];
    let created_at = minutes_before(now, deployment.ago);
    Ok(SeedDeployment {
        sha: sha.clone(),
        environment: deployment.environment.to_owned(),
        creator: super::BOT.to_owned(),
        payload: serde_json::json!({
            "deploybot": 1,
            "request_id": format!("slack:T0TEAM:Ev0{}{place}", story.name.to_uppercase()),
            "kind": kind,
            "requester": {"slack": slack, "github": deployment.by.login, "name": deployment.by.login},
            "reply": {"channel": cast.channel, "thread_ts": null},
            "replaces": replaced.map(Sha::as_str),
        }),
        description: None,
        created_at,
        statuses: statuses(story, place, now),
    })
}

/// The steps of a deployment, and its end in an environment where a newer one
/// puts it aside.
fn statuses(story: &Story, place: usize, now: Timestamp) -> Vec<SeedStatus> {
    let deployment = &story.deployments[place];
    let created_at = minutes_before(now, deployment.ago);
    // No two take exactly as long.
    let more = i64::try_from(place * 5 % 13).expect("it is below 13");
    let status = |state, seconds, description: &str| SeedStatus {
        state,
        description: description.to_owned(),
        at: seconds_after(created_at, seconds),
    };
    let mut statuses = vec![
        status(DeploymentState::Queued, 2, "waiting for a runner"),
        status(DeploymentState::InProgress, 8, "rendering"),
        status(
            DeploymentState::InProgress,
            15 + more,
            "rolling out: 1 of 3 pods ready",
        ),
    ];
    if let Outcome::Failure(words) = deployment.outcome {
        statuses.push(status(DeploymentState::Failure, 63 + more, words));
        return statuses;
    }
    statuses.push(status(
        DeploymentState::InProgress,
        27 + more,
        "rolling out: 2 of 3 pods ready",
    ));
    statuses.push(status(
        DeploymentState::Success,
        39 + more,
        "3 of 3 pods ready",
    ));
    let newer = story.deployments[place + 1..]
        .iter()
        .find(|newer| newer.environment == deployment.environment && newer.succeeded());
    if let Some(newer) = newer.filter(|_| deployment.environment != "production") {
        statuses.push(SeedStatus {
            state: DeploymentState::Inactive,
            description: String::new(),
            at: seconds_after(minutes_before(now, newer.ago), 45),
        });
    }
    statuses
}

impl Story {
    fn commit_numbered<'a>(&self, number: u32, commits: &'a [Sha]) -> anyhow::Result<&'a Sha> {
        let suffix = format!("(#{number})");
        self.commits
            .iter()
            .position(|commit| {
                commit
                    .message
                    .lines()
                    .next()
                    .is_some_and(|line| line.ends_with(&suffix))
            })
            .map(|place| &commits[place])
            .with_context(|| format!("{} has no commit {suffix}", self.name))
    }
}

impl Deployment {
    fn succeeded(&self) -> bool {
        !matches!(self.outcome, Outcome::Failure(_))
    }
}

fn minutes_before(time: Timestamp, minutes: i64) -> Timestamp {
    time - SignedDuration::from_mins(minutes)
}

fn seconds_after(time: Timestamp, seconds: i64) -> Timestamp {
    time + SignedDuration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::super::{api, people, web};
    use super::*;

    const STORIES: [&Story; 3] = [&people::STORY, &api::STORY, &web::STORY];

    #[test]
    fn every_edit_fits_the_file_it_changes() {
        for story in STORIES {
            let mut files = BTreeMap::new();
            for commit in story.commits.iter().chain(story.arrives) {
                for edit in commit.edits {
                    edit.apply(&mut files).unwrap();
                }
            }
        }
    }

    #[test]
    fn a_newcomer_finds_the_place_for_their_name() {
        let mut files = BTreeMap::new();
        for edit in people::STORY.commits.iter().flat_map(|commit| commit.edits) {
            edit.apply(&mut files).unwrap();
        }
        assert_eq!(files[people::PAGE].matches(people::MARKER).count(), 1);
    }

    #[test]
    fn time_goes_forward() {
        for story in STORIES {
            let commits = story
                .commits
                .iter()
                .chain(story.arrives)
                .map(|commit| commit.ago);
            assert!(
                commits.is_sorted_by(|older, newer| older > newer),
                "{}",
                story.name
            );
            let deployments = story.deployments.iter().map(|deployment| deployment.ago);
            assert!(
                deployments.is_sorted_by(|older, newer| older > newer),
                "{}",
                story.name
            );
        }
    }

    #[test]
    fn only_what_passed_its_checks_was_deployed_and_only_once_it_was_merged() {
        for story in STORIES {
            for deployment in story.deployments {
                let suffix = format!("(#{})", deployment.number);
                let headline =
                    |commit: &&Commit| commit.message.lines().next().unwrap().ends_with(&suffix);
                let commit = story.commits.iter().find(headline).expect(&suffix);
                assert_eq!(commit.failed, None, "{} {suffix}", story.name);
                assert!(commit.ago > deployment.ago, "{} {suffix}", story.name);
                assert!(story.environments.contains(&deployment.environment));
            }
        }
    }
}
