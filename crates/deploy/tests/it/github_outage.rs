//! A GitHub that does not answer: it is left alone, tried again by itself, and
//! what it says about its outage is read. One of which only a part does not
//! answer is asked on.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use deploy::github::{Client, CreateError, Error, Unavailable};
use jiff::Timestamp;
use serde_json::json;
use tokio::{net::TcpListener, sync::watch, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    github_faults::new_deployment,
    github_stub::{Answer, NOW, Nobody, PATIENT, Stub, client, config_of},
    service::PATIENCE,
};

/// Fails so often that it is suspicious.
async fn fail(client: &Client) {
    for _ in 0..2 {
        client.repositories("acme").await.unwrap_err();
    }
}

/// Does this while GitHub is watched over.
async fn watched<T>(client: &Client, work: impl Future<Output = T>) -> T {
    let shutdown = CancellationToken::new();
    let work = async {
        let done = timeout(PATIENCE, work).await.unwrap();
        shutdown.cancel();
        done
    };
    let (outcome, done) = tokio::join!(client.clone().run(shutdown.clone()), work);
    outcome.unwrap();
    done
}

fn is_left_alone(error: &Error) -> bool {
    let noon = Timestamp::from_second(NOW).unwrap();
    matches!(
        error,
        Error::Unavailable(Unavailable::CircuitOpen { since, .. }) if *since == noon
    )
}

/// What six calls, which [`fail`] makes, and the probe after them are answered.
fn outage() -> impl Iterator<Item = Answer> {
    [500, 502, 503, 504, 500, 502, 503]
        .into_iter()
        .map(Answer::status)
}

#[tokio::test]
async fn after_some_failures_and_a_probe_nothing_is_sent_any_more() {
    let stub = Stub::answering(outage().chain([Answer::Hangs])).await;
    let client = stub.client();
    timeout(PATIENCE, client.available()).await.unwrap();
    fail(&client).await;
    assert_eq!(client.unavailable_since(), None);
    watched(&client, async {
        client.unavailable().await;
        let error = client.repositories("acme").await.unwrap_err();
        assert!(is_left_alone(&error), "{error:?}");
        let Err(CreateError::NotSent(error)) = client.create(&new_deployment()).await else {
            unreachable!("nothing may be sent")
        };
        assert!(is_left_alone(&error), "{error:?}");
        while stub.count() < 8 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let seen = stub.seen();
    assert_eq!([&*seen[6].path, &*seen[7].path], ["/rate_limit"; 2]);
}

#[tokio::test]
async fn a_creation_that_fails_counts_as_a_failure_too() {
    let stub = Stub::answering(
        [502; 6]
            .map(Answer::status)
            .into_iter()
            .chain([Answer::Hangs]),
    );
    let stub = stub.await;
    let client = stub.client();
    for _ in 0..5 {
        let outcome = client.create(&new_deployment()).await;
        assert!(
            matches!(outcome, Err(CreateError::Unknown(_))),
            "{outcome:?}"
        );
    }
    let error = watched(&client, async {
        client.unavailable().await;
        client.repositories("acme").await.unwrap_err()
    });
    let error = error.await;
    assert!(is_left_alone(&error), "{error:?}");
}

/// So it is with one repository that is too large for GitHub, and when GraphQL
/// alone is down.
#[tokio::test]
async fn who_answers_a_probe_is_asked_on_whatever_else_fails() {
    let back = || Answer::json(404, &json!({"message": "Rate limiting is not enabled."}));
    let calls = || [502; 6].map(Answer::status);
    let answers = calls()
        .into_iter()
        .chain([back()])
        .chain(calls())
        .chain([back()]);
    let stub = Stub::answering(answers).await;
    let client = stub.client();
    for probes in 1..=2 {
        fail(&client).await;
        watched(&client, async {
            while stub.count() < 7 * probes {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
        assert_eq!(client.unavailable_since(), None);
    }
    let seen = stub.seen();
    assert_eq!([&*seen[6].path, &*seen[13].path], ["/rate_limit"; 2]);
}

#[tokio::test]
async fn a_client_that_nobody_watches_over_goes_on_asking() {
    let stub = Stub::answering([502; 30].map(Answer::status)).await;
    let client = stub.client();
    for _ in 0..10 {
        let error = client.repositories("acme").await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Unavailable(Unavailable::Status { status: 502, .. })
            ),
            "{error:?}"
        );
    }
    assert_eq!(stub.seen().len(), 30);
}

#[tokio::test]
async fn refusals_and_limits_are_answers() {
    let answers = [404, 403, 422, 401, 404, 403, 422, 401].map(Answer::status);
    let stub = Stub::answering(answers).await;
    let client = stub.client();
    for _ in 0..8 {
        let error = client.repositories("acme").await.unwrap_err();
        assert!(!matches!(error, Error::Unavailable(_)), "{error:?}");
    }
    assert_eq!(client.unavailable_since(), None);
    stub.seen();
}

#[tokio::test]
async fn that_it_is_back_is_noticed_though_nobody_asks() {
    let back = Answer::json(404, &json!({"message": "Rate limiting is not enabled."}));
    let stub = Stub::answering(outage().chain([Answer::status(502), back])).await;
    let client = stub.client();
    fail(&client).await;
    watched(&client, async {
        client.unavailable().await;
        client.available().await;
    })
    .await;
    assert_eq!(client.unavailable_since(), None);
    let seen = stub.seen();
    let probes = seen[6..].iter().map(|seen| &*seen.path);
    assert_eq!(probes.collect::<Vec<_>>(), ["/rate_limit"; 3]);
}

/// A status page that answers this, and how often it was asked.
pub(crate) async fn status_page(
    answer: Option<String>,
) -> (String, watch::Receiver<u32>, JoinSet<()>) {
    type Asked = (Option<String>, Arc<watch::Sender<u32>>);
    async fn page(State((answer, asked)): State<Asked>) -> (StatusCode, String) {
        asked.send_modify(|asked| *asked += 1);
        match answer {
            Some(answer) => (StatusCode::OK, answer),
            None => std::future::pending().await,
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/incidents.json", listener.local_addr().unwrap());
    let asked = Arc::new(watch::Sender::new(0));
    let seen = asked.subscribe();
    let app = Router::new().route("/incidents.json", get(page));
    let app = app.with_state((answer, asked));
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, seen, server)
}

/// What is told of an outage during which the status page answers this.
async fn incident(answer: Option<String>) -> Option<String> {
    let (url, mut asked, _server) = status_page(answer).await;
    let nobody = Nobody::new();
    let mut config = config_of(&nobody.origin(), PATIENT);
    config.status_url = Some(url.parse().unwrap());
    let client = client(config);
    watched(&client, async {
        assert_eq!(client.incident(), None);
        fail(&client).await;
        asked.wait_for(|asked| *asked == 1).await.unwrap();
        // A page that gives no answer is given two seconds.
        let told = async {
            while client.incident().is_none() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let _ = timeout(Duration::from_secs(3), told).await;
    })
    .await;
    assert_eq!(*asked.borrow(), 1, "once a minute is enough");
    client.incident()
}

#[tokio::test]
async fn what_github_says_about_it_is_told() {
    let page = json!({"incidents": [{
        "name": "Delays in API requests", "status": "investigating",
        "shortlink": "https://stspg.io/abc", "updated_at": "2026-11-22T10:00:00Z",
    }]});
    insta::assert_snapshot!(
        incident(Some(page.to_string())).await.unwrap(),
        @"Delays in API requests (investigating) https://stspg.io/abc"
    );
}

#[tokio::test]
async fn a_status_page_at_fault_changes_nothing() {
    let large = json!({"incidents": [{"name": "x".repeat(300 << 10)}]}).to_string();
    let page = |answer| async move { incident(answer).await };
    let pages = [Some("<html>".to_owned()), Some(large), None].map(page);
    assert_eq!(futures::future::join_all(pages).await, [None, None, None]);
}
