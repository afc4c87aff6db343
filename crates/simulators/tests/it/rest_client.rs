//! A simulated GitHub on a port of its own, and a plain HTTP client for it.

use std::time::Duration;

use axum::Router;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use serde_json::Value;
use simulators::github::git::{Repository, Sha, Signature};
use simulators::github::{
    CheckStatus, Checks, Conclusion, Config, Github, NewRepository, SeedCheck, Webhook, Workflow,
};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The token that the simulator accepts; it speaks for `bora`.
pub(crate) const TOKEN: &str = "t0ken";

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A GitHub with the repository `acme/people`, which has three commits.
pub(crate) struct World {
    pub(crate) github: Github,
    pub(crate) git: Repository,
    /// Oldest first.
    pub(crate) commits: Vec<Sha>,
    pub(crate) base: String,
    client: Client<HttpConnector, Full<Bytes>>,
    _server: JoinSet<()>,
    _directory: tempfile::TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Status and message, as one line.
    pub(crate) fn refusal(&self) -> String {
        let body = self.json();
        let page = body["documentation_url"].as_str().unwrap();
        assert!(page.starts_with("https://docs.github.com/rest"), "{page}");
        assert_eq!(body["status"], self.status.as_str());
        format!(
            "{} {}",
            self.status.as_u16(),
            body["message"].as_str().unwrap()
        )
    }
}

pub(crate) fn signature(name: &str, second: i64) -> Signature {
    Signature {
        name: name.to_owned(),
        email: format!("{name}@users.noreply.example"),
        at: Timestamp::from_second(second).unwrap(),
        offset_seconds: 0,
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Workflow::default()).await
    }

    pub(crate) async fn with_derived_checks() -> Self {
        Self::with(Workflow {
            checks: Checks {
                derived: true,
                run: Vec::new(),
            },
            ..Workflow::default()
        })
        .await
    }

    pub(crate) async fn with(workflow: Workflow) -> Self {
        Self::with_webhook(workflow, None).await
    }

    pub(crate) async fn with_webhook(workflow: Workflow, webhook: Option<Webhook>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let git = Repository::init(&directory.path().join("people.git"), "main").unwrap();
        let commits = [
            ("README.md", "# People\n", "Begin"),
            ("site/index.html", "<h1>People</h1>\n", "Add a page"),
            (
                "README.md",
                "# People\n\nWho we are.\n",
                "Say more <b>\n\nAt length.",
            ),
        ]
        .into_iter()
        .enumerate()
        .map(|(index, (path, text, message))| {
            let who = signature("minji", 1_790_000_000 + 60 * i64::try_from(index).unwrap());
            let change = [(path.to_owned(), Some(text.as_bytes().to_vec()))];
            git.commit_files("main", &change, message, &who, &who)
                .unwrap()
        })
        .collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/github", listener.local_addr().unwrap());
        let github = Github::new(Config {
            base_url: base.clone(),
            tokens: vec![(TOKEN.to_owned(), "bora".to_owned())],
            webhook,
        });
        github.add_user("minji", "Minji");
        github
            .add_repository(NewRepository {
                owner: "acme".to_owned(),
                name: "people".to_owned(),
                git: git.clone(),
                default_branch: "main".to_owned(),
                environments: vec!["production".to_owned(), "staging".to_owned()],
                workflow,
            })
            .unwrap();
        let app = Router::new().nest("/github", github.router());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            github,
            git,
            commits,
            base,
            client: Client::builder(TokioExecutor::new()).build_http(),
            _server: server,
            _directory: directory,
        }
    }

    /// The newest commit of the default branch.
    pub(crate) fn head(&self) -> &Sha {
        self.commits.last().unwrap()
    }

    /// Gives the newest commit the green check of a build.
    pub(crate) fn build_passes(&self) {
        let at = Timestamp::from_second(1_790_000_200).unwrap();
        let check = SeedCheck {
            sha: self.head().clone(),
            name: "build".to_owned(),
            status: CheckStatus::Completed(Conclusion::Success),
            started_at: at,
            completed_at: Some(at),
        };
        self.github.seed_check("acme/people", check).unwrap();
    }

    /// Adds a commit to a branch, and tells GitHub of it.
    pub(crate) fn commit(&self, branch: &str, path: &str, text: &str) -> Sha {
        let who = signature("minji", 1_790_001_000);
        let change = [(path.to_owned(), Some(text.as_bytes().to_vec()))];
        let sha = self
            .git
            .commit_files(branch, &change, "Change", &who, &who)
            .unwrap();
        self.github
            .push("acme/people", branch, &sha, "minji")
            .unwrap();
        sha
    }

    /// Sends a request as it is; the error is of a connection that was cut.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Reply, hyper_util::client::legacy::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::USER_AGENT, "rest-test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let response = tokio::time::timeout(PATIENCE, self.client.request(request))
            .await
            .expect("an answer in time")?;
        let (parts, body) = response.into_parts();
        Ok(Reply {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        })
    }

    async fn api(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let token = format!("Bearer {TOKEN}");
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(
            method,
            &format!("/api/v3{path}"),
            &[("authorization", &token)],
            body,
        )
        .await
        .unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.api(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.api(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.api(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.api(Method::DELETE, path, None).await
    }

    /// A page for people.
    pub(crate) async fn page(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], "").await.unwrap()
    }
}

/// The keys of an object, in order.
pub(crate) fn keys(value: &Value) -> String {
    let mut keys: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys.join(" ")
}
