//! What GraphQL queries read.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::github::{CheckStatus, Conclusion, SeedCheck};

use crate::{
    graphql_client::{data, of_repository, send},
    graphql_deployments::deploy,
    rest_client::{TOKEN, World, signature},
};

#[tokio::test]
async fn a_repository_tells_what_it_is() {
    let world = World::start().await;
    let fields = "name nameWithOwner url isPrivate isArchived isEmpty owner { __typename login }
        defaultBranchRef { name prefix target { __typename oid } } nothing: ref(qualifiedName: \"x\") { name }";
    let repository = of_repository(&world, fields).await;
    assert_eq!(
        repository,
        json!({
            "name": "people",
            "nameWithOwner": "acme/people",
            "url": format!("{}/acme/people", world.base),
            "isPrivate": false,
            "isArchived": false,
            "isEmpty": false,
            "owner": { "__typename": "Organization", "login": "acme" },
            "defaultBranchRef": {
                "name": "main",
                "prefix": "refs/heads/",
                "target": { "__typename": "Commit", "oid": world.head().as_str() },
            },
            "nothing": null,
        })
    );
}

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

#[tokio::test]
async fn checks_and_statuses_are_rolled_up() {
    let world = World::start().await;
    let rollup = || async {
        let fields = "defaultBranchRef { target { ... on Commit { statusCheckRollup { state contexts(first: 10) {
            totalCount checkRunCount statusContextCount pageInfo { hasNextPage } nodes { __typename
                ... on CheckRun { name status conclusion checkSuite { app { slug } status } }
                ... on StatusContext { context state } } } } } } }";
        of_repository(&world, fields).await["defaultBranchRef"]["target"]["statusCheckRollup"]
            .take()
    };
    assert_eq!(rollup().await, Value::Null);
    let seed = |name: &str, status| {
        let check = SeedCheck {
            sha: world.head().clone(),
            name: name.to_owned(),
            status,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            completed_at: None,
        };
        world.github.seed_check("acme/people", check).unwrap();
    };
    seed("build", CheckStatus::Completed(Conclusion::Failure));
    assert_eq!(rollup().await["state"], "FAILURE");
    // The newest run of a name is the one that counts.
    seed("build", CheckStatus::Completed(Conclusion::Success));
    seed("docs", CheckStatus::Completed(Conclusion::Skipped));
    assert_eq!(rollup().await["state"], "SUCCESS");
    let path = format!("/repos/acme/people/statuses/{}", world.head());
    for state in ["failure", "pending"] {
        let reply = world
            .post(&path, json!({ "state": state, "context": "ci/lint" }))
            .await;
        assert_eq!(reply.status, StatusCode::CREATED);
    }
    let app = json!({ "app": { "slug": "github-actions" }, "status": "COMPLETED" });
    assert_eq!(
        rollup().await,
        json!({
            "state": "PENDING",
            "contexts": {
                "totalCount": 3, "checkRunCount": 2, "statusContextCount": 1,
                "pageInfo": { "hasNextPage": false },
                "nodes": [
                    { "__typename": "CheckRun", "name": "build", "status": "COMPLETED", "conclusion": "SUCCESS", "checkSuite": app },
                    { "__typename": "CheckRun", "name": "docs", "status": "COMPLETED", "conclusion": "SKIPPED", "checkSuite": app },
                    { "__typename": "StatusContext", "context": "ci/lint", "state": "PENDING" },
                ],
            },
        })
    );
}

#[tokio::test]
async fn every_node_id_leads_back_to_its_node() {
    let world = World::with_derived_checks().await;
    deploy(&world, world.head().as_str(), "production", &["success"]).await;
    let path = format!("/repos/acme/people/statuses/{}", world.head());
    world
        .post(&path, json!({ "state": "success", "context": "ci/lint" }))
        .await;
    let query = "{ viewer { id } repository(owner: \"acme\", name: \"people\") { id owner { ... on Node { id } }
        defaultBranchRef { id compare(headRef: \"main~1\") { id } other: compare(headRef: \"main\") { id }
          target { id ... on Commit { tree { id entries { object { id } } }
            statusCheckRollup { id contexts(first: 9) { nodes { ... on Node { id } } } }
            status { id } checkSuites(first: 1) { nodes { id app { id } } } } } }
        deployments(first: 1) { nodes { id creator { ... on Node { id } } statuses(first: 1) { nodes { id } } } }
        environments(first: 9) { nodes { id } } } }";
    let found = data(&world, query, Value::Null).await;
    let mut ids = Vec::new();
    collect_ids(&found, &mut ids);
    assert!(ids.len() > 15, "{ids:?}");
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let nodes = data(&world, query, json!({ "ids": ids })).await;
    let back: Vec<&str> = nodes["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["id"].as_str().unwrap_or("nothing"))
        .collect();
    assert_eq!(back, ids);
}

fn collect_ids(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(id) if name == "id" => ids.push(id.clone()),
                    _ => collect_ids(value, ids),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_ids(item, ids)),
        _ => {}
    }
}

#[tokio::test]
async fn owners_list_their_repositories() {
    let world = World::start().await;
    let query = "{ repositoryOwner(login: \"acme\") { __typename login
            repositories(first: 100, ownerAffiliations: [OWNER], orderBy: {field: PUSHED_AT, direction: DESC}) { nodes { name } } }
        organization(login: \"acme\") { repository(name: \"people\") { name } }
        nobody: repositoryOwner(login: \"nobody\") { login }
        user(login: \"minji\") { name repositories(first: 1) { totalCount } }
        viewer { login } }";
    assert_eq!(
        data(&world, query, Value::Null).await,
        json!({
            "repositoryOwner": {
                "__typename": "Organization", "login": "acme",
                "repositories": { "nodes": [{ "name": "people" }] },
            },
            "organization": { "repository": { "name": "people" } },
            "nobody": null,
            "user": { "name": "Minji", "repositories": { "totalCount": 0 } },
            "viewer": { "login": "bora" },
        })
    );
}

#[tokio::test]
async fn a_query_costs_points_of_its_own_budget() {
    let world = World::start().await;
    let query = "query($first: Int!) { rateLimit { cost limit remaining used nodeCount resetAt }
        repository(owner: \"acme\", name: \"people\") { deployments(first: $first) { nodes { statuses(first: 100) { totalCount } } } } }";
    let reply = send(&world, query, json!({ "first": 100 })).await;
    let limit = reply.json()["data"]["rateLimit"].take();
    assert_eq!(limit["cost"], 1);
    assert_eq!(limit["nodeCount"], 100 + 10_000);
    assert_eq!(
        (&limit["limit"], &limit["used"]),
        (&json!(5_000), &json!(1))
    );
    assert_eq!(limit["remaining"], 4_999);
    assert_eq!(reply.header("x-ratelimit-resource"), "graphql");
    assert_eq!(reply.header("x-ratelimit-remaining"), "4999");
    // REST has a budget of its own.
    assert_eq!(
        world.get("/user").await.header("x-ratelimit-remaining"),
        "4999"
    );
}

#[tokio::test]
async fn requests_are_counted_by_operation() {
    let world = World::start().await;
    let body = json!({ "query": "query Who { viewer { login } }", "operationName": "Who" });
    let token = format!("token {TOKEN}");
    let headers = [("authorization", token.as_str())];
    let reply = world
        .send(Method::POST, "/api/graphql", &headers, body.to_string())
        .await
        .unwrap();
    assert_eq!(
        reply.json(),
        json!({ "data": { "viewer": { "login": "bora" } } })
    );
    assert_eq!(
        world.github.control().counts().get("POST /api/graphql Who"),
        Some(&1)
    );
}
