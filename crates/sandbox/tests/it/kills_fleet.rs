//! Repositories with so many environments that requests need not wait for each
//! other, what is asked for there, and what GitHub has of it in the end.

use std::path::Path;

use jiff::Timestamp;
use sandbox::OWNER;
use simulators::github::{
    CheckStatus, Conclusion, Github, Limits, NewRepository, SeedCheck, Workflow,
    git::{Repository, Signature},
};

use crate::channel::Channel;

const REPOSITORIES: usize = 4;
/// Each so many requests, one asks for what was asked for just before.
const TWICE: usize = 12;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ask {
    repository: String,
    environment: String,
    sha: String,
}

impl Ask {
    /// As a person writes it.
    pub(crate) fn words(&self) -> String {
        let Self {
            repository,
            environment,
            sha,
        } = self;
        format!("@deploybot deploy {repository} {environment} {sha}")
    }
}

/// A deployment as GitHub tells it.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) number: u64,
    /// The request in its payload.
    pub(crate) request: String,
    /// Its states, newest first.
    pub(crate) states: Vec<String>,
}

/// Adds the repositories, and lifts the limits of GitHub that hundreds of
/// starts in a minute would come up against; what is to be asked there.
pub(crate) fn build(github: &Github, folder: &Path, requests: usize) -> Vec<Ask> {
    github.set_limits(Limits {
        secondary: None,
        ..Limits::hourly(1_000_000)
    });
    let environments: Vec<String> = (0..requests.div_ceil(REPOSITORIES))
        .map(|number| format!("region-{number:02}"))
        .collect();
    let shas: Vec<String> = (0..REPOSITORIES)
        .map(|number| add(github, folder, &name(number), &environments))
        .collect();
    let mut asks: Vec<Ask> = Vec::new();
    for number in 0..requests {
        let next = number - number / TWICE;
        asks.push(match asks.last() {
            Some(last) if number % TWICE == TWICE - 1 => last.clone(),
            _ => Ask {
                repository: name(next % REPOSITORIES),
                environment: environments[next / REPOSITORIES].clone(),
                sha: shas[next % REPOSITORIES].clone(),
            },
        });
    }
    asks
}

fn name(number: usize) -> String {
    format!("fleet-{number}")
}

fn add(github: &Github, folder: &Path, name: &str, environments: &[String]) -> String {
    let git = Repository::init(&folder.join(name), "main").unwrap();
    let at = Timestamp::from_second(1_790_000_000).unwrap();
    let author = Signature {
        name: "minji".to_owned(),
        email: "minji@users.noreply.example".to_owned(),
        at,
        offset_seconds: 0,
    };
    let file = ("index.html".to_owned(), Some(name.as_bytes().to_vec()));
    let sha = git.commit_files("main", &[file], "Begin", &author, &author);
    let sha = sha.unwrap();
    github
        .add_repository(NewRepository {
            owner: OWNER.to_owned(),
            name: name.to_owned(),
            git,
            default_branch: "main".to_owned(),
            environments: environments.to_vec(),
            workflow: Workflow::quick(),
        })
        .unwrap();
    let check = SeedCheck {
        sha: sha.clone(),
        name: "build".to_owned(),
        status: CheckStatus::Completed(Conclusion::Success),
        started_at: at,
        completed_at: Some(at),
    };
    github
        .seed_check(&format!("{OWNER}/{name}"), check)
        .unwrap();
    sha.to_string()
}

/// All deployments in these repositories.
pub(crate) async fn deployments(channel: &Channel) -> Vec<Made> {
    let mut made = Vec::new();
    for number in 0..REPOSITORIES {
        let name = name(number);
        let listed = channel
            .github(&format!("{name}/deployments?per_page=100"))
            .await;
        let listed = listed.as_array().unwrap().clone();
        assert!(listed.len() < 100, "there may be more than one page");
        for deployment in listed {
            let number = deployment["id"].as_u64().unwrap();
            let path = format!("{name}/deployments/{number}/statuses?per_page=100");
            let statuses = channel.github(&path).await;
            let request = &deployment["payload"]["request_id"];
            made.push(Made {
                number,
                request: request.as_str().unwrap_or_default().to_owned(),
                states: statuses
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|status| status["state"].as_str().unwrap().to_owned())
                    .collect(),
            });
        }
    }
    made
}
