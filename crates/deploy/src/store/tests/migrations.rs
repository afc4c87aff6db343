//! Migrations: on tables with rows in them, again, at once, and not backwards.

use sqlx::migrate::Migrate;

use super::*;
use crate::store::migration;

on_both![
    a_journal_is_migrated_again_without_harm,
    a_journal_of_a_newer_program_is_refused,
    a_changed_migration_is_refused,
];

async fn a_journal_is_migrated_again_without_harm(journal: Journal) {
    let asked = accepted(&journal.store, "r1").await;
    journal.store.close().await;
    for _ in 0..2 {
        let applied = Store::migrate(&journal.database, AT_ONCE).await.unwrap();
        assert_eq!(applied, Vec::<i64>::new());
        let store = Store::open(&journal.database, AT_ONCE).await.unwrap();
        let request = store.request(&asked.id).await.unwrap().unwrap();
        assert_eq!(request.asked, asked);
        store.close().await;
    }
}

async fn a_journal_of_a_newer_program_is_refused(journal: Journal) {
    journal
        .damage(
            "INSERT INTO _sqlx_migrations \
             SELECT 99, description, installed_on, success, checksum, execution_time \
             FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    journal.store.close().await;
    let opened = Store::open(&journal.database, AT_ONCE).await.unwrap_err();
    assert_eq!(
        opened.to_string(),
        "its tables are of version 99, but this program knows them up to version 5 only: start \
         the newer program that migrated them"
    );
}

async fn a_changed_migration_is_refused(journal: Journal) {
    journal
        .damage(
            "UPDATE _sqlx_migrations SET checksum = (SELECT checksum FROM _sqlx_migrations \
             WHERE version = 1) WHERE version = 2",
        )
        .await;
    journal.store.close().await;
    let opened = Store::open(&journal.database, AT_ONCE).await;
    assert!(
        matches!(opened, Err(Error::Changed { version: 2 })),
        "{opened:?}"
    );
}

/// What a process of the third version left: a request that is done with, one
/// that holds its slot, and a subscriber in the middle.
const FILLED: &str = r#"
INSERT INTO requests (id, repository, environment, commit_ref, kind, requester_slack,
    requester_github, requester_name, reply_channel, reply_thread_ts, reply_asked_ts,
    accepted_at, state, progress, message_ts, waiting)
VALUES
    ('r1', 'acme/people', 'production', 'a1b2', 'deploy', 'U1', 'minji', 'Minji', 'C1', '', '1.3',
        1000, 'refused', '{"state":"refused","refusals":[]}', '2.1', NULL),
    ('r2', 'acme/people', 'production', 'a1b2', 'rollback', 'U1', 'minji', 'Minji', 'C1', '', '1.3',
        2000, 'accepted', '{"state":"accepted"}', NULL,
        '{"reason":"create_limit","until":5000,"ahead":3,"detail":""}');
INSERT INTO run_slots VALUES ('acme/people', 'production', 'r2');
INSERT INTO freed_slots VALUES ('acme/people', 'production', 7);
INSERT INTO feed (cursor, at, request_id) VALUES (5, 1000, 'r1'), (7, 1500, 'r1'), (8, 2000, 'r2');
INSERT INTO subscribers VALUES ('bot', 7);
"#;

/// Makes the journal as it was up to its third version, with what a process had
/// written by then.
async fn filled<C: Migrate>(connection: &mut C, steps: &[migration::Step]) {
    migration::run(connection, &steps[..3]).await.unwrap();
}

async fn rows_survive(database: &Database) {
    let applied = Store::migrate(database, AT_ONCE).await.unwrap();
    assert_eq!(applied, [4, 5]);
    let store = &Store::open(database, AT_ONCE).await.unwrap();
    let before = [(5, "r1"), (7, "r1"), (8, "r2")];
    let before = before.map(|(cursor, id)| (cursor, id.to_owned()));
    assert_eq!(cursors(store).await, before);
    assert_eq!(store.newest_cursor().await.unwrap(), 8);
    assert_eq!(store.acknowledged("bot").await.unwrap(), 7);
    assert_eq!(progress(store, "r1").await, Progress::Refused(Vec::new()));
    let holder = store
        .request(&"r2".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(holder.waiting.unwrap().ahead, Some(3));
    accepted(store, "r3").await;
    assert_eq!(cursors(store).await[3], (9, "r3".to_owned()));
    let taken = take(store, &"r3".parse().unwrap(), 3).await;
    assert!(matches!(taken, Slot::Occupied(_)), "{taken:?}");
}

#[tokio::test]
async fn the_rows_of_an_earlier_version_survive_on_sqlite() {
    use sqlx::{Connection as _, Executor as _, SqliteConnection};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deploy.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    filled(&mut connection, migration::SQLITE).await;
    connection.execute(FILLED).await.unwrap();
    connection.close().await.unwrap();
    rows_survive(&Database::Sqlite(file)).await;
}

#[tokio::test]
async fn the_rows_of_an_earlier_version_survive_on_postgres() {
    use sqlx::{Connection as _, PgConnection};
    let server = test_postgres::Database::create().await.unwrap();
    let mut connection = PgConnection::connect(server.url()).await.unwrap();
    filled(&mut connection, migration::POSTGRES).await;
    connection.close().await.unwrap();
    server.run(FILLED).await.unwrap();
    rows_survive(&Database::Postgres(server.url().into())).await;
}

#[tokio::test]
async fn processes_that_migrate_at_once_apply_each_version_once() {
    let server = test_postgres::Database::create().await.unwrap();
    let database = Database::Postgres(server.url().into());
    let migrations = (0..6).map(|_| Store::migrate(&database, AT_ONCE));
    let applied = futures::future::join_all(migrations).await;
    let mut applied: Vec<i64> = applied.into_iter().flat_map(Result::unwrap).collect();
    applied.sort_unstable();
    assert_eq!(applied, [1, 2, 3, 4, 5]);
}
