//! The journal's promises, each against a real file.

use std::path::PathBuf;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::model::{
    Changes, Checks, ChecksState, Commit, Decided, Deployment, DeploymentId, DeploymentState, Kind,
    NewRequest, Person, Progress, Refusal, ReplyAddress, RepositoryName, Request, Step,
};

const AT_ONCE: Duration = Duration::ZERO;

struct Journal {
    store: Store,
    file: PathBuf,
    _folder: TempDir,
}

async fn journal() -> Journal {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deploy.db");
    Journal {
        store: Store::open(&file, AT_ONCE).await.unwrap(),
        file,
        _folder: folder,
    }
}

impl Journal {
    /// Opens the file anew, as the next process does after this one died: the
    /// handles are dropped, not closed.
    async fn after_a_crash(self) -> Self {
        let Self {
            store,
            file,
            _folder,
        } = self;
        store.ownership.release();
        drop(store);
        Self {
            store: Store::open(&file, AT_ONCE).await.unwrap(),
            file,
            _folder,
        }
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn asked(id: &str) -> NewRequest {
    NewRequest {
        id: id.parse().unwrap(),
        repository: RepositoryName::parse("acme/people", None).unwrap(),
        environment: "production".parse().unwrap(),
        commit: "a1b2".parse().unwrap(),
        kind: Kind::Rollback,
        requester: Person {
            slack: "U1".to_owned(),
            github: "minji".to_owned(),
            name: "Minji 'drop table'".to_owned(),
        },
        reply: ReplyAddress {
            channel: "C1".to_owned(),
            thread_ts: "1.2".to_owned(),
            asked_ts: "1.3".to_owned(),
        },
    }
}

fn commit() -> Commit {
    Commit {
        sha: "a1b2".repeat(10).parse().unwrap(),
        headline: "Add \"Minji\" <!channel>".to_owned(),
        author: "minji".to_owned(),
        committed_at: at(5),
        url: "https://github.test/c".to_owned(),
    }
}

fn decided() -> Decided {
    Decided {
        environment: "Production".parse().unwrap(),
        commit: commit(),
        checks: Checks {
            state: ChecksState::Success,
            done: 3,
            total: 3,
            failed: Vec::new(),
        },
        changes: Changes {
            base: Some("b".repeat(40).parse().unwrap()),
            head: commit().sha,
            ahead: 1,
            behind: 0,
            commits: vec![commit()],
            compare_url: "https://github.test/compare".to_owned(),
        },
    }
}

fn deployment(state: DeploymentState) -> Deployment {
    Deployment {
        id: DeploymentId {
            number: 7,
            node: "DE_7".to_owned(),
        },
        environment: "Production".parse().unwrap(),
        commit: commit(),
        state,
        live: false,
        kind: Kind::Rollback,
        requester: Person::default(),
        created_at: at(6),
        ended_at: state.has_ended().then(|| at(9)),
        steps: vec![Step {
            state: "in_progress".to_owned(),
            description: "rolling out".to_owned(),
            at: at(7),
            log_url: "https://github.test/log".to_owned(),
        }],
        request_id: Some("r1".parse().unwrap()),
        replaces: Some("b".repeat(40).parse().unwrap()),
        log_url: String::new(),
        environment_url: "https://people.test".to_owned(),
    }
}

async fn cursors(store: &Store) -> Vec<(i64, String)> {
    let entries = store.entries_after(0, 100).await.unwrap();
    let name = |entry: &Entry| (entry.cursor, entry.request.asked.id.to_string());
    entries.iter().map(name).collect()
}

async fn progress(store: &Store, id: &str) -> Progress {
    let request = store.request(&id.parse().unwrap()).await.unwrap();
    request.unwrap().progress
}

async fn accepted(store: &Store, id: &str) -> NewRequest {
    let asked = asked(id);
    assert!(matches!(
        store.accept(&asked, at(1)).await.unwrap(),
        Acceptance::New(_)
    ));
    asked
}

#[tokio::test]
async fn a_request_comes_back_as_it_was_written() {
    let Journal { store, .. } = &journal().await;
    let asked = accepted(store, "r1").await;
    let request = store.request(&asked.id).await.unwrap().unwrap();
    let expected = Request {
        asked,
        accepted_at: at(1),
        progress: Progress::Accepted,
        message_ts: None,
    };
    assert_eq!(request, expected);
}

#[tokio::test]
async fn accepts_at_the_same_time_of_one_id_are_one_request() {
    let Journal { store, .. } = &journal().await;
    let asked = asked("r1");
    let accepts = (0..20).map(|_| store.accept(&asked, at(1)));
    let outcomes = futures::future::join_all(accepts).await;
    let new = |outcome: &Result<Acceptance, Error>| matches!(outcome, Ok(Acceptance::New(_)));
    let repeated =
        |outcome: &Result<Acceptance, Error>| matches!(outcome, Ok(Acceptance::Repeated(_)));
    assert_eq!(outcomes.iter().filter(|o| new(o)).count(), 1);
    assert_eq!(outcomes.iter().filter(|o| repeated(o)).count(), 19);
    assert_eq!(cursors(store).await, [(1, "r1".to_owned())]);
}

#[tokio::test]
async fn a_repeat_tells_how_far_it_has_come() {
    let Journal { store, .. } = &journal().await;
    let asked = accepted(store, "r1").await;
    store
        .take_slot(&asked.id, &asked.repository, &decided(), at(2))
        .await
        .unwrap();
    let mut known_better = asked.clone();
    known_better.requester.name = "Minji".to_owned();
    match store.accept(&known_better, at(3)).await.unwrap() {
        Acceptance::Repeated(request) => {
            assert_eq!(request.progress, Progress::Creating(decided()));
            assert_eq!(request.asked, asked);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_id_is_not_taken_for_something_else() {
    let Journal { store, .. } = &journal().await;
    let first = accepted(store, "r1").await;
    let mut others = vec![first.clone(); 4];
    others[0].commit = "beef".parse().unwrap();
    others[1].environment = "staging".parse().unwrap();
    others[2].kind = Kind::Deploy;
    others[3].repository = RepositoryName::parse("acme/web", None).unwrap();
    for other in others {
        let outcome = store.accept(&other, at(2)).await.unwrap();
        assert!(matches!(outcome, Acceptance::IdTaken(_)), "{other:?}");
    }
    assert_eq!(
        store.request(&first.id).await.unwrap().unwrap().asked,
        first
    );
}

#[tokio::test]
async fn of_many_requests_one_takes_the_slot() {
    let Journal { store, .. } = &journal().await;
    let mut requests = Vec::new();
    for number in 0..10 {
        requests.push(accepted(store, &format!("r{number}")).await);
    }
    let decided = decided();
    let takes = requests
        .iter()
        .map(|request| store.take_slot(&request.id, &request.repository, &decided, at(2)));
    let outcomes = futures::future::join_all(takes).await;
    let taken = |outcome: &Result<Slot, Error>| matches!(outcome, Ok(Slot::Taken(_)));
    assert_eq!(outcomes.iter().filter(|o| taken(o)).count(), 1);
    let creating = store.waiting(100).await.unwrap();
    let creating = creating
        .iter()
        .filter(|request| matches!(request.progress, Progress::Creating(_)));
    assert_eq!(creating.count(), 1);
}

#[tokio::test]
async fn a_slot_is_one_whatever_the_case_of_its_names() {
    let Journal { store, .. } = &journal().await;
    let first = accepted(store, "r1").await;
    let mut second = accepted(store, "r2").await;
    second.repository = RepositoryName::parse("ACME/People", None).unwrap();
    let mut shouted = decided();
    shouted.environment = "PRODUCTION".parse().unwrap();
    store
        .take_slot(&first.id, &first.repository, &decided(), at(2))
        .await
        .unwrap();
    match store
        .take_slot(&second.id, &second.repository, &shouted, at(2))
        .await
        .unwrap()
    {
        Slot::Occupied(holder) => assert_eq!(holder.asked.id, first.id),
        taken @ Slot::Taken(_) => panic!("{taken:?}"),
    }
    let holder = store.slot_holder(&second.repository, &shouted.environment);
    assert_eq!(holder.await.unwrap().unwrap().asked.id, first.id);
}

#[tokio::test]
async fn taking_the_own_slot_again_changes_nothing() {
    let Journal { store, .. } = &journal().await;
    let asked = accepted(store, "r1").await;
    for _ in 0..2 {
        let slot = store
            .take_slot(&asked.id, &asked.repository, &decided(), at(2))
            .await
            .unwrap();
        assert!(matches!(slot, Slot::Taken(slot) if *slot.request() == asked.id));
    }
    assert_eq!(cursors(store).await.len(), 2, "accepted, creating");
}

#[tokio::test]
async fn every_end_frees_the_slot() {
    let Journal { store, .. } = &journal().await;
    let succeeded = deployment(DeploymentState::Succeeded);
    for end in 0..3 {
        let asked = accepted(store, &format!("r{end}")).await;
        let slot = store
            .take_slot(&asked.id, &asked.repository, &decided(), at(2))
            .await
            .unwrap();
        assert!(matches!(slot, Slot::Taken(_)), "end {end}");
        let (id, decided, deployment) = (&asked.id, decided(), succeeded.clone());
        match end {
            0 => store.refuse(id, vec![Refusal::ChecksMissing], at(3)).await,
            1 => store.succeed(id, decided, deployment, at(3)).await,
            _ => store.fail(id, decided, None, "no".to_owned(), at(3)).await,
        }
        .unwrap();
    }
    assert!(store.waiting(100).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_deployment_is_followed_from_made_to_ended() {
    let Journal { store, .. } = &journal().await;
    let asked = accepted(store, "r1").await;
    store
        .take_slot(&asked.id, &asked.repository, &decided(), at(2))
        .await
        .unwrap();
    for state in [DeploymentState::Pending, DeploymentState::Running] {
        let now = deployment(state);
        store
            .runs(&asked.id, decided(), now.clone(), at(3))
            .await
            .unwrap();
        let running = store.running(10).await.unwrap();
        assert_eq!(running[0].progress, Progress::Running(decided(), now));
    }
    let ended = deployment(DeploymentState::Succeeded);
    store
        .succeed(&asked.id, decided(), ended.clone(), at(4))
        .await
        .unwrap();
    assert_eq!(
        progress(store, "r1").await,
        Progress::Succeeded(decided(), ended)
    );
    assert!(store.running(10).await.unwrap().is_empty());
    assert_eq!(cursors(store).await.len(), 5, "one entry for each change");
}

#[tokio::test]
async fn what_has_ended_stays_ended() {
    let Journal { store, .. } = &journal().await;
    let asked = accepted(store, "r1").await;
    store
        .refuse(&asked.id, vec![Refusal::ChecksMissing], at(2))
        .await
        .unwrap();
    let late = store
        .take_slot(&asked.id, &asked.repository, &decided(), at(3))
        .await;
    assert!(matches!(late, Err(Error::OutOfOrder { .. })), "{late:?}");
    let running = deployment(DeploymentState::Running);
    let late = store.runs(&asked.id, decided(), running, at(3)).await;
    assert!(matches!(late, Err(Error::OutOfOrder { .. })), "{late:?}");
    assert_eq!(cursors(store).await.len(), 2, "accepted, refused");
    let other = accepted(store, "r2").await;
    let slot = store
        .take_slot(&other.id, &other.repository, &decided(), at(4))
        .await
        .unwrap();
    assert!(
        matches!(slot, Slot::Taken(_)),
        "the slot was not taken in vain"
    );
}

#[tokio::test]
async fn every_refusal_comes_back_as_it_was_written() {
    let Journal { store, .. } = &journal().await;
    let asked = accepted(store, "r1").await;
    let names = || vec!["one".to_owned(), "two".to_owned()];
    let there = || Some(Box::new(deployment(DeploymentState::Unknown)));
    let refusals = vec![
        Refusal::UnknownRepository {
            candidates: names(),
        },
        Refusal::UnknownEnvironment {
            candidates: names(),
        },
        Refusal::UnknownCommit {
            candidates: names(),
        },
        Refusal::AmbiguousCommit {
            commits: vec![commit()],
        },
        Refusal::NotOnAllowedBranch { branches: names() },
        Refusal::ChecksFailed { checks: names() },
        Refusal::ChecksPending { done: 1, total: 2 },
        Refusal::ChecksMissing,
        Refusal::ChecksUnreadable,
        Refusal::AlreadyRunning {
            deployment: there(),
        },
        Refusal::AlreadyLive { deployment: None },
        Refusal::GithubRefused {
            detail: "no".to_owned(),
        },
    ];
    store
        .refuse(&asked.id, refusals.clone(), at(2))
        .await
        .unwrap();
    assert_eq!(progress(store, "r1").await, Progress::Refused(refusals));
}

#[tokio::test]
async fn a_failure_comes_back_as_it_was_written() {
    let Journal { store, .. } = &journal().await;
    for (id, made) in [
        ("r1", None),
        ("r2", Some(deployment(DeploymentState::Cancelled))),
    ] {
        let asked = accepted(store, id).await;
        store
            .take_slot(&asked.id, &asked.repository, &decided(), at(2))
            .await
            .unwrap();
        let failure = "ImagePullBackOff".to_owned();
        store
            .fail(&asked.id, decided(), made.clone(), failure.clone(), at(3))
            .await
            .unwrap();
        let expected = Progress::Failed {
            decided: decided(),
            deployment: made,
            failure,
        };
        assert_eq!(progress(store, id).await, expected);
    }
}

#[tokio::test]
async fn the_feed_is_in_order_and_read_in_pages() {
    let Journal { store, .. } = &journal().await;
    let mut growth = store.growth();
    for number in 1..=5 {
        accepted(store, &format!("r{number}")).await;
        growth.changed().await.unwrap();
        assert_eq!(*growth.borrow_and_update(), number);
    }
    let page = store.entries_after(1, 3).await.unwrap();
    let page: Vec<_> = page.iter().map(|entry| entry.cursor).collect();
    assert_eq!(page, [2, 3, 4]);
    assert!(store.entries_after(5, 3).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_cursor_never_goes_back() {
    let Journal { store, .. } = &journal().await;
    assert_eq!(store.acknowledged("bot").await.unwrap(), 0);
    for (cursor, after) in [(3, 3), (2, 3), (3, 3), (7, 7), (0, 7)] {
        store.acknowledge("bot", cursor).await.unwrap();
        assert_eq!(store.acknowledged("bot").await.unwrap(), after);
    }
    assert_eq!(store.acknowledged("another").await.unwrap(), 0);
}

#[tokio::test]
async fn the_message_of_a_request_is_recorded() {
    let Journal { store, .. } = &journal().await;
    let asked = accepted(store, "r1").await;
    assert!(store.record_reply(&asked.id, "C2", "9.9").await.unwrap());
    let request = store.request(&asked.id).await.unwrap().unwrap();
    assert_eq!(request.message_ts.as_deref(), Some("9.9"));
    assert_eq!(request.asked.reply.channel, "C2");
    let unknown = "r2".parse().unwrap();
    assert!(!store.record_reply(&unknown, "C2", "9.9").await.unwrap());
    assert_eq!(
        cursors(store).await.len(),
        1,
        "a recorded message is no news"
    );
}

#[tokio::test]
async fn a_crash_loses_nothing() {
    let journal = journal().await;
    let store = &journal.store;
    let waits = accepted(store, "r1").await;
    let creating = accepted(store, "r2").await;
    store
        .take_slot(&creating.id, &creating.repository, &decided(), at(2))
        .await
        .unwrap();
    store.acknowledge("bot", 2).await.unwrap();
    let before = cursors(store).await;

    let journal = journal.after_a_crash().await;
    let store = &journal.store;
    assert_eq!(cursors(store).await, before);
    assert_eq!(store.acknowledged("bot").await.unwrap(), 2);
    assert_eq!(store.newest_cursor(), 3);
    let waiting = store.waiting(10).await.unwrap();
    let waiting: Vec<_> = waiting.iter().map(|request| &request.asked).collect();
    assert_eq!(waiting, [&waits, &creating]);
    match store
        .take_slot(&waits.id, &waits.repository, &decided(), at(3))
        .await
        .unwrap()
    {
        Slot::Occupied(holder) => assert_eq!(holder.asked.id, creating.id),
        taken @ Slot::Taken(_) => panic!("{taken:?}"),
    }
}

#[tokio::test]
async fn a_file_is_migrated_again_without_harm() {
    let journal = journal().await;
    let asked = accepted(&journal.store, "r1").await;
    let file = journal.file.clone();
    journal.store.close().await;
    for _ in 0..2 {
        let store = Store::open(&file, AT_ONCE).await.unwrap();
        assert_eq!(
            store.request(&asked.id).await.unwrap().unwrap().asked,
            asked
        );
        store.close().await;
    }
}

#[tokio::test]
async fn a_file_belongs_to_one_at_a_time() {
    let journal = journal().await;
    let second = Store::open(&journal.file, Duration::from_millis(60)).await;
    assert!(matches!(second, Err(Error::InUse)), "{second:?}");
    let waits = Store::open(&journal.file, Duration::from_secs(60));
    let (opened, ()) = tokio::join!(waits, journal.store.close());
    opened.unwrap();
}

#[tokio::test]
async fn what_is_no_journal_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deploy.db");
    std::fs::write(&file, "something else, and long enough to be looked at").unwrap();
    assert!(Store::open(&file, AT_ONCE).await.is_err());
    let nowhere = folder.path().join("no/such/folder/deploy.db");
    let opened = Store::open(&nowhere, AT_ONCE).await;
    assert!(matches!(opened, Err(Error::Lock { .. })), "{opened:?}");
}
