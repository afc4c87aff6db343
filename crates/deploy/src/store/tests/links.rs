//! Links: a person has one under way, GitHub is asked by one process at a time, and
//! who proves an account last has it.

use super::*;
use crate::model::{
    DeviceCode, Invitation, KnownPerson, Link, LinkEnd, LinkId, LinkState, Login, NewLink, Proof,
};

const INTERVAL: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

on_both![
    a_link_is_journalled_once_and_waits,
    a_later_link_of_the_same_person_replaces_the_one_before,
    of_many_links_of_one_person_at_once_one_stays_under_way,
    a_due_link_is_taken_by_one_and_comes_back_when_that_one_dies,
    a_link_that_is_asked_again_is_due_when_that_was_written,
    a_link_that_ends_leaves_no_secret_and_is_told_once,
    an_account_moves_to_who_proved_it_last,
    of_many_who_prove_an_account_at_once_one_has_it,
    who_is_known_is_found_by_login_and_by_slack_id,
    what_is_set_of_a_person_outlives_the_process,
    old_links_go_and_those_under_way_stay,
    a_link_that_cannot_be_read_holds_up_no_other,
];

fn id(text: &str) -> LinkId {
    text.parse().unwrap()
}

fn new_link(text: &str, slack: &str, login: &str) -> NewLink {
    NewLink {
        id: id(text),
        person: Person {
            slack: slack.to_owned(),
            github: String::new(),
            name: "Minji".to_owned(),
        },
        login: login.parse::<Login>().unwrap(),
        reply: ReplyAddress {
            channel: "C1".to_owned(),
            thread_ts: String::new(),
            asked_ts: "1.1".to_owned(),
        },
    }
}

fn proof() -> Proof {
    Proof {
        code: DeviceCode::new("d3v1c3"),
        invitation: Invitation {
            user_code: "WDJB-MJHT".to_owned(),
            verification_url: "https://github.test/login/device".to_owned(),
            expires_at: at(1_000),
        },
        interval: INTERVAL,
    }
}

async fn started(store: &Store, text: &str, slack: &str, login: &str) -> Link {
    let asked = new_link(text, slack, login);
    store.start_link(&asked, &proof(), at(100)).await.unwrap()
}

fn linked(login: &str) -> LinkEnd {
    LinkEnd::Linked {
        login: login.to_owned(),
    }
}

async fn ended(store: &Store, text: &str, how: &LinkEnd) -> bool {
    store.end_link(&id(text), how, at(200)).await.unwrap()
}

async fn state(store: &Store, text: &str) -> LinkState {
    store.link(&id(text)).await.unwrap().unwrap().state
}

/// The links that the feed tells of, in its order.
async fn told(store: &Store) -> Vec<(String, LinkState)> {
    let entries = store.entries_after(0, 100).await.unwrap();
    let links = entries.into_iter().filter_map(|entry| match entry.subject {
        crate::store::feed::Subject::Link(link) => Some((link.id.to_string(), link.state)),
        _ => None,
    });
    links.collect()
}

async fn due(store: &Store, second: i64) -> Vec<String> {
    let due = store
        .take_due_links(at(second), PATIENCE, 10)
        .await
        .unwrap();
    due.iter().map(|link| link.id.to_string()).collect()
}

async fn known(store: &Store, logins: &[&str], slack_ids: &[&str]) -> Vec<KnownPerson> {
    let owned = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    store
        .find_people(&owned(logins), &owned(slack_ids))
        .await
        .unwrap()
}

fn person(slack: &str, login: &str, muted: bool) -> KnownPerson {
    KnownPerson {
        slack: slack.to_owned(),
        login: login.to_owned(),
        muted,
    }
}

async fn a_link_is_journalled_once_and_waits(journal: Journal) {
    let (store, another) = (&journal.store, &journal.another().await);
    let link = started(store, "l1", "U1", "minji").await;
    assert_eq!(link.state, LinkState::Waiting(proof().invitation));
    // Repeated with another proof, it is the same link still.
    let asked = new_link("l1", "U1", "minji");
    let other = Proof {
        code: DeviceCode::new("another"),
        invitation: Invitation {
            user_code: "AAAA-BBBB".to_owned(),
            ..proof().invitation
        },
        ..proof()
    };
    let repeated = another.start_link(&asked, &other, at(101)).await.unwrap();
    assert_eq!(repeated, link);
    assert_eq!(another.link(&id("l1")).await.unwrap(), Some(link));
    assert_eq!(another.link(&id("l2")).await.unwrap(), None);
    assert_eq!(told(store).await, []);
    let due = store.take_due_links(at(105), PATIENCE, 10).await.unwrap();
    assert_eq!(due[0].code.expose(), "d3v1c3");
    assert_eq!((due[0].interval, due[0].expires_at), (INTERVAL, at(1_000)));
    assert_eq!(due[0].login, "minji");
}

async fn a_later_link_of_the_same_person_replaces_the_one_before(journal: Journal) {
    let store = &journal.store;
    started(store, "l1", "U1", "minji").await;
    started(store, "l2", "U2", "joon").await;
    started(store, "l3", "U1", "joon").await;
    let replaced = LinkState::Ended(LinkEnd::Replaced);
    assert_eq!(state(store, "l1").await, replaced);
    assert!(matches!(state(store, "l2").await, LinkState::Waiting(_)));
    assert!(matches!(state(store, "l3").await, LinkState::Waiting(_)));
    assert_eq!(told(store).await, [("l1".to_owned(), replaced)]);
    // What GitHub says of it later counts for nothing.
    assert!(!ended(store, "l1", &linked("minji")).await);
    assert_eq!(known(store, &["minji"], &["U1"]).await, []);
    assert_eq!(due(store, 105).await.len(), 2);
}

async fn of_many_links_of_one_person_at_once_one_stays_under_way(journal: Journal) {
    let (store, another) = (&journal.store, &journal.another().await);
    let begun = (0..8).map(|number| {
        let store = [store, another][number % 2];
        async move { started(store, &format!("l{number}"), "U1", "minji").await }
    });
    futures::future::join_all(begun).await;
    let mut waiting = 0;
    for number in 0..8 {
        let state = state(store, &format!("l{number}")).await;
        waiting += usize::from(matches!(state, LinkState::Waiting(_)));
    }
    assert_eq!(waiting, 1);
    assert_eq!(told(store).await.len(), 7);
}

async fn a_due_link_is_taken_by_one_and_comes_back_when_that_one_dies(journal: Journal) {
    let another = journal.another().await;
    let store = &journal.store;
    started(store, "l1", "U1", "minji").await;
    assert_eq!(due(store, 104).await, [""; 0], "not before its interval");
    let taken = futures::future::join_all((0..6).map(|number| {
        let store = [store, &another][number % 2];
        async move { due(store, 105).await }
    }));
    let taken: Vec<_> = taken.await.concat();
    assert_eq!(taken, ["l1"], "by one of all");
    assert_eq!(due(&another, 169).await, [""; 0], "it is being asked");
    drop(another);
    let journal = journal.after_a_crash().await;
    assert_eq!(due(&journal.store, 170).await, ["l1"]);
}

async fn a_link_that_is_asked_again_is_due_when_that_was_written(journal: Journal) {
    let store = &journal.store;
    started(store, "l1", "U1", "minji").await;
    assert_eq!(due(store, 105).await, ["l1"]);
    let slower = INTERVAL * 2;
    store
        .ask_link_again(&id("l1"), at(115), slower)
        .await
        .unwrap();
    assert_eq!(due(store, 114).await, [""; 0]);
    let due = store.take_due_links(at(115), PATIENCE, 10).await.unwrap();
    assert_eq!(due[0].interval, slower);
}

async fn a_link_that_ends_leaves_no_secret_and_is_told_once(journal: Journal) {
    let store = &journal.store;
    let ends = [
        ("linked", linked("Minji")),
        (
            "other",
            LinkEnd::OtherLogin {
                proved: "joon".to_owned(),
            },
        ),
        ("denied", LinkEnd::Denied),
        ("expired", LinkEnd::Expired),
        ("not-set-up", LinkEnd::NotSetUp),
    ];
    for (at, (text, how)) in ends.iter().enumerate() {
        started(store, text, &format!("U{at}"), "minji").await;
        assert!(ended(store, text, how).await);
        assert!(!ended(store, text, how).await, "it has ended");
        assert!(!ended(store, text, &linked("bora")).await, "it has ended");
        let link = store.link(&id(text)).await.unwrap().unwrap();
        assert_eq!(link.state, LinkState::Ended(how.clone()));
    }
    let left = "SELECT COUNT(*) AS kept FROM links \
                WHERE device_code <> '' OR user_code <> '' OR verification_url <> ''";
    let left = store.read_first(left, Args::new()).await.unwrap().unwrap();
    assert_eq!(left.integer("kept").unwrap(), 0);
    let told = told(store).await;
    let expected: Vec<_> = ends
        .into_iter()
        .map(|(text, how)| (text.to_owned(), LinkState::Ended(how)))
        .collect();
    assert_eq!(told, expected);
    assert_eq!(due(store, 1_000_000).await, [""; 0]);
    // The login is spelt as GitHub spells it.
    assert_eq!(
        known(store, &["MINJI", "joon", "bora"], &[]).await,
        [person("U0", "Minji", false)]
    );
}

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
    store.set_mentions("U1", true).await.unwrap();
    assert_eq!(
        known(store, &["minji", "joon"], &["U1", "U2"]).await,
        [person("U1", "", true), person("U2", "minji", false)]
    );
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
    store.set_mentions("U3", true).await.unwrap();
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
    store.set_mentions("U1", true).await.unwrap();
    store.set_mentions("U1", true).await.unwrap();
    let journal = journal.after_a_crash().await;
    let store = &journal.store;
    let muted = [person("U1", "minji", true)];
    assert_eq!(known(store, &["minji"], &[]).await, muted);
    let forgotten = store.remove_link("U1").await.unwrap();
    assert_eq!(forgotten.as_deref(), Some("minji"));
    assert_eq!(store.remove_link("U1").await.unwrap(), None);
    assert_eq!(store.remove_link("U9").await.unwrap(), None);
    // They stay muted, and link another account.
    assert_eq!(
        known(store, &["minji"], &["U1"]).await,
        [person("U1", "", true)]
    );
    store.set_mentions("U1", false).await.unwrap();
    assert_eq!(known(store, &["minji"], &["U1"]).await, []);
}

async fn old_links_go_and_those_under_way_stay(journal: Journal) {
    let store = &journal.store;
    started(store, "l1", "U1", "minji").await;
    started(store, "l2", "U2", "joon").await;
    ended(store, "l1", &linked("minji")).await;
    assert_eq!(store.prune(at(200)).await.unwrap(), 0, "not older");
    assert_eq!(store.prune(at(201)).await.unwrap(), 2, "an entry, a link");
    assert_eq!(store.link(&id("l1")).await.unwrap(), None);
    assert!(store.link(&id("l2")).await.unwrap().is_some());
    let minji = [person("U1", "minji", false)];
    assert_eq!(known(store, &["minji"], &[]).await, minji, "people stay");
}

async fn a_link_that_cannot_be_read_holds_up_no_other(journal: Journal) {
    let store = &journal.store;
    for (text, slack) in [("l1", "U1"), ("l2", "U2")] {
        started(store, text, slack, "minji").await;
        ended(store, text, &LinkEnd::Denied).await;
    }
    journal
        .damage("UPDATE links SET state = 'a later word' WHERE id = 'l1'")
        .await;
    let told: Vec<_> = told(store).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(told, ["l2"]);
    assert!(store.link(&id("l1")).await.is_err());
}
