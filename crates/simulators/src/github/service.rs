//! What all requests to GitHub's two APIs have in common: that they don't come
//! in bursts, how one who asks too often is answered, and the time that answers
//! tell.

use axum::Router;
use axum::response::Response;
use axum::routing::MethodRouter;
use http::{HeaderMap, HeaderValue, header};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::access::{Budget, Burst, Caller, Resource, Weight};
use super::{Github, device, graphql, pages, rest, site};
use crate::clock::Clock;
use crate::control::{Admission, Rules, Service};

/// The route of GraphQL; its operation's name follows.
const GRAPHQL: &str = "POST /api/graphql";

/// What creates content.
const CREATES: [&str; 4] = [
    "POST /api/v3/repos/{owner}/{repo}/deployments",
    "POST /api/v3/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
    "POST /api/v3/repos/{owner}/{repo}/statuses/{sha}",
    "PUT /api/v3/repos/{owner}/{repo}/contents/{*path}",
];

/// What people read, by path.
fn pages() -> Vec<(&'static str, MethodRouter<Github>)> {
    [pages::routes(), site::routes()].concat()
}

/// All that it serves.
pub(super) fn router(github: &Github) -> Router {
    let read = pages()
        .into_iter()
        .fold(Router::new(), |router, (path, route)| {
            router.route(path, route)
        });
    rest::router(github)
        .merge(graphql::router(github.clone()))
        .merge(device::router(github.clone()))
        .merge(read.with_state(github.clone()))
        .fallback(rest::no_such_route)
}

/// What can be asked of it, for its control.
pub(super) fn described() -> Service {
    let mut routes = rest::routes();
    routes.push(GRAPHQL.to_owned());
    routes.extend(device::ROUTES.map(str::to_owned));
    let read = pages().into_iter().map(|(path, _)| format!("GET {path}"));
    routes.extend(read);
    Service {
        routes,
        refused: None,
    }
}

/// How its requests are treated.
pub(super) fn rules(github: &Github) -> Rules {
    let (at_the_gate, answering) = (github.clone(), github.clone());
    Rules {
        gate: Box::new(move |route: &str, headers: &HeaderMap| begin(&at_the_gate, route, headers)),
        rate_limited: Box::new(move |route: &str, seconds| {
            rate_limited(&answering, route, seconds)
        }),
    }
}

/// A request that was let begin; dropping it tells that it has ended.
struct UnderWay {
    github: Github,
    caller: Caller,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.github.access().end(&self.caller);
    }
}

fn begin(github: &Github, route: &str, headers: &HeaderMap) -> Admission {
    let (Some(weight), Some(caller)) = (weight(route), github.caller(headers)) else {
        return Ok(Box::new(()));
    };
    let now = github.clock().now();
    let begun = github.access().begin(&caller, weight, now);
    match begun {
        Ok(()) => Ok(Box::new(UnderWay {
            github: github.clone(),
            caller,
        })),
        Err(burst) => Err(Box::new(burst_answer(weight, burst))),
    }
}

/// What a request to a route counts as; one to a page counts as nothing.
fn weight(route: &str) -> Option<Weight> {
    let (method, path) = route.split_once(' ')?;
    if !path.starts_with("/api/") {
        return None;
    }
    let graphql = route.starts_with(GRAPHQL);
    let reads = matches!(method, "GET" | "HEAD" | "OPTIONS");
    Some(Weight {
        graphql,
        points: if reads || graphql { 1 } else { 5 },
        creates: CREATES.contains(&route),
    })
}

fn burst_answer(weight: Weight, burst: Burst) -> Response {
    let mut response = if weight.graphql {
        graphql::burst_answer()
    } else {
        rest::burst_answer(burst.of_content)
    };
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(burst.retry_after));
    response
}

/// The answer to a caller that a fault makes ask too often.
fn rate_limited(github: &Github, route: &str, seconds: u64) -> Response {
    let now = github.clock().now_in_seconds();
    let wait = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    let spent = |resource, limit| Budget {
        resource,
        limit,
        used: limit,
        reset: now.checked_add(wait).unwrap_or(Timestamp::MAX),
    };
    let limits = github.limits();
    let (mut response, budget) = if route.starts_with(GRAPHQL) {
        let budget = spent(Resource::GraphQl, limits.graphql_per_hour);
        (graphql::rate_limit_answer(), budget)
    } else {
        let budget = spent(Resource::Core, limits.rest_per_hour);
        (rest::rate_limit_answer(), budget)
    };
    budget.write_headers(response.headers_mut());
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// An answer with the time at which it is given.
pub(super) fn dated(clock: &Clock, mut response: Response) -> Response {
    if let Ok(date) = date(clock.now()).parse() {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// A time as HTTP writes it (RFC 9110, section 5.6.7).
fn date(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_creates_content_is_served() {
        let routes = rest::routes();
        for route in CREATES {
            assert!(routes.contains(&route.to_owned()), "{route}");
        }
    }

    #[test]
    fn writing_weighs_more_than_reading() {
        let points = |route| weight(route).map(|weight| (weight.points, weight.creates));
        assert_eq!(points("GET /api/v3/user"), Some((1, false)));
        assert_eq!(points(CREATES[0]), Some((5, true)));
        assert_eq!(points("POST /api/graphql Status"), Some((1, false)));
        assert_eq!(points("GET /{owner}/{repo}"), None);
        assert_eq!(points("GET (no such route)"), None);
    }

    #[test]
    fn a_date_is_written_as_http_writes_it() {
        let time = "1994-11-06T08:49:37.5Z".parse().unwrap();
        assert_eq!(date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
