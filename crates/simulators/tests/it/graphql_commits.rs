//! Commits and branches as GraphQL tells them.

use serde_json::{Value, json};

use crate::{
    graphql_client::{data, of_repository},
    rest_client::{World, signature},
};

#[tokio::test]
async fn a_commit_tells_who_made_it_and_when() {
    let world = World::start().await;
    let fields = "object(expression: \"main\") { ... on Commit {
        abbreviatedOid messageHeadline messageBody message committedDate url
        author { name email date user { login name } } parents(first: 5) { totalCount nodes { oid } }
        tree { entries { name type mode path size object { ... on Blob { text isBinary } } } }
        associatedPullRequests(first: 1) { totalCount }
    } }";
    let commit = of_repository(&world, fields).await["object"].take();
    let head = world.head();
    assert_eq!(commit["abbreviatedOid"], head.short());
    assert_eq!(commit["messageHeadline"], "Say more <b>");
    assert_eq!(commit["messageBody"], "At length.");
    assert_eq!(commit["message"], "Say more <b>\n\nAt length.");
    assert_eq!(commit["committedDate"], "2026-09-21T14:15:20Z");
    assert_eq!(
        commit["url"],
        format!("{}/acme/people/commit/{head}", world.base)
    );
    assert_eq!(
        commit["author"],
        json!({
            "name": "minji",
            "email": "minji@users.noreply.example",
            "date": "2026-09-21T14:15:20Z",
            "user": { "login": "minji", "name": "Minji" },
        })
    );
    assert_eq!(
        commit["parents"],
        json!({ "totalCount": 1, "nodes": [{ "oid": world.commits[1].as_str() }] })
    );
    assert_eq!(
        commit["tree"]["entries"],
        json!([
            {
                "name": "README.md", "type": "blob", "mode": 0o100_644, "path": "README.md",
                "size": 22, "object": { "text": "# People\n\nWho we are.\n", "isBinary": false },
            },
            { "name": "site", "type": "tree", "mode": 0o040_000, "path": "site", "size": 0, "object": {} },
        ])
    );
    assert_eq!(commit["associatedPullRequests"]["totalCount"], 0);
}

#[tokio::test]
async fn an_expression_stands_for_at_most_one_object() {
    let world = World::start().await;
    let found = |expression: String| {
        let world = &world;
        async move {
            let query = "query($e: String!) { repository(owner: \"acme\", name: \"people\") {
                object(expression: $e) { __typename oid ... on Blob { text } } } }";
            data(world, query, json!({ "e": expression })).await["repository"]["object"].take()
        }
    };
    let commit =
        |place: usize| json!({ "__typename": "Commit", "oid": world.commits[place].as_str() });
    for (expression, place) in [
        ("main", 2),
        ("HEAD", 2),
        ("refs/heads/main", 2),
        ("main^", 1),
        ("main~2", 0),
        ("main~1^1", 0),
        (world.commits[1].as_str(), 1),
        (&world.commits[1].as_str()[..9], 1),
    ] {
        assert_eq!(
            found(expression.to_owned()).await,
            commit(place),
            "{expression}"
        );
    }
    let page = found("main:site/index.html".to_owned()).await;
    assert_eq!(page["text"], "<h1>People</h1>\n");
    assert_eq!(found("main:".to_owned()).await["__typename"], "Tree");
    for expression in [
        "nothing",
        "main:nothing",
        "main~3",
        "main^2",
        "",
        "main~99999999999999999999",
        "main^{tree}",
    ] {
        assert_eq!(
            found(expression.to_owned()).await,
            Value::Null,
            "{expression}"
        );
    }
}

#[tokio::test]
async fn an_ambiguous_expression_is_null_as_an_unknown_one() {
    let world = World::start().await;
    let mut seen = std::collections::HashSet::new();
    // Among some hundred commits two begin alike.
    let digits = (0..).find_map(|number| {
        let who = signature("minji", number);
        let sha = world
            .git
            .commit_files("other", &[], "Again", &who, &who)
            .unwrap();
        let digits = sha.as_str()[..4].to_owned();
        (!seen.insert(digits.clone())).then_some(digits)
    });
    let fields = format!("object(expression: \"{}\") {{ oid }}", digits.unwrap());
    assert_eq!(
        of_repository(&world, &fields).await,
        json!({ "object": null })
    );
}

#[tokio::test]
async fn a_history_is_read_page_by_page() {
    let world = World::start().await;
    let head = world.head().clone();
    let page = |arguments: String| {
        let world = &world;
        let head = head.clone();
        async move {
            let fields = format!(
                "object(oid: \"{head}\") {{ ... on Commit {{ history({arguments}) {{
                    totalCount nodes {{ oid }} edges {{ node {{ oid }} }}
                    pageInfo {{ endCursor startCursor hasNextPage hasPreviousPage }} }} }} }}"
            );
            of_repository(world, &fields).await["object"]["history"].take()
        }
    };
    let oids = |places: &[usize]| -> Value {
        places
            .iter()
            .map(|place| json!({ "oid": world.commits[*place].as_str() }))
            .collect()
    };
    let first = page("first: 2".to_owned()).await;
    assert_eq!(first["nodes"], oids(&[2, 1]));
    assert_eq!(first["totalCount"], 3);
    assert_eq!(first["edges"][0]["node"], first["nodes"][0]);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let cursor = &first["pageInfo"]["endCursor"];
    // A commit that arrives in between does not shift the pages.
    world.commit("main", "a", "b");
    let second = page(format!("first: 2, after: {cursor}")).await;
    assert_eq!(second["nodes"], oids(&[0]));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    assert_eq!(second["pageInfo"]["hasPreviousPage"], true);
    assert_eq!(page("last: 1".to_owned()).await["nodes"], oids(&[0]));
    let before = &second["pageInfo"]["startCursor"];
    assert_eq!(
        page(format!("last: 1, before: {before}")).await["nodes"],
        oids(&[1])
    );
    let of_readme = page("first: 5, path: \"README.md\"".to_owned()).await;
    assert_eq!(of_readme["nodes"], oids(&[2, 0]));
    assert_eq!(of_readme["totalCount"], 2);
    let nobody = page("first: 5, author: {emails: [\"joon@example.com\"]}".to_owned()).await;
    assert_eq!(nobody["totalCount"], 0);
    let since = page("first: 5, since: \"2026-09-21T14:15:00Z\"".to_owned()).await;
    assert_eq!(since["nodes"], oids(&[2]));
}

#[tokio::test]
async fn a_branch_is_compared_with_a_commit() {
    let world = World::start().await;
    let old = world.commits[0].clone();
    let aside = {
        world.git.set_branch("aside", &old).unwrap();
        world.commit("aside", "aside", "x")
    };
    let compared = |head: String| {
        let world = &world;
        async move {
            let fields = format!(
                "defaultBranchRef {{ compare(headRef: \"{head}\") {{ status aheadBy behindBy commits(first: 5) {{ totalCount nodes {{ oid }} }} }} }}"
            );
            of_repository(world, &fields).await["defaultBranchRef"]["compare"].take()
        }
    };
    let answer = |status: &str, ahead: &[&str], behind: usize| {
        let nodes: Vec<Value> = ahead.iter().map(|oid| json!({ "oid": oid })).collect();
        json!({
            "status": status, "aheadBy": ahead.len(), "behindBy": behind,
            "commits": { "totalCount": ahead.len(), "nodes": nodes },
        })
    };
    assert_eq!(
        compared("main".to_owned()).await,
        answer("IDENTICAL", &[], 0)
    );
    assert_eq!(compared(old.to_string()).await, answer("BEHIND", &[], 2));
    assert_eq!(
        compared("aside".to_owned()).await,
        answer("DIVERGED", &[aside.as_str()], 2)
    );
    let first = world.commit("next", "x", "y");
    assert_eq!(compared("nothing".to_owned()).await, Value::Null);
    // A new branch begins without a parent: nothing is in common.
    assert_eq!(
        compared(first.to_string()).await,
        answer("DIVERGED", &[first.as_str()], 3)
    );
}

#[tokio::test]
async fn branches_are_listed_by_prefix() {
    let world = World::start().await;
    world.commit("topic/a", "x", "y");
    let fields = "refs(refPrefix: \"refs/heads/\", first: 10) { totalCount nodes { name } }
        some: refs(refPrefix: \"refs/heads/\", first: 10, query: \"top\") { nodes { name } }
        tags: refs(refPrefix: \"refs/tags/\", first: 10) { totalCount }";
    assert_eq!(
        of_repository(&world, fields).await,
        json!({
            "refs": { "totalCount": 2, "nodes": [{ "name": "main" }, { "name": "topic/a" }] },
            "some": { "nodes": [{ "name": "topic/a" }] },
            "tags": { "totalCount": 0 },
        })
    );
}
