//! GitHub's REST API, version 3, at `/api/v3` as GitHub Enterprise Server has
//! it: who may ask, what they get, and where it says no.

pub(crate) mod shape;

mod apps;
mod call;
mod checks;
mod commits;
mod contents;
mod deployment_statuses;
mod deployments;
mod environments;
mod fields;
mod meta;
mod page;
mod references;
mod refusal;
mod repositories;
mod respond;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};

use self::call::Handler;
use self::refusal::Refusal;
use super::Github;

/// What is served at a path for a method.
struct Route {
    method: Method,
    path: &'static str,
    /// The page of GitHub's documentation that its refusals point to.
    page: &'static str,
    handler: Handler,
    door: Door,
}

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// Whoever has a token, of a person or of an installation.
    Token,
    /// The App, by its own assertion.
    App,
}

const fn get(path: &'static str, page: &'static str, handler: Handler) -> Route {
    Route::new(Method::GET, path, page, handler)
}

const fn post(path: &'static str, page: &'static str, handler: Handler) -> Route {
    Route::new(Method::POST, path, page, handler)
}

const fn put(path: &'static str, page: &'static str, handler: Handler) -> Route {
    Route::new(Method::PUT, path, page, handler)
}

const fn delete(path: &'static str, page: &'static str, handler: Handler) -> Route {
    Route::new(Method::DELETE, path, page, handler)
}

const fn patch(path: &'static str, page: &'static str, handler: Handler) -> Route {
    Route::new(Method::PATCH, path, page, handler)
}

/// All routes, by subject.
const ROUTES: &[Route] = &[
    get("/api/v3", "/meta/meta#github-api-root", meta::root),
    get("/api/v3/", "/meta/meta#github-api-root", meta::root),
    get(
        "/api/v3/meta",
        "/meta/meta#get-github-meta-information",
        meta::meta,
    ),
    get(
        "/api/v3/rate_limit",
        "/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user",
        meta::rate_limit,
    ),
    get(
        "/api/v3/app",
        "/apps/apps#get-the-authenticated-app",
        apps::app,
    )
    .of_app(),
    get(
        "/api/v3/app/installations",
        "/apps/apps#list-installations-for-the-authenticated-app",
        apps::installations,
    )
    .of_app(),
    get(
        "/api/v3/app/installations/{installation_id}",
        "/apps/apps#get-an-installation-for-the-authenticated-app",
        apps::installation,
    )
    .of_app(),
    post(
        "/api/v3/app/installations/{installation_id}/access_tokens",
        "/apps/apps#create-an-installation-access-token-for-an-app",
        apps::create_token,
    )
    .of_app(),
    get(
        "/api/v3/users/{username}/installation",
        "/apps/apps#get-a-user-installation-for-the-authenticated-app",
        apps::of_user,
    )
    .of_app(),
    get(
        "/api/v3/orgs/{org}/installation",
        "/apps/apps#get-an-organization-installation-for-the-authenticated-app",
        apps::of_organization,
    )
    .of_app(),
    get(
        "/api/v3/repos/{owner}/{repo}/installation",
        "/apps/apps#get-a-repository-installation-for-the-authenticated-app",
        apps::of_repository,
    )
    .of_app(),
    get(
        "/api/v3/installation/repositories",
        "/apps/installations#list-repositories-accessible-to-the-app-installation",
        apps::repositories,
    ),
    delete(
        "/api/v3/installation/token",
        "/apps/installations#revoke-an-installation-access-token",
        apps::revoke_token,
    ),
    get(
        "/api/v3/user",
        "/users/users#get-the-authenticated-user",
        repositories::me,
    ),
    get(
        "/api/v3/users/{username}",
        "/users/users#get-a-user",
        repositories::user,
    ),
    get(
        "/api/v3/user/repos",
        "/repos/repos#list-repositories-for-the-authenticated-user",
        repositories::list_all,
    ),
    get(
        "/api/v3/users/{username}/repos",
        "/repos/repos#list-repositories-for-a-user",
        repositories::list_of_owner,
    ),
    get(
        "/api/v3/orgs/{username}/repos",
        "/repos/repos#list-organization-repositories",
        repositories::list_of_owner,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}",
        "/repos/repos#get-a-repository",
        repositories::get,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/branches",
        "/branches/branches#list-branches",
        repositories::branches,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/branches/{*branch}",
        "/branches/branches#get-a-branch",
        repositories::branch,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/git/ref/{*ref}",
        "/git/refs#get-a-reference",
        references::get,
    ),
    patch(
        "/api/v3/repos/{owner}/{repo}/git/refs/{*ref}",
        "/git/refs#update-a-reference",
        references::update,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/commits",
        "/commits/commits#list-commits",
        commits::list,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/commits/{ref}",
        "/commits/commits#get-a-commit",
        commits::get,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/compare/{*basehead}",
        "/commits/commits#compare-two-commits",
        commits::compare,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/commits/{ref}/status",
        "/commits/statuses#get-the-combined-status-for-a-specific-reference",
        checks::combined_status,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/commits/{ref}/statuses",
        "/commits/statuses#list-commit-statuses-for-a-reference",
        checks::list_statuses,
    ),
    post(
        "/api/v3/repos/{owner}/{repo}/statuses/{sha}",
        "/commits/statuses#create-a-commit-status",
        checks::create_status,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/commits/{ref}/check-runs",
        "/checks/runs#list-check-runs-for-a-git-reference",
        checks::list_runs,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/commits/{ref}/check-suites",
        "/checks/suites#list-check-suites-for-a-git-reference",
        checks::list_suites,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/check-runs/{check_run_id}",
        "/checks/runs#get-a-check-run",
        checks::get_run,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/contents",
        "/repos/contents#get-repository-content",
        contents::get,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/contents/",
        "/repos/contents#get-repository-content",
        contents::get,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/contents/{*path}",
        "/repos/contents#get-repository-content",
        contents::get,
    ),
    put(
        "/api/v3/repos/{owner}/{repo}/contents/{*path}",
        "/repos/contents#create-or-update-file-contents",
        contents::put,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/deployments",
        "/deployments/deployments#list-deployments",
        deployments::list,
    ),
    post(
        "/api/v3/repos/{owner}/{repo}/deployments",
        "/deployments/deployments#create-a-deployment",
        deployments::create,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/deployments/{deployment_id}",
        "/deployments/deployments#get-a-deployment",
        deployments::get,
    ),
    delete(
        "/api/v3/repos/{owner}/{repo}/deployments/{deployment_id}",
        "/deployments/deployments#delete-a-deployment",
        deployments::delete,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
        "/deployments/statuses#list-deployment-statuses",
        deployment_statuses::list,
    ),
    post(
        "/api/v3/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
        "/deployments/statuses#create-a-deployment-status",
        deployment_statuses::create,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/deployments/{deployment_id}/statuses/{status_id}",
        "/deployments/statuses#get-a-deployment-status",
        deployment_statuses::get,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/environments",
        "/deployments/environments#list-environments",
        environments::list,
    ),
    get(
        "/api/v3/repos/{owner}/{repo}/environments/{environment_name}",
        "/deployments/environments#get-an-environment",
        environments::get,
    ),
    put(
        "/api/v3/repos/{owner}/{repo}/environments/{environment_name}",
        "/deployments/environments#create-or-update-an-environment",
        environments::put,
    ),
    delete(
        "/api/v3/repos/{owner}/{repo}/environments/{environment_name}",
        "/deployments/environments#delete-an-environment",
        environments::delete,
    ),
];

impl Route {
    const fn new(method: Method, path: &'static str, page: &'static str, handler: Handler) -> Self {
        Self {
            method,
            path,
            page,
            handler,
            door: Door::Token,
        }
    }

    /// The same for the App alone.
    const fn of_app(mut self) -> Self {
        self.door = Door::App;
        self
    }
}

/// The routes as the control API names them: `GET /api/v3/user`.
pub(super) fn routes() -> Vec<String> {
    ROUTES
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect()
}

/// The REST API.
pub(super) fn router(github: &Github) -> Router {
    let serve = |route: &'static Route| {
        let github = github.clone();
        let method = MethodFilter::try_from(route.method.clone());
        on(
            method.expect("each of these five methods can be routed"),
            move |request: Request| call::serve(github.clone(), request, route),
        )
    };
    ROUTES
        .iter()
        .fold(Router::new(), |router, route| {
            router.route(route.path, serve(route))
        })
        .method_not_allowed_fallback(no_such_route)
}

/// The answer to a path that is no route: GitHub's for programs, plain words
/// for people.
pub(super) async fn no_such_route(request: Request) -> Response {
    if request.uri().path().starts_with("/api/") {
        respond::refused_anywhere(&Refusal::no_such_route())
    } else {
        (StatusCode::NOT_FOUND, "There is no such page.\n").into_response()
    }
}

/// The answer to a caller whose hour is used up, without the headers that tell
/// of it.
pub(super) fn rate_limit_answer() -> Response {
    respond::refused_anywhere(&Refusal::rate_limited("user"))
}

/// The answer to a caller who asks in bursts, or for too much content.
pub(super) fn burst_answer(of_content: bool) -> Response {
    respond::refused_anywhere(&Refusal::burst(of_content))
}
