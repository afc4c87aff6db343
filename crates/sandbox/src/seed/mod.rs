//! What is there when the sandbox starts: the people, the channel, and three
//! repositories with a past, or people's own clones.

mod api;
mod clones;
pub(crate) mod people;
pub(crate) mod person;
mod story;
mod web;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use simulators::github::{Checks, Github, NewRepository, Workflow, git};
use simulators::slack::{NewChannel, NewUser, Slack};

use self::story::{BRANCH, Story};

pub(crate) use self::clones::Unfit;

/// The owner of all repositories, which bare names take.
pub const OWNER: &str = "acme";

/// The login of the bot on the simulated GitHub.
pub(crate) const BOT: &str = "deploybot";

/// The channel in which everything is said.
const CHANNEL: &str = "deploys";

/// The environments of a clone, about which nothing else is known.
const ENVIRONMENTS_OF_CLONES: [&str; 2] = ["production", "staging"];

/// Who is there, by their ids in the simulated Slack.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    /// The id of the channel.
    pub(crate) channel: String,
    /// The id of each person, by login.
    pub(crate) slack: BTreeMap<&'static str, String>,
}

/// Adds the people and the channel to both simulators.
pub(crate) fn cast(github: &Github, slack: &Slack) -> Cast {
    let mut ids = BTreeMap::new();
    let mut members = Vec::new();
    github.add_user(BOT, BOT);
    for person in person::EVERYONE {
        github.add_user(person.login, person.name);
        let id = slack.add_user(NewUser {
            name: person.login.to_owned(),
            real_name: person.name.to_owned(),
            email: Some(person.email()),
            tz: person.zone.to_owned(),
            locale: "en-US".to_owned(),
        });
        ids.insert(person.login, id.to_string());
        members.push(id);
    }
    let channel = slack.add_channel(NewChannel {
        name: CHANNEL.to_owned(),
        topic: "What goes out, and what runs where".to_owned(),
        private: false,
        members,
        with_app: true,
    });
    Cast {
        channel: channel.to_string(),
        slack: ids,
    }
}

/// Adds the three repositories and their past; answers their names.
pub(crate) fn stories(
    github: &Github,
    cast: &Cast,
    folder: &Path,
    workflow: &Workflow,
    now: Timestamp,
) -> anyhow::Result<Vec<String>> {
    let all = [&people::STORY, &api::STORY, &web::STORY];
    all.iter()
        .map(|story| {
            add_story(story, github, cast, folder, workflow, now)
                .with_context(|| format!("cannot make the repository {}", story.name))
        })
        .collect()
}

fn add_story(
    story: &Story,
    github: &Github,
    cast: &Cast,
    folder: &Path,
    workflow: &Workflow,
    now: Timestamp,
) -> anyhow::Result<String> {
    let git = git::Repository::init(&folder.join(story.name), BRANCH)?;
    let commits = story::commit(story, &git, now)?;
    let full_name = format!("{OWNER}/{}", story.name);
    github.add_repository(NewRepository {
        owner: OWNER.to_owned(),
        name: story.name.to_owned(),
        git,
        default_branch: BRANCH.to_owned(),
        environments: story
            .environments
            .iter()
            .map(|&name| name.to_owned())
            .collect(),
        workflow: workflow.clone(),
    })?;
    story::recall(story, &full_name, &commits, github, cast, now)?;
    if let (Some(arrives), Some(newest)) = (story.arrives, commits.last()) {
        github.push(&full_name, BRANCH, newest, arrives.by.login)?;
    }
    Ok(full_name)
}

/// Adds people's clones, whose past checks are made up; answers their names.
pub(crate) fn clones(
    github: &Github,
    clones: &[PathBuf],
    folder: &Path,
    workflow: &Workflow,
) -> anyhow::Result<Vec<String>> {
    let workflow = Workflow {
        checks: Checks {
            derived: true,
            ..workflow.checks.clone()
        },
        ..workflow.clone()
    };
    let mut names = Vec::new();
    for served in clones::open(clones, folder)? {
        names.push(format!("{OWNER}/{}", served.name));
        github.add_repository(NewRepository {
            owner: OWNER.to_owned(),
            name: served.name,
            default_branch: served.git.default_branch().to_owned(),
            git: served.git,
            environments: ENVIRONMENTS_OF_CLONES.map(str::to_owned).to_vec(),
            workflow: workflow.clone(),
        })?;
    }
    Ok(names)
}
