//! Why something ended, waits or was refused: each comes back as it was written,
//! and of what another version wrote the sentence does.

use super::*;
use crate::{
    model::{
        Objection, Obstacle, Overdue, PolicyError, PolicyProblem, PolicyTaker, Waiting,
        WaitingReason,
    },
    store::feed,
};

on_both![
    every_failure_comes_back_as_it_was_written,
    every_objection_comes_back_as_it_was_written,
    every_problem_of_the_rules_comes_back_as_it_was_written,
    of_a_problem_of_the_rules_that_another_version_wrote_the_sentence_comes_back,
    every_obstacle_comes_back_as_it_was_written,
    of_what_an_earlier_version_wrote_the_sentence_comes_back,
    of_what_a_later_version_wrote_the_sentence_comes_back,
    why_one_made_elsewhere_failed_comes_back,
];

const LIMIT: Duration = Duration::from_millis(90_500);

fn obstacles() -> Vec<Obstacle> {
    vec![
        Obstacle::NotAnswering { since: None },
        Obstacle::NotAnswering { since: Some(at(4)) },
        Obstacle::RateLimit { until: at(5) },
        Obstacle::AppNotAccepted,
        Obstacle::TokenNotAccepted,
        Obstacle::NotInstalled {
            owner: "acme".to_owned(),
        },
        Obstacle::Hidden,
        Obstacle::Refused,
        Obstacle::NotSetUp,
        Obstacle::Unreadable,
        Obstacle::Told("It was so.".to_owned()),
    ]
}

fn failures() -> Vec<Failure> {
    let (asked, since) = (at(6), at(7));
    let overdue = |overdue| Failure::Overdue {
        overdue,
        not_ended: None,
    };
    let mut failures = vec![
        said("ImagePullBackOff"),
        Failure::NoReason,
        Failure::Inactive,
        overdue(Overdue::NotPickedUp(LIMIT)),
        overdue(Overdue::Silent(LIMIT)),
        overdue(Overdue::NotLetGo(LIMIT)),
        Failure::Deleted,
        Failure::Defect,
        Failure::DefectWhileAsking,
        Failure::Waited {
            asked,
            limit: LIMIT,
        },
        Failure::Down { asked, since },
        Failure::Told("It broke.".to_owned()),
    ];
    for obstacle in obstacles() {
        failures.extend([
            Failure::Overdue {
                overdue: Overdue::Silent(LIMIT),
                not_ended: Some(obstacle.clone()),
            },
            Failure::Unreadable {
                limit: LIMIT,
                obstacle: obstacle.clone(),
            },
            Failure::AnswerLost(obstacle.clone()),
            Failure::Obstacle(obstacle.clone()),
            Failure::GivenUp {
                obstacle,
                limit: LIMIT,
            },
        ]);
    }
    failures
}

async fn every_failure_comes_back_as_it_was_written(journal: Journal) {
    let store = &journal.store;
    for (turn, failure) in failures().into_iter().enumerate() {
        let id = format!("r{turn}");
        let asked = accepted(store, &id).await;
        store
            .fail(&asked.id, None, None, failure.clone(), at(2))
            .await
            .unwrap();
        let expected = Progress::Failed {
            decided: None,
            deployment: None,
            failure,
        };
        assert_eq!(progress(store, &id).await, expected);
    }
}

async fn every_objection_comes_back_as_it_was_written(journal: Journal) {
    let store = &journal.store;
    let (repository, sha) = (decided().repository, commit().sha);
    let refusals: Vec<_> = [
        Objection::Merged,
        Objection::NotAccepted,
        Objection::NotPermitted(repository.clone()),
        Objection::Hidden(repository.clone()),
        Objection::Checks(sha.clone()),
        Objection::MergeConflict(sha.clone()),
        Objection::Conflict,
        Objection::CommitGone(sha),
        Objection::Invalid {
            fields: vec!["environment".to_owned()],
        },
        Objection::Moved(repository),
        Objection::Status(451),
        Objection::Told("no".to_owned()),
    ]
    .map(Refusal::GithubRefused)
    .into();
    let asked = accepted(store, "r1").await;
    store
        .refuse(&asked.id, refusals.clone(), at(2))
        .await
        .unwrap();
    assert_eq!(progress(store, "r1").await, Progress::Refused(refusals));
}

async fn every_problem_of_the_rules_comes_back_as_it_was_written(journal: Journal) {
    let store = &journal.store;
    let text = || "chanel".to_owned();
    let refusals: Vec<_> = [
        PolicyProblem::Folder,
        PolicyProblem::TooLong { most_kib: 64 },
        PolicyProblem::NotText,
        PolicyProblem::Syntax(text()),
        PolicyProblem::SeveralDocuments,
        PolicyProblem::Anchor,
        PolicyProblem::Tag,
        PolicyProblem::TooDeep,
        PolicyProblem::KeyNotText,
        PolicyProblem::Twice(text()),
        PolicyProblem::UnknownKey {
            key: text(),
            known: "channel".to_owned(),
        },
        PolicyProblem::NoKeys(PolicyTaker::File),
        PolicyProblem::NoKeys(PolicyTaker::Environments),
        PolicyProblem::NoKeys(PolicyTaker::Environment),
        PolicyProblem::BadEnvironment(text()),
        PolicyProblem::NoChannel,
        PolicyProblem::BadChannel(text()),
    ]
    .into_iter()
    .flat_map(|problem| [None, Some((3, 5))].map(|at| (at, problem.clone())))
    .map(|(at, problem)| Refusal::PolicyUnreadable(PolicyError { at, problem }))
    .collect();
    let asked = accepted(store, "r1").await;
    store
        .refuse(&asked.id, refusals.clone(), at(2))
        .await
        .unwrap();
    assert_eq!(progress(store, "r1").await, Progress::Refused(refusals));
}

/// An earlier one wrote the sentence alone, a later one knows more.
async fn of_a_problem_of_the_rules_that_another_version_wrote_the_sentence_comes_back(
    journal: Journal,
) {
    accepted(&journal.store, "r1").await;
    let told = Refusal::PolicyUnreadable(PolicyError {
        at: None,
        problem: PolicyProblem::Told("line 3: it is wrong".to_owned()),
    });
    for written in [
        r#"UPDATE requests SET state = 'refused', progress = '{"state":"refused","refusals":[{"reason":"policy_unreadable","detail":"line 3: it is wrong"}]}'"#,
        r#"UPDATE requests SET state = 'refused', progress = '{"state":"refused","refusals":[{"reason":"policy_unreadable","detail":"line 3: it is wrong","policy":{"problem":"of_tomorrow","at":[3,5]}}]}'"#,
        r#"UPDATE requests SET state = 'refused', progress = '{"state":"refused","refusals":[{"reason":"policy_unreadable","detail":"line 3: it is wrong","policy":{"problem":"folder","at":"top"}}]}'"#,
    ] {
        journal.damage(written).await;
        let read = progress(&journal.store, "r1").await;
        assert_eq!(read, Progress::Refused(vec![told.clone()]), "{written}");
    }
    let said = told_again(&told);
    assert_eq!(said, "line 3: it is wrong");
}

/// The sentence of a refusal that is no more than that.
fn told_again(refusal: &Refusal) -> String {
    match refusal {
        Refusal::PolicyUnreadable(error) => error.to_string(),
        other => panic!("it is {other:?}"),
    }
}

fn waiting(obstacle: Option<Obstacle>) -> Waiting {
    Waiting {
        reason: WaitingReason::AnswerLost,
        until: None,
        ahead: None,
        detail: String::new(),
        obstacle,
    }
}

async fn every_obstacle_comes_back_as_it_was_written(journal: Journal) {
    let store = &journal.store;
    let id = &accepted(store, "r1").await.id;
    for obstacle in obstacles().into_iter().map(Some).chain([None]) {
        let waiting = waiting(obstacle);
        assert!(store.waits(id, &waiting, at(2)).await.unwrap());
        let request = store.request(id).await.unwrap().unwrap();
        assert_eq!(request.waiting, Some(waiting));
    }
}

async fn of_what_an_earlier_version_wrote_the_sentence_comes_back(journal: Journal) {
    accepted(&journal.store, "r1").await;
    journal
        .damage(
            r#"UPDATE requests SET state = 'failed', progress = '{"state":"failed","decided":null,"deployment":null,"failure":"It never began."}',
            waiting = '{"reason":"answer_lost","until":null,"ahead":null,"detail":"","explanation":"Someone has to see to it."}'"#,
        )
        .await;
    the_sentences_come_back(&journal.store).await;
    journal
        .damage(
            r#"UPDATE requests SET state = 'refused', progress = '{"state":"refused","refusals":[{"reason":"github_refused","detail":"it says no."}]}'"#,
        )
        .await;
    the_objection_comes_back(&journal.store).await;
}

async fn of_what_a_later_version_wrote_the_sentence_comes_back(journal: Journal) {
    accepted(&journal.store, "r1").await;
    journal
        .damage(
            r#"UPDATE requests SET state = 'failed', progress = '{"state":"failed","decided":null,"deployment":null,"failure":"It never began.","why":{"reason":"of_tomorrow","odd":[7]}}',
            waiting = '{"reason":"answer_lost","until":null,"ahead":null,"detail":"","explanation":"Someone has to see to it.","obstacle":{"obstacle":"rate_limit","until":"soon"}}'"#,
        )
        .await;
    the_sentences_come_back(&journal.store).await;
    journal
        .damage(
            r#"UPDATE requests SET state = 'refused', progress = '{"state":"refused","refusals":[{"reason":"github_refused","detail":"it says no.","objection":{"objection":"checks","sha":"short"}}]}'"#,
        )
        .await;
    the_objection_comes_back(&journal.store).await;
}

async fn the_sentences_come_back(store: &Store) {
    let request = store.request(&"r1".parse().unwrap()).await.unwrap();
    let request = request.unwrap();
    let told = Obstacle::Told("Someone has to see to it.".to_owned());
    assert_eq!(request.waiting, Some(waiting(Some(told))));
    let expected = Progress::Failed {
        decided: None,
        deployment: None,
        failure: Failure::Told("It never began.".to_owned()),
    };
    assert_eq!(request.progress, expected);
}

async fn the_objection_comes_back(store: &Store) {
    let told = Objection::Told("it says no.".to_owned());
    let expected = Progress::Refused(vec![Refusal::GithubRefused(told)]);
    assert_eq!(progress(store, "r1").await, expected);
}

/// In the feed, where it is told.
async fn why_one_made_elsewhere_failed_comes_back(journal: Journal) {
    let store = &journal.store;
    let one = Deployment {
        request_id: None,
        ..deployment(DeploymentState::Running)
    };
    let repository = decided().repository;
    let failed = async || {
        let entries = store.entries_after(0, 10).await.unwrap();
        entries
            .into_iter()
            .next_back()
            .map(|entry| match entry.subject {
                feed::Subject::Elsewhere(elsewhere) => elsewhere.failure,
                other => panic!("{other:?}"),
            })
    };
    let gone = Failure::Unreadable {
        limit: LIMIT,
        obstacle: Obstacle::Hidden,
    };
    store
        .foreign_has_come_to(&repository, &one, Some(&gone), at(2))
        .await
        .unwrap();
    journal.damage("DELETE FROM feed").await;
    journal
        .damage("INSERT INTO feed (cursor, at, deployment) VALUES (1, 2, 7)")
        .await;
    assert_eq!(failed().await, Some(Some(gone)));
    journal
        .damage("UPDATE deployments SET outcome = 'It went.', why = ''")
        .await;
    let told = Failure::Told("It went.".to_owned());
    assert_eq!(failed().await, Some(Some(told)));
    journal.damage("UPDATE deployments SET outcome = ''").await;
    assert_eq!(failed().await, Some(None));
}
