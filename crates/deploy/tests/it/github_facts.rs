//! What the client asks GitHub before a deploy, how often, and what it makes of
//! the answers: which commit is meant, is it on the branch, what would change.

use deploy::{
    gate::{CommitFacts, Facts, RepositoryFacts},
    model::{ChecksState, CommitRef, RepositoryName},
};
use serde_json::{Value, json};

use crate::{
    github_answers::{
        commit, deployment, deployments, environments, line, oid, people, production, repository,
        sha,
    },
    github_stub::{Answer, Stub},
};

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
