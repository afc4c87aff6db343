//! Changes of what people and channels want: each is made once, whatever is repeated
//! and however late, and what was asked for later holds.

use super::*;
use crate::model::{Change, EnvironmentName, Moment, Moments, Subscription};

on_both![
    a_repeat_changes_nothing_and_is_answered_as_before,
    what_was_asked_for_later_holds_whichever_comes_first,
    one_id_is_one_change,
    of_many_at_once_each_is_made_once_and_the_latest_holds,
    what_dies_in_between_is_not_made_and_can_be_repeated,
    what_a_channel_follows_is_changed_once,
    a_late_wish_to_follow_gives_way_to_a_later_one,
    a_late_wish_to_follow_no_more_leaves_what_was_asked_for_later,
    what_could_not_be_followed_is_said_again,
    old_changes_go,
];

/// Seconds when something was asked for, and in which it comes in.
const NOW: i64 = 900;

fn change(text: &str, second: i64) -> Change {
    Change {
        id: text.parse().unwrap(),
        asked_at: Some(at(second)),
    }
}

async fn set(store: &Store, text: &str, second: i64, muted: bool) -> Made<bool> {
    let change = change(text, second);
    let made = store.set_mentions(&change, "U1", muted, at(NOW));
    made.await.unwrap()
}

async fn is_muted(store: &Store) -> bool {
    let found = store.find_people(&[], &[], &["U1".to_owned()]).await;
    found.unwrap().iter().any(|person| person.muted)
}

async fn a_repeat_changes_nothing_and_is_answered_as_before(journal: Journal) {
    let another = journal.another().await;
    let store = &journal.store;
    assert_eq!(set(store, "mute", 10, true).await, Made::Once(true));
    assert_eq!(set(store, "unmute", 20, false).await, Made::Once(true));
    // Slack delivers the first again, or its answer was lost: to this process,
    // another, and one that begins later.
    assert_eq!(set(&another, "mute", 10, true).await, Made::Once(true));
    assert!(!is_muted(store).await, "what was said since holds");
    drop(another);
    let journal = journal.after_a_crash().await;
    assert_eq!(
        set(&journal.store, "mute", 10, true).await,
        Made::Once(true)
    );
    assert!(!is_muted(&journal.store).await);
}

async fn what_was_asked_for_later_holds_whichever_comes_first(journal: Journal) {
    let store = &journal.store;
    assert_eq!(set(store, "unmute", 20, false).await, Made::Once(true));
    // It was said before, and was under way for longer.
    assert_eq!(set(store, "mute", 10, true).await, Made::Once(false));
    assert_eq!(set(store, "mute", 10, true).await, Made::Once(false));
    assert!(!is_muted(store).await);
    assert_eq!(set(store, "mute-again", 21, true).await, Made::Once(true));
    assert!(is_muted(store).await);
    // By a clock that is ahead of ours too.
    assert_eq!(set(store, "now", NOW + 32, false).await, Made::Once(true));
    assert_eq!(
        set(store, "held-up", NOW + 30, true).await,
        Made::Once(false)
    );
    assert!(!is_muted(store).await);
    // One that is fast by far keeps nobody from saying otherwise for long.
    assert_eq!(set(store, "fast", 9_999, true).await, Made::Once(true));
    assert_eq!(
        set(store, "after-it", NOW + 300, false).await,
        Made::Once(true)
    );
    assert!(!is_muted(store).await);
    // Another person's wishes are their own.
    let other = change("other", 1);
    let other = store.set_mentions(&other, "U2", true, at(NOW)).await;
    assert_eq!(other.unwrap(), Made::Once(true));
}

async fn one_id_is_one_change(journal: Journal) {
    let store = &journal.store;
    set(store, "one", 10, true).await;
    assert_eq!(set(store, "one", 10, false).await, Made::IdTaken);
    let one = change("one", 10);
    let other = store.set_mentions(&one, "U2", true, at(NOW)).await;
    assert_eq!(other.unwrap(), Made::IdTaken);
    let unlink = store.remove_link(&one, "U1", at(NOW)).await;
    assert_eq!(unlink.unwrap(), Made::IdTaken);
    let followed = follow(store, "one", 10, "production", &Moment::ENDS).await;
    assert_eq!(followed, Made::IdTaken);
    assert_eq!(end(store, "one", 10, None).await, Made::IdTaken);
    assert!(is_muted(store).await);
}

async fn of_many_at_once_each_is_made_once_and_the_latest_holds(journal: Journal) {
    let (store, another) = (&journal.store, &journal.another().await);
    // Each is delivered three times, and the last one that was said is `unmute`.
    let asked = (0..24).map(|place| {
        let number = (place * 7) % 8;
        let store = [store, another][place % 2];
        async move {
            let second = i64::try_from(number).unwrap();
            let muted = number % 2 == 0;
            (
                number,
                set(store, &format!("c{number}"), second, muted).await,
            )
        }
    });
    let mut answers = futures::future::join_all(asked).await;
    answers.sort_by_key(|(number, _)| *number);
    for same in answers.chunks(3) {
        assert!(same.iter().all(|one| one == &same[0]), "{same:?}");
    }
    assert_eq!(answers[21].1, Made::Once(true), "the last one holds");
    assert!(!is_muted(store).await);
}

async fn what_dies_in_between_is_not_made_and_can_be_repeated(journal: Journal) {
    let unlink = async |store: &Store| {
        let change = change("c1", 10);
        store.remove_link(&change, "U1", at(NOW)).await
    };
    links::started_at(&journal.store, "l1", "U1", 5).await;
    // The link has been withdrawn and the change written down when it breaks.
    journal.damage("ALTER TABLE feed RENAME TO elsewhere").await;
    assert!(unlink(&journal.store).await.is_err());
    journal.damage("ALTER TABLE elsewhere RENAME TO feed").await;
    let journal = journal.after_a_crash().await;
    let Made::Once(unlinked) = unlink(&journal.store).await.unwrap() else {
        panic!("it was not made")
    };
    assert!(unlinked.under_way, "all of it or nothing");
}

fn people() -> RepositoryName {
    RepositoryName::parse("Acme/People", None).unwrap()
}

/// Lets C1 follow an environment of `people`.
async fn follow(
    store: &Store,
    text: &str,
    second: i64,
    environment: &str,
    moments: &[Moment],
) -> Made<Result<Subscribed, TooMany>> {
    let following = Following {
        channel: "C1".to_owned(),
        repository: people(),
        environment: Some(environment.parse().unwrap()),
        moments: moments.iter().copied().collect(),
        change: change(text, second),
    };
    let wanted = Subscription {
        repository: people(),
        environment: environment.parse().unwrap(),
        moments: following.moments.clone(),
        asked: Some((Person::default(), at(second))),
    };
    let before = store.subscribed_before(&following, at(NOW)).await.unwrap();
    let made = store.subscribe(&following, &wanted, at(NOW)).await.unwrap();
    if let Some(before) = before {
        assert_eq!(before, made, "it is known before anything is read for it");
    }
    made
}

/// Lets C1 follow an environment of `people` no more, or none of it.
async fn end(
    store: &Store,
    text: &str,
    second: i64,
    environment: Option<&str>,
) -> Made<Unsubscribed> {
    let environment: Option<EnvironmentName> = environment.map(|name| name.parse().unwrap());
    let (change, repository) = (change(text, second), people());
    let made = store.unsubscribe(&change, "C1", &repository, environment.as_ref(), at(NOW));
    made.await.unwrap()
}

/// What C1 follows: environments, and how many moments of each.
async fn followed(store: &Store) -> Vec<(String, usize)> {
    let all = store.subscriptions("C1").await.unwrap();
    let one = |one: &Subscription| (one.environment.to_string(), one.moments.len());
    all.iter().map(one).collect()
}

fn of(environment: &str, moments: usize) -> (String, usize) {
    (environment.to_owned(), moments)
}

fn subscribed(made: Made<Result<Subscribed, TooMany>>) -> Subscribed {
    let Made::Once(Ok(subscribed)) = made else {
        panic!("{made:?}")
    };
    subscribed
}

fn ended(made: Made<Unsubscribed>) -> (usize, bool) {
    let Made::Once(ended) = made else {
        panic!("{made:?}")
    };
    (ended.ended.len(), ended.outdated)
}

async fn what_a_channel_follows_is_changed_once(journal: Journal) {
    let another = journal.another().await;
    let store = &journal.store;
    let first = subscribed(follow(store, "s1", 10, "production", &Moment::ENDS).await);
    assert_eq!((first.replaced.is_none(), first.outdated), (true, false));
    let all = subscribed(follow(store, "s2", 20, "production", &Moment::ALL).await);
    let before = all.replaced.clone().map(|before| before.moments);
    assert_eq!(before, Some(Moments::from(Moment::ENDS)));
    // Delivered again, each is answered as it was, and changes nothing.
    assert_eq!(
        subscribed(follow(&another, "s1", 10, "production", &Moment::ENDS).await),
        first
    );
    assert_eq!(
        subscribed(follow(&another, "s2", 20, "production", &Moment::ALL).await),
        all
    );
    assert_eq!(followed(store).await, [of("production", 3)]);
    let once = end(store, "e1", 30, None).await;
    assert_eq!(ended(once.clone()), (1, false));
    follow(store, "s3", 40, "production", &Moment::ENDS).await;
    assert_eq!(end(&another, "e1", 30, None).await, once);
    assert_eq!(followed(store).await, [of("production", 2)]);
    drop(another);
    let journal = journal.after_a_crash().await;
    assert_eq!(end(&journal.store, "e1", 30, None).await, once);
    follow(&journal.store, "s2", 20, "production", &Moment::ALL).await;
    assert_eq!(followed(&journal.store).await, [of("production", 2)]);
}

async fn a_late_wish_to_follow_gives_way_to_a_later_one(journal: Journal) {
    let store = &journal.store;
    let is_outdated = async |text, second, environment| {
        let made = follow(store, text, second, environment, &Moment::ENDS).await;
        subscribed(made).outdated
    };
    // By the other name of it, and before anything was followed.
    assert_eq!(ended(end(store, "e1", 20, Some("prod")).await), (0, false));
    assert!(is_outdated("s1", 10, "production").await);
    assert!(
        !is_outdated("s2", 10, "staging").await,
        "of that nothing was said"
    );
    assert!(!is_outdated("s3", 21, "production").await);
    end(store, "e2", 30, None).await;
    assert!(
        is_outdated("s4", 29, "staging").await,
        "all was ended since"
    );
    assert!(is_outdated("s5", 29, "production").await);
    assert_eq!(followed(store).await, []);
    // What is followed since stays as it is.
    follow(store, "s6", 50, "production", &Moment::ALL).await;
    assert!(is_outdated("s7", 40, "production").await);
    assert_eq!(followed(store).await, [of("production", 3)]);
}

async fn a_late_wish_to_follow_no_more_leaves_what_was_asked_for_later(journal: Journal) {
    let store = &journal.store;
    follow(store, "s1", 10, "production", &Moment::ENDS).await;
    follow(store, "s2", 10, "staging", &Moment::ENDS).await;
    // The same is asked for again: from then on it was wanted.
    follow(store, "s3", 30, "production", &Moment::ENDS).await;
    assert_eq!(ended(end(store, "e1", 20, None).await), (1, true));
    assert_eq!(followed(store).await, [of("production", 2)]);
    let late = end(store, "e2", 29, Some("production")).await;
    assert_eq!(ended(late), (0, true));
    let now = end(store, "e3", 30, Some("prod")).await;
    assert_eq!(ended(now), (1, false));
    assert_eq!(followed(store).await, []);
}

async fn what_could_not_be_followed_is_said_again(journal: Journal) {
    let store = &journal.store;
    for number in 0..100 {
        let name = format!("e{number}");
        follow(store, &format!("s{number}"), 10, &name, &Moment::ENDS).await;
    }
    let refused = follow(store, "more", 11, "more", &Moment::ENDS).await;
    assert_eq!(refused, Made::Once(Err(TooMany::OfChannel)));
    end(store, "room", 12, Some("e0")).await;
    // Whoever asked was told so, and would be told nothing of another outcome.
    let again = follow(store, "more", 11, "more", &Moment::ENDS).await;
    assert_eq!(again, refused);
    assert_eq!(followed(store).await.len(), 99);
}

async fn old_changes_go(journal: Journal) {
    let store = &journal.store;
    for (text, second) in [("old", 10), ("young", 20)] {
        let change = change(text, 1);
        let made = store.set_mentions(&change, "U1", true, at(second));
        made.await.unwrap();
    }
    assert_eq!(store.prune(at(10)).await.unwrap(), 0);
    assert_eq!(store.prune(at(20)).await.unwrap(), 1);
    // Its id is free again; that of the other is not.
    assert_eq!(set(store, "old", 30, false).await, Made::Once(true));
    assert_eq!(set(store, "young", 30, false).await, Made::IdTaken);
}
