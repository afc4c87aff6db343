//! Links: a person has one under way, GitHub is asked by one process at a time, and
//! who proves an account last has it.

use super::*;
use crate::model::{
    Account, Change, DeviceCode, Invitation, KnownPerson, Link, LinkEnd, LinkId, LinkState, Login,
    NewLink, Proof,
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
    what_is_withdrawn_is_not_linked_whatever_github_says_later,
    a_link_that_comes_late_gives_way_to_what_was_asked_for_after_it,
    who_withdraws_while_github_answers_is_linked_or_is_not,
    old_links_go_and_those_under_way_stay,
    a_link_that_cannot_be_read_holds_up_no_other,
];

pub(super) fn id(text: &str) -> LinkId {
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
        asked_at: None,
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

pub(super) async fn started(store: &Store, text: &str, slack: &str, login: &str) -> Link {
    let asked = new_link(text, slack, login);
    store.start_link(&asked, &proof(), at(100)).await.unwrap()
}

/// The number that GitHub gave to the account that had a login first.
fn number(login: &str) -> u64 {
    login.to_lowercase().bytes().map(u64::from).sum()
}

pub(super) fn linked(login: &str) -> LinkEnd {
    renamed(login, login)
}

/// The account that had a login first, which has another one now.
pub(super) fn renamed(first: &str, login: &str) -> LinkEnd {
    LinkEnd::Linked(Account {
        number: Some(number(first)),
        login: login.to_owned(),
    })
}

/// A change that was asked for in a second.
fn change(text: &str, second: i64) -> Change {
    Change {
        id: text.parse().unwrap(),
        asked_at: Some(at(second)),
    }
}

/// Takes a link back; what came of it.
pub(super) async fn unlinked(store: &Store, text: &str, slack: &str, second: i64) -> Unlinked {
    let change = change(text, second);
    let made = store.remove_link(&change, slack, at(900));
    let Made::Once(unlinked) = made.await.unwrap() else {
        panic!("{text} is another's")
    };
    unlinked
}

/// What was forgotten, and whether a link was under way.
pub(super) fn forgotten(login: Option<&str>, under_way: bool) -> Unlinked {
    Unlinked {
        login: login.map(ToOwned::to_owned),
        under_way,
        outdated: false,
    }
}

pub(super) async fn mute(store: &Store, text: &str, slack: &str, muted: bool) {
    let change = change(text, 500);
    let made = store.set_mentions(&change, slack, muted, at(900));
    assert_eq!(made.await.unwrap(), Made::Once(true));
}

pub(super) async fn ended(store: &Store, text: &str, how: &LinkEnd) -> bool {
    store.end_link(&id(text), how, at(200)).await.unwrap()
}

pub(super) async fn state(store: &Store, text: &str) -> LinkState {
    store.link(&id(text)).await.unwrap().unwrap().state
}

/// A link that was asked for in a second.
pub(super) async fn started_at(store: &Store, text: &str, slack: &str, second: i64) {
    let link = NewLink {
        asked_at: Some(at(second)),
        ..new_link(text, slack, "minji")
    };
    store.start_link(&link, &proof(), at(900)).await.unwrap();
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

pub(super) async fn known(store: &Store, logins: &[&str], slack_ids: &[&str]) -> Vec<KnownPerson> {
    let owned = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    store
        .find_people(&[], &owned(logins), &owned(slack_ids))
        .await
        .unwrap()
}

/// Whose the account is that had a login first.
pub(super) async fn owner(store: &Store, first: &str) -> Vec<String> {
    let accounts = [number(first)];
    let found = store.find_people(&accounts, &[], &[]).await.unwrap();
    found.into_iter().map(|person| person.slack).collect()
}

pub(super) fn person(slack: &str, login: &str, muted: bool) -> KnownPerson {
    KnownPerson {
        slack: slack.to_owned(),
        login: login.to_owned(),
        account: (!login.is_empty()).then(|| number(login)),
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
        ("lost", LinkEnd::Lost),
        ("withdrawn", LinkEnd::Withdrawn),
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

async fn what_is_withdrawn_is_not_linked_whatever_github_says_later(journal: Journal) {
    let (store, another) = (&journal.store, &journal.another().await);
    started(store, "l1", "U1", "minji").await;
    started(store, "l2", "U2", "joon").await;
    assert_eq!(due(store, 105).await.len(), 2, "they are being asked");
    let withdrawn = unlinked(another, "x1", "U1", 800).await;
    assert_eq!(withdrawn, forgotten(None, true));
    assert!(!ended(store, "l1", &linked("minji")).await);
    let state_now = LinkState::Ended(LinkEnd::Withdrawn);
    assert_eq!(state(store, "l1").await, state_now);
    assert_eq!(told(store).await, [("l1".to_owned(), state_now)]);
    assert_eq!(owner(store, "minji").await, [""; 0]);
    assert!(
        ended(store, "l2", &linked("joon")).await,
        "another's goes on"
    );
    // What they had before is forgotten with it.
    started(store, "l3", "U2", "minji").await;
    let both = unlinked(store, "x2", "U2", 801).await;
    assert_eq!(both, forgotten(Some("joon"), true));
    assert_eq!(
        unlinked(store, "x3", "U2", 802).await,
        forgotten(None, false)
    );
    // Repeated, each is answered as before, and withdraws nothing more.
    started_at(store, "l4", "U2", 850).await;
    assert_eq!(unlinked(another, "x2", "U2", 801).await, both);
    assert!(matches!(state(store, "l4").await, LinkState::Waiting(_)));
}

async fn a_link_that_comes_late_gives_way_to_what_was_asked_for_after_it(journal: Journal) {
    let store = &journal.store;
    let begun = |text: &str, login: &str, second| {
        let link = NewLink {
            asked_at: Some(at(second)),
            ..new_link(text, "U1", login)
        };
        async move {
            store
                .start_link(&link, &proof(), at(900))
                .await
                .unwrap()
                .state
        }
    };
    let over = |how| LinkState::Ended(how);
    assert!(matches!(
        begun("l2", "joon", 20).await,
        LinkState::Waiting(_)
    ));
    // The one that was asked for before it, delivered late, does not replace it.
    assert_eq!(begun("l1", "minji", 10).await, over(LinkEnd::Replaced));
    assert!(matches!(state(store, "l2").await, LinkState::Waiting(_)));
    // Nor does an unlink from before withdraw it.
    let late = unlinked(store, "x1", "U1", 15).await;
    assert_eq!((late.under_way, late.outdated), (false, true));
    assert!(ended(store, "l2", &linked("joon")).await);
    let late = unlinked(store, "x2", "U1", 16).await;
    assert_eq!((late.login, late.outdated), (None, true));
    assert_eq!(owner(store, "joon").await, ["U1"]);
    assert_eq!(begun("l0", "minji", 5).await, over(LinkEnd::Replaced));
    // A link from before the unlink that is known links nothing.
    let unlinked_now = unlinked(store, "x3", "U1", 30).await;
    assert_eq!(unlinked_now, forgotten(Some("joon"), false));
    assert_eq!(begun("l3", "minji", 25).await, over(LinkEnd::Withdrawn));
    assert!(!ended(store, "l3", &linked("minji")).await);
    assert!(matches!(
        begun("l4", "minji", 31).await,
        LinkState::Waiting(_)
    ));
    let ends: Vec<_> = told(store).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ends, ["l1", "l2", "l0", "l3"]);
}

async fn who_withdraws_while_github_answers_is_linked_or_is_not(journal: Journal) {
    let (store, another) = (&journal.store, &journal.another().await);
    for number in 0..12 {
        let (link, slack) = (format!("l{number}"), format!("U{number}"));
        started(store, &link, &slack, "minji").await;
        let undo = format!("x{number}");
        let proved = linked("minji");
        let (is_linked, undone) = tokio::join!(
            ended(store, &link, &proved),
            unlinked(another, &undo, &slack, 800)
        );
        // Either way they end without it, and are told which of the two it was.
        let expected = match is_linked {
            true => forgotten(Some("minji"), false),
            false => forgotten(None, true),
        };
        assert_eq!(undone, expected);
        assert_eq!(owner(store, "minji").await, [""; 0]);
    }
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
