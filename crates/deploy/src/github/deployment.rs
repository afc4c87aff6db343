//! Deployments as GraphQL writes them.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Nodes,
    commit::{self, CommitNode},
    error::Error,
    payload,
    step::{StatusNode, judge, oldest_first},
    word::Word,
};
use crate::model::{Commit, Deployment, DeploymentId, EnvironmentName, Kind, Person, ReplyAddress};

/// `fragment DeploymentParts` or `fragment CompletedParts`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeploymentNode {
    id: String,
    database_id: Option<u64>,
    environment: Option<String>,
    state: Option<Word>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    payload: Option<Value>,
    creator: Option<Creator>,
    commit_oid: String,
    commit: Option<CommitNode>,
    statuses: Option<Nodes<StatusNode>>,
    latest_status: Option<StatusNode>,
}

#[derive(Debug, Clone, Deserialize)]
struct Creator {
    login: String,
}

impl DeploymentNode {
    /// Where it goes; none when that is no name.
    pub(crate) fn environment(&self) -> Option<EnvironmentName> {
        self.environment.as_deref()?.trim().parse().ok()
    }

    /// Where its request is answered; empty where the payload is not ours.
    pub(crate) fn reply(&self) -> ReplyAddress {
        let payload = self.payload.as_ref().and_then(payload::read);
        payload.map(|payload| payload.reply).unwrap_or_default()
    }

    /// Turns it into ours. `repository_url`, empty when unknown, is where the
    /// page of a commit is that GitHub itself no longer has.
    pub(crate) fn read(self, repository_url: &str) -> Result<Deployment, Error> {
        let unreadable = |what: &str| Error::Unreadable(format!("a deployment has no {what}"));
        let number = self
            .database_id
            .or_else(|| number_in(&self.id))
            .ok_or_else(|| unreadable("number"))?;
        let environment = self
            .environment()
            .ok_or_else(|| unreadable("environment"))?;
        let commit = match self.commit {
            Some(commit) => commit.try_into()?,
            None => gone(&self.commit_oid, self.created_at, repository_url)?,
        };
        let statuses = oldest_first(match self.statuses {
            Some(statuses) => statuses.known(),
            None => self.latest_status.into_iter().collect(),
        });
        let (state, ended_at) = judge(
            &statuses,
            self.state.as_ref(),
            self.updated_at.unwrap_or(self.created_at),
        );
        let payload = self.payload.as_ref().and_then(payload::read);
        let creator = self
            .creator
            .map(|creator| creator.login)
            .unwrap_or_default();
        let newest = |url: fn(&StatusNode) -> Option<&String>| {
            let urls = statuses.iter().rev().filter_map(url);
            urls.filter(|url| !url.is_empty())
                .map(String::from)
                .next()
                .unwrap_or_default()
        };
        Ok(Deployment {
            id: DeploymentId {
                number,
                node: self.id,
            },
            environment,
            commit,
            state,
            live: false,
            kind: payload
                .as_ref()
                .map_or(Kind::Deploy, |payload| payload.kind),
            created_at: self.created_at,
            ended_at,
            log_url: newest(|status| status.log_url.as_ref()),
            environment_url: newest(|status| status.environment_url.as_ref()),
            steps: statuses.iter().map(StatusNode::step).collect(),
            request_id: payload
                .as_ref()
                .and_then(|payload| payload.request_id.clone()),
            replaces: payload
                .as_ref()
                .and_then(|payload| payload.replaces.clone()),
            requester: requester(payload.map(|payload| payload.requester), creator),
        })
    }
}

/// Who asked: as our payload says, else whose token made it.
fn requester(from_payload: Option<Person>, creator: String) -> Person {
    match from_payload {
        Some(person) if person != Person::default() => person,
        _ => Person {
            slack: String::new(),
            github: creator.clone(),
            name: creator,
        },
    }
}

/// A commit that a force-push has removed; of it only the SHA is left.
fn gone(oid: &str, deployed_at: Timestamp, repository_url: &str) -> Result<Commit, Error> {
    let sha = commit::sha(oid)?;
    let is_known = !repository_url.is_empty();
    Ok(Commit {
        url: if is_known {
            format!("{repository_url}/commit/{sha}")
        } else {
            String::new()
        },
        sha,
        headline: String::new(),
        author: String::new(),
        committed_at: deployed_at,
    })
}

/// The number inside a global id: `databaseId` is a 32-bit integer, and GitHub
/// counts deployments beyond that. The id is `DE_` and, in base64, the
/// MessagePack list [0, repository, deployment].
fn number_in(node_id: &str) -> Option<u64> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(node_id.strip_prefix("DE_")?)
        .ok()?;
    let tail = |width: usize| bytes.len().checked_sub(width).map(|at| bytes.split_at(at));
    let (head, number) = tail(8)
        .filter(|(head, _)| head.last() == Some(&0xcf))
        .or_else(|| tail(4).filter(|(head, _)| head.last() == Some(&0xce)))?;
    let is_list = head.first() == Some(&0x93);
    is_list.then(|| {
        number
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::DeploymentState;

    fn status(state: &str, second: i64) -> Value {
        json!({"state": state, "description": format!("{state} {second}"),
               "createdAt": Timestamp::from_second(second).unwrap(), "logUrl": null,
               "environmentUrl": null})
    }

    fn node(statuses: &[Value]) -> Value {
        json!({
            "id": "DE_1", "databaseId": 7, "environment": "production", "state": "ACTIVE",
            "createdAt": "1970-01-01T00:00:00Z", "updatedAt": "1970-01-01T00:00:09Z",
            "payload": "\"\"", "creator": {"login": "octo"}, "commitOid": "a".repeat(40),
            "commit": null,
            "statuses": {"totalCount": statuses.len(), "nodes": statuses},
        })
    }

    fn read(node: Value) -> Deployment {
        DeploymentNode::deserialize(node)
            .unwrap()
            .read("https://github.com/acme/people")
            .unwrap()
    }

    fn judged(statuses: &[Value]) -> (DeploymentState, Option<i64>) {
        let deployment = read(node(statuses));
        (
            deployment.state,
            deployment.ended_at.map(Timestamp::as_second),
        )
    }

    #[test]
    fn a_success_in_the_history_counts_whatever_came_after() {
        let statuses = [
            status("INACTIVE", 5),
            status("SUCCESS", 3),
            status("IN_PROGRESS", 2),
        ];
        assert_eq!(judged(&statuses), (DeploymentState::Succeeded, Some(3)));
    }

    #[test]
    fn inactive_without_success_is_a_cancellation() {
        let statuses = [status("INACTIVE", 5), status("IN_PROGRESS", 2)];
        assert_eq!(judged(&statuses), (DeploymentState::Cancelled, Some(5)));
    }

    #[test]
    fn inactive_after_a_failure_is_a_failure() {
        let statuses = [
            status("INACTIVE", 5),
            status("ERROR", 4),
            status("QUEUED", 1),
        ];
        assert_eq!(judged(&statuses), (DeploymentState::Failed, Some(4)));
    }

    #[test]
    fn the_newest_status_tells_of_one_that_has_not_succeeded() {
        for (newest, state, ended) in [
            ("PENDING", DeploymentState::Pending, None),
            ("QUEUED", DeploymentState::Running, None),
            ("WAITING", DeploymentState::Running, None),
            ("IN_PROGRESS", DeploymentState::Running, None),
            ("FAILURE", DeploymentState::Failed, Some(5)),
            ("ERROR", DeploymentState::Failed, Some(5)),
            ("TELEPORTING", DeploymentState::Unknown, None),
        ] {
            assert_eq!(judged(&[status(newest, 5)]), (state, ended), "{newest}");
        }
        let tried_again = [status("IN_PROGRESS", 6), status("FAILURE", 5)];
        assert_eq!(judged(&tried_again), (DeploymentState::Running, None));
    }

    #[test]
    fn one_that_nobody_touched_has_ended() {
        let mut untouched = node(&[]);
        assert_eq!(read(untouched.clone()).state, DeploymentState::Pending);
        untouched["state"] = "ABANDONED".into();
        let deployment = read(untouched);
        assert_eq!(deployment.state, DeploymentState::Failed);
        assert_eq!(deployment.ended_at.unwrap().as_second(), 9);
    }

    #[test]
    fn steps_are_in_order_whatever_order_they_come_in() {
        let orders = [
            [
                status("SUCCESS", 3),
                status("IN_PROGRESS", 2),
                status("QUEUED", 1),
            ],
            [
                status("QUEUED", 1),
                status("IN_PROGRESS", 2),
                status("SUCCESS", 3),
            ],
            [
                status("IN_PROGRESS", 2),
                status("SUCCESS", 3),
                status("QUEUED", 1),
            ],
        ];
        for statuses in orders {
            let steps = read(node(&statuses)).steps;
            let words: Vec<&str> = steps.iter().map(|step| step.state.as_str()).collect();
            assert_eq!(words, ["queued", "in_progress", "success"]);
        }
    }

    #[test]
    fn steps_within_one_second_keep_githubs_order_newest_first() {
        let mut second = status("IN_PROGRESS", 2);
        second["description"] = "second".into();
        let statuses = [
            status("SUCCESS", 2),
            second,
            status("IN_PROGRESS", 2),
            status("QUEUED", 2),
        ];
        let steps = read(node(&statuses)).steps;
        let words: Vec<&str> = steps.iter().map(|step| step.description.as_str()).collect();
        assert_eq!(words, ["QUEUED 2", "IN_PROGRESS 2", "second", "SUCCESS 2"]);
    }

    #[test]
    fn what_is_missing_does_not_lose_the_row() {
        let mut bare = node(&[]);
        for field in ["creator", "payload", "state", "updatedAt", "statuses"] {
            bare[field] = Value::Null;
        }
        let deployment = read(bare);
        assert_eq!(deployment.requester, Person::default());
        assert_eq!(deployment.commit.headline, "");
        assert!(
            deployment
                .commit
                .url
                .ends_with(&format!("/commit/{}", "a".repeat(40)))
        );
    }

    #[test]
    fn the_payload_tells_who_asked_else_the_creator() {
        let mut ours = node(&[]);
        ours["payload"] =
            r#"{"deploybot":1,"request_id":"r1","requester":{"name":"Minji"}}"#.into();
        let deployment = read(ours);
        assert_eq!(deployment.requester.name, "Minji");
        assert_eq!(deployment.request_id.unwrap().as_str(), "r1");
        assert_eq!(read(node(&[])).requester.github, "octo");
    }

    #[test]
    fn links_are_those_of_the_newest_step_that_has_one() {
        let mut old = status("IN_PROGRESS", 1);
        old["logUrl"] = "https://ci/1".into();
        old["environmentUrl"] = "https://old".into();
        let mut new = status("SUCCESS", 2);
        new["environmentUrl"] = "https://new".into();
        new["logUrl"] = "".into();
        let deployment = read(node(&[new, old]));
        assert_eq!(deployment.log_url, "https://ci/1");
        assert_eq!(deployment.environment_url, "https://new");
    }

    #[test]
    fn the_number_is_in_the_global_id_too() {
        let id = |bytes: &[u8]| format!("DE_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let small = id(&[0x93, 0, 0xce, 0, 0, 0, 9, 0xce, 0xff, 0, 0, 1]);
        assert_eq!(number_in(&small), Some(0xff00_0001));
        let large = id(&[0x93, 0, 0xce, 0, 0, 0, 9, 0xcf, 0, 0, 0, 1, 0, 0, 0, 2]);
        assert_eq!(number_in(&large), Some((1 << 32) + 2));
        for odd in ["DE_", "DE_!", "MDEwOkRlcGxveW1lbnQx", "", "DE_kwDO"] {
            assert_eq!(number_in(odd), None, "{odd}");
        }
    }
}
