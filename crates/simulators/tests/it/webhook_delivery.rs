//! Webhooks: what is delivered when something happens.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use simulators::github::{Webhook, Workflow};
use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinSet,
};

use crate::{
    rest_client::{World, keys},
    runner_workflow::{Running, eventually},
};

pub(crate) const SECRET: &str = "it is a secret";

/// Longer than any delivery of these tests takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Receives webhooks and answers each with the same status.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answer: StatusCode,
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.received.lock().unwrap().push((headers, body));
    receiver.answer
}

pub(crate) struct Listening {
    pub(crate) running: Running,
    pub(crate) receiver: Receiver,
    /// Where it listens.
    pub(crate) url: String,
    _server: JoinSet<()>,
}

impl Listening {
    pub(crate) async fn start(workflow: Workflow, answer: StatusCode) -> Self {
        let receiver = Receiver {
            received: Arc::default(),
            answer,
        };
        let app = Router::new()
            .route("/hook", post(receive))
            .with_state(receiver.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let webhook = Webhook {
            url: url.clone(),
            secret: SECRET.to_owned(),
        };
        Self {
            running: Running::over(World::with_webhook(workflow, Some(webhook)).await),
            receiver,
            url,
            _server: server,
        }
    }

    pub(crate) fn world(&self) -> &World {
        &self.running.world
    }

    /// Name, action and body of all that was received.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        let received = self.receiver.received.lock().unwrap();
        received
            .iter()
            .map(|(headers, body)| {
                let event = headers["x-github-event"].to_str().unwrap();
                let body: Value = serde_json::from_slice(body).unwrap();
                let name = match body["action"].as_str() {
                    Some(action) => format!("{event}.{action}"),
                    None => event.to_owned(),
                };
                (name, body)
            })
            .collect()
    }

    /// The events of a name, once there are so many; tells what was delivered
    /// when they never come.
    pub(crate) async fn received(&self, name: &str, many: usize) -> Vec<Value> {
        let end = Instant::now() + PATIENCE;
        loop {
            let of_name = self.events().into_iter().filter(|(event, _)| event == name);
            let bodies: Vec<Value> = of_name.map(|(_, body)| body).collect();
            if bodies.len() >= many {
                return bodies;
            }
            if Instant::now() > end {
                let log = self.control(Method::GET, "/deliveries").await;
                panic!("{many} of {name} never came, but {log:#}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn control(&self, method: Method, path: &str) -> Value {
        let path = format!("/control{path}");
        let reply = self.world().send(method, &path, &[], "").await.unwrap();
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
        reply.json()
    }

    /// The log of deliveries, once it has so many.
    async fn log(&self, many: usize) -> Vec<Value> {
        eventually(|| async {
            let log = self.control(Method::GET, "/deliveries").await;
            let log = log.as_array().unwrap().clone();
            (log.len() >= many).then_some(log)
        })
        .await
    }
}

pub(crate) fn signed(body: &[u8]) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = ring::hmac::sign(&key, body);
    let hex: String = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256={hex}")
}

#[tokio::test]
async fn a_delivery_is_signed_and_named() {
    let listening = Listening::start(Workflow::default(), StatusCode::OK).await;
    listening.world().commit("main", "a", "b");
    listening.received("push", 1).await;
    let (headers, body) = listening.receiver.received.lock().unwrap()[0].clone();
    assert_eq!(headers["x-hub-signature-256"], signed(&body));
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-github-hook-id"], "1");
    let delivery = headers["x-github-delivery"].to_str().unwrap();
    assert_eq!(delivery.len(), 36, "{delivery}");
    let agent = headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("GitHub-Hookshot/"), "{agent}");
    listening.running.finish().await;
}

#[tokio::test]
async fn a_push_tells_its_commits() {
    let listening = Listening::start(Workflow::default(), StatusCode::OK).await;
    let before = listening.world().head().to_string();
    let after = listening.world().commit("main", "site/new.html", "<p>");
    let push = listening.received("push", 1).await.remove(0);
    assert_eq!(push["ref"], "refs/heads/main");
    assert_eq!(
        (&push["before"], &push["after"]),
        (&json!(before), &json!(after.as_str()))
    );
    assert_eq!(
        (&push["created"], &push["forced"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(push["commits"].as_array().unwrap().len(), 1);
    assert_eq!(push["commits"][0]["added"], json!(["site/new.html"]));
    assert_eq!(push["commits"][0], push["head_commit"]);
    assert_eq!(push["head_commit"]["author"]["username"], "minji");
    assert_eq!(push["pusher"]["name"], "minji");
    assert_eq!(push["sender"]["login"], "minji");
    assert_eq!(push["repository"]["full_name"], "acme/people");
    // A force push leaves a commit behind.
    let old = &listening.world().commits[0];
    listening.world().git.set_branch("main", old).unwrap();
    listening
        .world()
        .github
        .push("acme/people", "main", old, "bora")
        .unwrap();
    let forced = listening.received("push", 2).await.remove(1);
    assert_eq!(forced["forced"], true);
    assert_eq!(forced["commits"], json!([]));
    listening.running.finish().await;
}

#[tokio::test]
async fn a_deployment_tells_each_of_its_steps() {
    let listening = Listening::start(Workflow::quick(), StatusCode::OK).await;
    let head = listening.world().head().to_string();
    let id = listening.running.deploy(&head, "staging").await;
    let created = listening.received("deployment.created", 1).await.remove(0);
    assert_eq!(created["deployment"]["id"], id);
    assert_eq!(created["sender"]["login"], "bora");
    insta::assert_snapshot!(keys(&created), @"action deployment repository sender workflow workflow_run");
    let statuses = listening.received("deployment_status.created", 6).await;
    // Deliveries run side by side and may overtake each other.
    let mut states: Vec<&str> = statuses
        .iter()
        .map(|body| body["deployment_status"]["state"].as_str().unwrap())
        .collect();
    states.sort_unstable();
    assert_eq!(
        states,
        [
            "in_progress",
            "in_progress",
            "in_progress",
            "in_progress",
            "queued",
            "success"
        ]
    );
    insta::assert_snapshot!(keys(&statuses[0]), @"action deployment deployment_status repository sender");
    let runs = listening.received("workflow_run.completed", 1).await;
    assert_eq!(runs[0]["workflow_run"]["event"], "deployment");
    assert_eq!(runs[0]["workflow_run"]["conclusion"], "success");
    listening.running.finish().await;
}

#[tokio::test]
async fn checks_tell_when_they_begin_and_end_and_their_suite_once() {
    let listening = Listening::start(Workflow::quick(), StatusCode::OK).await;
    let sha = listening.world().commit("main", "a", "b");
    let suite = listening
        .received("check_suite.completed", 1)
        .await
        .remove(0);
    assert_eq!(suite["check_suite"]["head_sha"], sha.as_str());
    assert_eq!(suite["check_suite"]["conclusion"], "success");
    let ended = listening.received("check_run.completed", 3).await;
    assert_eq!(
        listening.received("check_suite.completed", 1).await.len(),
        1
    );
    assert!(
        ended
            .iter()
            .all(|body| body["check_run"]["conclusion"] == "success")
    );
    assert_eq!(
        ended[0]["check_run"]["check_suite"]["head_sha"],
        sha.as_str()
    );
    assert_eq!(listening.received("check_run.created", 3).await.len(), 3);
    assert_eq!(
        listening.received("workflow_run.completed", 3).await.len(),
        3
    );
    listening.running.finish().await;
}

#[tokio::test]
async fn a_status_is_told_and_inactive_is_not() {
    let listening = Listening::start(Workflow::default(), StatusCode::OK).await;
    let head = listening.world().head().to_string();
    let id = listening.running.deploy(&head, "staging").await;
    let path = format!("/repos/acme/people/deployments/{id}/statuses");
    for state in ["inactive", "error"] {
        let reply = listening
            .world()
            .post(&path, json!({ "state": state }))
            .await;
        assert_eq!(reply.status, StatusCode::CREATED);
    }
    let path = format!("/repos/acme/people/statuses/{head}");
    let body = json!({ "state": "success", "context": "ci/lint" });
    assert_eq!(
        listening.world().post(&path, body).await.status,
        StatusCode::CREATED
    );
    let status = listening.received("status", 1).await.remove(0);
    assert_eq!(
        (&status["state"], &status["context"]),
        (&json!("success"), &json!("ci/lint"))
    );
    assert_eq!(status["branches"][0]["name"], "main");
    let told = listening.received("deployment_status.created", 1).await;
    let states: Vec<&Value> = told
        .iter()
        .map(|body| &body["deployment_status"]["state"])
        .collect();
    assert_eq!(states, ["error"]);
    listening.running.finish().await;
}

#[tokio::test]
async fn a_failed_delivery_is_not_repeated_until_asked_for() {
    let listening = Listening::start(Workflow::default(), StatusCode::BAD_GATEWAY).await;
    listening.world().commit("main", "a", "b");
    let failed = listening.log(1).await.remove(0);
    assert_eq!(
        (&failed["status_code"], &failed["redelivery"]),
        (&json!(502), &json!(false))
    );
    assert_eq!(failed["status"], "Invalid HTTP Response: 502");
    assert_eq!(failed["event"], "push");
    let path = format!("/deliveries/{}", failed["id"]);
    let told = listening.control(Method::GET, &path).await;
    assert_eq!(told["payload"]["ref"], "refs/heads/main");
    let again = listening
        .control(Method::POST, &format!("{path}/attempts"))
        .await;
    assert_eq!(
        (&again["guid"], &again["redelivery"]),
        (&failed["guid"], &json!(true))
    );
    assert_eq!(listening.log(2).await.len(), 2);
    let received = listening.receiver.received.lock().unwrap().clone();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].1, received[1].1);
    assert_eq!(
        received[0].0["x-github-delivery"],
        received[1].0["x-github-delivery"]
    );
    listening.running.finish().await;
}

#[tokio::test]
async fn a_receiver_that_is_not_there_spoils_nothing() {
    // The port is taken, so that no other test gets it and is told what is not
    // for it, and nobody listens there, so that each connection is refused.
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let webhook = Webhook {
        url: format!("http://{}/hook", taken.local_addr().unwrap()),
        secret: SECRET.to_owned(),
    };
    let running = Running::over(World::with_webhook(Workflow::quick(), Some(webhook)).await);
    let head = running.world.head().to_string();
    running.deploy(&head, "production").await;
    let path = "/control/deliveries";
    let failed = eventually(|| async {
        let reply = running
            .world
            .send(Method::GET, path, &[], "")
            .await
            .unwrap();
        let log = reply.json().as_array().unwrap().clone();
        log.into_iter().next()
    })
    .await;
    assert_eq!(failed["status"], "failed to connect to host");
    assert_eq!(failed["status_code"], Value::Null);
    assert!(
        failed["duration_ms"].as_u64().unwrap()
            < u64::try_from(Duration::from_secs(10).as_millis()).unwrap()
    );
    running.finish().await;
}
