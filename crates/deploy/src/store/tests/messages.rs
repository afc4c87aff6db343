//! Messages: of all who want to post one, one does at a time, and what is posted
//! is known to all.

use super::*;

const LONG: Duration = Duration::from_secs(3_600);

on_both![
    a_message_is_claimed_then_held_and_then_posted,
    of_many_who_claim_a_message_at_once_one_gets_it,
    many_messages_are_claimed_and_recorded_at_once,
    a_claim_that_has_run_out_goes_to_another_who_is_told_so,
    a_claim_that_is_renewed_stays,
    a_message_that_is_gone_is_claimed_anew,
    the_first_record_stays,
    the_record_of_a_request_is_its_reply,
    old_messages_go,
];

fn claim(claimant: &str) -> MessageClaim {
    MessageClaim {
        key: "answer:Ev1".to_owned(),
        claimant: claimant.to_owned(),
        gone: String::new(),
    }
}

fn record(ts: &str) -> MessageRecord {
    MessageRecord {
        key: "answer:Ev1".to_owned(),
        channel: "C1".to_owned(),
        ts: ts.to_owned(),
        request: None,
    }
}

const fn yours(claimants: i64) -> Claimed {
    Claimed::Yours { claimants }
}

fn posted(ts: &str) -> Claimed {
    Claimed::Posted {
        channel: "C1".to_owned(),
        ts: ts.to_owned(),
    }
}

async fn claimed(store: &Store, claimant: &str) -> Claimed {
    store.claim_message(&claim(claimant), LONG).await.unwrap()
}

/// The claim that is under way has run out.
async fn time_passes(journal: &Journal) {
    journal.damage("UPDATE messages SET until = 1").await;
}

async fn a_message_is_claimed_then_held_and_then_posted(journal: Journal) {
    let (store, another) = (&journal.store, &journal.another().await);
    assert_eq!(claimed(store, "a").await, yours(1));
    let Claimed::Held { ends_in } = claimed(another, "b").await else {
        panic!("it is a's");
    };
    assert!(ends_in <= LONG && ends_in > LONG / 2, "{ends_in:?}");
    store.record_message(&record("1.1")).await.unwrap();
    for claimant in ["a", "b"] {
        assert_eq!(claimed(another, claimant).await, posted("1.1"));
    }
    let other = MessageClaim {
        key: "answer:Ev2".to_owned(),
        ..claim("b")
    };
    let other = store.claim_message(&other, LONG).await.unwrap();
    assert_eq!(other, yours(1), "another message is another's");
}

async fn of_many_who_claim_a_message_at_once_one_gets_it(journal: Journal) {
    let stores = [&journal.store, &journal.another().await];
    let claims: Vec<_> = (0..20).map(|number| claim(&format!("p{number}"))).collect();
    let tries = claims
        .iter()
        .zip(stores.into_iter().cycle())
        .map(|(claim, store)| store.claim_message(claim, LONG));
    let outcomes = futures::future::try_join_all(tries).await.unwrap();
    let got = |outcome: &&Claimed| **outcome == yours(1);
    assert_eq!(outcomes.iter().filter(got).count(), 1, "{outcomes:?}");
    let held = |outcome: &&Claimed| matches!(outcome, Claimed::Held { .. });
    assert_eq!(outcomes.iter().filter(held).count(), 19, "{outcomes:?}");
}

async fn many_messages_are_claimed_and_recorded_at_once(journal: Journal) {
    let (store, another) = (&journal.store, &journal.another().await);
    let claim = |number: usize| MessageClaim {
        // Two claim each, in two orders.
        key: format!(
            "answer:Ev{}",
            if number < 200 { number } else { 399 - number }
        ),
        ..claim(if number < 200 { "a" } else { "b" })
    };
    let claims = (0..400).map(|number| async move {
        let store = if number < 200 { store } else { another };
        store.claim_message(&claim(number), LONG).await.unwrap()
    });
    let claimed = futures::future::join_all(claims).await;
    let yours = claimed.iter().filter(|claimed| **claimed == yours(1));
    assert_eq!(yours.count(), 200, "{claimed:?}");
    let records = (0..400).map(|number| async move {
        let record = MessageRecord {
            key: claim(number).key,
            ..record(&format!("{}.1", claim(number).key))
        };
        store.record_message(&record).await.unwrap();
    });
    futures::future::join_all(records).await;
    for number in 0..200 {
        let ts = format!("{}.1", claim(number).key);
        let known = another.claim_message(&claim(number), LONG).await.unwrap();
        assert_eq!(known, posted(&ts));
    }
}

async fn a_claim_that_has_run_out_goes_to_another_who_is_told_so(journal: Journal) {
    let store = &journal.store;
    assert_eq!(claimed(store, "a").await, yours(1));
    time_passes(&journal).await;
    assert_eq!(claimed(&journal.another().await, "b").await, yours(2));
    assert!(matches!(claimed(store, "a").await, Claimed::Held { .. }));
    time_passes(&journal).await;
    assert_eq!(claimed(store, "a").await, yours(3), "b may have posted it");
    let at_once = store.claim_message(&claim("a"), AT_ONCE).await.unwrap();
    assert_eq!(at_once, yours(3));
    assert_eq!(claimed(store, "b").await, yours(4));
}

async fn a_claim_that_is_renewed_stays(journal: Journal) {
    let store = &journal.store;
    assert_eq!(claimed(store, "a").await, yours(1));
    time_passes(&journal).await;
    assert_eq!(claimed(store, "a").await, yours(1), "nobody came between");
    assert!(matches!(claimed(store, "b").await, Claimed::Held { .. }));
}

async fn a_message_that_is_gone_is_claimed_anew(journal: Journal) {
    let store = &journal.store;
    let gone = MessageClaim {
        gone: "1.1".to_owned(),
        ..claim("b")
    };
    assert_eq!(claimed(store, "a").await, yours(1));
    let early = store.claim_message(&gone, LONG).await.unwrap();
    assert!(matches!(early, Claimed::Held { .. }), "{early:?}");
    store.record_message(&record("1.1")).await.unwrap();
    assert_eq!(store.claim_message(&gone, LONG).await.unwrap(), yours(2));
    store.record_message(&record("2.2")).await.unwrap();
    // It is another one that is gone.
    let late = store.claim_message(&gone, LONG).await.unwrap();
    assert_eq!(late, posted("2.2"));
}

async fn the_first_record_stays(journal: Journal) {
    let store = &journal.store;
    for ts in ["1.1", "1.1", "2.2"] {
        store.record_message(&record(ts)).await.unwrap();
    }
    assert_eq!(claimed(store, "a").await, posted("1.1"));
    // Who was late says the truth.
    let journal = journal.after_a_crash().await;
    journal.damage("DELETE FROM messages").await;
    let store = &journal.store;
    assert_eq!(claimed(store, "a").await, yours(1));
    time_passes(&journal).await;
    assert_eq!(claimed(store, "b").await, yours(2));
    store.record_message(&record("3.3")).await.unwrap();
    assert_eq!(claimed(store, "b").await, posted("3.3"));
}

async fn the_record_of_a_request_is_its_reply(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    for (key, ts) in [("request:r1", "1.1"), ("request:r1", "2.2")] {
        let record = MessageRecord {
            key: key.to_owned(),
            channel: "D1".to_owned(),
            request: Some(asked.id.clone()),
            ..record(ts)
        };
        store.record_message(&record).await.unwrap();
    }
    let request = store.request(&asked.id).await.unwrap().unwrap();
    assert_eq!(request.message_ts.as_deref(), Some("1.1"));
    assert_eq!(request.asked.reply.channel, "D1");
    let unknown = MessageRecord {
        request: Some("r2".parse().unwrap()),
        ..record("1.1")
    };
    store.record_message(&unknown).await.unwrap();
    assert_eq!(claimed(store, "a").await, posted("1.1"));
}

async fn old_messages_go(journal: Journal) {
    let store = &journal.store;
    assert_eq!(claimed(store, "a").await, yours(1));
    store.record_message(&record("1.1")).await.unwrap();
    assert_eq!(store.prune(at(20)).await.unwrap(), 0, "it is of today");
    journal.damage("UPDATE messages SET at = 19999").await;
    assert_eq!(store.prune(at(20)).await.unwrap(), 1);
    assert_eq!(claimed(store, "b").await, yours(1));
}
