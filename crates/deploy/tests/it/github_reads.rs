//! What the client asks GitHub, how often, and what it makes of the answers.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use deploy::{
    gate::{CommitFacts, Facts, RepositoryFacts},
    github::Error,
    model::{ChecksState, CommitRef, EnvironmentName, RepositoryName, Sha},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::github_stub::{Answer, Stub};

pub(crate) fn people() -> RepositoryName {
    RepositoryName::parse("acme/people", None).unwrap()
}

pub(crate) fn production() -> EnvironmentName {
    "production".parse().unwrap()
}

/// The whole SHA of the n-th commit; no two begin alike.
pub(crate) fn oid(n: u64) -> String {
    format!("{:08x}{n:032x}", n.wrapping_mul(0x9e37_79b9) & 0xffff_ffff)
}

pub(crate) fn sha(n: u64) -> Sha {
    oid(n).parse().unwrap()
}

pub(crate) fn commit(oid: &str) -> Value {
    json!({
        "__typename": "Commit", "oid": oid, "messageHeadline": format!("Commit {}", &oid[..7]),
        "committedDate": "2026-11-22T10:00:00Z", "url": format!("https://x/commit/{oid}"),
        "author": {"name": "Minji Kim", "user": {"login": "minji"}},
        "statusCheckRollup": {"state": "SUCCESS", "contexts": {
            "totalCount": 1, "pageInfo": {"hasNextPage": false},
            "nodes": [{"__typename": "StatusContext", "context": "ci", "state": "SUCCESS"}],
        }},
    })
}

/// A straight branch from its `newest` commit down to the `oldest`, with
/// commits before that when it is cut short.
pub(crate) fn line(newest: u64, oldest: u64, cut_short: bool) -> Value {
    let nodes: Vec<Value> = (oldest..=newest)
        .rev()
        .map(|n| {
            let parents = if n == 0 {
                vec![]
            } else {
                vec![json!({"oid": oid(n - 1)})]
            };
            let mut node = commit(&oid(n));
            node["parents"] = json!({ "nodes": parents });
            node
        })
        .collect();
    json!({"pageInfo": {"hasNextPage": cut_short}, "nodes": nodes})
}

/// A deployment of the n-th commit, made in second `n`.
pub(crate) fn deployment(n: u64, environment: &str, states: &[&str]) -> Value {
    let at = Timestamp::from_second(n.try_into().unwrap()).unwrap();
    let statuses: Vec<Value> = states
        .iter()
        .map(|state| json!({"state": state, "createdAt": at}))
        .collect();
    json!({
        "id": format!("DE_{n}"), "databaseId": n, "environment": environment, "createdAt": at,
        "commitOid": oid(n), "commit": commit(&oid(n)), "statuses": {"nodes": statuses},
    })
}

pub(crate) fn repository(mut fields: Value) -> Answer {
    if fields["environments"].is_object() && fields["named"].is_null() {
        fields["named"] = json!({"nodes": []});
    }
    fields["nameWithOwner"] = "acme/people".into();
    fields["url"] = "https://x".into();
    Answer::data(&json!({ "repository": fields }))
}

pub(crate) fn environments(completed: &Value) -> Value {
    json!({"nodes": [{"name": "production", "latestCompletedDeployment": completed}]})
}

pub(crate) fn deployments(nodes: &[Value], cut_short: bool) -> Value {
    json!({"pageInfo": {"hasNextPage": cut_short}, "nodes": nodes})
}

fn status_answer(line: &Value, deployments: &Value, completed: &Value) -> Answer {
    let commits = json!({"nodes": [commit(&oid(9))]});
    repository(json!({
        "defaultBranchRef": {"name": "main", "target": {"commits": commits, "line": line}},
        "environments": environments(completed),
        "deployments": deployments,
    }))
}

fn facts_answer(object: &Value, line: &Value, deployments: &Value) -> Answer {
    repository(json!({
        "object": object,
        "defaultBranchRef": {"name": "main", "target": {"line": line}},
        "environments": environments(&Value::Null),
        "deployments": deployments,
    }))
}

pub(crate) async fn facts(stub: &Stub, asked: &str) -> RepositoryFacts {
    let asked: CommitRef = asked.parse().unwrap();
    match stub
        .client()
        .facts(&people(), &production(), &asked)
        .await
        .unwrap()
    {
        Facts::Repository(facts) => *facts,
        Facts::NoRepository { .. } => panic!("there is one"),
    }
}

fn objects(found: &[(usize, Value)]) -> Answer {
    let objects: serde_json::Map<String, Value> = found
        .iter()
        .map(|(item, object)| (format!("item{item}"), object.clone()))
        .collect();
    Answer::data(&json!({ "repository": objects }))
}

#[tokio::test]
async fn status_is_one_call() {
    let rows = [
        deployment(7, "production", &["SUCCESS"]),
        deployment(9, "production", &[]),
    ];
    let answer = status_answer(&line(9, 5, true), &deployments(&rows, true), &Value::Null);
    let stub = Stub::answering([answer]).await;
    let status = stub.client().status(&people(), 5).await.unwrap();
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
    let status = stub.client().status(&people(), 5).await.unwrap();
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
        let status = stub.client().status(&people(), 5).await.unwrap();
        assert_eq!(status.environments[0].live.as_ref().unwrap().behind, behind);
        assert_eq!(stub.operations(), ["Status", "Compare"]);
    }
    let over_rest = json!({"status": "behind", "ahead_by": 0, "behind_by": 130, "commits": []});
    let answer = status_answer(&line(9, 5, true), &rows, &Value::Null);
    let stub =
        Stub::answering([answer, compared(Value::Null), Answer::json(200, &over_rest)]).await;
    let status = stub.client().status(&people(), 5).await.unwrap();
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
    let status = stub.client().status(&people(), 5).await.unwrap();
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
    let history = stub.client().history(&people(), None, 2).await.unwrap();
    let production = &history.environments[0];
    let live: Vec<bool> = production.deployments.iter().map(|one| one.live).collect();
    assert_eq!((live, production.more), (vec![true, false], true));
    assert_eq!(stub.operations(), ["History"]);

    let stub = Stub::answering([answer()]).await;
    let prod = "prod".parse().unwrap();
    let history = stub
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
async fn facts_about_a_commit_of_the_branch_are_one_call() {
    let rows = deployments(&[deployment(6, "production", &["SUCCESS"])], false);
    let stub = Stub::answering([facts_answer(&commit(&oid(8)), &line(9, 5, true), &rows)]).await;
    let facts = facts(&stub, &oid(8)[..7]).await;
    assert_eq!(stub.operations(), ["Facts"]);
    let found = facts.found().unwrap();
    assert!(found.is_on_branch);
    assert_eq!(found.checks.state, ChecksState::Success);
    let changes = facts.changes.unwrap();
    assert_eq!((changes.ahead, changes.behind), (2, 0));
    assert_eq!(changes.commits[0].sha, sha(8));
    assert_eq!(
        changes.compare_url,
        format!("https://x/compare/{}...{}", oid(6), oid(8))
    );
}

#[tokio::test]
async fn a_rollback_tells_what_leaves() {
    let rows = deployments(&[deployment(8, "production", &["SUCCESS"])], false);
    let stub = Stub::answering([facts_answer(&commit(&oid(6)), &line(9, 5, true), &rows)]).await;
    let changes = facts(&stub, &oid(6)).await.changes.unwrap();
    assert!(changes.is_rollback());
    assert_eq!(
        changes
            .commits
            .iter()
            .map(|c| c.sha.clone())
            .collect::<Vec<_>>(),
        [sha(8), sha(7)]
    );
    assert_eq!(
        changes.compare_url,
        format!("https://x/compare/{}...{}", oid(6), oid(8))
    );
    assert_eq!(stub.operations(), ["Facts"]);
}

#[tokio::test]
async fn a_commit_beyond_the_line_is_looked_for_on_the_branch() {
    let none = || deployments(&[], false);
    let compared = |ahead: u64| {
        let distance = json!({"aheadBy": ahead, "behindBy": 120});
        Answer::data(&json!({"repository": {"defaultBranchRef": {"item0": distance}}}))
    };
    for (ahead, is_on_branch) in [(0, true), (1, false)] {
        let answer = facts_answer(&commit(&oid(1)), &line(9, 5, true), &none());
        let stub = Stub::answering([answer, compared(ahead)]).await;
        assert_eq!(
            facts(&stub, &oid(1)).await.found().unwrap().is_on_branch,
            is_on_branch
        );
        assert_eq!(stub.operations(), ["Facts", "Compare"]);
    }
    let whole_branch = facts_answer(&commit(&oid(20)), &line(9, 0, false), &none());
    let stub = Stub::answering([whole_branch]).await;
    assert!(!facts(&stub, &oid(20)).await.found().unwrap().is_on_branch);
    assert_eq!(stub.operations(), ["Facts"]);
}

#[tokio::test]
async fn digits_that_two_commits_begin_with_are_ambiguous() {
    let none = || facts_answer(&Value::Null, &line(9, 0, false), &deployments(&[], false));
    let (one, other) = (
        format!("abcd1{}", "0".repeat(35)),
        format!("abcd2{}", "0".repeat(35)),
    );
    let found = objects(&[(1, commit(&one)), (2, commit(&other))]);
    let stub = Stub::answering([none(), found]).await;
    let CommitFacts::Ambiguous(commits) = facts(&stub, "abcd").await.commit else {
        panic!()
    };
    assert_eq!(
        commits
            .iter()
            .map(|c| c.sha.to_string())
            .collect::<Vec<_>>(),
        [one.clone(), other]
    );
    let seen = stub.seen();
    assert_eq!(seen[1].body["variables"]["item15"], "abcdf");

    // Others that share more digits stay hidden, though a tree that begins so
    // could be all that hid the one commit.
    let tree = json!({"__typename": "Tree"});
    for also in [vec![], vec![(7, tree)]] {
        let found: Vec<_> = [(1, commit(&one))].into_iter().chain(also).collect();
        let stub = Stub::answering([none(), objects(&found), objects(&[])]).await;
        let CommitFacts::Ambiguous(commits) = facts(&stub, "abcd").await.commit else {
            panic!("a single candidate is no proof")
        };
        assert_eq!(commits.len(), 1);
        assert_eq!(commits[0].sha.as_str(), one);
        let operations = ["Facts", "ResolveCommit", "ResolveCommit"];
        assert_eq!(stub.operations(), operations);
    }
}

#[tokio::test]
async fn digits_that_no_commit_begins_with_are_unknown() {
    let none = || facts_answer(&Value::Null, &line(9, 0, false), &deployments(&[], false));
    let mistyped = format!("{}1", &oid(9)[..6]);
    let stub = Stub::answering([none(), objects(&[]), objects(&[])]).await;
    let CommitFacts::Unknown { candidates } = facts(&stub, &mistyped).await.commit else {
        panic!()
    };
    assert_eq!(candidates, [oid(9)]);
    assert_eq!(
        stub.operations(),
        ["Facts", "ResolveCommit", "ResolveCommit"]
    );

    let stub = Stub::answering([none()]).await;
    let facts = facts(&stub, &"d".repeat(40)).await;
    assert!(
        matches!(facts.commit, CommitFacts::Unknown { .. }),
        "a whole SHA is never ambiguous"
    );
    assert_eq!(stub.operations(), ["Facts"]);
}

#[tokio::test]
async fn a_branch_that_is_named_like_digits_is_no_commit() {
    let named = facts_answer(
        &commit(&oid(8)),
        &line(9, 0, false),
        &deployments(&[], false),
    );
    let stub = Stub::answering([named, objects(&[]), objects(&[])]).await;
    let facts = facts(&stub, "beef").await;
    assert!(
        matches!(facts.commit, CommitFacts::Unknown { .. }),
        "{:?}",
        facts.commit
    );
    assert_eq!(
        stub.operations(),
        ["Facts", "ResolveCommit", "ResolveCommit"]
    );
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
    let status = stub.client().status(&people(), 5).await.unwrap();
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

#[tokio::test]
async fn checks_beyond_the_first_page_are_read() {
    let mut first = commit(&oid(8));
    let page = json!({"hasNextPage": true, "endCursor": "next"});
    first["statusCheckRollup"]["contexts"]["pageInfo"] = page;
    let answer = facts_answer(&first, &line(9, 0, false), &deployments(&[], false));
    let later = repository(json!({"object": commit(&oid(8))}));
    let stub = Stub::answering([answer, later]).await;
    let facts = facts(&stub, &oid(8)).await;
    assert_eq!(facts.found().unwrap().checks.state, ChecksState::Success);
    let seen = stub.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].body["variables"]["after"], "next");
}

#[tokio::test]
async fn a_repository_that_is_not_there_is_a_fact() {
    let missing = json!({"data": {"repository": null}, "errors": [
        {"type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve"},
    ]});
    let names = json!({"repositoryOwner": {"repositories": {"nodes": [
        {"name": "web"}, {"name": "people"},
    ]}}});
    let stub = Stub::answering([Answer::json(200, &missing), Answer::data(&names)]).await;
    let asked = RepositoryName::parse("acme/poeple", None).unwrap();
    let facts = stub
        .client()
        .facts(&asked, &production(), &"abcd".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(
        facts,
        Facts::NoRepository {
            candidates: vec!["acme/people".to_owned()]
        }
    );
    assert_eq!(stub.operations(), ["Facts", "Repositories"]);
}
