//! GitHub's limits: obeyed before a call is sent, by every call of the account,
//! and deploys go on while reads wait.

use deploy::github::{Client, CreateError, Error, Priority};
use serde_json::json;

use crate::{
    github_faults::new_deployment,
    github_stub::{Answer, NOW, PATIENT, Stub},
};

fn names(headers: Vec<(&'static str, String)>, rate_limit: &serde_json::Value) -> Answer {
    let owner = json!({"repositories": {"nodes": [{"name": "people"}]}});
    let data = json!({"repositoryOwner": owner, "rateLimit": rate_limit});
    Answer::Says(200, headers, json!({ "data": data }).to_string())
}

/// What GitHub says is left of a thousand until a minute from now.
fn left(remaining: u64) -> Vec<(&'static str, String)> {
    vec![
        ("x-ratelimit-limit", "1000".to_owned()),
        ("x-ratelimit-remaining", remaining.to_string()),
        ("x-ratelimit-reset", (NOW + 60).to_string()),
    ]
}

/// When the limit ends, in seconds from now, by which a read was held.
async fn held(client: &Client) -> i64 {
    match client.repositories("acme").await {
        Err(Error::RateLimited { retry_at }) => retry_at.as_second() - NOW,
        outcome => unreachable!("{outcome:?}"),
    }
}

#[tokio::test]
async fn a_pause_that_github_asks_for_is_kept_by_all_calls() {
    let words = json!({"message": "You have exceeded a secondary rate limit"});
    let limited = json!({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit"}]});
    for (answer, wait) in [
        (
            Answer::Says(403, vec![("retry-after", "30".to_owned())], String::new()),
            30,
        ),
        (Answer::status(429), 60),
        (Answer::json(403, &words), 60),
        (Answer::json(200, &limited), 60),
    ] {
        let stub = Stub::answering([answer]).await;
        let client = stub.client();
        assert_eq!(held(&client).await, wait);
        assert_eq!(held(&client).await, wait, "nothing is sent");
        let outcome = client.create(&new_deployment()).await;
        let not_sent = matches!(
            outcome,
            Err(CreateError::NotSent(Error::RateLimited { .. }))
        );
        assert!(not_sent, "{outcome:?}");
        assert_eq!(
            client.budgets()[0].closed_until.unwrap().as_second(),
            NOW + wait
        );
        assert_eq!(stub.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_budget_that_is_used_up_holds_only_what_it_is_for() {
    let stub = Stub::answering([
        Answer::Says(403, left(0), String::new()),
        Answer::json(
            201,
            &json!({"id": 42, "node_id": "DE_42", "created_at": "2026-11-22T10:00:00Z"}),
        ),
    ])
    .await;
    let client = stub.client();
    assert_eq!(held(&client).await, 60);
    assert_eq!(held(&client).await, 60);
    client.create(&new_deployment()).await.unwrap();
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn reads_leave_what_is_left_to_deploys() {
    let none = json!(null);
    let stub = Stub::answering([names(left(200), &none), names(left(199), &none)]).await;
    let client = stub.client();
    client.repositories("acme").await.unwrap();
    assert_eq!(held(&client).await, 60);
    let deploying = client.at(Priority::Deploy);
    deploying.repositories("acme").await.unwrap();
    let budget = client.budgets().remove(0).graphql.unwrap();
    assert_eq!((budget.limit, budget.remaining), (1_000, 199));
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn a_budget_is_read_in_the_body_where_the_headers_do_not_tell() {
    let reset_at = jiff::Timestamp::from_second(NOW + 60).unwrap();
    let limit = json!({"cost": 1, "remaining": 900, "resetAt": reset_at});
    let stub = Stub::answering([names(Vec::new(), &limit)]).await;
    let client = stub.client();
    client.repositories("acme").await.unwrap();
    assert_eq!(held(&client).await, 60);
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn githubs_own_clock_tells_when_its_budget_is_filled_anew() {
    let date = jiff::Timestamp::from_second(NOW + 600).unwrap();
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    let headers = vec![
        ("date", printer.timestamp_to_rfc9110_string(&date).unwrap()),
        ("x-ratelimit-remaining", "0".to_owned()),
        ("x-ratelimit-reset", (NOW + 690).to_string()),
    ];
    let stub = Stub::answering([Answer::Says(403, headers, String::new())]).await;
    let client = stub.client();
    assert_eq!(held(&client).await, 90);
    assert_eq!(held(&client).await, 90);
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn reads_that_hang_keep_no_deploy_waiting() {
    let hanging = (0..50).map(|_| Answer::Hangs);
    let created = json!({"id": 42, "node_id": "DE_42", "created_at": "2026-11-22T10:00:00Z"});
    let answers = hanging.chain([Answer::json(201, &created)]);
    let stub = Stub::answering(answers).await;
    let client = stub.client();
    let reads = futures::future::join_all((0..70).map(|_| client.repositories("acme")));
    let deploy = async {
        let under_way = async || (stub.count() == 50).then_some(());
        crate::service::eventually("as many reads as may be are under way", under_way).await;
        let new = new_deployment();
        let created = client.create(&new);
        tokio::time::timeout(PATIENT / 2, created).await.unwrap()
    };
    tokio::select! {
        _ = reads => unreachable!("they hang"),
        created = deploy => assert_eq!(created.unwrap().id.number, 42),
    }
    assert_eq!(stub.count(), 51);
}
