//! The file: one owner, and nothing else is taken for a journal.

use super::*;

#[tokio::test]
async fn a_file_belongs_to_one_at_a_time() {
    let journal = Journal::on_sqlite().await;
    let second = Store::open(&journal.database, Duration::from_millis(60)).await;
    assert!(matches!(second, Err(Error::InUse)), "{second:?}");
    let waits = Store::open(&journal.database, Duration::from_secs(60));
    let (opened, ()) = tokio::join!(waits, journal.store.close());
    opened.unwrap();
}

#[tokio::test]
async fn what_is_no_journal_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deploy.db");
    std::fs::write(&file, "something else, and long enough to be looked at").unwrap();
    let database = Database::Sqlite(file);
    let opened = Store::open(&database, AT_ONCE).await;
    assert!(matches!(opened, Err(Error::NoJournal(_))), "{opened:?}");
    let migrated = Store::migrate(&database, AT_ONCE).await;
    assert!(matches!(migrated, Err(Error::NoJournal(_))), "{migrated:?}");
    let nowhere = Database::Sqlite(folder.path().join("no/such/folder/deploy.db"));
    let opened = Store::open(&nowhere, AT_ONCE).await;
    assert!(matches!(opened, Err(Error::Lock { .. })), "{opened:?}");
}
