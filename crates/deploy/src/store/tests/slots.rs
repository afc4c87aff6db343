//! Run slots: one holder, whoever asks and however.

use super::*;

#[tokio::test]
async fn of_many_requests_one_takes_the_slot() {
    let Journal { store, .. } = &journal().await;
    let mut requests = Vec::new();
    for number in 0..10 {
        requests.push(accepted(store, &format!("r{number}")).await);
    }
    let decided = decided();
    let takes = requests.iter().map(|request| {
        store.take_slot(
            &request.id,
            &request.repository,
            &decided,
            store.newest_cursor(),
            at(2),
        )
    });
    let outcomes = futures::future::join_all(takes).await;
    let taken = |outcome: &Result<Slot, Error>| matches!(outcome, Ok(Slot::Taken(_)));
    assert_eq!(outcomes.iter().filter(|o| taken(o)).count(), 1);
    let creating = store.waiting(100).await.unwrap();
    let creating = creating
        .iter()
        .filter(|request| matches!(request.progress, Progress::Creating(_)));
    assert_eq!(creating.count(), 1);
}

#[tokio::test]
async fn a_slot_is_one_whatever_the_case_of_its_names() {
    let Journal { store, .. } = &journal().await;
    let first = accepted(store, "r1").await;
    let mut second = accepted(store, "r2").await;
    second.repository = RepositoryName::parse("ACME/People", None).unwrap();
    let mut shouted = decided();
    shouted.environment = "PRODUCTION".parse().unwrap();
    store
        .take_slot(
            &first.id,
            &first.repository,
            &decided(),
            store.newest_cursor(),
            at(2),
        )
        .await
        .unwrap();
    match store
        .take_slot(
            &second.id,
            &second.repository,
            &shouted,
            store.newest_cursor(),
            at(2),
        )
        .await
        .unwrap()
    {
        Slot::Occupied(holder) => assert_eq!(holder.asked.id, first.id),
        other => panic!("{other:?}"),
    }
    let holder = store.slot_holder(&second.repository, &shouted.environment);
    assert_eq!(holder.await.unwrap().unwrap().asked.id, first.id);
}

#[tokio::test]
async fn taking_the_own_slot_again_changes_nothing() {
    let Journal { store, .. } = &journal().await;
    let asked = accepted(store, "r1").await;
    for _ in 0..2 {
        let slot = store
            .take_slot(
                &asked.id,
                &asked.repository,
                &decided(),
                store.newest_cursor(),
                at(2),
            )
            .await
            .unwrap();
        assert!(matches!(slot, Slot::Taken(slot) if *slot.request() == asked.id));
    }
    assert_eq!(cursors(store).await.len(), 2, "accepted, creating");
}

#[tokio::test]
async fn facts_from_before_another_had_the_slot_do_not_take_it() {
    let journal = journal().await;
    let store = &journal.store;
    let slow = accepted(store, "r1").await;
    let quick = accepted(store, "r2").await;
    let read_at = store.newest_cursor();
    store
        .take_slot(&quick.id, &quick.repository, &decided(), read_at, at(2))
        .await
        .unwrap();
    let deployment = deployment(DeploymentState::Succeeded);
    store
        .succeed(&quick.id, decided(), deployment, at(3))
        .await
        .unwrap();
    // It is remembered beyond the process.
    let journal = journal.after_a_crash().await;
    let store = &journal.store;
    let stale = store
        .take_slot(&slow.id, &slow.repository, &decided(), read_at, at(4))
        .await
        .unwrap();
    assert!(matches!(stale, Slot::Stale), "{stale:?}");
    let environment = decided().environment;
    let holder = store.slot_holder(&slow.repository, &environment);
    assert_eq!(holder.await.unwrap(), None);
    assert_eq!(progress(store, "r1").await, Progress::Accepted);
    let mut elsewhere = decided();
    elsewhere.environment = "staging".parse().unwrap();
    let other = accepted(store, "r3").await;
    let fresh = store.newest_cursor();
    for (asked, decided, read_at) in [(other, elsewhere, read_at), (slow, decided(), fresh)] {
        let slot = store
            .take_slot(&asked.id, &asked.repository, &decided, read_at, at(5))
            .await
            .unwrap();
        assert!(matches!(slot, Slot::Taken(_)), "{slot:?}");
    }
}

#[tokio::test]
async fn every_end_frees_the_slot() {
    let Journal { store, .. } = &journal().await;
    let succeeded = deployment(DeploymentState::Succeeded);
    for end in 0..3 {
        let asked = accepted(store, &format!("r{end}")).await;
        let slot = store
            .take_slot(
                &asked.id,
                &asked.repository,
                &decided(),
                store.newest_cursor(),
                at(2),
            )
            .await
            .unwrap();
        assert!(matches!(slot, Slot::Taken(_)), "end {end}");
        let (id, decided, deployment) = (&asked.id, decided(), succeeded.clone());
        match end {
            0 => store.refuse(id, vec![Refusal::ChecksMissing], at(3)).await,
            1 => store.succeed(id, decided, deployment, at(3)).await,
            _ => {
                let why = "no".to_owned();
                store.fail(id, Some(decided), None, why, at(3)).await
            }
        }
        .unwrap();
    }
    assert!(store.waiting(100).await.unwrap().is_empty());
}
