//! Webhooks that come too early, too often, twice, from others, or too large.

use std::time::Duration;

use deploy::Config;
use deploy_proto::v1;
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use secrecy::SecretString;
use serde_json::json;
use simulators::{control::FaultKind, github::Webhook};

use super::stage::Stage;
use crate::{
    webhooks_world::{SECRET, webhook},
    world::{CREATE, NEWEST, World, write_status},
};

const FOLLOW: &str = "POST /api/graphql Follow";

/// A service that hears webhooks, and would not look by itself within the time
/// of a test.
async fn hearing() -> Stage {
    let world = World::new().await;
    let config = Config {
        webhook_secret: Some(SecretString::from(SECRET)),
        poll_interval: Duration::from_secs(3_600),
        ..world.config()
    };
    let timing = world.timing();
    Stage::with(world, config, timing).await
}

impl Stage {
    fn url(&self) -> String {
        let web = self.service.web.expect("it hears webhooks");
        format!("http://{web}/webhooks/github")
    }

    /// Lets GitHub tell it what happens, signed so.
    fn tell(&self, secret: &str) {
        self.world.github.set_webhook(Some(Webhook {
            url: self.url(),
            secret: secret.to_owned(),
        }));
    }

    /// Sends a webhook; its status.
    async fn send(&self, delivery: &str, body: &str, secret: &str) -> u16 {
        let mut request = webhook("deployment_status", delivery, body);
        *request.uri_mut() = self.url().parse().unwrap();
        let signature = crate::webhooks_world::signature(secret, body.as_bytes());
        let headers = request.headers_mut();
        headers.insert("x-hub-signature-256", signature.parse().unwrap());
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<_>>();
        client.request(request).await.unwrap().status().as_u16()
    }

    /// Asks for `api`, where nothing goes by itself; the deployment's number.
    async fn runs_at_api(&mut self) -> i64 {
        let ask = v1::StartDeploymentRequest {
            repository: "api".to_owned(),
            ..self.world.ask("r1", NEWEST)
        };
        self.asks(ask).await;
        self.runs("r1").await.deployment.unwrap().id
    }
}

fn about_api() -> String {
    json!({"repository": {"full_name": "acme/api"}}).to_string()
}

pub(super) async fn before_the_answer() {
    let mut stage = hearing().await;
    stage.tell(SECRET);
    stage.world.fault(CREATE, 1, FaultKind::Late { ms: 1_500 });
    stage.ask().await;
    stage.succeeds("r1").await;
    assert_eq!(stage.world.calls(CREATE), 1);
    stage.end().await;
}

pub(super) async fn a_thousand() {
    let mut stage = hearing().await;
    let number = stage.runs_at_api().await;
    let before = stage.world.calls(FOLLOW);
    let body = about_api();
    let sends = (0..1_000).map(|delivery| {
        let (stage, body) = (&stage, &body);
        async move { stage.send(&format!("d{delivery}"), body, SECRET).await }
    });
    let sends = futures::stream::iter(sends);
    let statuses: Vec<u16> =
        futures::StreamExt::collect(futures::StreamExt::buffer_unordered(sends, 32)).await;
    assert_eq!(statuses, vec![202; 1_000]);
    write_status(&stage.world, number, "success").await;
    assert_eq!(stage.send("last", &body, SECRET).await, 202);
    stage.succeeds("r1").await;
    let reads = stage.world.calls(FOLLOW) - before;
    assert!(reads <= 20, "{reads} reads for one burst");
    stage.end().await;
}

/// Nothing is read for it; what is true comes to light with the next real one.
pub(super) async fn forged() {
    let mut stage = hearing().await;
    let number = stage.runs_at_api().await;
    write_status(&stage.world, number, "success").await;
    let before = stage.world.calls(FOLLOW);
    let forged = stage.send("d1", &about_api(), "another secret").await;
    assert_eq!(forged, 401);
    assert_eq!(stage.world.calls(FOLLOW), before);
    assert_eq!(stage.send("d1", &about_api(), SECRET).await, 202);
    stage.succeeds("r1").await;
    stage.end().await;
}

/// It is taken, and leads to nothing: the same was heard before.
pub(super) async fn replayed() {
    let mut stage = hearing().await;
    let number = stage.runs_at_api().await;
    assert_eq!(stage.send("d1", &about_api(), SECRET).await, 202);
    let read = stage.world.calls(FOLLOW);
    crate::service::eventually("the hint is followed", || async {
        (stage.world.calls(FOLLOW) > read).then_some(())
    })
    .await;
    write_status(&stage.world, number, "in_progress").await;
    for _ in 0..5 {
        assert_eq!(stage.send("d1", &about_api(), SECRET).await, 202);
    }
    write_status(&stage.world, number, "success").await;
    assert_eq!(stage.send("d2", &about_api(), SECRET).await, 202);
    stage.succeeds("r1").await;
    stage.end().await;
}

pub(super) async fn too_large() {
    let mut stage = hearing().await;
    let number = stage.runs_at_api().await;
    let body = " ".repeat(26 << 20);
    // The rest of it is not taken, so the sender may see the connection's end.
    let sent = crate::webhooks_world::head("sha256=0", &format!("content-length: {}", body.len()));
    let mut stream = tokio::net::TcpStream::connect(self::address(&stage))
        .await
        .unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, &sent)
        .await
        .unwrap();
    let said = crate::webhooks_world::answer(&mut stream).await;
    assert_eq!(crate::webhooks_world::status(&said).as_u16(), 413, "{said}");
    write_status(&stage.world, number, "success").await;
    assert_eq!(stage.send("d1", &about_api(), SECRET).await, 202);
    stage.succeeds("r1").await;
    stage.end().await;
}

fn address(stage: &Stage) -> std::net::SocketAddr {
    stage.service.web.expect("it hears webhooks")
}
