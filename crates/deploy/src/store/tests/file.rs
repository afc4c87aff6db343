//! The file: one owner, one format, and nothing lost with the process.

use super::*;

#[tokio::test]
async fn a_crash_loses_nothing() {
    let journal = journal().await;
    let store = &journal.store;
    let waits = accepted(store, "r1").await;
    let creating = accepted(store, "r2").await;
    store
        .take_slot(
            &creating.id,
            &creating.repository,
            &decided(),
            store.newest_cursor(),
            at(2),
        )
        .await
        .unwrap();
    store.acknowledge("bot", 2).await.unwrap();
    let before = cursors(store).await;

    let journal = journal.after_a_crash().await;
    let store = &journal.store;
    assert_eq!(cursors(store).await, before);
    assert_eq!(store.acknowledged("bot").await.unwrap(), 2);
    assert_eq!(store.newest_cursor(), 3);
    let waiting = store.waiting(10).await.unwrap();
    let waiting: Vec<_> = waiting.iter().map(|request| &request.asked).collect();
    assert_eq!(waiting, [&waits, &creating]);
    match store
        .take_slot(
            &waits.id,
            &waits.repository,
            &decided(),
            store.newest_cursor(),
            at(3),
        )
        .await
        .unwrap()
    {
        Slot::Occupied(holder) => assert_eq!(holder.asked.id, creating.id),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_is_migrated_again_without_harm() {
    let journal = journal().await;
    let asked = accepted(&journal.store, "r1").await;
    let file = journal.file.clone();
    journal.store.close().await;
    for _ in 0..2 {
        let store = Store::open(&file, AT_ONCE).await.unwrap();
        assert_eq!(
            store.request(&asked.id).await.unwrap().unwrap().asked,
            asked
        );
        store.close().await;
    }
}

#[tokio::test]
async fn a_file_belongs_to_one_at_a_time() {
    let journal = journal().await;
    let second = Store::open(&journal.file, Duration::from_millis(60)).await;
    assert!(matches!(second, Err(Error::InUse)), "{second:?}");
    let waits = Store::open(&journal.file, Duration::from_secs(60));
    let (opened, ()) = tokio::join!(waits, journal.store.close());
    opened.unwrap();
}

#[tokio::test]
async fn what_is_no_journal_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deploy.db");
    std::fs::write(&file, "something else, and long enough to be looked at").unwrap();
    assert!(Store::open(&file, AT_ONCE).await.is_err());
    let nowhere = folder.path().join("no/such/folder/deploy.db");
    let opened = Store::open(&nowhere, AT_ONCE).await;
    assert!(matches!(opened, Err(Error::Lock { .. })), "{opened:?}");
}
