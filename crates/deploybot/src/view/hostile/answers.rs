//! Answers of the deploy service in which each text is one from outside, in any
//! number, and each number the largest.

use deploy_proto::v1::{
    Author, Changes, Checks, ChecksState, Commit, CommitStatus, Deployment, DeploymentState,
    ElsewhereDeployment, EnvironmentHistory, EnvironmentStatus, GetOverviewResponse,
    GetStatusResponse, Link, ListHistoryResponse, LiveCommit, Moment, Objection, Obstacle,
    ObstacleReason, Person, PolicyProblem, Reason, Refusal, RepositoryOverview, Request, Stale,
    Step, Subscription,
};

use super::super::{
    Away, CallError, Hindrance, Most, Named,
    fixtures::{ago, sha},
};

pub(super) fn texts(outside: &str, many: usize) -> Vec<String> {
    vec![outside.to_owned(); many]
}

pub(super) fn commit_of(outside: &str) -> Commit {
    Commit {
        sha: if outside.len() > 20 {
            sha("a1b2c3d")
        } else {
            outside.to_owned()
        },
        headline: outside.to_owned(),
        author: outside.to_owned(),
        committed_at: ago(60),
        url: format!("https://github.test/{outside}"),
    }
}

pub(super) fn checks_of(outside: &str, many: usize) -> Option<Checks> {
    Some(Checks {
        state: ChecksState::Failure.into(),
        done: i32::MAX,
        total: i32::MAX,
        failed: texts(outside, many),
    })
}

pub(super) fn person_of(outside: &str) -> Option<Person> {
    Some(Person {
        slack: outside.to_owned(),
        github: outside.to_owned(),
        name: outside.to_owned(),
    })
}

pub(super) fn deployment_of(outside: &str, many: usize, kind: i32) -> Deployment {
    Deployment {
        id: i64::MAX,
        environment: outside.to_owned(),
        commit: Some(commit_of(outside)),
        state: DeploymentState::Running.into(),
        live: true,
        kind,
        requester: person_of(outside),
        created_at: ago(i64::from(i32::MAX)),
        ended_at: ago(1),
        duration: Some(prost_types::Duration {
            seconds: i64::MAX,
            nanos: 0,
        }),
        steps: (0..many)
            .map(|n| Step {
                state: format!("{outside}{n}"),
                description: format!("{n}{outside}"),
                at: ago(1),
                log_url: outside.to_owned(),
                failure: None,
            })
            .collect(),
        request_id: outside.to_owned(),
        replaces: outside.to_owned(),
        log_url: format!("https://github.test/?{outside}"),
        environment_url: format!("http://{outside}/"),
    }
}

pub(super) fn environment_of(outside: &str) -> EnvironmentStatus {
    EnvironmentStatus {
        name: outside.to_owned(),
        live: Some(LiveCommit {
            commit: Some(commit_of(outside)),
            since: ago(1),
            behind: Some(i32::MAX),
            environment_url: outside.to_owned(),
        }),
        running: Some(deployment_of(outside, 1, 1)),
    }
}

pub(super) fn status_of(outside: &str, many: usize) -> GetStatusResponse {
    let commit = |n: usize| CommitStatus {
        commit: Some(commit_of(outside)),
        // Half of them may be deployed, so that there are buttons as well.
        checks: if n.is_multiple_of(2) {
            checks_of(outside, many)
        } else {
            Some(Checks {
                state: ChecksState::Success.into(),
                ..Checks::default()
            })
        },
        live_in: texts(outside, if n.is_multiple_of(2) { many } else { 0 }),
    };
    GetStatusResponse {
        repository: outside.to_owned(),
        branch: outside.to_owned(),
        commits: (0..many.min(50)).map(commit).collect(),
        environments: vec![environment_of(outside); many],
        as_of: ago(i64::from(i32::MAX)),
        url: outside.to_owned(),
        stale: stale_of(outside),
        waiting: vec![request_of(outside, 1, 1, 1); many],
    }
}

pub(super) fn history_of(outside: &str, environments: usize, many: usize) -> ListHistoryResponse {
    let environment = EnvironmentHistory {
        environment: outside.to_owned(),
        deployments: (0..many.min(50))
            .map(|n| deployment_of(outside, 1, if n.is_multiple_of(2) { 1 } else { 2 }))
            .collect(),
        more: true,
    };
    ListHistoryResponse {
        repository: outside.to_owned(),
        environments: vec![environment; environments],
        as_of: ago(1),
        stale: stale_of(outside),
    }
}

pub(super) fn stale_of(outside: &str) -> Option<Stale> {
    Some(Stale {
        reason: 1,
        retry_at: ago(-i64::from(i32::MAX)),
        incident: outside.to_owned(),
        is_partial: true,
        followed_at: ago(i64::from(i32::MAX)),
        missing: vec![outside.to_owned(); 30],
    })
}

pub(super) fn changes_of(outside: &str, many: usize) -> Option<Changes> {
    Some(Changes {
        base: outside.to_owned(),
        head: outside.to_owned(),
        ahead: i32::MAX,
        behind: i32::MAX,
        commits: vec![commit_of(outside); many],
        compare_url: outside.to_owned(),
        authors: vec![Author::default(); many],
    })
}

pub(super) fn refusal_of(outside: &str, many: usize, reason: i32) -> Refusal {
    Refusal {
        reason,
        candidates: texts(outside, many),
        detail: outside.to_owned(),
        // One half of them is only asked for yet.
        deployment: many
            .is_multiple_of(2)
            .then(|| deployment_of(outside, many, 1)),
        commits: vec![commit_of(outside); many],
        requester: person_of(outside),
        commit: Some(commit_of(outside)),
        objection: (many % 3 == 1).then(|| Objection {
            reason: reason % 13,
            fields: texts(outside, many),
            status: i32::MAX,
        }),
        policy: (many % 3 == 2).then(|| PolicyProblem {
            fault: reason,
            line: i32::MAX,
            column: i32::MAX,
            text: outside.to_owned(),
            known: outside.to_owned(),
            most_kib: i32::MAX,
        }),
        checks: checks_of(outside, many),
    }
}

pub(super) fn obstacle_of(outside: &str) -> Obstacle {
    Obstacle {
        reason: ObstacleReason::NotInstalled.into(),
        owner: outside.to_owned(),
        at: ago(i64::from(i32::MAX)),
    }
}

pub(super) fn request_of(outside: &str, many: usize, state: i32, kind: i32) -> Request {
    Request {
        request_id: outside.to_owned(),
        state,
        repository: outside.to_owned(),
        environment: outside.to_owned(),
        commit: Some(commit_of(outside)),
        kind,
        requester: person_of(outside),
        reply: None,
        accepted_at: ago(i64::from(i32::MAX)),
        refusals: (0..many)
            .map(|n| refusal_of(outside, many.min(12), i32::try_from(n % 19).expect("small")))
            .collect(),
        deployment: Some(deployment_of(outside, many, kind)),
        changes: changes_of(outside, many),
        checks: checks_of(outside, many),
        failure: vec![outside; many].join("\n"),
        why: None,
        message_ts: outside.to_owned(),
        waiting: None,
        cancelled_by: person_of(outside),
    }
}

pub(super) fn call_errors(outside: &str, many: usize) -> Vec<CallError> {
    vec![
        CallError::NotFound {
            reason: Reason::UnknownRepository,
            candidates: texts(outside, many),
        },
        CallError::NotFound {
            reason: Reason::UnknownEnvironment,
            candidates: texts(outside, many),
        },
        CallError::Invalid {
            violations: texts(outside, many),
        },
        CallError::NoOwner,
        CallError::TooMany(Most::OfChannel),
        CallError::TooMany(Most::OfEnvironment),
        CallError::Hindered(Hindrance::Unavailable {
            away: Away::Said(outside.to_owned()),
            retry_after: None,
        }),
        CallError::Hindered(Hindrance::Unavailable {
            away: Away::Github(obstacle_of(outside)),
            retry_after: None,
        }),
    ]
}

pub(super) fn overview_of(outside: &str, many: usize) -> GetOverviewResponse {
    let repository = |number: usize| RepositoryOverview {
        repository: outside.to_owned(),
        url: outside.to_owned(),
        environments: vec![environment_of(outside); many],
        // Every third can't be read.
        as_of: ago(1).filter(|_| number % 3 != 2),
        stale: stale_of(outside),
        branch: outside.to_owned(),
        waiting: vec![request_of(outside, 1, 1, 1); many],
        unknown: false,
    };
    GetOverviewResponse {
        repositories: (0..many).map(repository).collect(),
        own: true,
        stale: None,
    }
}

pub(super) fn subscriptions_of(outside: &str, many: usize) -> Vec<Subscription> {
    let moments = [Moment::Started, Moment::Succeeded, Moment::Failed];
    let one = |number: usize| Subscription {
        repository: outside.to_owned(),
        environment: outside.to_owned(),
        moments: moments.map(i32::from).to_vec(),
        requester: person_of(outside).filter(|_| number.is_multiple_of(2)),
        since: None,
    };
    (0..many).map(one).collect()
}

pub(super) fn link_of(outside: &str, state: i32) -> Link {
    Link {
        link_id: outside.to_owned(),
        person: person_of(outside),
        login: outside.to_owned(),
        state,
        user_code: outside.to_owned(),
        verification_url: outside.to_owned(),
        expires_at: ago(-1),
        proved_login: outside.to_owned(),
        reply: None,
    }
}

pub(super) fn elsewhere_of(outside: &str, many: usize) -> ElsewhereDeployment {
    ElsewhereDeployment {
        repository: outside.to_owned(),
        deployment: Some(deployment_of(outside, many, 1)),
        failure: vec![outside; many].join("\n"),
        why: None,
    }
}

/// Every other of them does not want to be mentioned.
pub(super) fn authors_of(outside: &str, many: usize) -> Vec<Named> {
    let named = |number: usize| Named {
        person: Person {
            slack: "U0123456789".to_owned(),
            ..person_of(outside).unwrap_or_default()
        },
        is_muted: !number.is_multiple_of(2),
    };
    (0..many.min(50)).map(named).collect()
}
