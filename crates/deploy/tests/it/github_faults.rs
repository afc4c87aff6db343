//! What the client makes of GitHub's faults: what it sends again, what it never
//! does, and what it tells the caller.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::{error::Error as _, time::Duration};

use axum::http::Method;
use deploy::{
    github::{CreateError, Error, NewDeployment, Unavailable},
    model::{Commit, DeploymentId, DeploymentState, Kind, Person, ReplyAddress, RepositoryName},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::github_stub::{Answer, NOW, Nobody, PATIENT, Stub, TOKEN, client, config_of};

/// Long enough for a request to arrive.
const SHORT: Duration = Duration::from_millis(500);
const SHA: &str = "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2";

pub(crate) fn people() -> RepositoryName {
    RepositoryName::parse("acme/people", None).unwrap()
}

pub(crate) fn new_deployment() -> NewDeployment {
    NewDeployment {
        repository: people(),
        environment: "production".parse().unwrap(),
        commit: Commit {
            sha: SHA.parse().unwrap(),
            headline: "Add Minji".to_owned(),
            author: "minji".to_owned(),
            committed_at: Timestamp::UNIX_EPOCH,
            url: String::new(),
        },
        kind: Kind::Deploy,
        request_id: "slack:T1:Ev1".parse().unwrap(),
        requester: Person {
            name: "Minji".to_owned(),
            ..Person::default()
        },
        reply: ReplyAddress::default(),
        replaces: None,
    }
}

/// Creates a deployment against one answer; tells the outcome and how many
/// requests were sent.
async fn create(answer: Answer) -> (Result<u64, CreateError>, usize) {
    let deadline = if matches!(answer, Answer::Hangs) {
        SHORT
    } else {
        PATIENT
    };
    let stub = Stub::answering([answer]).await;
    let outcome = stub.client_within(deadline).create(&new_deployment()).await;
    (
        outcome.map(|deployment| deployment.id.number),
        stub.seen().len(),
    )
}

/// Asks for the names of repositories: the smallest read.
async fn read(answers: impl IntoIterator<Item = Answer>) -> (Result<Vec<String>, Error>, usize) {
    let stub = Stub::answering(answers).await;
    let outcome = stub.client().repositories("acme").await;
    (outcome, stub.seen().len())
}

fn names() -> Answer {
    Answer::data(&json!({"repositoryOwner": {"repositories": {"nodes": [{"name": "people"}]}}}))
}

#[tokio::test]
async fn a_deployment_is_created_with_one_post_by_its_whole_sha() {
    let created = json!({
        "id": 42, "node_id": "DE_42", "created_at": "2026-11-22T10:00:00Z", "payload": "odd",
    });
    let stub = Stub::answering([Answer::json(201, &created)]).await;
    let deployment = stub
        .client_at("/api/v3/")
        .create(&new_deployment())
        .await
        .unwrap();
    assert_eq!(
        deployment.id,
        DeploymentId {
            number: 42,
            node: "DE_42".to_owned()
        }
    );
    assert_eq!(deployment.state, DeploymentState::Pending);
    let seen = stub.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, Method::POST);
    assert_eq!(seen[0].path, "/api/v3/repos/acme/people/deployments");
    assert_eq!(seen[0].authorization, format!("Bearer {TOKEN}"));
    assert_eq!(seen[0].body["ref"], SHA);
    assert_eq!(seen[0].body["auto_merge"], false);
    assert_eq!(seen[0].body["required_contexts"], json!([]));
    assert_eq!(seen[0].body["payload"]["request_id"], "slack:T1:Ev1");
}

#[tokio::test]
async fn a_post_whose_answer_is_lost_is_never_repeated() {
    for answer in [
        Answer::status(502),
        Answer::status(500),
        Answer::Hangs,
        Answer::Breaks(201),
        Answer::Says(201, vec![], "<html>".to_owned()),
    ] {
        let (outcome, requests) = create(answer).await;
        assert!(
            matches!(outcome, Err(CreateError::Unknown(_))),
            "{outcome:?}"
        );
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn a_post_that_was_not_carried_out_may_be_tried_again() {
    let words = json!({"message": "You have exceeded a secondary rate limit"});
    for answer in [
        Answer::Says(403, vec![("retry-after", "1".to_owned())], String::new()),
        Answer::status(429),
        Answer::json(403, &words),
    ] {
        let (outcome, requests) = create(answer).await;
        let limited = matches!(
            outcome,
            Err(CreateError::NotSent(Error::RateLimited { .. }))
        );
        assert!(limited, "{outcome:?}");
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn a_post_that_found_nobody_was_not_sent() {
    let nobody = Nobody::new();
    let outcome = client(config_of(&nobody.origin(), PATIENT))
        .create(&new_deployment())
        .await;
    let Err(CreateError::NotSent(error)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        matches!(error, Error::Unavailable(Unavailable::NotConnected(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_github_refuses_is_told_in_a_sentence() {
    let says = |message: &str| json!({ "message": message });
    let mut sentences = Vec::new();
    for answer in [
        Answer::json(202, &says("Auto-merged main into topic on deployment.")),
        Answer::json(401, &says("Bad credentials")),
        Answer::json(403, &says("Resource not accessible by integration")),
        Answer::json(404, &says("Not Found")),
        Answer::json(
            409,
            &says("Conflict: Commit status checks failed for main."),
        ),
        Answer::json(422, &says(&format!("No ref found for: {SHA}"))),
    ] {
        let (outcome, requests) = create(answer).await;
        let Err(CreateError::Refused(objection)) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(requests, 1);
        sentences.push(objection.to_string());
    }
    insta::assert_snapshot!(sentences.join("\n"), @"
    it merged the default branch first and made no deployment.
    it does not accept deploybot. Whoever runs deploybot has to see to its token or its App.
    deploybot may not create deployments in acme/people. Whoever runs deploybot has to give it write access to Deployments there.
    it does not show acme/people to deploybot for writing. Whoever runs deploybot has to give it write access to Deployments there.
    required checks of a1b2c3d have not passed.
    it does not find commit a1b2c3d any more, which a force-push may have removed. Deploy another commit.
    ");
}

#[tokio::test]
async fn a_read_is_tried_again_twice_and_no_more() {
    let (outcome, requests) = read([Answer::status(502), Answer::Breaks(200), names()]).await;
    assert_eq!(outcome.unwrap(), ["people"]);
    assert_eq!(requests, 3);
    let (outcome, _) = read([502, 503, 504].map(Answer::status)).await;
    let error = outcome.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unavailable(Unavailable::Status { status: 504, .. })
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_query_that_github_gave_up_is_tried_again() {
    let given_up = json!({"data": null, "errors": [{"message": "Something went wrong"}]});
    let (outcome, requests) = read([Answer::json(200, &given_up), names()]).await;
    assert_eq!(outcome.unwrap(), ["people"]);
    assert_eq!(requests, 2);
}

#[tokio::test]
async fn what_would_be_answered_the_same_is_not_tried_again() {
    let wrong_query = json!({"errors": [
        {"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}},
    ]});
    for (answer, expected) in [
        (Answer::status(401), "Unauthorized"),
        (Answer::status(404), "NotFound"),
        (Answer::json(403, &json!({"message": "Blocked"})), "Refused"),
        (Answer::json(200, &wrong_query), "Refused"),
    ] {
        let (outcome, requests) = read([answer]).await;
        let error = format!("{:?}", outcome.unwrap_err());
        assert!(error.starts_with(expected), "{error}");
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_asked_for_once_more() {
    let page = || Answer::Says(200, vec![], "<html>".to_owned());
    let (outcome, requests) = read([page(), names()]).await;
    assert_eq!((outcome.unwrap(), requests), (vec!["people".to_owned()], 2));
    let (outcome, requests) = read([page(), page()]).await;
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Unreadable(_)), "{error:?}");
    assert_eq!(requests, 2);
}

#[tokio::test]
async fn a_limit_is_obeyed_whichever_way_it_is_said() {
    let header = |name, value: i64| (name, value.to_string());
    let limited = json!({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit"}]});
    let in_each_way = |status| {
        let used_up = vec![
            header("x-ratelimit-remaining", 0),
            header("x-ratelimit-reset", NOW + 90),
        ];
        let pause = vec![header("retry-after", 30)];
        let words = json!({"message": "API rate limit exceeded"});
        [
            (Answer::Says(status, pause, String::new()), 30),
            (Answer::Says(status, used_up, String::new()), 90),
            (Answer::json(status, &words), 60),
        ]
    };
    let in_graphql = [(Answer::json(200, &limited), 60)];
    let ways = in_each_way(403).into_iter().chain(in_each_way(429));
    for (answer, wait) in ways.chain(in_graphql) {
        let (outcome, requests) = read([answer]).await;
        let Err(Error::RateLimited { retry_at }) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(retry_at.as_second() - NOW, wait);
        assert_eq!(requests, 1, "a long wait is the caller's");
    }
    let short = Answer::Says(429, vec![header("retry-after", 0)], String::new());
    let (outcome, requests) = read([short, names()]).await;
    assert_eq!(outcome.unwrap(), ["people"]);
    assert_eq!(requests, 2);
}

#[tokio::test]
async fn a_read_that_hangs_ends_at_its_deadline() {
    let stub = Stub::answering([Answer::Hangs]).await;
    let error = stub
        .client_within(SHORT)
        .repositories("acme")
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Unavailable(Unavailable::TimedOut(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_is_gone_is_told_from_what_could_not_be_read() {
    let ids = ["DE_1", "DE_2"].map(|node| DeploymentId {
        number: 1,
        node: node.to_owned(),
    });
    let known = ids.clone().map(|id| (people(), id));
    let node = json!({
        "__typename": "Deployment", "id": "DE_1", "databaseId": 1, "environment": "production",
        "createdAt": "2026-11-22T10:00:00Z", "commitOid": SHA, "statuses": {"nodes": []},
    });
    let partial = |error: Value| {
        Answer::json(
            200,
            &json!({"data": {"nodes": [node, null]}, "errors": [error]}),
        )
    };
    let gone = json!({"type": "NOT_FOUND", "path": ["nodes", 1], "message": "gone"});
    let stub = Stub::answering([partial(gone)]).await;
    let followed = stub.client().follow(&known).await;
    let first = followed[0].1.as_ref().unwrap().as_ref().unwrap();
    assert_eq!(first.state, DeploymentState::Pending);
    assert!(matches!(followed[1], (_, Ok(None))), "{followed:?}");
    assert_eq!(stub.operations(), ["Follow"]);

    let hidden = json!({"path": ["nodes", 1], "message": "Something went wrong"});
    let stub = Stub::answering([partial(hidden)]).await;
    let followed = stub.client().follow(&known).await;
    assert!(matches!(followed[0].1, Ok(Some(_))), "it is not in the way");
    assert!(
        matches!(followed[1].1, Err(Error::Unavailable(_))),
        "it is not gone: {followed:?}"
    );
    assert_eq!(stub.operations(), ["Follow"]);
}

#[tokio::test]
async fn graphql_of_an_enterprise_server_is_beside_rest() {
    let stub = Stub::answering([names()]).await;
    stub.client_at("/api/v3")
        .repositories("acme")
        .await
        .unwrap();
    assert_eq!(stub.seen()[0].path, "/api/graphql");
}

#[tokio::test]
async fn the_token_is_in_no_text() {
    let stub = Stub::answering([Answer::status(401)]).await;
    let client = stub.client();
    let error = client.repositories("acme").await.unwrap_err();
    let nobody = Nobody::new();
    let lost = self::client(config_of(&nobody.origin(), PATIENT))
        .repositories("acme")
        .await
        .unwrap_err();
    let chain = lost.source().map(ToString::to_string);
    for text in [
        format!("{client:?}"),
        format!("{error:?}{error}"),
        format!("{lost:?}{chain:?}"),
    ] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    assert_eq!(stub.seen().len(), 1);
}
