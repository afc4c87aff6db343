//! From why something failed, waits or was refused to the contract's codes with
//! their arguments. What is known as a sentence alone has no code.

use std::time::Duration;

use deploy_proto::v1::{self, FailureReason, ObjectionReason, ObstacleReason};
use jiff::Timestamp;

use super::convert::time;
use crate::model::{Failure, Objection, Obstacle, Overdue};

/// None where there is no more than a sentence.
pub(super) fn obstacle(obstacle: &Obstacle) -> Option<v1::Obstacle> {
    let because = |reason: ObstacleReason, at: Option<Timestamp>| v1::Obstacle {
        reason: reason.into(),
        owner: String::new(),
        at: at.map(time),
    };
    Some(match obstacle {
        Obstacle::NotAnswering { since } => because(ObstacleReason::NotAnswering, *since),
        Obstacle::RateLimit { until } => because(ObstacleReason::RateLimit, Some(*until)),
        Obstacle::AppNotAccepted => because(ObstacleReason::AppNotAccepted, None),
        Obstacle::TokenNotAccepted => because(ObstacleReason::TokenNotAccepted, None),
        Obstacle::NotInstalled { owner } => v1::Obstacle {
            owner: owner.clone(),
            ..because(ObstacleReason::NotInstalled, None)
        },
        Obstacle::Hidden => because(ObstacleReason::Hidden, None),
        Obstacle::Refused => because(ObstacleReason::Refused, None),
        Obstacle::NotSetUp => because(ObstacleReason::NotSetUp, None),
        Obstacle::Unreadable => because(ObstacleReason::Unreadable, None),
        Obstacle::Told(_) => return None,
    })
}

/// None where there is no more than a sentence.
pub(super) fn failure(failure: &Failure) -> Option<v1::Failure> {
    let because = |reason: FailureReason| v1::Failure {
        reason: reason.into(),
        ..v1::Failure::default()
    };
    Some(match failure {
        Failure::WorkflowSaid(text) => v1::Failure {
            detail: text.clone(),
            ..because(FailureReason::WorkflowSaid)
        },
        Failure::NoReason => because(FailureReason::NoReason),
        Failure::Inactive => because(FailureReason::Inactive),
        Failure::Overdue {
            overdue: how,
            not_ended,
        } => v1::Failure {
            obstacle: not_ended.as_ref().and_then(obstacle),
            ..overdue(*how)
        },
        Failure::Unreadable {
            limit,
            obstacle: why,
        } => v1::Failure {
            limit: span(*limit),
            obstacle: obstacle(why),
            ..because(FailureReason::Unreadable)
        },
        Failure::Deleted => because(FailureReason::Deleted),
        Failure::Defect => because(FailureReason::Defect),
        Failure::DefectWhileAsking => because(FailureReason::DefectWhileAsking),
        Failure::AnswerLost(why) => v1::Failure {
            obstacle: obstacle(why),
            ..because(FailureReason::AnswerLost)
        },
        Failure::Obstacle(why) => v1::Failure {
            obstacle: obstacle(why),
            ..because(FailureReason::Obstacle)
        },
        Failure::GivenUp {
            obstacle: why,
            limit,
        } => v1::Failure {
            limit: span(*limit),
            obstacle: obstacle(why),
            ..because(FailureReason::WaitedTooLong)
        },
        Failure::Waited { limit, .. } => v1::Failure {
            limit: span(*limit),
            ..because(FailureReason::WaitedTooLong)
        },
        Failure::Down { since, .. } => v1::Failure {
            since: Some(time(*since)),
            ..because(FailureReason::Down)
        },
        Failure::Told(_) => return None,
    })
}

/// Why a deployment is ended from here.
pub(super) fn overdue(overdue: Overdue) -> v1::Failure {
    let (reason, limit) = match overdue {
        Overdue::NotPickedUp(limit) => (FailureReason::NotPickedUp, limit),
        Overdue::Silent(limit) => (FailureReason::Silent, limit),
        Overdue::NotLetGo(limit) => (FailureReason::NotLetGo, limit),
    };
    v1::Failure {
        reason: reason.into(),
        limit: span(limit),
        ..v1::Failure::default()
    }
}

/// None where there is no more than a sentence.
pub(super) fn objection(objection: &Objection) -> Option<v1::Objection> {
    let (reason, fields, status) = match objection {
        Objection::Merged => (ObjectionReason::Merged, &[][..], 0),
        Objection::NotAccepted => (ObjectionReason::NotAccepted, &[][..], 0),
        Objection::NotPermitted(_) => (ObjectionReason::NotPermitted, &[][..], 0),
        Objection::Hidden(_) => (ObjectionReason::Hidden, &[][..], 0),
        Objection::Checks(_) => (ObjectionReason::Checks, &[][..], 0),
        Objection::MergeConflict(_) => (ObjectionReason::MergeConflict, &[][..], 0),
        Objection::Conflict => (ObjectionReason::Conflict, &[][..], 0),
        Objection::CommitGone(_) => (ObjectionReason::CommitGone, &[][..], 0),
        Objection::Invalid { fields } => (ObjectionReason::Invalid, &fields[..], 0),
        Objection::Moved(_) => (ObjectionReason::Moved, &[][..], 0),
        Objection::Status(status) => (ObjectionReason::Status, &[][..], *status),
        Objection::Told(_) => return None,
    };
    Some(v1::Objection {
        reason: reason.into(),
        fields: fields.to_vec(),
        status: status.into(),
    })
}

/// None where it is longer than the contract's longest.
fn span(span: Duration) -> Option<prost_types::Duration> {
    prost_types::Duration::try_from(span).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{RepositoryName, Sha};

    const LIMIT: Duration = Duration::from_secs(60);

    fn noon() -> Timestamp {
        Timestamp::from_second(43_200).unwrap()
    }

    /// All numbers of an enum of the contract, but for the one that says nothing.
    fn all<E: TryFrom<i32>>() -> BTreeSet<i32> {
        (1..1_000).filter(|n| E::try_from(*n).is_ok()).collect()
    }

    fn obstacles() -> Vec<Obstacle> {
        vec![
            Obstacle::NotAnswering {
                since: Some(noon()),
            },
            Obstacle::RateLimit { until: noon() },
            Obstacle::AppNotAccepted,
            Obstacle::TokenNotAccepted,
            Obstacle::NotInstalled {
                owner: "acme".to_owned(),
            },
            Obstacle::Hidden,
            Obstacle::Refused,
            Obstacle::NotSetUp,
            Obstacle::Unreadable,
        ]
    }

    #[test]
    fn the_contract_names_each_obstacle_and_no_other() {
        let told: Vec<_> = obstacles().iter().filter_map(obstacle).collect();
        let reasons: BTreeSet<_> = told.iter().map(|one| one.reason).collect();
        assert_eq!(reasons, all::<ObstacleReason>());
        assert_eq!(told.len(), reasons.len());
        assert_eq!(told[0].at.map(|at| at.seconds), Some(43_200));
        assert_eq!(told[4].owner, "acme");
        assert_eq!(obstacle(&Obstacle::Told("So.".to_owned())), None);
    }

    #[test]
    fn the_contract_names_each_failure_and_no_other() {
        let overdue = |overdue| Failure::Overdue {
            overdue,
            not_ended: Some(Obstacle::Hidden),
        };
        let failures = [
            Failure::WorkflowSaid("boom".to_owned()),
            Failure::NoReason,
            Failure::Inactive,
            overdue(Overdue::NotPickedUp(LIMIT)),
            overdue(Overdue::Silent(LIMIT)),
            overdue(Overdue::NotLetGo(LIMIT)),
            Failure::Unreadable {
                limit: LIMIT,
                obstacle: Obstacle::Hidden,
            },
            Failure::Deleted,
            Failure::Defect,
            Failure::DefectWhileAsking,
            Failure::AnswerLost(Obstacle::Hidden),
            Failure::Obstacle(Obstacle::Hidden),
            Failure::GivenUp {
                obstacle: Obstacle::Hidden,
                limit: LIMIT,
            },
            Failure::Waited {
                asked: noon(),
                limit: LIMIT,
            },
            Failure::Down {
                asked: noon(),
                since: noon(),
            },
        ];
        let told: Vec<_> = failures.iter().filter_map(failure).collect();
        let reasons: BTreeSet<_> = told.iter().map(|one| one.reason).collect();
        assert_eq!(reasons, all::<FailureReason>());
        // Who waited too long may have waited because of something or not.
        assert_eq!(told.len(), reasons.len() + 1);
        assert_eq!(told[0].detail, "boom");
        assert_eq!(told[3].limit.map(|limit| limit.seconds), Some(60));
        assert!(told[3].obstacle.is_some() && told[13].obstacle.is_none());
        assert_eq!(told[14].since.map(|at| at.seconds), Some(43_200));
        assert_eq!(failure(&Failure::Told("So.".to_owned())), None);
    }

    #[test]
    fn the_contract_names_each_objection_and_no_other() {
        let repository = RepositoryName::parse("acme/people", None).unwrap();
        let sha: Sha = "a".repeat(40).parse().unwrap();
        let fields = vec!["environment".to_owned()];
        let objections = [
            Objection::Merged,
            Objection::NotAccepted,
            Objection::NotPermitted(repository.clone()),
            Objection::Hidden(repository.clone()),
            Objection::Checks(sha.clone()),
            Objection::MergeConflict(sha.clone()),
            Objection::Conflict,
            Objection::CommitGone(sha),
            Objection::Invalid {
                fields: fields.clone(),
            },
            Objection::Moved(repository),
            Objection::Status(451),
        ];
        let told: Vec<_> = objections.iter().filter_map(objection).collect();
        let reasons: BTreeSet<_> = told.iter().map(|one| one.reason).collect();
        assert_eq!(reasons, all::<ObjectionReason>());
        assert_eq!(told.len(), reasons.len());
        assert_eq!((&told[8].fields, told[10].status), (&fields, 451));
        assert_eq!(objection(&Objection::Told("so.".to_owned())), None);
    }
}
