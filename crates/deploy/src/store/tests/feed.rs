//! The feed: in order, in pages, over rows that cannot be read.

use super::*;

on_both![
    the_feed_is_in_order_and_read_in_pages,
    a_row_that_cannot_be_read_is_passed_over,
    a_cursor_never_goes_back,
];

async fn the_feed_is_in_order_and_read_in_pages(journal: Journal) {
    let store = &journal.store;
    let mut growth = store.growth();
    for number in 1..=5 {
        accepted(store, &format!("r{number}")).await;
        growth.changed().await.unwrap();
        assert_eq!(*growth.borrow_and_update(), number);
    }
    let page = store.entries_after(1, 3).await.unwrap();
    let page: Vec<_> = page.iter().map(|entry| entry.cursor).collect();
    assert_eq!(page, [2, 3, 4]);
    assert!(store.entries_after(5, 3).await.unwrap().is_empty());
}

async fn a_row_that_cannot_be_read_is_passed_over(journal: Journal) {
    let store = &journal.store;
    for id in ["r1", "r2", "r3", "r4"] {
        accepted(store, id).await;
    }
    for damage in [
        "UPDATE requests SET progress = '{' WHERE id = 'r1'",
        "UPDATE requests SET accepted_at = 9223372036854775807 WHERE id = 'r2'",
        "UPDATE requests SET commit_ref = 'main' WHERE id = 'r4'",
    ] {
        journal.damage(damage).await;
    }
    let waiting = store.waiting(1).await.unwrap();
    assert_eq!(waiting[0].asked.id.as_str(), "r3");
    let entries = store.entries_after(0, 1).await.unwrap();
    assert_eq!((entries.len(), entries[0].cursor), (1, 3));
    assert!(store.entries_after(3, 9).await.unwrap().is_empty());

    journal
        .damage("UPDATE requests SET state = 'running'")
        .await;
    let running = store.running(1).await.unwrap();
    assert_eq!(running[0].asked.id.as_str(), "r3");
}

async fn a_cursor_never_goes_back(journal: Journal) {
    let store = &journal.store;
    assert_eq!(store.acknowledged("bot").await.unwrap(), 0);
    for (cursor, after) in [(3, 3), (2, 3), (3, 3), (7, 7), (0, 7)] {
        store.acknowledge("bot", cursor).await.unwrap();
        assert_eq!(store.acknowledged("bot").await.unwrap(), after);
    }
    assert_eq!(store.acknowledged("another").await.unwrap(), 0);
}
