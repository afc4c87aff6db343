//! Check runs, check suites and statuses over REST.

use http::StatusCode;
use serde_json::json;
use simulators::github::{CheckStatus, Conclusion, SeedCheck};

use crate::rest_client::World;

#[tokio::test]
async fn checks_that_were_recorded() {
    let world = World::start().await;
    let at = jiff::Timestamp::from_second(1_790_000_200).unwrap();
    let seed = |name: &str, status| SeedCheck {
        sha: world.head().clone(),
        name: name.to_owned(),
        status,
        started_at: at,
        completed_at: Some(at),
    };
    let none = world
        .get("/repos/acme/people/commits/main/check-suites")
        .await
        .json();
    assert_eq!(none, json!({"total_count": 0, "check_suites": []}));
    for (name, status) in [
        ("build", CheckStatus::Completed(Conclusion::Failure)),
        ("test", CheckStatus::InProgress),
        ("build", CheckStatus::Completed(Conclusion::Success)),
    ] {
        world
            .github
            .seed_check("acme/people", seed(name, status))
            .unwrap();
    }
    let path = "/repos/acme/people/commits/main/check-runs";
    let runs = world.get(path).await.json();
    assert_eq!(runs["total_count"], 2);
    assert_eq!(runs["check_runs"][0]["conclusion"], "success");
    assert_eq!(
        world.get(&format!("{path}?filter=all")).await.json()["total_count"],
        3
    );
    let test = world.get(&format!("{path}?check_name=test")).await.json();
    assert_eq!(test["check_runs"][0]["status"], "in_progress");
    let id = &test["check_runs"][0]["id"];
    let run = world
        .get(&format!("/repos/acme/people/check-runs/{id}"))
        .await
        .json();
    assert_eq!(run, test["check_runs"][0]);
    let suite = world
        .get("/repos/acme/people/commits/main/check-suites")
        .await
        .json();
    assert_eq!(suite["check_suites"][0]["status"], "in_progress");
    for id in ["7", "x", "-1", "1125899906842624"] {
        let reply = world
            .get(&format!("/repos/acme/people/check-runs/{id}"))
            .await;
        assert_eq!(reply.refusal(), "404 Not Found", "{id}");
    }
}

#[tokio::test]
async fn checks_that_follow_from_the_sha() {
    let world = World::with_derived_checks().await;
    let runs = world
        .get("/repos/acme/people/commits/main/check-runs")
        .await
        .json();
    assert_eq!(runs["total_count"], 3);
    let id = &runs["check_runs"][2]["id"];
    let run = world
        .get(&format!("/repos/acme/people/check-runs/{id}"))
        .await
        .json();
    assert_eq!(run, runs["check_runs"][2]);
}

#[tokio::test]
async fn statuses_fold_into_one() {
    let world = World::start().await;
    let head = world.head();
    let path = format!("/repos/acme/people/statuses/{head}");
    let combined = "/repos/acme/people/commits/main/status";
    assert_eq!(world.get(combined).await.json()["state"], "pending");
    for (context, state, folded) in [
        ("ci/a", "success", "success"),
        ("ci/b", "pending", "pending"),
        ("ci/b", "error", "failure"),
        ("ci/b", "success", "success"),
    ] {
        let body = json!({"state": state, "context": context, "description": "x"});
        let reply = world.post(&path, body).await;
        assert_eq!(reply.status, StatusCode::CREATED);
        assert_eq!(reply.json()["creator"]["login"], "bora");
        assert_eq!(world.get(combined).await.json()["state"], folded);
    }
    assert_eq!(world.get(combined).await.json()["total_count"], 2);
    let all = world
        .get("/repos/acme/people/commits/main/statuses")
        .await
        .json();
    assert_eq!(all.as_array().unwrap().len(), 4);
    assert_eq!(
        (&all[0]["context"], &all[0]["state"]),
        (&json!("ci/b"), &json!("success"))
    );
    for (body, expected) in [
        (
            json!({}),
            "422 Invalid request.\n\n\"state\" wasn't supplied.",
        ),
        (json!({"state": "green"}), "422 Validation Failed"),
        (
            json!({"state": "success", "description": "x".repeat(141)}),
            "422 Validation Failed",
        ),
    ] {
        assert_eq!(world.post(&path, body).await.refusal(), expected);
    }
    let short = format!("/repos/acme/people/statuses/{}", head.short());
    let reply = world.post(&short, json!({"state": "success"})).await;
    assert_eq!(
        reply.refusal(),
        format!("422 No commit found for SHA: {}", head.short())
    );
}
