//! A town: a simulated GitHub with many repositories, and a deploy that serves
//! it, both by one clock that goes many times as fast as the machine's. A day
//! is over in minutes, and every limit of GitHub's holds as on a real day.
//!
//! What the clock hastens: the limits, tokens and workflows of the simulator,
//! and what deploy's worker waits for (the poll, retries, turns, looks). What it
//! does not: leases, deadlines of calls, the disk (the journal is in memory) and
//! the moment for which webhooks are gathered, which is so many times as long
//! here.

use std::{net::SocketAddr, num::NonZeroU32, path::Path, sync::Arc, time::Duration};

use axum::Router;
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use deploy_proto::v1::deploy_service_client::DeployServiceClient;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::{SignedDuration, Timestamp};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use sandbox::{GITHUB_APP_ID, GITHUB_TOKEN, OWNER};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulators::{
    Clock,
    github::{
        self, App, CheckStatus, CheckStep, Checks, Conclusion, DeployStep, DeploymentState, Github,
        NewRepository, SAMPLE_APP_KEY, SeedCheck, Webhook, Workflow,
        git::{Repository, Sha, Signature},
    },
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel as Grpc;

use crate::program::ANYWHERE;

/// How many commits each repository begins with, all of them checked.
const COMMITS: usize = 3;
/// Where each can be deployed to.
pub(crate) const ENVIRONMENTS: [&str; 2] = ["production", "staging"];
const SECRET: &str = "what both sides know";
/// How long the town may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A GitHub and its deploy.
pub(crate) struct Town {
    pub(crate) github: Github,
    pub(crate) deploy: DeployServiceClient<Grpc>,
    pub(crate) repositories: Vec<Arc<Place>>,
    speed: NonZeroU32,
    started: Instant,
    api: String,
    token: String,
    http: Client<HttpConnector, Full<Bytes>>,
    stop_deploy: CancellationToken,
    stop_github: CancellationToken,
    serving: JoinSet<anyhow::Result<()>>,
    running: JoinSet<()>,
    _folder: TempDir,
}

/// One of its repositories.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) git: Repository,
    pub(crate) commits: Vec<Sha>,
}

/// What an installation has spent of its hour, and what that allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) rest: u64,
    pub(crate) rest_limit: u64,
    pub(crate) graphql: u64,
    pub(crate) graphql_limit: u64,
}

impl Town {
    /// Builds it, with everything at rest, and lets time run.
    pub(crate) async fn build(repositories: usize, speed: u32) -> Self {
        let speed = NonZeroU32::new(speed).expect("time goes forward");
        let folder = in_memory();
        let listener = TcpListener::bind(ANYWHERE).await.expect("a port");
        let address = listener.local_addr().expect("a port");
        let github = Github::with_clock(
            github::Config {
                base_url: format!("http://{address}/github"),
                tokens: vec![(GITHUB_TOKEN.to_owned(), "bench".to_owned())],
                webhook: None,
            },
            Clock::default(),
        );
        github.register_app(App::sample(GITHUB_APP_ID, "deploybot"));
        let installation = github.install_app(OWNER, None);
        let places = (0..repositories)
            .map(|number| {
                let name = format!("service-{number}");
                Arc::new(found(&github, folder.path(), &name, &workflow()))
            })
            .collect();
        let (stop_github, stop_deploy) = (CancellationToken::new(), CancellationToken::new());
        let mut running = JoinSet::new();
        let app = Router::new().nest("/github", github.router());
        let stop = stop_github.clone();
        running.spawn(async move {
            let served = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
            served.await.expect("it serves");
        });
        let (runner, stop) = (github.clone(), stop_github.clone());
        running.spawn(async move { runner.run(stop).await });
        github.clock().set_speed(speed);
        let mut town = Self {
            deploy: DeployServiceClient::new(lazily(address)),
            github,
            repositories: places,
            speed,
            started: Instant::now(),
            api: format!("http://{address}/github/api/v3"),
            token: String::new(),
            http: Client::builder(TokioExecutor::new()).build_http(),
            stop_deploy,
            stop_github,
            serving: JoinSet::new(),
            running,
            _folder: folder,
        };
        town.start_deploy().await;
        town.token = town.mint(installation).await;
        town.started = Instant::now();
        town
    }

    async fn start_deploy(&mut self) {
        let listeners = deploy::Listeners {
            grpc: TcpListener::bind(ANYWHERE).await.expect("a port"),
            admin: TcpListener::bind(ANYWHERE).await.expect("a port"),
            web: Some(TcpListener::bind(ANYWHERE).await.expect("a port")),
        };
        let web = listeners.web.as_ref().map(TcpListener::local_addr);
        let web = web.expect("it was bound").expect("a port");
        self.github.set_webhook(Some(Webhook {
            url: format!("http://{web}/webhooks/github"),
            secret: SECRET.to_owned(),
        }));
        let grpc = listeners.grpc.local_addr().expect("a port");
        let config = deploy::Config {
            listen: grpc,
            admin_listen: ANYWHERE,
            web_listen: web,
            database: deploy::store::Database::Sqlite(self._folder.path().join("deploy.db")),
            github_api_url: self.api.parse().expect("an address"),
            github_credentials: deploy::github::Credentials::App {
                id: GITHUB_APP_ID,
                private_key: SecretString::from(SAMPLE_APP_KEY),
            },
            github_client_id: None,
            github_status_url: None,
            webhook_secret: Some(SecretString::from(SECRET)),
            github_owner: Some(OWNER.to_owned()),
            auth_token: None,
            environments: Vec::new(),
            poll_interval: Duration::from_secs(15),
            // A machine that is busy makes a minute of this clock short.
            pickup_timeout: Duration::from_mins(30),
            silence_timeout: Duration::from_mins(30),
            snapshot_age: Duration::from_mins(5),
        };
        let clock = self.github.clock().clone();
        let timing = deploy::Timing {
            clock: deploy::Clock::faster(move || clock.now(), self.speed),
            ..deploy::Timing::default()
        };
        let store = deploy::open_journal(&config).await.expect("a journal");
        let stop = self.stop_deploy.clone();
        self.serving
            .spawn(deploy::serve(config, store, listeners, timing, stop));
        self.deploy = DeployServiceClient::new(lazily(grpc));
    }

    /// How much time of the town's has passed since it was built.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed() * self.speed.get()
    }

    /// How old it was at a time of its clock.
    pub(crate) fn age_at(&self, time: Timestamp) -> Duration {
        let past = self.github.clock().now().duration_since(time);
        self.age()
            .saturating_sub(past.try_into().unwrap_or_default())
    }

    /// Waits until the town is that old.
    pub(crate) async fn until(&self, age: Duration) {
        tokio::time::sleep_until(self.started + age / self.speed.get()).await;
    }

    /// Waits for so much time of the town's.
    pub(crate) async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span / self.speed.get()).await;
    }

    /// Somebody merges a commit, which starts its checks.
    pub(crate) fn push(&self, place: &Place, author: &str, number: usize) -> Sha {
        let now = self.github.clock().now();
        let sha = commit(&place.git, author, number, now);
        let name = full_name(&place.name);
        self.github
            .push(&name, "main", &sha, author)
            .expect("it is there");
        sha
    }

    /// What the installation has spent of GitHub's present hour; asking costs
    /// nothing.
    pub(crate) async fn spent(&self) -> Spent {
        let authorization = format!("Bearer {}", self.token);
        let told = self.ask("GET", "/rate_limit", &authorization).await;
        let of = |resource: &str, field: &str| {
            told["resources"][resource][field]
                .as_u64()
                .expect("GitHub tells it")
        };
        Spent {
            rest: of("core", "used"),
            rest_limit: of("core", "limit"),
            graphql: of("graphql", "used"),
            graphql_limit: of("graphql", "limit"),
        }
    }

    /// Whether all checks of a commit have ended, as anybody can see on GitHub; it
    /// is asked with somebody else's token, and costs the installation nothing.
    pub(crate) async fn checks_are_over(&self, name: &str, sha: &Sha) -> bool {
        let path = format!("/repos/{}/commits/{sha}/check-runs", full_name(name));
        let told = self
            .ask("GET", &path, &format!("Bearer {GITHUB_TOKEN}"))
            .await;
        let runs = told["check_runs"].as_array().expect("GitHub tells them");
        !runs.is_empty() && runs.iter().all(|run| run["status"] == "completed")
    }

    /// A token of the installation that outlives the run. Those of deploy last
    /// an hour, as GitHub's do.
    async fn mint(&self, installation: u64) -> String {
        self.github.set_token_lifetime(Duration::from_hours(48));
        let path = format!("/app/installations/{installation}/access_tokens");
        let authorization = assertion(self.github.clock().now());
        let told = self.ask("POST", &path, &authorization).await;
        self.github.set_token_lifetime(Duration::from_hours(1));
        told["token"].as_str().expect("a token").to_owned()
    }

    async fn ask(&self, method: &str, path: &str, authorization: &str) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.api))
            .header("authorization", authorization)
            .header("user-agent", "deploybot-bench")
            .body(Full::default())
            .expect("a request");
        let answer = self.http.request(request).await.expect("an answer");
        let body = answer.into_body().collect().await.expect("all of it");
        serde_json::from_slice(&body.to_bytes()).expect("JSON")
    }

    /// Ends it.
    pub(crate) async fn raze(mut self) {
        self.stop_deploy.cancel();
        let ended = async {
            while let Some(ended) = self.serving.join_next().await {
                ended
                    .expect("deploy does not panic")
                    .expect("deploy ends well");
            }
            self.stop_github.cancel();
            while let Some(ended) = self.running.join_next().await {
                ended.expect("the simulator does not panic");
            }
        };
        let ended = tokio::time::timeout(PATIENCE, ended).await;
        ended.expect("the town ends");
    }
}

/// `owner/name`.
pub(crate) fn full_name(name: &str) -> String {
    format!("{OWNER}/{name}")
}

/// A folder in memory, where there is such: the clock does not hasten a disk,
/// which would have to write as much in a minute as in an hour.
fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.expect("a folder")
}

fn lazily(address: SocketAddr) -> Grpc {
    Grpc::from_shared(format!("http://{address}"))
        .expect("an address")
        .connect_lazy()
}

/// A repository with some commits that passed their checks.
pub(crate) fn found(github: &Github, folder: &Path, name: &str, workflow: &Workflow) -> Place {
    let git = Repository::init(&folder.join(name), "main").expect("a repository");
    let now = github.clock().now();
    let commits: Vec<Sha> = (0..COMMITS)
        .map(|number| {
            let hours = i64::try_from(COMMITS - number).expect("there are few");
            commit(
                &git,
                "bench",
                number,
                now - SignedDuration::from_hours(hours),
            )
        })
        .collect();
    let new = NewRepository {
        owner: OWNER.to_owned(),
        name: name.to_owned(),
        git: git.clone(),
        default_branch: "main".to_owned(),
        environments: ENVIRONMENTS.map(str::to_owned).to_vec(),
        workflow: workflow.clone(),
    };
    github.add_repository(new).expect("it is new");
    for sha in &commits {
        for check in &workflow.checks.run {
            let check = SeedCheck {
                sha: sha.clone(),
                name: check.name.clone(),
                status: CheckStatus::Completed(Conclusion::Success),
                started_at: now,
                completed_at: Some(now),
            };
            github
                .seed_check(&full_name(name), check)
                .expect("it is there");
        }
    }
    let name = name.to_owned();
    Place { name, git, commits }
}

fn commit(git: &Repository, author: &str, number: usize, at: Timestamp) -> Sha {
    let who = Signature {
        name: author.to_owned(),
        email: format!("{author}@users.noreply.example"),
        at,
        offset_seconds: 0,
    };
    let change = (
        "NOTES.md".to_owned(),
        Some(format!("{number}\n").into_bytes()),
    );
    git.commit_files("main", &[change], &format!("Change {number}"), &who, &who)
        .expect("a commit")
}

/// Checks that take two and a half minutes and a deployment that takes one and
/// a half, in the steps that a rollout tells.
pub(crate) fn workflow() -> Workflow {
    let check = |name: &str, seconds| CheckStep {
        name: name.to_owned(),
        takes: Duration::from_secs(seconds),
        log: Vec::new(),
    };
    let step = |seconds, state, description: &str| DeployStep {
        part: "rollout".to_owned(),
        failure: "It failed".to_owned(),
        takes: Duration::from_secs(seconds),
        state,
        description: description.to_owned(),
        log: Vec::new(),
    };
    let going = DeploymentState::InProgress;
    Workflow {
        checks: Checks {
            derived: false,
            run: vec![check("build", 60), check("test", 60), check("lint", 30)],
        },
        pick_up: Duration::from_secs(10),
        deploy: vec![
            step(5, DeploymentState::Queued, "waiting for a runner"),
            step(20, going, "rolling out: 1 of 3 pods ready"),
            step(20, going, "rolling out: 2 of 3 pods ready"),
            step(20, going, "rolling out: 3 of 3 pods ready"),
            step(15, DeploymentState::Success, "live in 3 of 3 pods"),
        ],
    }
}

/// By what the App itself is known: a JWT, RS256, good for some minutes.
fn assertion(now: Timestamp) -> String {
    let key: String = SAMPLE_APP_KEY
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let key = BASE64_STANDARD.decode(key).expect("the sample is PEM");
    let key = RsaKeyPair::from_der(&key)
        .or_else(|_| RsaKeyPair::from_pkcs8(&key))
        .expect("the sample is a key");
    let second = now.as_second();
    let claims = json!({"iat": second - 60, "exp": second + 500, "iss": GITHUB_APP_ID});
    let encoded = |part: Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
    let message = format!(
        "{}.{}",
        encoded(json!({"alg": "RS256", "typ": "JWT"})),
        encoded(claims)
    );
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    )
    .expect("it signs");
    format!(
        "Bearer {message}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    )
}
