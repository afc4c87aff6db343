//! A GitHub to be asked, and somebody who hears its webhooks.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, extract::State, routing::post};
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Request, body::Bytes};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use simulators::github::{
    App, CheckStep, Checks, Config, DeployStep, DeploymentState, Github, NewRepository,
    SAMPLE_APP_KEY, Webhook, Workflow,
    git::{Repository, Signature},
};
use tokio::{net::TcpListener, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::node::node;

/// How long what the runner does may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The token that the GitHub accepts; it speaks for `bora`.
pub(crate) const TOKEN: &str = "a-token";

/// The App that is installed for `acme`; it signs with the simulators' sample key.
pub(crate) const APP: u64 = 7;

/// What GitHub declares for a repository, and the one that is asked for.
pub(crate) const DECLARED: &str = "/repos/{owner}/{repo}";
const PEOPLE: &str = "/repos/acme/people";
const STATUSES: &str = "/deployments/{deployment_id}/statuses";

/// A GitHub with the repository `acme/people`, its runner at work, somebody who
/// hears its webhooks, and all that it has answered.
pub(crate) struct World {
    pub(crate) github: Github,
    pub(crate) base: String,
    client: Client<HttpConnector, Full<Bytes>>,
    pub(crate) answers: Vec<Value>,
    heard: Heard,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
    directory: tempfile::TempDir,
}

/// The webhooks that came in.
type Heard = Arc<Mutex<Vec<Value>>>;

async fn hear(State(heard): State<Heard>, headers: HeaderMap, Json(payload): Json<Value>) {
    let event = headers["x-github-event"].to_str().unwrap();
    let heard_now = json!({"event": event, "payload": payload});
    heard.lock().unwrap().push(heard_now);
}

impl World {
    pub(crate) async fn start() -> Self {
        let listener = bound().await;
        let mut world = Self::known_as(format!("{}github", url_of(&listener))).await;
        let service = world.service();
        serve(&mut world.tasks, listener, service);
        world
    }

    /// One whose links begin with this base, below which it is to be served.
    pub(crate) async fn known_as(base: String) -> Self {
        let mut tasks = JoinSet::new();
        let heard = Heard::default();
        let hearing = Router::new()
            .route("/", post(hear))
            .with_state(heard.clone());
        let listener = bound().await;
        let url = url_of(&listener);
        serve(&mut tasks, listener, hearing);
        let github = Github::new(Config {
            base_url: base.clone(),
            tokens: vec![(TOKEN.to_owned(), "bora".to_owned())],
            webhook: Some(Webhook {
                url,
                secret: "a-secret".to_owned(),
            }),
        });
        let directory = tempfile::tempdir().unwrap();
        github.add_user("minji", "Minji");
        github.add_repository(people(directory.path())).unwrap();
        github.register_app(App::sample(APP, "deploybot"));
        github.install_app("acme", None);
        let shutdown = CancellationToken::new();
        let (running, until) = (github.clone(), shutdown.clone());
        tasks.spawn(async move { running.run(until).await });
        Self {
            github,
            base,
            client: Client::builder(TokioExecutor::new()).build_http(),
            answers: Vec::new(),
            heard,
            shutdown,
            tasks,
            directory,
        }
    }

    /// The file that holds the App's private key.
    pub(crate) fn app_key(&self) -> String {
        let file = self.directory.path().join("app.pem");
        fs::write(&file, SAMPLE_APP_KEY).unwrap();
        let file = file.to_str().expect("a path that can be written down");
        file.to_owned()
    }

    /// What the App signs to say who it is.
    pub(crate) async fn app_assertion(&self) -> String {
        let signed = node("app-jwt.mjs", &[&APP.to_string(), &self.app_key()]).await;
        signed.unwrap().trim().to_owned()
    }

    /// All that it serves, at the path that its base has.
    pub(crate) fn service(&self) -> Router {
        Router::new().nest("/github", self.github.router())
    }

    pub(crate) async fn stop(mut self) {
        self.shutdown.cancel();
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
        self.directory.close().unwrap();
    }

    /// Asks, takes down the answer under the path that GitHub declares, and
    /// tells what it says.
    pub(crate) async fn ask(
        &mut self,
        (method, status): (&str, u16),
        declared: &str,
        path: &str,
        body: impl ToString,
        token: &str,
    ) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/api/v3{path}", self.base))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Full::from(body.to_string()))
            .unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.client.request(request));
        let (parts, body) = answer.await.expect("an answer").unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let said: Value = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        assert_eq!(parts.status.as_u16(), status, "{method} {path}: {said}");
        self.answers.push(json!({
            "method": method,
            "path": declared,
            "status": status,
            "body": said,
        }));
        said
    }

    pub(crate) async fn get(&mut self, declared: &str, path: &str) -> Value {
        self.ask(("GET", 200), declared, path, "", TOKEN).await
    }

    /// Asks for something of the repository.
    pub(crate) async fn people(
        &mut self,
        method: &str,
        status: u16,
        declared: &str,
        path: &str,
        body: impl ToString,
    ) -> Value {
        let declared = format!("{DECLARED}{declared}");
        let path = format!("{PEOPLE}{path}");
        self.ask((method, status), &declared, &path, body, TOKEN)
            .await
    }

    pub(crate) async fn get_people(&mut self, declared: &str, path: &str) -> Value {
        self.people("GET", 200, declared, path, "").await
    }

    /// The newest commit.
    pub(crate) async fn head(&mut self) -> String {
        let commit = self.get_people("/commits/{ref}", "/commits/main").await;
        commit["sha"].as_str().unwrap().to_owned()
    }

    /// Changes a file in a commit.
    pub(crate) async fn change(&mut self, path: &str, message: &str) {
        let declared = "/contents/{path}";
        let path = format!("/contents/{path}");
        let there = self.get_people(declared, &path).await;
        let body = json!({"message": message, "content": "eA==", "sha": there["sha"]});
        self.people("PUT", 200, declared, &path, body).await;
    }

    /// Waits until the checks of a commit have passed.
    pub(crate) async fn checked(&mut self, sha: &str) {
        let (declared, path) = (
            "/commits/{ref}/check-runs",
            format!("/commits/{sha}/check-runs"),
        );
        self.settles(declared, &path, |found| {
            let runs = found["check_runs"].as_array().unwrap();
            !runs.is_empty() && runs.iter().all(|run| run["conclusion"] == "success")
        })
        .await;
    }

    /// Deploys to production, and waits until the runner has ended it well.
    pub(crate) async fn deploy(&mut self, sha: &str) -> u64 {
        self.deploy_to("production", sha, "success").await
    }

    /// Deploys, and waits until the runner has ended it so.
    pub(crate) async fn deploy_to(&mut self, environment: &str, sha: &str, ends: &str) -> u64 {
        let body = json!({
            "ref": sha, "environment": environment, "description": "By a test",
            "auto_merge": false, "required_contexts": [], "payload": {"request": 7},
        });
        let made = self
            .people("POST", 201, "/deployments", "/deployments", body)
            .await;
        let id = made["id"].as_u64().unwrap();
        let path = format!("/deployments/{id}/statuses");
        self.settles(STATUSES, &path, |statuses| statuses[0]["state"] == ends)
            .await;
        id
    }

    /// Writes a status of a deployment.
    pub(crate) async fn tell(&mut self, deployment: u64, state: &str) {
        let path = format!("/deployments/{deployment}/statuses");
        let body = json!({"state": state, "description": "By a test"});
        self.people("POST", 201, STATUSES, &path, body).await;
    }

    /// Reads anew until it is as it should be; only the last of the answers is
    /// taken down.
    async fn settles(&mut self, declared: &str, path: &str, settled: impl Fn(&Value) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.get_people(declared, path).await;
            if settled(&found) {
                return;
            }
            assert!(Instant::now() < end, "{path} never settled: {found}");
            self.answers.pop();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// All webhooks, once there is one of each kind; other kinds may not come.
    pub(crate) async fn webhooks(&self, kinds: &[&str]) -> Vec<Value> {
        let wanted: BTreeSet<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let end = Instant::now() + PATIENCE;
        loop {
            let events = self.heard.lock().unwrap().clone();
            let came: BTreeSet<String> = events.iter().map(kind_of).collect();
            if came.is_superset(&wanted) {
                assert_eq!(came, wanted);
                return events;
            }
            assert!(Instant::now() < end, "only these came: {came:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The name of an event, what happened in it and how it ended:
/// `check_run.completed failure`.
fn kind_of(event: &Value) -> String {
    let name = event["event"].as_str().unwrap();
    let payload = &event["payload"];
    let word = |said: &Value, before: char| {
        said.as_str()
            .map_or_else(String::new, |word| format!("{before}{word}"))
    };
    let outcome = match name {
        "deployment_status" => &payload[name]["state"],
        "status" => &payload["state"],
        _ => &payload[name]["conclusion"],
    };
    format!(
        "{name}{}{}",
        word(&payload["action"], '.'),
        word(outcome, ' ')
    )
}

/// A repository with three commits, one by somebody whom GitHub does not know.
fn people(directory: &Path) -> NewRepository {
    let git = Repository::init(&directory.join("people.git"), "main").unwrap();
    let files = [
        ("README.md", "# People\n", "minji@users.noreply.example"),
        ("a folder/ü.txt", "1\n", "somebody@elsewhere.example"),
        ("README.md", "# All people\n", "minji@users.noreply.example"),
    ];
    for (second, (path, text, email)) in (1_790_000_000..).zip(files) {
        let who = Signature {
            name: "Minji".to_owned(),
            email: email.to_owned(),
            at: Timestamp::from_second(second).unwrap(),
            offset_seconds: 0,
        };
        let change = [(path.to_owned(), Some(text.as_bytes().to_vec()))];
        let message = format!("Change {path}\n\nAt length.");
        let sha = git
            .commit_files("main", &change, &message, &who, &who)
            .unwrap();
        if git.head_of("behind").unwrap().is_none() {
            git.set_branch("behind", &sha).unwrap();
        }
    }
    NewRepository {
        owner: "acme".to_owned(),
        name: "people".to_owned(),
        git,
        default_branch: "main".to_owned(),
        environments: vec!["production".to_owned()],
        workflow: workflow(),
    }
}

/// One check, one step of a deploy, and what goes before it.
fn workflow() -> Workflow {
    let takes = Duration::from_millis(10);
    let step = |state, description: &str| DeployStep {
        part: "rollout".to_owned(),
        failure: "It failed".to_owned(),
        takes,
        state,
        description: description.to_owned(),
        log: vec![description.to_owned()],
    };
    let build = CheckStep {
        name: "build".to_owned(),
        takes,
        log: vec!["Built".to_owned()],
    };
    Workflow {
        checks: Checks {
            derived: true,
            run: vec![build],
        },
        pick_up: takes,
        deploy: vec![
            step(DeploymentState::InProgress, "Rolling out"),
            step(DeploymentState::Success, "Rolled out"),
        ],
    }
}

pub(crate) async fn bound() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Where a listener is reached.
pub(crate) fn url_of(listener: &TcpListener) -> String {
    format!("http://{}/", listener.local_addr().unwrap())
}

/// Serves until the tasks are ended.
pub(crate) fn serve(tasks: &mut JoinSet<()>, listener: TcpListener, router: Router) {
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
}
