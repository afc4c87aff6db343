//! What channels follow, and what the feed tells them of.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::model::{Change, EnvironmentName, Follower, Moment, Moments, Subscription};

on_both![
    what_a_channel_follows_is_replaced_and_ended,
    a_hundred_is_the_most,
    many_who_ask_at_once_do_not_pass_the_most,
    what_a_file_names_is_followed_beside_it,
    an_entry_names_its_followers_each_once,
    what_others_deploy_is_told_once_for_each_change,
    what_is_old_when_it_is_met_is_not_told,
    what_this_journal_asked_for_is_not_told_twice,
];

fn wanted(repository: &str, environment: &str, moments: &[Moment]) -> Subscription {
    let minji = Person {
        slack: "U1MINJI".to_owned(),
        github: String::new(),
        name: "Minji".to_owned(),
    };
    Subscription {
        repository: RepositoryName::parse(repository, None).unwrap(),
        environment: environment.parse().unwrap(),
        moments: moments.iter().copied().collect(),
        asked: Some((minji, at(7))),
    }
}

/// A change like no other.
fn change() -> Change {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Change {
        id: format!("c{number}").parse().unwrap(),
        asked_at: None,
    }
}

/// What came of letting a channel follow an environment.
async fn asked_to_follow(
    store: &Store,
    channel: &str,
    wanted: &Subscription,
) -> Result<Subscribed, TooMany> {
    let following = Following {
        channel: channel.to_owned(),
        repository: wanted.repository.clone(),
        environment: Some(wanted.environment.clone()),
        moments: wanted.moments.clone(),
        change: change(),
    };
    let made = store.subscribe(&following, wanted, at(900)).await;
    let Made::Once(outcome) = made.unwrap() else {
        panic!("its id is its own")
    };
    outcome
}

async fn subscribe(store: &Store, channel: &str, wanted: &Subscription) -> Option<Moments> {
    let subscribed = asked_to_follow(store, channel, wanted).await.unwrap();
    assert_eq!(subscribed.subscription.moments, wanted.moments);
    subscribed.replaced.map(|before| before.moments)
}

async fn unsubscribe(store: &Store, channel: &str, environment: Option<&str>) -> Unsubscribed {
    let repository = RepositoryName::parse("ACME/people", None).unwrap();
    let environment: Option<EnvironmentName> = environment.map(|name| name.parse().unwrap());
    let of = environment.as_ref();
    let change = change();
    let made = store.unsubscribe(&change, channel, &repository, of, at(900));
    let Made::Once(unsubscribed) = made.await.unwrap() else {
        panic!("its id is its own")
    };
    unsubscribed
}

async fn followed(store: &Store, channel: &str) -> String {
    let all = store.subscriptions(channel).await.unwrap();
    let one = |one: &Subscription| {
        let by = if one.asked.is_some() {
            ""
        } else {
            " by its file"
        };
        format!(
            "{} {} {}{by}",
            one.repository,
            one.environment,
            one.moments.len()
        )
    };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

async fn what_a_channel_follows_is_replaced_and_ended(journal: Journal) {
    let store = &journal.store;
    let ends = wanted("Acme/People", "production", &Moment::ENDS);
    assert_eq!(subscribe(store, "C1", &ends).await, None);
    let again = wanted("acme/people", "Production", &Moment::ENDS);
    assert_eq!(subscribe(store, "C1", &again).await, None, "it is the same");
    let all = wanted("acme/people", "Production", &Moment::ALL);
    assert_eq!(
        subscribe(store, "C1", &all).await,
        Some(Moment::ENDS.into())
    );
    subscribe(
        store,
        "C1",
        &wanted("acme/people", "staging", &[Moment::Failed]),
    )
    .await;
    subscribe(
        store,
        "C1",
        &wanted("acme/atlas", "production", &[Moment::Failed]),
    )
    .await;
    subscribe(store, "C2", &ends).await;
    assert_eq!(
        followed(store, "C1").await,
        "acme/atlas production 1, acme/people Production 3, acme/people staging 1"
    );
    for left in [1, 0] {
        let ended = unsubscribe(store, "C1", Some("PROD")).await.ended;
        assert_eq!(ended.len(), left);
    }
    let ended = unsubscribe(store, "C1", None).await.ended;
    assert_eq!(ended[0].environment.as_str(), "staging");
    assert_eq!(followed(store, "C1").await, "acme/atlas production 1");
    assert_eq!(followed(store, "C2").await, "Acme/People production 2");
}

async fn a_hundred_is_the_most(journal: Journal) {
    let store = &journal.store;
    for number in 0..100 {
        let one = wanted(&format!("acme/r{number}"), "production", &Moment::ENDS);
        subscribe(store, "C1", &one).await;
        let same = wanted("acme/people", "production", &Moment::ENDS);
        subscribe(store, &format!("C2{number}"), &same).await;
    }
    let more = wanted("acme/more", "production", &Moment::ENDS);
    let refused = asked_to_follow(store, "C1", &more).await;
    assert_eq!(refused, Err(TooMany::OfChannel));
    let same = wanted("Acme/people", "production", &Moment::ENDS);
    let refused = asked_to_follow(store, "C3", &same).await;
    assert_eq!(refused, Err(TooMany::OfEnvironment));
    // What it follows already can still be changed.
    let changed = wanted("acme/r5", "production", &Moment::ALL);
    assert!(subscribe(store, "C1", &changed).await.is_some());
    subscribe(store, "C3", &more).await;
    assert_eq!(store.subscriptions("C1").await.unwrap().len(), 100);
}

async fn many_who_ask_at_once_do_not_pass_the_most(journal: Journal) {
    let store = &journal.store;
    for number in 0..95 {
        let one = wanted(&format!("acme/r{number}"), "production", &Moment::ENDS);
        subscribe(store, "C1", &one).await;
    }
    let another = journal.another().await;
    let more: Vec<_> = (200..220)
        .map(|number| wanted(&format!("acme/r{number}"), "production", &Moment::ENDS))
        .collect();
    let asked = more.iter().enumerate().map(|(at, one)| {
        let store = if at % 2 == 0 { store } else { &another };
        asked_to_follow(store, "C1", one)
    });
    let asked = futures::future::join_all(asked).await;
    let taken = asked.iter().filter(|one| one.is_ok()).count();
    assert_eq!(taken, 5);
    assert_eq!(store.subscriptions("C1").await.unwrap().len(), 100);
}

async fn what_a_file_names_is_followed_beside_it(journal: Journal) {
    let store = &journal.store;
    let people = RepositoryName::parse("acme/people", None).unwrap();
    let named = |channels: &[(&str, &str)]| -> Vec<(EnvironmentName, String)> {
        let one = |(name, channel): &(&str, &str)| (name.parse().unwrap(), (*channel).to_owned());
        channels.iter().map(one).collect()
    };
    let both = named(&[("Production", "C1"), ("staging", "C2")]);
    assert!(store.keep_channels(&people, &both).await.unwrap());
    assert!(!store.keep_channels(&people, &both).await.unwrap());
    subscribe(
        store,
        "C1",
        &wanted("acme/people", "production", &[Moment::Failed]),
    )
    .await;
    assert_eq!(
        followed(store, "C1").await,
        "acme/people Production 3 by its file, acme/people production 1"
    );
    let ended = unsubscribe(store, "C1", Some("qa")).await;
    assert_eq!((ended.ended, ended.kept), (Vec::new(), Vec::new()));
    let ended = unsubscribe(store, "C1", None).await;
    assert_eq!((ended.ended.len(), ended.kept.len()), (1, 1));
    assert_eq!(
        followed(store, "C1").await,
        "acme/people Production 3 by its file"
    );
    let again = wanted("acme/people", "production", &[Moment::Failed]);
    subscribe(store, "C1", &again).await;
    let followed_by_anyone = store.followed_repositories_after("", 9).await.unwrap();
    assert_eq!(followed_by_anyone, std::slice::from_ref(&people));
    let next = store.followed_repositories_after("Acme/People", 9).await;
    assert_eq!(next.unwrap(), []);
    let moved = named(&[("production", "C3")]);
    assert!(store.keep_channels(&people, &moved).await.unwrap());
    assert_eq!(followed(store, "C1").await, "acme/people production 1");
    assert_eq!(followed(store, "C2").await, "");
    assert!(store.keep_channels(&people, &[]).await.unwrap());
    assert_eq!(followed(store, "C3").await, "");
}

/// The newest entry's followers, as `channel:how many moments:subscriber`.
async fn followers(store: &Store) -> Vec<String> {
    let entries = store.followed_entries_after(0, 100).await.unwrap();
    let newest = entries.last().expect("there is one");
    let one = |one: &Follower| format!("{}:{}:{}", one.channel, one.moments.len(), one.subscriber);
    newest.followers.iter().map(one).collect()
}

async fn an_entry_names_its_followers_each_once(journal: Journal) {
    let store = &journal.store;
    let people = RepositoryName::parse("acme/people", None).unwrap();
    let file = [("production".parse().unwrap(), "C9FILE".to_owned())];
    store.keep_channels(&people, &file).await.unwrap();
    // C1 is where it was asked for.
    for channel in ["C1", "C2", "C9FILE"] {
        let one = wanted("ACME/People", "PRODUCTION", &[Moment::Failed]);
        subscribe(store, channel, &one).await;
    }
    subscribe(store, "C7", &wanted("acme/people", "staging", &Moment::ALL)).await;
    subscribe(
        store,
        "C8",
        &wanted("acme/atlas", "production", &Moment::ALL),
    )
    .await;
    let asked = accepted(store, "r1").await;
    assert_eq!(
        followers(store).await,
        Vec::<String>::new(),
        "nothing goes out yet"
    );
    let _slot = take(store, &asked.id, 2).await;
    store
        .runs(
            &asked.id,
            decided(),
            deployment(DeploymentState::Running),
            at(3),
        )
        .await
        .unwrap();
    assert_eq!(followers(store).await, ["C9FILE:3:U1MINJI", "C2:1:U1MINJI"]);
}

fn people() -> RepositoryName {
    RepositoryName::parse("Acme/People", None).unwrap()
}

/// One of somebody else's, made in the tenth second.
fn theirs(number: u64, state: DeploymentState, steps: usize) -> Deployment {
    let one = deployment(state);
    Deployment {
        id: DeploymentId {
            number,
            node: format!("DE_{number}"),
        },
        created_at: at(10),
        steps: vec![one.steps[0].clone(); steps],
        request_id: None,
        ..one
    }
}

/// Number and state of what the feed tells.
async fn told(store: &Store) -> Vec<(u64, DeploymentState)> {
    let entries = store.entries_after(0, 100).await.unwrap();
    let elsewhere = entries.iter().filter_map(|entry| match &entry.subject {
        crate::store::Subject::Elsewhere(one) => Some(&one.deployment),
        _ => None,
    });
    elsewhere.map(|one| (one.id.number, one.state)).collect()
}

async fn what_others_deploy_is_told_once_for_each_change(journal: Journal) {
    use DeploymentState::{Failed, Pending, Running};
    let store = &journal.store;
    subscribe(
        store,
        "C2",
        &wanted("acme/people", "production", &Moment::ENDS),
    )
    .await;
    for _ in 0..3 {
        let pending = theirs(1, Pending, 0);
        store.adopt(&people(), &[&pending], at(11)).await.unwrap();
    }
    assert_eq!(told(store).await, [(1, Pending)]);
    for _ in 0..2 {
        let running = theirs(1, Running, 1);
        store
            .foreign_has_come_to(&people(), &running, None, at(12))
            .await
            .unwrap();
    }
    // Each is told as it stands now.
    assert_eq!(told(store).await, [(1, Running), (1, Running)]);
    let (failed, why) = (theirs(1, Failed, 2), said("boom"));
    for _ in 0..2 {
        store
            .foreign_has_come_to(&people(), &failed, Some(&why), at(13))
            .await
            .unwrap();
    }
    assert_eq!(told(store).await.len(), 3);
    assert_eq!(followers(store).await, ["C2:2:U1MINJI"]);
    let entries = store.entries_after(0, 100).await.unwrap();
    let crate::store::Subject::Elsewhere(one) = &entries[2].subject else {
        panic!("{entries:?}");
    };
    assert_eq!(
        (&one.repository, one.failure.as_ref()),
        (&people(), Some(&why))
    );
}

async fn what_is_old_when_it_is_met_is_not_told(journal: Journal) {
    use DeploymentState::{Running, Succeeded};
    let store = &journal.store;
    let an_hour_later = 10 + 3_600;
    let old = theirs(1, Running, 1);
    store
        .adopt(&people(), &[&old], at(an_hour_later + 1))
        .await
        .unwrap();
    let ended = theirs(1, Succeeded, 2);
    store
        .foreign_has_come_to(&people(), &ended, None, at(an_hour_later + 2))
        .await
        .unwrap();
    assert_eq!(told(store).await, []);
    let young = theirs(2, Running, 1);
    store
        .adopt(&people(), &[&young], at(an_hour_later))
        .await
        .unwrap();
    let ended = theirs(2, Succeeded, 2);
    store
        .foreign_has_come_to(&people(), &ended, None, at(an_hour_later + 9_999))
        .await
        .unwrap();
    assert_eq!(told(store).await, [(2, Succeeded), (2, Succeeded)]);
}

async fn what_this_journal_asked_for_is_not_told_twice(journal: Journal) {
    let store = &journal.store;
    accepted(store, "r1").await;
    let carried_out_by = |id: &str| Deployment {
        request_id: Some(id.parse().unwrap()),
        ..theirs(1, DeploymentState::Running, 1)
    };
    let ours = carried_out_by("r1");
    store.adopt(&people(), &[&ours], at(11)).await.unwrap();
    assert_eq!(told(store).await, []);
    // One of another journal.
    let another = Deployment {
        id: theirs(2, DeploymentState::Running, 1).id,
        ..carried_out_by("of-another")
    };
    store.adopt(&people(), &[&another], at(11)).await.unwrap();
    assert_eq!(told(store).await, [(2, DeploymentState::Running)]);
    // When its entry is old enough it goes, and what is known of it stays.
    store.prune(at(12)).await.unwrap();
    assert_eq!(told(store).await, []);
}
