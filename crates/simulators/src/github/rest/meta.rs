//! What the API tells of itself.

use serde_json::{Map, Value, json};

use super::call::{Answer, Call};
use super::refusal::Refusal;
use crate::github::access::{Budget, Resource};

/// The API's addresses, as its root names and templates them.
const ADDRESSES: [(&str, &str); 31] = [
    ("current_user_url", "/user"),
    ("authorizations_url", "/authorizations"),
    (
        "code_search_url",
        "/search/code?q={query}{&page,per_page,sort,order}",
    ),
    (
        "commit_search_url",
        "/search/commits?q={query}{&page,per_page,sort,order}",
    ),
    ("emails_url", "/user/emails"),
    ("emojis_url", "/emojis"),
    ("events_url", "/events"),
    ("feeds_url", "/feeds"),
    ("followers_url", "/user/followers"),
    ("following_url", "/user/following{/target}"),
    ("gists_url", "/gists{/gist_id}"),
    (
        "issue_search_url",
        "/search/issues?q={query}{&page,per_page,sort,order}",
    ),
    ("issues_url", "/issues"),
    ("keys_url", "/user/keys"),
    (
        "label_search_url",
        "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    ),
    ("notifications_url", "/notifications"),
    ("organization_url", "/orgs/{org}"),
    (
        "organization_repositories_url",
        "/orgs/{org}/repos{?type,page,per_page,sort}",
    ),
    ("organization_teams_url", "/orgs/{org}/teams"),
    ("public_gists_url", "/gists/public"),
    ("rate_limit_url", "/rate_limit"),
    ("repository_url", "/repos/{owner}/{repo}"),
    (
        "repository_search_url",
        "/search/repositories?q={query}{&page,per_page,sort,order}",
    ),
    (
        "current_user_repositories_url",
        "/user/repos{?type,page,per_page,sort}",
    ),
    ("starred_url", "/user/starred{/owner}{/repo}"),
    ("starred_gists_url", "/gists/starred"),
    (
        "topic_search_url",
        "/search/topics?q={query}{&page,per_page}",
    ),
    ("user_url", "/users/{user}"),
    ("user_organizations_url", "/user/orgs"),
    (
        "user_repositories_url",
        "/users/{user}/repos{?type,page,per_page,sort}",
    ),
    (
        "user_search_url",
        "/search/users?q={query}{&page,per_page,sort,order}",
    ),
];

/// The addresses of what there is.
pub(super) fn root(call: &Call) -> Result<Answer, Refusal> {
    let links = call.github.links();
    let mut addresses: Map<String, Value> = ADDRESSES
        .iter()
        .map(|(name, path)| ((*name).to_owned(), Value::String(links.api(path))))
        .collect();
    addresses.insert(
        "current_user_authorizations_html_url".to_owned(),
        Value::String(links.html("/settings/connections/applications{/client_id}")),
    );
    Ok(Answer::ok(Value::Object(addresses)))
}

/// What an Enterprise Server tells of itself.
pub(super) fn meta(_: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::ok(json!({
        "verifiable_password_authentication": false,
        "installed_version": "3.19.0",
    })))
}

/// What is left of the caller's hour. Asking is free.
pub(super) fn rate_limit(call: &Call) -> Result<Answer, Refusal> {
    let now = call.github.clock().now();
    let mut access = call.github.access();
    access.refund(&call.caller, Resource::Core, now);
    let core = told(&access.budget(&call.caller, Resource::Core, now));
    let graphql = told(&access.budget(&call.caller, Resource::GraphQl, now));
    Ok(Answer::ok(json!({
        "resources": { "core": core, "search": core, "graphql": graphql },
        "rate": core,
    })))
}

fn told(budget: &Budget) -> Value {
    json!({
        "limit": budget.limit,
        "used": budget.used,
        "remaining": budget.remaining(),
        "reset": budget.reset.as_second(),
    })
}
