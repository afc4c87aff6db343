//! From the words of the domain to the contract's messages.

use std::time::Duration;

use deploy_proto::v1;
use jiff::Timestamp;

use super::convert_failure;
use crate::{
    model::{
        Author, Changes, Checks, ChecksState, Commit, Deployment, DeploymentState,
        EnvironmentHistory, EnvironmentStatus, History, Kind, LiveCommit, Overdue, Person,
        ReplyAddress, RepositoryStatus, Snapshot, Stale, StaleReason, Step,
    },
    service::{CLAIM, Environments, Standing, Told},
    store::{Claimed, Entry, Subject},
};

pub(super) fn time(at: Timestamp) -> prost_types::Timestamp {
    let seconds = at.as_nanosecond().div_euclid(1_000_000_000);
    let nanos = at.as_nanosecond().rem_euclid(1_000_000_000);
    prost_types::Timestamp {
        seconds: i64::try_from(seconds).expect("jiff's range is smaller"),
        nanos: i32::try_from(nanos).expect("it is less than a second"),
    }
}

/// A span of some seconds or hours.
fn span(span: Duration) -> prost_types::Duration {
    prost_types::Duration::try_from(span).expect("it is shorter than the contract's longest")
}

fn duration(from: Timestamp, to: Timestamp) -> prost_types::Duration {
    let duration = to.duration_since(from);
    prost_types::Duration {
        seconds: duration.as_secs(),
        nanos: duration.subsec_nanos(),
    }
}

/// GitHub's number of an account; 0 where it is not known.
pub(super) fn account(number: Option<u64>) -> i64 {
    number.map_or(0, |number| i64::try_from(number).unwrap_or_default())
}

/// A count; what is more than the contract can say is said as its most.
pub(super) fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl From<Standing> for v1::GetStatusResponse {
    fn from(standing: Standing) -> Self {
        let told = match standing.status {
            Ok(status) => status.into(),
            Err(stale) => Self {
                repository: standing.repository.to_string(),
                stale: Some(stale.into()),
                ..Self::default()
            },
        };
        Self {
            waiting: all(standing.waiting),
            ..told
        }
    }
}

impl From<Snapshot<RepositoryStatus>> for v1::GetStatusResponse {
    fn from(snapshot: Snapshot<RepositoryStatus>) -> Self {
        Self {
            stale: snapshot.stale.map(Into::into),
            ..snapshot.value.into()
        }
    }
}

impl From<Snapshot<History>> for v1::ListHistoryResponse {
    fn from(snapshot: Snapshot<History>) -> Self {
        Self {
            stale: snapshot.stale.map(Into::into),
            ..snapshot.value.into()
        }
    }
}

impl From<Stale> for v1::Stale {
    fn from(stale: Stale) -> Self {
        let reason = match stale.reason {
            StaleReason::GithubUnavailable => v1::StaleReason::GithubUnavailable,
            StaleReason::RateLimit => v1::StaleReason::RateLimit,
            StaleReason::AppNotAccepted => v1::StaleReason::AppNotAccepted,
        };
        Self {
            reason: reason.into(),
            retry_at: stale.retry_at.map(time),
            incident: stale.incident,
            is_partial: stale.is_partial,
            followed_at: stale.followed_at.map(time),
            missing: stale.missing.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<RepositoryStatus> for v1::GetStatusResponse {
    fn from(status: RepositoryStatus) -> Self {
        let environments = &status.environments;
        let commits = status
            .commits
            .into_iter()
            .map(|(commit, checks)| v1::CommitStatus {
                live_in: live_in(&commit, environments),
                commit: Some(commit.into()),
                checks: Some(checks.into()),
            })
            .collect();
        Self {
            repository: status.repository.to_string(),
            branch: status.branch,
            commits,
            environments: all(status.environments),
            as_of: Some(time(status.as_of)),
            url: status.url,
            stale: None,
            waiting: Vec::new(),
        }
    }
}

fn live_in(commit: &Commit, environments: &[EnvironmentStatus]) -> Vec<String> {
    environments
        .iter()
        .filter(|environment| {
            let live = environment.live.as_ref();
            live.is_some_and(|live| live.commit.sha == commit.sha)
        })
        .map(|environment| environment.name.to_string())
        .collect()
}

impl From<History> for v1::ListHistoryResponse {
    fn from(history: History) -> Self {
        Self {
            repository: history.repository.to_string(),
            environments: all(history.environments),
            as_of: Some(time(history.as_of)),
            stale: None,
        }
    }
}

impl From<EnvironmentHistory> for v1::EnvironmentHistory {
    fn from(history: EnvironmentHistory) -> Self {
        Self {
            environment: history.environment.to_string(),
            deployments: all(history.deployments),
            more: history.more,
        }
    }
}

impl From<Environments> for v1::ListEnvironmentsResponse {
    fn from(listed: Environments) -> Self {
        Self {
            repository: listed.repository.to_string(),
            environments: all(listed.environments),
        }
    }
}

impl From<EnvironmentStatus> for v1::EnvironmentStatus {
    fn from(environment: EnvironmentStatus) -> Self {
        Self {
            name: environment.name.to_string(),
            live: environment.live.map(Into::into),
            running: environment.running.map(Into::into),
        }
    }
}

impl From<LiveCommit> for v1::LiveCommit {
    fn from(live: LiveCommit) -> Self {
        Self {
            commit: Some(live.commit.into()),
            since: Some(time(live.since)),
            behind: live.behind.map(count),
            environment_url: live.environment_url,
        }
    }
}

impl From<Commit> for v1::Commit {
    fn from(commit: Commit) -> Self {
        Self {
            sha: commit.sha.to_string(),
            headline: commit.headline,
            author: commit.author,
            committed_at: Some(time(commit.committed_at)),
            url: commit.url,
        }
    }
}

impl From<Checks> for v1::Checks {
    fn from(checks: Checks) -> Self {
        let state = match checks.state {
            ChecksState::None => v1::ChecksState::None,
            ChecksState::Pending => v1::ChecksState::Pending,
            ChecksState::Success => v1::ChecksState::Success,
            ChecksState::Failure => v1::ChecksState::Failure,
            ChecksState::Unreadable => v1::ChecksState::Unreadable,
        };
        Self {
            state: state.into(),
            done: count(checks.done),
            total: count(checks.total),
            failed: checks.failed,
        }
    }
}

impl From<Changes> for v1::Changes {
    fn from(changes: Changes) -> Self {
        Self {
            base: changes.base.map(|sha| sha.to_string()).unwrap_or_default(),
            head: changes.head.to_string(),
            ahead: count(changes.ahead),
            behind: count(changes.behind),
            commits: all(changes.commits),
            compare_url: changes.compare_url,
            authors: all(changes.authors),
        }
    }
}

impl From<Author> for v1::Author {
    fn from(author: Author) -> Self {
        Self {
            login: author.login,
            email: author.email,
            name: author.name,
            account: account(author.account),
        }
    }
}

impl From<Deployment> for v1::Deployment {
    fn from(deployment: Deployment) -> Self {
        let created_at = deployment.created_at;
        Self {
            id: i64::try_from(deployment.id.number).unwrap_or(i64::MAX),
            environment: deployment.environment.to_string(),
            commit: Some(deployment.commit.into()),
            state: v1::DeploymentState::from(deployment.state).into(),
            live: deployment.live,
            kind: v1::DeploymentKind::from(deployment.kind).into(),
            requester: Some(deployment.requester.into()),
            created_at: Some(time(created_at)),
            ended_at: deployment.ended_at.map(time),
            duration: deployment.ended_at.map(|ended| duration(created_at, ended)),
            steps: all(deployment.steps),
            request_id: text(deployment.request_id),
            replaces: text(deployment.replaces),
            log_url: deployment.log_url,
            environment_url: deployment.environment_url,
        }
    }
}

impl From<DeploymentState> for v1::DeploymentState {
    fn from(state: DeploymentState) -> Self {
        match state {
            DeploymentState::Pending => Self::Pending,
            DeploymentState::Running => Self::Running,
            DeploymentState::Succeeded => Self::Succeeded,
            DeploymentState::Failed => Self::Failed,
            DeploymentState::Cancelled => Self::Cancelled,
            DeploymentState::Unknown => Self::Unknown,
        }
    }
}

impl From<Kind> for v1::DeploymentKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Deploy => Self::Deploy,
            Kind::Rollback => Self::Rollback,
        }
    }
}

impl From<Step> for v1::Step {
    fn from(step: Step) -> Self {
        let ours = Overdue::of_status(&step.description);
        Self {
            state: step.state,
            description: step.description,
            at: Some(time(step.at)),
            log_url: step.log_url,
            failure: ours.map(convert_failure::overdue),
        }
    }
}

impl From<Person> for v1::Person {
    fn from(person: Person) -> Self {
        Self {
            slack: person.slack,
            github: person.github,
            name: person.name,
        }
    }
}

impl From<ReplyAddress> for v1::ReplyAddress {
    fn from(reply: ReplyAddress) -> Self {
        Self {
            channel: reply.channel,
            thread_ts: reply.thread_ts,
            asked_ts: reply.asked_ts,
        }
    }
}

impl From<Entry> for v1::WatchResponse {
    fn from(entry: Entry) -> Self {
        let told = Self {
            cursor: entry.cursor,
            at: Some(time(entry.at)),
            followers: all(entry.followers),
            ..Self::default()
        };
        match entry.subject {
            Subject::Request(request) => Self {
                request: Some((*request).into()),
                ..told
            },
            Subject::Elsewhere(elsewhere) => Self {
                elsewhere: Some((*elsewhere).into()),
                ..told
            },
            Subject::Link(link) => Self {
                link: Some((*link).into()),
                ..told
            },
        }
    }
}

impl From<Told> for v1::WatchResponse {
    fn from(told: Told) -> Self {
        match told {
            Told::Entry(entry) => (*entry).into(),
            Told::Served(so_long) => Self {
                served_for: Some(span(so_long)),
                ..Self::default()
            },
        }
    }
}

impl From<Claimed> for v1::ClaimMessageResponse {
    fn from(claimed: Claimed) -> Self {
        use v1::claim_message_response::Outcome;
        let outcome = match claimed {
            Claimed::Yours { claimants } => Outcome::Claimed(v1::MessageClaim {
                lasts: Some(span(CLAIM)),
                claimants,
            }),
            Claimed::Held { ends_in } => Outcome::Held(v1::MessageHeld {
                ends_in: Some(span(ends_in)),
            }),
            Claimed::Posted { channel, ts } => Outcome::Posted(v1::MessagePosted { channel, ts }),
        };
        Self {
            outcome: Some(outcome),
        }
    }
}

/// All of them, one by one.
pub(super) fn all<T: Into<U>, U>(items: Vec<T>) -> Vec<U> {
    items.into_iter().map(Into::into).collect()
}

/// A text that may be missing.
fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Line, RepositoryName};

    fn second(second: i64) -> Timestamp {
        Timestamp::new(second, 0).expect("within the calendar")
    }

    fn people() -> RepositoryName {
        RepositoryName::parse("acme/people", None).unwrap()
    }

    fn snapshot<T>(value: T, reason: Option<StaleReason>) -> Snapshot<T> {
        let stale = reason.map(|reason| Stale {
            reason,
            retry_at: Some(second(90)),
            incident: "Incident".to_owned(),
            is_partial: true,
            followed_at: Some(second(75)),
            missing: vec!["production".parse().unwrap()],
        });
        Snapshot { value, stale }
    }

    #[test]
    fn an_answer_that_could_not_be_renewed_says_why_and_as_of_when_it_is() {
        let status = || RepositoryStatus {
            repository: people(),
            branch: "main".to_owned(),
            commits: Vec::new(),
            environments: Vec::new(),
            has_default_environments: false,
            line: Line::new(Vec::new()),
            as_of: second(60),
            url: String::new(),
        };
        let history = || History {
            repository: people(),
            environments: Vec::new(),
            has_default_environments: false,
            as_of: second(60),
        };
        for (reason, expected) in [
            (
                StaleReason::GithubUnavailable,
                v1::StaleReason::GithubUnavailable,
            ),
            (StaleReason::RateLimit, v1::StaleReason::RateLimit),
            (StaleReason::AppNotAccepted, v1::StaleReason::AppNotAccepted),
        ] {
            let status = v1::GetStatusResponse::from(snapshot(status(), Some(reason)));
            let history = v1::ListHistoryResponse::from(snapshot(history(), Some(reason)));
            for (stale, as_of) in [(status.stale, status.as_of), (history.stale, history.as_of)] {
                let stale = stale.expect("it is");
                assert_eq!(
                    (stale.reason(), stale.incident.as_str()),
                    (expected, "Incident")
                );
                assert_eq!(stale.retry_at.map(|at| at.seconds), Some(90));
                assert_eq!(stale.followed_at.map(|at| at.seconds), Some(75));
                assert_eq!(stale.missing, ["production"]);
                assert_eq!(as_of.map(|at| at.seconds), Some(60));
            }
        }
        let current = v1::GetStatusResponse::from(snapshot(status(), None));
        assert_eq!(current.stale, None);
        let current = v1::ListHistoryResponse::from(snapshot(history(), None));
        assert_eq!(current.stale, None);
    }
}
