//! Rebuilds: begun, gone on with, and over.

use super::*;
use crate::model::{CommitRef, RepositoryName};

on_both![
    a_page_and_its_mark_are_one,
    one_that_was_cut_off_long_ago_is_begun_anew,
    what_ended_is_no_news_and_what_runs_is,
];

fn repository(name: &str) -> RepositoryName {
    RepositoryName::parse(&format!("acme/{name}"), None).unwrap()
}

fn page(next: Option<&str>, deployments: Vec<(Deployment, Option<Request>)>) -> RebuiltPage {
    RebuiltPage {
        repository: repository("people"),
        deployments,
        next: next.map(str::to_owned),
        read_at: at(100),
    }
}

fn rebuilt(id: &str, state: DeploymentState) -> (Deployment, Option<Request>) {
    let number = id.len() as u64;
    let deployment = Deployment {
        id: DeploymentId {
            number,
            node: format!("DE_{number}"),
        },
        request_id: Some(id.parse().unwrap()),
        ..deployment(state)
    };
    let progress = if state.has_ended() {
        Progress::Succeeded(decided(), deployment.clone())
    } else {
        Progress::Running(decided(), deployment.clone())
    };
    let asked = NewRequest {
        commit: CommitRef::from(&deployment.commit.sha),
        ..asked(id)
    };
    let request = Request {
        asked,
        accepted_at: at(6),
        progress,
        waiting: None,
        message_ts: None,
    };
    (deployment, Some(request))
}

async fn a_page_and_its_mark_are_one(journal: Journal) {
    let (one, two) = (repository("people"), repository("Web"));
    let both = [one.clone(), two.clone()];
    let begun = journal.store.begin_rebuild(&both, at(1)).await.unwrap();
    assert!(begun.iter().all(|one| one.page.is_none() && !one.is_done));
    let first = page(Some("c1"), vec![rebuilt("r1", DeploymentState::Succeeded)]);
    assert!(journal.store.rebuilt(&one, None, &first).await.unwrap());
    let again = journal.store.rebuilt(&one, None, &first).await.unwrap();
    assert!(!again, "it stands elsewhere");

    let journal = journal.after_a_crash().await;
    let store = &journal.store;
    let begun = store.begin_rebuild(&both, at(2)).await.unwrap();
    assert_eq!(begun[0].page.as_deref(), Some("c1"));
    assert_eq!((begun[0].deployments, begun[1].deployments), (1, 0));
    let last = page(None, Vec::new());
    assert!(store.rebuilt(&one, Some("c1"), &last).await.unwrap());
    assert!(!store.rebuilt(&one, None, &last).await.unwrap());
    let begun = store.begin_rebuild(&both, at(3)).await.unwrap();
    assert!(begun[0].is_done && !begun[1].is_done);
    store.end_rebuild(&both).await.unwrap();
    let begun = store.begin_rebuild(&both, at(4)).await.unwrap();
    assert!(begun.iter().all(|one| one.page.is_none() && !one.is_done));
}

async fn one_that_was_cut_off_long_ago_is_begun_anew(journal: Journal) {
    let store = &journal.store;
    let one = repository("people");
    let wanted = std::slice::from_ref(&one);
    store.begin_rebuild(wanted, at(1)).await.unwrap();
    let first = page(Some("c1"), Vec::new());
    assert!(store.rebuilt(&one, None, &first).await.unwrap());
    let day = 24 * 3600;
    let begun = store.begin_rebuild(wanted, at(day)).await.unwrap();
    assert_eq!(begun[0].page.as_deref(), Some("c1"));
    let begun = store.begin_rebuild(wanted, at(day + 2)).await.unwrap();
    assert_eq!(begun[0].page, None);
}

async fn what_ended_is_no_news_and_what_runs_is(journal: Journal) {
    let store = &journal.store;
    let known = accepted(store, "r1").await;
    let one = repository("people");
    store
        .begin_rebuild(std::slice::from_ref(&one), at(1))
        .await
        .unwrap();
    let page = page(
        None,
        vec![
            rebuilt("r1", DeploymentState::Succeeded),
            rebuilt("ended", DeploymentState::Succeeded),
            rebuilt("running", DeploymentState::Running),
        ],
    );
    assert!(store.rebuilt(&one, None, &page).await.unwrap());
    assert_eq!(progress(store, "r1").await, Progress::Accepted, "as it was");
    let told = [(1, "r1".to_owned()), (2, "running".to_owned())];
    assert_eq!(cursors(store).await, told);
    let running = store.running(10).await.unwrap();
    assert_eq!(running.len(), 1);
    assert_eq!(running[0].asked.reply, known.reply);

    let mut again = asked("ended");
    again.commit = "a1b2a1b".parse().unwrap();
    let outcome = store.accept(&again, at(9)).await.unwrap();
    assert!(matches!(outcome, Acceptance::Repeated(_)), "{outcome:?}");
    again.commit = "beef".parse().unwrap();
    let outcome = store.accept(&again, at(9)).await.unwrap();
    assert!(matches!(outcome, Acceptance::IdTaken(_)), "{outcome:?}");
}
