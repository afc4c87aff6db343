//! GitHub's REST API, version 3, at `/api/v3` as GitHub Enterprise Server has
//! it: who may ask, what they get, and where it says no.

pub(crate) mod shape;

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
mod refusal;
mod repositories;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};

use self::call::Handler;
use super::Github;

/// The routes of the REST API.
pub(crate) fn router(github: Github) -> Router {
    let routes = Routes(github);
    let router = routes.of_nobody(Router::new());
    let router = routes.of_repositories(router);
    let router = routes.of_commits(router);
    let router = routes.of_contents(router);
    let router = routes.of_deployments(router);
    router.method_not_allowed_fallback(no_such_route)
}

/// The answer to a path that is no route: GitHub's for programs, plain words
/// for people.
pub(crate) async fn no_such_route(request: Request) -> Response {
    if request.uri().path().starts_with("/api/") {
        call::refuse_route()
    } else {
        (StatusCode::NOT_FOUND, "There is no such page.\n").into_response()
    }
}

/// The answer to a caller that asks too often, who may ask again after so many
/// seconds.
pub(crate) fn rate_limit_answer(seconds: u64) -> Response {
    call::refuse_rate(seconds)
}

/// Declares routes, each with the page of GitHub's documentation that its
/// refusals point to.
struct Routes(Github);

impl Routes {
    fn get(&self, page: &'static str, handler: Handler) -> MethodRouter {
        get(self.served(page, handler))
    }

    fn post(&self, page: &'static str, handler: Handler) -> MethodRouter {
        post(self.served(page, handler))
    }

    fn put(&self, page: &'static str, handler: Handler) -> MethodRouter {
        put(self.served(page, handler))
    }

    fn delete(&self, page: &'static str, handler: Handler) -> MethodRouter {
        delete(self.served(page, handler))
    }

    fn served(
        &self,
        page: &'static str,
        handler: Handler,
    ) -> impl Fn(Request) -> futures::future::BoxFuture<'static, Response> + Clone + Send + Sync + 'static
    {
        let github = self.0.clone();
        move |request| Box::pin(call::serve(github.clone(), request, page, handler))
    }

    fn of_nobody(&self, router: Router) -> Router {
        router
            .route(
                "/api/v3",
                self.get("/meta/meta#github-api-root", meta::root),
            )
            .route(
                "/api/v3/",
                self.get("/meta/meta#github-api-root", meta::root),
            )
            .route(
                "/api/v3/meta",
                self.get("/meta/meta#get-github-meta-information", meta::meta),
            )
            .route(
                "/api/v3/rate_limit",
                self.get(
                    "/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user",
                    meta::rate_limit,
                ),
            )
            .route(
                "/api/v3/user",
                self.get("/users/users#get-the-authenticated-user", repositories::me),
            )
            .route(
                "/api/v3/users/{username}",
                self.get("/users/users#get-a-user", repositories::user),
            )
    }

    fn of_repositories(&self, router: Router) -> Router {
        router
            .route(
                "/api/v3/user/repos",
                self.get(
                    "/repos/repos#list-repositories-for-the-authenticated-user",
                    repositories::list_all,
                ),
            )
            .route(
                "/api/v3/users/{username}/repos",
                self.get(
                    "/repos/repos#list-repositories-for-a-user",
                    repositories::list_of_owner,
                ),
            )
            .route(
                "/api/v3/orgs/{username}/repos",
                self.get(
                    "/repos/repos#list-organization-repositories",
                    repositories::list_of_owner,
                ),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}",
                self.get("/repos/repos#get-a-repository", repositories::get),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/branches",
                self.get("/branches/branches#list-branches", repositories::branches),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/branches/{*branch}",
                self.get("/branches/branches#get-a-branch", repositories::branch),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/git/ref/{*ref}",
                self.get("/git/refs#get-a-reference", repositories::reference),
            )
    }

    fn of_commits(&self, router: Router) -> Router {
        router
            .route(
                "/api/v3/repos/{owner}/{repo}/commits",
                self.get("/commits/commits#list-commits", commits::list),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/commits/{ref}",
                self.get("/commits/commits#get-a-commit", commits::get),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/compare/{*basehead}",
                self.get("/commits/commits#compare-two-commits", commits::compare),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/commits/{ref}/status",
                self.get(
                    "/commits/statuses#get-the-combined-status-for-a-specific-reference",
                    checks::combined_status,
                ),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/commits/{ref}/statuses",
                self.get(
                    "/commits/statuses#list-commit-statuses-for-a-reference",
                    checks::list_statuses,
                ),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/statuses/{sha}",
                self.post(
                    "/commits/statuses#create-a-commit-status",
                    checks::create_status,
                ),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/commits/{ref}/check-runs",
                self.get(
                    "/checks/runs#list-check-runs-for-a-git-reference",
                    checks::list_runs,
                ),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/commits/{ref}/check-suites",
                self.get(
                    "/checks/suites#list-check-suites-for-a-git-reference",
                    checks::list_suites,
                ),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/check-runs/{check_run_id}",
                self.get("/checks/runs#get-a-check-run", checks::get_run),
            )
    }

    fn of_contents(&self, router: Router) -> Router {
        const READ: &str = "/repos/contents#get-repository-content";
        const WRITE: &str = "/repos/contents#create-or-update-file-contents";
        router
            .route(
                "/api/v3/repos/{owner}/{repo}/contents",
                self.get(READ, contents::get),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/contents/",
                self.get(READ, contents::get),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/contents/{*path}",
                self.get(READ, contents::get)
                    .merge(self.put(WRITE, contents::put)),
            )
    }

    fn of_deployments(&self, router: Router) -> Router {
        router
            .route(
                "/api/v3/repos/{owner}/{repo}/deployments",
                self.get(
                    "/deployments/deployments#list-deployments",
                    deployments::list,
                )
                .merge(self.post(
                    "/deployments/deployments#create-a-deployment",
                    deployments::create,
                )),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/deployments/{deployment_id}",
                self.get(
                    "/deployments/deployments#get-a-deployment",
                    deployments::get,
                )
                .merge(self.delete(
                    "/deployments/deployments#delete-a-deployment",
                    deployments::delete,
                )),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
                self.get(
                    "/deployments/statuses#list-deployment-statuses",
                    deployment_statuses::list,
                )
                .merge(self.post(
                    "/deployments/statuses#create-a-deployment-status",
                    deployment_statuses::create,
                )),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/deployments/{deployment_id}/statuses/{status_id}",
                self.get(
                    "/deployments/statuses#get-a-deployment-status",
                    deployment_statuses::get,
                ),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/environments",
                self.get(
                    "/deployments/environments#list-environments",
                    environments::list,
                ),
            )
            .route(
                "/api/v3/repos/{owner}/{repo}/environments/{environment_name}",
                self.get(
                    "/deployments/environments#get-an-environment",
                    environments::get,
                )
                .merge(self.put(
                    "/deployments/environments#create-or-update-an-environment",
                    environments::put,
                )),
            )
    }
}
