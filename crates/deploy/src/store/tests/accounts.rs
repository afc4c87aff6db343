//! Accounts: whose each is, by GitHub's number of it, and who wants to be mentioned.

use super::{
    links::{
        ended, forgotten, id, known, linked, mute, owner, person, renamed, started, state, unlinked,
    },
    *,
};
use crate::model::{Account, LinkEnd, LinkState};

on_both![
    an_account_moves_to_who_proved_it_last,
    an_account_is_its_number_and_not_its_login,
    who_was_linked_by_a_login_alone_is_found_by_it,
    of_many_who_prove_an_account_at_once_one_has_it,
    who_is_known_is_found_by_login_and_by_slack_id,
    what_is_set_of_a_person_outlives_the_process,
];

async fn an_account_moves_to_who_proved_it_last(journal: Journal) {
    let store = &journal.store;
    for (text, slack, login) in [
        ("l1", "U1", "minji"),
        ("l2", "U2", "joon"),
        ("l3", "U2", "MINJI"),
        ("l4", "U2", "minji"),
    ] {
        started(store, text, slack, login).await;
        assert!(ended(store, text, &linked(login)).await);
    }
    mute(store, "m1", "U1", true).await;
    assert_eq!(
        known(store, &["minji", "joon"], &["U1", "U2"]).await,
        [person("U1", "", true), person("U2", "minji", false)]
    );
}

async fn an_account_is_its_number_and_not_its_login(journal: Journal) {
    let store = &journal.store;
    started(store, "l1", "U1", "minji").await;
    ended(store, "l1", &linked("minji")).await;
    // She has another login now, and somebody else has taken hers.
    started(store, "l2", "U2", "minji").await;
    let taken = renamed("bora", "Minji");
    assert!(store.end_link(&id("l2"), &taken, at(300)).await.unwrap());
    assert_eq!(owner(store, "minji").await, ["U1"]);
    assert_eq!(owner(store, "bora").await, ["U2"]);
    assert_eq!(owner(store, "joon").await, [""; 0]);
    // Where nobody tells the account, it is who has the login now.
    let by_login = known(store, &["minji"], &[]).await;
    assert_eq!((by_login.len(), by_login[0].slack.as_str()), (1, "U2"));
    // She proves it by its new login: it is the same account.
    started(store, "l3", "U3", "minji-j").await;
    ended(store, "l3", &renamed("minji", "minji-j")).await;
    assert_eq!(owner(store, "minji").await, ["U3"]);
    assert_eq!(known(store, &[], &["U1"]).await, []);
}

async fn who_was_linked_by_a_login_alone_is_found_by_it(journal: Journal) {
    let store = &journal.store;
    for (text, slack, login) in [("l1", "U1", "minji"), ("l2", "U2", "joon")] {
        started(store, text, slack, login).await;
        ended(store, text, &linked(login)).await;
    }
    // As an earlier version kept them.
    journal.damage("UPDATE people SET account = 0").await;
    journal.damage("UPDATE links SET proved_account = 0").await;
    let minji = known(store, &["MINJI"], &[]).await;
    assert_eq!((minji[0].slack.as_str(), minji[0].account), ("U1", None));
    assert!(matches!(
        state(store, "l1").await,
        LinkState::Ended(LinkEnd::Linked(Account { number: None, .. }))
    ));
    assert_eq!(owner(store, "minji").await, [""; 0]);
    // Whoever proves to have that login has it.
    started(store, "l3", "U3", "minji").await;
    ended(store, "l3", &linked("minji")).await;
    let minji = [person("U3", "minji", false)];
    assert_eq!(known(store, &["minji"], &["U1"]).await, minji);
    assert_eq!(known(store, &["joon"], &[]).await[0].slack, "U2");
}

async fn of_many_who_prove_an_account_at_once_one_has_it(journal: Journal) {
    let (store, another) = (&journal.store, &journal.another().await);
    for number in 0..6 {
        started(store, &format!("l{number}"), &format!("U{number}"), "minji").await;
    }
    let proved = (0..6).map(|number| {
        let store = [store, another][number % 2];
        async move { ended(store, &format!("l{number}"), &linked("minji")).await }
    });
    assert_eq!(futures::future::join_all(proved).await, [true; 6]);
    assert_eq!(known(store, &["minji"], &[]).await.len(), 1);
}

async fn who_is_known_is_found_by_login_and_by_slack_id(journal: Journal) {
    let store = &journal.store;
    started(store, "l1", "U1", "minji").await;
    ended(store, "l1", &linked("minji")).await;
    // Who only began a link is not known.
    started(store, "l2", "U2", "joon").await;
    mute(store, "m1", "U3", true).await;
    let (minji, bora) = (person("U1", "minji", false), person("U3", "", true));
    let only = std::slice::from_ref(&minji);
    assert_eq!(known(store, &["minji"], &[]).await, only);
    assert_eq!(known(store, &["minji"], &["U1"]).await, only);
    assert_eq!(known(store, &[], &["U1", "U2", "U3"]).await, [minji, bora]);
    assert_eq!(known(store, &["", "joon"], &["", "U9"]).await, []);
    assert_eq!(known(store, &[], &[]).await, []);
}

async fn what_is_set_of_a_person_outlives_the_process(journal: Journal) {
    let store = &journal.store;
    started(store, "l1", "U1", "minji").await;
    ended(store, "l1", &linked("minji")).await;
    mute(store, "m1", "U1", true).await;
    mute(store, "m2", "U1", true).await;
    let journal = journal.after_a_crash().await;
    let store = &journal.store;
    let muted = [person("U1", "minji", true)];
    assert_eq!(known(store, &["minji"], &[]).await, muted);
    let minji = forgotten(Some("minji"), false);
    assert_eq!(unlinked(store, "x1", "U1", 800).await, minji);
    for (text, slack) in [("x2", "U1"), ("x3", "U9")] {
        assert_eq!(
            unlinked(store, text, slack, 800).await,
            forgotten(None, false)
        );
    }
    // They stay muted, and link another account.
    assert_eq!(
        known(store, &["minji"], &["U1"]).await,
        [person("U1", "", true)]
    );
    mute(store, "m3", "U1", false).await;
    assert_eq!(known(store, &["minji"], &["U1"]).await, []);
}
