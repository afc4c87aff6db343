//! Reading repositories, users, branches, commits, comparisons and files.

use http::{Method, StatusCode};
use serde_json::json;

use crate::rest_client::{TOKEN, World, keys};

#[tokio::test]
async fn the_api_tells_of_itself() {
    let world = World::start().await;
    let root = world.get("").await.json();
    assert_eq!(
        root["user_url"],
        format!("{}/api/v3/users/{{user}}", world.base)
    );
    assert_eq!(world.get("/").await.json(), root);
    let meta = world.get("/meta").await.json();
    assert_eq!(meta["verifiable_password_authentication"], false);
}

#[tokio::test]
async fn users_and_their_repositories() {
    let world = World::start().await;
    let user = world.get("/users/MINJI").await.json();
    assert_eq!(
        (&user["login"], &user["name"]),
        (&json!("minji"), &json!("Minji"))
    );
    assert_eq!(user["type"], "User");
    assert_eq!(
        world.get("/users/acme").await.json()["type"],
        "Organization"
    );
    assert_eq!(world.get("/users/nobody").await.refusal(), "404 Not Found");
    for path in ["/user/repos", "/orgs/acme/repos", "/users/acme/repos"] {
        let listed = world.get(path).await.json();
        assert_eq!(listed[0]["full_name"], "acme/people", "{path}");
    }
    assert_eq!(world.get("/users/minji/repos").await.json(), json!([]));
}

#[tokio::test]
async fn a_repository_is_found_in_any_case() {
    let world = World::start().await;
    let repository = world.get("/repos/ACME/People").await.json();
    assert_eq!(repository["full_name"], "acme/people");
    assert_eq!(repository["default_branch"], "main");
    assert_eq!(
        repository["html_url"],
        format!("{}/acme/people", world.base)
    );
    assert_eq!(repository["owner"]["login"], "acme");
}

#[tokio::test]
async fn branches_and_references() {
    let world = World::start().await;
    let feature = world.commit("feature/ü", "a.txt", "a");
    let names: Vec<_> = world
        .get("/repos/acme/people/branches")
        .await
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|branch| branch["name"].clone())
        .collect();
    assert_eq!(names, ["feature/ü", "main"]);
    for path in ["feature/%C3%BC", "feature%2F%C3%BC"] {
        let branch = world
            .get(&format!("/repos/acme/people/branches/{path}"))
            .await
            .json();
        assert_eq!(branch["commit"]["sha"], feature.as_str());
    }
    let reply = world.get("/repos/acme/people/branches/nope").await;
    assert_eq!(reply.refusal(), "404 Branch nope not found");
    let reference = world
        .get("/repos/acme/people/git/ref/heads/main")
        .await
        .json();
    assert_eq!(reference["ref"], "refs/heads/main");
    assert_eq!(reference["object"]["sha"], world.head().as_str());
    for name in ["heads/nope", "main", "tags/main", "heads/../x"] {
        let reply = world
            .get(&format!("/repos/acme/people/git/ref/{name}"))
            .await;
        assert_eq!(reply.refusal(), "404 Not Found", "{name}");
    }
}

#[tokio::test]
async fn commits_newest_first() {
    let world = World::start().await;
    let newest_first: Vec<_> = world
        .commits
        .iter()
        .rev()
        .map(|sha| json!(sha.as_str()))
        .collect();
    let list = world.get("/repos/acme/people/commits").await.json();
    let shas: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|commit| commit["sha"].clone())
        .collect();
    assert_eq!(shas, newest_first);
    assert_eq!(list[0]["author"]["login"], "minji");
    assert_eq!(list[0]["commit"]["author"]["date"], "2026-09-21T14:15:20Z");
    let second = &world.commits[1];
    let list = world
        .get(&format!("/repos/acme/people/commits?sha={second}"))
        .await
        .json();
    assert_eq!(list[0]["sha"], second.as_str());
    let list = world
        .get("/repos/acme/people/commits?path=site&per_page=1")
        .await;
    assert_eq!(list.json()[0]["sha"], second.as_str());
    assert_eq!(list.header("link"), "");
    let reply = world.get("/repos/acme/people/commits?sha=nope").await;
    assert_eq!(reply.refusal(), "404 Not Found");
}

#[tokio::test]
async fn a_commit_with_what_it_changed() {
    let world = World::start().await;
    let head = world.head();
    for name in [
        "main",
        head.as_str(),
        &head.as_str()[..7],
        "HEAD",
        "heads%2Fmain",
    ] {
        let commit = world
            .get(&format!("/repos/acme/people/commits/{name}"))
            .await
            .json();
        assert_eq!(commit["sha"], head.as_str(), "{name}");
    }
    let commit = world.get("/repos/acme/people/commits/main").await.json();
    assert_eq!(
        commit["stats"],
        json!({"additions": 2, "deletions": 0, "total": 2})
    );
    assert_eq!(commit["files"][0]["filename"], "README.md");
    assert_eq!(commit["files"][0]["status"], "modified");
    insta::assert_snapshot!(commit["files"][0]["patch"].as_str().unwrap(), @r"
    @@ -1,1 +1,3 @@
     # People
    +
    +Who we are.
    ");
    let first = world
        .get(&format!("/repos/acme/people/commits/{}", world.commits[0]))
        .await
        .json();
    assert_eq!(first["files"][0]["status"], "added");
    assert_eq!(first["parents"], json!([]));
    let token = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", token.as_str()),
        ("accept", "application/vnd.github.sha"),
    ];
    let path = "/api/v3/repos/acme/people/commits/main";
    let sha = world.send(Method::GET, path, &headers, "").await.unwrap();
    assert_eq!(sha.text(), head.as_str());
}

#[tokio::test]
async fn what_is_no_commit_is_said_so() {
    let world = World::start().await;
    let unknown = "0123456789012345678901234567890123456789";
    for name in [
        unknown,
        "abc",
        "zzzzzzz",
        "nope",
        "%F0%9F%92%A5",
        "..",
        "a..b",
        "%00",
    ] {
        let reply = world
            .get(&format!("/repos/acme/people/commits/{name}"))
            .await;
        assert!(
            matches!(
                reply.status,
                StatusCode::UNPROCESSABLE_ENTITY | StatusCode::NOT_FOUND
            ),
            "{name}: {reply:?}"
        );
    }
    for below in ["", "/status", "/statuses", "/check-runs", "/check-suites"] {
        let reply = world
            .get(&format!("/repos/acme/people/commits/{unknown}{below}"))
            .await;
        assert_eq!(
            reply.refusal(),
            format!("422 No commit found for SHA: {unknown}")
        );
    }
}

#[tokio::test]
async fn a_sha_cut_too_short_to_be_one_commit_is_no_commit() {
    let world = World::start().await;
    // Among 100,000 commits two would share four digits anyway; here as many as
    // needed are made until two do.
    let mut seen = std::collections::HashMap::new();
    let shared = (0..)
        .find_map(|number| {
            let sha = world.commit("many", "n.txt", &number.to_string());
            let start = sha.as_str()[..4].to_owned();
            seen.insert(start.clone(), sha).map(|_| start)
        })
        .unwrap();
    let reply = world
        .get(&format!("/repos/acme/people/commits/{shared}"))
        .await;
    assert_eq!(
        reply.refusal(),
        format!("422 No commit found for SHA: {shared}")
    );
}

#[tokio::test]
async fn how_two_commits_compare() {
    let world = World::start().await;
    let [first, second, third] = &world.commits[..] else {
        panic!()
    };
    let ahead = world
        .get(&format!("/repos/acme/people/compare/{first}...main"))
        .await
        .json();
    assert_eq!(ahead["status"], "ahead");
    assert_eq!(
        (&ahead["ahead_by"], &ahead["behind_by"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(ahead["commits"][0]["sha"], second.as_str());
    assert_eq!(ahead["commits"][1]["sha"], third.as_str());
    assert_eq!(ahead["files"].as_array().unwrap().len(), 2);
    let behind = world
        .get(&format!("/repos/acme/people/compare/acme:main...{first}"))
        .await
        .json();
    assert_eq!(
        (&behind["status"], &behind["behind_by"]),
        (&json!("behind"), &json!(2))
    );
    let same = world
        .get("/repos/acme/people/compare/main...main")
        .await
        .json();
    assert_eq!(same["status"], "identical");
    world.git.set_branch("side", first).unwrap();
    world.commit("side", "b.txt", "b");
    let apart = world
        .get("/repos/acme/people/compare/main...side")
        .await
        .json();
    assert_eq!(apart["status"], "diverged");
    assert_eq!(apart["merge_base_commit"]["sha"], first.as_str());
    let page = format!("/repos/acme/people/compare/{first}...main?per_page=1&page=2");
    let page = world.get(&page).await;
    assert_eq!(page.json()["commits"][0]["sha"], third.as_str());
    assert_eq!(page.json()["total_commits"], 2);
    assert!(page.header("link").contains("rel=\"prev\""));
    for basehead in [
        "main",
        "main...nope",
        "nope...main",
        "other:main...main",
        "...",
    ] {
        let reply = world
            .get(&format!("/repos/acme/people/compare/{basehead}"))
            .await;
        assert_eq!(reply.refusal(), "404 Not Found", "{basehead}");
    }
}

#[tokio::test]
async fn files_and_directories() {
    let world = World::start().await;
    let file = world
        .get("/repos/acme/people/contents/README.md")
        .await
        .json();
    assert_eq!(file["content"], "IyBQZW9wbGUKCldobyB3ZSBhcmUuCg==\n");
    assert_eq!((&file["type"], &file["size"]), (&json!("file"), &json!(22)));
    let first = &world.commits[0];
    let old = world
        .get(&format!(
            "/repos/acme/people/contents/README.md?ref={first}"
        ))
        .await
        .json();
    assert_eq!(old["size"], 9);
    for root in ["/contents", "/contents/"] {
        let items = world.get(&format!("/repos/acme/people{root}")).await.json();
        let names: Vec<_> = items
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                format!(
                    "{} {}",
                    item["type"].as_str().unwrap(),
                    item["path"].as_str().unwrap()
                )
            })
            .collect();
        assert_eq!(names, ["file README.md", "dir site"]);
    }
    let below = world.get("/repos/acme/people/contents/site").await.json();
    assert_eq!(below[0]["path"], "site/index.html");
    let token = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", token.as_str()),
        ("accept", "application/vnd.github.raw+json"),
    ];
    let path = "/api/v3/repos/acme/people/contents/site/index.html";
    let raw = world.send(Method::GET, path, &headers, "").await.unwrap();
    assert_eq!(raw.text(), "<h1>People</h1>\n");
    let reply = world
        .get("/repos/acme/people/contents/README.md?ref=nope")
        .await;
    assert_eq!(reply.refusal(), "404 No commit found for the ref nope");
    for path in [
        "nope",
        "README.md/x",
        "%2E%2E/secret",
        "site/%2E%2E/README.md",
        "a%00b",
        "site//index.html",
    ] {
        let reply = world
            .get(&format!("/repos/acme/people/contents/{path}"))
            .await;
        assert_eq!(reply.refusal(), "404 Not Found", "{path}");
    }
}

#[tokio::test]
async fn shapes_are_whole() {
    let world = World::with_derived_checks().await;
    let commit = world.get("/repos/acme/people/commits/main").await.json();
    insta::assert_snapshot!(keys(&commit), @"author comments_url commit committer files html_url node_id parents sha stats url");
    insta::assert_snapshot!(keys(&commit["author"]), @"avatar_url events_url followers_url following_url gists_url gravatar_id html_url id login node_id organizations_url received_events_url repos_url site_admin starred_url subscriptions_url type url user_view_type");
    let runs = world
        .get("/repos/acme/people/commits/main/check-runs")
        .await
        .json();
    insta::assert_snapshot!(keys(&runs["check_runs"][0]), @"app check_suite completed_at conclusion details_url external_id head_sha html_url id name node_id output pull_requests started_at status url");
}
