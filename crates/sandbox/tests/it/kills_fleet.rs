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

/// Repositories whose deployments succeed.
const REPOSITORIES: usize = 4;
/// Each so many requests, one asks for what was asked for just before.
const TWICE: usize = 12;
/// Each so many, one does not succeed, as long as there are such.
const EVERY: usize = 3;
/// More at once than GitHub takes in a minute.
pub(crate) const BURST: usize = 90;
/// How many of them, the last, somebody withdraws who sees that they wait.
const WITHDRAWN: usize = 6;
/// How many deployments fail, and how many nobody picks up.
const FAILING: usize = 6;
const NOT_PICKED_UP: usize = 10;

/// How a deployment fares, which its repository decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    Succeeds,
    Fails,
    NobodyPicksItUp,
    /// It succeeds, if nobody withdraws it before it goes out.
    IsWithdrawn,
}

impl Fate {
    /// That of what a repository deploys.
    pub(crate) fn of(repository: &str) -> Self {
        match repository {
            "fails" => Self::Fails,
            "not-picked-up" => Self::NobodyPicksItUp,
            "withdrawn" => Self::IsWithdrawn,
            _ => Self::Succeeds,
        }
    }

    /// That of what a message is about.
    pub(crate) fn of_words(words: &str) -> Self {
        let named = names().find(|name| words.contains(&format!("*{name}*")));
        named.map_or(Self::Succeeds, |name| Self::of(&name))
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ask {
    pub(crate) repository: String,
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
    pub(crate) repository: String,
    pub(crate) number: u64,
    /// The request in its payload.
    pub(crate) request: String,
    /// Its states, newest first.
    pub(crate) states: Vec<String>,
}

/// Lifts the limits of GitHub that hundreds of starts in a minute would come up
/// against, and adds repositories; so many requests for them, all of which
/// succeed.
pub(crate) fn ordinary(github: &Github, folder: &Path, requests: usize) -> Vec<Ask> {
    let mut fleet = add_all(github, folder, requests);
    one_after_another(&mut fleet, Vec::new(), requests)
}

/// The same with requests that end in all ways, and behind them a burst of
/// others.
pub(crate) fn of_all_fates(github: &Github, folder: &Path, requests: usize) -> Vec<Ask> {
    let all = requests + BURST - WITHDRAWN;
    let mut fleet = add_all(github, folder, all);
    let mut some = |place: usize, count| fleet[place].drain(..count).collect::<Vec<_>>();
    let fails = some(REPOSITORIES, FAILING);
    let not_picked_up = some(REPOSITORIES + 1, NOT_PICKED_UP);
    let withdrawn = some(REPOSITORIES + 2, WITHDRAWN);
    let others = [fails, not_picked_up].concat();
    let mut asks = one_after_another(&mut fleet, others, all);
    asks.extend(withdrawn);
    asks
}

/// What can be asked for in each of the repositories.
fn add_all(github: &Github, folder: &Path, requests: usize) -> Vec<Vec<Ask>> {
    github.set_limits(Limits {
        secondary: None,
        ..Limits::hourly(1_000_000)
    });
    let environments = requests.div_ceil(REPOSITORIES);
    names()
        .map(|name| add(github, folder, &name, environments))
        .collect()
}

/// Requests that succeed, some twice, with the others among them.
fn one_after_another(fleet: &mut [Vec<Ask>], others: Vec<Ask>, requests: usize) -> Vec<Ask> {
    let mut others = others.into_iter();
    let mut asks: Vec<Ask> = Vec::new();
    for number in 0..requests {
        let other = if number.is_multiple_of(EVERY) {
            others.next()
        } else {
            None
        };
        let again = (number % TWICE == TWICE - 1).then(|| asks.last().cloned());
        let next = || {
            fleet[number % REPOSITORIES]
                .pop()
                .expect("there are enough")
        };
        asks.push(other.or(again.flatten()).unwrap_or_else(next));
    }
    asks
}

fn names() -> impl Iterator<Item = String> {
    let succeed = (0..REPOSITORIES).map(|number| format!("fleet-{number}"));
    let others = ["fails", "not-picked-up", "withdrawn"];
    succeed.chain(others.map(str::to_owned))
}

/// Adds a repository with so many environments; what can be asked for there.
fn add(github: &Github, folder: &Path, name: &str, environments: usize) -> Vec<Ask> {
    let git = Repository::init(&folder.join(name), "main").unwrap();
    let at = Timestamp::from_second(1_790_000_000).unwrap();
    let author = Signature {
        name: "minji".to_owned(),
        email: "minji@users.noreply.example".to_owned(),
        at,
        offset_seconds: 0,
    };
    let file = ("index.html".to_owned(), Some(name.as_bytes().to_vec()));
    let message = match Fate::of(name) {
        Fate::Fails => "Begin\n\nSimulate: fail rollout",
        _ => "Begin",
    };
    let sha = git.commit_files("main", &[file], message, &author, &author);
    let sha = sha.unwrap();
    let mut workflow = Workflow::quick();
    if Fate::of(name) == Fate::NobodyPicksItUp {
        workflow.deploy.clear();
    }
    let environments: Vec<String> = (0..environments)
        .map(|number| format!("region-{number:03}"))
        .collect();
    github
        .add_repository(NewRepository {
            owner: OWNER.to_owned(),
            name: name.to_owned(),
            git,
            default_branch: "main".to_owned(),
            environments: environments.clone(),
            workflow,
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
    let ask = |environment| Ask {
        repository: name.to_owned(),
        environment,
        sha: sha.to_string(),
    };
    environments.into_iter().map(ask).collect()
}

/// All deployments in these repositories.
pub(crate) async fn deployments(channel: &Channel) -> Vec<Made> {
    let mut made = Vec::new();
    for name in names() {
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
                repository: name.clone(),
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
