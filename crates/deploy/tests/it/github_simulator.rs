//! The client against the simulated GitHub, over a branch that is longer than
//! one answer.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use std::collections::HashMap;

use deploy::{
    Clock,
    gate::{CommitFacts, Decision, Facts, RepositoryFacts, evaluate},
    github::{Client, Config, Credentials, Error, NewDeployment},
    model::{DeploymentState, EnvironmentName, NewRequest, Person, ReplyAddress, RepositoryName},
};
use jiff::Timestamp;
use simulators::github::{
    CheckStatus, Conclusion, NewRepository, SeedCheck, SeedDeployment, SeedStatus, Workflow,
    git::{Repository, Sha, Signature},
};
use tempfile::TempDir;

use crate::world::{GITHUB_TOKEN, World};

/// More than three answers hold, and so many that two of them begin with the
/// same four digits: these do, and their SHAs never change.
const COMMITS: usize = 400;

/// A world with the repository `acme/long`; its commits, newest first.
struct Long {
    world: World,
    commits: Vec<Sha>,
    _folder: TempDir,
}

impl Long {
    async fn new() -> Self {
        Self::with_previews(false).await
    }

    /// With more environments than one answer lists, or without.
    async fn with_previews(has_previews: bool) -> Self {
        let world = World::new().await;
        let folder = tempfile::tempdir().unwrap();
        let git = Repository::init(&folder.path().join("long"), "main").unwrap();
        let mut commits: Vec<Sha> = (0..COMMITS).map(|n| commit(&git, n)).collect();
        commits.reverse();
        // By name, all of these come before production and staging.
        let mut environments: Vec<String> = (0..120).map(|n| format!("pr-{n:03}")).collect();
        environments.retain(|_| has_previews);
        environments.extend(["production".to_owned(), "staging".to_owned()]);
        let repository = NewRepository {
            owner: "acme".to_owned(),
            name: "long".to_owned(),
            git,
            default_branch: "main".to_owned(),
            environments,
            workflow: Workflow::quick(),
        };
        world.github.add_repository(repository).unwrap();
        Self {
            world,
            commits,
            _folder: folder,
        }
    }

    fn client(&self) -> Client {
        let api_url = self.world.config().github_api_url;
        Client::new(
            Config::new(api_url, Credentials::Token(GITHUB_TOKEN.into())),
            Clock::system(),
        )
        .unwrap()
    }

    fn passed(&self, place: usize) {
        let check = SeedCheck {
            sha: self.commits[place].clone(),
            name: "build".to_owned(),
            status: CheckStatus::Completed(Conclusion::Success),
            started_at: at(0),
            completed_at: Some(at(1)),
        };
        self.world.github.seed_check("acme/long", check).unwrap();
    }

    fn deployed(
        &self,
        place: usize,
        environment: &str,
        state: simulators::github::DeploymentState,
        minute: i64,
    ) {
        let status = SeedStatus {
            state,
            description: String::new(),
            at: at(minute * 60 + 1),
        };
        let deployment = SeedDeployment {
            sha: self.commits[place].clone(),
            environment: environment.to_owned(),
            creator: "minji".to_owned(),
            payload: serde_json::json!({"other": "tool"}),
            description: None,
            created_at: at(minute * 60),
            statuses: vec![status],
        };
        self.world
            .github
            .seed_deployment("acme/long", deployment)
            .unwrap();
    }

    async fn facts(&self, asked: &str) -> RepositoryFacts {
        self.facts_of(asked, &production()).await
    }

    async fn facts_of(&self, asked: &str, environment: &EnvironmentName) -> RepositoryFacts {
        let facts = self
            .client()
            .facts(&long(), environment, &asked.parse().unwrap())
            .await;
        match facts.unwrap() {
            Facts::Repository(facts) => *facts,
            Facts::NoRepository { .. } => panic!("there is one"),
        }
    }

    fn calls(&self, operation: &str) -> u64 {
        self.world.calls(&format!("POST /api/graphql {operation}"))
    }
}

fn commit(git: &Repository, n: usize) -> Sha {
    let author = Signature {
        name: "minji".to_owned(),
        email: "minji@acme.test".to_owned(),
        at: at(i64::try_from(n).unwrap()),
        offset_seconds: 0,
    };
    let file = ("n".to_owned(), Some(n.to_string().into_bytes()));
    git.commit_files("main", &[file], &format!("Commit {n}"), &author, &author)
        .unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn long() -> RepositoryName {
    RepositoryName::parse("acme/long", None).unwrap()
}

fn production() -> EnvironmentName {
    "production".parse().unwrap()
}

#[tokio::test]
async fn commits_beyond_the_newest_hundred_are_told_rightly() {
    use simulators::github::DeploymentState::{Failure, Success};
    let long = Long::new().await;
    long.deployed(300, "production", Success, 1);
    long.deployed(200, "production", Failure, 2);
    long.deployed(10, "staging", Success, 3);
    long.passed(5);
    long.passed(250);

    let (status, _) = long.client().status(&self::long(), 50).await.unwrap();
    assert_eq!(status.commits.len(), 50);
    let behind: Vec<_> = status
        .environments
        .iter()
        .map(|one| (one.name.to_string(), one.live.as_ref().unwrap().behind))
        .collect();
    let expected = [
        ("production".to_owned(), Some(300)),
        ("staging".to_owned(), Some(10)),
    ];
    assert_eq!(behind, expected);
    assert_eq!((long.calls("Status"), long.calls("Compare")), (1, 1));

    // From a live commit far back to one of the newest.
    let facts = long.facts(long.commits[5].short()).await;
    let changes = facts.changes.clone().unwrap();
    assert_eq!((changes.ahead, changes.behind), (295, 0));
    assert_eq!(changes.commits.len(), 10);
    assert_eq!(changes.commits[0].sha.as_str(), long.commits[5].as_str());
    assert!(matches!(
        evaluate(&Facts::Repository(Box::new(facts)), None),
        Decision::Ready(_)
    ));

    // Between two that are far back.
    let facts = long.facts(long.commits[250].as_str()).await;
    assert!(facts.found().unwrap().is_on_branch);
    let changes = facts.changes.unwrap();
    assert_eq!((changes.ahead, changes.behind), (50, 0));
    assert_eq!(changes.commits[0].sha.as_str(), long.commits[250].as_str());
    long.world.end().await;
}

#[tokio::test]
async fn many_previews_do_not_hide_production() {
    use simulators::github::DeploymentState::Success;
    let long = Long::with_previews(true).await;
    long.deployed(30, "production", Success, 1);
    long.deployed(20, "staging", Success, 2);
    for minute in 3..50 {
        long.deployed(10, "pr-001", Success, minute);
    }
    long.passed(5);
    let newest = long.commits[5].as_str();
    for asked in ["production", "prod", "PROD", "Production"] {
        let facts = long.facts_of(newest, &asked.parse().unwrap()).await;
        let environment = facts.environment.clone().unwrap();
        assert_eq!(environment.name.as_str(), "production", "{asked}");
        let live = environment.live.unwrap().commit.sha;
        assert_eq!(live.as_str(), long.commits[30].as_str());
        let decision = evaluate(&Facts::Repository(Box::new(facts)), None);
        assert!(matches!(decision, Decision::Ready(_)), "{decision:?}");
        let asked = asked.parse().unwrap();
        let client = long.client();
        let history = client.history(&self::long(), Some(&asked), 10).await;
        let history = history.unwrap().0.environments.remove(0);
        assert_eq!(history.environment.as_str(), "production");
        assert!(history.deployments[0].live);
    }
    let moon = long.facts_of(newest, &"moon".parse().unwrap()).await;
    assert_eq!(moon.environment, None);
    assert_eq!((long.calls("Facts"), long.calls("History")), (5, 4));

    let (status, _) = long.client().status(&self::long(), 5).await.unwrap();
    let first = &status.environments[0];
    assert_eq!(first.name.as_str(), "production");
    let live = first.live.as_ref().unwrap();
    assert_eq!(live.commit.sha.as_str(), long.commits[30].as_str());
    let history = long.client().history(&self::long(), None, 10).await;
    let history = history.unwrap().0.environments;
    assert_eq!(history[0].environment.as_str(), "production");
    assert!(history[0].deployments[0].live);
    assert_eq!((long.calls("Status"), long.calls("History")), (1, 5));
    assert_eq!(long.calls("Deployments"), 0);
    long.world.end().await;
}

#[tokio::test]
async fn a_busy_environment_does_not_hide_what_runs_in_a_quiet_one() {
    use simulators::github::DeploymentState::{Failure, Success};
    let long = Long::new().await;
    long.deployed(300, "production", Success, 1);
    long.deployed(299, "production", Success, 2);
    for minute in 3..105 {
        long.deployed(10, "staging", Failure, minute);
    }
    let (history, _) = long
        .client()
        .history(&self::long(), None, 10)
        .await
        .unwrap();
    let told: Vec<_> = history
        .environments
        .iter()
        .map(|one| (one.environment.as_str(), one.deployments.len(), one.more))
        .collect();
    assert_eq!(told, [("production", 1, true), ("staging", 10, true)]);
    let newest = &history.environments[0].deployments[0];
    assert_eq!(newest.commit.sha.as_str(), long.commits[299].as_str());
    assert!(newest.live && !newest.steps.is_empty(), "{newest:?}");
    assert_eq!((long.calls("History"), long.calls("Deployments")), (1, 0));
    long.world.end().await;
}

#[tokio::test]
async fn four_digits_may_stand_for_one_commit_for_two_or_for_none() {
    let long = Long::new().await;
    let mut by_digits: HashMap<&str, Vec<&Sha>> = HashMap::new();
    for sha in &long.commits {
        by_digits.entry(&sha.as_str()[..4]).or_default().push(sha);
    }
    let (digits, shared) = by_digits
        .iter()
        .find(|(_, shas)| shas.len() > 1)
        .expect("the messages are chosen so");
    let CommitFacts::Ambiguous(commits) = long.facts(digits).await.commit else {
        panic!("{digits} stands for {shared:?}")
    };
    let mut told: Vec<&str> = commits.iter().map(|commit| commit.sha.as_str()).collect();
    let mut shared: Vec<&str> = shared.iter().map(|sha| sha.as_str()).collect();
    told.sort_unstable();
    shared.sort_unstable();
    assert_eq!(told, shared);

    let found = long.facts(long.commits[399].short()).await;
    assert_eq!(found.found().unwrap().commit.headline, "Commit 0");

    let missing = (0..u16::MAX)
        .map(|digits| format!("{digits:04x}"))
        .find(|digits| !by_digits.contains_key(digits.as_str()));
    let facts = long.facts(&format!("{}000", missing.unwrap())).await;
    assert!(
        matches!(facts.commit, CommitFacts::Unknown { .. }),
        "{:?}",
        facts.commit
    );
    long.world.end().await;
}

#[tokio::test]
async fn a_deployment_is_created_found_and_followed_to_its_end() {
    let long = Long::new().await;
    long.passed(0);
    let facts = Facts::Repository(Box::new(long.facts(long.commits[0].as_str()).await));
    let Decision::Ready(decided) = evaluate(&facts, None) else {
        panic!("{facts:?}")
    };
    let asked = NewRequest {
        id: "slack:T1:Ev1".parse().unwrap(),
        repository: self::long(),
        environment: production(),
        commit: (&decided.commit.sha).into(),
        kind: deploy::model::Kind::Deploy,
        requester: Person {
            name: "Minji".to_owned(),
            ..Person::default()
        },
        reply: ReplyAddress::default(),
        expected_live: None,
    };
    let client = long.client();
    let created = client
        .create(&NewDeployment::of(&asked, &decided))
        .await
        .unwrap();

    let found = client
        .find(&self::long(), &production(), &decided.commit.sha, &asked.id)
        .await
        .unwrap()
        .expect("it was made");
    assert_eq!(found.id, created.id);
    assert_eq!(found.requester, asked.requester);

    let followed = async {
        loop {
            let mut followed = client.follow(&[(self::long(), created.id.clone())]).await;
            let (_, deployment) = followed.remove(0);
            let deployment = deployment.unwrap().expect("it is there");
            if deployment.state.has_ended() {
                return deployment;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let ended = tokio::time::timeout(crate::service::PATIENCE, followed)
        .await
        .unwrap();
    assert_eq!(ended.state, DeploymentState::Succeeded);
    assert!(
        !ended.steps.is_empty() && !ended.environment_url.is_empty(),
        "{ended:?}"
    );

    let (history, _) = client
        .history(&self::long(), Some(&"PROD".parse().unwrap()), 10)
        .await
        .unwrap();
    assert!(history.environments[0].deployments[0].live);
    let names = client.repositories("acme").await.unwrap();
    assert!(names.contains(&"long".to_owned()), "{names:?}");
    long.world.end().await;
}

#[tokio::test]
async fn the_app_asks_with_the_tokens_that_github_gives_it() {
    use simulators::github::App;
    const TOKENS: &str = "POST /api/v3/app/installations/{installation_id}/access_tokens";
    let long = Long::new().await;
    let github = &long.world.github;
    let app = App::new(1234, "deploybot", crate::github_app_server::KEY).unwrap();
    github.register_app(app);

    let client = Client::new(config_of_app(&long), Clock::system()).unwrap();
    let error = client.status(&self::long(), 1).await.unwrap_err();
    assert!(matches!(error, Error::NotInstalled { .. }), "{error:?}");
    github.install_app("acme", None);
    // That it was missing is remembered for a while, but not by another.
    let client = Client::new(config_of_app(&long), Clock::system()).unwrap();
    let asked = async || client.status(&self::long(), 1).await.map(|_status| ());
    asked().await.unwrap();
    asked().await.unwrap();
    assert_eq!(long.world.calls(TOKENS), 1);
    github.expire_tokens();
    asked().await.unwrap();
    assert_eq!(long.world.calls(TOKENS), 2);
    github.uninstall_app("acme");
    let error = asked().await.unwrap_err();
    assert!(matches!(error, Error::NotInstalled { .. }), "{error:?}");
    long.world.end().await;
}

fn config_of_app(long: &Long) -> Config {
    let credentials = Credentials::App {
        id: 1234,
        private_key: crate::github_app_server::KEY.into(),
    };
    Config::new(long.world.config().github_api_url, credentials)
}
