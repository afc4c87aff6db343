//! Who follows what an entry is about: where rows are damaged, there are as many as
//! may be, files are read at once, and repositories are renamed.

use super::*;
use crate::model::EnvironmentName;

on_both![
    a_row_that_cannot_be_read_holds_up_no_other,
    all_who_may_follow_are_told,
    of_two_files_that_are_read_at_once_one_is_kept,
    who_follows_a_repository_follows_it_by_its_new_name,
];

fn people() -> RepositoryName {
    decided().repository
}

fn named(channels: &[(&str, &str)]) -> Vec<(EnvironmentName, String)> {
    let one = |(name, channel): &(&str, &str)| (name.parse().unwrap(), (*channel).to_owned());
    channels.iter().map(one).collect()
}

/// The channels that the newest entry tells, after a deployment to production has
/// begun.
async fn told(store: &Store) -> Vec<String> {
    let asked = accepted(store, "r1").await;
    let _slot = take(store, &asked.id, 2).await;
    let running = deployment(DeploymentState::Running);
    let runs = store.runs(&asked.id, decided(), running, at(3));
    runs.await.unwrap();
    let entries = store.followed_entries_after(0, 100).await.unwrap();
    let newest = entries.into_iter().next_back().expect("there is one");
    let channels = newest.followers.into_iter();
    channels.map(|follower| follower.channel).collect()
}

async fn a_row_that_cannot_be_read_holds_up_no_other(journal: Journal) {
    journal
        .damage(
            "INSERT INTO subscriptions (channel, repository, environment, repository_name, \
             environment_name, moments, requester_slack, requester_name, at) VALUES \
             ('C2', 'acme/people', 'production', 'acme/people', 'production', 'failed', 'U1', '', 7), \
             ('C3', 'acme/people', 'production', 'acme/people', 'production', 'painted', 'U1', '', 7), \
             ('C3', 'acme/people', 'staging', 'acme/people', 'staging', 'failed', 'U1', '', 7), \
             ('C4', 'acme/people', 'production', 'acme/people', 'production', 'started', 'U1', '', 7), \
             ('C5', 'acme/atlas', 'production', 'no name at all', 'production', 'failed', 'U1', '', 7)",
        )
        .await;
    let store = &journal.store;
    assert_eq!(told(store).await, ["C2", "C4"]);
    let listed = store.subscriptions("C3").await.unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");
    let followed = store.followed_repositories_after("", 9).await.unwrap();
    assert_eq!(followed, [people()]);
}

async fn all_who_may_follow_are_told(journal: Journal) {
    journal
        .damage(
            "INSERT INTO subscriptions (channel, repository, environment, repository_name, \
             environment_name, moments, requester_slack, requester_name, at) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) \
             SELECT 'C' || (1000 + i), 'acme/people', 'production', 'acme/people', 'production', \
             'failed', 'U1', '', 7 FROM n",
        )
        .await;
    let store = &journal.store;
    let file = named(&[("production", "C9FILE")]);
    store.keep_channels(&people(), &file).await.unwrap();
    let told = told(store).await;
    assert_eq!((told.len(), told[0].as_str()), (101, "C9FILE"));
    assert_eq!(told[100], "C1100");
}

async fn of_two_files_that_are_read_at_once_one_is_kept(journal: Journal) {
    let (store, another) = (&journal.store, &journal.another().await);
    let before = named(&[("moon", "C0")]);
    let one = named(&[("production", "C1"), ("staging", "C2")]);
    let other = named(&[("qa", "C3")]);
    for _ in 0..10 {
        store.keep_channels(&people(), &before).await.unwrap();
        let people = people();
        let both = futures::future::try_join(
            store.keep_channels(&people, &one),
            another.keep_channels(&people, &other),
        );
        both.await.unwrap();
        let mut kept = Vec::new();
        for channel in ["C0", "C1", "C2", "C3"] {
            if !store.subscriptions(channel).await.unwrap().is_empty() {
                kept.push(channel);
            }
        }
        assert!(kept == ["C1", "C2"] || kept == ["C3"], "{kept:?}");
    }
}

async fn who_follows_a_repository_follows_it_by_its_new_name(journal: Journal) {
    journal
        .damage(
            "INSERT INTO subscriptions (channel, repository, environment, repository_name, \
             environment_name, moments, requester_slack, requester_name, at) VALUES \
             ('C2', 'acme/crew', 'production', 'Acme/crew', 'production', 'failed', 'U1', '', 7), \
             ('C3', 'acme/crew', 'production', 'Acme/crew', 'production', 'started', 'U1', '', 7), \
             ('C3', 'acme/people', 'production', 'acme/people', 'production', 'failed', 'U1', '', 8), \
             ('C4', 'acme/atlas', 'production', 'acme/atlas', 'production', 'failed', 'U1', '', 7)",
        )
        .await;
    let store = &journal.store;
    let crew = RepositoryName::parse("acme/Crew", None).unwrap();
    let file = named(&[("production", "C9FILE")]);
    store.keep_channels(&crew, &file).await.unwrap();
    for followed in [1, 0] {
        let moved = store.renamed(&crew, &people()).await.unwrap();
        assert_eq!(moved, followed);
    }
    for (channel, repository) in [
        ("C2", "acme/people"),
        ("C3", "acme/people"),
        ("C4", "acme/atlas"),
    ] {
        let listed = store.subscriptions(channel).await.unwrap();
        let names: Vec<_> = listed
            .iter()
            .map(|one| one.repository.to_string())
            .collect();
        assert_eq!(names, [repository], "{channel}");
    }
    assert!(store.subscriptions("C9FILE").await.unwrap().is_empty());
    let entries = told(store).await;
    assert_eq!(entries, ["C2", "C3"]);
}
