//! Run slots: one holder, whoever asks and however.

use super::*;

on_both![
    of_many_requests_one_takes_the_slot,
    a_slot_is_one_whatever_the_case_of_its_names,
    taking_the_own_slot_again_changes_nothing,
    facts_from_before_another_had_the_slot_do_not_take_it,
    every_end_frees_the_slot,
    a_request_whose_repository_is_renamed_moves_to_its_new_slot,
];

async fn of_many_requests_one_takes_the_slot(journal: Journal) {
    let store = &journal.store;
    let mut requests = Vec::new();
    for number in 0..10 {
        requests.push(accepted(store, &format!("r{number}")).await);
    }
    let another = &journal.another().await;
    let decided = decided();
    let read_at = store.newest_cursor().await.unwrap();
    let takes = requests.iter().zip([store, another].into_iter().cycle());
    let takes =
        takes.map(|(request, store)| store.take_slot(&request.id, &decided, read_at, at(2)));
    let outcomes = futures::future::join_all(takes).await;
    let taken = |outcome: &Result<Slot, Error>| matches!(outcome, Ok(Slot::Taken(_)));
    assert_eq!(outcomes.iter().filter(|o| taken(o)).count(), 1);
    let creating = store.waiting(100).await.unwrap();
    let creating = creating
        .iter()
        .filter(|request| matches!(request.progress, Progress::Creating(_)));
    assert_eq!(creating.count(), 1);
}

async fn a_slot_is_one_whatever_the_case_of_its_names(journal: Journal) {
    let store = &journal.store;
    let first = accepted(store, "r1").await;
    let second = accepted(store, "r2").await;
    let mut shouted = decided();
    shouted.repository = RepositoryName::parse("ACME/People", None).unwrap();
    shouted.environment = "PRODUCTION".parse().unwrap();
    take(store, &first.id, 2).await;
    match store
        .take_slot(&second.id, &shouted, i64::MAX, at(2))
        .await
        .unwrap()
    {
        Slot::Occupied(holder) => assert_eq!(holder.request().unwrap().asked.id, first.id),
        other => panic!("{other:?}"),
    }
    let holder = store.slot_holder(&shouted.repository, &shouted.environment);
    let holder = holder.await.unwrap().and_then(Holder::request);
    assert_eq!(holder.unwrap().asked.id, first.id);
}

async fn taking_the_own_slot_again_changes_nothing(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    for _ in 0..2 {
        let slot = take(store, &asked.id, 2).await;
        assert!(matches!(slot, Slot::Taken(slot) if *slot.request() == asked.id));
    }
    assert_eq!(cursors(store).await.len(), 2, "accepted, creating");
}

async fn facts_from_before_another_had_the_slot_do_not_take_it(journal: Journal) {
    let store = &journal.store;
    let slow = accepted(store, "r1").await;
    let quick = accepted(store, "r2").await;
    let read_at = store.newest_cursor().await.unwrap();
    store
        .take_slot(&quick.id, &decided(), read_at, at(2))
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
        .take_slot(&slow.id, &decided(), read_at, at(4))
        .await
        .unwrap();
    assert!(matches!(stale, Slot::Stale), "{stale:?}");
    let environment = decided().environment;
    let holder = store.slot_holder(&slow.repository, &environment);
    assert!(holder.await.unwrap().is_none());
    assert_eq!(progress(store, "r1").await, Progress::Accepted);
    let mut elsewhere = decided();
    elsewhere.environment = "staging".parse().unwrap();
    let other = accepted(store, "r3").await;
    let fresh = store.newest_cursor().await.unwrap();
    for (asked, decided, read_at) in [(other, elsewhere, read_at), (slow, decided(), fresh)] {
        let slot = store
            .take_slot(&asked.id, &decided, read_at, at(5))
            .await
            .unwrap();
        assert!(matches!(slot, Slot::Taken(_)), "{slot:?}");
    }
}

async fn every_end_frees_the_slot(journal: Journal) {
    let store = &journal.store;
    let succeeded = deployment(DeploymentState::Succeeded);
    for end in 0..3 {
        let asked = accepted(store, &format!("r{end}")).await;
        let slot = take(store, &asked.id, 2).await;
        assert!(matches!(slot, Slot::Taken(_)), "end {end}");
        let (id, decided, deployment) = (&asked.id, decided(), succeeded.clone());
        match end {
            0 => store.refuse(id, vec![Refusal::ChecksMissing], at(3)).await,
            1 => store.succeed(id, decided, deployment, at(3)).await,
            _ => {
                let why = said("no");
                store.fail(id, Some(decided), None, why, at(3)).await
            }
        }
        .unwrap();
    }
    assert!(store.waiting(100).await.unwrap().is_empty());
}

async fn a_request_whose_repository_is_renamed_moves_to_its_new_slot(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    take(store, &asked.id, 2).await;
    let mut renamed = decided();
    renamed.repository = RepositoryName::parse("acme/persons", None).unwrap();
    let slot = store.take_slot(&asked.id, &renamed, i64::MAX, at(3)).await;
    assert!(matches!(slot, Ok(Slot::Taken(_))), "{slot:?}");
    let old = decided();
    let old = store.slot_holder(&old.repository, &old.environment);
    assert!(old.await.unwrap().is_none());
    let new = store.slot_holder(&renamed.repository, &renamed.environment);
    let new = new.await.unwrap().and_then(Holder::request).unwrap();
    assert_eq!(new.progress, Progress::Creating(renamed));
}
