//! A small JSON client for the simulators' HTTP surfaces.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Uri, body::Bytes};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use sandbox::GITHUB_TOKEN;
use serde_json::Value;
use url::Url;

/// A stream of server-sent events.
pub(crate) struct Events {
    body: hyper::body::Incoming,
    heard: String,
}

impl Events {
    /// Waits for the next event of a kind.
    pub(crate) async fn next(&mut self, kind: &str) -> Value {
        let prefix = format!("event: {kind}\ndata: ");
        let listening = async {
            loop {
                while let Some((event, rest)) = self.heard.split_once("\n\n") {
                    let told = event.strip_prefix(&prefix);
                    let told = told.map(|told| serde_json::from_str(told).unwrap());
                    self.heard = rest.to_owned();
                    if let Some(told) = told {
                        return told;
                    }
                }
                let frame = self.body.frame().await.expect("it goes on").unwrap();
                let more = frame.into_data().unwrap_or_default();
                self.heard.push_str(std::str::from_utf8(&more).unwrap());
            }
        };
        let told = tokio::time::timeout(Duration::from_secs(20), listening).await;
        told.expect("an event within 20 s")
    }
}

/// Speaks JSON to a base URL; every call has a deadline.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

impl Http {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            base: base.trim_end_matches('/').to_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call("GET", path, None).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        self.call(method, path, Some(body)).await
    }

    /// The text of a page and its status.
    pub(crate) async fn page(&self, url: &str) -> (u16, String) {
        let request = Request::get(url.parse::<Uri>().unwrap())
            .body(Full::default())
            .unwrap();
        let (status, body) = self.exchange(request).await;
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// The same, or nothing when nobody answers.
    pub(crate) async fn try_page(&self, url: &str) -> Option<(u16, String)> {
        let request = Request::get(url.parse::<Uri>().unwrap())
            .body(Full::default())
            .unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(1), self.client.request(request));
        let answer = answer.await.ok()?.ok()?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, String::from_utf8_lossy(&body).into_owned()))
    }

    /// Sends a form as a browser does from a page of the same site; the text of what
    /// comes back and its status.
    pub(crate) async fn form(&self, url: &str, fields: &str) -> (u16, String) {
        let url: Url = url.parse().unwrap();
        let request = Request::post(url.as_str().parse::<Uri>().unwrap())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", url.origin().ascii_serialization())
            .body(Full::from(fields.to_owned()))
            .unwrap();
        let (status, body) = self.exchange(request).await;
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// What is told from now on, as server-sent events.
    pub(crate) async fn events(&self, path: &str) -> Events {
        let uri: Uri = format!("{}/{path}", self.base).parse().unwrap();
        let request = Request::get(uri).body(Full::default()).unwrap();
        let answer = self.client.request(request).await.unwrap();
        Events {
            body: answer.into_body(),
            heard: String::new(),
        }
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let url = Url::parse(&format!("{}/", self.base))
            .unwrap()
            .join(path)
            .unwrap();
        let uri: Uri = url.as_str().parse().unwrap();
        let body = body.map(ToString::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {GITHUB_TOKEN}"))
            .header("user-agent", "deploybot-tests")
            .body(Full::from(body))
            .unwrap();
        let (status, body) = self.exchange(request).await;
        assert!(
            status < 400,
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> (u16, Bytes) {
        let answer = tokio::time::timeout(Duration::from_secs(10), async {
            let answer = self.client.request(request).await.unwrap();
            let status = answer.status().as_u16();
            (
                status,
                answer.into_body().collect().await.unwrap().to_bytes(),
            )
        });
        answer.await.expect("an answer within 10 s")
    }
}
