//! Answers of GitHub that hide something behind an error: they are not taken
//! for the truth.

use deploy::{
    github::Error,
    model::{ChecksState, CommitRef, DeploymentId, DeploymentState},
};
use serde_json::{Value, json};

use crate::{
    github_answers::{
        commit, deployment, deployments, environments, line, oid, people, production, sha,
    },
    github_facts::facts,
    github_stub::{Answer, Stub},
};

#[tokio::test]
async fn facts_with_a_hole_are_none() {
    let mut body = json!({
        "nameWithOwner": "acme/people", "url": "https://x", "object": commit(&oid(8)),
        "defaultBranchRef": {"name": "main", "target": {"line": line(9, 0, false)}},
        "environments": environments(&Value::Null), "named": {"nodes": []},
        "deployments": deployments(&[Value::Null], false),
    });
    let asked: CommitRef = oid(8).parse().unwrap();
    let with_error = |body: &Value, path: Value| {
        let error = json!({"type": "FORBIDDEN", "path": path, "message": "not accessible"});
        Answer::json(
            200,
            &json!({"data": {"repository": body}, "errors": [error]}),
        )
    };
    let hole = with_error(&body, json!(["repository", "deployments", "nodes", 0]));
    let stub = Stub::answering([hole]).await;
    let error = stub
        .client()
        .facts(&people(), &production(), &asked)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert_eq!(stub.operations(), ["Facts"]);

    body["object"]["statusCheckRollup"] = Value::Null;
    let unreadable = with_error(&body, json!(["repository", "object", "statusCheckRollup"]));
    let stub = Stub::answering([unreadable]).await;
    let facts = facts(&stub, asked.as_str()).await;
    assert_eq!(facts.found().unwrap().checks.state, ChecksState::Unreadable);
    assert_eq!(stub.operations(), ["Facts"]);
}

#[tokio::test]
async fn status_and_history_with_a_hole_are_none() {
    let hole = |path: Value| {
        let rows = [Value::Null, deployment(7, "production", &["SUCCESS"])];
        let commits = json!({"nodes": [commit(&oid(9))]});
        let branch =
            json!({"name": "main", "target": {"commits": commits, "line": line(9, 5, true)}});
        let repository = json!({
            "nameWithOwner": "acme/people", "url": "https://x", "defaultBranchRef": branch,
            "environments": environments(&Value::Null), "named": {"nodes": []},
            "deployments": deployments(&rows, false),
        });
        let error = json!({"path": path, "message": "Something went wrong"});
        let body = json!({"data": {"repository": repository}, "errors": [error]});
        Answer::json(200, &body)
    };
    for path in [
        json!(["repository", "deployments", "nodes", 0]),
        json!(["repository", "deployments", "nodes", 0, "commitOid"]),
        json!([
            "repository",
            "deployments",
            "nodes",
            1,
            "statuses",
            "nodes",
            0
        ]),
        json!(["repository", "environments", "nodes", 1]),
    ] {
        let stub = Stub::answering([hole(path.clone()), hole(path.clone())]).await;
        let client = stub.client();
        let status = client.status(&people(), 5).await.map(|_status| ());
        let history = client.history(&people(), None, 5).await.map(|_history| ());
        for told in [status, history] {
            assert!(
                matches!(told, Err(Error::Unavailable(_))),
                "{path} {told:?}"
            );
        }
        assert_eq!(stub.operations(), ["Status", "History"]);
    }
    // Who made a deployment is shown as not known.
    let path = json!(["repository", "deployments", "nodes", 1, "creator"]);
    let stub = Stub::answering([hole(path)]).await;
    let (status, _) = stub.client().status(&people(), 5).await.unwrap();
    let live = status.environments[0].live.as_ref().unwrap();
    assert_eq!(live.commit.sha, sha(7));
    assert_eq!(stub.operations(), ["Status"]);
}

#[tokio::test]
async fn following_does_not_take_a_hole_for_truth() {
    let mut hidden = deployment(7, "production", &["IN_PROGRESS"]);
    hidden["__typename"] = "Deployment".into();
    hidden["statuses"] = Value::Null;
    let mut shown = deployment(8, "production", &["SUCCESS"]);
    shown["__typename"] = "Deployment".into();
    let errors = json!([
        {"path": ["nodes", 0, "statuses"], "message": "Something went wrong"},
        {"path": ["nodes", 1, "creator"], "message": "Something went wrong"},
        {"type": "NOT_FOUND", "path": ["nodes", 2], "message": "Could not resolve"},
        {"type": "NOT_FOUND", "path": ["nodes", 3, "commitOid"], "message": "Could not resolve"},
    ]);
    let nodes = json!([hidden, shown, null, null]);
    let answer = json!({"data": {"nodes": nodes}, "errors": errors});
    let stub = Stub::answering([Answer::json(200, &answer)]).await;
    let id = |number: u64| {
        let id = DeploymentId {
            number,
            node: format!("DE_{number}"),
        };
        (people(), id)
    };
    let followed = stub.client().follow(&[7, 8, 9, 10].map(id)).await;
    let told: Vec<_> = followed
        .iter()
        .filter_map(|(id, told)| Some((id.number, told.as_ref().ok()?)))
        .map(|(number, told)| (number, told.as_ref().map(|one| one.state)))
        .collect();
    assert_eq!(told, [(8, Some(DeploymentState::Succeeded)), (9, None)]);
    assert_eq!(stub.operations(), ["Follow"]);
}
