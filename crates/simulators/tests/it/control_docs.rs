//! The control API as the crate's documentation tells it: each command that is
//! written there is carried out as it stands.

use std::time::Duration;

use axum::{Router, routing::post};
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use simulators::github::{App, Webhook, Workflow};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    rest_client::World,
    runner_workflow::{Running, eventually},
    slack_http::HttpApp,
    slack_support::Workspace,
};

const CRATE: &str = include_str!("../../src/lib.rs");
const SLACK: &str = include_str!("../../src/slack/mod.rs");

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn github_does_what_the_documentation_tells() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut receiver = JoinSet::new();
    let hearing = Router::new().route("/", post(async || ()));
    receiver.spawn(async move { axum::serve(listener, hearing).await.unwrap() });
    let webhook = Webhook {
        url,
        secret: "a secret".to_owned(),
    };
    let world = World::with_webhook(Workflow::default(), Some(webhook)).await;
    world.github.register_app(App::sample(7, "deploybot"));
    world.github.install_app("acme", None);
    let running = Running::over(world);
    running.world.commit("main", "a.txt", "a");
    eventually(|| async {
        let log = running.world.page("/control/deliveries").await.json();
        (log != serde_json::json!([])).then_some(())
    })
    .await;

    let variables = [("$GITHUB", running.world.base.as_str())];
    insta::assert_snapshot!(carried_out(CRATE, &variables).await, @r#"
    GET /requests 200
    DELETE /requests 204
    PUT /latency 204
    POST /faults 201
    POST /faults 201
    POST /faults 201
    POST /faults 201
    POST /faults 201
    POST /faults 201
    POST /faults 201
    POST /faults 201
    POST /faults 201
    POST /faults 201
    POST /faults 201
    GET /faults 200
      {"kind":{"status":502},"route":"POST /api/v3/repos/{owner}/{repo}/deployments","skip":0,"times":1}
      {"kind":{"after_commit":502},"route":"POST /api/v3/repos/{owner}/{repo}/deployments","skip":0,"times":1}
      {"kind":"drop","route":"POST /api/graphql Status","skip":1,"times":2}
      {"kind":"drop_after_commit","route":"POST /api/graphql Status","skip":0,"times":1}
      {"kind":"drop_mid_answer","route":"POST /api/graphql Status","skip":0,"times":1}
      {"kind":{"rate_limit":{"seconds":30}},"route":"*","skip":0,"times":1}
      {"kind":{"latency":{"ms":3000}},"route":"*","skip":0,"times":1}
      {"kind":{"late":{"ms":3000}},"route":"*","skip":0,"times":1}
      {"kind":{"once_gone":{"ms":60000}},"route":"*","skip":0,"times":1}
      {"kind":{"answer":{"body":{"message":"Slow down"},"headers":{"retry-after":"30"},"status":429}},"route":"*","skip":0,"times":1}
      {"kind":{"replace":{"/data/nodes/0":null}},"route":"POST /api/graphql","skip":0,"times":1}
    DELETE /faults 204
    GET /events 200
    GET /limits 200
    PUT /limits 204
    PUT /clock 204
    GET /clock 200
    GET /app 200
    PUT /app/token_lifetime 204
    DELETE /app/tokens 204
    PUT /device 204
    GET /deliveries 200
    GET /deliveries/1 200
    POST /deliveries/1/attempts 200
    PUT /webhook 204
    GET /webhook 200
    POST /webhook/faults 201
    POST /webhook/faults 201
    POST /webhook/faults 201
    POST /webhook/faults 201
    POST /webhook/faults 201
    POST /webhook/faults 201
    GET /webhook/faults 200
    DELETE /webhook/faults 204
    PUT /webhook/hold 204
    DELETE /webhook/hold 200
    DELETE /webhook 204
    "#);
    running.finish().await;
}

#[tokio::test]
async fn slack_does_what_the_documentation_tells() {
    let workspace = Workspace::start().await;
    let mut socket = workspace.connect().await;
    workspace.say("@deploybot help").await;
    let envelope = socket.next().await;
    socket.ack(&envelope).await;
    let event = envelope["payload"]["event_id"].as_str().unwrap();
    let app = HttpApp::start().await;
    let variables = [
        ("$SLACK", workspace.base.as_str()),
        ("$APP", &app.base),
        ("Ev…", event),
    ];
    insta::assert_snapshot!(carried_out(SLACK, &variables).await, @r"
    POST /disconnect 200
    POST /disconnect 200
    POST /redeliver 204
    GET /envelopes 200
    DELETE /envelopes 204
    POST /faults 201
    PUT /rate_limits 204
    PUT /rate_limits 204
    GET /scopes 200
    PUT /scopes 204
    POST /shares 204
    POST /strangers 200
    POST /events 200
    POST /events 200
    POST /frames 200
    POST /frames 200
    POST /silence 200
    PUT /request_urls 204
    GET /request_urls 200
    DELETE /request_urls 204
    ");
    workspace.stop().await;
}

/// Carries out the commands of a file's documentation; tells each with the
/// status of its answer, and what faults were told.
async fn carried_out(source: &str, variables: &[(&str, &str)]) -> String {
    let mut told = String::new();
    for command in commands(source) {
        let call = Call::of(&command, variables);
        let (status, body) = call.make().await;
        let path = call.url.split("/control").nth(1).unwrap();
        told += &format!("{} {path} {status}\n", call.method);
        if call.method == Method::GET && path == "/faults" {
            for fault in serde_json::from_str::<Vec<Value>>(&body).unwrap() {
                told += &format!("  {fault}\n");
            }
        }
    }
    told
}

/// The words of each command in the shell blocks of a file's documentation, a
/// function put in where it is used.
fn commands(source: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut functions: Vec<(String, Vec<String>)> = Vec::new();
    let mut in_block = false;
    for line in source.lines().filter_map(|line| line.strip_prefix("//!")) {
        let line = line.trim();
        if line.starts_with("```") {
            in_block = line == "```sh";
        } else if let Some((name, body)) = line.split_once("() { ") {
            let body = body.strip_suffix("; }").unwrap();
            functions.push((name.to_owned(), words(body)));
        } else if in_block {
            let given = words(line);
            let Some(first) = given.first() else {
                continue;
            };
            let function = functions.iter().find(|(name, _)| name == first);
            commands.push(match function {
                None => given,
                Some((_, body)) => body.iter().map(|word| filled(word, &given)).collect(),
            });
        }
    }
    commands
}

/// A word of a function's body, with what it is called with.
fn filled(word: &str, given: &[String]) -> String {
    let named = |number: usize| (format!("${number}"), given.get(number));
    [named(1), named(2)]
        .into_iter()
        .fold(word.to_owned(), |word, (name, value)| match value {
            Some(value) => word.replace(&name, value),
            None => word,
        })
}

/// The words of a line, as a shell reads them.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '#') if word.is_none() => break,
            (_, _) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// What a curl command asks.
struct Call {
    method: Method,
    url: String,
    content_type: Option<String>,
    body: String,
    /// The answer does not end.
    streams: bool,
}

impl Call {
    fn of(command: &[String], variables: &[(&str, &str)]) -> Self {
        let mut call = Self {
            method: Method::GET,
            url: String::new(),
            content_type: None,
            body: String::new(),
            streams: false,
        };
        let mut given = command.iter().map(|word| {
            variables.iter().fold(word.clone(), |word, (name, value)| {
                word.replace(name, value)
            })
        });
        assert_eq!(given.next().as_deref(), Some("curl"), "{command:?}");
        while let Some(word) = given.next() {
            match word.as_str() {
                "-X" => call.method = given.next().unwrap().parse().unwrap(),
                "-N" => call.streams = true,
                "-d" => call.body = given.next().unwrap(),
                "-H" => {
                    let header = given.next().unwrap();
                    let value = header.strip_prefix("content-type: ").unwrap();
                    call.content_type = Some(value.to_owned());
                }
                _ => call.url = word,
            }
        }
        call
    }

    /// The status and the body of the answer.
    async fn make(&self) -> (u16, String) {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.url);
        if let Some(content_type) = &self.content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let request = request.body(Full::<Bytes>::from(self.body.clone()));
        let answer = tokio::time::timeout(PATIENCE, client.request(request.unwrap()));
        let answer = answer.await.expect("an answer").unwrap();
        let status = answer.status().as_u16();
        if self.streams {
            return (status, String::new());
        }
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}
