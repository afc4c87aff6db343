//! Webhooks and hints: each delivery counts once, and outdates what was read.

use super::*;

on_both![
    a_delivery_counts_once,
    hints_grow_and_wake,
    deliveries_are_forgotten_after_three_days,
    what_a_deployment_does_is_a_hint,
];

fn name(text: &str) -> RepositoryName {
    RepositoryName::parse(text, None).unwrap()
}

fn delivery(id: &str, repository: &str) -> RepositoryHints {
    hinting(id, &name(repository), Subject::Commits)
}

async fn a_delivery_counts_once(journal: Journal) {
    let stores = [&journal.store, &journal.another().await];
    let batch: Vec<_> = (0..50)
        .map(|number| delivery(&format!("d{}", number % 40), "acme/people"))
        .collect();
    let backwards: Vec<_> = batch.iter().rev().cloned().collect();
    let both = [(stores[0], &batch), (stores[1], &backwards)];
    let both = both.map(|(store, batch)| store.hinted(batch, at(1)));
    let new = futures::future::try_join_all(both).await.unwrap();
    assert_eq!(new[0].len() + new[1].len(), 40, "{new:?}");
    assert!(new[0].is_disjoint(&new[1]));
    let hint = journal.store.hint_of(&name("acme/people")).await.unwrap();
    let again = journal.store.hinted(&batch, at(2)).await.unwrap();
    assert!(again.is_empty());
    let after = journal.store.hint_of(&name("acme/people")).await.unwrap();
    assert_eq!(after, hint, "what was sent again changes nothing");
}

async fn hints_grow_and_wake(journal: Journal) {
    let store = &journal.store;
    let mut hints = store.hints();
    assert_eq!(store.hint_of(&name("acme/people")).await.unwrap(), 0);
    let batch = [
        delivery("d1", "Acme/People"),
        delivery("d2", "acme/people"),
        delivery("d3", "acme/web"),
    ];
    let new = store.hinted(&batch, at(1)).await.unwrap();
    assert_eq!(new.len(), 3);
    hints.changed().await.unwrap();
    assert_eq!(*hints.borrow_and_update(), 1);
    let before = store.hint_of(&name("acme/people")).await.unwrap();
    assert_eq!(before, store.hint_of(&name("ACME/PEOPLE")).await.unwrap());
    store
        .hinted(&[delivery("d4", "acme/people")], at(2))
        .await
        .unwrap();
    assert!(store.hint_of(&name("acme/people")).await.unwrap() > before);
    assert_eq!(store.hint_of(&name("acme/web")).await.unwrap(), before);
    assert_eq!(store.hint_of(&name("acme/api")).await.unwrap(), 0);
    let journal = journal.after_a_crash().await;
    assert_eq!(*journal.store.hints().borrow(), 2);
}

async fn deliveries_are_forgotten_after_three_days(journal: Journal) {
    const DAY: i64 = 24 * 3_600;
    let store = &journal.store;
    let old = [delivery("d1", "acme/people")];
    let later = [delivery("d2", "acme/people")];
    store.hinted(&old, at(0)).await.unwrap();
    store.hinted(&later, at(3 * DAY)).await.unwrap();
    assert!(store.hinted(&old, at(3 * DAY)).await.unwrap().is_empty());
    store.hinted(&later, at(3 * DAY + 1)).await.unwrap();
    assert_eq!(store.hinted(&old, at(3 * DAY + 2)).await.unwrap().len(), 1);
}

async fn what_a_deployment_does_is_a_hint(journal: Journal) {
    let store = &journal.store;
    let people = &decided().repository;
    let asked = accepted(store, "r1").await;
    take(store, &asked.id, 2).await;
    assert_eq!(store.hint_of(people).await.unwrap(), 0, "not on GitHub yet");
    let running = deployment(DeploymentState::Running);
    store
        .runs(&asked.id, decided(), running, at(3))
        .await
        .unwrap();
    assert_eq!(store.hint_of(people).await.unwrap(), 1);
    let failed = deployment(DeploymentState::Failed);
    let why = || said("no");
    store
        .fail(&asked.id, Some(decided()), Some(failed), why(), at(4))
        .await
        .unwrap();
    assert_eq!(store.hint_of(people).await.unwrap(), 2);
    let other = accepted(store, "r2").await;
    store
        .fail(&other.id, None, None, why(), at(5))
        .await
        .unwrap();
    assert_eq!(store.hint_of(people).await.unwrap(), 2, "nothing was made");
}
