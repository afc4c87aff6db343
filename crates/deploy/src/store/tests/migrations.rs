//! Migrations: on tables with rows in them, again, at once, and not backwards.

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
        "its tables are of version 99, but this program knows them up to version 11 only: start \
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

/// How many versions had been released before there was any other database than
/// SQLite, before anything waited, and before a journal knew what was deployed.
const RELEASED: usize = 2;

/// What the released program left: requests that have come as far as each can,
/// two of which hold their run slots, and a subscriber in the middle. What is in
/// braces is filled in.
const FILLED: &str = r#"
INSERT INTO requests (id, repository, environment, commit_ref, kind, requester_slack,
    requester_github, requester_name, reply_channel, reply_thread_ts, reply_asked_ts,
    accepted_at, state, progress, message_ts)
VALUES
    {accepted},
    {refused},
    {creating},
    {running},
    {succeeded},
    {failed},
    {failed-early};
INSERT INTO run_slots VALUES
    ('acme/people', 'production', 'creating'), ('acme/people', 'staging', 'running');
INSERT INTO freed_slots VALUES ('acme/people', 'production', 7);
INSERT INTO feed (cursor, at, request_id) VALUES
    (5, 1000, 'refused'), (7, 1500, 'succeeded'), (8, 2000, 'creating');
INSERT INTO subscribers VALUES ('bot', 7);
"#;

/// How far each has come, as the released program wrote it. It knew no
/// repository but the one that was asked for.
const PROGRESS: &[(&str, &str, &str)] = &[
    ("accepted", "accepted", r#"{"state":"accepted"}"#),
    (
        "refused",
        "refused",
        r#"{"state":"refused","refusals":[{"reason":"unknown_commit","candidates":["a1b2c3d"]},{"reason":"already_asked","requester":{"slack":"U2","github":"","name":"Joon"},"commit":{commit}},{"reason":"already_running","deployment":null},{"reason":"checks_missing"}]}"#,
    ),
    (
        "creating",
        "creating",
        r#"{"state":"creating","decided":{decided}}"#,
    ),
    (
        "running",
        "running",
        r#"{"state":"running","decided":{decided},"deployment":{running}}"#,
    ),
    (
        "succeeded",
        "succeeded",
        r#"{"state":"succeeded","decided":{decided},"deployment":{succeeded}}"#,
    ),
    (
        "failed",
        "failed",
        r#"{"state":"failed","decided":{decided},"deployment":{failed},"failure":"It broke."}"#,
    ),
    (
        "failed-early",
        "failed",
        r#"{"state":"failed","decided":null,"deployment":null,"failure":"It never began."}"#,
    ),
];

/// A deployment as the released program wrote it: its state, and when it ended.
macro_rules! deployment_json {
    ($state:literal, $ended_at:literal) => {
        concat!(
            r#"{"number":7,"node":"DE_7","environment":"Production","commit":{commit},"state":""#,
            $state,
            r#"","live":false,"kind":"rollback","requester":{"slack":"","github":"","name":""},"created_at":6000,"ended_at":"#,
            $ended_at,
            r#","steps":[{"state":"in_progress","description":"rolling out","at":7000,"log_url":"https://github.test/log"}],"request_id":"r1","replaces":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","log_url":"","environment_url":"https://people.test"}"#
        )
    };
}
/// What stands in braces above, in this order.
const PARTS: &[(&str, &str)] = &[
    (
        "{decided}",
        r#"{"environment":"Production","commit":{commit},"checks":{"state":"success","done":3,"total":3,"failed":[]},"changes":{"base":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","head":"a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2","ahead":1,"behind":0,"commits":[{commit}],"compare_url":"https://github.test/compare"},"replaces":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}"#,
    ),
    ("{running}", deployment_json!("running", "null")),
    ("{succeeded}", deployment_json!("succeeded", "9000")),
    ("{failed}", deployment_json!("failed", "9000")),
    (
        "{commit}",
        r#"{"sha":"a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2","headline":"Add \"Minji\" <!channel>","author":"minji","committed_at":5000,"url":"https://github.test/c"}"#,
    ),
];

/// The statements that fill the released journal.
fn filling() -> String {
    let mut filling = FILLED.to_owned();
    for (id, state, progress) in PROGRESS {
        let mut progress = (*progress).to_owned();
        for (name, part) in PARTS {
            progress = progress.replace(name, part);
        }
        let row = format!(
            "('{id}', 'acme/people', 'production', 'a1b2', 'rollback', 'U1', 'minji', 'Minji', \
             'C1', '1.2', '1.3', 1000, '{state}', '{progress}', '2.1')"
        );
        filling = filling.replace(&format!("{{{id}}}"), &row);
    }
    filling
}

async fn rows_survive(database: &Database) {
    let applied = Store::migrate(database, AT_ONCE).await.unwrap();
    assert_eq!(applied, [3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let store = &Store::open(database, AT_ONCE).await.unwrap();
    let before = [(5, "refused"), (7, "succeeded"), (8, "creating")];
    let before = before.map(|(cursor, id)| (cursor, id.to_owned()));
    assert_eq!(cursors(store).await, before);
    assert_eq!(store.newest_cursor().await.unwrap(), 8);
    assert_eq!(store.acknowledged("bot").await.unwrap(), 7);
    progress_survives(store).await;
    let left: Vec<String> = ids(store.waiting(9).await);
    assert_eq!(left, ["accepted", "creating"]);
    assert_eq!(ids(store.running(9).await), ["running"]);

    accepted(store, "r3").await;
    assert_eq!(cursors(store).await[3], (9, "r3".to_owned()));
    let taken = take(store, &"r3".parse().unwrap(), 3).await;
    assert!(matches!(taken, Slot::Occupied(_)), "{taken:?}");
}

fn ids(requests: Result<Vec<Request>, Error>) -> Vec<String> {
    let requests = requests.unwrap().into_iter();
    requests
        .map(|request| request.asked.id.to_string())
        .collect()
}

/// All that was written is read, and goes on.
async fn progress_survives(store: &Store) {
    for &(id, ..) in PROGRESS {
        let request = store.request(&id.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(request.waiting, None);
        assert_eq!(request.message_ts.as_deref(), Some("2.1"));
    }
    assert_eq!(progress(store, "accepted").await, Progress::Accepted);
    let asker = Person {
        slack: "U2".to_owned(),
        name: "Joon".to_owned(),
        ..Person::default()
    };
    let refusals = vec![
        Refusal::UnknownCommit {
            candidates: vec!["a1b2c3d".to_owned()],
        },
        Refusal::AlreadyAsked {
            requester: asker,
            commit: Box::new(commit()),
        },
        Refusal::AlreadyRunning { deployment: None },
        Refusal::ChecksMissing,
    ];
    assert_eq!(
        progress(store, "refused").await,
        Progress::Refused(refusals)
    );
    // Who wrote what goes out was not kept then.
    let mut decided = decided();
    decided.changes.authors = Vec::new();
    let creating = Progress::Creating(decided.clone());
    assert_eq!(progress(store, "creating").await, creating);
    let running = Progress::Running(decided.clone(), deployment(DeploymentState::Running));
    assert_eq!(progress(store, "running").await, running);
    let succeeded = Progress::Succeeded(decided.clone(), deployment(DeploymentState::Succeeded));
    assert_eq!(progress(store, "succeeded").await, succeeded);
    let failed = Progress::Failed {
        decided: Some(decided),
        deployment: Some(deployment(DeploymentState::Failed)),
        failure: Failure::Told("It broke.".to_owned()),
    };
    assert_eq!(progress(store, "failed").await, failed);
    let early = Progress::Failed {
        decided: None,
        deployment: None,
        failure: Failure::Told("It never began.".to_owned()),
    };
    assert_eq!(progress(store, "failed-early").await, early);
}

#[tokio::test]
async fn the_rows_of_the_released_version_survive_on_sqlite() {
    use sqlx::{Connection as _, Executor as _, SqliteConnection};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deploy.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let released = &migration::SQLITE[..RELEASED];
    migration::run(&mut connection, released).await.unwrap();
    let filling = sqlx::AssertSqlSafe(filling());
    connection.execute(filling).await.unwrap();
    connection.close().await.unwrap();
    rows_survive(&Database::Sqlite(file)).await;
}

#[tokio::test]
async fn the_rows_of_the_released_version_survive_on_postgres() {
    use sqlx::{Connection as _, PgConnection};
    let server = test_postgres::Database::create().await.unwrap();
    let mut connection = PgConnection::connect(server.url()).await.unwrap();
    let released = &migration::POSTGRES[..RELEASED];
    migration::run(&mut connection, released).await.unwrap();
    connection.close().await.unwrap();
    server.run(filling()).await.unwrap();
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
    assert_eq!(applied, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
}
