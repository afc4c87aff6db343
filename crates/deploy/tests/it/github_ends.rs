//! Ending a deployment: one call, and what its answer means.

use axum::http::Method;
use deploy::{
    github::{Client, EndError, Error, Unavailable},
    model::DeploymentId,
};
use serde_json::json;

use crate::{
    github_faults::people,
    github_stub::{Answer, Nobody, PATIENT, Stub, client, config_of},
};

async fn end(client: &Client) -> Result<(), EndError> {
    let deployment = DeploymentId {
        number: 42,
        node: "DE_42".to_owned(),
    };
    let reason = "Nobody picked it up.";
    client
        .end(&people(), &deployment, reason, "https://ci/1")
        .await
}

#[tokio::test]
async fn a_deployment_is_ended_with_one_post() {
    let stub = Stub::answering([Answer::json(201, &json!({"id": 1}))]).await;
    end(&stub.client()).await.unwrap();
    let seen = stub.seen();
    assert_eq!(seen[0].method, Method::POST);
    assert_eq!(seen[0].path, "/repos/acme/people/deployments/42/statuses");
    assert_eq!(
        seen[0].body,
        json!({
            "state": "error", "description": "Nobody picked it up.", "auto_inactive": false,
            "log_url": "https://ci/1",
        })
    );
}

#[tokio::test]
async fn every_answer_says_whether_it_may_be_tried_again() {
    let mut outcomes = Vec::new();
    for answer in [
        Answer::status(404),
        Answer::json(422, &json!({"message": "Validation Failed"})),
        Answer::status(401),
        Answer::status(502),
        Answer::Breaks(201),
        Answer::status(429),
    ] {
        let stub = Stub::answering([answer]).await;
        outcomes.push(end(&stub.client()).await.unwrap_err());
        assert_eq!(stub.seen().len(), 1);
    }
    let nobody = Nobody::new();
    let lost = client(config_of(&nobody.origin(), PATIENT));
    outcomes.push(end(&lost).await.unwrap_err());
    assert!(
        matches!(
            outcomes.as_slice(),
            [
                EndError::Gone,
                EndError::Refused(Error::Refused { status: 422, .. }),
                EndError::Refused(Error::Unauthorized),
                EndError::Unknown(Error::Unavailable(Unavailable::Status { status: 502, .. })),
                EndError::Unknown(Error::Unavailable(Unavailable::Broken(_))),
                EndError::NotSent(Error::RateLimited { .. }),
                EndError::NotSent(Error::Unavailable(Unavailable::NotConnected(_))),
            ]
        ),
        "{outcomes:#?}"
    );
}
