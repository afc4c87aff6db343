//! The repositories that people have had something deployed of lately.

use super::*;
use crate::model::{Waiting, WaitingReason};

on_both![
    whose_repositories_they_are_and_the_newest_first,
    what_was_refused_or_is_old_does_not_count,
    what_waits_counts_while_it_says_so,
    of_many_only_so_many,
];

/// Somebody asked for a deployment of a repository in a second.
async fn asked_for(store: &Store, id: &str, slack: &str, repository: &str, second: i64) {
    let mut new = asked(id);
    new.repository = RepositoryName::parse(repository, None).unwrap();
    new.requester.slack = slack.to_owned();
    store.accept(&new, at(second)).await.unwrap();
}

async fn begun(store: &Store, id: &str, slack: &str, repository: &str, second: i64) {
    asked_for(store, id, slack, repository, second).await;
    let id = id.parse().unwrap();
    let failure = crate::model::Failure::Defect;
    let failed = store.fail(&id, None, None, failure, at(second));
    failed.await.unwrap();
}

fn shown(names: &[RepositoryName]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

async fn of(store: &Store, slack: &str) -> Vec<String> {
    shown(&store.repositories_of(slack, at(100), 10).await.unwrap())
}

async fn whose_repositories_they_are_and_the_newest_first(journal: Journal) {
    let store = &journal.store;
    assert!(of(store, "U1").await.is_empty());
    begun(store, "r1", "U1", "acme/people", 101).await;
    begun(store, "r2", "U1", "acme/api", 102).await;
    begun(store, "r3", "U2", "acme/web", 103).await;
    // GitHub takes either for the same.
    begun(store, "r4", "U1", "Acme/People", 104).await;
    let own = of(store, "U1").await;
    assert_eq!(own[0].to_lowercase(), "acme/people");
    assert_eq!(own[1..], ["acme/api"]);
    assert_eq!(of(store, "U2").await, ["acme/web"]);
    let all = shown(&store.repositories_of_all(at(100), 10).await.unwrap());
    assert_eq!(all[0].to_lowercase(), "acme/people");
    assert_eq!(all[1..], ["acme/web", "acme/api"]);
}

async fn what_was_refused_or_is_old_does_not_count(journal: Journal) {
    let store = &journal.store;
    begun(store, "old", "U1", "acme/old", 99).await;
    asked_for(store, "new", "U1", "acme/waits", 101).await;
    asked_for(store, "typo", "U1", "acme/poeple", 102).await;
    let typo = "typo".parse().unwrap();
    store.refuse(&typo, Vec::new(), at(103)).await.unwrap();
    assert!(of(store, "U1").await.is_empty());
    assert!(
        store
            .repositories_of_all(at(100), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn what_waits_counts_while_it_says_so(journal: Journal) {
    let store = &journal.store;
    let waiting = Waiting {
        reason: WaitingReason::GithubUnavailable,
        until: None,
        ahead: None,
        detail: String::new(),
        obstacle: None,
    };
    asked_for(store, "goes-on", "U1", "acme/people", 101).await;
    asked_for(store, "waits", "U1", "acme/api", 102).await;
    let waits = "waits".parse().unwrap();
    store.waits(&waits, &waiting, at(103)).await.unwrap();
    let all = async || shown(&store.repositories_of_all(at(100), 10).await.unwrap());
    assert_eq!(of(store, "U1").await, ["acme/api"]);
    assert_eq!(all().await, ["acme/api"]);
    store.refuse(&waits, Vec::new(), at(104)).await.unwrap();
    assert!(of(store, "U1").await.is_empty());
    assert!(all().await.is_empty());
}

async fn of_many_only_so_many(journal: Journal) {
    let store = &journal.store;
    for number in 0..12 {
        let name = format!("acme/r{number}");
        begun(store, &format!("r{number}"), "U1", &name, 101 + number).await;
    }
    let own = of(store, "U1").await;
    assert_eq!((own.len(), own[0].as_str()), (10, "acme/r11"));
    let all = store.repositories_of_all(at(100), 3).await.unwrap();
    assert_eq!(all.len(), 3);
    journal
        .damage("UPDATE requests SET repository = 'no name at all' WHERE id = 'r11'")
        .await;
    let left = of(&journal.store, "U1").await;
    assert_eq!((left.len(), left[0].as_str()), (9, "acme/r10"));
}
