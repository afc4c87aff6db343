//! What the client asks GitHub for a status or a history, how often, and what it
//! makes of the answers.

use deploy::{github::Error, model::ChecksState};
use serde_json::{Value, json};

use crate::{
    github_answers::{
        commit, deployment, deployments, environments, line, oid, people, repository, sha,
    },
    github_stub::{Answer, Stub},
};

fn status_answer(line: &Value, deployments: &Value, completed: &Value) -> Answer {
    let commits = json!({"nodes": [commit(&oid(9))]});
    repository(json!({
        "defaultBranchRef": {"name": "main", "target": {"commits": commits, "line": line}},
        "environments": environments(completed),
        "deployments": deployments,
    }))
}

#[tokio::test]
async fn status_is_one_call() {
    let rows = [
        deployment(7, "production", &["SUCCESS"]),
        deployment(9, "production", &[]),
    ];
    let answer = status_answer(&line(9, 5, true), &deployments(&rows, true), &Value::Null);
    let stub = Stub::answering([answer]).await;
    let (status, _) = stub.client().status(&people(), 5).await.unwrap();
    assert_eq!(stub.operations(), ["Status"]);
    assert_eq!(status.branch, "main");
    assert_eq!(status.commits[0].0.author, "minji");
    assert_eq!(status.commits[0].1.state, ChecksState::Success);
    let live = status.environments[0].live.as_ref().unwrap();
    assert_eq!((live.commit.sha.clone(), live.behind), (sha(7), Some(2)));
    assert_eq!(
        status.environments[0].running.as_ref().unwrap().id.number,
        9
    );
}

#[tokio::test]
async fn what_is_live_far_back_is_asked_for_by_its_environment() {
    let newest = deployments(&[deployment(9, "staging", &["SUCCESS"])], true);
    let answer = status_answer(
        &line(9, 0, false),
        &newest,
        &deployment(8, "production", &["FAILURE"]),
    );
    let further = deployments(&[deployment(3, "production", &["SUCCESS"])], false);
    let stub = Stub::answering([answer, repository(json!({ "deployments": further }))]).await;
    let (status, _) = stub.client().status(&people(), 5).await.unwrap();
    assert_eq!(stub.operations(), ["Status", "Deployments"]);
    let live = status.environments[0].live.as_ref().unwrap();
    assert_eq!((live.commit.sha.clone(), live.behind), (sha(3), Some(6)));
}

#[tokio::test]
async fn a_live_commit_beyond_the_line_is_compared() {
    let rows = deployments(&[deployment(1, "production", &["SUCCESS"])], false);
    let compared = |distance: Value| {
        Answer::data(&json!({"repository": {"defaultBranchRef": {"item0": distance}}}))
    };
    for (distance, behind) in [
        (json!({"aheadBy": 0, "behindBy": 120}), Some(120)),
        (json!({"aheadBy": 2, "behindBy": 7}), None),
    ] {
        let answer = status_answer(&line(9, 5, true), &rows.clone(), &Value::Null);
        let stub = Stub::answering([answer, compared(distance)]).await;
        let (status, _) = stub.client().status(&people(), 5).await.unwrap();
        assert_eq!(status.environments[0].live.as_ref().unwrap().behind, behind);
        assert_eq!(stub.operations(), ["Status", "Compare"]);
    }
    let over_rest = json!({"status": "behind", "ahead_by": 0, "behind_by": 130, "commits": []});
    let answer = status_answer(&line(9, 5, true), &rows, &Value::Null);
    let stub =
        Stub::answering([answer, compared(Value::Null), Answer::json(200, &over_rest)]).await;
    let (status, _) = stub.client().status(&people(), 5).await.unwrap();
    assert_eq!(
        status.environments[0].live.as_ref().unwrap().behind,
        Some(130)
    );
    let path = format!(
        "/repos/acme/people/compare/{}...{}?per_page=100",
        oid(9),
        oid(1)
    );
    assert_eq!(stub.operations(), ["Status", "Compare", path.as_str()]);
}

#[tokio::test]
async fn an_empty_repository_has_a_status() {
    let answer = repository(json!({
        "defaultBranchRef": null, "environments": {"nodes": []}, "deployments": {"nodes": []},
    }));
    let stub = Stub::answering([answer]).await;
    let (status, _) = stub.client().status(&people(), 5).await.unwrap();
    assert!(status.commits.is_empty() && status.environments.is_empty());
    assert_eq!(stub.operations(), ["Status"]);
}

#[tokio::test]
async fn history_is_one_call_for_all_environments_or_one() {
    let rows = [5, 4, 3].map(|n| deployment(n, "production", &["SUCCESS"]));
    let answer = || {
        repository(json!({
            "environments": environments(&Value::Null), "deployments": deployments(&rows, false),
        }))
    };
    let stub = Stub::answering([answer()]).await;
    let (history, _) = stub.client().history(&people(), None, 2).await.unwrap();
    let production = &history.environments[0];
    let live: Vec<bool> = production.deployments.iter().map(|one| one.live).collect();
    assert_eq!((live, production.more), (vec![true, false], true));
    assert_eq!(stub.operations(), ["History"]);

    let stub = Stub::answering([answer()]).await;
    let prod = "prod".parse().unwrap();
    let (history, _) = stub
        .client()
        .history(&people(), Some(&prod), 10)
        .await
        .unwrap();
    assert_eq!(history.environments.len(), 1);
    assert_eq!(history.environments[0].environment.as_str(), "production");
    assert!(!history.environments[0].more);
    let asked = &stub.seen()[0].body["variables"]["environments"];
    assert_eq!(*asked, json!(["prod", "production"]));

    let stub = Stub::answering([answer()]).await;
    let error = stub
        .client()
        .history(&people(), Some(&"moon".parse().unwrap()), 10)
        .await
        .unwrap_err();
    let Error::UnknownEnvironment { known } = error else {
        panic!("{error:?}")
    };
    assert_eq!(known[0].as_str(), "production");
    assert_eq!(stub.operations(), ["History"]);
}

#[tokio::test]
async fn environments_beyond_those_listed_are_told_of() {
    let previews: Vec<Value> = (0..100)
        .map(|n| json!({"name": format!("pr-{n}"), "latestCompletedDeployment": null}))
        .collect();
    let listed = json!({"pageInfo": {"hasNextPage": true}, "nodes": previews});
    let rows = [
        deployment(9, "pr-0", &["SUCCESS"]),
        deployment(8, "staging", &["FAILURE"]),
    ];
    let answer = repository(json!({
        "defaultBranchRef": {"name": "main", "target": {
            "commits": {"nodes": []}, "line": line(9, 0, false),
        }},
        "environments": listed,
        "named": environments(&deployment(6, "production", &["SUCCESS"])),
        "deployments": deployments(&rows, true),
    }));
    // Of staging, only its newest deployment is known: older ones are asked for.
    let further = deployments(&[deployment(5, "staging", &["SUCCESS"])], false);
    let stub = Stub::answering([answer, repository(json!({ "deployments": further }))]).await;
    let (status, _) = stub.client().status(&people(), 5).await.unwrap();
    let live: Vec<_> = status
        .environments
        .iter()
        .filter(|one| !one.name.as_str().starts_with("pr-"))
        .map(|one| {
            (
                one.name.as_str(),
                one.live.as_ref().unwrap().commit.sha.clone(),
            )
        })
        .collect();
    assert_eq!(live, [("production", sha(6)), ("staging", sha(5))]);
    assert_eq!(status.environments.len(), 102);
    let seen = stub.seen();
    let usual = &seen[0].body["variables"]["usual"];
    assert_eq!(*usual, json!(["production", "prod"]));
    let asked = &seen[1].body["variables"]["environments"];
    assert_eq!(*asked, json!(["staging"]));
}
