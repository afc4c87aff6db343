//! Pages for people, and the sites that were deployed.

use http::{Method, StatusCode};
use serde_json::json;
use simulators::github::{DeploymentState, SeedDeployment, SeedStatus};

use crate::rest_client::World;

fn deploy(world: &World, environment: &str, commit: usize) {
    let at = jiff::Timestamp::from_second(1_790_000_500).unwrap();
    world
        .github
        .seed_deployment(
            "acme/people",
            SeedDeployment {
                sha: world.commits[commit].clone(),
                environment: environment.to_owned(),
                creator: "minji".to_owned(),
                payload: json!({}),
                description: None,
                created_at: at,
                statuses: vec![SeedStatus {
                    state: DeploymentState::Success,
                    description: "<i>out</i>".to_owned(),
                    at,
                }],
            },
        )
        .unwrap();
}

#[tokio::test]
async fn a_site_serves_the_deployed_commit() {
    let world = World::start().await;
    let empty = world.page("/sites/acme/people/production/").await;
    assert_eq!(empty.status, StatusCode::NOT_FOUND);
    assert!(
        empty
            .text()
            .contains("Nothing is deployed to production of acme/people yet.")
    );
    deploy(&world, "production", 1);
    let page = world.page("/sites/acme/people/production/site/").await;
    assert_eq!(page.text(), "<h1>People</h1>\n");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("content-security-policy"), "sandbox");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let readme = world.page("/sites/acme/people/production/README.md").await;
    assert_eq!(readme.text(), "# People\n");
    assert_eq!(readme.header("content-type"), "text/plain; charset=utf-8");
    let listing = world.page("/sites/acme/people/production/").await;
    assert!(
        listing
            .text()
            .contains("/sites/acme/people/production/site/\">site/</a>")
    );
    assert_eq!(listing.header("content-security-policy"), "sandbox");
    deploy(&world, "production", 2);
    let readme = world.page("/sites/acme/people/production/README.md").await;
    assert_eq!(readme.text(), "# People\n\nWho we are.\n");
    for path in [
        "nope",
        "%2E%2E/x",
        "site/%2e%2e/%2e%2e/x",
        "README.md/x",
        "%00",
    ] {
        let reply = world
            .page(&format!("/sites/acme/people/production/{path}"))
            .await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(
        world.page("/sites/acme/nope/production/").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_site_without_its_slash_leads_to_it() {
    let world = World::start().await;
    let reply = world.page("/sites/acme/people/eu%2Fwest").await;
    assert_eq!(reply.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(
        reply.header("location"),
        format!("{}/sites/acme/people/eu%2Fwest/", world.base)
    );
    deploy(&world, "eu/west", 2);
    let reply = world.page("/sites/acme/people/eu%2Fwest/README.md").await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_show_what_their_titles_say_and_escape_it() {
    let world = World::with_derived_checks().await;
    deploy(&world, "production", 2);
    let (first, head) = (&world.commits[0], world.head());
    for (path, wanted) in [
        ("/acme/people".to_owned(), "Commits of main"),
        (format!("/acme/people/commit/{head}"), "Say more &lt;b&gt;"),
        (
            format!("/acme/people/compare/{first}...{head}"),
            "2 commits ahead",
        ),
        (
            "/acme/people/deployments/production".to_owned(),
            "&lt;i&gt;out&lt;/i&gt;",
        ),
    ] {
        let page = world.page(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let text = page.text();
        assert!(text.contains(wanted), "{path}: {text}");
        assert!(text.contains("This is a simulated GitHub."), "{path}");
        assert!(!text.contains("<b>") && !text.contains("<i>"), "{path}");
        assert!(
            page.header("content-security-policy")
                .starts_with("default-src 'none'")
        );
    }
    for path in [
        "/acme/nope",
        "/acme/people/commit/nope",
        "/acme/people/compare/main",
        "/acme/people/actions/runs/7",
        "/acme/people/deployments/nope",
    ] {
        assert_eq!(
            world.page(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn links_in_answers_lead_to_pages() {
    let world = World::start().await;
    world.build_passes();
    let run = world
        .get("/repos/acme/people/commits/main/check-runs")
        .await
        .json();
    let commit = world.get("/repos/acme/people/commits/main").await.json();
    let file = world
        .get("/repos/acme/people/contents/README.md")
        .await
        .json();
    for link in [
        &run["check_runs"][0]["html_url"],
        &commit["html_url"],
        &commit["author"]["avatar_url"],
        &file["download_url"],
        &commit["files"][0]["raw_url"],
    ] {
        let path = link.as_str().unwrap().strip_prefix(&world.base).unwrap();
        let reply = world.send(Method::GET, path, &[], "").await.unwrap();
        assert_eq!(reply.status, StatusCode::OK, "{path}");
    }
}
