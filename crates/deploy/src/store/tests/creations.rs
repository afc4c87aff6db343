//! Permits to create: never more than the limits, in the order of acceptance,
//! whichever process asks.

use std::num::NonZeroU32;

use super::*;
use crate::store::{Limits, Permit};

const BUDGET: &str = "acme";

on_both![
    no_more_are_granted_than_the_limits_allow,
    the_hour_has_its_own_limit,
    who_was_accepted_first_goes_first,
    a_permit_is_asked_for_once,
    who_does_not_wait_any_more_holds_up_nobody,
    a_permit_that_is_given_back_is_anothers,
    a_permit_counts_from_when_it_was_used,
    who_has_ended_stands_in_no_line,
    each_in_a_long_line_knows_its_place_and_its_time,
    a_clock_that_is_late_gives_no_more,
    what_is_not_in_the_journal_gets_no_permit,
];

fn limits(per_minute: u32, per_hour: u32) -> Limits {
    Limits {
        per_minute: NonZeroU32::new(per_minute).unwrap(),
        per_hour: NonZeroU32::new(per_hour).unwrap(),
    }
}

/// Accepted one second after the other.
async fn requests<const N: usize>(store: &Store) -> [RequestId; N] {
    let ids: [RequestId; N] = std::array::from_fn(|number| format!("r{number}").parse().unwrap());
    for (second, id) in (1..).zip(&ids) {
        store.accept(&asked(id.as_str()), at(second)).await.unwrap();
    }
    ids
}

async fn permit(store: &Store, id: &RequestId, limits: Limits, second: i64) -> Permit {
    store.permit(id, BUDGET, limits, at(second)).await.unwrap()
}

fn wait(second: i64, ahead: u32) -> Permit {
    Permit::Wait {
        until: at(second),
        ahead,
    }
}

/// Four requests: the first may go at 100, and the next two wait from 101 on.
async fn one_granted_and_two_in_line(store: &Store, limits: Limits) -> [RequestId; 4] {
    let ids = requests(store).await;
    let [a, b, c, _] = &ids;
    assert_eq!(permit(store, a, limits, 100).await, Permit::Granted);
    for id in [b, c] {
        permit(store, id, limits, 101).await;
    }
    ids
}

async fn no_more_are_granted_than_the_limits_allow(journal: Journal) {
    let ids = requests::<12>(&journal.store).await;
    let stores = [&journal.store, &journal.another().await];
    let limits = limits(5, 500);
    let asks = ids
        .iter()
        .zip(stores.into_iter().cycle())
        .map(|(id, store)| permit(store, id, limits, 100));
    let permits = futures::future::join_all(asks).await;
    let granted = permits.iter().filter(|permit| **permit == Permit::Granted);
    assert_eq!(granted.count(), 5, "{permits:?}");
    let other = store_of_another_budget(&journal.store, limits).await;
    assert_eq!(other, Permit::Granted, "another budget is another's");
}

async fn store_of_another_budget(store: &Store, limits: Limits) -> Permit {
    let asked = accepted(store, "other").await;
    store
        .permit(&asked.id, "beta", limits, at(100))
        .await
        .unwrap()
}

async fn the_hour_has_its_own_limit(journal: Journal) {
    let store = &journal.store;
    let [a, b, c] = requests(store).await;
    let limits = limits(1, 2);
    assert_eq!(permit(store, &a, limits, 100).await, Permit::Granted);
    assert_eq!(permit(store, &b, limits, 130).await, wait(160, 0));
    assert_eq!(permit(store, &b, limits, 160).await, Permit::Granted);
    assert_eq!(permit(store, &c, limits, 220).await, wait(3_700, 0));
    assert_eq!(permit(store, &c, limits, 3_700).await, Permit::Granted);
}

async fn who_was_accepted_first_goes_first(journal: Journal) {
    let store = &journal.store;
    let [a, b, c, d] = requests(store).await;
    let limits = limits(1, 500);
    assert_eq!(permit(store, &b, limits, 100).await, Permit::Granted);
    // Asked in another order than accepted.
    assert_eq!(permit(store, &d, limits, 101).await, wait(160, 0));
    assert_eq!(permit(store, &c, limits, 102).await, wait(160, 0));
    assert_eq!(permit(store, &a, limits, 103).await, wait(160, 0));
    assert_eq!(permit(store, &d, limits, 160).await, wait(280, 2));
    assert_eq!(permit(store, &c, limits, 160).await, wait(220, 1));
    assert_eq!(permit(store, &a, limits, 160).await, Permit::Granted);
    assert_eq!(permit(store, &c, limits, 220).await, Permit::Granted);
    assert_eq!(permit(store, &d, limits, 280).await, Permit::Granted);
}

async fn a_permit_is_asked_for_once(journal: Journal) {
    let stores = [&journal.store, &journal.another().await];
    let [a, b] = requests(&journal.store).await;
    let limits = limits(1, 500);
    for store in stores {
        assert_eq!(permit(store, &a, limits, 100).await, Permit::Granted);
        assert_eq!(permit(store, &b, limits, 101).await, wait(160, 0));
    }
    // It does not hold for ever: what it was granted for may have been done.
    assert_eq!(permit(stores[0], &a, limits, 159).await, Permit::Granted);
    assert_eq!(permit(stores[0], &b, limits, 160).await, Permit::Granted);
    assert_eq!(permit(stores[0], &a, limits, 161).await, wait(220, 0));
}

async fn who_does_not_wait_any_more_holds_up_nobody(journal: Journal) {
    let store = &journal.store;
    let limits = limits(1, 500);
    let [_, b, _c, d] = one_granted_and_two_in_line(store, limits).await;
    assert_eq!(permit(store, &d, limits, 102).await, wait(280, 2));
    store.cancel(&b, &Person::default(), at(103)).await.unwrap();
    assert_eq!(permit(store, &d, limits, 104).await, wait(220, 1));
    // The process of `c` is gone: it was to ask again at 220.
    assert_eq!(permit(store, &d, limits, 279).await, wait(339, 1));
    assert_eq!(permit(store, &d, limits, 281).await, Permit::Granted);
}

async fn a_permit_that_is_given_back_is_anothers(journal: Journal) {
    let store = &journal.store;
    let [a, b] = requests(store).await;
    let limits = limits(1, 500);
    assert_eq!(permit(store, &a, limits, 100).await, Permit::Granted);
    assert_eq!(permit(store, &b, limits, 101).await, wait(160, 0));
    store.give_back(&a).await.unwrap();
    assert_eq!(permit(store, &b, limits, 102).await, Permit::Granted);
    assert_eq!(permit(store, &a, limits, 103).await, wait(162, 0));
    store.give_back(&b).await.unwrap();
    store.give_back(&b).await.unwrap();
}

async fn a_permit_counts_from_when_it_was_used(journal: Journal) {
    let store = &journal.store;
    let [a, b] = requests(store).await;
    let limits = limits(1, 500);
    assert_eq!(permit(store, &a, limits, 100).await, Permit::Granted);
    assert_eq!(permit(store, &b, limits, 101).await, wait(160, 0));
    store.used(&a, at(108)).await.unwrap();
    assert_eq!(permit(store, &b, limits, 160).await, wait(168, 0));
    // An answer that is told of late makes it no earlier, and who waits has
    // nothing to use.
    store.used(&a, at(102)).await.unwrap();
    store.used(&b, at(168)).await.unwrap();
    assert_eq!(permit(store, &b, limits, 168).await, Permit::Granted);
}

async fn who_has_ended_stands_in_no_line(journal: Journal) {
    let store = &journal.store;
    let limits = limits(1, 500);
    let [a, b, c, d] = one_granted_and_two_in_line(store, limits).await;
    let failure = said("no reason");
    store.fail(&b, None, None, failure, at(102)).await.unwrap();
    store.refuse(&c, Vec::new(), at(102)).await.unwrap();
    // The permit of one that has ended counts on: GitHub may have been asked.
    store.refuse(&a, Vec::new(), at(102)).await.unwrap();
    assert_eq!(permit(store, &d, limits, 103).await, wait(160, 0));
}

async fn each_in_a_long_line_knows_its_place_and_its_time(journal: Journal) {
    let store = &journal.store;
    let limits = limits(10, 50);
    for number in 0..150 {
        let request = accepted(store, &format!("r{number:03}")).await;
        let expected = match number {
            0..10 => Permit::Granted,
            _ => {
                let (hour, in_it) = (number / 50, number % 50);
                let second = 100 + hour * 3_600 + in_it / 10 * 60;
                wait(second, u32::try_from(number - 10).unwrap())
            }
        };
        assert_eq!(permit(store, &request.id, limits, 100).await, expected);
    }
}

async fn a_clock_that_is_late_gives_no_more(journal: Journal) {
    let store = &journal.store;
    let [a, b, c] = requests(store).await;
    let limits = limits(1, 500);
    assert_eq!(permit(store, &a, limits, 1_000).await, Permit::Granted);
    assert_eq!(permit(store, &b, limits, 400).await, wait(1_060, 0));
    store.give_back(&a).await.unwrap();
    assert_eq!(permit(store, &b, limits, 400).await, Permit::Granted);
    assert_eq!(permit(store, &c, limits, 400).await, wait(460, 0));
}

async fn what_is_not_in_the_journal_gets_no_permit(journal: Journal) {
    let unknown = "r1".parse().unwrap();
    let permit = journal.store.permit(&unknown, BUDGET, limits(1, 1), at(1));
    assert!(matches!(permit.await, Err(Error::Unreadable(_))));
}
