//! Requests: accepted once, written step by step, read as they were written.

use super::*;
use crate::model::Objection;

on_both![
    a_request_comes_back_as_it_was_written,
    accepts_at_the_same_time_of_one_id_are_one_request,
    a_repeat_tells_how_far_it_has_come,
    an_id_is_not_taken_for_something_else,
    a_deployment_is_followed_from_made_to_ended,
    what_has_ended_stays_ended,
    every_refusal_comes_back_as_it_was_written,
    a_failure_comes_back_as_it_was_written,
    a_request_may_fail_before_anything_is_decided,
    the_message_of_a_request_is_recorded,
];

async fn a_request_comes_back_as_it_was_written(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    let request = store.request(&asked.id).await.unwrap().unwrap();
    let expected = Request {
        asked,
        accepted_at: at(1),
        progress: Progress::Accepted,
        waiting: None,
        message_ts: None,
    };
    assert_eq!(request, expected);
}

async fn accepts_at_the_same_time_of_one_id_are_one_request(journal: Journal) {
    let store = &journal.store;
    let another = &journal.another().await;
    let asked = asked("r1");
    let accepts = [store, another].repeat(10);
    let accepts = accepts.iter().map(|store| store.accept(&asked, at(1)));
    let outcomes = futures::future::join_all(accepts).await;
    let new = |outcome: &Result<Acceptance, Error>| matches!(outcome, Ok(Acceptance::New(_)));
    let repeated =
        |outcome: &Result<Acceptance, Error>| matches!(outcome, Ok(Acceptance::Repeated(_)));
    assert_eq!(outcomes.iter().filter(|o| new(o)).count(), 1);
    assert_eq!(outcomes.iter().filter(|o| repeated(o)).count(), 19);
    assert_eq!(cursors(store).await, [(1, "r1".to_owned())]);
}

async fn a_repeat_tells_how_far_it_has_come(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    take(store, &asked.id, 2).await;
    let mut known_better = asked.clone();
    known_better.environment = "PRODUCTION".parse().unwrap();
    known_better.requester.name = "Minji".to_owned();
    match store.accept(&known_better, at(3)).await.unwrap() {
        Acceptance::Repeated(request) => {
            assert_eq!(request.progress, Progress::Creating(decided()));
            assert_eq!(request.asked, asked);
        }
        other => panic!("{other:?}"),
    }
}

async fn an_id_is_not_taken_for_something_else(journal: Journal) {
    let store = &journal.store;
    let first = accepted(store, "r1").await;
    let mut others = vec![first.clone(); 4];
    others[0].commit = "beef".parse().unwrap();
    others[1].environment = "staging".parse().unwrap();
    others[2].kind = Kind::Deploy;
    others[3].repository = RepositoryName::parse("acme/web", None).unwrap();
    for other in others {
        let outcome = store.accept(&other, at(2)).await.unwrap();
        assert!(matches!(outcome, Acceptance::IdTaken(_)), "{other:?}");
    }
    assert_eq!(
        store.request(&first.id).await.unwrap().unwrap().asked,
        first
    );
}

async fn a_deployment_is_followed_from_made_to_ended(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    take(store, &asked.id, 2).await;
    for state in [DeploymentState::Pending, DeploymentState::Running] {
        let now = deployment(state);
        store
            .runs(&asked.id, decided(), now.clone(), at(3))
            .await
            .unwrap();
        let running = store.running(10).await.unwrap();
        assert_eq!(running[0].progress, Progress::Running(decided(), now));
    }
    let ended = deployment(DeploymentState::Succeeded);
    store
        .succeed(&asked.id, decided(), ended.clone(), at(4))
        .await
        .unwrap();
    assert_eq!(
        progress(store, "r1").await,
        Progress::Succeeded(decided(), ended)
    );
    assert!(store.running(10).await.unwrap().is_empty());
    assert_eq!(cursors(store).await.len(), 5, "one entry for each change");
}

async fn what_has_ended_stays_ended(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    store
        .refuse(&asked.id, vec![Refusal::ChecksMissing], at(2))
        .await
        .unwrap();
    let late = try_to_take(store, &asked.id, 3).await;
    assert!(matches!(late, Err(Error::OutOfOrder { .. })), "{late:?}");
    let running = deployment(DeploymentState::Running);
    let late = store.runs(&asked.id, decided(), running, at(3)).await;
    assert!(matches!(late, Err(Error::OutOfOrder { .. })), "{late:?}");
    assert_eq!(cursors(store).await.len(), 2, "accepted, refused");
    let other = accepted(store, "r2").await;
    let slot = take(store, &other.id, 4).await;
    assert!(
        matches!(slot, Slot::Taken(_)),
        "the slot was not taken in vain"
    );
}

async fn every_refusal_comes_back_as_it_was_written(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    let names = || vec!["one".to_owned(), "two".to_owned()];
    let there = || Some(Box::new(deployment(DeploymentState::Unknown)));
    let refusals = vec![
        Refusal::UnknownRepository {
            candidates: names(),
        },
        Refusal::UnknownEnvironment {
            candidates: names(),
        },
        Refusal::UnknownCommit {
            candidates: names(),
        },
        Refusal::AmbiguousCommit {
            commits: vec![commit()],
        },
        Refusal::NotOnAllowedBranch { branches: names() },
        Refusal::ChecksFailed { checks: names() },
        Refusal::ChecksPending { done: 1, total: 2 },
        Refusal::ChecksMissing,
        Refusal::ChecksUnreadable,
        Refusal::AlreadyRunning {
            deployment: there(),
        },
        Refusal::AlreadyAsked {
            requester: asked.requester.clone(),
            commit: Box::new(commit()),
        },
        Refusal::AlreadyLive { deployment: None },
        Refusal::GithubRefused(Objection::Conflict),
    ];
    store
        .refuse(&asked.id, refusals.clone(), at(2))
        .await
        .unwrap();
    assert_eq!(progress(store, "r1").await, Progress::Refused(refusals));
}

async fn a_failure_comes_back_as_it_was_written(journal: Journal) {
    let store = &journal.store;
    for (id, made) in [
        ("r1", None),
        ("r2", Some(deployment(DeploymentState::Cancelled))),
    ] {
        let asked = accepted(store, id).await;
        take(store, &asked.id, 2).await;
        let failure = said("ImagePullBackOff");
        store
            .fail(
                &asked.id,
                Some(decided()),
                made.clone(),
                failure.clone(),
                at(3),
            )
            .await
            .unwrap();
        let expected = Progress::Failed {
            decided: Some(decided()),
            deployment: made,
            failure,
        };
        assert_eq!(progress(store, id).await, expected);
    }
}

async fn a_request_may_fail_before_anything_is_decided(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    let why = || said("too late");
    store
        .fail(&asked.id, None, None, why(), at(2))
        .await
        .unwrap();
    let expected = Progress::Failed {
        decided: None,
        deployment: None,
        failure: why(),
    };
    assert_eq!(progress(store, "r1").await, expected);
    let asked = accepted(store, "r2").await;
    take(store, &asked.id, 3).await;
    let late = store.fail(&asked.id, None, None, why(), at(4)).await;
    assert!(matches!(late, Err(Error::OutOfOrder { .. })), "{late:?}");
}

async fn the_message_of_a_request_is_recorded(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    assert!(store.record_reply(&asked.id, "C2", "9.9").await.unwrap());
    let request = store.request(&asked.id).await.unwrap().unwrap();
    assert_eq!(request.message_ts.as_deref(), Some("9.9"));
    assert_eq!(request.asked.reply.channel, "C2");
    let unknown = "r2".parse().unwrap();
    assert!(!store.record_reply(&unknown, "C2", "9.9").await.unwrap());
    assert_eq!(
        cursors(store).await.len(),
        1,
        "a recorded message is no news"
    );
}
