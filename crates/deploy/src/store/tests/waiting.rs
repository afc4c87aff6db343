//! Requests that wait, and those that are withdrawn meanwhile.

use super::*;
use crate::model::{Obstacle, Waiting, WaitingReason};

on_both![
    why_a_request_waits_is_told_once,
    when_somebody_was_last_told_is_known,
    those_that_wait_are_read_page_by_page,
    a_step_ends_the_waiting,
    what_waits_can_be_withdrawn,
    what_github_was_asked_for_cannot_be_withdrawn,
    a_request_is_either_withdrawn_or_made,
    what_waits_is_told_by_its_repository_and_by_the_name_that_github_has,
    what_may_have_begun_neither_waits_to_go_out_nor_can_be_withdrawn,
];

fn waiting(detail: &str) -> Waiting {
    Waiting {
        reason: WaitingReason::GithubUnavailable,
        until: Some(at(60)),
        ahead: None,
        detail: detail.to_owned(),
        obstacle: Some(Obstacle::AppNotAccepted),
    }
}

fn by() -> Person {
    Person {
        slack: "U2".to_owned(),
        ..Person::default()
    }
}

async fn reason(store: &Store, id: &RequestId) -> Option<Waiting> {
    store.request(id).await.unwrap().unwrap().waiting
}

async fn why_a_request_waits_is_told_once(journal: Journal) {
    let store = &journal.store;
    let id = &accepted(store, "r1").await.id;
    assert!(store.waits(id, &waiting("down"), at(2)).await.unwrap());
    assert!(!store.waits(id, &waiting("down"), at(3)).await.unwrap());
    assert!(
        store
            .waits(id, &waiting("still down"), at(4))
            .await
            .unwrap()
    );
    assert_eq!(reason(store, id).await, Some(waiting("still down")));
    assert_eq!(cursors(store).await.len(), 3, "accepted, and two reasons");
    store.refuse(id, Vec::new(), at(5)).await.unwrap();
    assert!(!store.waits(id, &waiting("down"), at(6)).await.unwrap());
}

async fn when_somebody_was_last_told_is_known(journal: Journal) {
    let store = &journal.store;
    let id = &accepted(store, "r1").await.id;
    let told = async || {
        let request = store.request(id).await.unwrap().unwrap();
        let told_at = store.told_at(&request).await.unwrap();
        (request.accepted_at, told_at)
    };
    let (accepted_at, told_at) = told().await;
    assert_eq!(told_at, accepted_at);
    store.waits(id, &waiting("down"), at(200)).await.unwrap();
    store.waits(id, &waiting("down"), at(300)).await.unwrap();
    assert_eq!(told().await, (accepted_at, at(200)));
    take(store, id, 400).await;
    assert_eq!(told().await, (accepted_at, at(400)));
}

async fn those_that_wait_are_read_page_by_page(journal: Journal) {
    let store = &journal.store;
    for (number, second) in [(0, 5), (1, 4), (2, 4), (3, 6)] {
        let asked = asked(&format!("r{number}"));
        store.accept(&asked, at(second)).await.unwrap();
    }
    let first = store.waiting(2).await.unwrap();
    let second = store.waiting_after(&first[1], 2).await.unwrap();
    let ids = first.iter().chain(&second);
    let ids: Vec<_> = ids.map(|request| request.asked.id.as_str()).collect();
    assert_eq!(ids, ["r1", "r2", "r0", "r3"]);
    let none = store.waiting_after(&second[1], 2).await.unwrap();
    assert_eq!(none, []);
}

async fn a_step_ends_the_waiting(journal: Journal) {
    let store = &journal.store;
    let id = &accepted(store, "r1").await.id;
    store.waits(id, &waiting("down"), at(2)).await.unwrap();
    take(store, id, 3).await;
    assert_eq!(reason(store, id).await, None);
    store.waits(id, &waiting("down"), at(4)).await.unwrap();
    take(store, id, 5).await;
    assert_eq!(reason(store, id).await, None, "the same step again");
    assert_eq!(cursors(store).await.len(), 5);
}

async fn what_waits_can_be_withdrawn(journal: Journal) {
    let store = &journal.store;
    let (first, second) = (accepted(store, "r1").await, accepted(store, "r2").await);
    take(store, &second.id, 2).await;
    store
        .waits(&second.id, &waiting("down"), at(3))
        .await
        .unwrap();
    for id in [&first.id, &second.id] {
        for _ in 0..2 {
            let request = store.cancel(id, &by(), at(4)).await.unwrap().unwrap();
            assert_eq!(request.progress, Progress::Cancelled { by: by() });
            assert_eq!(request.waiting, None);
        }
    }
    assert_eq!(cursors(store).await.len(), 6, "each is told once");
    let next = accepted(store, "r3").await;
    let slot = take(store, &next.id, 5).await;
    assert!(matches!(slot, Slot::Taken(_)), "the slot is free: {slot:?}");
    let unknown = "r9".parse().unwrap();
    assert!(
        store
            .cancel(&unknown, &by(), at(6))
            .await
            .unwrap()
            .is_none()
    );
}

async fn what_github_was_asked_for_cannot_be_withdrawn(journal: Journal) {
    let store = &journal.store;
    let id = &accepted(store, "r1").await.id;
    take(store, id, 2).await;
    let request = store.cancel(id, &by(), at(3)).await.unwrap().unwrap();
    assert_eq!(request.progress, Progress::Creating(decided()));
    let running = deployment(DeploymentState::Running);
    store.runs(id, decided(), running, at(4)).await.unwrap();
    let request = store.cancel(id, &by(), at(5)).await.unwrap().unwrap();
    assert!(matches!(request.progress, Progress::Running(..)));
    assert_eq!(cursors(store).await.len(), 3);
}

async fn a_request_is_either_withdrawn_or_made(journal: Journal) {
    let (store, another) = (&journal.store, journal.another().await);
    for turn in 0..10 {
        let id = &accepted(store, &format!("r{turn}")).await.id;
        let by = by();
        let (slot, withdrawn) =
            tokio::join!(try_to_take(store, id, 2), another.cancel(id, &by, at(2)));
        let withdrawn = withdrawn.unwrap().unwrap().progress;
        match slot {
            Ok(Slot::Taken(_)) => {
                assert_eq!(withdrawn, Progress::Creating(decided()));
                store.refuse(id, Vec::new(), at(3)).await.unwrap();
            }
            Err(Error::OutOfOrder { .. }) => {
                assert_eq!(withdrawn, Progress::Cancelled { by });
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn what_waits_is_told_by_its_repository_and_by_the_name_that_github_has(journal: Journal) {
    let store = &journal.store;
    let id = &accepted(store, "r1").await.id;
    accepted(store, "r2").await;
    let people = RepositoryName::parse("Acme/People", None).unwrap();
    let there = async || {
        let waiting = store.waiting_in(&people).await.unwrap().into_iter();
        let told = waiting.map(|one| format!("{} {}", one.asked.id, one.asked.environment));
        told.collect::<Vec<_>>()
    };
    assert_eq!(there().await, [""; 0], "they go on");
    assert!(store.waits(id, &waiting("down"), at(2)).await.unwrap());
    assert_eq!(there().await, ["r1 production"]);
    let spelled = "Production".parse().unwrap();
    store.spell(id, &spelled).await.unwrap();
    assert_eq!(there().await, ["r1 Production"]);
    store.refuse(id, Vec::new(), at(3)).await.unwrap();
    assert_eq!(there().await, [""; 0], "it has ended");
    store.spell(id, &"staging".parse().unwrap()).await.unwrap();
    let ended = store.request(id).await.unwrap().unwrap();
    assert_eq!(ended.asked.environment, spelled);
}

async fn what_may_have_begun_neither_waits_to_go_out_nor_can_be_withdrawn(journal: Journal) {
    let store = &journal.store;
    let id = &accepted(store, "r1").await.id;
    take(store, id, 2).await;
    let people = RepositoryName::parse("acme/people", None).unwrap();
    let waits = async || store.waiting_in(&people).await.unwrap().len();
    let mut why = waiting("down");
    store.waits(id, &why, at(3)).await.unwrap();
    assert_eq!(waits().await, 1);
    why.reason = WaitingReason::AnswerLost;
    store.waits(id, &why, at(4)).await.unwrap();
    assert_eq!(waits().await, 0);
    let request = store.cancel(id, &by(), at(5)).await.unwrap().unwrap();
    assert_eq!(request.progress, Progress::Creating(decided()));
    assert_eq!(request.waiting, Some(why));
}
