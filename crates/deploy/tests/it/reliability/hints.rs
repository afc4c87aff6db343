//! Webhooks that come too early, too often, twice, from others, or too large.

use std::time::Duration;

use deploy::Config;
use deploy_proto::v1::{self, RequestState};
use futures::StreamExt as _;
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::json;
use simulators::{control::FaultKind, github::Webhook};

use super::stage::Stage;
use crate::{
    service::eventually,
    webhooks_world::{SECRET, webhook},
    world::{CREATE, Engine, NEWEST, World, write_status},
};

const FOLLOW: &str = "POST /api/graphql Follow";
const STATUS: &str = "POST /api/graphql Status";
const AGES: Duration = Duration::from_secs(3_600);
/// How many webhooks are under way at once.
const AT_ONCE: usize = 100;
/// How many looks at GitHub a thousand webhooks may lead to.
const FEW: usize = 20;

/// A service that hears webhooks, and would not look by itself, or read anew what
/// it has read, within the time of a test.
async fn hearing(on: Engine) -> Stage {
    let world = World::on(on).await;
    let config = Config {
        webhook_secret: Some(SecretString::from(SECRET)),
        poll_interval: AGES,
        snapshot_age: AGES,
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

    /// Sends a webhook of a push; its status.
    async fn send(&self, delivery: &str, body: &str, secret: &str) -> u16 {
        let mut request = webhook("push", delivery, body);
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

fn status_of(repository: &str) -> v1::GetStatusRequest {
    v1::GetStatusRequest {
        repository: repository.to_owned(),
        limit: None,
    }
}

fn about(repository: &str) -> String {
    json!({"repository": {"full_name": format!("acme/{repository}")}}).to_string()
}

pub(super) async fn before_the_answer(on: Engine) {
    let mut stage = hearing(on).await;
    stage.tell(SECRET);
    stage.world.fault(CREATE, 1, FaultKind::Late { ms: 5_000 });
    stage.ask().await;
    eventually("a webhook has told of the deployment", async || {
        let deliveries = stage.world.github.deliveries();
        let mut told = deliveries.iter().filter(|one| one.event == "deployment");
        told.any(|one| one.status_code == Some(202)).then_some(())
    })
    .await;
    eventually("the deployment is looked at", async || {
        (stage.world.calls(FOLLOW) > 0).then_some(())
    })
    .await;
    let same = stage.world.ask("r1", NEWEST);
    let same = stage.client.start_deployment(same).await.unwrap();
    let state = same.into_inner().request.unwrap().state();
    assert_eq!(
        (stage.world.calls(CREATE), state),
        (0, RequestState::Creating),
        "the answer is on its way all the while"
    );
    stage.succeeds("r1").await;
    assert_eq!(stage.world.calls(CREATE), 1);
    stage.end().await;
}

pub(super) async fn a_thousand(on: Engine) {
    let mut stage = hearing(on).await;
    let number = stage.runs_at_api().await;
    let before = stage.looks().len();
    let body = about("api");
    let sends = (0..1_000).map(|delivery| {
        let (stage, body) = (&stage, &body);
        async move { stage.send(&format!("d{delivery}"), body, SECRET).await }
    });
    let sends = futures::stream::iter(sends).buffer_unordered(AT_ONCE);
    let statuses: Vec<u16> = sends.collect().await;
    assert_eq!(statuses, vec![202; 1_000]);
    write_status(&stage.world, number, "success").await;
    assert_eq!(stage.send("last", &body, SECRET).await, 202);
    stage.succeeds("r1").await;
    let looks = stage.looks();
    let those = &looks[before..];
    assert!((1..=FEW).contains(&those.len()), "{those:?}");
    let gap = SignedDuration::from_millis(900);
    let is_apart = |pair: &[Timestamp]| pair[1].duration_since(pair[0]) > gap;
    assert!(looks.windows(2).all(is_apart), "{looks:?}");
    stage.end().await;
}

impl Stage {
    /// When GitHub was asked how deployments fare, oldest first.
    fn looks(&self) -> Vec<Timestamp> {
        let log = self.world.github.control().log();
        let looks = log.iter().filter(|one| one.route == FOLLOW);
        looks.map(|one| one.at).collect()
    }

    /// Asks for a repository's status; how often GitHub was asked for any so far.
    async fn reading(&mut self, repository: &str) -> u64 {
        let status = self.client.get_status(status_of(repository)).await;
        status.unwrap();
        self.world.calls(STATUS)
    }

    /// Asks until what was read of a repository has been outdated, and is read
    /// anew.
    async fn reads_anew(&mut self, repository: &str) {
        let before = self.world.calls(STATUS);
        let (client, world) = (&self.client, &self.world);
        eventually(("it is read anew", repository), || async {
            let status = client.clone().get_status(status_of(repository)).await;
            status.unwrap();
            (world.calls(STATUS) > before).then_some(())
        })
        .await;
    }

    /// Waits until all that has come so far is written down: webhooks are, in
    /// their order, and this is one of another repository.
    async fn all_is_written_down(&mut self) {
        self.reading("api").await;
        assert_eq!(self.send("the-last", &about("api"), SECRET).await, 202);
        self.reads_anew("api").await;
    }
}

/// Nothing is read for it; what is true comes to light with the next real one,
/// whose delivery it has not used up.
pub(super) async fn forged(on: Engine) {
    let mut stage = hearing(on).await;
    stage.reading("people").await;
    let forged = stage.send("d1", &about("people"), "another secret").await;
    assert_eq!(forged, 401);
    stage.all_is_written_down().await;
    let read = stage.world.calls(STATUS);
    assert_eq!(stage.reading("people").await, read);
    assert_eq!(stage.send("d1", &about("people"), SECRET).await, 202);
    stage.reads_anew("people").await;
    stage.end().await;
}

/// It is taken, and leads to nothing: the same was heard before.
pub(super) async fn replayed(on: Engine) {
    let mut stage = hearing(on).await;
    stage.reading("people").await;
    assert_eq!(stage.send("d1", &about("people"), SECRET).await, 202);
    stage.reads_anew("people").await;
    for _ in 0..5 {
        assert_eq!(stage.send("d1", &about("people"), SECRET).await, 202);
    }
    stage.all_is_written_down().await;
    let read = stage.world.calls(STATUS);
    assert_eq!(stage.reading("people").await, read);
    stage.end().await;
}

pub(super) async fn too_large(on: Engine) {
    let mut stage = hearing(on).await;
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
    assert_eq!(stage.send("d1", &about("api"), SECRET).await, 202);
    stage.succeeds("r1").await;
    stage.end().await;
}

fn address(stage: &Stage) -> std::net::SocketAddr {
    stage.service.web.expect("it hears webhooks")
}
