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
    let takes = requests
        .iter()
        .map(|request| store.take_slot(&request.id, &request.repository, &decided, at(2)));
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
        .take_slot(&first.id, &first.repository, &decided(), at(2))
        .await
        .unwrap();
    match store
        .take_slot(&second.id, &second.repository, &shouted, at(2))
        .await
        .unwrap()
    {
        Slot::Occupied(holder) => assert_eq!(holder.asked.id, first.id),
        taken @ Slot::Taken(_) => panic!("{taken:?}"),
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
            .take_slot(&asked.id, &asked.repository, &decided(), at(2))
            .await
            .unwrap();
        assert!(matches!(slot, Slot::Taken(slot) if *slot.request() == asked.id));
    }
    assert_eq!(cursors(store).await.len(), 2, "accepted, creating");
}

#[tokio::test]
async fn every_end_frees_the_slot() {
    let Journal { store, .. } = &journal().await;
    let succeeded = deployment(DeploymentState::Succeeded);
    for end in 0..3 {
        let asked = accepted(store, &format!("r{end}")).await;
        let slot = store
            .take_slot(&asked.id, &asked.repository, &decided(), at(2))
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
