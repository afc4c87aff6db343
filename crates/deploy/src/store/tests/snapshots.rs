//! Snapshots: the newest answer stays, and it is known when it is outdated.

use super::*;
use crate::{
    model::{EnvironmentHistory, EnvironmentStatus, History, LiveCommit, RepositoryStatus},
    store::Kept,
};

on_both![
    an_answer_comes_back_as_it_was_kept,
    a_hint_outdates_what_was_read_before_it,
    an_older_answer_replaces_none,
    no_more_than_so_many_are_kept,
    a_snapshot_that_cannot_be_read_is_none,
];

fn people() -> RepositoryName {
    RepositoryName::parse("acme/people", None).unwrap()
}

fn status(second: i64) -> RepositoryStatus {
    RepositoryStatus {
        repository: RepositoryName::parse("Acme/People", None).unwrap(),
        branch: "main".to_owned(),
        commits: vec![(commit(), decided().checks)],
        environments: vec![
            EnvironmentStatus {
                name: "Production".parse().unwrap(),
                live: Some(LiveCommit {
                    commit: commit(),
                    since: at(4),
                    behind: Some(2),
                    environment_url: "https://people.test".to_owned(),
                }),
                running: Some(deployment(DeploymentState::Running)),
            },
            EnvironmentStatus {
                name: "dev".parse().unwrap(),
                live: None,
                running: None,
            },
        ],
        as_of: at(second),
        url: "https://github.test/acme/people".to_owned(),
    }
}

fn history(second: i64) -> History {
    History {
        repository: people(),
        environments: vec![EnvironmentHistory {
            environment: "Production".parse().unwrap(),
            deployments: vec![
                deployment(DeploymentState::Unknown),
                deployment(DeploymentState::Failed),
            ],
            more: true,
        }],
        as_of: at(second),
    }
}

async fn kept(store: &Store) -> Option<Kept<RepositoryStatus>> {
    store.status_snapshot(&people(), "10").await.unwrap()
}

async fn an_answer_comes_back_as_it_was_kept(journal: Journal) {
    let store = &journal.store;
    let shouted = RepositoryName::parse("ACME/PEOPLE", None).unwrap();
    store
        .keep_status(&shouted, "10", 0, &status(7))
        .await
        .unwrap();
    store
        .keep_history(&shouted, "10", 0, &history(8))
        .await
        .unwrap();
    let fresh = kept(store).await.unwrap();
    assert_eq!(fresh.value, status(7));
    assert!(!fresh.outdated);
    let past = store.history_snapshot(&people(), "10").await.unwrap();
    assert_eq!(past.unwrap().value, history(8));
    let differently = store.status_snapshot(&people(), "20").await.unwrap();
    assert!(differently.is_none());
}

async fn a_hint_outdates_what_was_read_before_it(journal: Journal) {
    let store = &journal.store;
    let hint = |id: &str| [(id.to_owned(), people())];
    store
        .keep_status(&people(), "10", 0, &status(1))
        .await
        .unwrap();
    store.hinted(&hint("d1"), at(2)).await.unwrap();
    assert!(kept(store).await.unwrap().outdated);
    let before = store.hint_of(&people()).await.unwrap();
    // It came while GitHub was being read.
    journal
        .another()
        .await
        .hinted(&hint("d2"), at(3))
        .await
        .unwrap();
    store
        .keep_status(&people(), "10", before, &status(3))
        .await
        .unwrap();
    assert!(kept(store).await.unwrap().outdated);
    let now = store.hint_of(&people()).await.unwrap();
    store
        .keep_status(&people(), "10", now, &status(4))
        .await
        .unwrap();
    assert!(!kept(store).await.unwrap().outdated);
}

async fn an_older_answer_replaces_none(journal: Journal) {
    let store = &journal.store;
    for (hint, second, stays) in [(2, 5, 5), (2, 4, 5), (1, 9, 5), (2, 6, 6), (3, 2, 2)] {
        let status = status(second);
        store
            .keep_status(&people(), "10", hint, &status)
            .await
            .unwrap();
        assert_eq!(kept(store).await.unwrap().value.as_of, at(stays));
    }
}

async fn no_more_than_so_many_are_kept(journal: Journal) {
    let store = &journal.store;
    journal
        .damage(
            "INSERT INTO snapshots (repository, kind, ask, hint, read_at, body) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
             SELECT 'acme/people', 'status', CAST(i AS TEXT), 0, i, '{}' FROM n",
        )
        .await;
    for second in [6, 7] {
        let ask = format!("new {second}");
        store
            .keep_status(&people(), &ask, 0, &status(second))
            .await
            .unwrap();
    }
    let sql = "SELECT COUNT(*) AS all_of_them, MIN(read_at) AS oldest FROM snapshots";
    let row = store.read_first(sql, Args::new()).await.unwrap().unwrap();
    assert_eq!(row.integer("all_of_them").unwrap(), 5_000);
    assert_eq!(row.integer("oldest").unwrap(), 3, "two have gone for two");
}

async fn a_snapshot_that_cannot_be_read_is_none(journal: Journal) {
    let store = &journal.store;
    store
        .keep_status(&people(), "10", 0, &status(1))
        .await
        .unwrap();
    journal.damage("UPDATE snapshots SET body = '{}'").await;
    assert!(kept(store).await.is_none());
    store
        .keep_status(&people(), "10", 0, &status(1))
        .await
        .unwrap();
    assert!(kept(store).await.is_some(), "the same answer heals it");
}
