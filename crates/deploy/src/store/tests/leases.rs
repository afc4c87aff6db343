//! Leases: one holder at a time, until it lets go or runs out of time.

use super::*;

const LONG: Duration = Duration::from_secs(3_600);

on_both![
    of_many_one_gets_the_lease,
    a_lease_that_is_given_back_is_free,
    a_lease_that_has_run_out_goes_to_another,
    many_are_renewed_at_once,
    to_renew_a_lease_ends_it_no_sooner,
    what_one_process_holds_by_another_name_it_takes_over,
];

async fn of_many_one_gets_the_lease(journal: Journal) {
    let stores = [&journal.store, &journal.another().await];
    let holders: Vec<String> = (0..10).map(|number| format!("p{number}")).collect();
    let tries = holders
        .iter()
        .zip(stores.into_iter().cycle())
        .map(|(holder, store)| store.acquire("follow", holder, LONG));
    let outcomes = futures::future::try_join_all(tries).await.unwrap();
    let leases: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(leases.len(), 1, "{leases:?}");
    assert_eq!(leases[0].name(), "follow");
    let another = journal.store.acquire("request:r1", "p0", LONG).await;
    assert!(another.unwrap().is_some(), "another lease is another's");
}

async fn a_lease_that_is_given_back_is_free(journal: Journal) {
    let store = &journal.store;
    let lease = store.acquire("follow", "p1", LONG).await.unwrap().unwrap();
    let again = store.acquire("follow", "p1", LONG).await.unwrap();
    assert_eq!(again.as_ref(), Some(&lease), "its holder has it anew");
    assert_eq!(store.acquire("follow", "p2", LONG).await.unwrap(), None);
    store.release(lease).await.unwrap();
    let taken = store.acquire("follow", "p2", LONG).await.unwrap().unwrap();
    // Who no longer holds it cannot give it back.
    store.release(again.unwrap()).await.unwrap();
    assert_eq!(store.acquire("follow", "p1", LONG).await.unwrap(), None);
    store.release(taken).await.unwrap();
}

async fn a_lease_that_has_run_out_goes_to_another(journal: Journal) {
    let store = &journal.store;
    let lost = store.acquire("follow", "p1", LONG).await.unwrap().unwrap();
    journal.damage("UPDATE leases SET until = 1").await;
    let stores = [store, &journal.another().await];
    let tries = stores.map(|store| store.acquire("follow", "p2", LONG));
    let tries = futures::future::try_join_all(tries).await.unwrap();
    assert!(tries.iter().all(Option::is_some), "they are one holder");
    assert_eq!(store.acquire("follow", "p3", LONG).await.unwrap(), None);
    assert_eq!(store.renew(&[&lost], LONG).await.unwrap(), ["follow"]);
    let at_once = store.acquire("soon", "p1", AT_ONCE).await.unwrap();
    assert!(at_once.is_some());
    assert!(store.acquire("soon", "p2", LONG).await.unwrap().is_some());
}

async fn many_are_renewed_at_once(journal: Journal) {
    let store = &journal.store;
    let mut leases = Vec::new();
    for number in 0..200 {
        let name = format!("request:r{number}");
        leases.push(store.acquire(&name, "p1", LONG).await.unwrap().unwrap());
    }
    journal.damage("UPDATE leases SET until = 1").await;
    store.acquire("request:r7", "p2", LONG).await.unwrap();
    let all: Vec<&Lease> = leases.iter().collect();
    assert_eq!(store.renew(&all, LONG).await.unwrap(), ["request:r7"]);
    for name in ["request:r0", "request:r199"] {
        assert_eq!(store.acquire(name, "p2", LONG).await.unwrap(), None);
    }
    assert!(store.renew(&[], LONG).await.unwrap().is_empty());
}

/// Two calls of one process may overtake each other.
async fn to_renew_a_lease_ends_it_no_sooner(journal: Journal) {
    let store = &journal.store;
    let lease = store.acquire("r1", "p1", AT_ONCE).await.unwrap().unwrap();
    assert!(store.renew(&[&lease], LONG).await.unwrap().is_empty());
    assert!(store.renew(&[&lease], AT_ONCE).await.unwrap().is_empty());
    assert_eq!(store.acquire("r1", "p2", LONG).await.unwrap(), None);
}

async fn what_one_process_holds_by_another_name_it_takes_over(journal: Journal) {
    let store = &journal.store;
    let first = store.acquire_from("watch", "p1/a", "p1/", LONG).await;
    let first = first.unwrap().unwrap();
    for (holder, kin) in [("p2/a", "p2/"), ("p1/b", ""), ("p/b", "p/"), ("p1", "p1/b")] {
        let refused = store.acquire_from("watch", holder, kin, LONG).await;
        assert_eq!(refused.unwrap(), None, "{holder}");
    }
    let second = store.acquire_from("watch", "p1/b", "p1/", LONG).await;
    assert!(second.unwrap().is_some());
    assert_eq!(store.renew(&[&first], LONG).await.unwrap(), ["watch"]);
    store.release(first).await.unwrap();
    assert_eq!(store.acquire("watch", "p2/a", LONG).await.unwrap(), None);
}

#[tokio::test]
async fn on_sqlite_no_lease_outlives_its_process() {
    let journal = Journal::on_sqlite().await;
    journal.store.acquire("follow", "p1", LONG).await.unwrap();
    let journal = journal.after_a_crash().await;
    let taken = journal.store.acquire("follow", "p2", LONG).await.unwrap();
    assert!(taken.is_some());
}

#[tokio::test]
async fn on_postgres_a_lease_outlives_its_process_until_it_runs_out() {
    let journal = Journal::on_postgres().await;
    journal.store.acquire("follow", "p1", LONG).await.unwrap();
    let journal = journal.after_a_crash().await;
    let store = &journal.store;
    assert_eq!(store.acquire("follow", "p2", LONG).await.unwrap(), None);
}
