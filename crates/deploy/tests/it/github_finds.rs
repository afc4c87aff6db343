//! Deployments that have to be looked for: the one that a lost answer may have
//! made, and the last good one behind hundreds of failures.

use deploy::{github::Error, model::DeploymentState};
use serde_json::{Value, json};

use crate::{
    github_answers::{
        commit, deployment, deployments, environments, line, oid, people, production, repository,
        sha,
    },
    github_facts::facts,
    github_stub::{Answer, Stub},
};

#[tokio::test]
async fn a_deployment_is_found_by_its_request() {
    let listed = |n: u64, payload: Value| json!({"id": n, "node_id": format!("DE_{n}"), "sha": oid(8), "payload": payload});
    let page: Vec<Value> = (100..200)
        .map(|n| listed(n, json!({"other": "tool"})))
        .collect();
    let payload = json!({"deploybot": 1, "request_id": "slack:T1:Ev1"});
    for ours in [payload.clone(), payload.to_string().into()] {
        let mut shown = deployment(8, "production", &["IN_PROGRESS"]);
        shown["__typename"] = "Deployment".into();
        let last = json!([listed(9, json!("")), listed(8, ours), listed(7, json!([]))]);
        let stub = Stub::answering([
            Answer::json(200, &json!(page)),
            Answer::json(200, &last),
            Answer::data(&json!({ "nodes": [shown] })),
        ])
        .await;
        let environment = "eu west/blue&x=1".parse().unwrap();
        let request = "slack:T1:Ev1".parse().unwrap();
        let found = stub
            .client()
            .find(&people(), &environment, &sha(8), &request)
            .await;
        let found = found.unwrap().unwrap();
        assert_eq!(found.id.number, 8);
        assert_eq!(found.state, DeploymentState::Running);
        let asked: Vec<String> = stub.seen().into_iter().map(|seen| seen.path).collect();
        let list = format!("/repos/acme/people/deployments?sha={}", oid(8));
        let query = "&environment=eu+west%2Fblue%26x%3D1&per_page=100&page=";
        let lists = [1, 2].map(|page| format!("{list}{query}{page}"));
        assert_eq!(asked[..2], lists);
        assert_eq!(asked[2], "/graphql");
    }
}

#[tokio::test]
async fn only_what_is_surely_not_there_was_not_made() {
    let listed = json!([{
        "id": 8, "node_id": "DE_8", "sha": oid(8),
        "payload": {"deploybot": 1, "request_id": "slack:T1:Ev1"},
    }]);
    let find = async |answers: Vec<Answer>, request: &str| {
        let stub = Stub::answering(answers).await;
        let client = stub.client();
        let found = client
            .find(&people(), &production(), &sha(8), &request.parse().unwrap())
            .await;
        stub.seen();
        found.map(|found| found.map(|found| found.id.number))
    };
    let another = find(vec![Answer::json(200, &listed)], "slack:T1:Ev2").await;
    assert_eq!(another.unwrap(), None);
    let hidden = Answer::data(&json!({"nodes": [null]}));
    let not_shown = find(vec![Answer::json(200, &listed), hidden], "slack:T1:Ev1").await;
    assert!(
        matches!(not_shown, Err(Error::Unreadable(_))),
        "{not_shown:?}"
    );
    let odd = || Answer::json(200, &json!([{"id": "odd"}]));
    let odd = find(vec![odd(), odd()], "slack:T1:Ev1").await;
    assert!(matches!(odd, Err(Error::Unreadable(_))), "{odd:?}");
}

#[tokio::test]
async fn a_success_that_hundreds_of_failures_hide_is_found() {
    let failures = |newest: u64, more: bool| {
        let rows: Vec<Value> = (0..100)
            .map(|back| deployment(newest - back, "production", &["FAILURE"]))
            .collect();
        let mut page = deployments(&rows, more);
        page["pageInfo"]["endCursor"] = format!("after {newest}").into();
        page
    };
    let read = |deployments: &Value| repository(json!({ "deployments": deployments }));
    let first = |page: &Value| {
        let completed = deployment(900, "production", &["FAILURE"]);
        repository(json!({
            "object": commit(&oid(9)),
            "defaultBranchRef": {"name": "main", "target": {"line": line(9, 0, false)}},
            "environments": environments(&completed), "deployments": page,
        }))
    };
    let last = deployments(&[deployment(7, "production", &["SUCCESS"])], true);
    let stub = Stub::answering([
        first(&failures(900, true)),
        read(&failures(900, true)),
        read(&failures(800, true)),
        read(&last),
    ])
    .await;
    let found = facts(&stub, &oid(9)).await;
    let environment = found.environment.unwrap();
    assert_eq!(environment.live.unwrap().commit.sha, sha(7));
    let seen = stub.seen();
    let after: Vec<&Value> = seen[1..]
        .iter()
        .map(|seen| &seen.body["variables"]["after"])
        .collect();
    assert_eq!(
        after,
        [&json!(null), &json!("after 900"), &json!("after 800")]
    );

    // There is an end to it.
    let pages = (0..5).map(|page| read(&failures(900 - page * 100, true)));
    let stub = Stub::answering([first(&failures(900, true))].into_iter().chain(pages)).await;
    assert_eq!(facts(&stub, &oid(9)).await.environment.unwrap().live, None);
    assert_eq!(stub.seen().len(), 6);
}
