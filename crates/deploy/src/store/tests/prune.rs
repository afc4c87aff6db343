//! Pruning: what is old goes, what is not or has not ended stays.

use super::*;
use crate::model::History;

on_both![
    what_is_old_goes,
    what_has_not_ended_stays,
    what_only_spares_calls_goes_too,
    more_than_one_chunk_goes
];

async fn what_is_old_goes(journal: Journal) {
    let store = &journal.store;
    for (id, ended) in [("old", 10), ("late", 30)] {
        let asked = accepted(store, id).await;
        store
            .refuse(&asked.id, Vec::new(), at(ended))
            .await
            .unwrap();
    }
    store.acknowledge("bot", 1).await.unwrap();
    assert_eq!(
        store.prune(at(20)).await.unwrap(),
        4,
        "3 entries, a request"
    );
    assert_eq!(cursors(store).await, [(4, "late".to_owned())]);
    assert!(
        store
            .request(&"old".parse().unwrap())
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        store
            .request(&"late".parse().unwrap())
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(store.prune(at(20)).await.unwrap(), 0);
    let journal = journal.after_a_crash().await;
    accepted(&journal.store, "next").await;
    let cursors = cursors(&journal.store).await;
    assert_eq!(cursors[1], (5, "next".to_owned()), "no cursor comes again");
}

async fn what_has_not_ended_stays(journal: Journal) {
    let store = &journal.store;
    let holds = accepted(store, "holds").await;
    accepted(store, "waits").await;
    take(store, &holds.id, 2).await;
    assert_eq!(store.prune(at(1_000)).await.unwrap(), 3, "their entries");
    let waiting = store.waiting(10).await.unwrap();
    assert_eq!(waiting.len(), 2);
    let taken = take(store, &holds.id, 2_000).await;
    assert!(matches!(taken, Slot::Taken(_)), "{taken:?}");
}

async fn what_only_spares_calls_goes_too(journal: Journal) {
    let store = &journal.store;
    let repository = decided().repository;
    for (delivery, read_at) in [("d1", 10), ("d2", 30)] {
        let hints = [hinting(delivery, &repository, Subject::Commits)];
        store.hinted(&hints, at(read_at)).await.unwrap();
        let history = History {
            repository: repository.clone(),
            environments: Vec::new(),
            has_default_environments: false,
            as_of: at(read_at),
        };
        store
            .keep_history(&repository, delivery, 9, &history)
            .await
            .unwrap();
    }
    let running = deployment(DeploymentState::Running);
    store.adopt(&repository, &[&running], at(10)).await.unwrap();
    let gone = store.prune(at(20)).await.unwrap();
    assert_eq!(gone, 3, "one of each, and the deployment's entry");
    let old = store.history_snapshot(&repository, "d1").await.unwrap();
    assert!(old.is_none());
    let young = store.history_snapshot(&repository, "d2").await.unwrap();
    assert!(young.is_some());
    let known = store.known_history(&repository, None, 1).await.unwrap();
    assert!(known.is_some(), "what is known of deployments stays");
}

async fn more_than_one_chunk_goes(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    journal
        .damage(
            "INSERT INTO feed (cursor, at, request_id) \
             WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1201) \
             SELECT i, 1000, 'r1' FROM n",
        )
        .await;
    store.acquire("gone", "p1", AT_ONCE).await.unwrap();
    journal.damage("UPDATE leases SET until = 1").await;
    assert_eq!(store.prune(at(100)).await.unwrap(), 1_202, "and a lease");
    assert!(store.request(&asked.id).await.unwrap().is_some());
}
