//! From a request and its refusals to the contract's messages.

use deploy_proto::v1;

use super::{
    convert::{all, count, time},
    convert_failure, convert_policy,
};
use crate::{
    model::{
        Commit, Decided, Deployment, Person, Progress, Refusal, Request, Waiting, WaitingReason,
    },
    service::Preview,
};

impl From<Request> for v1::Request {
    fn from(request: Request) -> Self {
        let Request {
            asked,
            accepted_at,
            progress,
            waiting,
            message_ts,
        } = request;
        let as_asked = Self {
            request_id: asked.id.to_string(),
            state: v1::RequestState::from(&progress).into(),
            repository: asked.repository.to_string(),
            environment: asked.environment.to_string(),
            commit: Some(v1::Commit {
                sha: asked.commit.to_string(),
                ..v1::Commit::default()
            }),
            kind: v1::DeploymentKind::from(asked.kind).into(),
            requester: Some(asked.requester.into()),
            reply: Some(asked.reply.into()),
            accepted_at: Some(time(accepted_at)),
            message_ts: message_ts.unwrap_or_default(),
            waiting: waiting.map(Into::into),
            ..Self::default()
        };
        match progress {
            Progress::Accepted => as_asked,
            Progress::Refused(refusals) => Self {
                refusals: all(refusals),
                ..as_asked
            },
            Progress::Creating(decided) => as_asked.decided(decided, None),
            Progress::Running(decided, deployment) | Progress::Succeeded(decided, deployment) => {
                as_asked.decided(decided, Some(deployment))
            }
            Progress::Failed {
                decided,
                deployment,
                failure,
            } => Self {
                failure: failure.to_string(),
                why: convert_failure::failure(&failure),
                ..match decided {
                    Some(decided) => as_asked.decided(decided, deployment),
                    None => as_asked,
                }
            },
            Progress::Cancelled { by } => Self {
                cancelled_by: Some(by.into()),
                ..as_asked
            },
        }
    }
}

/// Fills in what is known once the gate has decided.
trait DecidedParts {
    fn decided(self, decided: Decided, deployment: Option<Deployment>) -> Self;
}

impl DecidedParts for v1::Request {
    fn decided(self, decided: Decided, deployment: Option<Deployment>) -> Self {
        Self {
            repository: decided.repository.to_string(),
            environment: decided.environment.to_string(),
            commit: Some(decided.commit.into()),
            checks: Some(decided.checks.into()),
            changes: Some(decided.changes.into()),
            deployment: deployment.map(Into::into),
            ..self
        }
    }
}

impl From<&Progress> for v1::RequestState {
    fn from(progress: &Progress) -> Self {
        match progress {
            Progress::Accepted => Self::Accepted,
            Progress::Refused(_) => Self::Refused,
            Progress::Creating(_) => Self::Creating,
            Progress::Running(..) => Self::Running,
            Progress::Succeeded(..) => Self::Succeeded,
            Progress::Failed { .. } => Self::Failed,
            Progress::Cancelled { .. } => Self::Cancelled,
        }
    }
}

impl From<Waiting> for v1::Waiting {
    fn from(waiting: Waiting) -> Self {
        let reason = match waiting.reason {
            WaitingReason::GithubUnavailable => v1::WaitingReason::GithubUnavailable,
            WaitingReason::RateLimit => v1::WaitingReason::RateLimit,
            WaitingReason::CreateLimit => v1::WaitingReason::CreateLimit,
            WaitingReason::AnswerLost => v1::WaitingReason::AnswerLost,
        };
        Self {
            reason: reason.into(),
            until: waiting.until.map(time),
            ahead: waiting.ahead.map(count),
            explanation: waiting.explanation(),
            obstacle: waiting
                .obstacle
                .as_ref()
                .and_then(convert_failure::obstacle),
            detail: waiting.detail,
        }
    }
}

impl From<Refusal> for v1::Refusal {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownRepository { candidates } => {
                among(v1::Reason::UnknownRepository, candidates)
            }
            Refusal::UnknownEnvironment { candidates } => {
                among(v1::Reason::UnknownEnvironment, candidates)
            }
            Refusal::UnknownCommit { candidates } => among(v1::Reason::UnknownCommit, candidates),
            Refusal::AmbiguousCommit { commits } => Self {
                commits: all(commits),
                ..because(v1::Reason::AmbiguousCommit)
            },
            Refusal::NotOnAllowedBranch { branches } => {
                among(v1::Reason::NotOnAllowedBranch, branches)
            }
            Refusal::ChecksFailed { checks } => among(v1::Reason::ChecksFailed, checks),
            Refusal::ChecksPending { done, total } => Self {
                detail: format!("{done} of {total}"),
                checks: Some(v1::Checks {
                    state: v1::ChecksState::Pending.into(),
                    done: count(done),
                    total: count(total),
                    failed: Vec::new(),
                }),
                ..because(v1::Reason::ChecksPending)
            },
            Refusal::ChecksMissing => because(v1::Reason::ChecksMissing),
            Refusal::ChecksUnreadable => because(v1::Reason::ChecksUnreadable),
            Refusal::AlreadyRunning { deployment } => by(v1::Reason::AlreadyRunning, deployment),
            Refusal::AlreadyAsked { requester, commit } => already_asked(requester, *commit),
            Refusal::AlreadyLive { deployment } => by(v1::Reason::AlreadyLive, deployment),
            Refusal::LiveChanged { deployment } => by(v1::Reason::LiveChanged, Some(deployment)),
            Refusal::PolicyUnreadable(error) => Self {
                detail: error.to_string(),
                policy: convert_policy::policy(error),
                ..because(v1::Reason::PolicyUnreadable)
            },
            Refusal::GithubRefused(objection) => Self {
                detail: objection.to_string(),
                objection: convert_failure::objection(&objection),
                ..because(v1::Reason::GithubRefused)
            },
        }
    }
}

fn because(reason: v1::Reason) -> v1::Refusal {
    v1::Refusal {
        reason: reason.into(),
        ..v1::Refusal::default()
    }
}

fn among(reason: v1::Reason, candidates: Vec<String>) -> v1::Refusal {
    v1::Refusal {
        candidates,
        ..because(reason)
    }
}

fn by(reason: v1::Reason, deployment: Option<Box<Deployment>>) -> v1::Refusal {
    v1::Refusal {
        deployment: deployment.map(|deployment| (*deployment).into()),
        ..because(reason)
    }
}

fn already_asked(requester: Person, commit: Commit) -> v1::Refusal {
    let name = requester.best_name().unwrap_or("someone");
    v1::Refusal {
        detail: format!("{name} asked for {} just before", commit.sha.short()),
        requester: Some(requester.into()),
        commit: Some(commit.into()),
        ..because(v1::Reason::AlreadyRunning)
    }
}

impl From<Preview> for v1::PreviewDeploymentResponse {
    fn from(preview: Preview) -> Self {
        Self {
            refusals: all(preview.refusals),
            commit: preview.commit.map(Into::into),
            changes: preview.changes.map(Into::into),
            checks: preview.checks.map(Into::into),
            environment: preview.environment.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{
        Changes, Checks, ChecksState, CommitRef, Kind, NewRequest, Obstacle, ReplyAddress,
        RepositoryName, Sha,
    };

    fn second(second: i64) -> Timestamp {
        Timestamp::new(second, 0).expect("within the calendar")
    }

    fn request(progress: Progress, waiting: Option<Waiting>) -> Request {
        Request {
            asked: NewRequest {
                id: "slack:T1:Ev1".parse().unwrap(),
                repository: RepositoryName::parse("acme/poeple", None).unwrap(),
                environment: "prod".parse().unwrap(),
                commit: "a1b2c3d".parse::<CommitRef>().unwrap(),
                kind: Kind::Deploy,
                requester: Person::default(),
                reply: ReplyAddress::default(),
                expected_live: None,
            },
            accepted_at: second(60),
            progress,
            waiting,
            message_ts: None,
        }
    }

    fn decided() -> Decided {
        let sha: Sha = "a1b2c3d".repeat(6)[..40].parse().unwrap();
        Decided {
            repository: RepositoryName::parse("acme/people", None).unwrap(),
            environment: "production".parse().unwrap(),
            commit: Commit {
                sha: sha.clone(),
                headline: "Add Minji".to_owned(),
                author: "minji".to_owned(),
                committed_at: second(0),
                url: String::new(),
            },
            checks: Checks {
                state: ChecksState::Success,
                done: 1,
                total: 1,
                failed: Vec::new(),
            },
            changes: Changes {
                base: None,
                head: sha,
                ahead: 1,
                behind: 0,
                commits: Vec::new(),
                compare_url: String::new(),
                authors: Vec::new(),
            },
            replaces: None,
        }
    }

    #[test]
    fn a_request_says_what_it_waits_for_wherever_it_has_come() {
        let waiting = |reason| Waiting {
            reason,
            until: Some(second(90)),
            ahead: Some(u32::MAX),
            detail: "Incident".to_owned(),
            obstacle: Some(Obstacle::AppNotAccepted),
        };
        let told = |reason, progress| {
            let told = v1::Request::from(request(progress, Some(waiting(reason))));
            told.waiting.expect("it waits")
        };
        for (reason, expected) in [
            (
                WaitingReason::GithubUnavailable,
                v1::WaitingReason::GithubUnavailable,
            ),
            (WaitingReason::RateLimit, v1::WaitingReason::RateLimit),
            (WaitingReason::CreateLimit, v1::WaitingReason::CreateLimit),
        ] {
            for progress in [Progress::Accepted, Progress::Creating(decided())] {
                let told = told(reason, progress);
                assert_eq!(told.reason(), expected);
                assert_eq!(told.until.map(|at| at.seconds), Some(90));
                assert_eq!(
                    (told.ahead, told.detail.as_str()),
                    (Some(i32::MAX), "Incident")
                );
            }
        }
        assert_eq!(
            v1::Request::from(request(Progress::Accepted, None)).waiting,
            None
        );
    }

    #[test]
    fn a_withdrawn_request_says_who_withdrew_it() {
        let by = Person {
            slack: "U1JOON".to_owned(),
            ..Person::default()
        };
        let told = v1::Request::from(request(Progress::Cancelled { by }, None));
        assert_eq!(told.state(), v1::RequestState::Cancelled);
        assert_eq!(told.cancelled_by.expect("somebody").slack, "U1JOON");
        assert_eq!(told.repository, "acme/poeple");
    }

    #[test]
    fn what_the_gate_has_decided_is_named_as_github_spells_it() {
        let told = v1::Request::from(request(Progress::Creating(decided()), None));
        assert_eq!(
            (told.repository.as_str(), told.environment.as_str()),
            ("acme/people", "production")
        );
        assert_eq!(told.cancelled_by, None);
    }
}
