//! Failures that wait for requests: what they do, whom they hit, and which make
//! no sense.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Service;

/// A failure that waits for a route's requests, in the form in which the
/// control API takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The route that it hits. `*` hits all; a GraphQL route without an
    /// operation's name hits every operation.
    pub route: String,
    /// How many requests of the route pass before it hits.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it hits.
    #[serde(default = "once")]
    pub times: u32,
    /// What it does to them.
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

/// What a fault does to a request. All times are real ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers with this status; the request has no effect.
    Status(u16),
    /// Carries the request out, then answers with this status instead.
    AfterCommit(u16),
    /// Answers so, whatever was asked; the request has no effect.
    Answer(FaultAnswer),
    /// Carries the request out, then puts other values into its JSON answer, by
    /// their places in it (JSON pointers, RFC 6901): `{"/data/nodes/0": null}`.
    /// What is not there is added where an object can hold it; a place that
    /// can't be there makes the answer a 500.
    Replace(BTreeMap<String, Value>),
    /// Cuts the connection without an answer; the request has no effect.
    Drop,
    /// Carries the request out, then cuts the connection without an answer.
    DropAfterCommit,
    /// Carries the request out, then cuts the connection in the middle of the
    /// answer's body.
    DropMidAnswer,
    /// Answers as the service does to a caller that asks too often.
    RateLimit {
        /// After how many seconds the caller may ask again.
        seconds: u64,
    },
    /// Waits before the request is carried out, on top of the general latency.
    Latency {
        /// How many milliseconds.
        ms: u64,
    },
    /// Carries the request out, then waits before it answers.
    Late {
        /// How many milliseconds.
        ms: u64,
    },
    /// Carries the request out only once its caller has given up and gone.
    OnceGone {
        /// For how many milliseconds that is waited for; then it is carried out
        /// and answered all the same.
        ms: u64,
    },
    /// Answers with an error of the service's own by this name; the request has
    /// no effect. Slack has such: `not_in_channel`.
    Refusal(String),
}

/// An answer of somebody's choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultAnswer {
    /// Its status.
    pub status: u16,
    /// Its headers, by name.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Its body: a string as it is, anything else as JSON, null as nothing.
    #[serde(default)]
    pub body: Value,
}

/// Why a fault would never do what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultRefused {
    /// It hits no request.
    #[error("times must be at least 1")]
    Never,
    /// No answer has such a status.
    #[error("a status lies between 200 and 599")]
    Status,
    /// No answer has such a header.
    #[error("{0:?} is no header, or its value is none")]
    Header(String),
    /// No place in a JSON document is written so.
    #[error("{0:?} is no JSON pointer: it begins with a slash")]
    Pointer(String),
    /// The service has no errors by name.
    #[error("only Slack has refusals by name")]
    Refusal,
    /// The service has no such route.
    #[error("there is no route {asked:?}; the nearest is {nearest:?}")]
    Route {
        /// What was asked for.
        asked: String,
        /// What may have been meant.
        nearest: String,
    },
}

/// Why a fault would never do what it says to a service, if so.
pub(super) fn refusal(fault: &Fault, service: &Service) -> Option<FaultRefused> {
    if fault.times == 0 {
        return Some(FaultRefused::Never);
    }
    refusal_of_kind(&fault.kind, service).or_else(|| refusal_of_route(&fault.route, service))
}

fn refusal_of_kind(kind: &FaultKind, service: &Service) -> Option<FaultRefused> {
    match kind {
        FaultKind::Status(status) | FaultKind::AfterCommit(status) => refusal_of_status(*status),
        FaultKind::Answer(answer) => {
            refusal_of_status(answer.status).or_else(|| refusal_of_headers(&answer.headers))
        }
        FaultKind::Replace(places) => places
            .keys()
            .find(|place| !place.starts_with('/'))
            .map(|place| FaultRefused::Pointer(place.clone())),
        FaultKind::Refusal(_) => service.refused.is_none().then_some(FaultRefused::Refusal),
        FaultKind::Drop
        | FaultKind::DropAfterCommit
        | FaultKind::DropMidAnswer
        | FaultKind::RateLimit { .. }
        | FaultKind::Latency { .. }
        | FaultKind::Late { .. }
        | FaultKind::OnceGone { .. } => None,
    }
}

fn refusal_of_status(status: u16) -> Option<FaultRefused> {
    (!(200..=599).contains(&status)).then_some(FaultRefused::Status)
}

fn refusal_of_headers(headers: &BTreeMap<String, String>) -> Option<FaultRefused> {
    headers
        .iter()
        .find(|(name, value)| {
            name.parse::<HeaderName>().is_err() || value.parse::<HeaderValue>().is_err()
        })
        .map(|(name, _)| FaultRefused::Header(name.clone()))
}

fn refusal_of_route(route: &str, service: &Service) -> Option<FaultRefused> {
    let mut words = route.splitn(3, ' ');
    let (method, path, operation) = (words.next()?, words.next().unwrap_or(""), words.next());
    let is_served = |served: &String| {
        let (of, at) = served.split_once(' ').unwrap_or(("", served));
        at == path && (of == "ANY" || of == method)
    };
    let known = route == "*"
        || service.routes.is_empty()
        || (service.routes.iter().any(is_served)
            && (operation.is_none() || path.ends_with("/graphql")));
    if known {
        return None;
    }
    let asked = format!("{method} {path}");
    let nearest = service
        .routes
        .iter()
        .map(|served| served.replacen("ANY", method, 1))
        .min_by_key(|served| distance(served, &asked))?;
    Some(FaultRefused::Route {
        asked: route.to_owned(),
        nearest,
    })
}

/// How many letters have to be added, left out or changed to make one text the
/// other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (down, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = down + 1;
        for across in 0..other.len() {
            let changed = diagonal + usize::from(other[across] != letter);
            diagonal = row[across + 1];
            row[across + 1] = changed.min(diagonal + 1).min(row[across] + 1);
        }
    }
    row[other.len()]
}

/// The first waiting fault that hits the route, with its counters moved on.
pub(super) fn take_fault(faults: &mut Vec<Fault>, route: &str) -> Option<FaultKind> {
    for index in 0..faults.len() {
        let fault = &mut faults[index];
        if !hits(&fault.route, route) {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
            continue;
        }
        fault.times -= 1;
        let kind = fault.kind.clone();
        if fault.times == 0 {
            faults.remove(index);
        }
        return Some(kind);
    }
    None
}

fn hits(wanted: &str, route: &str) -> bool {
    wanted == "*"
        || route
            .strip_prefix(wanted)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> Service {
        Service {
            routes: vec![
                "GET /api/v3/user".to_owned(),
                "POST /api/v3/repos/{owner}/{repo}/deployments".to_owned(),
                "POST /api/graphql".to_owned(),
                "ANY /api/chat.postMessage".to_owned(),
            ],
            refused: None,
        }
    }

    fn told(route: &str) -> String {
        let refused = refusal_of_route(route, &service());
        refused.map_or_else(String::new, |why| why.to_string())
    }

    #[test]
    fn a_route_is_known_or_the_nearest_is_told() {
        for route in [
            "*",
            "GET /api/v3/user",
            "POST /api/graphql",
            "POST /api/graphql Status",
            "POST /api/chat.postMessage",
        ] {
            assert_eq!(told(route), "");
        }
        insta::assert_snapshot!(told("POST /repos/{owner}/{repo}/deployment"), @r#"there is no route "POST /repos/{owner}/{repo}/deployment"; the nearest is "POST /api/v3/repos/{owner}/{repo}/deployments""#);
        insta::assert_snapshot!(told("GET /api/v3/user Status"), @r#"there is no route "GET /api/v3/user Status"; the nearest is "GET /api/v3/user""#);
        insta::assert_snapshot!(told("POST /api/chat.postmessage"), @r#"there is no route "POST /api/chat.postmessage"; the nearest is "POST /api/chat.postMessage""#);
        insta::assert_snapshot!(told("graphql"), @r#"there is no route "graphql"; the nearest is "POST /api/graphql""#);
    }

    #[test]
    fn letters_that_differ_are_counted() {
        for (one, other, letters) in [
            ("", "", 0),
            ("kitten", "sitting", 3),
            ("", "abc", 3),
            ("abc", "ab", 1),
        ] {
            assert_eq!(distance(one, other), letters, "{one} {other}");
        }
    }
}
