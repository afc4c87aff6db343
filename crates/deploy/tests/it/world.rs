//! The world of a scenario: a simulated GitHub with one team's repositories,
//! and what a service in front of it is told.

mod repositories;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use axum::body::{Body, to_bytes};
use deploy::{
    Clock, Config, Timing,
    github::Credentials,
    store::{Database, Store},
};
use deploy_proto::v1;
use http::{Request, StatusCode};
use secrecy::SecretString;
use serde_json::Value;
use simulators::{
    control::{Fault, FaultKind},
    github::{
        self, App, CheckStatus, Checks, Conclusion, Github, SAMPLE_APP_KEY, SeedCheck, Webhook,
        Workflow, git::Sha,
    },
};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub(crate) use self::repositories::{FAILS, GREEN, NEWEST, OLDEST, RED};
use self::repositories::{add_repository, usual};
use crate::service::{Client, Service, eventually};

/// The token for GitHub; it must never be seen in a log.
pub(crate) const GITHUB_TOKEN: &str = "ghp_hush_github";
/// The route of the one call that makes something.
pub(crate) const CREATE: &str = "POST /api/v3/repos/{owner}/{repo}/deployments";
/// More than any answer of GitHub has.
const LARGEST: usize = 32 << 20;
/// The route of the query that collects the facts.
pub(crate) const FACTS: &str = "POST /api/graphql Facts";

/// Makes two tests of each scenario, one on either database; the name of the
/// test says which.
macro_rules! on_both {
    ($($scenario:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(crate::world::Engine::Sqlite).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(crate::world::Engine::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_both;

/// What the journal is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A file, as without any setting.
    Sqlite,
    /// A database of its own on the tests' server.
    Postgres,
}

/// A simulated GitHub with the repositories `acme/people`, whose workflow takes
/// some milliseconds, and `acme/api`, whose deployments nobody picks up.
pub(crate) struct World {
    pub(crate) github: Github,
    commits: Vec<Sha>,
    api_url: String,
    folder: TempDir,
    /// The journal's database, where it is no file.
    server: Option<test_postgres::Database>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl World {
    /// One whose journal is a file.
    pub(crate) async fn new() -> Self {
        Self::telling(None).await
    }

    /// One whose journal is kept in this.
    pub(crate) async fn on(engine: Engine) -> Self {
        let server = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(test_postgres::Database::create().await.unwrap()),
        };
        Self {
            server,
            ..Self::new().await
        }
    }

    /// One that sends webhooks.
    pub(crate) async fn telling(webhook: Option<Webhook>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let github = Github::new(github::Config {
            base_url: base_url.clone(),
            tokens: vec![(GITHUB_TOKEN.to_owned(), "deploybot".to_owned())],
            webhook,
        });
        let folder = tempfile::tempdir().unwrap();
        let people = Workflow::quick();
        let api = Workflow {
            checks: Checks::default(),
            ..Workflow::default()
        };
        let commits = add_repository(&github, &folder, "acme/people", people, &usual());
        add_repository(&github, &folder, "acme/api", api, &usual());
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let (running, stopped) = (github.clone(), stop.clone());
        tasks.spawn(async move { running.run(stopped).await });
        let (router, stopped) = (github.router(), stop.clone());
        tasks.spawn(async move {
            axum::serve(listener, router)
                .with_graceful_shutdown(stopped.cancelled_owned())
                .await
                .unwrap();
        });
        Self {
            github,
            commits,
            api_url: format!("{base_url}/api/v3"),
            folder,
            server: None,
            stop,
            tasks,
        }
    }

    /// Adds a repository of the same commits, whose workflow takes some
    /// milliseconds, with the environments `region-0` and so on.
    pub(crate) fn add_fleet(&self, name: &str, environments: usize) {
        let environments: Vec<String> = (0..environments)
            .map(|number| format!("region-{number}"))
            .collect();
        let quick = Workflow::quick();
        let name = format!("acme/{name}");
        add_repository(&self.github, &self.folder, &name, quick, &environments);
    }

    /// Adds a `people` of the same commits that is another owner's.
    pub(crate) fn add_owner(&self, owner: &str) {
        let (name, quick) = (format!("{owner}/people"), Workflow::quick());
        add_repository(&self.github, &self.folder, &name, quick, &usual());
    }

    /// A commit of either repository.
    pub(crate) fn sha(&self, position: usize) -> String {
        self.commits[position].to_string()
    }

    /// Where the journal is kept.
    pub(crate) fn database(&self) -> Database {
        match &self.server {
            Some(server) => Database::Postgres(server.url().into()),
            None => Database::Sqlite(self.file()),
        }
    }

    /// The journal's file, where it is one.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("deploy.db")
    }

    /// The journal, while no service has it.
    pub(crate) async fn journal(&self) -> Store {
        Store::open(&self.database(), Duration::ZERO).await.unwrap()
    }

    /// Changes the journal behind the service's back, while no service has it.
    pub(crate) async fn spoil_journal(&self, statement: &str) {
        if let Some(server) = &self.server {
            return server.run(statement).await.unwrap();
        }
        let url = format!("sqlite:{}", self.file().display());
        let mut journal = SqliteConnection::connect(&url).await.unwrap();
        let statement = sqlx::query(AssertSqlSafe(statement));
        statement.execute(&mut journal).await.unwrap();
        journal.close().await.unwrap();
    }

    pub(crate) fn config(&self) -> Config {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        Config {
            listen: loopback,
            admin_listen: loopback,
            web_listen: loopback,
            database: self.database(),
            github_api_url: self.api_url.parse().unwrap(),
            github_credentials: Credentials::Token(SecretString::from(GITHUB_TOKEN)),
            github_client_id: None,
            github_status_url: None,
            webhook_secret: None,
            github_owner: Some("acme".to_owned()),
            auth_token: None,
            environments: vec!["production".parse().unwrap(), "staging".parse().unwrap()],
            poll_interval: Duration::from_millis(20),
            pickup_timeout: Duration::from_secs(60),
            silence_timeout: Duration::from_secs(60),
            snapshot_age: Duration::ZERO,
        }
    }

    /// Installs the App for all of `acme`; the settings of a service that is
    /// this App.
    pub(crate) fn install_app(&self) -> Config {
        const APP: u64 = 7;
        self.github.register_app(App::sample(APP, "deploybot"));
        self.github.install_app("acme", None);
        Config {
            github_credentials: Credentials::App {
                id: APP,
                private_key: SecretString::from(SAMPLE_APP_KEY),
            },
            ..self.config()
        }
    }

    /// Waits so short that a test need not feel them.
    pub(crate) fn timing(&self) -> Timing {
        Timing {
            clock: Clock::system(),
            retry: Duration::from_millis(20),
            lease: Duration::from_millis(500),
            asking: Duration::from_secs(2),
            ..Timing::default()
        }
    }

    /// The service over this world's journal.
    pub(crate) async fn serve(&self) -> Service {
        self.serve_with(self.config()).await
    }

    /// As [`World::serve`], with other settings.
    pub(crate) async fn serve_with(&self, config: Config) -> Service {
        Service::start(config, self.timing()).await
    }

    /// How often a route was called and has answered, or was cut.
    pub(crate) fn calls(&self, route: &str) -> u64 {
        self.github
            .control()
            .counts()
            .get(route)
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn fault(&self, route: &str, times: u32, kind: FaultKind) {
        self.github.control().add_fault(Fault {
            route: route.to_owned(),
            skip: 0,
            times,
            kind,
        });
    }

    /// Waits until each fault has met its requests: they have arrived, and may
    /// still be under way.
    pub(crate) async fn has_faulted(&self, what: &str) {
        eventually(what, || async {
            self.github.control().faults().is_empty().then_some(())
        })
        .await;
    }

    /// Waits until so many calls of a route have been answered, or cut, whoever
    /// still waits for them.
    pub(crate) async fn has_answered(&self, route: &str, calls: u64) {
        eventually((route, calls), || async {
            (self.calls(route) == calls).then_some(())
        })
        .await;
    }

    /// Lets the lint of a commit fail that had passed.
    pub(crate) fn fail_check(&self, repository: &str, position: usize) {
        let at = Clock::system().now();
        let check = SeedCheck {
            sha: self.commits[position].clone(),
            name: "lint".to_owned(),
            status: CheckStatus::Completed(Conclusion::Failure),
            started_at: at,
            completed_at: Some(at),
        };
        let repository = format!("acme/{repository}");
        self.github.seed_check(&repository, check).unwrap();
    }

    /// A request to deploy a commit of `people` to production.
    pub(crate) fn ask(&self, id: &str, position: usize) -> v1::StartDeploymentRequest {
        v1::StartDeploymentRequest {
            request_id: id.to_owned(),
            repository: "people".to_owned(),
            environment: "production".to_owned(),
            commit: self.sha(position),
            kind: v1::DeploymentKind::Deploy.into(),
            requester: Some(v1::Person {
                slack: "U1".to_owned(),
                github: "minji".to_owned(),
                name: "Minji".to_owned(),
            }),
            reply: Some(v1::ReplyAddress {
                channel: "C1".to_owned(),
                thread_ts: String::new(),
                asked_ts: "1.1".to_owned(),
            }),
            expected_live: None,
        }
    }

    /// How many deployments GitHub has, of all that were made.
    pub(crate) async fn deployments(&self, client: &mut Client, repository: &str) -> usize {
        let history = client
            .list_history(v1::ListHistoryRequest {
                repository: repository.to_owned(),
                environment: None,
                page_size: Some(50),
            })
            .await
            .unwrap()
            .into_inner();
        let count = |environment: &v1::EnvironmentHistory| environment.deployments.len();
        history.environments.iter().map(count).sum()
    }

    /// Ends it; what the service asked for that GitHub does not have is told.
    pub(crate) async fn end(mut self) {
        let log = self.github.control().log();
        let unknown: Vec<_> = log
            .iter()
            .filter(|entry| entry.route.contains("no such"))
            .collect();
        assert!(
            unknown.is_empty(),
            "unknown routes were called: {unknown:?}"
        );
        let waiting = self.github.control().faults();
        assert!(waiting.is_empty(), "faults did not happen: {waiting:?}");
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

/// Writes a status of a deployment of `acme/api`, as its workflow would.
pub(crate) async fn write_status(world: &World, deployment: i64, state: &str) {
    let path = format!("deployments/{deployment}/statuses");
    let body = format!(r#"{{"state":"{state}"}}"#);
    let status = on_github(world, "POST", &path, &body).await;
    assert_eq!(status, StatusCode::CREATED);
}

/// Does something to `acme/api` that is not the service's doing.
pub(crate) async fn on_github(world: &World, method: &str, path: &str, body: &str) -> StatusCode {
    ask_github(world, method, "api", path, body).await.0
}

/// Asks GitHub about a repository as somebody else would; its answer, null where
/// it is none.
pub(crate) async fn ask_github(
    world: &World,
    method: &str,
    repository: &str,
    path: &str,
    body: &str,
) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v3/repos/acme/{repository}/{path}"))
        .header("authorization", format!("Bearer {GITHUB_TOKEN}"))
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = world.github.router().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), LARGEST).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}
