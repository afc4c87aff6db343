//! What only a server can do to the journal: refuse, go away, and serve several
//! processes.

use std::{collections::BTreeSet, io};

use tokio::{
    net::TcpSocket,
    time::{Instant, sleep, timeout},
};

use super::*;

/// How long something that happens soon may take.
const SOON: Duration = Duration::from_secs(30);

fn at_url(url: &str) -> Database {
    Database::Postgres(url.into())
}

#[tokio::test]
async fn who_follows_the_feed_misses_no_entry_of_any_process() {
    const EACH: usize = 40;
    let journal = Journal::on_postgres().await;
    let processes = [
        &journal.store,
        &journal.another().await,
        &journal.another().await,
    ];
    let writing = processes.iter().enumerate().flat_map(|(number, store)| {
        (0..4).map(move |lane| async move {
            for turn in 0..EACH / 4 {
                accepted(store, &format!("r{number}-{lane}-{turn}")).await;
            }
        })
    });
    let reader = journal.another().await;
    let following = async {
        let mut growth = reader.growth();
        let mut seen = Vec::new();
        while seen.len() < processes.len() * EACH {
            growth.mark_unchanged();
            let after = seen.last().copied().unwrap_or(0);
            let page = reader.entries_after(after, 7).await.unwrap();
            if page.is_empty() {
                growth.changed().await.unwrap();
            }
            seen.extend(page.iter().map(|entry| entry.cursor));
        }
        seen
    };
    let both = futures::future::join(following, futures::future::join_all(writing));
    let (seen, _) = timeout(SOON, both).await.expect("the reader sees them all");
    let all: Vec<i64> = (1..).take(processes.len() * EACH).collect();
    assert_eq!(seen, all, "in order, without a gap, each once");
}

#[tokio::test]
async fn what_one_process_writes_wakes_another() {
    let journal = Journal::on_postgres().await;
    let another = journal.another().await;
    let mut growth = another.growth();
    let mut hints = another.hints();
    accepted(&journal.store, "r1").await;
    timeout(SOON, growth.wait_for(|cursor| *cursor == 1))
        .await
        .unwrap()
        .unwrap();
    let people = decided().repository;
    journal
        .store
        .hinted(&[hinting("d1", &people, Subject::Commits)], at(1))
        .await
        .unwrap();
    timeout(SOON, hints.wait_for(|hint| *hint == 1))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn cut_connections_are_replaced() {
    let journal = Journal::on_postgres().await;
    let store = &journal.store;
    let another = journal.another().await;
    for turn in 1..=5 {
        assert!(journal.server().cut_connections().await.unwrap() > 0);
        // The first may find out that its connection is gone; it is not stuck.
        let end = Instant::now() + SOON;
        let id = format!("r{turn}");
        while let Err(error) = store.accept(&asked(&id), at(1)).await {
            assert!(Instant::now() < end, "{error:?}");
        }
        let mut growth = another.growth();
        let heard = growth.wait_for(|cursor| *cursor == turn);
        timeout(SOON, heard).await.expect("it hears again").unwrap();
    }
}

#[tokio::test]
async fn a_transaction_that_is_cut_off_leaves_nothing() {
    let journal = Journal::on_postgres().await;
    let (store, server) = (&journal.store, journal.server());
    let asked = accepted(store, "r1").await;
    let id = &asked.id;
    let cut: Result<(), Error> = store
        .write(|transaction| {
            Box::pin(async move {
                let progress = Progress::Creating(decided());
                crate::store::steps::step(transaction, id, &progress, at(2)).await?;
                server.cut_connections().await.unwrap();
                Ok(())
            })
        })
        .await;
    assert!(matches!(cut, Err(Error::Database(_))), "{cut:?}");
    assert_eq!(progress(store, "r1").await, Progress::Accepted);
    let taken = take(store, id, 3).await;
    assert!(matches!(taken, Slot::Taken(_)), "{taken:?}");
    assert_eq!(cursors(store).await.len(), 2, "accepted, creating");
}

#[tokio::test]
async fn transactions_in_each_others_way_are_tried_again() {
    let journal = Journal::on_postgres().await;
    let store = &journal.store;
    accepted(store, "r1").await;
    accepted(store, "r2").await;
    let lock_both = |names: [&'static str; 2]| async move {
        store
            .write(|transaction| {
                Box::pin(async move {
                    for name in names {
                        let sql = "UPDATE requests SET message_ts = '1' WHERE id = $1";
                        transaction.execute(sql, Args::new().text(name)).await?;
                        sleep(Duration::from_millis(50)).await;
                    }
                    Ok(())
                })
            })
            .await
    };
    let (one, other) = tokio::join!(lock_both(["r1", "r2"]), lock_both(["r2", "r1"]));
    one.unwrap();
    other.unwrap();
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let end = Instant::now() + SOON;
    // The statistics come a little later.
    while journal.server().number(deadlocks).await.unwrap() == 0 {
        assert!(Instant::now() < end, "they were not in each other's way");
    }
}

/// A port that is taken, and on which nobody listens yet.
fn silent() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    socket
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_without_the_password() {
    let silent = silent();
    let port = silent.local_addr().unwrap().port();
    let database = at_url(&format!("postgres://minji:hunter2@127.0.0.1:{port}/deploy"));
    let error = Store::open(&database, AT_ONCE).await.unwrap_err();
    let Error::Unreachable(sqlx::Error::Io(cause)) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(cause.kind(), io::ErrorKind::ConnectionRefused);
    let place = format!("deploy on Postgres 127.0.0.1:{port}");
    assert_eq!(database.to_string(), place);
    assert!(!format!("{error} {error:?} {database} {database:?}").contains("hunter2"));
}

#[tokio::test]
async fn no_session_holds_up_others_without_end() {
    let journal = Journal::on_postgres().await;
    let sql = "SELECT current_setting('transaction_isolation') || ' ' || \
               current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') \
               || ' ' || current_setting('idle_in_transaction_session_timeout') AS limits";
    let row = journal.store.read_first(sql, Args::new()).await.unwrap();
    let limits = row.unwrap().text("limits").unwrap();
    assert_eq!(limits, "read committed 10s 5s 10s");
}

#[tokio::test]
async fn a_server_that_comes_up_late_is_waited_for() {
    let server = test_postgres::Database::create().await.unwrap();
    let silent = silent();
    let address = silent.local_addr().unwrap();
    let (_, rest) = server.url().split_once('@').unwrap();
    let (folder, name) = rest.split_once('/').unwrap();
    let socket = format!("{}/.s.PGSQL.5432", folder.replace("%2F", "/"));
    let database = at_url(&format!(
        "postgres://postgres:x@{address}/{name}?sslmode=disable"
    ));
    let coming_up = async {
        sleep(Duration::from_millis(300)).await;
        let listener = silent.listen(16).unwrap();
        loop {
            let (mut here, _) = listener.accept().await.unwrap();
            let mut there = tokio::net::UnixStream::connect(&socket).await.unwrap();
            tokio::task::spawn_local(async move {
                tokio::io::copy_bidirectional(&mut here, &mut there)
                    .await
                    .ok();
            });
        }
    };
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            tokio::select! {
                opened = Store::open(&database, SOON) => drop(opened.unwrap()),
                () = coming_up => {}
            }
        })
        .await;
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_told_without_what_it_holds() {
    let urls = [
        "postgres://minji:hun#ter2@db/deploy",
        "mysql://minji:hunter2@db/deploy",
        "postgres://minji@db/deploy?passwd=hunter2",
        "postgres://minji@db/deploy?sslmode=hunter2",
        "postgres://minji:hun%FFter2@db/deploy",
        "hunter2",
    ];
    let mut told = BTreeSet::new();
    for url in urls {
        let error = Store::open(&at_url(url), AT_ONCE).await.unwrap_err();
        assert!(matches!(error, Error::Address { .. }), "{url}: {error:?}");
        assert!(
            !format!("{error} {error:?}").contains("ter2"),
            "{url}: {error:?}"
        );
        told.insert(error.to_string());
    }
    let told: Vec<String> = told.into_iter().collect();
    insta::assert_snapshot!(told.join("\n"), @"
    the database's URL cannot be used: `sslmode`, `port` or `hostaddr` after the question mark has an impossible value, or something percent-encoded is no UTF-8
    the database's URL cannot be used: it does not begin with postgres://
    the database's URL cannot be used: it has an unknown parameter after the question mark
    the database's URL cannot be used: it is no URL; special characters in the password have to be percent-encoded
    ");
}

/// The rights are those that `docs/operate.md` gives.
#[tokio::test]
async fn a_role_that_only_serves_needs_rights_to_rows_alone() {
    const DOCUMENT: &str = include_str!("../../../../../docs/operate.md");
    let server = test_postgres::Database::create().await.unwrap();
    let role = format!("serves_{}", uuid::Uuid::new_v4().simple());
    let given = DOCUMENT
        .lines()
        .find(|line| line.contains("ALTER DEFAULT PRIVILEGES"))
        .expect("the document says it");
    let given = given.trim().replace("serves", &role);
    let made = format!("CREATE ROLE {role} LOGIN PASSWORD 'hush'; {given}");
    server.run(made).await.unwrap();
    let owner = at_url(server.url());
    Store::migrate(&owner, SOON).await.unwrap();
    let mut url = url::Url::parse(server.url()).unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("hush")).unwrap();
    let store = Store::open(&at_url(url.as_str()), SOON).await.unwrap();
    accepted(&store, "r1").await;
    let file = [("production".parse().unwrap(), "C1".to_owned())];
    let people = decided().repository;
    store.keep_channels(&people, &file).await.unwrap();
    assert_eq!(store.subscriptions("C1").await.unwrap().len(), 1);
    store.prune(at(1_000)).await.unwrap();
    store.close().await;
    let refused = server
        .number(format!(
            "SELECT COUNT(*) FROM pg_tables, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) \
             AS wanted WHERE schemaname = 'public' \
             AND NOT has_table_privilege('{role}', 'public.' || tablename, wanted)"
        ))
        .await
        .unwrap();
    assert_eq!(refused, 0);
    let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    server.run(gone).await.unwrap();
}
