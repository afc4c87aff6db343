//! What GitHub answers about `acme/people`, part by part: commits on a straight
//! branch, deployments, environments.

use deploy::model::{EnvironmentName, RepositoryName, Sha};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::github_stub::Answer;

pub(crate) fn people() -> RepositoryName {
    RepositoryName::parse("acme/people", None).unwrap()
}

pub(crate) fn production() -> EnvironmentName {
    "production".parse().unwrap()
}

/// The whole SHA of the n-th commit; no two begin alike.
pub(crate) fn oid(n: u64) -> String {
    format!("{:08x}{n:032x}", n.wrapping_mul(0x9e37_79b9) & 0xffff_ffff)
}

pub(crate) fn sha(n: u64) -> Sha {
    oid(n).parse().unwrap()
}

pub(crate) fn commit(oid: &str) -> Value {
    json!({
        "__typename": "Commit", "oid": oid, "messageHeadline": format!("Commit {}", &oid[..7]),
        "committedDate": "2026-11-22T10:00:00Z", "url": format!("https://x/commit/{oid}"),
        "author": {"name": "Minji Kim", "user": {"login": "minji"}},
        "statusCheckRollup": {"state": "SUCCESS", "contexts": {
            "totalCount": 1, "pageInfo": {"hasNextPage": false},
            "nodes": [{"__typename": "StatusContext", "context": "ci", "state": "SUCCESS"}],
        }},
    })
}

/// A straight branch from its `newest` commit down to the `oldest`, with
/// commits before that when it is cut short.
pub(crate) fn line(newest: u64, oldest: u64, cut_short: bool) -> Value {
    let nodes: Vec<Value> = (oldest..=newest)
        .rev()
        .map(|n| {
            let parents = if n == 0 {
                vec![]
            } else {
                vec![json!({"oid": oid(n - 1)})]
            };
            let mut node = commit(&oid(n));
            node["parents"] = json!({ "nodes": parents });
            node
        })
        .collect();
    json!({"pageInfo": {"hasNextPage": cut_short}, "nodes": nodes})
}

/// A deployment of the n-th commit, made in second `n`.
pub(crate) fn deployment(n: u64, environment: &str, states: &[&str]) -> Value {
    let at = Timestamp::from_second(n.try_into().unwrap()).unwrap();
    let statuses: Vec<Value> = states
        .iter()
        .map(|state| json!({"state": state, "createdAt": at}))
        .collect();
    json!({
        "id": format!("DE_{n}"), "databaseId": n, "environment": environment, "createdAt": at,
        "commitOid": oid(n), "commit": commit(&oid(n)), "statuses": {"nodes": statuses},
    })
}

pub(crate) fn repository(mut fields: Value) -> Answer {
    if fields["environments"].is_object() && fields["named"].is_null() {
        fields["named"] = json!({"nodes": []});
    }
    fields["nameWithOwner"] = "acme/people".into();
    fields["url"] = "https://x".into();
    Answer::data(&json!({ "repository": fields }))
}

pub(crate) fn environments(completed: &Value) -> Value {
    json!({"nodes": [{"name": "production", "latestCompletedDeployment": completed}]})
}

pub(crate) fn deployments(nodes: &[Value], cut_short: bool) -> Value {
    json!({"pageInfo": {"hasNextPage": cut_short}, "nodes": nodes})
}
