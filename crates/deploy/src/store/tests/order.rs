//! Which requests go before another in its environment.

use super::*;

on_both![
    those_go_before_that_were_accepted_earlier_and_are_not_made_yet,
    an_environment_is_the_same_by_each_of_its_names,
    one_that_cannot_be_read_keeps_nobody,
];

/// Accepts a request for an environment, in this second.
async fn accept(store: &Store, id: &str, environment: &str, second: i64) {
    let asked = NewRequest {
        environment: environment.parse().unwrap(),
        ..asked(id)
    };
    store.accept(&asked, at(second)).await.unwrap();
}

/// The ids of those that go before a request.
async fn before(store: &Store, id: &str) -> Vec<String> {
    let request = store.request(&id.parse().unwrap()).await.unwrap().unwrap();
    let earlier = store.earlier(&request).await.unwrap();
    let ids = earlier.iter().map(|earlier| earlier.asked.id.to_string());
    ids.collect()
}

async fn those_go_before_that_were_accepted_earlier_and_are_not_made_yet(journal: Journal) {
    let store = &journal.store;
    for (id, second) in [("late", 9), ("b", 2), ("a", 2), ("made", 1)] {
        accept(store, id, "production", second).await;
    }
    accept(store, "elsewhere", "staging", 1).await;
    let other = NewRequest {
        repository: RepositoryName::parse("acme/api", None).unwrap(),
        ..asked("other")
    };
    store.accept(&other, at(1)).await.unwrap();
    assert_eq!(before(store, "late").await, ["made", "a", "b"]);
    assert_eq!(before(store, "b").await, ["made", "a"]);
    let nobody: [&str; 0] = [];
    for id in ["made", "elsewhere", "other"] {
        assert_eq!(before(store, id).await, nobody);
    }

    // One that GitHub is asked for is not made yet; those come first that have to
    // be decided.
    let made = "made".parse().unwrap();
    take(store, &made, 10).await;
    assert_eq!(before(store, "late").await, ["a", "b", "made"]);
    let runs = deployment(DeploymentState::Running);
    store.runs(&made, decided(), runs, at(11)).await.unwrap();
    let a = "a".parse().unwrap();
    let refused = store.refuse(&a, vec![Refusal::ChecksMissing], at(12));
    refused.await.unwrap();
    let journal = journal.after_a_crash().await;
    let store = &journal.store;
    assert_eq!(before(store, "late").await, ["b"]);
    let (b, nobodys) = ("b".parse().unwrap(), Person::default());
    let cancelled = store.cancel(&b, &nobodys, at(13));
    cancelled.await.unwrap().unwrap();
    assert_eq!(before(store, "late").await, nobody);
}

async fn an_environment_is_the_same_by_each_of_its_names(journal: Journal) {
    let store = &journal.store;
    for (id, environment) in [
        ("a", "PROD"),
        ("b", "Production"),
        ("c", "ÜBUNG"),
        ("d", "übung"),
        ("e", "prodigy"),
    ] {
        accept(store, id, environment, 1).await;
    }
    accept(store, "production", "production", 2).await;
    accept(store, "prod", "prod", 2).await;
    accept(store, "same", "ÜBUNG", 2).await;
    accept(store, "small", "übung", 3).await;
    assert_eq!(before(store, "prod").await, ["a", "b"]);
    assert_eq!(before(store, "production").await, ["a", "b", "prod"]);
    assert_eq!(before(store, "same").await, ["c", "d"]);
    // SQLite knows a capital again by its own spelling alone.
    let small = before(store, "small").await;
    assert!(small.contains(&"d".to_owned()), "{small:?}");
    assert!(before(store, "e").await.is_empty());
}

async fn one_that_cannot_be_read_keeps_nobody(journal: Journal) {
    let store = &journal.store;
    accept(store, "torn", "production", 1).await;
    accept(store, "r1", "production", 2).await;
    accept(store, "r2", "production", 3).await;
    let torn = "UPDATE requests SET progress = 'torn' WHERE id = 'torn'";
    journal.damage(torn).await;
    assert_eq!(before(store, "r2").await, ["r1"]);
}
