//! Webhooks that GitHub really sent, as `@octokit/webhooks-examples` keeps them:
//! each goes through the receiver, and those that matter are understood. What
//! they say is read here from the JSON as it stands, so that two ways of
//! reading have to agree.

use std::{collections::BTreeMap, convert::Infallible, fs, path::Path, time::Duration};

use deploy::{
    model::{DeploymentId, RepositoryHints, RepositoryName, Subject},
    web::{
        self, Patience,
        hints::{Pace, gathering},
    },
};
use http_body_util::Full;
use hyper::{Request, StatusCode, body::Bytes};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use ring::hmac;
use secrecy::SecretString;
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

/// The package's folders with how many payloads each has: GitHub's own and
/// those of Enterprise Servers.
const FOLDERS: [(&str, usize); 6] = [
    ("api.github.com", 329),
    ("ghes-31", 49),
    ("ghes-32", 49),
    ("ghes-33", 50),
    ("ghes-34", 124),
    ("ghes-35", 125),
];

const SECRET: &str = "what both sides know";

/// How long a hint may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// One payload, and an id to deliver it under.
struct Example {
    delivery: String,
    event: String,
    payload: Value,
}

#[tokio::test(flavor = "multi_thread")]
async fn each_webhook_that_github_has_sent_is_understood() {
    let mut receiving = Receiving::start().await;
    let mut understood = BTreeMap::<_, [usize; 2]>::new();
    for example in examples() {
        let status = receiving.send(&example).await;
        assert_eq!(status, if example.event == "ping" { 200 } else { 202 });
        let Some(expected) = hint_of(&example) else {
            continue;
        };
        assert_eq!(receiving.hint().await, expected);
        let [hints, deployments] = understood.entry(example.event).or_default();
        *hints += 1;
        let is_of_one = |about: &Subject| matches!(about, Subject::Deployment(Some(_)));
        *deployments += usize::from(is_of_one(&expected.deliveries[0].1));
    }
    receiving.stop().await;
    let lines: Vec<_> = understood
        .iter()
        .map(|(event, [hints, deployments])| {
            format!("{event}: {hints} hints, {deployments} of a deployment")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    check_run: 18 hints, 0 of a deployment
    check_suite: 20 hints, 0 of a deployment
    deployment: 11 hints, 11 of a deployment
    deployment_status: 11 hints, 11 of a deployment
    push: 2 hints, 0 of a deployment
    status: 11 hints, 0 of a deployment
    workflow_run: 10 hints, 0 of a deployment
    ");
}

/// A suite where it is about one, or about a job in one.
fn about_checks(payload: &Value) -> Subject {
    let details = payload["check_run"]["details_url"].as_str();
    let suite = match details {
        Some(details) if details.contains("/actions/runs/") => {
            &payload["check_run"]["check_suite"]["id"]
        }
        _ => &payload["check_suite"]["id"],
    };
    suite.as_u64().map_or(Subject::Commits, Subject::Suite)
}

/// What is to become of an example; none where it does not matter.
fn hint_of(example: &Example) -> Option<RepositoryHints> {
    let Example {
        delivery,
        event,
        payload,
    } = example;
    let repository = &payload["repository"];
    let matters = match event.as_str() {
        "check_run" | "check_suite" | "deployment" | "deployment_status" | "status"
        | "workflow_run" => true,
        "push" => {
            let branch = repository["default_branch"].as_str().unwrap();
            payload["ref"] == format!("refs/heads/{branch}")
        }
        _ => false,
    };
    let about = match payload.get("deployment") {
        None => about_checks(payload),
        Some(deployment) => Subject::Deployment(Some(DeploymentId {
            number: deployment["id"].as_u64().unwrap(),
            node: deployment["node_id"].as_str().unwrap().to_owned(),
        })),
    };
    matters.then(|| RepositoryHints {
        repository: RepositoryName::parse(repository["full_name"].as_str().unwrap(), None).unwrap(),
        deliveries: vec![(delivery.parse().unwrap(), about)],
    })
}

/// All of the package.
fn examples() -> Vec<Example> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients/node_modules/@octokit/webhooks-examples");
    assert!(
        package.exists(),
        "the npm clients are not installed: run `make test`, or `make tools` once"
    );
    let mut examples = Vec::new();
    for (folder, many) in FOLDERS {
        let file = fs::read(package.join(folder).join("index.json")).unwrap();
        let before = examples.len();
        let events: Vec<Value> = serde_json::from_slice(&file).unwrap();
        for event in events {
            let name = event["name"].as_str().unwrap();
            for payload in event["examples"].as_array().unwrap() {
                examples.push(Example {
                    delivery: format!("{folder}/{}", examples.len()),
                    event: name.to_owned(),
                    payload: payload.clone(),
                });
            }
        }
        assert_eq!(examples.len() - before, many, "{folder}");
    }
    examples
}

/// A receiver that runs, and the hints that it gives on.
struct Receiving {
    url: String,
    hints: mpsc::UnboundedReceiver<Vec<RepositoryHints>>,
    client: Client<HttpConnector, Full<Bytes>>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Receiving {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/github", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let (hints, gatherer) = gathering();
        let (given, taken) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let stopped = stop.clone();
        tasks.spawn(async move {
            let secret = SecretString::from(SECRET);
            let serving = web::serve(listener, &secret, hints, Patience::default(), stopped);
            serving.await;
        });
        let pace = Pace {
            gather: Duration::ZERO,
            ..Pace::default()
        };
        tasks.spawn(gatherer.run(pace, move |batch| {
            given.send(batch).unwrap();
            std::future::ready(Ok::<(), Infallible>(()))
        }));
        Self {
            url,
            hints: taken,
            client: Client::builder(TokioExecutor::new()).build_http(),
            stop,
            tasks,
        }
    }

    async fn send(&self, example: &Example) -> StatusCode {
        let body = example.payload.to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let tag = hmac::sign(&key, body.as_bytes());
        let digits = tag.as_ref().iter().map(|byte| format!("{byte:02x}"));
        let signature = format!("sha256={}", digits.collect::<String>());
        let request = Request::post(&self.url)
            .header("x-github-delivery", &example.delivery)
            .header("x-github-event", &example.event)
            .header("x-hub-signature-256", signature)
            .body(Full::from(body))
            .unwrap();
        self.client.request(request).await.unwrap().status()
    }

    /// The one hint that comes next.
    async fn hint(&mut self) -> RepositoryHints {
        let batch = timeout(PATIENCE, self.hints.recv()).await;
        let batch = batch.expect("a hint comes").unwrap();
        <[_; 1]>::try_from(batch).map(|[hint]| hint).unwrap()
    }

    /// Stops it, and sees that nothing else came.
    async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        assert_eq!(self.hints.recv().await, None);
    }
}
