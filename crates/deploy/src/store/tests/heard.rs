//! What webhooks tell of deployments that nobody here follows.

use super::*;

on_both![
    what_nobody_follows_is_heard_of_until_it_was_looked_at,
    what_was_given_up_is_not_heard_of,
    what_nobody_will_look_at_outdates,
];

fn repository() -> RepositoryName {
    RepositoryName::parse("Acme/People", None).unwrap()
}

fn id(number: u64) -> DeploymentId {
    DeploymentId {
        number,
        node: format!("DE_{number}"),
    }
}

/// Lets a webhook tell of a deployment.
async fn tell(store: &Store, delivery: &str, number: u64) {
    let told = Subject::Deployment(Some(id(number)));
    let hints = [hinting(delivery, &repository(), told)];
    store.hinted(&hints, at(9)).await.unwrap();
}

async fn heard(store: &Store) -> Vec<u64> {
    let heard = store.heard().await.unwrap();
    assert!(heard.iter().all(|(name, _)| *name == repository()));
    heard.iter().map(|(_, id)| id.number).collect()
}

async fn what_nobody_follows_is_heard_of_until_it_was_looked_at(journal: Journal) {
    let store = &journal.store;
    tell(store, "d1", 7).await;
    tell(store, "d2", 8).await;
    tell(store, "d3", 7).await;
    assert_eq!(heard(store).await, [7, 8]);
    store.looked_at(&[7]).await.unwrap();
    tell(store, "d1", 7).await;
    assert_eq!(heard(store).await, [8], "a delivery counts once");
    tell(store, "d4", 7).await;
    assert_eq!(heard(store).await, [7, 8]);
    store.looked_at(&[7, 8]).await.unwrap();

    let theirs = Deployment {
        id: id(9),
        request_id: None,
        ..deployment(DeploymentState::Running)
    };
    store
        .adopt(&repository(), &[&theirs], at(10))
        .await
        .unwrap();
    tell(store, "d5", 9).await;
    assert_eq!(heard(store).await, Vec::<u64>::new(), "it is followed");
}

async fn what_was_given_up_is_not_heard_of(journal: Journal) {
    let store = &journal.store;
    for (number, state, outcome) in [
        (7, DeploymentState::Succeeded, None),
        (8, DeploymentState::Running, Some(Failure::Deleted)),
    ] {
        let theirs = Deployment {
            id: id(number),
            request_id: None,
            ..deployment(state)
        };
        store
            .foreign_has_come_to(&repository(), &theirs, outcome.as_ref(), at(1))
            .await
            .unwrap();
        tell(store, &format!("d{number}"), number).await;
    }
    assert_eq!(heard(store).await, [7], "it may have been written again");
}

async fn what_nobody_will_look_at_outdates(journal: Journal) {
    let store = &journal.store;
    let theirs = Deployment {
        id: id(7),
        request_id: None,
        ..deployment(DeploymentState::Succeeded)
    };
    let people = repository();
    let known = store.foreign_has_come_to(&people, &theirs, None, at(1));
    known.await.unwrap();
    let before = store.hint_of(&repository()).await.unwrap();
    tell(store, "d0", 7).await;
    assert_eq!(store.hint_of(&repository()).await.unwrap(), before);
    store.looked_at(&[7]).await.unwrap();

    let all = (1_000..2_000).map(|number| {
        let told = Subject::Deployment(Some(id(number)));
        (format!("d{number}").parse().unwrap(), told)
    });
    let all = [RepositoryHints {
        repository: RepositoryName::parse("acme/web", None).unwrap(),
        deliveries: all.collect(),
    }];
    store.hinted(&all, at(9)).await.unwrap();
    tell(store, "d1", 7).await;
    assert!(!heard_numbers(store).await.contains(&7), "there is no room");
    assert!(store.hint_of(&repository()).await.unwrap() > before);
}

async fn heard_numbers(store: &Store) -> Vec<u64> {
    let heard = store.heard().await.unwrap();
    heard.iter().map(|(_, id)| id.number).collect()
}
