//! Nothing is lost with a process.

use super::*;

on_both![
    a_crash_loses_nothing,
    what_was_under_way_at_the_crash_did_not_happen,
];

async fn a_crash_loses_nothing(journal: Journal) {
    let store = &journal.store;
    let waits = accepted(store, "r1").await;
    let creating = accepted(store, "r2").await;
    take(store, &creating.id, 2).await;
    store.acknowledge("bot", 2).await.unwrap();
    let before = cursors(store).await;

    let journal = journal.after_a_crash().await;
    let store = &journal.store;
    assert_eq!(cursors(store).await, before);
    assert_eq!(store.acknowledged("bot").await.unwrap(), 2);
    assert_eq!(store.newest_cursor().await.unwrap(), 3);
    assert_eq!(*store.growth().borrow(), 3);
    let waiting = store.waiting(10).await.unwrap();
    let waiting: Vec<_> = waiting.iter().map(|request| &request.asked).collect();
    assert_eq!(waiting, [&waits, &creating]);
    match take(store, &waits.id, 3).await {
        Slot::Occupied(holder) => assert_eq!(holder.request().unwrap().asked.id, creating.id),
        other => panic!("{other:?}"),
    }
}

async fn what_was_under_way_at_the_crash_did_not_happen(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    let id = &asked.id;
    let cut: Result<(), Error> = store
        .write(|transaction| {
            Box::pin(async move {
                let refused = Progress::Refused(Vec::new());
                crate::store::steps::step(transaction, id, &refused, at(2)).await?;
                Err(Error::Unreadable("the process ends here".to_owned()))
            })
        })
        .await;
    assert!(cut.is_err());
    let journal = journal.after_a_crash().await;
    assert_eq!(progress(&journal.store, "r1").await, Progress::Accepted);
    assert_eq!(cursors(&journal.store).await.len(), 1);
    accepted(&journal.store, "r2").await;
}
