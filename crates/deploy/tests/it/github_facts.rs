//! What the client asks GitHub before a deploy, how often, and what it makes of
//! the answers: which commit is meant, is it on the branch, what would change.

use deploy::{
    gate::{CommitFacts, Facts, RepositoryFacts},
    model::{Changes, ChecksState, CommitRef, RepositoryName, Sha},
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
    assert_eq!(changes.authors, [], "nobody's commits go out");
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

/// A page of a comparison over REST: the oldest of these commits first.
fn compared(ahead: u64, behind: u64, listed: impl IntoIterator<Item = u64>) -> Answer {
    compared_by(7, ahead, behind, listed)
}

/// The same, all of them by one account, whose login changed a lot.
fn compared_by(
    account: u64,
    ahead: u64,
    behind: u64,
    listed: impl IntoIterator<Item = u64>,
) -> Answer {
    let commits: Vec<Value> = listed
        .into_iter()
        .map(|n| {
            json!({
                "sha": oid(n), "html_url": format!("https://x/commit/{}", oid(n)),
                "commit": {
                    "message": format!("Commit {n}\n\nMore of it."),
                    "author": {"name": "Minji Kim", "email": "minji@example.com"},
                    "committer": {"date": "2026-11-22T10:00:00Z"},
                },
                "author": {"id": account, "login": format!("minji-{}", n % 90)},
            })
        })
        .collect();
    let status = if ahead == 0 { "behind" } else { "ahead" };
    Answer::json(
        200,
        &json!({"status": status, "ahead_by": ahead, "behind_by": behind, "commits": commits}),
    )
}

/// The commits that are listed of a way that leads beyond the line, the newest
/// first, and the calls that this took.
async fn listed(live: u64, asked: u64, pages: Vec<Answer>) -> (Vec<Sha>, Vec<String>) {
    let rows = deployments(&[deployment(live, "production", &["SUCCESS"])], false);
    let branch = line(300, 250, true);
    let facts_answer = facts_answer(&commit(&oid(asked)), &branch, &rows);
    let on_branch = json!({"aheadBy": 0, "behindBy": 300 - asked});
    let on_branch =
        Answer::data(&json!({"repository": {"defaultBranchRef": {"item0": on_branch}}}));
    let is_on_line = asked >= 250;
    let on_branch = (!is_on_line).then_some(on_branch);
    let stub = Stub::answering([facts_answer].into_iter().chain(on_branch).chain(pages)).await;
    let changes = facts(&stub, &oid(asked)).await.changes.unwrap();
    let shas = changes.commits.into_iter().map(|commit| commit.sha);
    (shas.collect(), stub.operations())
}

fn newest_first(newest: u64, oldest: u64) -> Vec<Sha> {
    (oldest..=newest).rev().map(sha).collect()
}

#[tokio::test]
async fn the_newest_commits_are_listed_however_many_go_out() {
    let compare = |from: u64, to: u64, page: &str| {
        let (from, to) = (oid(from), oid(to));
        format!("/repos/acme/people/compare/{from}...{to}?{page}")
    };
    // All of them are on the first page.
    let (shas, calls) = listed(180, 280, vec![compared(100, 0, 181..=280)]).await;
    assert_eq!(shas, newest_first(280, 271));
    assert_eq!(calls, ["Facts", compare(180, 280, "per_page=100").as_str()]);
    // The newest are on another page, also where that is nearly full of 100.
    let pages = vec![compared(101, 0, 180..=279), compared(101, 0, 230..=280)];
    let (shas, calls) = listed(179, 280, pages).await;
    assert_eq!(shas, newest_first(280, 271));
    assert_eq!(
        calls[1..],
        [
            compare(179, 280, "per_page=100"),
            compare(179, 280, "per_page=51&page=2")
        ]
    );
    // The commit itself is beyond the branch's newest.
    let pages = vec![compared(150, 0, 51..=150), compared(150, 0, 126..=200)];
    let (shas, calls) = listed(50, 200, pages).await;
    assert_eq!(shas, newest_first(200, 191));
    assert_eq!(calls[3], compare(50, 200, "per_page=75&page=2"));
}

#[tokio::test]
async fn the_newest_commits_are_listed_however_many_leave() {
    let pages = vec![compared(0, 230, []), compared(230, 0, 204..=280)];
    let (shas, calls) = listed(280, 50, pages).await;
    assert_eq!(shas, newest_first(280, 271));
    let (from, to) = (oid(50), oid(280));
    assert_eq!(
        calls[3],
        format!("/repos/acme/people/compare/{from}...{to}?per_page=77&page=3")
    );
}

#[tokio::test]
async fn who_wrote_what_goes_out_is_told_once_and_costs_no_call() {
    let told = |changes: &Changes| {
        let authors = changes.authors.iter();
        authors
            .map(|it| {
                let account = it.account.unwrap_or_default();
                format!("{account}|{}|{}|{}", it.login, it.email, it.name)
            })
            .collect::<Vec<_>>()
    };
    let rows = deployments(&[deployment(4, "production", &["SUCCESS"])], false);
    let mut branch = line(9, 2, true);
    let by = |email: &str, name: &str, login: Option<&str>| {
        let account = |login: &str| if login == "bora" { 9 } else { 7 };
        let user = login.map(|login| json!({"login": login, "databaseId": account(login)}));
        json!({"email": email, "name": name, "user": user})
    };
    let authors = [
        // Of 9, which does not go out.
        by("bora@acme.example", "Bora", Some("bora")),
        by("minji@acme.example", "Minji", Some("minji")),
        by("joon@acme.example", "Joon", None),
        // The same account, which had another login then.
        by("minji@home.example", "Minji Kim", Some("minji-kim")),
        Value::Null,
    ];
    for (at, author) in authors.into_iter().enumerate() {
        branch["nodes"][at]["author"] = author;
    }
    let answer = facts_answer(&commit(&oid(8)), &branch, &rows);
    let stub = Stub::answering([answer]).await;
    let changes = facts(&stub, &oid(8)).await.changes.unwrap();
    assert_eq!(
        told(&changes),
        [
            "7|minji|minji@acme.example|Minji",
            "0||joon@acme.example|Joon"
        ]
    );
    assert_eq!(stub.operations(), ["Facts"]);

    // Where the way leads beyond the line, those of the comparison are told.
    let rows = deployments(&[deployment(180, "production", &["SUCCESS"])], false);
    let first = facts_answer(&commit(&oid(280)), &line(300, 250, true), &rows);
    let stub = Stub::answering([first, compared(100, 0, 181..=280)]).await;
    let changes = facts(&stub, &oid(280)).await.changes.unwrap();
    assert_eq!(told(&changes), ["7|minji-10|minji@example.com|Minji Kim"]);
}

#[tokio::test]
async fn who_wrote_the_oldest_of_many_is_told_after_who_wrote_the_newest() {
    let rows = deployments(&[deployment(20, "production", &["SUCCESS"])], false);
    let first = facts_answer(&commit(&oid(280)), &line(300, 250, true), &rows);
    let oldest = compared_by(1, 260, 0, 21..=120);
    let newest = compared_by(2, 260, 0, 194..=280);
    let stub = Stub::answering([first, oldest, newest]).await;
    let changes = facts(&stub, &oid(280)).await.changes.unwrap();
    let accounts = changes.authors.iter().filter_map(|author| author.account);
    assert_eq!(accounts.collect::<Vec<_>>(), [2, 1]);
    assert_eq!(changes.commits.len(), 10);
}

#[tokio::test]
async fn a_list_that_github_does_not_give_fails_and_is_not_taken_for_empty() {
    let rows = deployments(&[deployment(100, "production", &["SUCCESS"])], false);
    let first = facts_answer(&commit(&oid(280)), &line(300, 250, true), &rows);
    let refused = Answer::status(403);
    let stub = Stub::answering([first, compared(180, 0, 101..=200), refused]).await;
    let asked: CommitRef = oid(280).parse().unwrap();
    let read = stub.client().facts(&people(), &production(), &asked).await;
    assert!(read.is_err(), "{read:?}");
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
