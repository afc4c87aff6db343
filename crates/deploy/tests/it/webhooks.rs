//! Webhooks over HTTP: what becomes a hint, what is ignored, and what is said.

use std::time::{Duration, Instant};

use deploy::{
    model::{Hint, RepositoryName, Subject},
    web::{
        Patience,
        hints::{Pace, gathering},
    },
};
use futures::{StreamExt as _, stream};
use http::{HeaderValue, Request};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::webhooks_world::{Receiving, signature, webhook};

/// The events that matter.
const WANTED: [&str; 7] = [
    "check_run",
    "check_suite",
    "deployment",
    "deployment_status",
    "push",
    "status",
    "workflow_run",
];

fn about(repository: &str) -> String {
    json!({"repository": {"full_name": repository}}).to_string()
}

#[tokio::test]
async fn githubs_own_example_is_taken_for_signed() {
    let receiving = Receiving::start().await;
    let mut example = webhook("ping", "d1", "Hello, World!");
    let documented = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let header = HeaderValue::from_static(documented);
    example.headers_mut().insert("x-hub-signature-256", header);
    let answer = receiving.post(example).await;
    assert_eq!(answer, (200, "deploybot listens.\n".to_owned()));
    assert!(receiving.stop().await.is_empty());
}

#[tokio::test]
async fn the_seven_events_become_hints_and_others_do_not() {
    let receiving = Receiving::start().await;
    for event in WANTED {
        let (status, _) = receiving.send(event, event, &about("acme/people")).await;
        assert_eq!(status, 202, "{event}");
    }
    for event in ["issues", "member", "Push", "deployment_review", "push/../x"] {
        let (status, said) = receiving.send(event, event, &about("acme/people")).await;
        assert_eq!(status, 202, "{event}");
        assert_eq!(said, "Ignored: deploybot has no use for this event.\n");
    }
    assert_eq!(receiving.deliveries().await, WANTED);
}

#[tokio::test]
async fn each_answer_says_what_became_of_it() {
    let receiving = Receiving::start().await;
    let body = about("acme/people");
    let topic = json!({"ref": "refs/heads/topic",
        "repository": {"full_name": "acme/people", "default_branch": "main"}});
    let without = |header: &str| {
        let mut request = webhook("status", "d1", &body);
        request.headers_mut().remove(header);
        request
    };
    let mut forged = webhook("status", "d1", &body);
    let signature = signature("another secret", body.as_bytes());
    forged
        .headers_mut()
        .insert("x-hub-signature-256", signature.parse().unwrap());
    let get = Request::get("/webhooks/github").body(Full::default());
    let elsewhere = Request::post("/webhooks").body(Full::default());
    let mut said = String::new();
    for request in [
        webhook("ping", "d1", &body),
        webhook("status", "d1", &body),
        webhook("issues", "d1", &body),
        webhook("push", "d1", &topic.to_string()),
        webhook("status", "d1", "{}"),
        without("x-github-delivery"),
        without("x-github-event"),
        without("x-hub-signature-256"),
        forged,
        get.unwrap(),
        elsewhere.unwrap(),
    ] {
        let (status, words) = receiving.post(request).await;
        said += &format!(
            "{status} {words}{}",
            if words.is_empty() { "\n" } else { "" }
        );
    }
    insta::assert_snapshot!(said, @r"
    200 deploybot listens.
    202 Accepted: deploybot takes a look.
    202 Ignored: deploybot has no use for this event.
    202 Ignored: this is not the default branch.
    202 Ignored: it does not say which repository it is about.
    400 Refused: X-GitHub-Delivery or X-GitHub-Event is missing.
    400 Refused: X-GitHub-Delivery or X-GitHub-Event is missing.
    401 Refused: it is not signed. Set this webhook's secret on GitHub to deploybot's DEPLOY_GITHUB_WEBHOOK_SECRET.
    401 Refused: its signature does not fit. This webhook's secret on GitHub is not deploybot's DEPLOY_GITHUB_WEBHOOK_SECRET.
    405 
    404 
    ");
    assert_eq!(receiving.deliveries().await, ["d1"]);
}

#[tokio::test]
async fn a_thousand_in_a_second_are_a_few_batches() {
    let receiving = Receiving::start().await;
    let began = Instant::now();
    let answers = stream::iter(0..1000).map(|number| {
        let body = about(&format!("acme/service-{}", number % 4));
        let receiving = &receiving;
        async move {
            receiving
                .send("status", &format!("d{number}"), &body)
                .await
                .0
        }
    });
    let statuses: Vec<u16> = answers.buffer_unordered(32).collect().await;
    assert_eq!(statuses, vec![202; 1000]);
    let took = began.elapsed();
    println!("1,000 webhooks took {took:?}");

    let written = receiving.stop().await;
    let most = took.as_millis() / Pace::default().gather.as_millis() + 2;
    assert!(
        written.len() as u128 <= most,
        "{} in {took:?}",
        written.len()
    );
    for batch in &written {
        let mut names: Vec<_> = batch.iter().map(|hints| hints.repository.name()).collect();
        names.dedup();
        assert_eq!(names.len(), batch.len());
    }
    let deliveries = written.iter().flatten().map(|hints| hints.deliveries.len());
    assert_eq!(deliveries.sum::<usize>(), 1000);
}

#[tokio::test]
async fn a_delivery_that_comes_twice_is_one() {
    let receiving = Receiving::start().await;
    for _ in 0..3 {
        let (status, _) = receiving.send("status", "d1", &about("acme/people")).await;
        assert_eq!(status, 202);
    }
    let mut deliveries = receiving.deliveries().await;
    // Within a batch here; among batches in the journal.
    deliveries.dedup();
    assert_eq!(deliveries, ["d1"]);
}

#[tokio::test]
async fn a_deployments_own_payload_may_be_anything() {
    let receiving = Receiving::start().await;
    let payloads = [
        json!("a string"),
        json!(["an", "array"]),
        json!("x".repeat(1024 * 1024)),
        json!(null),
    ];
    for (number, payload) in payloads.into_iter().enumerate() {
        let body = json!({
            "deployment": {"id": number, "node_id": format!("DE_{number}"), "payload": payload},
            "repository": {"full_name": "acme/people"},
        });
        let (status, said) = receiving
            .send("deployment", &format!("d{number}"), &body.to_string())
            .await;
        assert_eq!(status, 202, "{said}");
    }
    let written = receiving.stop().await;
    let of_it = written.iter().flatten();
    let deliveries = of_it.flat_map(|hints| hints.deliveries.clone());
    let mut deployments: Vec<_> = deliveries
        .map(|(_, about)| match about {
            Subject::Deployment(Some(deployment)) => deployment,
            other => panic!("{other:?}"),
        })
        .collect();
    deployments.sort_by_key(|deployment| deployment.number);
    let nodes: Vec<_> = deployments.into_iter().map(|id| id.node).collect();
    assert_eq!(nodes, ["DE_0", "DE_1", "DE_2", "DE_3"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_accepted_and_ignored() {
    let receiving = Receiving::start().await;
    let deep = "[".repeat(500_000);
    let odd: [&str; 12] = [
        "",
        "null",
        "7",
        "\"acme/people\"",
        "[]",
        "{",
        "not JSON",
        "{\"repository\": null}",
        "{\"repository\": [\"acme/people\"]}",
        "{\"repository\": {\"full_name\": \"../../etc\"}}",
        "payload=%7B%7D",
        &deep,
    ];
    for body in odd {
        for event in WANTED {
            let (status, said) = receiving.send(event, "d1", body).await;
            assert_eq!(status, 202, "{event} {said}");
            assert!(said.starts_with("Ignored"), "{event} {said}");
        }
    }
    assert!(receiving.stop().await.is_empty());
}

#[tokio::test]
async fn a_form_is_read_too() {
    let receiving = Receiving::start().await;
    let body = "payload=%7B%22repository%22%3A%7B%22full_name%22%3A%22acme%2Fpeople%22%7D%7D";
    let mut request = webhook("status", "d1", body);
    let form = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
    request.headers_mut().insert("content-type", form);
    let (status, said) = receiving.post(request).await;
    assert_eq!(status, 202, "{said}");
    assert_eq!(receiving.deliveries().await, ["d1"]);
}

#[tokio::test]
async fn when_too_many_wait_the_next_is_told_so() {
    let (hints, gatherer) = gathering();
    let receiving = Receiving::without_gatherer(hints, Patience::default()).await;
    let hint = Hint {
        delivery: "d1".parse().unwrap(),
        repository: RepositoryName::parse("acme/people", None).unwrap(),
        about: Subject::Commits,
    };
    while receiving.hints.give(hint.clone()) {}
    let body: Value = json!({"repository": {"full_name": "acme/people"}});
    let (status, said) = receiving.send("status", "d2", &body.to_string()).await;
    assert_eq!(status, 503);
    assert_eq!(
        said,
        "Refused: more webhooks came than deploybot can deal with.\n"
    );
    drop(gatherer);
    receiving.stop().await;
}

#[tokio::test]
async fn what_was_accepted_is_written_before_the_end() {
    let receiving = Receiving::start().await;
    let began = Instant::now();
    let (status, _) = receiving.send("status", "d1", &about("acme/people")).await;
    assert_eq!(status, 202);
    assert_eq!(receiving.deliveries().await, ["d1"]);
    assert!(began.elapsed() < Duration::from_secs(30));
}
