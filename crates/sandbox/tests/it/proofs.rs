//! The simulators proved true by what others wrote. GitHub's here: Prism stands
//! before it with GitHub's own description while the product and octokit use it,
//! and githubkit reads it into strict models; its device flow in `device`. Slack's
//! in `slack`. Each proof is shown to be able to fail.

mod bot;
mod damage;
mod device;
mod front;
mod prism;
mod slack;

use std::time::Duration;

use axum::Router;
use deploy_proto::v1::{
    GetStatusRequest, ListHistoryRequest, Request, RequestState, StartDeploymentRequest,
    deploy_service_client::DeployServiceClient,
};
use serde_json::json;
use simulators::github::Github;
use tempfile::tempdir;
use tokio::{task::JoinSet, time::Instant};
use tonic::transport::Channel as Grpc;

use self::{damage::damaged, front::Front, prism::Prism};
use crate::{
    node::{node, python},
    program::{ANYWHERE, Program, journal},
    world::{APP, TOKEN, World, bound, serve, url_of},
};

/// How long a deployment may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A GitHub whose REST API is checked while it is used.
struct Checked {
    world: World,
    front: Front,
    prism: Prism,
    tasks: JoinSet<()>,
}

impl Checked {
    /// A GitHub that tells the proxy what is made of its answers.
    async fn start(told: fn(Router) -> Router) -> Self {
        let (way_in, itself) = (bound().await, bound().await);
        let world = World::known_as(format!("{}github", url_of(&way_in))).await;
        let prism = Prism::before(&format!("{}github/api/v3", url_of(&itself))).await;
        let front = Front::of(&prism.url);
        let mut tasks = JoinSet::new();
        serve(&mut tasks, itself, told(world.service()));
        serve(&mut tasks, way_in, front.before(world.service()));
        Self {
            world,
            front,
            prism,
            tasks,
        }
    }

    /// Fails unless something passed, and all of it as GitHub declares it.
    fn agrees(&self, who: &str) {
        let (passed, complaints) = (self.front.passed(), self.front.complaints());
        println!("{who}: {passed} requests and their answers checked");
        assert!(passed > 0, "nothing of {who} was checked");
        assert!(complaints.is_empty(), "{who}: {complaints:#?}");
    }

    async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.prism.stop().await;
        self.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_product_and_octokit_speak_with_it_as_github_declares() {
    let mut checked = Checked::start(|service| service).await;
    checked.world.change("README.md", "Say more").await;
    let head = checked.world.head().await;
    checked.world.checked(&head).await;
    checked.agrees("the test");

    deploy_and_read_back(&checked.world, &head).await;
    checked.agrees("the product");

    checked.world.github.control().reset();
    let base = checked.world.base.clone();
    node("octokit.mjs", &[&base, TOKEN, "acme", "people"])
        .await
        .unwrap();
    let (app, key) = (APP.to_string(), checked.world.app_key());
    node("octokit-app.mjs", &[&base, "acme", "people", &app, &key])
        .await
        .unwrap();
    checked.agrees("octokit");
    let counts = checked.world.github.control().counts();
    let mut unasked = Github::rest_routes();
    unasked.retain(|route| {
        // The root has two spellings.
        let asked = counts.contains_key(route) || counts.contains_key(&format!("{route}/"));
        !asked && prism::is_declared(route)
    });
    assert!(unasked.is_empty(), "octokit never asked {unasked:?}");
    checked.stop().await;
}

/// The product, as the App, deploys, and tells status and history.
async fn deploy_and_read_back(world: &World, head: &str) {
    let folder = tempdir().unwrap();
    let settings = [
        ("DEPLOY_LISTEN", ANYWHERE.to_string()),
        ("DEPLOY_ADMIN_LISTEN", ANYWHERE.to_string()),
        (
            "DEPLOY_DATABASE_URL",
            format!("sqlite:{}", journal(folder.path()).display()),
        ),
        ("DEPLOY_GITHUB_API_URL", format!("{}/api/v3", world.base)),
        ("DEPLOY_GITHUB_APP_ID", APP.to_string()),
        ("DEPLOY_GITHUB_APP_PRIVATE_KEY_FILE", world.app_key()),
    ];
    let program = Program::start("deploy", &settings).await;
    let address = format!("http://{}", program.grpc());
    let mut deploy = DeployServiceClient::connect(address).await.unwrap();
    let request = deployed(&mut deploy, head).await;
    assert_eq!(request.state(), RequestState::Succeeded, "{request:?}");

    let repository = "acme/people".to_owned();
    let ask = GetStatusRequest {
        repository: repository.clone(),
        limit: None,
    };
    let status = deploy.get_status(ask).await.unwrap().into_inner();
    assert_eq!(status.commits[0].live_in, ["production"]);
    let ask = ListHistoryRequest {
        repository,
        environment: None,
        page_size: None,
    };
    let history = deploy.list_history(ask).await.unwrap().into_inner();
    assert_eq!(history.environments[0].deployments.len(), 1);
    program.end().await;
}

/// Asks for a deployment until it has ended: a repeat tells how far it is.
async fn deployed(deploy: &mut DeployServiceClient<Grpc>, commit: &str) -> Request {
    let ask = StartDeploymentRequest {
        request_id: "proof:1".to_owned(),
        repository: "acme/people".to_owned(),
        environment: "production".to_owned(),
        commit: commit.to_owned(),
        ..StartDeploymentRequest::default()
    };
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = deploy.start_deployment(ask.clone()).await.unwrap();
        let request = answer.into_inner().request.unwrap();
        let under_way = matches!(
            request.state(),
            RequestState::Accepted | RequestState::Creating | RequestState::Running
        );
        if !under_way {
            return request;
        }
        assert!(Instant::now() < end, "it never ended: {request:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_github_does_not_declare_is_noticed() {
    let mut checked = Checked::start(damaged).await;
    let world = &mut checked.world;
    world.get_people("/environments", "/environments").await;
    world
        .get_people("/branches", "/branches?per_page=many")
        .await;
    world
        .ask(("GET", 404), "", "/repos/acme/people/pulls", "", TOKEN)
        .await;
    let body = json!({"ref": 7, "environment": "production"});
    world
        .people("POST", 422, "/deployments", "/deployments", body)
        .await;
    insta::assert_snapshot!(checked.front.complaints().join("\n"), @r"
    GET /repos/acme/people/environments 200: response.body.total_count: Response body property total_count must be integer
    GET /repos/acme/people/environments 200: response.body.environments.0.id: Response body property environments.0.id must be integer
    GET /repos/acme/people/branches?per_page=many 200: request.query.per_page: Request query parameter per_page must be integer
    GET /repos/acme/people/branches?per_page=many 200: response.body.0.protected: Response body property 0.protected must be boolean
    GET /repos/acme/people/branches?per_page=many 200: response.body.1.protected: Response body property 1.protected must be boolean
    GET /repos/acme/people/pulls 404: request: Selected route not found
    POST /repos/acme/people/deployments 422: request.body.ref: Request body property ref must be string
    ");
    checked.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn githubkit_reads_every_resource_into_strict_models() {
    let mut world = World::start().await;
    let head = world.head().await;
    world.deploy(&head).await;
    read_by_githubkit(&world, &world.base).await.unwrap();
    world.stop().await;
}

async fn read_by_githubkit(world: &World, base: &str) -> Result<String, String> {
    let app = world.app_assertion().await;
    python("githubkit-read.py", &[base, TOKEN, &app, "acme", "people"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deviation_of_any_resource_is_noticed() {
    let mut world = World::start().await;
    let head = world.head().await;
    world.deploy(&head).await;
    let listener = bound().await;
    let base = format!("{}github", url_of(&listener));
    let mut tasks = JoinSet::new();
    serve(&mut tasks, listener, damaged(world.service()));
    let said = read_by_githubkit(&world, &base).await.unwrap_err();
    insta::assert_snapshot!(said, @r"
    Meta.get: verifiable_password_authentication: Input should be a valid boolean
    RateLimit.get: resources.core.limit: Input should be a valid integer
    Users.get_authenticated: PrivateUser.id: Input should be a valid integer
    Users.get_by_username: PrivateUser.id: Input should be a valid integer
    Repos.list_for_authenticated_user: 0.id: Input should be a valid integer
    Repos.list_for_org: 0.id: Input should be a valid integer
    Repos.list_for_user: 0.id: Input should be a valid integer
    Repos.get: id: Input should be a valid integer
    Repos.list_branches: 0.protected: Input should be a valid boolean
    Repos.get_branch: commit.commit.comment_count: Input should be a valid integer
    Repos.list_commits: 0.commit.comment_count: Input should be a valid integer
    Repos.get_commit: commit.comment_count: Input should be a valid integer
    Repos.compare_commits: base_commit.commit.comment_count: Input should be a valid integer
    Repos.create_commit_status: id: Input should be a valid integer
    Repos.get_combined_status_for_ref: statuses.0.id: Input should be a valid integer
    Repos.list_commit_statuses_for_ref: 0.id: Input should be a valid integer
    Checks.list_for_ref: total_count: Input should be a valid integer
    Checks.list_suites_for_ref: total_count: Input should be a valid integer
    Checks.get: id: Input should be a valid integer
    Repos.get_content: list[ContentDirectoryItems].0.size: Input should be a valid integer
    Repos.get_content: list[ContentDirectoryItems]: Input should be a valid array
    Repos.get_all_environments: total_count.literal[<UNSET>]: Input should be <UNSET>
    Repos.get_environment: id: Input should be a valid integer
    Repos.create_deployment: id: Input should be a valid integer
    Repos.create_deployment_status: id: Input should be a valid integer
    Repos.list_deployments: 0.id: Input should be a valid integer
    Repos.get_deployment: id: Input should be a valid integer
    Repos.list_deployment_statuses: 0.id: Input should be a valid integer
    Repos.get_deployment_status: id: Input should be a valid integer
    Apps.get_authenticated: id: Input should be a valid integer
    Apps.list_installations: 0.id: Input should be a valid integer
    Apps.get_repo_installation: id: Input should be a valid integer
    Apps.get_installation: id: Input should be a valid integer
    Apps.get_org_installation: id: Input should be a valid integer
    Apps.get_user_installation: id: Input should be a valid integer
    Apps.list_repos_accessible_to_installation: total_count: Input should be a valid integer
    ");
    tasks.shutdown().await;
    world.stop().await;
}
