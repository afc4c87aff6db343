//! What the GitHub is asked: each route, what it takes and what it refuses.

use serde_json::{Value, json};

use super::ELSEWHERE;
use crate::world::{DECLARED, TOKEN, World};

/// A commit that is nowhere.
const NOWHERE: &str = "0123456789012345678901234567890123456789";

impl World {
    pub(super) async fn ask_of_nobody(&mut self) {
        self.get("/", "").await;
        self.get("/", "/").await;
        self.get("/meta", "/meta").await;
        self.get("/rate_limit", "/rate_limit").await;
        self.get("/user", "/user").await;
        self.get("/users/{username}", "/users/minji").await;
        self.get("/users/{username}", "/users/acme").await;
        self.get("/user/repos", "/user/repos").await;
        self.get("/users/{username}/repos", "/users/acme/repos")
            .await;
        self.get("/orgs/{org}/repos", "/orgs/acme/repos").await;
    }

    pub(super) async fn ask_as_the_app(&mut self) {
        let app = self.app_assertion().await;
        let (declared, path) = (
            "/repos/{owner}/{repo}/installation",
            "/repos/acme/people/installation",
        );
        let found = self.ask(("GET", 200), declared, path, "", &app).await;
        let installation = format!("/app/installations/{}", found["id"]);
        for (declared, path) in [
            ("/app", "/app"),
            ("/app/installations", "/app/installations"),
            (
                "/app/installations/{installation_id}",
                installation.as_str(),
            ),
            ("/orgs/{org}/installation", "/orgs/acme/installation"),
            ("/users/{username}/installation", "/users/acme/installation"),
        ] {
            self.ask(("GET", 200), declared, path, "", &app).await;
        }
        let declared = "/app/installations/{installation_id}/access_tokens";
        let path = format!("{installation}/access_tokens");
        let minted = self.ask(("POST", 201), declared, &path, "", &app).await;
        let token = minted["token"].as_str().unwrap();
        let seen = "/installation/repositories";
        self.ask(("GET", 200), seen, seen, "", token).await;
        let revoked = "/installation/token";
        self.ask(("DELETE", 204), revoked, revoked, "", token).await;
        self.ask(("GET", 401), seen, seen, "", token).await;
        self.ask(
            ("GET", 404),
            "/app/installations/{installation_id}",
            "/app/installations/1",
            "",
            &app,
        )
        .await;
    }

    pub(super) async fn ask_for_the_repository(&mut self) {
        self.get_people("", "").await;
        self.get_people("/branches", "/branches").await;
        self.get_people("/branches/{branch}", "/branches/main")
            .await;
        let main = self
            .get_people("/git/ref/{ref}", "/git/ref/heads/main")
            .await;
        let (declared, path) = ("/git/refs/{ref}", "/git/refs/heads/behind");
        let body = json!({"sha": main["object"]["sha"]});
        self.people("PATCH", 200, declared, path, body).await;
    }

    pub(super) async fn ask_for_commits(&mut self) {
        let commits = self.get_people("/commits", "/commits").await;
        assert_eq!(commits.as_array().unwrap().len(), 3);
        let first = commits[2]["sha"].as_str().unwrap();
        for name in ["main", first] {
            let path = format!("/commits/{name}");
            self.get_people("/commits/{ref}", &path).await;
        }
        for range in [format!("{first}...main"), format!("main...{first}")] {
            let path = format!("/compare/{range}");
            self.get_people("/compare/{basehead}", &path).await;
        }
    }

    pub(super) async fn ask_for_checks(&mut self) {
        let head = self.head().await;
        for body in [
            json!({"state": "failure"}),
            json!({"state": "success", "context": "ci/lint", "description": "Clean",
                   "target_url": ELSEWHERE}),
        ] {
            let path = format!("/statuses/{head}");
            self.people("POST", 201, "/statuses/{sha}", &path, body)
                .await;
        }
        for part in ["status", "statuses", "check-suites"] {
            let declared = format!("/commits/{{ref}}/{part}");
            let path = format!("/commits/main/{part}");
            self.get_people(&declared, &path).await;
        }
        let declared = "/commits/{ref}/check-runs";
        let runs = self.get_people(declared, "/commits/main/check-runs").await;
        let path = format!("/check-runs/{}", runs["check_runs"][0]["id"]);
        self.get_people("/check-runs/{check_run_id}", &path).await;
    }

    pub(super) async fn ask_for_contents(&mut self) {
        let declared = "/contents/{path}";
        for path in [
            "/contents",
            "/contents/",
            "/contents/README.md",
            "/contents/a%20folder",
            "/contents/a%20folder/%C3%BC.txt",
        ] {
            self.get_people(declared, path).await;
        }
        let path = "/contents/new.txt";
        let body = json!({"message": "Add a file", "content": "eA=="});
        self.people("PUT", 201, declared, path, body.clone()).await;
        self.people("PUT", 422, declared, path, body).await;
        let body = json!({"message": "Change it", "content": "eQ==", "sha": NOWHERE});
        self.people("PUT", 409, declared, path, body).await;
        self.change("new.txt", "Change a file").await;
    }

    pub(super) async fn ask_for_environments(&mut self) {
        let declared = "/environments/{environment_name}";
        let reviewer = self.get("/users/{username}", "/users/minji").await;
        let body = json!({
            "wait_timer": 3,
            "prevent_self_review": true,
            "reviewers": [{"type": "User", "id": reviewer["id"]}],
            "deployment_branch_policy":
                {"protected_branches": true, "custom_branch_policies": false},
        });
        let path = "/environments/eu%2Fwest";
        self.people("PUT", 200, declared, path, body).await;
        let body = json!({"wait_timer": 99_999_999});
        self.people("PUT", 422, declared, path, body).await;
        self.get_people(declared, path).await;
        self.get_people("/environments", "/environments").await;
        self.people("DELETE", 204, declared, path, "").await;
        self.people("DELETE", 404, declared, path, "").await;
    }

    pub(super) async fn ask_for_deployments(&mut self) {
        let head = self.head().await;
        let id = self.deploy(&head).await;
        self.get_people("/deployments", "/deployments").await;
        let path = format!("/deployments/{id}");
        let declared = "/deployments/{deployment_id}";
        self.get_people(declared, &path).await;
        let (declared_statuses, statuses) =
            (format!("{declared}/statuses"), format!("{path}/statuses"));
        let body = json!({"state": "unheard of"});
        self.people("POST", 422, &declared_statuses, &statuses, body)
            .await;
        for body in [
            json!({"state": "error", "description": "It broke",
                   "log_url": ELSEWHERE}),
            json!({"state": "inactive"}),
        ] {
            let made = self
                .people("POST", 201, &declared_statuses, &statuses, body)
                .await;
            let declared = format!("{declared_statuses}/{{status_id}}");
            let path = format!("{statuses}/{}", made["id"]);
            self.get_people(&declared, &path).await;
        }
        let mut post = async |status, body: Value| {
            self.people("POST", status, "/deployments", "/deployments", body)
                .await
        };
        post(422, json!({"ref": "nowhere"})).await;
        post(
            409,
            json!({"ref": head, "required_contexts": ["unheard of"]}),
        )
        .await;
        let payload = json!("words");
        let body = json!({"ref": "main", "required_contexts": [], "payload": payload});
        let newest = post(201, body).await;
        post(202, json!({"ref": "behind"})).await;

        let path_of_newest = format!("/deployments/{}", newest["id"]);
        self.deploy(&head).await;
        self.people("DELETE", 422, declared, &path_of_newest, "")
            .await;
        self.people("DELETE", 204, declared, &path, "").await;
    }

    /// Each refusal, in GitHub's own form.
    pub(super) async fn ask_in_vain(&mut self) {
        let get = ("GET", 404);
        self.ask(get, "/users/{username}", "/users/nobody", "", TOKEN)
            .await;
        self.ask(get, DECLARED, "/repos/acme/nothing", "", TOKEN)
            .await;
        for (declared, path) in [
            ("/branches/{branch}", "/branches/nothing"),
            ("/git/ref/{ref}", "/git/ref/heads/nothing"),
            ("/commits", "/commits?sha=nothing"),
            ("/compare/{basehead}", "/compare/main...nothing"),
            ("/contents/{path}", "/contents/nothing"),
            ("/check-runs/{check_run_id}", "/check-runs/7"),
            ("/deployments/{deployment_id}", "/deployments/7"),
            (
                "/deployments/{deployment_id}/statuses",
                "/deployments/7/statuses",
            ),
            ("/environments/{environment_name}", "/environments/nothing"),
        ] {
            self.people("GET", 404, declared, path, "").await;
        }
        let (declared, path) = ("/commits/{ref}", "/commits/nothing");
        self.people("GET", 422, declared, path, "").await;
        let path = format!("/statuses/{NOWHERE}");
        let body = json!({"state": "success"});
        self.people("POST", 422, "/statuses/{sha}", &path, body)
            .await;
        self.people("POST", 400, "/deployments", "/deployments", "no JSON")
            .await;
        self.ask(("GET", 401), "/user", "/user", "", "unheard-of")
            .await;
        self.github.set_hourly_limit(1);
        self.ask(("GET", 403), "/user", "/user", "", TOKEN).await;
    }

    /// Whatever webhooks tell of: checks that pass and that fail, deployments
    /// that go well, fail, are taken back and are made inactive.
    pub(super) async fn converse(&mut self) {
        self.change("README.md", "Say more").await;
        let first = self.head().await;
        self.checked(&first).await;
        self.deploy(&first).await;

        self.change("README.md", "Say less\n\nSimulate: fail build")
            .await;
        self.change("README.md", "Say it\n\nSimulate: fail rollout")
            .await;
        let second = self.head().await;
        self.checked(&second).await;
        self.deploy_to("production", &second, "failure").await;
        self.deploy(&first).await;

        let older = self.deploy_to("staging", &first, "success").await;
        self.deploy_to("staging", &first, "success").await;
        let path = format!("/deployments/{older}/statuses");
        let statuses = "/deployments/{deployment_id}/statuses";
        let told = self.get_people(statuses, &path).await;
        assert_eq!(told[0]["state"], "inactive");
        for state in ["inactive", "queued", "pending", "error"] {
            self.tell(older, state).await;
        }
        let path = format!("/statuses/{second}");
        for state in ["pending", "error", "failure", "success"] {
            let body = json!({"state": state, "context": "ci/lint"});
            self.people("POST", 201, "/statuses/{sha}", &path, body)
                .await;
        }
    }
}
