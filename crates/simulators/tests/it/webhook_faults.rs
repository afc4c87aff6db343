//! Webhooks that are held, lost, doubled, turned round, forged, delayed and
//! large, and a receiver that is named late.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::github::{App, WebhookFault, WebhookFaultKind, Workflow};

use crate::{
    rest_client::World,
    runner_workflow::{Running, eventually},
    webhook_delivery::{Listening, SECRET, signed},
};

/// A receiver of statuses that somebody writes.
struct Hearing {
    listening: Listening,
    head: String,
}

impl Hearing {
    async fn start() -> Self {
        let listening = Listening::start(Workflow::default(), StatusCode::OK).await;
        let head = listening.world().head().to_string();
        Self { listening, head }
    }

    fn spoil(&self, kind: WebhookFaultKind, times: u32) {
        let fault = WebhookFault {
            event: Some("status".to_owned()),
            times,
            kind,
        };
        self.world().github.add_webhook_fault(fault).unwrap();
    }

    fn world(&self) -> &World {
        self.listening.world()
    }

    /// Something happens that is told under this context.
    async fn happen(&self, context: &str) {
        let path = format!("/repos/acme/people/statuses/{}", self.head);
        let body = json!({"state": "success", "context": context});
        let reply = self.world().post(&path, body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    }

    /// The contexts that were told, in the order of their arrival, once there are
    /// so many.
    async fn heard(&self, many: usize) -> Vec<String> {
        let told = self.listening.received("status", many).await;
        let context = |body: &Value| body["context"].as_str().unwrap().to_owned();
        told.iter().map(context).collect()
    }

    /// The delivery ids of all that arrived, and whether they are signed well.
    fn arrived(&self) -> Vec<(String, bool)> {
        let received = self.listening.receiver.received.lock().unwrap();
        received
            .iter()
            .map(|(headers, body)| {
                let id = headers["x-github-delivery"].to_str().unwrap().to_owned();
                (id, headers["x-hub-signature-256"] == signed(body))
            })
            .collect()
    }

    async fn finish(self) {
        self.listening.running.finish().await;
    }
}

#[tokio::test]
async fn deliveries_are_lost() {
    let hearing = Hearing::start().await;
    hearing.spoil(WebhookFaultKind::Drop, 2);
    for context in ["a", "b", "c"] {
        hearing.happen(context).await;
    }
    assert_eq!(hearing.heard(1).await, ["c"]);
    assert!(hearing.world().github.webhook_faults().is_empty());
    hearing.finish().await;
}

#[tokio::test]
async fn a_delivery_comes_twice_under_the_same_id() {
    let hearing = Hearing::start().await;
    hearing.spoil(WebhookFaultKind::Double, 1);
    hearing.happen("a").await;
    assert_eq!(hearing.heard(2).await, ["a", "a"]);
    let arrived = hearing.arrived();
    assert_eq!(arrived[0], arrived[1]);
    hearing.finish().await;
}

#[tokio::test]
async fn deliveries_come_in_reverse() {
    let hearing = Hearing::start().await;
    hearing.spoil(WebhookFaultKind::Reverse, 3);
    for context in ["a", "b", "c"] {
        hearing.happen(context).await;
    }
    assert_eq!(hearing.heard(3).await, ["c", "b", "a"]);
    // What is gathered in vain goes out when nobody wants it any more.
    hearing.spoil(WebhookFaultKind::Reverse, 3);
    hearing.happen("d").await;
    hearing.happen("e").await;
    eventually(|| async {
        let left = hearing.world().github.webhook_faults();
        (left.first()?.times == 1).then_some(())
    })
    .await;
    hearing.world().github.clear_webhook_faults();
    assert_eq!(hearing.heard(5).await.len(), 5);
    hearing.finish().await;
}

#[tokio::test]
async fn a_forged_delivery_is_signed_wrong_and_so_told() {
    let hearing = Hearing::start().await;
    hearing.spoil(WebhookFaultKind::Forge, 1);
    hearing.happen("a").await;
    hearing.heard(1).await;
    assert!(!hearing.arrived()[0].1);
    let forged = eventually(|| async { hearing.world().github.deliveries().pop() }).await;
    assert!(forged.forged);
    let again = hearing.world().github.redeliver(forged.id).await.unwrap();
    assert_eq!((again.guid, again.forged), (forged.guid, false));
    assert!(hearing.arrived()[1].1);
    hearing.finish().await;
}

#[tokio::test]
async fn a_delivery_comes_later_than_what_follows() {
    let hearing = Hearing::start().await;
    hearing.spoil(WebhookFaultKind::Delay { ms: 300 }, 1);
    let start = Instant::now();
    hearing.happen("a").await;
    hearing.happen("b").await;
    assert_eq!(hearing.heard(2).await, ["b", "a"]);
    assert!(start.elapsed() >= Duration::from_millis(300));
    hearing.finish().await;
}

#[tokio::test]
async fn a_delivery_has_the_size_that_is_wanted() {
    let hearing = Hearing::start().await;
    hearing.spoil(WebhookFaultKind::Size { bytes: 1 << 20 }, 1);
    hearing.happen("a").await;
    assert_eq!(hearing.heard(1).await, ["a"]);
    let received = hearing.listening.receiver.received.lock().unwrap()[0].clone();
    assert_eq!(received.1.len(), 1 << 20);
    assert_eq!(received.0["x-hub-signature-256"], signed(&received.1));
    hearing.finish().await;
}

#[tokio::test]
async fn deliveries_are_held_until_they_are_released() {
    let hearing = Hearing::start().await;
    let github = &hearing.world().github;
    github.hold_webhooks();
    for context in ["a", "b"] {
        hearing.happen(context).await;
    }
    eventually(|| async { (github.held_webhooks() == Some(2)).then_some(()) }).await;
    assert!(hearing.arrived().is_empty());
    assert_eq!(github.release_webhooks(), 2);
    let mut heard = hearing.heard(2).await;
    heard.sort_unstable();
    assert_eq!(heard, ["a", "b"]);
    hearing.happen("c").await;
    assert_eq!(hearing.heard(3).await[2], "c");
    hearing.finish().await;
}

#[tokio::test]
async fn a_receiver_can_be_named_late_and_taken_away() {
    // Somebody who listens, and another GitHub that learns of them later.
    let listening = Listening::start(Workflow::default(), StatusCode::OK).await;
    let late = Running::start(Workflow::default()).await;
    let path = "/control/webhook";
    let told = late.world.page(path).await.json();
    assert_eq!(told, json!({"url": null, "held": null}));
    let body = json!({"url": listening.url, "secret": SECRET}).to_string();
    let headers = [("content-type", "application/json")];
    let set = late.world.send(Method::PUT, path, &headers, body).await;
    assert_eq!(set.unwrap().status, StatusCode::NO_CONTENT);
    let told = late.world.page(path).await.json();
    assert_eq!(told, json!({"url": listening.url, "held": null}));

    let head = late.world.commit("main", "b.txt", "heard");
    let push = listening.received("push", 1).await.remove(0);
    assert_eq!(push["after"], head.as_str());
    assert_eq!(push["installation"], Value::Null);
    late.world.github.register_app(App::sample(7, "deploybot"));
    let installation = late.world.github.install_app("acme", None);
    late.world.commit("main", "c.txt", "heard");
    let push = listening.received("push", 2).await.remove(1);
    assert_eq!(push["installation"]["id"], installation);

    late.world.github.set_webhook(None);
    late.world.commit("main", "d.txt", "nobody hears of it");
    late.finish().await;
    assert_eq!(listening.events().len(), 2);
    listening.running.finish().await;
}

#[tokio::test]
async fn a_fault_that_hits_no_delivery_is_refused() {
    let world = World::start().await;
    let headers = [("content-type", "application/json")];
    for body in [
        json!({"kind": "drop", "event": "issues"}),
        json!({"kind": "drop", "times": 0}),
        json!({"kind": "eat"}),
    ] {
        let path = "/control/webhook/faults";
        let reply = world
            .send(Method::POST, path, &headers, body.to_string())
            .await
            .unwrap();
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    assert!(world.github.webhook_faults().is_empty());
}
