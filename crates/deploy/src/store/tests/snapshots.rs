//! Snapshots: the newest answer stays, and it is known when it is outdated.

use super::*;
use crate::{
    model::{
        EnvironmentHistory, EnvironmentStatus, History, Line, LiveCommit, RepositoryStatus, Sha,
    },
    store::Kept,
};

on_both![
    an_answer_comes_back_as_it_was_kept,
    a_hint_outdates_what_was_read_before_it,
    a_hint_outdates_only_what_it_is_about,
    what_the_journal_hears_of_a_deployment_comes_with_what_was_kept,
    what_was_given_up_outdates_and_does_not_come,
    what_goes_on_after_it_failed_comes_again,
    what_cannot_be_brought_up_to_date_says_so,
    an_older_answer_replaces_none,
    no_more_than_so_many_are_kept,
    a_snapshot_that_cannot_be_read_is_none,
];

fn people() -> RepositoryName {
    RepositoryName::parse("acme/people", None).unwrap()
}

fn sha(digit: &str) -> Sha {
    digit.repeat(40).parse().unwrap()
}

fn status(second: i64) -> RepositoryStatus {
    RepositoryStatus {
        repository: RepositoryName::parse("Acme/People", None).unwrap(),
        branch: "main".to_owned(),
        commits: vec![(commit(), decided().checks)],
        environments: vec![
            EnvironmentStatus {
                name: "Production".parse().unwrap(),
                live: Some(LiveCommit {
                    commit: commit(),
                    since: at(4),
                    behind: Some(2),
                    place: (at(3), 6),
                    environment_url: "https://people.test".to_owned(),
                }),
                running: Some(deployment(DeploymentState::Running)),
                overtaken: vec![deployment(DeploymentState::Pending)],
            },
            EnvironmentStatus {
                name: "dev".parse().unwrap(),
                live: None,
                running: None,
                overtaken: Vec::new(),
            },
        ],
        has_default_environments: true,
        line: Line::new(vec![
            (commit().sha, vec![sha("b"), sha("c")]),
            (sha("b"), vec![sha("d")]),
        ]),
        as_of: at(second),
        url: "https://github.test/acme/people".to_owned(),
    }
}

fn history(second: i64) -> History {
    History {
        repository: people(),
        environments: vec![EnvironmentHistory {
            environment: "Production".parse().unwrap(),
            deployments: vec![
                deployment(DeploymentState::Unknown),
                deployment(DeploymentState::Failed),
            ],
            more: true,
        }],
        has_default_environments: true,
        as_of: at(second),
    }
}

async fn kept(store: &Store) -> Option<Kept<RepositoryStatus>> {
    store.status_snapshot(&people(), "10").await.unwrap()
}

async fn an_answer_comes_back_as_it_was_kept(journal: Journal) {
    let store = &journal.store;
    let shouted = RepositoryName::parse("ACME/PEOPLE", None).unwrap();
    store
        .keep_status(&shouted, "10", 0, &status(7))
        .await
        .unwrap();
    store
        .keep_history(&shouted, "10", 0, &history(8))
        .await
        .unwrap();
    let fresh = kept(store).await.unwrap();
    assert_eq!(fresh.value, status(7));
    assert!(!fresh.outdated);
    let past = store.history_snapshot(&people(), "10").await.unwrap();
    assert_eq!(past.unwrap().value, history(8));
    let differently = store.status_snapshot(&people(), "20").await.unwrap();
    assert!(differently.is_none());
}

async fn a_hint_outdates_what_was_read_before_it(journal: Journal) {
    let store = &journal.store;
    let hint = |id: &str| [hinting(id, &people(), Subject::Commits)];
    store
        .keep_status(&people(), "10", 0, &status(1))
        .await
        .unwrap();
    store.hinted(&hint("d1"), at(2)).await.unwrap();
    assert!(kept(store).await.unwrap().outdated);
    let before = store.hint_of(&people()).await.unwrap();
    // It came while GitHub was being read.
    journal
        .another()
        .await
        .hinted(&hint("d2"), at(3))
        .await
        .unwrap();
    store
        .keep_status(&people(), "10", before, &status(3))
        .await
        .unwrap();
    assert!(kept(store).await.unwrap().outdated);
    let now = store.hint_of(&people()).await.unwrap();
    store
        .keep_status(&people(), "10", now, &status(4))
        .await
        .unwrap();
    assert!(!kept(store).await.unwrap().outdated);
}

/// What is kept of both kinds and outdated now.
async fn outdated(store: &Store) -> [bool; 2] {
    let status = kept(store).await.unwrap();
    let history = store.history_snapshot(&people(), "10").await.unwrap();
    [status.outdated, history.unwrap().outdated]
}

/// Keeps both kinds as read now; the newest hint.
async fn keep_both(store: &Store) -> i64 {
    let hint = store.hint_of(&people()).await.unwrap();
    store
        .keep_status(&people(), "10", hint, &status(hint))
        .await
        .unwrap();
    store
        .keep_history(&people(), "10", hint, &history(hint))
        .await
        .unwrap();
    hint
}

fn about(number: u64) -> Subject {
    Subject::Deployment(Some(DeploymentId {
        number,
        node: format!("DE_{number}"),
    }))
}

/// Heard of for the first time, of somebody else's.
fn theirs(number: u64, state: DeploymentState) -> Deployment {
    Deployment {
        id: DeploymentId {
            number,
            node: format!("DE_{number}"),
        },
        request_id: None,
        ..deployment(state)
    }
}

async fn a_hint_outdates_only_what_it_is_about(journal: Journal) {
    use DeploymentState::{Running, Succeeded};
    let store = &journal.store;
    let elsewhere = RepositoryName::parse("acme/web", None).unwrap();
    let asked = accepted(store, "r1").await;
    take(store, &asked.id, 2).await;
    store
        .runs(&asked.id, decided(), deployment(Running), at(3))
        .await
        .unwrap();
    let theirs = |number| theirs(number, Running);
    store
        .adopt(&people(), &[&theirs(8), &theirs(9)], at(3))
        .await
        .unwrap();
    let over = Deployment {
        state: Succeeded,
        ..theirs(9)
    };
    store
        .foreign_has_come_to(&people(), &over, None, at(4))
        .await
        .unwrap();
    for (delivery, repository, about, expected) in [
        ("d1", people(), Subject::Commits, [true, false]),
        ("d2", people(), Subject::Deployment(None), [true, true]),
        ("d3", people(), about(7), [false, false]),
        ("d4", people(), about(8), [false, false]),
        ("d5", people(), about(9), [false, false]),
        ("d6", people(), about(10), [true, true]),
        ("d7", people(), about(u64::MAX), [true, true]),
        ("d8", elsewhere, Subject::Commits, [false, false]),
        ("d9", people(), Subject::Suite(1), [true, false]),
        (
            "d10",
            people(),
            Subject::DeploymentRun(None),
            [false, false],
        ),
        (
            "d11",
            people(),
            Subject::DeploymentRun(Some(1)),
            [false, false],
        ),
        ("d12", people(), Subject::Suite(1), [false, false]),
        ("d13", people(), Subject::Suite(2), [true, false]),
        ("d14", people(), Subject::Suite(u64::MAX), [true, false]),
    ] {
        keep_both(store).await;
        let mut hints = store.hints();
        hints.mark_unchanged();
        let hint = [hinting(delivery, &repository, about)];
        store.hinted(&hint, at(5)).await.unwrap();
        assert_eq!(outdated(store).await, expected, "{delivery}");
        assert!(hints.has_changed().unwrap(), "{delivery} wakes");
    }
    // The same deployment under another repository's name is nobody's.
    let renamed = RepositoryName::parse("acme/persons", None).unwrap();
    let before = store.hint_of(&renamed).await.unwrap();
    let hint = [hinting("d15", &renamed, about(7))];
    store.hinted(&hint, at(6)).await.unwrap();
    assert!(store.hint_of(&renamed).await.unwrap() > before);
}

async fn what_the_journal_hears_of_a_deployment_comes_with_what_was_kept(journal: Journal) {
    use DeploymentState::{Pending, Running, Succeeded};
    let store = &journal.store;
    let since = async || {
        let kept = kept(store).await.unwrap();
        assert!(!kept.outdated);
        let heard = kept.since.unwrap().into_iter();
        let heard = heard.map(|one| (one.id.number, one.state));
        heard.collect::<Vec<_>>()
    };
    keep_both(store).await;
    let adopted = [theirs(9, Pending), theirs(8, Pending)];
    let adopted: Vec<&Deployment> = adopted.iter().collect();
    store.adopt(&people(), &adopted, at(1)).await.unwrap();
    assert_eq!(since().await, [(8, Pending), (9, Pending)]);
    let asked = accepted(store, "r1").await;
    take(store, &asked.id, 2).await;
    store
        .runs(&asked.id, decided(), deployment(Running), at(3))
        .await
        .unwrap();
    assert_eq!(since().await, [(7, Running), (8, Pending), (9, Pending)]);
    keep_both(store).await;
    assert_eq!(since().await, []);
    // What is known already is no news, and nothing to look after.
    let mut hints = store.hints();
    hints.mark_unchanged();
    store.adopt(&people(), &adopted, at(4)).await.unwrap();
    assert!(!hints.has_changed().unwrap());
    store
        .succeed(&asked.id, decided(), deployment(Succeeded), at(5))
        .await
        .unwrap();
    store
        .foreign_has_come_to(&people(), &theirs(8, Running), None, at(5))
        .await
        .unwrap();
    assert_eq!(since().await, [(7, Succeeded), (8, Running)]);
    let history = store.history_snapshot(&people(), "10").await.unwrap();
    assert_eq!(history.unwrap().since.unwrap().len(), 2);
}

async fn what_was_given_up_outdates_and_does_not_come(journal: Journal) {
    use DeploymentState::Running;
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    take(store, &asked.id, 2).await;
    store
        .runs(&asked.id, decided(), deployment(Running), at(3))
        .await
        .unwrap();
    keep_both(store).await;
    let (decided, last_seen) = (Some(decided()), Some(deployment(Running)));
    let gone = || Failure::Deleted;
    store
        .fail(&asked.id, decided, last_seen, gone(), at(4))
        .await
        .unwrap();
    assert_eq!(outdated(store).await, [true, true]);
    assert_eq!(kept(store).await.unwrap().since, Some(Vec::new()));

    store
        .adopt(&people(), &[&theirs(8, Running)], at(5))
        .await
        .unwrap();
    keep_both(store).await;
    store
        .foreign_has_come_to(&people(), &theirs(8, Running), Some(&gone()), at(6))
        .await
        .unwrap();
    assert_eq!(outdated(store).await, [true, true]);
    assert_eq!(kept(store).await.unwrap().since, Some(Vec::new()));
    // Nobody follows it any more.
    keep_both(store).await;
    let hint = [hinting("d1", &people(), about(8))];
    store.hinted(&hint, at(7)).await.unwrap();
    assert_eq!(outdated(store).await, [true, true]);
}

async fn what_goes_on_after_it_failed_comes_again(journal: Journal) {
    use DeploymentState::{Failed, Running};
    let store = &journal.store;
    let failed = || theirs(8, Failed);
    let steps = failed().steps.len();
    store
        .foreign_has_come_to(&people(), &failed(), Some(&said("its tests failed")), at(1))
        .await
        .unwrap();
    keep_both(store).await;
    // Somebody has its workflow run again.
    let mut again = theirs(8, Running);
    let step = again.steps[0].clone();
    again.steps.resize(steps + 1, step);
    assert!(store.adopt(&people(), &[&again], at(2)).await.unwrap());
    assert_eq!(outdated(store).await, [false, false]);
    assert_eq!(kept(store).await.unwrap().since, Some(vec![again.clone()]));
    let foreign = store.foreign(10).await.unwrap();
    assert_eq!(foreign[0].deployment, again, "it is followed");
}

async fn what_cannot_be_brought_up_to_date_says_so(journal: Journal) {
    use DeploymentState::Pending;
    let store = &journal.store;
    let heard = async || kept(store).await.unwrap().since.map(|since| since.len());
    keep_both(store).await;
    let many: Vec<Deployment> = (1..=101).map(|number| theirs(number, Pending)).collect();
    let all: Vec<&Deployment> = many.iter().collect();
    store.adopt(&people(), &all[..100], at(1)).await.unwrap();
    assert_eq!(heard().await, Some(100));
    store.adopt(&people(), &all[100..], at(1)).await.unwrap();
    assert_eq!(heard().await, None);

    keep_both(store).await;
    store
        .foreign_has_come_to(&people(), &theirs(1, DeploymentState::Running), None, at(2))
        .await
        .unwrap();
    journal
        .damage("UPDATE deployments SET body = '{}' WHERE number = 1")
        .await;
    assert_eq!(heard().await, None);
    assert_eq!(outdated(store).await, [false, false], "no hint says so");
}

async fn an_older_answer_replaces_none(journal: Journal) {
    let store = &journal.store;
    for (hint, second, stays) in [(2, 5, 5), (2, 4, 5), (1, 9, 5), (2, 6, 6), (3, 2, 2)] {
        let status = status(second);
        store
            .keep_status(&people(), "10", hint, &status)
            .await
            .unwrap();
        assert_eq!(kept(store).await.unwrap().value.as_of, at(stays));
    }
}

async fn no_more_than_so_many_are_kept(journal: Journal) {
    let store = &journal.store;
    journal
        .damage(
            "INSERT INTO snapshots (repository, kind, ask, hint, read_at, body) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
             SELECT 'acme/people', 'status', CAST(i AS TEXT), 0, i, '{}' FROM n",
        )
        .await;
    for second in [6, 7] {
        let ask = format!("new {second}");
        store
            .keep_status(&people(), &ask, 0, &status(second))
            .await
            .unwrap();
    }
    let sql = "SELECT COUNT(*) AS all_of_them, MIN(read_at) AS oldest FROM snapshots";
    let row = store.read_first(sql, Args::new()).await.unwrap().unwrap();
    assert_eq!(row.integer("all_of_them").unwrap(), 5_000);
    assert_eq!(row.integer("oldest").unwrap(), 3, "two have gone for two");
}

async fn a_snapshot_that_cannot_be_read_is_none(journal: Journal) {
    let store = &journal.store;
    store
        .keep_status(&people(), "10", 0, &status(1))
        .await
        .unwrap();
    journal.damage("UPDATE snapshots SET body = '{}'").await;
    assert!(kept(store).await.is_none());
    store
        .keep_status(&people(), "10", 0, &status(1))
        .await
        .unwrap();
    assert!(kept(store).await.is_some(), "the same answer heals it");
}
